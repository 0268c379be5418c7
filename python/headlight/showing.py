"""`show`: attention from Python into the window, or as a picture."""
from .dump import write_dump
from .errors import AttentionError, HeadlightError, NoWindow
from .make_dump import model_name, make_dump, own_metadata
from .pictures import Shown, draw
from .protocol import chosen_socket
from .window import Window, has_display, start_window

_SUM_HINT = ("rows of attention must sum to 1: was the model in training mode, whose dropout changes them (model.eval())? "
             "Are rows of padding among them? A model whose rows lose mass to a learned sink is shown with sink=True")


def _prepared(attentions, tokens, options, name=None):
    arrays, metadata, kinds, both = make_dump(attentions, tokens, **options)
    known, family = model_name(options.get("model"))
    name = metadata["model"] = name or known or "attention from Python"
    own = own_metadata(kinds, both, name, family)
    if own is not None:
        metadata["headlight"] = own
    return arrays, metadata, kinds


def save(path, attentions, tokens=None, **options):
    """Writes what `show` would show as a dump (safetensors), which `headlight open PATH` opens. The options are those of `show`."""
    arrays, metadata, _ = _prepared(attentions, tokens, options)
    write_dump(path, arrays, metadata)


def show(attentions, tokens=None, *, model=None, kind=None, tokenizer=None, decoder_tokens=None, logits=None, hidden_states=None, index=None, sink=False,
         name=None, layer=None, head=None, inline=None, socket=None):
    """Shows attention in the running window, or in a new one, or as a picture where there is no display.

    attentions: what a model of transformers returns with output_attentions=True: the output itself, its tuple of [1, heads, N, N], or the steps of
    generate(); also one array [layers, heads, N, N]. Arrays of torch, NumPy or JAX, float32, float16 or bfloat16, on any device; they are shown bit for bit.
    tokens: a list of str, or ids (list, array, the encoding) with `tokenizer`, or the text with `tokenizer`. Of an encoder-decoder: what the encoder read.
    decoder_tokens: what the decoder read. kind: "self", "encoder", "decoder" or "cross" where a bare tuple does not say it.
    model: a name, or the model that it is taken from. index: which text of a batch. sink: rows may sum to less than 1.
    layer, head: what is chosen at first. inline: True for a picture, False for the window. socket: of the window.

    Returns an object that notebooks show. Raises AttentionError with what to do, HeadlightError.
    """
    options = dict(model=model, kind=kind, tokenizer=tokenizer, decoder_tokens=decoder_tokens, logits=logits, hidden_states=hidden_states, index=index, sink=sink)
    arrays, metadata, kinds = _prepared(attentions, tokens, options, name)
    name = metadata["model"]
    found = None if inline else chosen_socket(socket)
    try:
        if inline or (found is None and inline is None and not has_display()):
            first = next(iter(kinds.values()))
            shown_layer = layer if layer is not None else next(i for i, one in enumerate(first) if one is not None)
            return draw(arrays, metadata, shown_layer, head, kind if len(kinds) > 1 else None, name)
        if found is None and not has_display():
            raise NoWindow("no window runs, and there is no display to start one on; inline=True gives a picture", kind="missing")
        window = Window(found or start_window())
        answer = window.send(arrays, metadata, name)
    except HeadlightError as problem:
        if "sum to" in str(problem):
            raise AttentionError(f"{problem.message}. {_SUM_HINT}", problem.details, problem.kind) from problem
        raise
    if layer is not None or head is not None:
        window.run(f"select {int(layer or 0)} {int(head or 0)}")
    return Shown(window, name, answer)
