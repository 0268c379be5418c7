// What is chosen: one state, changed in one place, kept in the address.
const state = {head: 0, query: numQueries - 1, key: -1, hover: null, form: 'matrix', gamma: 0.6, stretch: false, tag: -1, theme: 'light'};
const listeners = [];
let changed = null;

// `draw(changes)` is called in the next frame with the names that changed.
const onChange = draw => listeners.push(draw);
function change(values) {
  let is_new = false;
  for (const [name, value] of Object.entries(values)) {
    if (state[name] === value) continue;
    state[name] = value;
    is_new = true;
    if (!changed) {
      changed = new Set();
      requestAnimationFrame(tell);
    }
    changed.add(name);
  }
  if (is_new && !('hover' in values)) keepInAddress();
}
function tell() {
  if (!changed) return;
  const names = changed;
  changed = null;
  for (const listener of listeners) listener(names);
}
const redrawAll = () => change({drawn: (state.drawn || 0) + 1});

function addressOf() {
  return `#${headName(state.head)}q${state.query}${state.key >= 0 ? 'k' + state.key : ''}`;
}
function keepInAddress() {
  if (location.hash === addressOf()) return;
  try {
    history.replaceState(null, '', addressOf());
  } catch (error) {  // some browsers do not let files do this
    location.replace(addressOf());
  }
}
// What the address asks for, as far as it is there.
function chosenByAddress() {
  const found = /^#L(\d+)H(\d+)(?:q(\d+))?(?:k(\d+))?$/.exec(location.hash), out = {};
  if (!found) return out;
  const head = headOf.get(Number(found[1]) + '.' + Number(found[2]));
  if (head !== undefined) out.head = head;
  if (found[3] !== undefined) out.query = clamp(Number(found[3]), 0, numQueries - 1);
  if (found[4] !== undefined) out.key = clamp(Number(found[4]), 0, numKeys - 1);
  return out;
}

const shownQuery = () => state.hover ? state.hover.query : state.query;
