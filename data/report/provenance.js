/* Words and numbers: who is there, warnings, small tables, downloads, provenance. */
(() => {
  const h = lctem.element;

  /* The name of each value of these that has a sigma: speed_nm_per_s, speed_sd_nm_per_s. */
  const sigmasOf = names => new Map(
    names.map(name => [name.replace(/_sd(?=_|$)/, '').replace(/^sd_/, ''), name])
      .filter(([value, name]) => value !== name && names.includes(value)));

  /* Any JSON value as a list of names and values. */
  const tree = value => {
    if (value === null || typeof value !== 'object')
      return document.createTextNode(value === null           ? '\u2013' :
        typeof value === 'number' && !Number.isInteger(value) ? lctem.format(value, 6) :
                                                                lctem.words(String(value)));
    if (Array.isArray(value) && value.every(item => item === null || typeof item !== 'object'))
      return document.createTextNode(value.length ? value.join(', ') : '\u2013');
    const list = h('dl', {class: 'tree'});
    const sds = sigmasOf(Object.keys(value)), hidden = new Set(sds.values());
    for (const [key, item] of Object.entries(value).filter(([name]) => !hidden.has(name))) {
      const sd = value[sds.get(key)], words = sd > 0 && Number.isFinite(item) ? lctem.measured(item, sd) : tree(item);
      list.append(h('dt', {}, `${key.replace(/_/g, ' ')}:`), h('dd', {}, words));
    }
    return list;
  };
  lctem.tree = tree;

  const base = path => String(path || '').replace(/\/+$/, '').replace(/^.*\//, '');

  lctem.addTitle = () => {
    const run = lctem.json('run.json') || {}, input = run.input || {}, scale = run.scale || {},
          axis = lctem.axis;
    const name = base(input.path) || 'results';
    document.title = `${name} \u2013 lctem report`;
    document.getElementById('title').textContent = name;
    const facts = [];
    const last = axis.x[axis.x.length - 1] - axis.x[0];
    if (axis.x.length)
      facts.push(
        `${input.frames || axis.x.length} frames${axis.timed ? ` in ${lctem.format(last, 4)} s` : ''}`);
    if (input.width) facts.push(`${input.width} \u00d7 ${input.height} px`);
    facts.push(scale.pixel_size_nm ?
        `${lctem.format(scale.pixel_size_nm)} nm per pixel (from the ${scale.pixel_size_from})` :
        'no pixel size: areas are in px\u00b2');
    if (run.status) facts.push(run.status);
    if (run.started) facts.push(run.started.slice(0, 10));
    document.getElementById('subtitle').textContent = facts.join(' \u00b7 ');
  };

  lctem.addWarnings = () => {
    const run = lctem.json('run.json') || {}, words = [...(run.warnings || [])];
    if (run.status && run.status !== 'complete')
      words.unshift(`This run is ${run.status}${
        run.reason ? `: ${run.reason}` : ''}. The tables are whole up to the last finished frame.`);
    if (words.length === 0) return;
    lctem.section('warnings')
      .append(h('strong', {}, words.length === 1 ? 'A warning' : `${words.length} warnings`),
        h('ul', {}, ...words.map(text => h('li', {}, lctem.words(text)))));
  };

  lctem.addParticles = () => {
    const table = lctem.table('areas');
    if (!table || table.length === 0) return;
    const nm = table.filled('core_area_nm2'), unit = nm ? 'nm\u00b2' : 'px\u00b2', end = nm ? 'nm2' : 'px';
    const value = (i, part) => lctem.measured(table.number(`${part}_area_${end}`)[i],
      table.has(`${part}_area_sd_${end}`) ? table.number(`${part}_area_sd_${end}`)[i] : NaN);
    const body = h('tbody', {});
    for (const who of lctem.particlesOf(table)) {
      const rows = [];
      for (let i = 0; i < table.length; i++)
        if (table.text(i, 'particle') === who) rows.push(i);
      const a = rows[0], b = rows[rows.length - 1], flags = new Map();
      for (const i of rows)
        for (const flag of table.text(i, 'flags').split(';').filter(Boolean))
          flags.set(flag, (flags.get(flag) || 0) + 1);
      const when = i =>
        (lctem.axis.timed ? `${lctem.format(table.number('time_s')[i], 5)} s` : table.text(i, 'frame'));
      const show = i => h('button',
        {type: 'button', onclick: () => lctem.show(lctem.indexOfFrame(table.number('frame')[i]))}, when(i));
      body.append(h('tr', {},
        h('td', {}, h('span', {class: 'swatch', style: `border-color:${lctem.series(Number(who) - 1)}`}),
          who),
        h('td', {}, show(a)), h('td', {}, show(b)),
        h('td', {}, `${value(a, 'core')} \u2192 ${value(b, 'core')}`),
        h('td', {}, `${value(a, 'shell')} \u2192 ${value(b, 'shell')}`), h('td', {}, table.text(a, 'parent')),
        h('td', {}, [...flags].map(([flag, n]) => `${flag.replace(/_/g, ' ')} in ${n}`).join(', '))));
    }
    const heads = [
      'Particle', 'First seen', 'Last seen', `Core area (${unit})`, `Shell area (${unit})`, 'Came from',
      'Flags (frames)'
    ];
    lctem.section('particles')
      .append(h('div', {class: 'scroll'},
        h('table', {}, h('thead', {}, h('tr', {}, ...heads.map(word => h('th', {}, word)))), body)));
  };

  const isNumeric = (table, column) => {
    for (let i = 0; i < Math.min(table.length, 50); i++)
      if (Number.isNaN(Number(table.text(i, column)))) return false;
    return true;
  };

  /* The first rows of a table; `cell` gives the words of a number in a row and a column. */
  const firstRows = (table, columns, most, cell) => {
    const facts = columns.map(column => ({column, class: isNumeric(table, column) ? 'number' : null}));
    const row = i => facts.map(
      fact => h('td', {class: fact.class}, fact.class ? cell(i, fact.column) : table.text(i, fact.column)));
    return h('div', {class: 'scroll'},
      h('table', {},
        h('thead', {},
          h('tr', {},
            ...facts.map(fact => h('th',
              {class: fact.class, title: (table.describe(fact.column) || {}).description}, fact.column)))),
        h('tbody', {}, ...table.rows.slice(0, most).map((cells, i) => h('tr', {}, ...row(i))))));
  };

  /* as they are */
  const preview = (table, most) =>
    firstRows(table, table.columns, most, (i, column) => lctem.format(table.number(column)[i], 6));

  /* with each sigma beside its value: speed_sd_nm_per_s beside speed_nm_per_s */
  const measurements = (table, most) => {
    const sds = sigmasOf(table.columns), hidden = new Set(sds.values());
    const cell = (i, column) => {
      const value = table.number(column)[i], sd = sds.has(column) ? table.number(sds.get(column))[i] : NaN;
      if (sd > 0) return lctem.measured(value, sd);
      return Number.isInteger(value) ? String(value) : lctem.format(value, value >= 1000 ? 6 : 4);
    };
    return firstRows(table, table.columns.filter(column => !hidden.has(column)), most, cell);
  };
  lctem.measurements = measurements;

  lctem.addNumbers = () => {
    const wanted = ['mass_budget', 'rates', 'correlations', 'sensitivity', 'controls', 'dose_events'];
    const found = wanted.map(lctem.table).filter(table => table && table.length > 0);
    const notes = lctem.json('assumptions.json');
    if (found.length === 0 && !notes) return;
    const section = lctem.section('numbers');
    if (notes) {
      for (const key of ['anchor_discrepancy', 'charge', 'charge_meaning'])
        if (notes[key]) section.append(h('p', {}, lctem.words(notes[key])));
      section.append(
        h('details', {}, h('summary', {}, 'What volumes and concentrations rest on'), tree(notes)));
    }
    for (const table of found)
      section.append(h('details', {open: table.stem === 'rates' && table.length < 30},
        h('summary', {}, `${table.stem.replace(/_/g, ' ')}: ${(table.twin || {}).description || ''}`),
        measurements(table, 100)));
  };

  /* What the charts of a comparison show: a column of the film beside those of the model. */
  const COMPARED = [
    {id: 'core', title: 'core over its first value', band: true}, {id: 'shell', title: 'shell over its first value', band: true},
    {id: 'exposed', title: 'exposed share', unit: 'frac'}
  ];

  const comparedSeries = (table, rows, {id, band}) => {
    const column = name => {
      const values = table.has(name) ? table.number(name) : [];
      return rows.map(i => (values.length ? values[i] : NaN));
    };
    const end = band ? 'rel' : 'frac', model = band ? ', median' : ', mean';
    const series = [
      {label: 'film', y: column(`${id}_film_${end}`), sd: column(`${id}_film_sd_${end}`), colour: 0},
      {label: `model${model}`, y: column(`${id}_mc_${end}`), sd: null, colour: 1, dashed: true}
    ];
    if (band)
      for (const [side, word] of [['low', '5 %'], ['high', '95 %']])
        series.push({label: `model, ${word}`, y: column(`${id}_mc_${side}_rel`), sd: null, colour: 2, dashed: true});
    return series.filter(s => s.y.some(Number.isFinite));
  };

  /* One film of the table, chosen where there are several. */
  const addComparedFilm = (section, table) => {
    const films = table.distinct('film'), charts = [];
    const rowsOf = film => table.rows.map((row, i) => i).filter(i => table.text(i, 'film') === film);
    const dataOf = (film, what) => {
      const rows = rowsOf(film), time = table.number('time_s');
      return {x: rows.map(i => time[i]), series: comparedSeries(table, rows, what)};
    };
    if (films.length > 1) {
      const choice = h('select', {}, ...films.map(film => h('option', {value: film}, film)));
      choice.addEventListener('change', () => charts.forEach(({chart, what}) => chart.replace(dataOf(choice.value, what))));
      section.append(h('p', {}, h('label', {}, 'Film: ', choice)));
    }
    for (const what of COMPARED) {
      const data = dataOf(films[0], what);
      if (data.series.length < 2) continue;
      const chart =
        lctem.addChart(section, {id: `compare_${what.id}`, title: what.title, unit: what.unit || '', table: 'compare', strange: true, ...data});
      charts.push({chart, what});
    }
  };

  const pValue = p => (p === null ? 'nothing to test' : p < 0.001 ? '< 0.001' : lctem.format(p, 2));
  const testTable = tests => h('div', {class: 'scroll'},
    h('table', {},
      h('thead', {},
        h('tr', {}, ...['Test', 'p', 'Statistic', 'Films', 'Replicas', 'What it shows', 'What it does not'].map(
          (word, i) => h('th', {class: i > 0 && i < 5 ? 'number' : null}, word)))),
      h('tbody', {}, ...tests.map(test => h('tr', {}, h('td', {}, test.name), h('td', {class: 'number'}, pValue(test.p)),
        h('td', {class: 'number'}, test.statistic === null ? '' : lctem.format(test.statistic, 3)),
        h('td', {class: 'number'}, String(test.films)), h('td', {class: 'number'}, String(test.replicas)), h('td', {}, test.shows),
        h('td', {}, test.does_not_show))))));

  lctem.addCompare = () => {
    const table = lctem.table('compare'), facts = lctem.json('compare.json') || (table && table.twin);
    if (!table && !facts) return;
    const section = lctem.section('compare');
    const step = facts && facts.seconds_per_step;
    if (step && Number.isFinite(step.value))
      section.append(h('p', {},
        `A step of the model is ${lctem.format(step.value, 4)} s (${lctem.format(step.low_95, 4)} to ${lctem.format(step.high_95, 4)}, 95 %), ` +
          `from the growth alone. A site is ${lctem.format(facts.nm_per_site, 4)} nm if the cores are as large.`));
    if (table && table.filled('time_s')) addComparedFilm(section, table);
    if (facts && Array.isArray(facts.tests)) section.append(testTable(facts.tests));
    if (facts) {
      const {columns, ...numbers} = facts;
      section.append(h('details', {}, h('summary', {}, 'All numbers of the comparison'), tree(numbers)));
    }
  };

  lctem.addPlots = () => {
    const pictures = [...lctem.pictures].filter(([name]) => !/spectrum/.test(name));
    if (pictures.length === 0) return;
    const figures = h('div', {class: 'figures'});
    for (const [name, blob] of pictures)
      figures.append(
        h('figure', {}, h('img', {src: URL.createObjectURL(blob), alt: `plot ${name}`, loading: 'lazy'}),
          h('figcaption', {},
            `${name}; to restyle it, change ${name.replace(/svg$/, 'gp')} and run gnuplot in plots/`)));
    const box = h('details', {open: typeof Dygraph === 'undefined'},
      h('summary', {}, 'As made by gnuplot, ready for a paper'), figures);
    lctem.section('plots').append(box);
  };

  const save = (name, text, type) => {
    const link = h('a', {href: URL.createObjectURL(new Blob([text], {type})), download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const size = bytes =>
    (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`);
  const asText =
    table => [table.columns, ...table.rows]
               .map(
                 row =>
                   row.map(cell => (/[",\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell)).join(','))
               .join('\n') +
    '\n';

  const columnsOf = table => h('table', {},
    h('tbody', {},
      ...((table.twin || {}).columns || [])
        .map(column => h('tr', {}, h('td', {}, column.name), h('td', {}, column.unit),
               h('td', {}, column.description)))));

  lctem.addTables = () => {
    const body = h('tbody', {});
    for (const table of lctem.tables.values()) {
      const get = table.every > 1 ?
        h('a', {href: table.name, title: 'too long to be part of this file: it lies beside it'},
          `${table.name} (beside this file)`) :
        h('button', {type: 'button', onclick: () => save(table.name, asText(table), 'text/csv')}, table.name);
      const details =
        h('details', {class: 'preview'}, h('summary', {}, (table.twin || {}).description || 'look'));
      details.addEventListener(
        'toggle', () => details.append(columnsOf(table), preview(table, 50)), {once: true});
      body.append(h('tr', {}, h('td', {}, get), h('td', {class: 'number'}, size(table.bytes)),
        h('td', {class: 'number'}, table.every > 1 ? '' : String(table.length)), h('td', {}, details)));
    }
    for (const [name, text] of lctem.documents)
      body.append(h('tr', {},
        h('td', {}, h('button', {type: 'button', onclick: () => save(name, text, 'text/plain')}, name)),
        h('td', {class: 'number'}, size(text.length)), h('td', {}),
        h('td', {}, h('details', {class: 'preview'}, h('summary', {}, 'look'), h('pre', {}, text)))));
    lctem.section('tables').append(
      h('p', {}, 'Each can be saved from here. An empty cell means: not measured.'),
      h('div', {class: 'scroll'},
        h('table', {},
          h('thead', {},
            h('tr', {}, ...['File', 'Size', 'Rows', 'What it is'].map(word => h('th', {}, word)))),
          body)));
  };

  lctem.addProvenance = () => {
    const run = lctem.json('run.json');
    if (!run) return;
    const {warnings, recipe, files, ...rest} = run;
    const section = lctem.section('provenance');
    if (run.command) section.append(h('pre', {}, run.command));
    section.append(tree(rest));
    if (recipe) section.append(h('details', {}, h('summary', {}, 'The whole recipe'), tree(recipe)));
  };
})();
