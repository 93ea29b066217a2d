/* The spectrum as a map of what was found in it: each lattice peak at its place, for the frame that the film
   shows; and the picture of `lctem moire`, where there is one. */
(() => {
  const h = lctem.element, v = lctem.vector;
  const SIDE = 480, MIDDLE = SIDE / 2;

  /* Sums of two lattices' vectors are many: they share the grey of what has no name, and are hollow. */
  const isSum = name => name.includes('+');
  const kinds = table =>
    table.distinct('assigned').filter(name => name && !isSum(name)).sort((a, b) => a.localeCompare(b));

  /* Moire as in spectrum.png; the others in turn, without its colour. */
  const MOIRE = 6;
  const colourIn = names => name => {
    const lattices = names.filter(n => n !== 'moire');
    return name === 'moire' ? lctem.series(MOIRE) :
      lattices.includes(name) ? lctem.series(lattices.indexOf(name) % MOIRE) :
                                lctem.colour('faint');
  };

  const places = (table, i, reach) => {
    const g = ((1 / table.number('spacing_nm')[i]) * (MIDDLE - 30)) / reach;
    const turn = (table.number('angle_deg')[i] * Math.PI) / 180;
    return [1, -1].map(sign => [MIDDLE + sign * g * Math.cos(turn), MIDDLE - sign * g * Math.sin(turn)]);
  };

  const dots = (table, rows, reach, colourOf) => {
    const spacing = table.number('spacing_nm'), angle = table.number('angle_deg'), snr = table.number('snr');
    return rows.flatMap(i => places(table, i, reach).map(([x, y]) => {
      const name = table.text(i, 'assigned'), colour = colourOf(name);
      const words = `${name || 'not assigned'}: ${
        lctem.measured(spacing[i],
          table.has('spacing_sd_nm') ?
            table.number('spacing_sd_nm')[i] :
            NaN)} nm at ${lctem.format(angle[i], 4)}\u00b0, snr ${lctem.format(snr[i], 3)}`;
      const size = 3 + Math.min(6, Math.log2(1 + Math.max(0, snr[i] || 0)));
      const look = isSum(name) ? {fill: 'none', stroke: colour, 'stroke-width': 2} : {fill: colour, 'fill-opacity': 0.75};
      return v('circle', {cx: x, cy: y, r: size, 'pointer-events': 'all', ...look}, v('title', {}, words));
    }));
  };

  const stepOf = reach => [0.5, 1, 2, 5, 10].find(s => reach / s <= 5) || 20;
  const WIDE = 92, HIGH = 14;

  /* Where the rings' labels lie on the fewest spots of all frames, in steps of 5 degrees. */
  const labelTurn = (table, rows, reach) => {
    const spots = rows.flatMap(i => places(table, i, reach)), step = stepOf(reach);
    const apart = (step * (MIDDLE - 30)) / reach;
    let best = Math.PI / 2, least = Infinity;
    for (let k = 0; k < 72; k++) {
      const turn = ((90 - 5 * k) * Math.PI) / 180;
      if (apart * Math.abs(Math.sin(turn)) < HIGH + 4 && apart * Math.abs(Math.cos(turn)) < WIDE) continue;
      let hit = 0;
      for (let g = step; g <= reach; g += step) {
        const r = (g * (MIDDLE - 30)) / reach, x = MIDDLE + r * Math.cos(turn), y = MIDDLE - r * Math.sin(turn);
        if (x - WIDE / 2 < 0 || x + WIDE / 2 > SIDE) hit += spots.length;
        for (const spot of spots)
          if (Math.abs(spot[0] - x) < WIDE / 2 + 8 && Math.abs(spot[1] - y) < HIGH / 2 + 8) hit++;
      }
      if (hit < least) {
        least = hit;
        best = turn;
      }
    }
    return best;
  };

  const rings = (reach, turn) => {
    const step = stepOf(reach), out = [];
    for (let g = step; g <= reach; g += step) {
      const r = (g * (MIDDLE - 30)) / reach;
      out.push(v('circle', {class: 'line', cx: MIDDLE, cy: MIDDLE, r}));
      out.push(v('text', {
        class: 'faint label',
        x: MIDDLE + r * Math.cos(turn),
        y: MIDDLE - r * Math.sin(turn) + 4,
        'text-anchor': 'middle'
      },
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
    const colourOf = colourIn(names), sums = table.distinct('assigned').filter(isSum), turns = new Map();
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
    const turnOf = particle => {
      if (!turns.has(particle))
        turns.set(particle,
          labelTurn(table, [...rowsOf].filter(([key]) => key.endsWith(`/${particle}`)).flatMap(([, rows]) => rows), reach));
      return turns.get(particle);
    };
    const picture = v('svg', {
      viewBox: `0 0 ${SIDE} ${SIDE}`,
      role: 'img',
      'aria-label': 'Places of the lattice peaks in the spectrum'
    });
    const words = h('figcaption', {}), list = h('div', {});
    const draw = () => {
      const frame = known[lctem.nearest(known, lctem.axis.frames[lctem.index])];
      const rows = rowsOf.get(`${frame}/${particle}`) || [];
      picture.replaceChildren(...rings(reach, turnOf(particle)), ...dots(table, rows, reach, colourOf));
      list.replaceChildren(h('table', {},
        h('thead', {},
          h('tr', {}, h('th', {}, 'peak'), h('th', {class: 'number'}, 'spacing (nm)'),
            h('th', {class: 'number'}, 'angle (\u00b0)'), h('th', {class: 'number'}, 'snr'))),
        listing(table, rows)));
      words.replaceChildren(`Particle ${particle}, frame ${frame}. `,
        ...names.map(
          name => h(
            'span', {}, h('span', {class: 'swatch', style: `border-color:${colourOf(name)}`}), `${name}. `)),
        sums.length > 0 ? h('span', {}, `Hollow: sums of two, such as ${sums[0]}. `) : '',
        table.distinct('assigned').includes('') ? 'Grey: no name.' : '');
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
