/* Contours through time in one picture, and kymographs of facets. */
(() => {
  const h = lctem.element;
  const SCALE = Math.min(2, Math.max(1, window.devicePixelRatio || 1));

  /* Colours that rise evenly in lightness: from dark blue to yellow, and from blue over paper to orange. */
  const ramp = stops => at => {
    const x = Math.max(0, Math.min(1, at)) * (stops.length - 1),
          i = Math.min(stops.length - 2, Math.floor(x));
    return stops[i].map((c, k) => Math.round(c + (x - i) * (stops[i + 1][k] - c)));
  };
  const onLight = ramp([[42, 20, 90], [50, 80, 150], [35, 140, 140], [120, 190, 90], [235, 205, 40]]);
  const onDark = ramp([[105, 85, 190], [70, 115, 190], [45, 155, 155], [130, 200, 100], [245, 220, 70]]);
  const rising = at => (lctem.isDark() ? onDark : onLight)(at);
  const falling = ramp([[20, 70, 150], [120, 170, 215], [242, 242, 242], [235, 165, 95], [170, 70, 0]]);
  const css = ([r, g, b]) => `rgb(${r},${g},${b})`;

  const canvasOf = (width, height, words) => {
    const canvas =
      h('canvas', {width: width * SCALE, height: height * SCALE, role: 'img', 'aria-label': words});
    canvas.style.aspectRatio = `${width} / ${height}`;
    const context = canvas.getContext('2d');
    context.scale(SCALE, SCALE);
    return [canvas, context];
  };

  const write = (context, text, x, y, align) => {
    context.fillStyle = lctem.colour('faint');
    context.font = '12px system-ui, sans-serif';
    context.textAlign = align || 'left';
    context.fillText(text, x, y);
  };

  const bar = (context, place, range, colour, words) => {
    for (let i = 0; i < place.w; i++) {
      context.fillStyle = css(colour(i / (place.w - 1)));
      context.fillRect(place.x + i, place.y, 1.5, 10);
    }
    write(context, lctem.format(range[0], 3), place.x, place.y + 24);
    write(context, words, place.x + place.w / 2, place.y + 24, 'center');
    write(context, lctem.format(range[1], 3), place.x + place.w, place.y + 24, 'right');
  };

  /* --- contours --- */

  /* frame -> rings of [x, y]; rows of a ring follow each other */
  const readRings = (table, phase) => {
    const frames = new Map(), frame = table.number('frame'), x = table.number(`x_${table.unit}`),
          y = table.number(`y_${table.unit}`);
    let key = '', ring = null;
    for (let i = 0; i < table.length; i++) {
      if (table.text(i, 'phase') !== phase || !Number.isFinite(x[i])) continue;
      const now = `${frame[i]}/${table.text(i, 'particle')}/${table.text(i, 'ring')}`;
      if (now !== key) {
        key = now;
        ring = [];
        if (!frames.has(frame[i])) frames.set(frame[i], []);
        frames.get(frame[i]).push(ring);
      }
      ring.push([x[i], y[i]]);
    }
    return frames;
  };

  const boundsOf = frames => {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const rings of frames.values())
      for (const ring of rings)
        for (const [x, y] of ring) {
          box[0] = Math.min(box[0], x);
          box[1] = Math.min(box[1], y);
          box[2] = Math.max(box[2], x);
          box[3] = Math.max(box[3], y);
        }
    const pad = 0.04 * Math.max(box[2] - box[0], box[3] - box[1]);
    return [box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad];
  };

  const trace = (context, rings, to) => {
    context.beginPath();
    for (const ring of rings) {
      ring.forEach(([x, y], i) => (i ? context.lineTo(...to(x, y)) : context.moveTo(...to(x, y))));
      context.closePath();
    }
    context.stroke();
  };

  const SHOWN = 40; /* contours in one picture: more would hide each other */

  const makeContours = (table, section) => {
    const phases = table.distinct('phase').filter(Boolean);
    let frames, box, layer;
    const width = 560, margin = 46, foot = 60;
    const [canvas, context] = canvasOf(width, 600, 'Contours through time');
    let height = 600;
    const base = document.createElement('canvas');

    const geometry = () => {
      const scale =
        Math.min((width - margin - 10) / (box[2] - box[0]), (600 - foot - 10) / (box[3] - box[1]));
      return (x, y) => [margin + (x - box[0]) * scale, 10 + (y - box[1]) * scale];
    };
    const axes = to => {
      context.strokeStyle = lctem.colour('line');
      const [x0, y0] = to(box[0], box[1]), [x1, y1] = to(box[2], box[3]);
      context.strokeRect(x0, y0, x1 - x0, y1 - y0);
      for (const t of lctem.ticks(box[0], box[2], 6))
        write(context, lctem.format(t), to(t, 0)[0], y1 + 16, 'center');
      for (const t of lctem.ticks(box[1], box[3], 6))
        write(context, lctem.format(t), x0 - 6, to(0, t)[1] + 4, 'right');
      write(context, table.unit, x0 - 6, y1 + 16, 'right');
    };
    const drawBase = () => {
      const to = geometry(), all = [...frames.keys()];
      height = Math.ceil(to(box[0], box[3])[1] + foot);
      canvas.height = height * SCALE; /* also clears it */
      canvas.style.aspectRatio = `${width} / ${height}`;
      context.scale(SCALE, SCALE);
      const step = Math.max(1, Math.ceil(all.length / SHOWN));
      const time = frame => lctem.axis.x[lctem.indexOfFrame(frame)];
      const range = [time(all[0]), time(all[all.length - 1])];
      context.lineWidth = 1.1;
      for (let i = 0; i < all.length; i += step) {
        context.strokeStyle = css(rising((time(all[i]) - range[0]) / (range[1] - range[0] || 1)));
        trace(context, frames.get(all[i]), to);
      }
      axes(to);
      bar(context, {x: width - 234, y: height - 32, w: 220}, range, rising,
        lctem.axis.timed ? 'time (s)' : 'frame');
      base.width = canvas.width;
      base.height = canvas.height;
      base.getContext('2d').drawImage(canvas, 0, 0);
      layer = [...frames.keys()];
    };
    const drawNow = () => {
      context.save();
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.drawImage(base, 0, 0);
      context.restore();
      const frame = layer[lctem.nearest(layer, lctem.axis.frames[lctem.index])];
      context.lineWidth = 2.4;
      context.strokeStyle = lctem.colour('cursor');
      trace(context, frames.get(frame), geometry());
    };
    const choose = phase => {
      frames = readRings(table, phase);
      if (frames.size === 0) return;
      box = boundsOf(frames);
      drawBase();
      drawNow();
    };
    const select = h('select', {'aria-label': 'Which edge', onchange: () => choose(select.value)},
      ...phases.map(phase => h('option', {value: phase}, `edge of the ${phase}`)));
    section.append(h('figure', {}, h('header', {}, h('h3', {}, 'Contours'), select), canvas,
      h('figcaption', {},
        `Up to ${SHOWN} frames, coloured by time; the thick line is the frame of the film. ` +
          'Drift is taken off.')));
    choose(phases[0]);
    lctem.onShow(drawNow);
    lctem.onTheme(() => {
      drawBase();
      drawNow();
    });
  };

  /* --- kymographs --- */

  const readHeights = (table, who, facet) => {
    const frame = table.number('frame'), x = table.number(`x_${table.unit}`), height = table.number(`height_${table.unit}`);
    const rows = new Map();
    let low = Infinity, high = -Infinity;
    for (let i = 0; i < table.length; i++) {
      if (table.text(i, 'particle') !== who || table.text(i, 'facet') !== facet) continue;
      if (!Number.isFinite(height[i]) || !Number.isFinite(x[i])) continue;
      if (!rows.has(frame[i])) rows.set(frame[i], []);
      rows.get(frame[i]).push([x[i], height[i]]);
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
    }
    return {rows, low, high};
  };

  /* the facet that moves most: the one to look at first */
  const liveliest = (table, options) => {
    const heights = table.number(`height_${table.unit}`), range = new Map();
    for (let i = 0; i < table.length; i++) {
      if (!Number.isFinite(heights[i])) continue;
      const key = `${table.text(i, 'particle')}/${table.text(i, 'facet')}`;
      const [low, high] = range.get(key) || [Infinity, -Infinity];
      range.set(key, [Math.min(low, heights[i]), Math.max(high, heights[i])]);
    }
    const span = key => (range.has(key) ? range.get(key)[1] - range.get(key)[0] : -1);
    return options.map(([key]) => key).reduce((best, key) => (span(key) > span(best) ? key : best));
  };

  /* heights on a grid of frames and positions, minus those of the first frame */
  const gridOf = ({rows, low, high}) => {
    const keys = [...rows.keys()], first = rows.get(keys[0]);
    const n = Math.max(2, Math.min(200, first.length));
    const values = keys.map(key => {
      const line = new Float64Array(n).fill(NaN);
      for (const [x, height] of rows.get(key)) {
        const k = Math.round(((x - low) / (high - low || 1)) * (n - 1));
        line[k] = height;
      }
      return line;
    });
    const mean = values[0].filter(Number.isFinite).reduce((sum, v, i, all) => sum + v / all.length, 0);
    const start = values[0].map(v => (Number.isFinite(v) ? v : mean));
    values.forEach(line => line.forEach((v, k) => {
      line[k] = v - start[k];
    }));
    const sizes =
      values.flatMap(line => [...line].filter(Number.isFinite).map(Math.abs)).sort((a, b) => a - b);
    return {keys, n, values, most: sizes.length ? sizes[Math.floor(0.99 * (sizes.length - 1))] || 1 : 1};
  };

  const makeKymograph = (table, section) => {
    const width = 560, height = 420, area = {x: 46, y: 8, w: 500, h: 330};
    const [canvas, context] = canvasOf(width, height, 'Kymograph of a facet');
    const base = document.createElement('canvas');
    let grid, facts;
    const facets = lctem.table('facets');
    const options = lctem.particlesOf(table).flatMap(
      who => lctem.facetsOf(table, who)
               .map(facet => [`${who}/${facet}`,
                      `particle ${who}, facet ${facets ? lctem.facetName(facets, who, facet) : facet}`]));

    const across = x => {
      const all = grid.keys.map(key => lctem.axis.x[lctem.indexOfFrame(key)]);
      return area.x + ((x - all[0]) / (all[all.length - 1] - all[0] || 1)) * area.w;
    };
    const paint = () => {
      const picture = new ImageData(grid.keys.length, grid.n);
      grid.values.forEach((line, i) => line.forEach((v, k) => {
        const at = 4 * ((grid.n - 1 - k) * grid.keys.length + i);
        if (Number.isFinite(v)) picture.data.set([...falling(0.5 + (0.5 * v) / grid.most), 255], at);
      }));
      const small = document.createElement('canvas');
      small.width = grid.keys.length;
      small.height = grid.n;
      small.getContext('2d').putImageData(picture, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, area.x, area.y, area.w, area.h);
    };
    const drawBase = () => {
      context.clearRect(0, 0, width, height);
      paint();
      context.strokeStyle = lctem.colour('line');
      context.strokeRect(area.x, area.y, area.w, area.h);
      const all = grid.keys.map(key => lctem.axis.x[lctem.indexOfFrame(key)]);
      for (const t of lctem.ticks(all[0], all[all.length - 1], 6))
        write(context, lctem.format(t), across(t), area.y + area.h + 16, 'center');
      for (const t of lctem.ticks(facts.low, facts.high, 5))
        write(context, lctem.format(t), area.x - 6,
          area.y + area.h * (1 - (t - facts.low) / (facts.high - facts.low)) + 4, 'right');
      write(context, table.unit, area.x - 6, area.y + area.h + 16, 'right');
      write(context, lctem.axis.timed ? 'time (s)' : 'frame', area.x + 4, area.y + area.h + 32);
      bar(context, {x: width - 254, y: height - 34, w: 240}, [-grid.most, grid.most], falling,
        `height change (${table.unit})`);
      base.width = canvas.width;
      base.height = canvas.height;
      base.getContext('2d').drawImage(canvas, 0, 0);
    };
    const drawNow = () => {
      context.save();
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.drawImage(base, 0, 0);
      context.restore();
      const x = across(lctem.axis.x[lctem.index]);
      context.strokeStyle = lctem.colour('cursor');
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(x, area.y);
      context.lineTo(x, area.y + area.h);
      context.stroke();
    };
    const choose = key => {
      facts = readHeights(table, ...key.split('/'));
      if (facts.rows.size === 0) return;
      grid = gridOf(facts);
      drawBase();
      drawNow();
    };
    canvas.addEventListener('click', event => {
      const box = canvas.getBoundingClientRect();
      const at = (((event.clientX - box.left) / box.width) * width - area.x) / area.w;
      const all = grid.keys.map(frame => lctem.indexOfFrame(frame));
      lctem.show(all[Math.max(0, Math.min(all.length - 1, Math.round(at * (all.length - 1))))]);
    });
    const select = h('select', {'aria-label': 'Which facet', onchange: () => choose(select.value)},
      ...options.map(([value, label]) => h('option', {value}, label)));
    section.append(h('figure', {}, h('header', {}, h('h3', {}, 'Kymograph'), select), canvas,
      h('figcaption', {},
        'Where a facet grew (orange) and shrank (blue) against the first frame: position along the ' +
          'facet upwards, time to the right. A click shows the frame.')));
    select.value = liveliest(table, options);
    choose(select.value);
    lctem.onShow(drawNow);
    lctem.onTheme(() => {
      drawBase();
      drawNow();
    });
  };

  lctem.addMaps = () => {
    const contours = lctem.table('contours'), profiles = lctem.table('profiles');
    /* in px where nobody knows the pixel size */
    const usable = (table, column) => {
      if (!table) return false;
      table.unit = table.filled(`${column}_nm`) ? 'nm' : 'px';
      return table.filled(`${column}_${table.unit}`);
    };
    const outlined = usable(contours, 'x'), followed = usable(profiles, 'height');
    if (!outlined && !followed) return;
    const figures = h('div', {class: 'figures'});
    lctem.section('shape').append(figures);
    if (outlined) makeContours(contours, figures);
    if (followed) makeKymograph(profiles, figures);
  };
})();
