// Puts the page together.
function switchTheme(theme) {
  document.documentElement.dataset.theme = theme || (isDark() ? 'light' : 'dark');
  change({theme: document.documentElement.dataset.theme});
}

function placeTip(event, cell) {
  const values = cell && valuesOf(state.head, redrawAll), tip = $('tip');
  tip.hidden = !values || event.pointerType === 'touch';
  if (tip.hidden) return;
  say('tip', sentence(state.head, values, cell.query, cell.key));
  const x = event.clientX + 16, y = event.clientY + 18;
  tip.style.left = Math.max(4, Math.min(x, innerWidth - tip.offsetWidth - 8)) + 'px';
  tip.style.top = (y + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : y) + 'px';
}

function drawBar() {
  const canvas = $('bar-colours'), image = new ImageData(128, 1), pixels = new Uint32Array(image.data.buffer), table = tableNow();
  for (let i = 0; i < 128; ++i) {
    const share = isSigned ? i / 63.5 - 1 : i / 127;
    pixels[i] = table[shadeOf(share, 1)];
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
  const values = valuesOf(state.head, redrawAll), scale = values ? colourEnd(values) : heads[state.head].scale;
  say('bar-low', isSigned ? valueWords(-scale) : '0');
  say('bar-high', (state.stretch && isShare ? '≥ ' : '') + (isShare ? percent(scale) : valueWords(scale)));
  say('gamma-button', 'γ ' + state.gamma);
  $('stretch-button').setAttribute('aria-pressed', state.stretch);
}

function drawSentence() {
  const values = valuesOf(state.head, redrawAll), cell = state.hover || {query: state.query, key: state.key};
  if (!values) return;
  if (cell.key >= 0) return say('sentence', sentence(state.head, values, cell.query, cell.key));
  let best = -1;
  for (let key = maskOf(state.head).begin[cell.query]; key < maskOf(state.head).end[cell.query]; ++key)
    if (best < 0 || Math.abs(values[cell.query * numKeys + key]) > Math.abs(values[cell.query * numKeys + best])) best = key;
  say('sentence', best < 0 ? `${queryWords(cell.query)} sees no key` : 'most of its row: ' + sentence(state.head, values, cell.query, best));
}

function drawHead(names) {
  const head = heads[state.head], is_matrix = state.form === 'matrix';
  say('head-title', `Layer ${head.layer} · Head ${head.head}`);
  say('head-context', [kindName, weightsName].filter(Boolean).join(' · '));
  $('form-matrix').setAttribute('aria-pressed', is_matrix);
  $('form-lines').setAttribute('aria-pressed', !is_matrix);
  for (const id of ['matrix', 'pointer', 'matrix-tools']) $(id).hidden = !is_matrix;
  for (const id of ['lines', 'lines-tools']) $(id).hidden = is_matrix;
  $('bar-void').hidden = !is_matrix;
  $('stretch-button').hidden = !isShare;
  say('line-share-value', $('line-share').value + ' %');
  $('picture').setAttribute('aria-label', `${is_matrix ? 'Matrix' : 'Lines'} of layer ${head.layer}, head ${head.head}: ` +
    `${numQueries} queries by ${numKeys} keys. Arrow keys move query and key; the sentence below says what they hold.`);
  // Labels mark what is pointed at, so they follow it; the cells only when something else changed.
  if (is_matrix) {
    if (names.has('hover') && names.size === 1) drawLabelsOnly();
    else drawMatrix();
    drawPointer();
  } else {
    drawLines();
  }
}

// The labels around the cells, which stay.
function drawLabelsOnly() {
  if (!plot) return;
  const context = $('matrix').getContext('2d');
  context.clearRect(0, 0, plot.box_width, plot.top - 1);
  context.clearRect(0, 0, plot.left - 1, plot.box_height);
  drawLabels(context);
}

function start() {
  document.title = data.model.name + ' · attention';
  say('model', data.model.name);
  const parts = [kindName, weightsName, isCross ? `${numQueries} × ${numKeys} tokens` : `${numQueries} ${data.unit}s`];
  say('context', `${data.layers} layers × ${data.heads_per_layer} heads · ` + parts.filter(Boolean).join(' · '));
  const dark = matchMedia('(prefers-color-scheme: dark)');
  document.documentElement.dataset.theme = state.theme = dark.matches ? 'dark' : 'light';
  dark.addEventListener('change', () => switchTheme(dark.matches ? 'dark' : 'light'));
  if (data.first.query >= 0) state.query = clamp(data.first.query, 0, numQueries - 1);
  state.head = headOf.get(data.first.layer + '.' + data.first.head) ?? 0;
  Object.assign(state, chosenByAddress());
  buildGrid();
  buildTokens();
  buildMeasured();
  handleMatrix();
  handleLines();
  handleKeys();
  $('theme-button').addEventListener('click', () => switchTheme());
  $('help-button').addEventListener('click', () => $('help').showModal());
  $('help-close').addEventListener('click', () => $('help').close());
  for (const form of ['matrix', 'lines']) $('form-' + form).addEventListener('click', () => change({form}));
  $('gamma-button').addEventListener('click', () => change({gamma: state.gamma === 1 ? 0.6 : 1}));
  $('stretch-button').addEventListener('click', () => change({stretch: !state.stretch}));
  $('zoom-in').addEventListener('click', () => zoom(1.4));
  $('zoom-out').addEventListener('click', () => zoom(0.7));
  $('zoom-fit').addEventListener('click', fit);
  addEventListener('hashchange', () => change(chosenByAddress()));
  // Paper is white; it does not wait for a frame.
  let screenTheme = state.theme;
  const print = is_begin => {
    if (is_begin) screenTheme = state.theme;
    switchTheme(is_begin ? 'light' : screenTheme);
    tell();
  };
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
  onChange(names => {
    say('theme-button', isDark() ? 'Light' : 'Dark');
    if (names.has('query') || names.has('key')) bringIntoSight();
    drawGrid(names);
    drawBar();
    drawHead(names);
    if (state.form === 'lines' && (names.has('query') || names.has('form'))) bringLineIntoSight();
    drawTokens(names);
    drawKeys();
    drawPredictions();
    drawSentence();
    if (names.has('head') || names.has('drawn') || names.has('theme')) {
      drawTags();
      drawMetrics();
    }
  });
  change({drawn: 1});
  load(state.head).then(() => { document.documentElement.dataset.ready = 'head'; return askAboutFirst(); })
    .then(makeThumbnails).catch(trouble);
}
start();

// For the console and for tests: the values of a head, [queries, keys]; where a cell lies in the window.
window.headlight = {data, state, change, head: (layer, head) => load(headOf.get(layer + '.' + head)), middle: middleOf};
