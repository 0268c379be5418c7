// From the text of a block to the values of a head, the twin of src/publish/page/cell_code.cpp.
async function inflate(text) {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function addRowsAbove(codes, mask) {
  for (let query = 1, at = mask.end[0] - mask.begin[0]; query < numQueries; ++query) {
    const begin = mask.begin[query], above = mask.begin[query - 1];
    const last = Math.min(mask.end[query], mask.end[query - 1]);
    const row = at - begin, rowAbove = at - (mask.end[query - 1] - above) - above;
    for (let key = Math.max(begin, above); key < last; ++key) codes[row + key] += codes[rowAbove + key];
    at += mask.end[query] - begin;
  }
}

function countCells(mask) {
  let count = 0;
  for (let query = 0; query < numQueries; ++query) count += mask.end[query] - mask.begin[query];
  return count;
}

function decodeWide(bytes, count, mask, scale, out) {
  for (let query = 0, cell = 0; query < numQueries; ++query) {
    for (let key = mask.begin[query]; key < mask.end[query]; ++key, ++cell) {
      const step = bytes[cell] << 8 | bytes[count + cell];
      const root = (step & 0x7fff) / data.code.levels;
      out[query * numKeys + key] = (step & 0x8000 ? -1 : 1) * root * root * scale;
    }
  }
}

function decodeNarrow(bytes, count, mask, scale, sums, out) {
  const {levels, small_codes: numSmall, large_steps: numLarge} = data.code;
  const square = levels * levels, edge = ((numSmall - 0.5) / levels) ** 2;
  for (let query = 0, cell = 0, large = count; query < numQueries; ++query) {
    const from = cell, begin = query * numKeys + mask.begin[query], size = mask.end[query] - mask.begin[query];
    let total = 0, steps = 0;
    const row = new Float64Array(size);
    for (let i = 0; i < size; ++i, ++cell) {
      const step = bytes[cell] & 0x1f;
      let share = step * step / square;
      if (step < numSmall) steps += step;
      else share = edge + ((step - numSmall << 8) + bytes[large++]) * (1 - edge) / numLarge;
      row[i] = (bytes[cell] & 0x20 ? -1 : 1) * share * scale;
      total += row[i];
    }
    // What the row misses goes to the small cells, to each by its own uncertainty.
    const shift = sums && total !== 0 && steps !== 0 ? clamp((sums(query) - total) * square / steps, -1, 1) : 0;
    for (let i = 0; i < size; ++i) {
      const step = bytes[from + i] & 0x1f;
      out[begin + i] = row[i] + (step < numSmall ? shift * step / square : 0);
    }
  }
}

// The values of a head, [queries, keys], 0 where the mask forbids the key.
async function decodeHead(i) {
  const head = heads[i], mask = maskOf(i), count = countCells(mask);
  let bytes = await inflate(cells.slice(head.begin, head.end)), sums = null;
  if (data.code.sums === 'one') sums = () => 1;
  if (data.code.sums === 'stored') {
    const view = new DataView(bytes.buffer, 0, 4 * numQueries);
    sums = query => view.getFloat32(4 * query, true);
    bytes = bytes.subarray(4 * numQueries);
  }
  const out = new Float32Array(numQueries * numKeys);
  if (data.code.wide) {
    decodeWide(bytes, count, mask, head.scale, out);
    return out;
  }
  if (head.delta) addRowsAbove(bytes, mask);
  decodeNarrow(bytes, count, mask, head.scale, sums, out);
  return out;
}

// Heads that were looked at last are kept, at most so many bytes of them.
const kMostKeptBytes = 96 << 20;
const kept = new Map(), waiting = new Map();

function load(i) {
  if (kept.has(i)) return Promise.resolve(kept.get(i));
  if (waiting.has(i)) return waiting.get(i);
  const promise = decodeHead(i).then(values => {
    waiting.delete(i);
    kept.set(i, values);
    while (kept.size > 2 && kept.size * 4 * numQueries * numKeys > kMostKeptBytes) kept.delete(kept.keys().next().value);
    return values;
  });
  waiting.set(i, promise);
  return promise;
}

// The values that are there, or null while they are made: `redraw` is then called.
function valuesOf(i, redraw) {
  if (!kept.has(i)) {
    load(i).then(redraw, trouble);
    return null;
  }
  const values = kept.get(i);
  kept.delete(i);  // the last that was looked at goes last
  kept.set(i, values);
  return values;
}

function trouble(error) {
  $('trouble').hidden = false;
  say('trouble', 'The cells of this page could not be read: ' + error.message +
    '. It needs a browser of 2023 or later, and the whole file.');
}
