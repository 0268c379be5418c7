// Colours of values and of patterns; light and dark.
const tables = {};
for (const [name, hex] of Object.entries(data.colours)) {
  const table = tables[name] = new Uint32Array(256);
  for (let i = 0; i < 256; ++i) {
    const rgb = parseInt(hex.substr(6 * i, 6), 16);
    table[i] = 0xff000000 | (rgb & 0xff) << 16 | rgb & 0xff00 | rgb >> 16;  // as canvas keeps it: ABGR
  }
}
const isDark = () => document.documentElement.dataset.theme === 'dark';
const tableNow = () => tables[(isSigned ? 'signed_' : '') + (isDark() ? 'dark' : 'light')];
const styleOf = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const cssOf = colour => `rgb(${colour & 255},${colour >> 8 & 255},${colour >> 16 & 255})`;
function abgrOf(hex) {
  const rgb = parseInt(hex.slice(1), 16);
  return 0xff000000 | (rgb & 0xff) << 16 | rgb & 0xff00 | rgb >> 16;
}

// 0 to 255 of a value whose head has this scale.
function shadeOf(value, scale) {
  const share = Math.min(1, Math.abs(value) / scale) ** state.gamma;
  return isSigned ? Math.round(128 + Math.sign(value) * 127 * share) : Math.round(255 * share);
}
// The value that has the last colour: of weights 100 %, or where one cell in 200 lies above (the first rows have few
// keys and so large weights, which would leave the rest pale).
const highEnds = new WeakMap();
function colourEnd(values) {
  if (!state.stretch || !isShare) return heads[state.head].scale;
  if (!highEnds.has(values)) {
    const seen = values.filter(value => value > 0).sort();
    highEnds.set(values, seen.length ? seen[Math.floor(0.995 * (seen.length - 1))] : 1);
  }
  return highEnds.get(values);
}
const colourOf = (value, scale) => cssOf(tableNow()[shadeOf(value, scale)]);
// Text over a colour.
function inkOn(value, scale) {
  const c = tableNow()[shadeOf(value, scale)];
  return 0.299 * (c & 255) + 0.587 * (c >> 8 & 255) + 0.114 * (c >> 16 & 255) > 140 ? '#14181c' : '#ffffff';
}

// Hues that people who mix up red and green still tell apart; patterns that share one differ in their letter.
const kHues = ['#1f6fd0', '#2c8a4f', '#b5487f', '#8a6d00', '#5b50b8', '#a34f15', '#3d7f8c', '#6a7384'];
const kOwnHue = {first_token: 0, previous_token: 1, induction: 2, duplicate_token: 4, self: 5, local_window: 6, uniform: 7};
const hueOf = i => kHues[kOwnHue[data.detectors[i].id] ?? i % kHues.length];
function mark(i) {
  const element = make('span', {class: 'mark', 'aria-hidden': 'true'}, data.detectors[i].glyph);
  element.style.backgroundColor = hueOf(i);
  return element;
}
