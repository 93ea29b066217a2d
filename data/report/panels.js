/* Which columns of which tables become curves. A panel whose columns are missing or empty is left out. */
(() => {
  const h = lctem.element;

  /* A column at the instants of the axis, from the rows that `wanted` picks. */
  const onAxis = (table, column, wanted) => {
    const out = new Float64Array(lctem.axis.x.length).fill(NaN);
    if (!table.has(column)) return out;
    const values = table.number(column), frame = table.number('frame');
    for (let i = 0; i < table.length; i++) {
      if (!wanted(i)) continue;
      const k = lctem.indexOfFrame(frame[i]);
      if (lctem.axis.frames[k] === frame[i]) out[k] = values[i];
    }
    return out;
  };
  const any = values => values.some(Number.isFinite);

  const whoIs = table => table.distinct('particle').filter(Boolean).sort((a, b) => a - b);

  /* One curve for each particle and column. */
  const byParticle = (table, columns) =>
    whoIs(table)
      .flatMap(who => columns.map(([y, sd, words, dashed]) => ({
        label: `particle ${who}${words ? ` ${words}` : ''}`,
        y: onAxis(table, y, i => table.text(i, 'particle') === who),
        sd: sd && table.has(sd) ? onAxis(table, sd, i => table.text(i, 'particle') === who) : null,
        colour: Number(who) - 1,
        dashed: Boolean(dashed),
      })))
      .filter(series => any(series.y));

  const facetName = (table, who, facet) => {
    for (let i = 0; i < table.length; i++)
      if (table.text(i, 'particle') === who && table.text(i, 'facet') === facet) {
        const angle = Number(table.text(i, 'facet_angle_deg'));
        const face = table.text(i, 'hkil');
        return `${facet}${table.text(i, 'facet_angle_deg') ? ` at ${Math.round(angle)}\u00b0` : ''}${
          face ? ` ${face}` : ''}`;
      }
    return facet;
  };
  lctem.facetName = facetName;
  lctem.facetsOf = (table, who) => {
    const seen = new Set();
    for (let i = 0; i < table.length; i++)
      if (table.text(i, 'particle') === who) seen.add(table.text(i, 'facet'));
    return [...seen].sort((a, b) => a - b);
  };
  lctem.particlesOf = whoIs;

  const byFacet = (table, who, y, sd) =>
    lctem.facetsOf(table, who)
      .map((facet, i) => ({
        label: facetName(table, who, facet),
        y: onAxis(table, y, k => table.text(k, 'particle') === who && table.text(k, 'facet') === facet),
        sd: sd ?
          onAxis(table, sd, k => table.text(k, 'particle') === who && table.text(k, 'facet') === facet) :
          null,
        colour: i,
        dashed: i >= 7,
      }))
      .filter(series => any(series.y));

  const chooser = (words, options, change) => {
    const select = h('select', {onchange: () => change(select.value)},
      ...options.map(([value, label]) => h('option', {value}, label)));
    return h('label', {}, `${words} `, select);
  };

  const place = () => document.getElementById('curves');
  const add = data => (data.series.length ? lctem.addChart(place(), {x: lctem.axis.x, ...data}) : null);

  /* A chart of one particle's facets, with a choice of particle. */
  const addFacets = (title, unit, y, sd, help) => {
    const table = lctem.table('facets');
    if (!table || !table.filled(y)) return;
    const who = whoIs(table);
    const series = name => byFacet(table, name, y, sd);
    const first = who.find(name => series(name).length > 0);
    const chart =
      add({id: y, title, unit, help, series: series(first), table: 'facets', zero: y === 'exposed_frac'});
    if (who.length > 1)
      chart.choices.append(
        chooser('particle', [first, ...who.filter(name => name !== first)].map(name => [name, name]),
          name => chart.replace({series: series(name), who: name})));
    chart.data.who = first;
  };

  const addAreas = () => {
    const table = lctem.table('areas');
    if (!table) return;
    const nm = table.filled('core_area_nm2'), unit = nm ? 'nm\u00b2' : 'px\u00b2';
    for (const [part, words] of [['core', 'Core area'], ['shell', 'Shell area']]) {
      const y = `${part}_area_${nm ? 'nm2' : 'px'}`, sd = `${part}_area_sd_${nm ? 'nm2' : 'px'}`;
      add({
        id: y,
        title: words,
        unit,
        zero: true,
        table: 'areas',
        series: byParticle(table, [[y, sd]]),
        help: 'one curve for each particle; the band is one standard deviation'
      });
    }
  };

  const addMoire = () => {
    const table = lctem.table('moire');
    if (!table) return;
    add({
      id: 'moire_nm',
      title: 'Moir\u00e9 period',
      unit: 'nm',
      table: 'moire',
      series: byParticle(
        table, [['moire_nm', 'moire_sd_nm'], ['moire_eq4_nm', 'moire_eq4_sd_nm', 'from equation (4)', true]]),
      help: 'measured, and dashed: what equation (4) gives for the two spacings'
    });
    add({
      id: 'd1_nm',
      title: 'Spacings D1 and D2',
      unit: 'nm',
      table: 'moire',
      series: byParticle(table, [['d1_nm', 'd1_sd_nm', 'D1'], ['d2_nm', 'd2_sd_nm', 'D2', true]])
    });
  };

  const anchors = {
    saturation: 'saturated at the reference instant',
    feed: 'the feed solution in the first frame'
  };
  const addConcentration = () => {
    const table = lctem.table('concentration');
    if (!table) return;
    const ions = (anchor, columns) => columns
                                        .map(([y, sd, label, colour]) => ({
                                          label,
                                          colour,
                                          y: onAxis(table, y, i => table.text(i, 'anchor') === anchor),
                                          sd: onAxis(table, sd, i => table.text(i, 'anchor') === anchor)
                                        }))
                                        .filter(series => any(series.y));
    const make = (id, title, columns) => {
      const known = table.distinct('anchor').filter(anchor => ions(anchor, columns).length > 0);
      if (known.length === 0) return;
      const chart = add({id, title, unit: 'mol/L', table: 'concentration', series: ions(known[0], columns)});
      chart.choices.append(chooser('counted from', known.map(anchor => [anchor, anchors[anchor] || anchor]),
        anchor => chart.replace({series: ions(anchor, columns)})));
    };
    make('cd_mol_per_l', 'Concentrations', [
      ['cd_mol_per_l', 'cd_sd_mol_per_l', 'cation (Cd)', 0],
      ['cl_mol_per_l', 'cl_sd_mol_per_l', 'anion (Cl)', 1]
    ]);
    make('charge_residual_mol_per_l', 'Charge residual',
      [['charge_residual_mol_per_l', 'charge_residual_sd_mol_per_l', '2 cation \u2212 anion', 2]]);
  };

  const addDrift = () => {
    const table = lctem.table('drift');
    if (!table) return;
    const nm = table.filled('dx_nm');
    const one = (column, label, colour) => ({
      label,
      colour,
      y: onAxis(table, column, () => true),
      sd: nm ? null : onAxis(table, 'sd_px', () => true)
    });
    add({
      id: nm ? 'dx_nm' : 'dx_px',
      title: 'Drift',
      unit: nm ? 'nm' : 'px',
      table: 'drift',
      series: [one(nm ? 'dx_nm' : 'dx_px', 'right', 5), one(nm ? 'dy_nm' : 'dy_px', 'down', 3)].filter(
        s => any(s.y))
    });
  };

  /* Order of the lattices, where it was followed. */
  const addOrder = () => {
    const table = lctem.table('order');
    if (!table) return;
    add({
      id: 'core_ordered_frac',
      title: 'Share of the lattice that is in order',
      unit: '',
      table: 'order',
      zero: true,
      series: byParticle(table, [
        ['core_ordered_frac', 'core_ordered_sd_frac', 'core'],
        ['shell_ordered_frac', 'shell_ordered_sd_frac', 'shell', true]
      ])
    });
    if (table.has('dislocations') && table.number('dislocations').some(n => n > 0))
      add({
        id: 'dislocations',
        title: 'Dislocations seen',
        unit: '',
        table: 'order',
        zero: true,
        series: byParticle(table, [['dislocations', null]])
      });
  };

  lctem.addPanels = () => {
    addAreas();
    if (lctem.table('facets') && !lctem.table('facets').filled('height_nm'))
      addFacets('Facet heights', 'px', 'height_px', 'height_sd_px');
    addFacets('Facet heights against the first frame', 'nm', 'height_change_nm', 'height_sd_nm',
      'distance of each facet from the origin along its normal, minus that in the first frame');
    addFacets('Shell thickness at the facets', 'nm', 'shell_thickness_nm', 'shell_thickness_sd_nm');
    addFacets('Bare share of the facets', '', 'exposed_frac', null, '0: covered by shell, 1: bare');
    addMoire();
    addConcentration();
    addOrder();
    addDrift();
    if (lctem.charts.length > 0)
      place().append(h('p', {class: 'axis-name'}, lctem.axis.timed ? 'Time (s)' : 'Frame',
        h('span', {class: 'screen'}, ' \u2014 drag to zoom, double-click or 0 for all')));
  };
})();
