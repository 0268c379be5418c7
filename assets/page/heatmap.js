// The chosen head as a matrix: a canvas of cells, one over it for what is pointed at, labels thinned to what fits.
let area = {query: 0, key: 0, queries: numQueries, keys: numKeys};  // in sight, in cells
let plot = null;  // where it lies, in CSS pixels: {left, top, width, height, cell_w, cell_h}
let shades = {};  // of one head's values

const isZoomed = () => area.queries < numQueries || area.keys < numKeys;

// Shades of a head, made once; 0 to 255.
function shadesOf(values) {
  const scale = colourEnd(values);
  if (shades.of === values && shades.gamma === state.gamma && shades.scale === scale) return shades.values;
  const out = new Uint8Array(values.length);
  for (let i = 0; i < out.length; ++i) out[i] = shadeOf(values[i], scale);
  shades = {of: values, gamma: state.gamma, scale, values: out};
  return out;
}

function layOut() {
  const box = $('picture').getBoundingClientRect(), ratio = devicePixelRatio || 1;
  const left = clamp(box.width * 0.17, 62, 104), top = 66;
  const width = Math.max(40, box.width - left - 26), height = Math.max(40, box.height - top - 4);
  let cell = Math.min(width / area.keys, height / area.queries, 44) * ratio;
  if (cell >= 3) cell = Math.floor(cell);  // cells of one size
  cell /= ratio;
  plot = {left, top, cell, width: Math.floor(cell * area.keys * ratio) / ratio,
    height: Math.floor(cell * area.queries * ratio) / ratio, box_width: box.width, box_height: box.height, ratio};
}

function sizeCanvas(canvas) {
  const width = Math.round(plot.box_width * plot.ratio), height = Math.round(plot.box_height * plot.ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = plot.box_width + 'px';
    canvas.style.height = plot.box_height + 'px';
  }
  const context = canvas.getContext('2d');
  context.setTransform(plot.ratio, 0, 0, plot.ratio, 0, 0);
  context.clearRect(0, 0, plot.box_width, plot.box_height);
  return context;
}

// First cell of every pixel and, last, the end.
function edges(pixels, first, count) {
  const out = new Int32Array(pixels + 1);
  for (let i = 0; i <= pixels; ++i) out[i] = first + Math.floor(i * count / pixels + 1e-9);
  return out;
}

function cellImage(values) {
  const shade = shadesOf(values), mask = maskOf(state.head), table = tableNow();
  const nothing = abgrOf(styleOf('--void')), rest = abgrOf(styleOf('--line'));
  const width = Math.max(1, Math.round(plot.width * plot.ratio)), height = Math.max(1, Math.round(plot.height * plot.ratio));
  const image = new ImageData(width, height), pixels = new Uint32Array(image.data.buffer);
  const columns = edges(width, area.key, area.keys), rows = edges(height, area.query, area.queries);
  const resting = new Uint8Array(numQueries);
  if (data.weights === 'no-sink') for (let query = 0; query < numQueries; ++query) resting[query] = isResting(values, query);
  const away = isSigned ? s => Math.abs(s - 128) : s => s;
  for (let y = 0, at = 0; y < height; ++y) {
    const query = rows[y], last = Math.max(query + 1, rows[y + 1]);
    for (let x = 0; x < width; ++x, ++at) {
      const key = columns[x], lastKey = Math.max(key + 1, columns[x + 1]);
      let best = -1;
      for (let q = query; q < last; ++q) {
        const begin = Math.max(key, mask.begin[q]), end = Math.min(lastKey, mask.end[q]);
        for (let k = begin; k < end; ++k)
          if (best < 0 || away(shade[q * numKeys + k]) > away(best)) best = shade[q * numKeys + k];
      }
      const is_out = resting[query] || data.sink_keys.includes(key);
      pixels[at] = best < 0 ? nothing : is_out && (x + y) % 6 < 2 ? rest : table[best];
    }
  }
  return image;
}

