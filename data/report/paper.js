/* The curves as vectors: for paper, and on the screen where dygraphs is missing. */
(() => {
  const v = lctem.vector;
  const WIDTH = 700, HEIGHT = 190, LEFT = 64, RIGHT = 694, TOP = 6, BOTTOM = 168;
  lctem.paper = {left: LEFT / WIDTH, right: RIGHT / WIDTH};

  lctem.ticks = (low, high, most) => {
    const span = high - low || 1, raw = span / most, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw * 0.999);
    const out = [];
    for (let t = Math.ceil(low / step - 1e-9) * step; t <= high + 1e-9 * span; t += step)
      out.push(Math.abs(t) < step * 1e-9 ? 0 : t);
    return out;
  };

  /* runs of rows without a gap, of one series */
  const runsOf = (rows, s) => {
    const runs = [];
    let run = null;
    for (const row of rows) {
      if (row[s][0] === null) {
        run = null;
        continue;
      }
      if (!run) runs.push(run = []);
      run.push([row[0], ...row[s]]);
    }
    return runs;
  };

  const limits = (rows, zero) => {
    let low = Infinity, high = -Infinity;
    for (const row of rows)
      for (const [y, sd] of row.slice(1)) {
        if (y === null) continue;
        low = Math.min(low, y - sd);
        high = Math.max(high, y + sd);
      }
    if (!(low <= high)) return [0, 1];
    if (zero) {
      low = Math.min(0, low);
      high = Math.max(0, high);
    }
    const pad = 0.05 * (high - low || Math.abs(high) || 1);
    return [zero && low === 0 ? 0 : low - pad, high + pad];
  };

  lctem.drawPaper = (rows, data, range) => {
    const [a, b] = range, [low, high] = limits(rows, data.zero);
    const x = t => LEFT + ((RIGHT - LEFT) * (t - a)) / (b - a || 1),
          y = c => BOTTOM - ((BOTTOM - TOP) * (c - low)) / (high - low);
    const at = (t, c) => `${x(t).toFixed(1)},${y(c).toFixed(1)}`;
    const parts = [];
    for (const t of lctem.ticks(low, high, 5)) {
      parts.push(v('line', {stroke: lctem.colour('grid'), x1: LEFT, x2: RIGHT, y1: y(t), y2: y(t)}));
      parts.push(
        v('text', {class: 'faint', x: LEFT - 6, y: y(t) + 4, 'text-anchor': 'end'}, lctem.format(t, 5)));
    }
    for (const t of lctem.ticks(a, b, 9))
      parts.push(
        v('text', {class: 'faint', x: x(t), y: BOTTOM + 16, 'text-anchor': 'middle'}, lctem.format(t)));
    parts.push(v('line', {class: 'line', x1: LEFT, x2: RIGHT, y1: BOTTOM, y2: BOTTOM}));
    data.series.forEach((series, s) => {
      const colour = lctem.series(series.colour), inside = rows.filter(row => row[0] >= a && row[0] <= b);
      for (const run of runsOf(inside, s + 1)) {
        const up = run.map(([t, c, sd]) => at(t, c + sd)),
              down = run.map(([t, c, sd]) => at(t, c - sd)).reverse();
        if (series.sd)
          parts.push(
            v('path', {d: `M${up.join('L')}L${down.join('L')}Z`, fill: colour, 'fill-opacity': 0.2}));
        parts.push(v('path', {
          d: `M${run.map(([t, c]) => at(t, c)).join('L')}`,
          fill: 'none',
          stroke: colour,
          'stroke-width': 1.6,
          'stroke-linecap': 'round',
          'stroke-dasharray': series.dashed ? '6 4' : null
        }));
      }
    });
    return v('svg',
      {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'paper', role: 'img', 'aria-label': data.title}, ...parts);
  };
})();
