// The text as chips: tinted by what the shown query gives to them; a pointer shows a query, a click chooses it.
const queryChips = [], keyChips = isCross ? [] : queryChips;
let isTextPlaced = false;  // once scrolled to the chosen query

function buildTokens() {
  const add = (title, tokens, chips, is_query) => {
    const box = make('div', {class: 'tokens', role: 'group', 'aria-label': title || 'Tokens of the text'});
    if (title) box.append(make('h3', {}, title));
    tokens.forEach((token, i) => {
      const chip = make('span', {class: 'token', role: 'button', tabindex: '-1', dir: 'auto'}, token);
      chip.dataset.i = i;
      chips.push(chip);
      box.append(chip);
    });
    const at = event => event.target.dataset && event.target.dataset.i !== undefined ? Number(event.target.dataset.i) : -1;
    box.addEventListener('pointerover', event => {
      const i = at(event);
      if (i >= 0) change({hover: is_query ? {query: i, key: -1} : {query: state.query, key: i}});
    });
    box.addEventListener('pointerleave', () => change({hover: null}));
    box.addEventListener('click', event => {
      const i = at(event);
      if (i < 0) return;
      change(is_query ? {query: i, key: -1, hover: null} : {key: i, hover: null});
    });
    box.addEventListener('keydown', event => {
      const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1}[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      if (is_query) moveQuery(step);
      else moveKey(step);
      (is_query ? queryChips[state.query] : keyChips[state.key]).focus();
    });
    $('tokens').append(box);
  };
  add(isCross ? 'Queries: what the decoder reads' : '', queries, queryChips, true);
  if (isCross) add('Keys: what the encoder read', keys, keyChips, false);
  say('text-context', isCross ? `${numQueries} queries, ${numKeys} keys` : `${numQueries} ${data.unit}s; tinted by the row of the framed one`);
}

const moveQuery = step => change({query: clamp(state.query + step, 0, numQueries - 1)});
const moveKey = step => change({key: clamp((state.key < 0 ? Math.min(state.query, numKeys - 1) : state.key) + step, 0, numKeys - 1)});

function drawTokens(names) {
  const values = valuesOf(state.head, redrawAll);
  if (!values) return;
  const query = shownQuery(), scale = colourEnd(values);
  const key = state.hover && state.hover.key >= 0 ? state.hover.key : state.key;
  keyChips.forEach((chip, i) => {
    const value = values[query * numKeys + i], is_tinted = value !== 0 && mayask(state.head, query, i);
    chip.style.backgroundColor = is_tinted ? colourOf(value, scale) : '';
    chip.style.color = is_tinted ? inkOn(value, scale) : '';
    chip.style.opacity = is_tinted || isCross || mayask(state.head, query, i) || i === query ? '' : '0.55';
    chip.classList.toggle('key', i === key);
  });
  queryChips.forEach((chip, i) => {
    chip.classList.toggle('query', i === query);
    chip.tabIndex = i === state.query ? 0 : -1;
    if (i === state.query) chip.setAttribute('aria-pressed', 'true');
    else chip.removeAttribute('aria-pressed');
  });
  if (isCross) keyChips.forEach((chip, i) => { chip.tabIndex = i === Math.max(0, state.key) ? 0 : -1; });
  if (names.has('query') || !isTextPlaced) scrollInside($('tokens'), queryChips[state.query], 0);
  isTextPlaced = true;
}
