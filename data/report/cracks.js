/* Cracks: how many are open, where along the facets they sit, how wide they are. */
(() => {
  const h = lctem.element, v = lctem.vector;

  const histogram = (values, low, high, n) => {
    const counts = new Array(n).fill(0);
    for (const value of values)
      if (Number.isFinite(value))
        counts[Math.max(0, Math.min(n - 1, Math.floor(((value - low) / (high - low)) * n)))]++;
    return counts;
  };

  const bars = (title, values, low, high, n, name, note) => {
    const width = 560, height = 240, left = 50, foot = 44, top = 12;
    const counts = histogram(values, low, high, n), most = Math.max(1, ...counts);
    const x = i => left + ((width - left - 10) * i) / n,
          y = c => height - foot - ((height - foot - top) * c) / most;
    const parts = counts.map(
      (count, i) => v('rect',
        {class: 'bar', x: x(i) + 1, y: y(count), width: x(1) - x(0) - 2, height: height - foot - y(count)},
        v('title', {}, String(count))));
    parts.push(v('line', {class: 'line', x1: left, x2: width - 10, y1: height - foot, y2: height - foot}));
    const digits = Math.abs(high - low) < 3 ? 2 : 3;
    for (let i = 0; i <= n; i += n / 4)
      parts.push(v('text', {class: 'faint', x: x(i), y: height - foot + 16, 'text-anchor': 'middle'},
        lctem.format(low + ((high - low) * i) / n, digits)));
    parts.push(v('text', {class: 'faint', x: left - 6, y: top + 8, 'text-anchor': 'end'}, String(most)));
    parts.push(v('text', {class: 'faint', x: left - 6, y: height - foot, 'text-anchor': 'end'}, '0'));
    parts.push(
      v('text', {class: 'faint', x: (left + width) / 2, y: height - 8, 'text-anchor': 'middle'}, name));
    return h('figure', {}, h('header', {}, h('h3', {}, title)),
      v('svg',
        {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title}: ${counts.join(', ')}`},
        ...parts),
      h('figcaption', {}, note));
  };

  /* Open gaps in each frame, a curve for each particle; frames without a row have none. */
  const openCount = (table, who) => {
    const counts = new Float64Array(lctem.axis.x.length), frame = table.number('frame');
    for (let i = 0; i < table.length; i++)
      if (table.text(i, 'particle') === who) counts[lctem.indexOfFrame(frame[i])]++;
    return counts;
  };

  const extras = () => {
    const found = [];
    for (const name of lctem.documents.keys())
      if (/crack/.test(name)) found.push(lctem.json(name));
    const table = lctem.table('cracks');
    if (table && table.twin) {
      const {file, description, schema, columns, ...rest} = table.twin;
      if (Object.keys(rest).length > 0) found.push(rest);
    }
    return found.filter(Boolean);
  };

  const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

  /* How many cracks there were, the first, and how long they lasted; a crack is one, however many frames show it. */
  const livesOf = table => {
    const lives = lctem.table('crack_lives');
    if (!lives || lives.length === 0) return '';
    const opened = lives.number('opened_s'), began = lives.number('began_s');
    const start = i => (Number.isFinite(began[i]) ? began[i] : opened[i]);
    const healed = [...lives.number('healed_s')].filter(Number.isFinite).length;
    let first = -1;
    for (let i = 0; i < lives.length; i++)
      if (start(i) < (first < 0 ? Infinity : start(first))) first = i;
    const facet = first < 0 ? '' : lives.text(first, 'facet');
    const when = first < 0 ? '' :
      `${lives.length > 1 ? ', the first' : ''} at ${lctem.measured(start(first), lives.number('began_sd_s')[first])} s on ${
        facet ? `facet ${facet} of ` : ''}particle ${lives.text(first, 'particle')}`;
    const lifetime = ((table.twin || {}).movie || {}).lifetime || {};
    const lasted = healed > 0 && Number.isFinite(lifetime.mean_s) ?
      ` They lasted ${lctem.measured(lifetime.mean_s, lifetime.mean_sd_s)} s on average.` : '';
    const all = healed === lives.length;
    const after = lives.length === 1 ? (all ? ' It healed.' : ' It did not heal within the movie.') :
      all ? ' All of them healed.' : ` ${healed} of them healed within the movie.`;
    return `${count(lives.length, 'crack', 'cracks')} opened${when}.${after}${lasted} `;
  };

  /* a crack that lives long counts in many frames: the terminal has each once */
  const perCrack = table => {
    const width = ((table.twin || {}).movie || {}).width_nm;
    return Number.isFinite(width) ? `, and of ${lctem.format(width, 3)} nm if each crack counts once` : '';
  };

  lctem.addCracks = () => {
    const table = lctem.table('cracks');
    if (!table || !table.has('width_nm')) return;
    const section = lctem.section('cracks');
    const widths = [...table.number('width_nm')].filter(Number.isFinite).sort((a, b) => a - b);
    const middle = widths.length ? widths[Math.floor(widths.length / 2)] : NaN;
    section.append(h('p', {class: 'said'},
      table.length === 0 ?
        'The shells show no gap in any frame.' :
        `${livesOf(table)}${new Set(table.number('frame')).size} of ${lctem.axis.x.length} frames show an open gap; ` +
          `in all of them together ${count(table.length, 'width was', 'widths were')} measured, with a median over all frames of ${
            lctem.format(middle, 3)} nm${perCrack(table)}.` +
          (table.every > 1 ? ` (Counted over every ${table.every}th frame.)` : '')));
    if (table.length > 0 && table.every === 1) {
      const chart = lctem.addChart(section, {
        id: 'open_gaps',
        title: 'Open gaps in the shell',
        unit: '',
        x: lctem.axis.x,
        zero: true,
        table: 'cracks',
        series: lctem.particlesOf(table).map(
          who => ({label: `particle ${who}`, y: openCount(table, who), sd: null, colour: Number(who) - 1}))
      });
      chart.box.classList.add('wide');
    }
    if (table.length > 0) {
      const figures = h('div', {class: 'figures'});
      figures.append(bars('Where along the facet', table.number('position_frac'), -1, 1, 20,
        'position over half length: 0 middle, \u00b11 corners',
        'Gaps of all frames; each gap counts in every frame in which it is open.'));
      figures.append(bars('How wide', widths, 0, widths[Math.floor(0.99 * (widths.length - 1))] * 1.05 || 1,
        20, 'width (nm)', 'The widest hundredth stands in the last bar.'));
      section.append(figures);
    }
    for (const [stem, words] of [['crack_lives', 'Each crack over its life'], ['onsets', 'Onsets of growth, and cracks before them']]) {
      const lives = lctem.table(stem);
      if (lives && lives.length > 0)
        section.append(h('details', {open: lives.length <= 12}, h('summary', {}, words), lctem.measurements(lives, 200)));
    }
    for (const document of extras())
      section.append(h('details', {}, h('summary', {}, 'Statistics: places, lifetimes, growth with and without a gap'), lctem.tree(document)));
  };
})();
