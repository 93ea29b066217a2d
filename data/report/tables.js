'use strict';
/* What is embedded: tables, documents, pictures. Everything else reads them through `lctem`. */
const lctem = {
  tables: new Map(),
  documents: new Map(),
  pictures: new Map(),
  charts: []
};

(() => {
  const element = (tag, attributes, ...children) => {
    const node = attributes && attributes.svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) :
                                                document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === 'svg' || value === undefined || value === null || value === false) continue;
      if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
      else if (key === 'style') node.style.cssText = value;
      else node.setAttribute(key, value === true ? '' : value);
    }
    node.append(...children.filter(child => child !== null && child !== undefined));
    return node;
  };

  const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));

  const unzip = async bytes =>
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')));

  const cellsOf = line => {
    const cells = [];
    let cell = '', quoted = false;
    for (let i = 0; i < line.length; i++) {
      const c = line[i];
      if (quoted && c === '"' && line[i + 1] === '"') {
        cell += '"';
        i++;
      } else if (c === '"') quoted = !quoted;
      else if (c === ',' && !quoted) {
        cells.push(cell);
        cell = '';
      } else cell += c;
    }
    cells.push(cell);
    return cells;
  };

  class Table {
    constructor(name, text, facts) {
      Object.assign(this, facts, {name, stem: name.replace(/\.csv$/, ''), numbers: new Map()});
      const lines = text.split(/\r?\n/);
      if (lines[lines.length - 1] === '') lines.pop();
      const plain = !text.includes('"');
      this.columns = lines.length ? cellsOf(lines[0]) : [];
      this.rows = lines.slice(1).map(line => (plain ? line.split(',') : cellsOf(line)));
      this.place = new Map(this.columns.map((column, i) => [column, i]));
    }
    get length() { return this.rows.length; }
    has(column) { return this.place.has(column); }
    text(row, column) {
      const place = this.place.get(column);
      return place === undefined ? '' : this.rows[row][place] || '';
    }
    /* a column as numbers; NaN: empty */
    number(column) {
      if (!this.numbers.has(column)) {
        const out = new Float64Array(this.length);
        for (let i = 0; i < this.length; i++) {
          const text = this.text(i, column);
          out[i] = text === '' ? NaN : Number(text);
        }
        this.numbers.set(column, out);
      }
      return this.numbers.get(column);
    }
    /* is there a number in it? */
    filled(column) { return this.has(column) && this.number(column).some(Number.isFinite); }
    distinct(column) {
      const seen = new Set();
      for (let i = 0; i < this.length; i++) seen.add(this.text(i, column));
      return [...seen];
    }
    describe(column) { return this.twin && (this.twin.columns || []).find(entry => entry.name === column); }
  }

  const readTables = async () => {
    for (const script of document.querySelectorAll('script[data-table]')) {
      const name = script.dataset.table;
      const zipped = bytesOf(script.textContent);
      const twin =
        [...document.querySelectorAll('script[data-twin]')].find(node => node.dataset.twin === name);
      const facts = {bytes: Number(script.dataset.bytes), every: Number(script.dataset.every)};
      try {
        facts.twin = twin ? JSON.parse(twin.textContent) : null;
      } catch (fault) { facts.twin = null; }
      const table = new Table(name, await (await unzip(zipped)).text(), facts);
      lctem.tables.set(table.stem, table);
    }
  };

  const readDocuments = () => {
    for (const node of document.querySelectorAll('[data-document]')) {
      const text = node.content ? node.content.textContent : node.textContent;
      lctem.documents.set(node.dataset.document, text);
    }
  };

  const readPictures = async () => {
    for (const node of document.querySelectorAll('script[data-picture]')) {
      const type = node.dataset.picture.endsWith('.svg') ? 'image/svg+xml' : 'image/png';
      const bytes = await (await unzip(bytesOf(node.textContent))).arrayBuffer();
      lctem.pictures.set(node.dataset.picture, new Blob([bytes], {type}));
    }
  };

  lctem.read = async () => {
    readDocuments();
    await readTables();
    await readPictures();
  };
  lctem.json = name => {
    try {
      return JSON.parse(lctem.documents.get(name) || 'null');
    } catch (fault) { return null; }
  };
  lctem.table = stem => lctem.tables.get(stem);
  lctem.element = element;
  lctem.vector = (tag, attributes, ...children) => element(tag, {...attributes, svg: true}, ...children);
  lctem.bytesOf = bytesOf;

  lctem.format = (value, digits = 4) => {
    if (!Number.isFinite(value)) return '';
    const text = Number(value.toPrecision(digits));
    return Math.abs(text) >= 1e6 || (text !== 0 && Math.abs(text) < 1e-3) ? text.toExponential() :
                                                                            String(text);
  };
  /* value and sigma, the sigma with two digits and the value with as many places */
  lctem.measured = (value, sd) => {
    if (!Number.isFinite(value)) return '';
    if (!(sd > 0)) return lctem.format(value);
    const places = Math.max(0, 1 - Math.floor(Math.log10(Number(sd.toPrecision(2)))));
    if (places > 7) return `${lctem.format(value, 7)} \u00b1 ${sd.toExponential(1)}`;
    return `${value.toFixed(places)} \u00b1 ${sd.toFixed(places)}`;
  };
  /* the value alone, with as many places */
  lctem.rounded = (value, sd) => lctem.measured(value, sd).split(' \u00b1')[0];
  /* sentences of lctem's own are plain ASCII in the files */
  lctem.words = text => text.replace(/\+-/g, '\u00b1');
  lctem.section = id => {
    const section = document.getElementById(id);
    section.hidden = false;
    return section;
  };
})();
