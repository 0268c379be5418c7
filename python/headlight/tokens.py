"""Tokens in whatever form users have them, as the pieces, words and spans that a dump holds."""
import re

import numpy as np

from .arrays import is_array, stored
from .errors import AttentionError

_HEX_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def _byte_alphabet():
    """The characters that byte-level vocabularies (GPT-2 and its heirs) write for each byte."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    out = {chr(b): b for b in plain}
    out.update({chr(0x100 + i): b for i, b in enumerate(b for b in range(256) if b not in plain)})
    return out


_BYTE_OF = _byte_alphabet()


def _style_of(pieces):
    joined = "".join(pieces)
    if "\u0120" in joined or "\u010a" in joined:
        return "bytes"
    if "\u2581" in joined:
        return "sentencepiece"
    if any(piece.startswith("##") and len(piece) > 2 for piece in pieces):
        return "wordpiece"
    return "words" if not any(c.isspace() for c in joined) else "plain"


def _bytes_of(piece, style):
    """What the text has in place of the piece."""
    if style == "bytes" and all(c in _BYTE_OF for c in piece):
        return bytes(_BYTE_OF[c] for c in piece)
    if style == "sentencepiece":
        found = _HEX_BYTE.fullmatch(piece)
        if found:
            return bytes([int(found.group(1), 16)])
        piece = piece.replace("\u2581", " ")
    if style == "wordpiece" and piece.startswith("##") and len(piece) > 2:
        piece = piece[2:]
    return piece.encode("utf-8", "replace")


def _display(piece, data):
    """As the window writes tokens: spaces and line ends are seen, bytes that are no text in brackets."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(f"\u27e8{b:02X}\u27e9" for b in data)
    out = "".join("\u00b7" if c == " " else "\u23ce" if c == "\n" else "\u21e5" if c == "\t" else f"\u27e8{ord(c):02X}\u27e9" if ord(c) < 32 or ord(c) == 127
                  else c for c in text)
    return out or piece or "\u2205"


class Tokens:
    """Tokens of one text: `ids` (-1 where none is known), `pieces`, `special`, all of one length."""

    def __init__(self, pieces, ids=None, special=None):
        self.pieces = [str(piece) for piece in pieces]
        self.ids = [-1] * len(self.pieces) if ids is None else [int(i) for i in ids]
        self.special = [False] * len(self.pieces) if special is None else list(special)

    def __len__(self):
        return len(self.pieces)

    def cut(self, count):
        """The first `count`."""
        return Tokens(self.pieces[:count], self.ids[:count], self.special[:count])

    def as_json(self):
        """The text, as far as the pieces tell it, and every token with its span in bytes: what a dump's own metadata holds."""
        style = _style_of([p for p, is_special in zip(self.pieces, self.special) if not is_special])
        text, out = b"", []
        for piece, token_id, is_special in zip(self.pieces, self.ids, self.special):
            data = piece.encode("utf-8", "replace") if is_special else _bytes_of(piece, style)
            begins_word = style == "words" or (style == "wordpiece" and not piece.startswith("##"))
            if begins_word and text and not is_special:
                text += b" "
            begin = len(text)
            if not is_special:
                text += data
            out.append({"id": token_id if -1 <= token_id < 1 << 31 else -1, "piece": piece.encode("utf-8", "replace").decode("utf-8"), "display": _display(piece, data),
                        "begin": begin, "end": len(text), "special": is_special})
        try:
            return {"text": text.decode("utf-8"), "tokens": out}
        except UnicodeDecodeError:
            return {"text_hex": text.hex(), "tokens": out}


def _with_tokenizer(ids, tokenizer):
    if not hasattr(tokenizer, "convert_ids_to_tokens"):
        raise AttentionError(f"the tokenizer is a {type(tokenizer).__name__} without convert_ids_to_tokens(); give the tokens as a list of str", kind="invalid input")
    pieces = tokenizer.convert_ids_to_tokens(ids)
    special = set(getattr(tokenizer, "all_special_ids", None) or ())
    return Tokens(["\ufffd" if piece is None else piece.decode("utf-8", "replace") if isinstance(piece, bytes) else piece for piece in pieces], ids,
                  [i in special for i in ids])


def _ids_of(tokens, index, what):
    """A list of ids of arrays [N] or [B, N], of encodings and of lists; None where `tokens` are texts."""
    if hasattr(tokens, "keys") and "input_ids" in tokens.keys():
        tokens = tokens["input_ids"]
    if isinstance(tokens, (list, tuple)):
        if all(isinstance(item, (str, bytes)) for item in tokens):
            return None
        if len(tokens) and isinstance(tokens[0], (list, tuple)) or (len(tokens) and is_array(tokens[0]) and len(tokens[0].shape) == 1):
            tokens = tokens[_row(len(tokens), index, what)]
        return [int(i) for i in tokens]
    if is_array(tokens):
        array = stored(tokens, what).array
        if array.ndim == 2:
            array = array[_row(array.shape[0], index, what)]
        if array.ndim != 1 or array.dtype.kind != "i":
            raise AttentionError(f"{what} are an array of {array.dtype} {list(array.shape)}; expected token ids [N] or [1, N]", kind="invalid input")
        return array.tolist()
    raise AttentionError(f"{what} are a {type(tokens).__name__}; give a list of str, or ids with tokenizer=", kind="invalid input")


def _row(count, index, what):
    if index is None and count != 1:
        raise AttentionError(f"{what} are of {count} texts; say which with index=", kind="invalid input")
    if index is not None and not -count <= index < count:
        raise AttentionError(f"index={index}, but {what} are of {count} texts", kind="invalid input")
    return index or 0


def make_tokens(tokens, tokenizer, index=None, what="the tokens"):
    """A list of str, ids, an encoding, or a text with its tokenizer, as Tokens; None stays None. Raises AttentionError."""
    if tokens is None or isinstance(tokens, Tokens):
        return tokens
    if isinstance(tokens, str):
        if tokenizer is None:
            raise AttentionError(f"{what} are one text; give tokenizer= with it, or a list of tokens", kind="invalid input")
        tokens = tokenizer(tokens)["input_ids"]
    ids = _ids_of(tokens, index, what)
    if ids is None:
        return Tokens([token.decode("utf-8", "replace") if isinstance(token, bytes) else token for token in tokens])
    if tokenizer is None:
        return Tokens([f"#{i}" for i in ids], ids)
    return _with_tokenizer(ids, tokenizer)


def ids_array(tokens):
    """For a dump; None where no id is known."""
    return np.array(tokens.ids, np.int64) if tokens is not None and len(tokens) and all(i >= 0 for i in tokens.ids) else None
