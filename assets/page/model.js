// The data of the page, and the smallest helpers. Texts of strangers reach the page by textContent only.
const $ = id => document.getElementById(id);
const data = JSON.parse($('data').textContent);
const cells = $('cells').textContent;
const heads = data.heads;
const isCross = data.keys !== null;
const queries = data.queries, keys = data.keys || data.queries;
const numQueries = queries.length, numKeys = keys.length;
const isShare = data.weights === 'raw' || data.weights === 'no-sink';
const isSigned = data.weights === 'effect';
const headOf = new Map(heads.map((head, i) => [head.layer + '.' + head.head, i]));
const headName = i => `L${heads[i].layer}H${heads[i].head}`;
const maskOf = i => data.masks[data.mask_of_layer[heads[i].layer]];
const mayask = (i, query, key) => {
  const mask = maskOf(i);
  return key >= mask.begin[query] && key < mask.end[query];
};
const predictionsOf = new Map(data.predictions.map(one => [one.query, one.top]));
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// An element with attributes and children; strings become text.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Brings an element into sight of its box; the page stays where it is. `covered`: at the top of the box.
function scrollInside(box, element, covered) {
  const outer = box.getBoundingClientRect(), inner = element.getBoundingClientRect();
  if (inner.top < outer.top + covered || inner.bottom > outer.top + box.clientHeight)
    box.scrollTop += inner.top - outer.top - box.clientHeight / 2;
  if (inner.left < outer.left || inner.right > outer.left + box.clientWidth)
    box.scrollLeft += inner.left - outer.left - box.clientWidth / 2;
}

function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}
