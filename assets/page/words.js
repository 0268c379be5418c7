// Numbers and sentences.
const kMinus = '\u2212';
const fixed = (value, digits) => value.toFixed(digits).replace('-', kMinus);

// As the window writes shares: 34 %, 3.1 %, 0.04 %, < 0.01 %.
function percent(share) {
  const value = 100 * Math.abs(share), sign = share < 0 ? kMinus : '';
  if (value === 0) return '0 %';
  if (value < 0.01) return '< 0.01 %';
  return sign + (value >= 9.95 ? value.toFixed(0) : value >= 0.095 ? value.toFixed(1) : value.toFixed(2)) + ' %';
}

function number(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential(1).replace('-', kMinus);
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

function valueWords(value) {
  if (isShare) return percent(value);
  if (isSigned) return (value > 0 ? '+' : '') + number(value) + ' logits';
  return number(value);
}

// A token between marks that keep its direction to itself.
const quoted = token => '\u201c\u2068' + token + '\u2069\u201d';
const shorter = (token, most) => [...token].length > most ? [...token].slice(0, most - 1).join('') + '…' : token;
const unitWord = data.unit === 'token' ? '' : data.unit + ' ';
const queryWords = query => `query ${unitWord}${quoted(queries[query])} (${query})`;
const keyWords = key => `key ${unitWord}${quoted(keys[key])} (${key})`;

function whyMasked(i, query, key) {
  if (data.causal && !isCross && key > query) return 'it comes later';
  return 'it lies outside what this layer sees';
}

// What a pair says in words.
function sentence(i, values, query, key) {
  if (!mayask(i, query, key)) return `${queryWords(query)} cannot see ${keyWords(key)}: ${whyMasked(i, query, key)}`;
  const value = values[query * numKeys + key], mask = maskOf(i);
  if (data.weights === 'no-sink') {
    if (data.sink_keys.includes(key)) return `${keyWords(key)} is taken out as a sink`;
    if (isResting(values, query)) return `${queryWords(query)} rests: less than 5 % is left beside the sink, which is no picture`;
  }
  if (!isShare) {
    const what = isSigned ? valueWords(value) : (data.weights === 'value' ? 'a weighted value of length ' : 'a part of length ') + valueWords(value);
    return `${queryWords(query)} gets ${what} from ${keyWords(key)}`;
  }
  const zero = value === 0 && data.weights === 'raw' ? ' (rounded)' : '';
  const count = mask.end[query] - mask.begin[query];
  const even = data.weights === 'raw' && data.unit === 'token' ? `; an even head would give ${percent(1 / count)}` : '';
  return `${queryWords(query)} gives ${percent(value)}${zero} to ${keyWords(key)}${even}`;
}

// Rows without any value, where the sink is taken out.
function isResting(values, query) {
  if (data.weights !== 'no-sink') return false;
  for (let key = 0; key < numKeys; ++key) if (values[query * numKeys + key] !== 0) return false;
  return true;
}

const weightsName = {raw: 'weights', 'no-sink': 'weights without the sink', value: 'weight × length of the value',
  norm: 'length of what is written', effect: 'effect on the answer'}[data.weights];
const kindName = {self: '', encoder: 'encoder attention', decoder: 'decoder attention', cross: 'cross attention'}[data.attention];
