/* Build the page from what is embedded; the last script. */
(async () => {
  await lctem.read();
  lctem.makeAxis();
  lctem.startTheme();
  lctem.addTitle();
  lctem.addWarnings();
  lctem.readMarks();
  lctem.startFilm();
  lctem.addPanels();
  lctem.startCurves();
  lctem.addMarks();
  lctem.addParticles();
  lctem.addMaps();
  lctem.addCracks();
  lctem.addLattice();
  lctem.addCompare();
  lctem.addNumbers();
  lctem.addPlots();
  lctem.addTables();
  lctem.addProvenance();
  lctem.startKeys();
  lctem.show(0);
  lctem.ready = true;
})()
  .catch(fault => {
    document.querySelector('main').prepend(lctem.element('p', {class: 'notice'},
      `This report could not be shown whole: ${
        fault.message}. A newer browser may help; the tables lie beside it.`));
    throw fault;
  });
