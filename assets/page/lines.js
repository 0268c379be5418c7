// The chosen head as lines from queries (left) to keys (right): the fewest keys that hold a share of each row.
const kLineRow = 18;
let linesTop = 0;

// Keys of a row by size, as far as they are needed for that share of it. Without the first key, unless it is asked for.
function lineKeys(values, query, share) {
  const mask = maskOf(state.head), row = [];
  let total = 0;
  for (let key = mask.begin[query]; key < mask.end[query]; ++key) {
    const size = Math.abs(values[query * numKeys + key]);
    total += size;
    if (size > 0 && (key > 0 || $('line-first').checked)) row.push(key);
  }
  row.sort((a, b) => Math.abs(values[query * numKeys + b]) - Math.abs(values[query * numKeys + a]));
  const out = [];
  let sum = 0;
  for (const key of row) {
    if (sum >= share * total || out.length >= 64) break;
    out.push(key);
    sum += Math.abs(values[query * numKeys + key]);
  }
  return out;
}

function drawLines() {
  const box = $('lines'), canvas = $('lines-canvas'), ratio = devicePixelRatio || 1;
  const width = box.clientWidth, height = box.clientHeight;
  if (!width || !height) return;
  $('lines-size').style.height = Math.max(0, Math.max(numQueries, numKeys) * kLineRow + 26 - height) + height + 'px';
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = width + 'px';
  canvas.style.height = height + 'px';
  const context = canvas.getContext('2d'), values = valuesOf(state.head, redrawAll);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  if (!values) return;
  linesTop = box.scrollTop;
  const column = clamp(width * 0.3, 80, 190), left = column + 6, right = width - column - 6;
  const y = i => 26 + (i + 0.5) * kLineRow - linesTop;
  const share = Number($('line-share').value) / 100, chosen = shownQuery();
  const first = Math.max(0, Math.floor((linesTop - 26) / kLineRow)), last = Math.min(numQueries, first + Math.ceil(height / kLineRow) + 1);
  const drawRow = (query, is_chosen) => {
    const scale = heads[state.head].scale;
    for (const key of lineKeys(values, query, share)) {
      const value = values[query * numKeys + key], size = Math.abs(value) / scale;
      context.globalAlpha = is_chosen ? 0.35 + 0.65 * size ** 0.6 : 0.06 + 0.34 * size;
      context.lineWidth = is_chosen ? 1 + 4 * size : 0.75 + 1.5 * size;
      context.strokeStyle = is_chosen ? styleOf('--accent') : value < 0 ? '#b5487f' : styleOf('--second');
      context.beginPath();
      context.moveTo(left, y(query));
      context.bezierCurveTo((left + right) / 2, y(query), (left + right) / 2, y(key), right, y(key));
      context.stroke();
    }
  };
  context.save();
  context.beginPath();
  context.rect(0, 22, width, height);
  context.clip();
  for (let query = first; query < last; ++query) if (query !== chosen) drawRow(query, false);
  drawRow(chosen, true);
  context.globalAlpha = 1;
  context.font = '12px Inter, system-ui, "Noto Sans", sans-serif';
  context.textBaseline = 'middle';
  const label = (tokens, i, x, align, is_query) => {
    const value = values[chosen * numKeys + i], end = colourEnd(values), is_seen = !is_query && mayask(state.head, chosen, i);
    context.textAlign = align;
    if (is_seen && value !== 0) {
      context.fillStyle = colourOf(value, end);
      context.fillRect(right, y(i) - kLineRow / 2 + 1, column, kLineRow - 2);
    }
    context.fillStyle = is_query && i === chosen ? styleOf('--accent')
      : is_seen && value !== 0 ? inkOn(value, end) : styleOf('--text');
    context.fillText(is_query ? `\u2068${shorter(tokens[i], 20)}\u2069 ${i}` : `${i} \u2068${shorter(tokens[i], 20)}\u2069`, x, y(i), column - 8);
  };
  for (let i = first; i < last; ++i) label(queries, i, left - 6, 'right', true);
  const lastKey = Math.min(numKeys, first + Math.ceil(height / kLineRow) + 1);
  for (let i = first; i < lastKey; ++i) label(keys, i, right + 6, 'left', false);
  context.restore();
  context.font = '11px Inter, system-ui, sans-serif';
  context.fillStyle = styleOf('--dim');
  context.textAlign = 'right';
  context.fillText('query (from)', left - 6, 11);
  context.textAlign = 'left';
  context.fillText('key (to)', right + 6, 11);
}

function bringLineIntoSight() {
  const box = $('lines'), y = 26 + state.query * kLineRow;
  if (y < box.scrollTop || y + kLineRow > box.scrollTop + box.clientHeight) box.scrollTop = y - box.clientHeight / 2;
}

// {query} at the left, {key} at the right, else null.
function lineAt(event) {
  const box = $('lines').getBoundingClientRect();
  const i = Math.floor((event.clientY - box.top + $('lines').scrollTop - 26) / kLineRow);
  const is_left = event.clientX < box.left + box.width / 2;
  if (i < 0 || i >= (is_left ? numQueries : numKeys)) return null;
  return is_left ? {query: i} : {key: i};
}

function handleLines() {
  $('lines').addEventListener('scroll', () => drawLines());
  $('lines').addEventListener('pointermove', event => {
    const at = lineAt(event);
    const next = !at ? null : at.query !== undefined ? {query: at.query, key: -1} : {query: state.query, key: at.key};
    const now = state.hover;
    if (!next ? now : !now || next.query !== now.query || next.key !== now.key) change({hover: next});
    placeTip(event, next && next.key >= 0 ? next : null);
  });
  $('lines').addEventListener('click', event => {
    const at = lineAt(event);
    if (at) change(at);
  });
  $('line-share').addEventListener('input', redrawAll);
  $('line-first').addEventListener('change', redrawAll);
}

// Where heads rest on the first token its lines say nothing else.
async function askAboutFirst() {
  const values = await load(state.head);
  let sum = 0;
  for (let query = 1; query < numQueries; ++query) sum += Math.abs(values[query * numKeys]);
  $('line-first').checked = !isShare || sum < 0.3 * numQueries;
  redrawAll();
}
