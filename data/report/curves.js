/* One way to draw curves: values with bands against time, with a cursor that is the film's instant. */
(() => {
  const MANY_ROWS = 4000, BUCKETS = 1500,
        OUTSIDE = 300; /* more rows than that are thinned for display, never in the tables */
  const GUTTER = 64;
  let calm = false; /* while one chart moves the others */
  const h = lctem.element;

  /* Rows that keep the look of a long chart: of each bucket the extremes of every series, in order. */
  const thin = (rows, from, to, buckets) => {
    const step = Math.ceil((to - from) / buckets);
    if (step < 3) return rows.slice(from, to);
    const out = [];
    for (let a = from; a < to; a += step) {
      const b = Math.min(to, a + step);
      const low = [rows[a][0]], high = [rows[b - 1][0]];
      for (let s = 1; s < rows[a].length; s++) {
        let least = null, most = null;
        for (let i = a; i < b; i++) {
          const cell = rows[i][s];
          if (cell[0] === null) continue;
          if (!least || cell[0] < least[0]) least = cell;
          if (!most || cell[0] > most[0]) most = cell;
        }
        low.push(least || [null, null]);
        high.push(most || [null, null]);
      }
      out.push(low);
      if (b - a > 1) out.push(high);
    }
    return out;
  };

  class Chart {
    /* data: { title, unit, series: [{ label, y, sd, colour, dashed }], x, zero, help } */
    constructor(parent, data) {
      this.data = data;
      this.reading = h('div', {class: 'reading'});
      this.plot = h('div', {class: 'plot', role: 'img'});
      this.line = h('div', {class: 'cursor'});
      this.choices = h('span', {});
      const unit = data.unit ? ` (${data.unit})` : '';
      this.box = h('section', {class: 'panel', 'aria-label': data.title},
        h('header', {}, h('h3', {title: data.help}, data.title + unit), this.choices, this.reading),
        this.plot);
      parent.append(this.box);
      this.build();
      lctem.charts.push(this);
    }

    /* All values, one row for each instant. */
    makeRows() {
      const {series, x} = this.data;
      this.points = 0;
      this.rows = Array.from(x, (at, i) => [at, ...series.map(s => {
        const y = s.y[i], sd = s.sd ? s.sd[i] : 0;
        if (!Number.isFinite(y)) return [null, null];
        this.points++;
        return [y, Number.isFinite(sd) ? sd : 0];
      })]);
    }

    /* What dygraphs gets: all rows, or fewer outside and inside of what is looked at. */
    shown(range) {
      const rows = this.rows;
      if (rows.length <= MANY_ROWS) return rows;
      if (!range) return thin(rows, 0, rows.length, BUCKETS);
      const x = this.data.x;
      const a = Math.max(0, lctem.nearest(x, range[0]) - 1),
            b = Math.min(rows.length, lctem.nearest(x, range[1]) + 2);
      return [
        ...thin(rows, 0, a, OUTSIDE), ...thin(rows, a, b, BUCKETS), ...thin(rows, b, rows.length, OUTSIDE)
      ];
    }

    colours() { return this.data.series.map(s => lctem.series(s.colour)); }

    build() {
      const {title, series} = this.data;
      this.makeRows();
      this.plot.setAttribute('aria-label', `${title}: ${series.map(s => s.label).join(', ')}`);
      if (typeof Dygraph === 'undefined') {
        this.plot.hidden = true;
        this.draw();
        this.read(0);
        return;
      }
      const styles = {};
      series.forEach(s => {
        styles[s.label] = {strokePattern: s.dashed ? [7, 4] : null};
      });
      this.graph = new Dygraph(this.plot, this.shown(null), {
        labels: ['x', ...series.map(s => s.label)],
        series: styles,
        colors: this.colours(),
        errorBars: true,
        sigma: 1,
        fillAlpha: 0.2,
        strokeWidth: 1.7,
        drawGapEdgePoints: true,
        pointSize: 1.5,
        highlightCircleSize: 3.5,
        legend: 'never',
        includeZero: Boolean(this.data.zero),
        yRangePad: 6,
        axisLineColor: lctem.colour('line'),
        gridLineColor: lctem.colour('grid'),
        axes: {
          y: {axisLabelWidth: GUTTER, pixelsPerLabel: 26, axisLabelFormatter: value => lctem.format(value, 5)}
        },
        highlightCallback: (event, x) => this.hover(x),
        underlayCallback: (context, area, graph) => this.underlay(context, area, graph),
        drawCallback: (graph, first) => this.drawn(first),
        zoomCallback: () => this.zoomed(),
        unhighlightCallback: () => this.place(),
      });
      this.plot.append(this.line);
      this.place();
    }

    hover(x) { lctem.show(lctem.indexAt(x)); }

    /* Stages as shades, events as lines: the marks above the curves name them. */
    underlay(context, area, graph) {
      if (this.data.strange) return;
      context.save();
      context.fillStyle = lctem.colour('stage');
      (lctem.stages || []).forEach((stage, i) => {
        const a = graph.toDomXCoord(stage.start), b = graph.toDomXCoord(stage.end);
        if (i % 2 === 1) context.fillRect(a, area.y, b - a, area.h);
      });
      context.strokeStyle = lctem.colour('line');
      context.setLineDash([2, 3]);
      for (const event of (lctem.events || []).filter(entry => !/^layer_/.test(entry.kind)).slice(0, 300)) {
        const x = graph.toDomXCoord(event.x);
        context.beginPath();
        context.moveTo(x, area.y);
        context.lineTo(x, area.y + area.h);
        context.stroke();
      }
      context.restore();
    }

    drawn(first) {
      if (first || calm || !this.graph) return;
      this.place();
      if (this.data.strange) return;
      lctem.setRange(this.graph.xAxisRange(), this);
    }

    zoomed() {
      if (this.graph.isZoomed() === false && !calm) lctem.showAllTimes();
    }

    setRange(range) {
      if (!this.graph) return;
      const now = this.graph.xAxisRange();
      if (range && now[0] === range[0] && now[1] === range[1]) return;
      const options = {dateWindow: range};
      if (this.rows.length > MANY_ROWS) options.file = this.shown(range);
      this.graph.updateOptions(options);
      this.place();
    }

    /* The cursor, and the values at it. */
    place() {
      const {x} = this.data;
      if (!x.length || !lctem.axis.x.length) return;
      const at = lctem.axis.x[lctem.index];
      this.read(lctem.nearest(x, at));
      if (!this.graph) return;
      const [a, b] = this.graph.xAxisRange();
      this.line.hidden = at < a || at > b;
      this.line.style.left = `${this.graph.toDomXCoord(at)}px`;
    }

    read(i) {
      const parts = this.data.series.map(
        s => h('span', {},
          h('span',
            {class: s.dashed ? 'swatch dashed' : 'swatch', style: `border-color:${lctem.series(s.colour)}`}),
          `${s.label}: ${lctem.measured(s.y[i], s.sd ? s.sd[i] : NaN) || '\u2013'}`));
      this.reading.replaceChildren(...parts);
    }

    /* The curves as vectors, below the place of the others. */
    draw() {
      const all = this.data.x,
            range = this.data.strange ? [all[0], all[all.length - 1]] : lctem.range || lctem.wholeRange();
      const rows = this.rows.length > MANY_ROWS ? thin(this.rows, 0, this.rows.length, BUCKETS) : this.rows;
      const drawn = lctem.drawPaper(rows, this.data, range);
      const old = this.box.querySelector('.paper');
      if (old) old.replaceWith(drawn);
      else this.box.append(drawn);
    }

    restyle() {
      this.place();
      if (lctem.isPaper() || !this.graph) this.draw();
      if (lctem.isPaper() || !this.graph) return;
      this.graph.updateOptions(
        {colors: this.colours(), axisLineColor: lctem.colour('line'), gridLineColor: lctem.colour('grid')});
      this.graph.resize();
      this.place();
    }

    /* Other series under the same title: another particle, another anchor. */
    replace(data) {
      const range = this.graph && !this.data.strange ? this.graph.xAxisRange() : null;
      Object.assign(this.data, data);
      if (this.graph) this.graph.destroy();
      this.graph = null;
      this.plot.replaceChildren();
      this.build();
      if (range) this.setRange(range);
    }
  }

  lctem.addChart = (parent, data) => new Chart(parent, data);
  lctem.gutter = GUTTER;

  const whole = () => {
    const x = lctem.axis.x;
    return x.length > 1 ? [x[0], x[x.length - 1]] : [0, 1];
  };
  lctem.range = null;
  lctem.setRange = (range, from) => {
    if (calm) return;
    calm = true;
    lctem.range = range;
    for (const chart of lctem.charts)
      if (chart !== from && !chart.data.strange) chart.setRange(range);
    if (from && from.rows.length > MANY_ROWS) from.graph.updateOptions({file: from.shown(range)});
    calm = false;
    for (const listener of rangeListeners) listener();
  };
  const rangeListeners = [];
  lctem.onRange = listener => rangeListeners.push(listener);
  lctem.showAllTimes = () => lctem.setRange(whole(), null);
  lctem.wholeRange = whole;

  lctem.startCurves = () => {
    lctem.onShow(() => lctem.charts.forEach(chart => chart.place()));
    lctem.onTheme(() => lctem.charts.forEach(chart => chart.restyle()));
    if (typeof Dygraph === 'undefined')
      document.getElementById('curves').prepend(h('p', {class: 'notice'},
        'No curves to move over: dygraphs was not found when this report was made. Install the package ' +
          'libjs-dygraphs (or name its folder with --dygraphs) and run lctem report again. The plots are further down.'));
  };
})();
