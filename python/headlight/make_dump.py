"""From attention in any form to the arrays and metadata of a dump."""
import json

import numpy as np

from .arrays import stored
from .attention import attention_kinds
from .dump import KINDS
from .errors import AttentionError
from .tokens import ids_array, make_tokens


def _fitting(tokens, count, what, drops_last):
    """`count` tokens. Of what generate() wrote the last was never read: it has no row."""
    if tokens is None or len(tokens) == count:
        return tokens
    if drops_last and len(tokens) == count + 1:
        return tokens.cut(count)
    raise AttentionError(f"{len(tokens)} {what}, but attention of {count}; give those that the model read, special ones too", kind="invalid input")


def _generated(value):
    return getattr(value, "sequences", None) if not isinstance(value, (list, tuple)) and not hasattr(value, "dtype") else None


def _sizes(kinds):
    """(tokens of the encoder or only text, tokens of the decoder); None where no kind says it."""
    def shape(kind):
        return next((layer.shape for layer in kinds.get(kind, ()) if layer is not None), None)

    first, decoder, cross = shape("self") or shape("encoder"), shape("decoder"), shape("cross")
    keys = first[2] if first else cross[2] if cross else None
    queries = decoder[1] if decoder else cross[1] if cross else None
    return keys, queries


def _dtype(layers):
    stored_as = next(layer.dtype for layer in layers if layer is not None)
    return {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}[stored_as]


def _spec(kinds, model, family, is_causal):
    first = kinds.get("self") or kinds.get("encoder") or kinds.get("decoder") or kinds["cross"]
    shape = next(layer.shape for layer in first if layer is not None)
    spec = {"name": model, "family": family, "family_label": family, "dtype": _dtype(first), "num_layers": len(first), "num_heads": shape[0], "is_causal": is_causal,
            "prediction": "none"}
    if "decoder" in kinds and "encoder" in kinds:
        decoder = next(layer.shape for layer in kinds["decoder"] if layer is not None)
        spec.update(has_decoder=True, num_decoder_layers=len(kinds["decoder"]), num_decoder_heads=decoder[0])
    return spec


def model_name(model):
    """A name, or that of a transformers model."""
    if model is None or isinstance(model, str):
        return model or "", ""
    config = getattr(model, "config", model)
    name = str(getattr(config, "_name_or_path", "") or "").rstrip("/").rsplit("/", 1)[-1]
    return name or type(model).__name__, str(getattr(config, "model_type", "") or "")


def make_dump(attentions, tokens=None, *, model=None, kind=None, tokenizer=None, decoder_tokens=None, logits=None, hidden_states=None, index=None, sink=False):
    """(arrays, metadata) of what `show` takes. Raises AttentionError."""
    kinds = attention_kinds(attentions, kind, index)
    num_keys, num_queries = _sizes(kinds)
    sequences = _generated(attentions)
    if sequences is not None:
        has_encoder = "encoder" in kinds or "cross" in kinds
        if has_encoder and decoder_tokens is None:
            decoder_tokens = sequences
        elif not has_encoder and tokens is None:
            tokens = sequences
    is_only_decoder = set(kinds) == {"decoder"}
    if is_only_decoder and decoder_tokens is None:
        decoder_tokens, tokens = tokens, None
    main = _fitting(make_tokens(tokens, tokenizer, index), num_keys, "tokens", "self" in kinds) if num_keys is not None else None
    second = None
    if num_queries is not None:
        second = _fitting(make_tokens(decoder_tokens, tokenizer, index, "the decoder's tokens"), num_queries, "tokens of the decoder", True)
    arrays = {}
    for name, layers in kinds.items():
        arrays.update({f"{KINDS[name]}.{i}": layer for i, layer in enumerate(layers) if layer is not None})
    for name, ids in (("input_ids", ids_array(main)), ("decoder_input_ids", ids_array(second))):
        if ids is not None:
            arrays[name] = ids
    rows = num_queries if num_queries is not None else num_keys
    if logits is not None:
        arrays["logits"] = _matrix(logits, rows, index, "logits")
    for i, states in enumerate(hidden_states or ()):
        arrays[f"hidden.{i}"] = _matrix(states, num_keys if num_keys is not None else rows, index, f"hidden state {i}")
    metadata, (_, family) = {}, model_name(model)
    if family:
        metadata["family"] = family
    if main is not None:
        metadata["tokens"] = json.dumps(main.pieces)
    if second is not None:
        metadata["decoder_tokens"] = json.dumps(second.pieces)
    if sink:
        metadata["has_sink"] = "true"
    return arrays, metadata, kinds, (main, second)


def _matrix(value, rows, index, what):
    value = stored(value, what)
    if len(value.shape) == 3:
        if value.shape[0] != 1 and index is None:
            raise AttentionError(f"the {what} are of {value.shape[0]} texts; say which with index=", kind="invalid input")
        value = value[index or 0]
    if len(value.shape) != 2 or value.shape[0] != rows:
        raise AttentionError(f"the {what} have the shape {list(value.shape)}; expected one row for each of {rows} tokens", kind="invalid input")
    return value


def own_metadata(kinds, tokens, model, family):
    """The `headlight` metadata: tokens with their text and spans, so that the window can show words and leave special tokens out."""
    main, second = tokens
    if main is None and second is None:
        return None
    if ("decoder" in kinds or "cross" in kinds) and (main is None or second is None):
        return None
    first = kinds.get("self") or kinds.get("encoder") or kinds.get("decoder") or kinds["cross"]
    sample = next(layer for layer in first if layer is not None)
    is_causal = not bool(np.any(np.triu(sample[0].floats(), 1))) if sample.shape[1] == sample.shape[2] else False
    own = {"spec": _spec(kinds, model, family, is_causal)}
    own.update((main or second).as_json())
    if second is not None and main is not None:
        own["decoder"] = second.as_json()
    return json.dumps(own)
