/* Stages and events: marks above the curves that can be clicked, and a table of them. */
(() => {
  const h = lctem.element;
  const APART_PX = 16; /* marks closer than this become one: they are 15 px wide */
  const names = {
    appear: 'appears',
    contact: 'contact',
    merge: 'merge',
    split: 'split',
    dissolved: 'dissolved',
    crack_open: 'crack +',
    crack_heal: 'crack \u2212',
    layer_added: 'layer +',
    layer_removed: 'layer \u2212',
    core_growth_onset: 'growth',
    core_etch_onset: 'etching',
    dislocation: 'disloc.',
    duplicate_frame: 'duplicate',
    gap: 'gap'
  };
  const meanings = {
    crack_open: 'first half as wide as usual; it began before, see the table of cracks',
    crack_heal: 'last half as wide as usual'
  };

  const readStages = () => {
    const table = lctem.table('stages');
    lctem.stages = [];
    if (!table || !lctem.axis.timed) return;
    for (let i = 0; i < table.length; i++)
      lctem.stages.push({
        start: table.number('start_s')[i],
        end: table.number('end_s')[i],
        sd: table.number('start_sd_s')[i],
        label: table.text(i, 'label') || table.text(i, 'stage'),
        words: lctem.words(table.text(i, 'description'))
      });
  };

  const readEvents = () => {
    const table = lctem.table('events');
    lctem.events = [];
    if (!table) return;
    for (let i = 0; i < table.length; i++) {
      const index = lctem.indexOfFrame(table.number('frame')[i]), own = table.number('time_s')[i];
      lctem.events.push({
        kind: table.text(i, 'event'),
        index,
        x: lctem.axis.timed && Number.isFinite(own) ? own : lctem.axis.x[index],
        row: i,
        particle: table.text(i, 'particle'),
        other: table.text(i, 'other'),
        facet: table.text(i, 'facet')
      });
    }
  };

  const say = event =>
    `${event.kind.replace(/_/g, ' ')}${event.particle ? `, particle ${event.particle}` : ''}` +
    `${event.other ? ` and ${event.other}` : ''}${event.facet ? `, facet ${event.facet}` : ''}, ` +
    `${lctem.axis.timed ? `${lctem.format(event.x, 5)} s` : `frame ${lctem.axis.frames[event.index]}`}`;

  /* px from the left of the strip */
  const across = (strip, x) => {
    if (lctem.isPaper() || typeof Dygraph === 'undefined') {
      const [a, b] = lctem.range || lctem.wholeRange(), {left, right} = lctem.paper;
      return (left + ((right - left) * (x - a)) / (b - a || 1)) * strip.clientWidth;
    }
    const chart = lctem.charts.find(entry => entry.graph && !entry.data.strange);
    return chart ? chart.graph.toDomXCoord(x) : 0;
  };

  const stageLane = strip => {
    const lane = h('div', {class: 'lane'}, h('span', {}, 'stage'));
    const [a, b] = lctem.range || lctem.wholeRange();
    for (const stage of lctem.stages) {
      const start = Math.max(a, stage.start), end = Math.min(b, stage.end);
      if (!(end > start)) continue;
      const left = across(strip, start), width = Math.max(3, across(strip, end) - left);
      lane.append(h('button', {
        type: 'button',
        class: 'stage',
        style: `left:${left}px;width:${width}px`,
        title: `stage ${stage.label}, from ${lctem.measured(stage.start, stage.sd)} s: ${stage.words}`,
        onclick: () => lctem.showTime(stage.start)
      },
        stage.label));
    }
    return lane;
  };

  const eventButton = (left, group) => h('button', {
    type: 'button',
    class: group.length > 1 ? 'event many' : 'event',
    style: `left:${left}px`,
    'data-index': group[0].index,
    title: group.map(say).slice(0, 12).join('\n'),
    'aria-label': group.length > 1 ? `${group.length} events, the first: ${say(group[0])}` : say(group[0]),
    onclick: () => lctem.showTime(group[0].x)
  },
    group.length > 1 ? String(Math.min(99, group.length)) : '');

  const eventLane = (strip, kind) => {
    const lane = h('div', {class: 'lane'}, h('span', {title: meanings[kind]}, names[kind] || kind.replace(/_/g, ' ')));
    const [a, b] = lctem.range || lctem.wholeRange();
    let group = [], left = -Infinity;
    const finish = () => {
      if (group.length) lane.append(eventButton(left, group));
      group = [];
    };
    for (const event of lctem.events.filter(entry => entry.kind === kind && entry.x >= a && entry.x <= b)) {
      const at = across(strip, event.x);
      if (at - left >= APART_PX) {
        finish();
        left = at;
      }
      group.push(event);
    }
    finish();
    return lane;
  };

  const drawStrip = strip => {
    const lanes = lctem.stages.length ? [stageLane(strip)] : [];
    const kinds = [...new Set(lctem.events.map(event => event.kind))];
    kinds.sort((a, b) => /^layer_/.test(a) - /^layer_/.test(b)); /* the many ones last */
    strip.classList.toggle('tall', kinds.length > 5);
    for (const kind of kinds) lanes.push(eventLane(strip, kind));
    strip.replaceChildren(...lanes);
  };

  const go = (x, words, sd) =>
    h('button', {type: 'button', onclick: () => lctem.showTime(x), 'aria-label': `show ${words}`},
      lctem.axis.timed ? `${lctem.rounded(x, sd)} s` : String(x));

  /* a stage ends where the next begins */
  const endOf = k => {
    const next = lctem.stages[k + 1], end = lctem.stages[k].end;
    return lctem.rounded(end, next && next.start === end ? next.sd : NaN);
  };

  const stageTable = () => h('table', {},
    h('thead', {}, h('tr', {}, ...['Stage', 'From', '', 'What happens'].map(word => h('th', {}, word)))),
    h('tbody', {},
      ...lctem.stages.map(
        (stage, k) => h('tr', {}, h('td', {}, stage.label),
          h('td', {}, go(stage.start, `stage ${stage.label}`, stage.sd)),
          h('td', {}, `${lctem.measured(stage.start, stage.sd)} to ${endOf(k)} s`),
          h('td', {}, stage.words)))));

  const eventTable = () => {
    const table = lctem.table('events');
    const body = h('tbody', {});
    for (const event of lctem.events.slice(0, 500)) {
      const size = table.text(event.row, 'size_nm'), score = table.text(event.row, 'score');
      body.append(h('tr', {'data-index': event.index}, h('td', {}, go(event.x, say(event))),
        h('td', {}, event.kind.replace(/_/g, ' ')), h('td', {}, event.particle), h('td', {}, event.other),
        h('td', {}, event.facet),
        h('td', {class: 'number'}, size ? `${lctem.format(Number(size), 3)} nm` : ''),
        h('td', {class: 'number'}, score ? lctem.format(Number(score), 2) : '')));
    }
    const heads = [
      ['When'], ['What'], ['Particle'], ['Other'], ['Facet'],
      ['Across', 'size_nm: diameter of a circle of the area concerned (a layer: of its area, not its height); cracks: ' +
          'median width; dislocations: length of the Burgers vector'],
      ['Sure', 'from 0 to 1']
    ];
    return h('table', {},
      h('thead', {}, h('tr', {}, ...heads.map(([word, title]) => h('th', {title}, word)))), body);
  };

  lctem.readMarks = () => {
    readStages();
    readEvents();
  };

  lctem.addMarks = () => {
    if (lctem.stages.length + lctem.events.length === 0) return;
    const strip = h('div', {id: 'marks', role: 'group', 'aria-label': 'Stages and events'});
    document.getElementById('curves').prepend(strip);
    const draw = () => drawStrip(strip);
    draw();
    lctem.onRange(draw);
    lctem.onTheme(() => (lctem.isPaper() ? draw() : requestAnimationFrame(draw)));
    window.addEventListener('resize', () => requestAnimationFrame(draw));
    const section = lctem.section('happened');
    if (lctem.stages.length) section.append(stageTable());
    if (lctem.events.length) section.append(h('div', {class: 'scroll'}, eventTable()));
    if (lctem.events.length > 500)
      section.append(
        h('p', {class: 'note'}, `The first 500 of ${lctem.events.length} events; events.csv has all.`));
  };
})();
