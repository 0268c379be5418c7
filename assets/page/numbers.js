// What is said in numbers: top keys, predictions, patterns, metrics, and how all of it was measured.
const kTopKeys = 8;
const meter = (share, tick) => {
  const out = make('span', {class: 'meter', 'aria-hidden': 'true'}), fill = make('i');
  fill.style.width = 100 * clamp(share, 0, 1) + '%';
  out.append(fill);
  if (tick !== null && tick !== undefined) {
    const line = make('b');
    line.style.left = 100 * clamp(tick, 0, 1) + '%';
    out.append(line);
  }
  return out;
};
const numberRow = (name, bar, text, tag, title) => make(tag, {class: 'number', title, ...(tag === 'button' ? {type: 'button'} : {})},
  make('span', {class: 'name', dir: 'auto'}, name), bar, make('span', {}, text));

function drawKeys() {
  const values = valuesOf(state.head, redrawAll);
  if (!values) return;
  const query = shownQuery(), mask = maskOf(state.head), row = [];
  let total = 0;
  for (let key = mask.begin[query]; key < mask.end[query]; ++key) {
    const value = values[query * numKeys + key];
    total += value;
    if (value !== 0) row.push([key, value]);
  }
  row.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]) || a[0] - b[0]);
  const top = row.slice(0, kTopKeys), largest = top.length ? Math.abs(top[0][1]) : 1;
  say('keys-context', `of ${queryWords(query)}`);
  $('keys').replaceChildren(...top.map(([key, value]) => {
    const button = numberRow(`${keys[key]} (${key})`, meter(isShare ? value : Math.abs(value) / largest), valueWords(value), 'button',
      sentence(state.head, values, query, key));
    button.addEventListener('click', () => change({query, key, hover: null}));
    return make('li', {}, button);
  }));
  const rest = row.slice(kTopKeys).reduce((sum, one) => sum + one[1], 0);
  if (row.length > kTopKeys)
    $('keys').append(make('li', {class: 'soft'}, `${row.length - kTopKeys} others: ${valueWords(rest)}`));
  if (data.code.sums === 'stored' && total < 0.995)
    $('keys').append(make('li', {class: 'soft'}, `a learned sink outside the text: ${percent(1 - total)}`));
  if (isResting(values, query)) $('keys').append(make('li', {class: 'soft'}, 'this row rests: under 5 % is left beside the sink'));
}

function drawPredictions() {
  $('predictions-card').hidden = predictionsOf.size === 0;
  const top = predictionsOf.get(shownQuery());
  const what = data.model.prediction === 'masked' ? 'of the token at ' : 'of the token after ';
  say('predictions-context', top ? what + queryWords(shownQuery()) : 'only of the last query');
  $('predictions').replaceChildren(...(top || []).map(([token, share]) => make('li', {}, numberRow(token, meter(share), percent(share), 'span', ''))));
}

function drawTags() {
  const row = tag => {
    const [i, score, none, lift] = tag, detector = data.detectors[i];
    const title = make('span', {class: 'name'});
    title.append(mark(i), ' ' + detector.label);
    const line = make('span', {class: 'number', title: detector.help}, title, meter(score, none), make('span', {}, number(score)));
    return make('div', {class: 'tag'}, line, make('small', {}, `even head ${number(none)}, lift ${lift === null ? '–' : number(lift) + '×'}`));
  };
  const all = heads[state.head].tags.slice().sort((a, b) => b[1] - a[1]);
  const found = all.filter(tag => tag[4]).map(row), others = all.filter(tag => !tag[4]).map(row);
  const was_open = $('tags').querySelector('details')?.open;
  $('tags').replaceChildren(...(found.length ? found : [make('p', {class: 'soft'}, 'None of the known patterns.')]));
  if (!others.length) return;
  const more = make('details', {}, make('summary', {}, `${others.length} others that were measured`), ...others);
  more.open = Boolean(was_open);
  $('tags').append(more);
}

