// The keyboard; the list that `?` shows is the same as what works.
const kKeys = [
  ['← → ↑ ↓', 'the head beside, above or below; in the picture the key and the query, among tokens the token'],
  ['j, k', 'next and previous query', event => moveQuery(event.key === 'j' ? 1 : -1), 'jk'],
  [', .', 'previous and next key', event => moveKey(event.key === '.' ? 1 : -1), ',.'],
  ['Home, End', 'first and last query', event => change({query: event.key === 'Home' ? 0 : numQueries - 1}), ['Home', 'End']],
  ['m', 'matrix or lines', () => change({form: state.form === 'matrix' ? 'lines' : 'matrix'}), 'm'],
  ['g', 'colours by weight^0.6, which shows small weights, or by weight', () => change({gamma: state.gamma === 1 ? 0.6 : 1}), 'g'],
  ['s', 'colours up to 100 %, or to where one cell in 200 of the head lies above', () => change({stretch: !state.stretch}), 's'],
  ['+ − 0', 'zoom in, out, the whole matrix; Ctrl and wheel; drag to move', event => event.key === '0' ? fit() : zoom(event.key === '-' ? 0.7 : 1.4), '+=-0'],
  ['t', 'dark or light', () => switchTheme(), 't'],
  ['?', 'this list', () => $('help').showModal(), '?'],
  ['Esc', 'let go of the key; close this', () => change({key: -1, hover: null}), ['Escape']],
];

function handleKeys() {
  for (const [keys_, what] of kKeys) $('help-keys').append(make('dt', {}, make('kbd', {}, keys_)), make('dd', {}, what));
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || $('help').open || event.target.tagName === 'INPUT') return;
    const step = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0]}[event.key];
    if (step) {
      event.preventDefault();
      if (document.activeElement === $('picture') || $('picture').contains(document.activeElement)) {
        if (step[0]) moveQuery(step[0]);
        else moveKey(step[1]);
        return;
      }
      moveHead(step[0], step[1]);
      if ($('heads').contains(document.activeElement)) headButtons[state.head].focus();
      return;
    }
    for (const [, , act, names] of kKeys) {
      if (!act || !names.includes(event.key)) continue;
      event.preventDefault();
      act(event);
    }
  });
}
