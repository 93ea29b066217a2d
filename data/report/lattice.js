/* The spectrum as a map of what was found in it: each lattice peak at its place, for the frame that the film
   shows; and the picture of `lctem moire`, where there is one. */
(() => {
  const h = lctem.element, v = lctem.vector;
  const SIDE = 480, MIDDLE = SIDE / 2;

  const kinds = table =>
    table.distinct('assigned').sort((a, b) => (a === '') - (b === '') || a.localeCompare(b));

  const dots = (table, rows, reach, colourOf) => {
    const spacing = table.number('spacing_nm'), angle = table.number('angle_deg'), snr = table.number('snr');
    return rows.flatMap(i => [1, -1].map(sign => {
      const g = 1 / spacing[i], turn = (angle[i] * Math.PI) / 180;
      const x = MIDDLE + (sign * g * Math.cos(turn) * (MIDDLE - 30)) / reach;
      const y = MIDDLE - (sign * g * Math.sin(turn) * (MIDDLE - 30)) / reach;
      const words = `${table.text(i, 'assigned') || 'not assigned'}: ${
        lctem.measured(spacing[i],
          table.has('spacing_sd_nm') ?
            table.number('spacing_sd_nm')[i] :
            NaN)} nm at ${lctem.format(angle[i], 4)}\u00b0, snr ${lctem.format(snr[i], 3)}`;
      const size = 3 + Math.min(6, Math.log2(1 + Math.max(0, snr[i] || 0)));
      return v('circle',
        {cx: x, cy: y, r: size, fill: colourOf(table.text(i, 'assigned')), 'fill-opacity': 0.75},
        v('title', {}, words));
    }));
  };

  const rings = reach => {
    const step = [0.5, 1, 2, 5, 10].find(s => reach / s <= 5) || 20, out = [];
    for (let g = step; g <= reach; g += step) {
      const r = (g * (MIDDLE - 30)) / reach;
      out.push(v('circle', {class: 'line', cx: MIDDLE, cy: MIDDLE, r}));
      out.push(v('text', {class: 'faint', x: MIDDLE + 3, y: MIDDLE - r - 3},
        `${g} /nm (${lctem.format(1 / g, 3)} nm)`));
    }
    return out;
  };

  const listing = (table, rows) => h('tbody', {},
    ...rows.map(i => h('tr', {}, h('td', {}, table.text(i, 'assigned') || '\u2013'),
                  h('td', {class: 'number'},
                    lctem.measured(table.number('spacing_nm')[i],
                      table.has('spacing_sd_nm') ? table.number('spacing_sd_nm')[i] : NaN)),
                  h('td', {class: 'number'}, table.number('angle_deg')[i].toFixed(2)),
                  h('td', {class: 'number'}, lctem.format(table.number('snr')[i], 3)))));

  const makeMap = (table, figures) => {
    const who = lctem.particlesOf(table), names = kinds(table);
    const colourOf = name => (name ? lctem.series(names.indexOf(name)) : lctem.colour('faint'));
    let particle = who[0];
    const spacings = table.number('spacing_nm').filter(Number.isFinite).sort();
    const reach = 1.1 / spacings[Math.floor(spacings.length / 200)];
    const frames = table.number('frame'), rowsOf = new Map();
    for (let i = 0; i < table.length; i++) {
      const key = `${frames[i]}/${table.text(i, 'particle')}`;
      if (!rowsOf.has(key)) rowsOf.set(key, []);
      rowsOf.get(key).push(i);
    }
    const known = [...new Set(frames)];
    const picture = v('svg', {
      viewBox: `0 0 ${SIDE} ${SIDE}`,
      role: 'img',
      'aria-label': 'Places of the lattice peaks in the spectrum'
    });
    const words = h('figcaption', {}), list = h('div', {});
    const draw = () => {
      const frame = known[lctem.nearest(known, lctem.axis.frames[lctem.index])];
      const rows = rowsOf.get(`${frame}/${particle}`) || [];
      picture.replaceChildren(...rings(reach), ...dots(table, rows, reach, colourOf));
      list.replaceChildren(h('table', {},
        h('thead', {},
          h('tr', {}, h('th', {}, 'peak'), h('th', {class: 'number'}, 'spacing (nm)'),
            h('th', {class: 'number'}, 'angle (\u00b0)'), h('th', {class: 'number'}, 'snr'))),
        listing(table, rows)));
      words.replaceChildren(`Particle ${particle}, frame ${frame}. `,
        ...names.filter(Boolean).map(
          name => h(
            'span', {}, h('span', {class: 'swatch', style: `border-color:${colourOf(name)}`}), `${name} `)));
    };
    const select = h('select', {
      'aria-label': 'Which particle',
      onchange: () => {
        particle = select.value;
        draw();
      }
    },
      ...who.map(name => h('option', {value: name}, `particle ${name}`)));
    figures.append(
      h('figure', {}, h('header', {}, h('h3', {}, 'Peaks in the spectrum'), who.length > 1 ? select : null),
        picture, words),
      h('figure', {}, h('header', {}, h('h3', {}, 'The same as numbers')), list));
    draw();
    lctem.onShow(draw);
    lctem.onTheme(draw);
  };

  lctem.addLattice = () => {
    const table = lctem.table('lattice');
    const pictures = [...lctem.pictures].filter(([name]) => /spectrum/.test(name));
    const usable = table && table.filled('spacing_nm') && table.has('angle_deg') && table.has('snr');
    if (!usable && pictures.length === 0) return;
    const figures = h('div', {class: 'figures'});
    lctem.section('lattice').append(figures);
    for (const [name, blob] of pictures)
      figures.append(h('figure', {},
        h('img', {src: URL.createObjectURL(blob), alt: 'Spectrum with the lattices that were found'}),
        h('figcaption', {}, name)));
    if (usable) makeMap(table, figures);
  };
})();
