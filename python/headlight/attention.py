"""What models return as attention, brought into one form: for each kind a list of layers [heads, queries, keys]."""
import numpy as np

from .arrays import Stored, is_array, stored
from .errors import AttentionError

# Attributes and keys of model outputs, and the kind that each one is.
FIELDS = {"attentions": "self", "encoder_attentions": "encoder", "decoder_attentions": "decoder", "cross_attentions": "cross"}
EAGER = ("load the model with attn_implementation=\"eager\" (others do not compute the weights) and call it with output_attentions=True")


def _bad(message):
    return AttentionError(message, kind="invalid input")


def _field(value, name):
    if hasattr(value, "get") and hasattr(value, "keys"):
        return value.get(name)
    return getattr(value, name, None)


def _is_output(value):
    return not isinstance(value, (list, tuple)) and not is_array(value)


def _one_text(layer, what, index):
    """[heads, queries, keys] of [batch, heads, queries, keys], [heads, queries, keys] or [queries, keys]."""
    layer = stored(layer, what)
    if layer.dtype.startswith(("I", "U")):
        raise _bad(f"{what} holds whole numbers, expected attention weights")
    shape = layer.shape
    if len(shape) == 4:
        if shape[0] != 1 and index is None:
            raise _bad(f"{what} is of {shape[0]} texts {list(shape)}; say which with index=")
        if not -shape[0] <= (index or 0) < shape[0]:
            raise _bad(f"index={index}, but {what} is of {shape[0]} texts")
        return layer[index or 0]
    if len(shape) == 3:
        return layer
    if len(shape) == 2:
        return layer[np.newaxis]
    raise _bad(f"{what} has the shape {list(shape)}; expected [1, heads, queries, keys]")


def _is_steps(value):
    """generate(): a tuple of steps, each a tuple of layers."""
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(step, (list, tuple)) for step in value)


def _kept_keys(step, what, keys):
    """The step's rows over exactly `keys` keys. Fewer: a cache that slid over the first ones. More: one made longer than the text."""
    have = step.shape[2]
    if have == keys:
        return step.array
    if have > keys:
        if np.any(step[:, :, keys:].floats()):
            raise _bad(f"{what} has weight on keys behind the text ({have} keys, the text has {keys} there)")
        return step.array[:, :, :keys]
    rows = np.zeros((*step.shape[:2], keys), step.array.dtype)
    rows[:, :, keys - have:] = step.array
    return rows


def _join_steps(steps, kind, what):
    """One matrix from the rows of all steps: [heads, n, n], then [heads, 1, n + 1] ... In cross attention the keys stay the same."""
    rows, done = [], 0
    for number, step in enumerate(steps):
        here = f"step {number} of {what}"
        queries = step.shape[1]
        if step.shape[0] != steps[0].shape[0] or step.dtype != steps[0].dtype:
            raise _bad(f"{here} has {step.shape[0]} heads of {step.dtype}, step 0 has {steps[0].shape[0]} of {steps[0].dtype}")
        if kind != "cross" and done and queries > 1 and queries == step.shape[2] and queries > done:
            step, queries = step[:, done:], queries - done  # generated without a cache: each step has all rows
        elif kind == "cross" and done and queries > 1 and queries == done + 1:
            step, queries = step[:, done:], 1
        keys = steps[0].shape[2] if kind == "cross" else done + queries
        if kind == "cross" and step.shape[2] != keys:
            raise _bad(f"{here} has {step.shape[2]} keys, step 0 has {keys}")
        rows.append(_kept_keys(step, here, keys))
        done += queries
    if kind == "cross":
        return Stored(np.concatenate(rows, 1), steps[0].dtype)
    whole = np.zeros((rows[0].shape[0], done, done), rows[0].dtype)
    at = 0
    for part in rows:
        whole[:, at:at + part.shape[1], :part.shape[2]] = part
        at += part.shape[1]
    return Stored(whole, steps[0].dtype)


def _layers_of_steps(steps, kind, index):
    counts = {len(step) for step in steps}
    if len(counts) != 1:
        raise _bad(f"the steps of generate() have different numbers of layers: {sorted(counts)}")
    out = []
    for layer in range(counts.pop()):
        parts = [step[layer] for step in steps]
        if any(part is None for part in parts):
            out.append(None)
            continue
        name = f"layer {layer}"
        out.append(_join_steps([_one_text(part, f"step {i} of {name}", index) for i, part in enumerate(parts)], kind, name))
    return out


def _layers(value, kind, index):
    if is_array(value):
        whole = stored(value, "the attention")
        if len(whole.shape) == 5:
            value = [whole[i] for i in range(whole.shape[0])]
        elif len(whole.shape) == 4:  # [layers, heads, queries, keys]; one layer of one text reads the same
            value = [whole[i] for i in range(whole.shape[0])]
        else:
            value = [whole]
    if not isinstance(value, (list, tuple)):
        raise _bad(f"the attention is a {type(value).__name__}; expected the tuple that models return with output_attentions=True")
    if len(value) == 0:
        raise _bad("the attention is empty: " + EAGER)
    if _is_steps(value):
        layers = _layers_of_steps(value, kind, index)
    else:
        layers = [None if layer is None else _one_text(layer, f"layer {i}", index) for i, layer in enumerate(value)]
    present = [layer for layer in layers if layer is not None]
    if not present:
        raise _bad("the model returned None in place of attention: " + EAGER)
    for i, layer in enumerate(layers):
        if layer is not None and layer.shape != present[0].shape:
            raise _bad(f"layer {i} has the shape {list(layer.shape)}, others {list(present[0].shape)}; expected the same heads, queries and keys in all")
        if layer is not None and layer.dtype != present[0].dtype:
            layers[i] = Stored(layer.floats(), "F32")
    if len({layer.dtype for layer in layers if layer is not None}) > 1:
        layers = [layer if layer is None else Stored(layer.floats(), "F32") for layer in layers]
    return layers


def attention_kinds(value, kind=None, index=None):
    """kind -> list of layers (Stored [heads, queries, keys], None where a layer has no softmax attention).

    `value`: the tuple of a model, one array, `generate`'s steps, or a whole model output. `kind` says what a tuple or array is: "self" unless given.
    `index`: which text of a batch. Raises AttentionError.
    """
    if kind is not None and kind not in FIELDS.values():
        raise _bad(f"kind={kind!r}; expected one of {', '.join(FIELDS.values())}")
    if value is None:
        raise _bad("the attention is None: " + EAGER)
    if not _is_output(value):
        return {kind or "self": _layers(value, kind or "self", index)}
    if _field(value, "beam_indices") is not None:
        raise _bad("beam search mixes the attention of several texts; run the chosen text through the model once and show that")
    found = {name: _field(value, name) for name in FIELDS}
    present = {name: layers for name, layers in found.items() if layers is not None and len(layers) > 0}
    if kind is not None:
        present = {name: layers for name, layers in present.items() if FIELDS[name] == kind}
    if not present:
        raise _bad(f"this {type(value).__name__} holds no attention{'' if kind is None else ' of kind ' + kind}: " + EAGER)
    out = {FIELDS[name]: _layers(layers, FIELDS[name], index) for name, layers in present.items()}
    # With a decoder beside it, the attention without a name of its own is the decoder's (models with cross attention in a decoder).
    if "self" in out and "cross" in out:
        out["decoder"] = out.pop("self")
    return out