// Bars of metrics without an end stop at the largest value of any head.
const metricEnds = data.metrics.map((metric, m) => metric.max !== null ? [metric.min ?? 0, metric.max] :
  [metric.min ?? 0, Math.max(1e-9, ...heads.map(head => Math.abs(head.metrics[m] ?? 0)), ...heads.map(head => Math.abs(head.references[m] ?? 0)))]);

function drawMetrics() {
  const head = heads[state.head];
  $('metrics').replaceChildren(...data.metrics.map((metric, m) => {
    const [low, high] = metricEnds[m], value = head.metrics[m], reference = head.references[m];
    const share = x => x === null ? null : (x - low) / (high - low);
    const text = value === null ? '–' : number(value) + (metric.unit ? ' ' + metric.unit : '');
    const title = `${metric.help}\n${metric.formula}\n${metric.reference}: ${number(reference)}`;
    return numberRow(metric.label, meter(share(value) ?? 0, share(reference)), text, 'div', title);
  }));
}

// "0.0012" of an error bound, rounded up: it is never more.
function bound(value) {
  if (value === 0) return '0';
  const digits = Math.floor(Math.log10(value)) - 1, rounded = Math.ceil(value / 10 ** digits) * 10 ** digits;
  return rounded < 0.0001 ? rounded.toExponential(1) : String(Number(rounded.toPrecision(2)));
}

function buildMeasured() {
  if (data.weights !== 'raw') for (const note of document.querySelectorAll('.of-plain')) note.textContent = 'of the plain weights; ' + note.textContent;
  const rows = [], add = (name, text) => text && rows.push(make('dt', {}, name), make('dd', {}, text));
  const model = data.model, measured = data.measured, code = data.code;
  add('model', `${model.name}${model.family ? ' (' + model.family + ')' : ''}, ${data.layers} layers × ${data.heads_per_layer} heads` +
    (model.random_weights ? ', random weights: nothing was learned' : ''));
  add('run', [model.dtype && `${model.dtype} weights`, model.compute_dtype && `computed in ${model.compute_dtype}`,
    `softmax in ${measured.softmax_dtype}`].filter(Boolean).join(', ') + (measured.source !== 'measured' ? `; from ${measured.source}` : ''));
  add('attention', kindName || 'self-attention');
  const windows = [...new Set(data.windows)].filter((size) => size > 0);
  const chunks = [...new Set(data.windows)].filter((size) => size < 0).map((size) => -size);
  add('mask', (data.causal && !isCross ? 'causal: a query sees itself and what is before' : 'a query sees all keys') +
    (windows.length ? `; in some layers a window of ${windows.join(' or ')}` : '') +
    (chunks.length ? `; in some layers chunks of ${chunks.join(' or ')} tokens` : '') +
    (data.absent_layers.length ? `; layers ${data.absent_layers.join(', ')} have no softmax attention` : ''));
  add('shown', data.weights_words || 'the weights after the softmax');
  if (data.unit !== 'token') add('between', `${data.unit}s: to one the sum, from one the ${data.from_group === 'last' ? 'row of its last token' : 'mean over its tokens'}`);
  add('row sums', (measured.has_sink ? 'below 1: the rest went to a learned sink outside the text' :
    `1 within ${bound(measured.row_sum_error)} as measured`) + (measured.invalid_rows ? `; ${measured.invalid_rows} rows without a key` : ''));
  const of = isShare ? '' : ' of the largest of its head';
  add('kept as', code.wide ? `two bytes a cell: none is off by more than ${bound(code.max_error)}${of}` :
    `one code a cell, finer where small: none of all cells of this page is off by more than ${bound(code.max_error)}${of}` +
    (code.sums !== 'unknown' ? `, no row's sum by more than ${bound(code.max_sum_error)}` : ''));
  for (const note of data.notes) add('note', note);
  add('made by', `Headlight ${data.version}. Pictures are drawn from these numbers by this page; nothing is fetched.`);
  $('measured').replaceChildren(...rows);
}
