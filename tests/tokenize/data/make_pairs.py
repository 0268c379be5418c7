"""Makes pairs.json: how small tokenizers put two texts together, as the package `tokenizers` does it.

    python3 make_pairs.py        (values here are those of tokenizers 0.23.3)
"""
import json
import pathlib

from tokenizers import Tokenizer

SPECIAL = {"[CLS]": 0, "[SEP]": 1, "<s>": 2, "</s>": 3}
WORDS = ["a", "b", "c", "\u0120", "\u0120a", "\u0120b", "<unk>"]
VOCAB = SPECIAL | {word: len(SPECIAL) + i for i, word in enumerate(WORDS)}
PAIRS = [["a b", "c"], ["a", " b  c"], ["", "b"], ["a", ""], ["a [SEP] b", "c"], ["\u00e9 a", "b \u4f60 c"]]
ADDED = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for t, i in SPECIAL.items()]


def text(name, segment):
    return {"Sequence": {"id": name, "type_id": segment}}


def special(name, segment):
    return {"SpecialToken": {"id": name, "type_id": segment}}


def template(single, pair):
    return {"type": "TemplateProcessing", "single": single, "pair": pair,
            "special_tokens": {t: {"id": t, "ids": [i], "tokens": [t]} for t, i in SPECIAL.items()}}


def ends(kind, **parts):
    first, last = ("[CLS]", "[SEP]") if kind == "BertProcessing" else ("<s>", "</s>")
    return {"type": kind, "sep": [last, SPECIAL[last]], "cls": [first, SPECIAL[first]]} | parts


C, S = special("[CLS]", 0), special("[SEP]", 0)
BERT = template([C, text("A", 0), S], [C, text("A", 0), S, text("B", 1), special("[SEP]", 1)])
ROBERTA = ends("RobertaProcessing", trim_offsets=True, add_prefix_space=True)
BYTES = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
KINDS = {
    "bert": BERT,
    "bert as a processor": ends("BertProcessing"),
    "roberta": ROBERTA,
    "roberta, spaces kept": ends("RobertaProcessing", trim_offsets=False, add_prefix_space=False),
    "funnel": template([special("[CLS]", 2), text("A", 0), S], [special("[CLS]", 2), text("A", 0), S, text("B", 1), special("[SEP]", 1)]),
    "xlnet": template([text("A", 0), S, special("[CLS]", 2)], [text("A", 0), S, text("B", 1), special("[SEP]", 1), special("[CLS]", 2)]),
    "doubled": template([C, text("A", 0), S], [C, text("A", 0), S, S, text("B", 0), S]),
    "trimmed, then a template": {"type": "Sequence", "processors": [BYTES, BERT]},
    "a template, then trimmed": {"type": "Sequence", "processors": [BERT, BYTES]},
    "nothing between": template([C, text("A", 0)], [C, text("A", 0), text("B", 1), S]),
    "one text only": template([C, text("A", 0), S], []),
    "second first": template([C, text("A", 0)], [text("B", 1), S, text("A", 0)]),
    "bytes alone": BYTES,
}


def made(name, processor):
    file = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": ADDED, "normalizer": None, "decoder": None,
            "pre_tokenizer": BYTES, "post_processor": processor,
            "model": {"type": "WordLevel", "vocab": VOCAB, "unk_token": "<unk>"}}
    out = {"name": name, "tokenizer": file}
    if name in ("nothing between", "one text only", "second first", "bytes alone"):
        return out  # no form for two that a model could tell apart
    tokenizer = Tokenizer.from_str(json.dumps(file))
    for key, with_special in (("with", True), ("without", False)):
        encodings = [tokenizer.encode(*pair, add_special_tokens=with_special) for pair in PAIRS]
        out[key] = [{"ids": e.ids, "segments": e.type_ids, "sequences": e.sequence_ids, "offsets": e.offsets} for e in encodings]
    return out


path = pathlib.Path(__file__).with_name("pairs.json")
kinds = [made(name, processor) for name, processor in KINDS.items()]
path.write_text(json.dumps({"pairs": PAIRS, "kinds": kinds}, ensure_ascii=True, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