// Labels at least `room` pixels apart, the chosen one always.
function labelled(first, count, cell, room, chosen) {
  const step = Math.max(1, Math.ceil(room / cell)), out = [];
  for (let i = Math.ceil(first / step) * step; i < first + count; i += step)
    if (chosen < 0 || Math.abs(i - chosen) * cell >= room || i === chosen) out.push(i);
  if (chosen >= first && chosen < first + count && !out.includes(chosen)) out.push(chosen);
  return out;
}

function drawLabels(context) {
  const text = styleOf('--text'), dim = styleOf('--dim'), accent = styleOf('--accent'), second = styleOf('--second');
  context.font = '11px Inter, system-ui, "Noto Sans", sans-serif';
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const query = shownQuery(), key = state.hover && state.hover.key >= 0 ? state.hover.key : state.key;
  for (const i of labelled(area.query, area.queries, plot.cell, 13, query)) {
    context.fillStyle = i === query ? accent : text;
    const y = plot.top + (i - area.query + 0.5) * plot.cell;
    context.fillText('\u2068' + shorter(queries[i], 10) + '\u2069 ' + i, plot.left - 5, y, plot.left - 8);
  }
  context.textAlign = 'left';
  for (const i of labelled(area.key, area.keys, plot.cell, 15, key)) {
    context.save();
    context.translate(plot.left + (i - area.key + 0.5) * plot.cell, plot.top - 5);
    context.rotate(-55 * Math.PI / 180);
    context.fillStyle = i === key ? second : text;
    context.fillText(i + ' \u2068' + shorter(keys[i], 10) + '\u2069', 0, 0, 70);
    context.restore();
  }
  context.fillStyle = dim;
  context.fillText('key (to) →', 2, 9);
  context.fillText('query (from) ↓', 2, 23);
}

function drawNumbers(context, values) {
  if (plot.cell < 26 || !isShare) return;
  context.font = '10px Inter, system-ui, sans-serif';
  context.textAlign = 'center';
  for (let q = area.query; q < area.query + area.queries; ++q)
    for (let k = area.key; k < area.key + area.keys; ++k) {
      const value = values[q * numKeys + k];
      if (value < 0.1) continue;
      context.fillStyle = inkOn(value, colourEnd(values));
      context.fillText((100 * value).toFixed(0), plot.left + (k - area.key + 0.5) * plot.cell,
        plot.top + (q - area.query + 0.5) * plot.cell);
    }
}

function drawMatrix() {
  layOut();
  const context = sizeCanvas($('matrix')), values = valuesOf(state.head, redrawAll);
  $('picture').classList.toggle('zoomed', isZoomed());
  drawLabels(context);
  if (!values) {
    context.fillStyle = styleOf('--void');
    context.fillRect(plot.left, plot.top, plot.width, plot.height);
    return;
  }
  context.putImageData(cellImage(values), Math.round(plot.left * plot.ratio), Math.round(plot.top * plot.ratio));
  drawNumbers(context, values);
}

function drawPointer() {
  if (!plot) return;
  const context = sizeCanvas($('pointer')), query = shownQuery(), mask = maskOf(state.head);
  const key = state.hover && state.hover.key >= 0 ? state.hover.key : state.key;
  context.save();
  context.beginPath();
  context.rect(plot.left - 2, plot.top - 2, plot.width + 4, plot.height + 4);
  context.clip();
  const x = k => plot.left + (k - area.key) * plot.cell, y = q => plot.top + (q - area.query) * plot.cell;
  context.lineWidth = 1.5;
  context.strokeStyle = styleOf('--accent');
  context.strokeRect(x(mask.begin[query]) - 0.75, y(query) - 0.75, (mask.end[query] - mask.begin[query]) * plot.cell + 1.5, plot.cell + 1.5);
  if (key >= 0) {
    context.strokeStyle = styleOf('--second');
    context.strokeRect(x(key) - 0.75, y(query) - 0.75, plot.cell + 1.5, plot.cell + 1.5);
    context.globalAlpha = 0.5;
    context.strokeRect(x(key) - 0.75, plot.top, plot.cell + 1.5, plot.height);
  }
  context.restore();
}

