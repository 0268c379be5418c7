// All heads: thumbnails, marks of patterns, labels; one tab stop, arrows move.
const kThumbnail = Math.min(48, Math.max(numQueries, numKeys));
const thumbnails = new Array(heads.length);  // largest values of the tiles [rows, columns]
const headButtons = new Array(heads.length);
const tileOfKey = Uint16Array.from(keys, (token, key) => Math.floor(key * Math.min(kThumbnail, numKeys) / numKeys));
const thumbRows = Math.min(kThumbnail, numQueries), thumbColumns = Math.min(kThumbnail, numKeys);

function bestTags(i) {
  return heads[i].tags.filter(tag => tag[4]).sort((a, b) => b[1] - a[1]);
}

function headTitle(i) {
  const tags = bestTags(i).map(tag => `${data.detectors[tag[0]].label} ${number(tag[1])}`);
  return `Layer ${heads[i].layer}, head ${heads[i].head}` + (tags.length ? ': ' + tags.join(', ') : '');
}

function buildGrid() {
  const layers = [...new Set(heads.map(head => head.layer).concat(data.absent_layers))].sort((a, b) => a - b);
  const columns = [...new Set(heads.map(head => head.head))].sort((a, b) => a - b);
  const names = make('div', {class: 'layer names', role: 'row'}, make('span', {role: 'columnheader'}, ''));
  for (const column of columns) names.append(make('b', {role: 'columnheader'}, 'H' + column));
  $('heads').append(names);
  for (const layer of layers) {
    const row = make('div', {class: 'layer', role: 'row'}, make('span', {role: 'rowheader'}, 'L' + layer));
    $('heads').append(row);
    if (data.absent_layers.includes(layer)) {
      row.append(make('i', {class: 'soft', role: 'gridcell'}, 'no softmax attention'));
      continue;
    }
    for (const column of columns) {
      const i = headOf.get(layer + '.' + column);
      if (i === undefined) {
        row.append(make('span', {class: 'head none', role: 'presentation'}));
        continue;
      }
      const button = make('button', {class: 'head', type: 'button', role: 'gridcell', tabindex: '-1', title: headTitle(i),
        'aria-label': headTitle(i)}, make('canvas', {width: thumbColumns, height: thumbRows}));
      const marks = make('span', {class: 'marks'});
      for (const tag of bestTags(i).slice(0, 2)) marks.append(mark(tag[0]));
      button.append(marks);
      button.addEventListener('click', () => change({head: i}));
      headButtons[i] = button;
      row.append(button);
    }
  }
  say('heads-context', `${heads.length} of ${data.layers * data.heads_per_layer}` + (isShare ? '' : ', each on its own scale'));
  new ResizeObserver(sizeGrid).observe($('heads'));
  buildLegend();
}

function sizeGrid() {
  const columns = new Set(heads.map(head => head.head)).size;
  const size = clamp(Math.floor(($('heads').clientWidth - 34) / columns) - 2, 22, 72);
  $('heads').style.setProperty('--size', size + 'px');
  $('heads').classList.toggle('small', size < 40);
}

// Patterns that some head shows; a click leaves those heads bright.
function buildLegend() {
  const counts = new Map();
  for (let i = 0; i < heads.length; ++i)
    for (const tag of bestTags(i)) counts.set(tag[0], (counts.get(tag[0]) || 0) + 1);
  for (const [tag, count] of [...counts].sort((a, b) => b[1] - a[1])) {
    const button = make('button', {type: 'button', 'aria-pressed': 'false', title: data.detectors[tag].help},
      mark(tag), `${data.detectors[tag].label} ${count}`);
    button.addEventListener('click', () => change({tag: state.tag === tag ? -1 : tag}));
    button.dataset.tag = tag;
    $('legend').append(button);
  }
}

// The largest value of every tile, farthest from zero.
function pooled(i, values) {
  const out = new Float32Array(thumbRows * thumbColumns), mask = maskOf(i);
  for (let query = 0; query < numQueries; ++query) {
    const row = Math.floor(query * thumbRows / numQueries) * thumbColumns, end = query * numKeys + mask.end[query];
    for (let cell = query * numKeys + mask.begin[query], key = mask.begin[query]; cell < end; ++cell, ++key) {
      const tile = row + tileOfKey[key];
      if (Math.abs(values[cell]) > Math.abs(out[tile])) out[tile] = values[cell];
    }
  }
  return out;
}

function isTileVoid(i, row, column) {
  const mask = maskOf(i), last = Math.ceil((row + 1) * numQueries / thumbRows);
  const key = Math.floor(column * numKeys / thumbColumns), lastKey = Math.ceil((column + 1) * numKeys / thumbColumns);
  for (let query = Math.floor(row * numQueries / thumbRows); query < last; ++query)
    if (mask.begin[query] < lastKey && mask.end[query] > key) return false;
  return true;
}

function drawThumbnail(i) {
  const values = thumbnails[i];
  if (!values) return;
  const image = new ImageData(thumbColumns, thumbRows), pixels = new Uint32Array(image.data.buffer);
  const table = tableNow(), nothing = abgrOf(styleOf('--void'));
  for (let row = 0, at = 0; row < thumbRows; ++row)
    for (let column = 0; column < thumbColumns; ++column, ++at)
      pixels[at] = values[at] === 0 && isTileVoid(i, row, column) ? nothing : table[shadeOf(values[at], heads[i].scale)];
  headButtons[i].firstChild.getContext('2d').putImageData(image, 0, 0);
}

// One head after the other, so that the page stays quick meanwhile.
async function makeThumbnails() {
  for (let i = 0; i < heads.length; ++i) {
    if (!thumbnails[i]) {
      thumbnails[i] = pooled(i, kept.get(i) || await decodeHead(i));
      drawThumbnail(i);
    }
    if (i % 4 === 3) await new Promise(next => setTimeout(next));
  }
  document.documentElement.dataset.ready = 'all';
}

function drawGrid(names) {
  if (names.has('head') || names.has('drawn')) {
    for (const button of headButtons) {
      const is_chosen = button === headButtons[state.head];
      button.setAttribute('aria-selected', is_chosen);
      button.tabIndex = is_chosen ? 0 : -1;
    }
    if (names.has('head') || state.drawn === 1) scrollInside($('heads'), headButtons[state.head], 24);
  }
  if (names.has('tag')) {
    headButtons.forEach((button, i) =>
      button.classList.toggle('faint', state.tag >= 0 && !bestTags(i).some(tag => tag[0] === state.tag)));
    for (const button of $('legend').children) button.setAttribute('aria-pressed', Number(button.dataset.tag) === state.tag);
  }
  if (names.has('theme') || names.has('gamma')) heads.forEach((head, i) => drawThumbnail(i));
}

// The head beside or below; in a grid with gaps the nearest one that is there.
function moveHead(layers, columns) {
  if (columns) return change({head: clamp(state.head + columns, 0, heads.length - 1)});
  const now = heads[state.head], step = Math.sign(layers);
  let best = -1;
  heads.forEach((head, i) => {
    const away = (head.layer - now.layer) * step;
    if (away <= 0) return;
    const cost = j => (heads[j].layer - now.layer) * step * 10000 + Math.abs(heads[j].head - now.head);
    if (best < 0 || cost(i) < cost(best)) best = i;
  });
  if (best >= 0) change({head: best});
}