// The cell under a point of the window; null outside.
function cellAt(event) {
  if (!plot) return null;
  const box = $('picture').getBoundingClientRect();
  const x = event.clientX - box.left - plot.left, y = event.clientY - box.top - plot.top;
  if (x < 0 || y < 0 || x >= plot.width || y >= plot.height) return null;
  return {query: clamp(area.query + Math.floor(y / plot.cell), 0, numQueries - 1),
    key: clamp(area.key + Math.floor(x / plot.cell), 0, numKeys - 1)};
}

// Middle of a cell, in the window.
function middleOf(query, key) {
  const box = $('picture').getBoundingClientRect();
  return [box.left + plot.left + (key - area.key + 0.5) * plot.cell, box.top + plot.top + (query - area.query + 0.5) * plot.cell];
}

function look(query, key, count_queries, count_keys) {
  const queriesSeen = clamp(Math.round(count_queries), Math.min(4, numQueries), numQueries);
  const keysSeen = clamp(Math.round(count_keys), Math.min(4, numKeys), numKeys);
  area = {queries: queriesSeen, keys: keysSeen, query: clamp(Math.round(query), 0, numQueries - queriesSeen),
    key: clamp(Math.round(key), 0, numKeys - keysSeen)};
  redrawAll();
}

// Zooms around a cell, which stays where it is.
function zoom(factor, at) {
  const cell = at || {query: state.query, key: state.key >= 0 ? state.key : Math.min(state.query, numKeys - 1)};
  const f = 1 / factor;
  look(cell.query + 0.5 - (cell.query + 0.5 - area.query) * f, cell.key + 0.5 - (cell.key + 0.5 - area.key) * f,
    area.queries * f, area.keys * f);
}
const fit = () => look(0, 0, numQueries, numKeys);

// What is chosen comes into sight.
function bringIntoSight() {
  const query = state.query < area.query || state.query >= area.query + area.queries ? state.query - area.queries / 2 : area.query;
  const key = state.key >= 0 && (state.key < area.key || state.key >= area.key + area.keys) ? state.key - area.keys / 2 : area.key;
  if (query !== area.query || key !== area.key) look(query, key, area.queries, area.keys);
}

function handleMatrix() {
  const picture = $('picture');
  let held = null;
  picture.addEventListener('pointerdown', event => {
    if (state.form !== 'matrix') return;
    held = {x: event.clientX, y: event.clientY, area: {...area}, moved: false};
  });
  picture.addEventListener('pointermove', event => {
    if (state.form !== 'matrix') return;
    if (held && event.buttons && isZoomed() && Math.hypot(event.clientX - held.x, event.clientY - held.y) > 4) {
      held.moved = true;
      look(held.area.query - (event.clientY - held.y) / plot.cell, held.area.key - (event.clientX - held.x) / plot.cell,
        area.queries, area.keys);
      return;
    }
    const cell = cellAt(event), now = state.hover;
    if (!cell ? now : !now || cell.query !== now.query || cell.key !== now.key) change({hover: cell});
    placeTip(event, cell);
  });
  picture.addEventListener('pointerleave', () => { held = null; change({hover: null}); placeTip(null); });
  picture.addEventListener('click', event => {
    if (state.form !== 'matrix') return;
    const cell = cellAt(event);
    if (cell && !(held && held.moved)) change({query: cell.query, key: cell.key});
    held = null;
  });
  picture.addEventListener('wheel', event => {
    if (state.form !== 'matrix' || !(event.ctrlKey || event.metaKey || isZoomed())) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) zoom(event.deltaY < 0 ? 1.25 : 0.8, cellAt(event));
    else look(area.query + event.deltaY / plot.cell, area.key + event.deltaX / plot.cell, area.queries, area.keys);
  }, {passive: false});
  new ResizeObserver(redrawAll).observe(picture);
}
