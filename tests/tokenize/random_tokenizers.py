"""Random tokenizer.json files through Headlight and through the package `tokenizers`, token by token.

    python3 random_tokenizers.py --headlight build/release/src/cli/headlight --seed 1 --count 500 [--keep FOLDER]

Every tokenizer is drawn from the seed and its number: a model of each kind (made up, or trained by the package on a few lines),
and any normaliser, pre-tokeniser, post-processor and added tokens that the package knows. Each encodes some sixty texts; ids,
pieces and offsets must be equal. What is known to differ is counted under its reason (see REASONS), anything else is printed and
ends the program with 1. One process of Headlight serves one tokenizer. Values here are those of tokenizers 0.23.3.
"""
import argparse
import base64
import collections
import concurrent.futures
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import tempfile

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RUST_BACKTRACE"] = "0"

LINES = [
    "the cat sat on the mat", "The dog and the cat ran to the house, didn't they?", "na\u00efve caf\u00e9 \u00c0 la carte 12 34",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u06a9\u062a\u0627\u0628", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "\u4e2d\u6587 \u65e5\u672c\u8a9e\u30ab\u30bf\u30ab\u30ca \u3072\u3089\u304c\u306a", "\ud55c\uad6d\uc5b4 \uac00\ub098\ub2e4", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd x\u200d", "a\u0301 e\u0301 \u1ec7 o\u0323\u0302", "\ufb01ne \u00bd \u2460 \uff21\uff22", "<unk> [UNK] <s>"]
TEXTS = [
    "", " ", "  ", "\t", "\n", "\r\n", "a\r\nb\n\nc", "a", "the cat", " the cat ", "  the   cat  ", "The DOG didn't sit.",
    "caf\u00e9 cafe\u0301 na\u00efve", "a\u00a0b\u2003c\u3000d\u2028e\u0085f\u200bg\ufeffh", "\U0001f469\u200d\U0001f467\u200d\U0001f466 ok",
    "\U0001f44d\U0001f3fd\U0001f600", "\U0001f1ee\U0001f1f1", "x\u200d y\u200cz", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u06a9\u062a\u0627\u0628\u200c\u0647\u0627",
    "\u0627\u0644\u0633\u0644\u0627\u0645 \u0639\u0644\u064a\u0643\u0645\u061f", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd \u05e2\u05d5\u05dc\u05dd", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u0e01\u0e33",
    "\u4e2d\u6587abc\u65e5\u672c", "\u30ab\u30bf\u30ab\u30ca\u30fc\u3072\u3089 \uff76\uff9e", "\ud55c\uad6d\uc5b4", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "\uac01\u11a8",
    "a\u0301\u0323", "e\u0323\u0301 q\u0307\u0323\u0323", "\u1ec7\u0301", "\u0344\u0f73", "\u212b\u2126\uf900", "\ufb01\ufdfa \u00bd\u2460\uff21", "\u0130I\u0131\u03a3\u03c3\u03c2 \u1e9e\u00df",
    "a\u0000b", "\u0000\u0001\u0007\u001f\u007f\u0080\u009f", "\u0378\U000e0fff\ue000\U0010ffff", "\ufffd\ufffe", "12 345 \u0661\u0662\u0663 \u096a\u00b2\u2167 1.5e-3",
    "don't I'LL we've 'tis", "a-b--c---d", "the-final--countdown", "!?..,;: (x) [y] {z} <w> $5 ^a`b~|+=", "\u00ab\u2026\u00bb\u3001\u3002\uff01",
    "<unk>", "a<unk>b", "\u00e9<unk>", "<s>the</s>", "[UNK] [CLS]x[SEP]", "a<x>b<y>", "<x> <y>  <x><x>", " <sp>  word<sp>", "word sword words word",
    "\u2581the\u2581cat \u2581", "\u0120the \u010a", "<0x41>\u00e9", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ab" * 60 + " " + "\u00e9" * 30, "\u0915\u094d\u0937\u093f \u0928\u092e\u0938\u094d\u0924\u0947", "\u0b95\u0bcd\u0bb7 \u0d15\u0d4d\u200d", "the\ncat\n\n  sat\t\ton"]
CONTENTS = ["<x>", "<y>", "<sp>", "word", "the", "<unk>", " ", "  ", "a", "\u00e9", "e\u0301", "<X>", "\u200d", "THE", "cat ", "\n", "\u2581", "<0x41>", "b<", "<", "\u4e2d", "1"]
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
REGEXES = [
    r"\s+", r"\S+", r"\w+", r"\W+", r"\w+|[^\w\s]+", r"^", r"$", r"\b", r"\B", r"^\w", r"\w$", r"(?m).+", r".+", r"\h+", r"\H", r"[[:punct:]]", r"[[:punct:]]+", r"[[:^punct:]]+", r"[^[:punct:]\s]+", r"[:punct:]", r"[[:alpha:]&&[^[:punct:]a]]", r"[[:graph:]--[:punct:]]",
    r"[[:alpha:]]+", r"[[:^space:]]", r"\d+", r"\d{1,3}(?=(\d{3})*\b)", r"\p{L}+", r"\p{Han}", r"[\p{L}\p{M}]+", r"\X", r"\R", r"\N+", r"\O", r"(?<=e)a?",
    r"(?i)the|CAT", r"\p{N}{1,3}", r"(?<!a)b", r"x*", r"a|", r"[a-c&&[^b]]+", r"\p{Lu}\p{Ll}*", r"(.)\1", r"\A\s", r"\s\z", r"\s\Z", r"\G.", r"[^\r\n\p{L}\p{N}]?\p{L}+",
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"[\p{P}$+<=>^`|~]", r"\p{Script=Greek}", r"\p{^L}", r"(?x) a b # c", r"\x{e9}", r"\u00e9", r"[\u4e00-\u9fff]", r"(?>a+)b", r"a++", r" {2,}", r"\n", r"\p{Cf}", r"\K", r"e\Kt", r"(?W)\w+", r"\y", r"\Y"]
SPLITTERS = ["-", " ", "a", "the", ".", "", "\u200d", "\u2581", "\n", "e\u0301", "$", "(x)"]
KINDS = ["BPE", "BPE", "WordLevel", "WordPiece", "Unigram"]

# Every reason for which an answer may differ, and why it is not followed. The counts are printed; all but "the package cannot load
# it" and "the package ends or hangs", which count tokenizers, count texts.
REASONS = {
    "the package panics": "an index out of range or the like in the reference; there is no answer to compare",
    "the package ends or hangs": "its process dies, or takes 90 s for the texts of one tokenizer; there is no answer to compare",
    "the package cannot load it": "both may refuse; nothing to compare",
    "an added token that becomes empty": "refused by name: the reference cuts texts between their bytes there, and panics on all but ASCII",
    "both refuse the text": "no token for it and none for the unknown, or a pattern that goes back and forth too long",
    "span past the word": "bytes of a BPE prefix or suffix: tokens that the reference counts past their word have the word's end, all others agree",
    "span of a dropped character": "BPE without an unknown token: in a word the tokens around and behind what was dropped slip, all others agree",
    "piece of a shared id": "an id that an added token or a template uses again: either text of that very id, all other pieces agree",
    "two added tokens look alike": "of two tokens with one normalised text the reference finds either, as its hash falls: it agrees once the other is away",
}


def pick_table(rng):
    """A normalisation table in the trainer's own format: a double array of a few short keys, made here."""
    rules = [("\u00bd", "1/2"), ("\ufb01", "fi"), ("\t", " "), ("e\u0301", "\u00e9"), ("\u0001", ""), ("\u00a0", " "), ("\u200d", ""), ("\uff21", "A"),
             ("\u4e2d", "zhong"), ("A", "a"), ("\u00e9", "e"), ("\U0001f44d", "+"), ("\u0645", "m"), ("\u0323", ""), ("  ", " "), ("\r\n", "\n")]
    return make_table(dict(rng.sample(rules, rng.randint(1, 8))))


def make_table(rules):
    strings, places = b"", {}
    for key, value in rules.items():
        places[key.encode()] = len(strings)
        strings += value.encode() + b"\0"
    units = {}

    def unit(offset, label, has_leaf):
        assert offset < 1 << 21
        return offset << 10 | (1 << 8 if has_leaf else 0) | label

    taken, pending = {0}, [(0, 0, b"")]
    next_block = 1
    while pending:
        place, label, prefix = pending.pop()
        children = sorted({key[len(prefix)] for key in places if key.startswith(prefix) and len(key) > len(prefix)})
        leaf = prefix in places
        while True:  # a block where all children are free
            base = next_block << 8
            next_block += 1
            slots = [base ^ child for child in children] + ([base] if leaf else [])
            if not taken.intersection(slots):
                break
        taken.update(slots)
        units[place] = unit(place ^ base, label, leaf)
        if leaf:
            units[base] = 1 << 31 | places[prefix]
        for child in children:
            pending.append((base ^ child, child, prefix + bytes([child])))
    size = (max(units) | 255) + 1
    array = b"".join(units.get(i, 0x55).to_bytes(4, "little") for i in range(size))
    return base64.b64encode(len(array).to_bytes(4, "little") + array + strings).decode()


def pick_pattern(rng):
    return {"Regex": rng.choice(REGEXES)} if rng.random() < 0.6 else {"String": rng.choice(SPLITTERS)}


def pick_normalizer(rng, depth=0):
    kind = rng.choice(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Strip", "StripAccents", "BertNormalizer", "Prepend", "Replace", "Precompiled", "Nmt", "ByteLevel", "Sequence", "Sequence"])
    if kind == "Strip":
        return {"type": kind, "strip_left": rng.random() < 0.5, "strip_right": rng.random() < 0.5}
    if kind == "BertNormalizer":
        return {"type": kind, "clean_text": rng.random() < 0.6, "handle_chinese_chars": rng.random() < 0.6, "strip_accents": rng.choice([None, True, False]), "lowercase": rng.random() < 0.5}
    if kind == "Prepend":
        return {"type": kind, "prepend": rng.choice(["\u2581", " ", "ab", "\u00e9"])}
    if kind == "Replace":
        return {"type": kind, "pattern": pick_pattern(rng), "content": rng.choice(["", " ", "\u2581", "x", "ab", "\u00e9", "\\1"])}
    if kind == "Precompiled":
        return {"type": kind, "precompiled_charsmap": pick_table(rng)}
    if kind == "Sequence":
        if depth > 1:
            return {"type": "NFC"}
        return {"type": kind, "normalizers": [pick_normalizer(rng, depth + 1) for _ in range(rng.randint(0, 3))]}
    return {"type": kind}


def byte_level(rng):
    return {"type": "ByteLevel", "add_prefix_space": rng.random() < 0.5, "trim_offsets": rng.random() < 0.5, "use_regex": rng.random() < 0.7}


def pick_pre_tokenizer(rng, depth=0):
    kind = rng.choice(["ByteLevel", "ByteLevel", "Whitespace", "WhitespaceSplit", "BertPreTokenizer", "Metaspace", "Metaspace", "Split", "Split", "Split", "Punctuation",
                       "Digits", "CharDelimiterSplit", "UnicodeScripts", "FixedLength", "Sequence", "Sequence", "Sequence"])
    if kind == "ByteLevel":
        return byte_level(rng)
    if kind == "Metaspace":
        return {"type": kind, "replacement": rng.choice(["\u2581", "\u2581", "_", " "]), "prepend_scheme": rng.choice(["always", "first", "never"]), "split": rng.random() < 0.7}
    if kind == "Split":
        return {"type": kind, "pattern": pick_pattern(rng), "behavior": rng.choice(BEHAVIORS), "invert": rng.random() < 0.3}
    if kind == "Punctuation":
        return {"type": kind, "behavior": rng.choice(BEHAVIORS)}
    if kind == "Digits":
        return {"type": kind, "individual_digits": rng.random() < 0.5}
    if kind == "CharDelimiterSplit":
        return {"type": kind, "delimiter": rng.choice(" -a\u00e9\n\u200d")}
    if kind == "FixedLength":
        return {"type": kind, "length": rng.choice([1, 2, 3, 5, 100])}
    if kind == "Sequence":
        if depth > 1:
            return {"type": "WhitespaceSplit"}
        return {"type": kind, "pretokenizers": [pick_pre_tokenizer(rng, depth + 1) for _ in range(rng.randint(0, 3))]}
    return {"type": kind}


def alphabet():
    chars, n = {}, 0
    for b in range(256):
        if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174:
            chars[b] = chr(b)
        else:
            chars[b] = chr(256 + n)
            n += 1
    return chars


ALPHABET = alphabet()


def words_seen(file):
    """Pieces that really occur: what the package cuts the texts into before the model."""
    from tokenizers import Tokenizer
    probe = dict(file, added_tokens=[], post_processor=None, model={"type": "WordLevel", "vocab": {"<unk>": 0}, "unk_token": "<unk>"})
    words = collections.Counter()
    try:
        tokenizer = Tokenizer.from_str(json.dumps(probe))
    except Exception:
        return words
    for text in TEXTS + LINES:
        try:
            normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
            parts = tokenizer.pre_tokenizer.pre_tokenize_str(normal) if tokenizer.pre_tokenizer else [(normal, None)]
        except BaseException as error:  # the package's panics are no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            continue
        for word, _ in parts:
            words[word] += 1
    return words


def drawn(rng, rest, count):
    return rng.sample(rest, min(count, len(rest)))


def pick_bpe(rng, words):
    unk = rng.choice(["<unk>", "<unk>", None, "<unk>"])
    prefix = rng.choice([None, None, None, "##", ""])
    suffix = rng.choice([None, None, None, "</w>"])
    pieces = ["<unk>"] if unk or rng.random() < 0.5 else []
    fallback = rng.random() < 0.35
    if fallback:
        pieces += [f"<0x{b:02X}>" for b in range(256) if rng.random() < 0.999]
    if rng.random() < 0.4:
        pieces += list(ALPHABET.values())
    chars = sorted({c for word in words for c in word})
    pieces += drawn(rng, chars, int(len(chars) * rng.choice([0.5, 0.8, 1.0])))
    if prefix:
        pieces += [prefix + c for c in drawn(rng, chars, len(chars) // 2)]
    if suffix:
        pieces += [c + suffix for c in drawn(rng, chars, len(chars) // 2)]
        pieces += [(prefix or "") + c + suffix for c in drawn(rng, chars, len(chars) // 2)]
    vocab = {p: i for i, p in enumerate(dict.fromkeys(pieces))}
    merges = []
    cut = len(prefix or "")
    for word in drawn(rng, sorted(words), min(len(words), 60)):
        symbols = [((prefix or "") if i else "") + c for i, c in enumerate(word[:12])]
        if suffix and symbols and len(word) <= 12:
            symbols[-1] += suffix
        while len(symbols) > 1 and rng.random() < 0.9:
            i = rng.randrange(len(symbols) - 1)
            a, b = symbols[i], symbols[i + 1]
            if a not in vocab or b not in vocab:
                break
            whole = a + b[cut:]
            vocab.setdefault(whole, len(vocab))
            if (a, b) not in merges:
                merges.append((a, b))
            symbols[i:i + 2] = [whole]
    if rng.random() < 0.2 and merges:
        merges.append(rng.choice(merges))
    if fallback and rng.random() < 0.3 and "<0xC3>" in vocab and "<0xA9>" in vocab:
        vocab.setdefault("<0xC3><0xA9>"[:6] + "<0xA9>"[cut:], len(vocab))
        merges.append(("<0xC3>", "<0xA9>"))
    if rng.random() < 0.15:  # ids with gaps
        vocab = {p: i * 2 + 1 for p, i in vocab.items()}
    legacy = rng.random() < 0.4 and all(" " not in a + b for a, b in merges)
    return {"type": "BPE", "dropout": rng.choice([None, None, 0.0]), "unk_token": unk, "continuing_subword_prefix": prefix, "end_of_word_suffix": suffix,
            "fuse_unk": rng.random() < 0.5, "byte_fallback": fallback, "ignore_merges": rng.random() < 0.25, "vocab": vocab,
            "merges": (["#version: 0.2"] if rng.random() < 0.3 else []) + [f"{a} {b}" for a, b in merges] if legacy else [list(m) for m in merges]}


def pick_word_level(rng, words):
    kept = drawn(rng, sorted(words), int(len(words) * 0.7))
    unk = rng.choice(["<unk>", "<unk>", "<unk>", "a", "missing"])
    vocab = {w: i for i, w in enumerate(dict.fromkeys(["<unk>"] * (rng.random() < 0.9) + kept))}
    return {"type": "WordLevel", "vocab": vocab, "unk_token": unk}


def pick_word_piece(rng, words):
    prefix = rng.choice(["##", "##", "", "@@", "\u0120"])
    chars = sorted({c for word in words for c in word})
    pieces = ["[UNK]"] + drawn(rng, chars, int(len(chars) * 0.8)) + [prefix + c for c in drawn(rng, chars, int(len(chars) * 0.8))]
    for word in drawn(rng, sorted(words), len(words) // 2):
        i, j = sorted((rng.randrange(len(word) + 1), rng.randrange(len(word) + 1))) if word else (0, 0)
        pieces += [word[:j], prefix + word[i:j]]
    return {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": prefix, "max_input_chars_per_word": rng.choice([100, 100, 5, 1, 0]),
            "vocab": {p: i for i, p in enumerate(dict.fromkeys(pieces))}}


def pick_unigram(rng, words):
    chars = sorted({c for word in words for c in word})
    pieces = drawn(rng, chars, int(len(chars) * rng.choice([0.5, 0.9])))
    for word in drawn(rng, sorted(words), len(words) // 2):
        i, j = sorted((rng.randrange(len(word) + 1), rng.randrange(len(word) + 1)))
        pieces.append(word[i:j])
    fallback = rng.random() < 0.3
    if fallback:
        pieces += [f"<0x{b:02X}>" for b in range(256)]
    scores = rng.choice([lambda: -rng.random() * 10, lambda: -float(rng.randint(1, 4)), lambda: rng.choice([0.0, -1.0, 2.5])])
    pieces = list(dict.fromkeys(pieces))
    if rng.random() < 0.2:
        pieces += drawn(rng, pieces, 3)
    vocab = [["<unk>", rng.choice([0.0, -5.0])]] + [[p, scores()] for p in pieces]
    if rng.random() < 0.3:
        rng.shuffle(vocab)
    unk = next(i for i, (p, _) in enumerate(vocab) if p == "<unk>")
    return {"type": "Unigram", "unk_id": rng.choice([unk, unk, unk, None, rng.randrange(len(vocab))]), "vocab": vocab, "byte_fallback": fallback}


def train(rng, file, kind):
    """A model that the package's trainer makes of the lines under the file's own steps."""
    from tokenizers import Tokenizer, models, trainers
    tokenizer = Tokenizer.from_str(json.dumps(dict(file, added_tokens=[], model={"type": "WordLevel", "vocab": {"<unk>": 0}, "unk_token": "<unk>"}, post_processor=None)))
    options = {"show_progress": False, "special_tokens": ["<unk>"], "vocab_size": rng.choice([60, 150, 400])}
    if kind == "BPE":
        tokenizer.model = models.BPE(unk_token="<unk>", fuse_unk=rng.random() < 0.5)
        trainer = trainers.BpeTrainer(**options)
    elif kind == "WordPiece":
        tokenizer.model = models.WordPiece(unk_token="<unk>")
        trainer = trainers.WordPieceTrainer(**options)
    elif kind == "Unigram":
        tokenizer.model = models.Unigram()
        trainer = trainers.UnigramTrainer(unk_token="<unk>", **options)
    else:
        tokenizer.model = models.WordLevel(unk_token="<unk>")
        trainer = trainers.WordLevelTrainer(**options)
    tokenizer.train_from_iterator(LINES, trainer)
    return json.loads(tokenizer.to_str())["model"]


def pick_model(rng, file):
    kind = rng.choice(KINDS)
    if rng.random() < 0.25:
        try:
            return train(rng, file, kind)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
    words = {w for w in words_seen(file) if w}
    for text in drawn(rng, TEXTS, 10):
        words.update(w for w in text.split() if w)
    return {"BPE": pick_bpe, "WordLevel": pick_word_level, "WordPiece": pick_word_piece, "Unigram": pick_unigram}[kind](rng, words)


def pick_added(rng, model):
    out = []
    for content in rng.choices(CONTENTS, k=rng.choice([0, 0, 1, 2, 4, 8])):
        special = rng.random() < 0.4
        out.append({"id": rng.randrange(1000), "content": content, "single_word": rng.random() < 0.3, "lstrip": rng.random() < 0.3, "rstrip": rng.random() < 0.3,
                    "normalized": rng.random() < 0.5, "special": special})
    if rng.random() < 0.3:
        for piece in drawn(rng, sorted(model["vocab"]) if isinstance(model["vocab"], dict) else [p for p, _ in model["vocab"]], 2):
            out.append({"id": 0, "content": piece, "single_word": False, "lstrip": False, "rstrip": False, "normalized": rng.random() < 0.5, "special": rng.random() < 0.5})
    # The package does not ask for these ids; transformers, which Headlight follows, adds all once more in their order.
    for token, i in zip(out, sorted(rng.sample(range(1000), len(out)))):
        token["id"] = i
    return out


def some_ids(rng, model):
    vocab = model["vocab"].items() if isinstance(model["vocab"], dict) else [(p, i) for i, (p, _) in enumerate(model["vocab"])]
    vocab = sorted(vocab, key=lambda item: item[1]) or [("<unk>", 0)]
    return [rng.choice(vocab) for _ in range(3)]


def pick_post_processor(rng, model, depth=0):
    kind = rng.choice([None, None, "ByteLevel", "TemplateProcessing", "TemplateProcessing", "BertProcessing", "RobertaProcessing", "Sequence"])
    ids = some_ids(rng, model)
    if kind == "ByteLevel":
        return byte_level(rng)
    if kind in ("BertProcessing", "RobertaProcessing"):
        out = {"type": kind, "sep": list(ids[0]), "cls": list(ids[1])}
        if kind == "RobertaProcessing":
            out |= {"trim_offsets": rng.random() < 0.7, "add_prefix_space": rng.random() < 0.5}
        return out
    if kind == "TemplateProcessing":
        names = {"S": ids[0], "E": ids[1], "X": ids[2]}
        piece = {"A": {"Sequence": {"id": "A", "type_id": 0}}, "B": {"Sequence": {"id": "B", "type_id": 1}}}
        piece |= {n: {"SpecialToken": {"id": n, "type_id": 0}} for n in names}
        single = rng.choice(["A", "SA", "AE", "SAE", "SSAE", "AXA", "S", "SAEX", ""])
        pair = rng.choice(["AB", "SAEBE", "BXA"])
        special = {n: {"id": n, "ids": [p[1]], "tokens": [p[0]]} for n, p in names.items()}
        special["X"] = {"id": "X", "ids": [ids[2][1], ids[0][1]], "tokens": [ids[2][0], ids[0][0]]}
        return {"type": kind, "single": [piece[c] for c in single], "pair": [piece[c] for c in pair], "special_tokens": special}
    if kind == "Sequence" and depth < 2:
        parts = [pick_post_processor(rng, model, depth + 1) for _ in range(rng.randint(1, 3))]
        return {"type": kind, "processors": [p for p in parts if p]}
    return None


def pick_tokenizer(seed, number):
    rng = random.Random(f"{seed}/{number}")
    file = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None}
    if rng.random() < 0.6:
        file["normalizer"] = pick_normalizer(rng)
    if rng.random() < 0.85:
        file["pre_tokenizer"] = pick_pre_tokenizer(rng)
    file["model"] = pick_model(rng, file)
    file["added_tokens"] = pick_added(rng, file["model"])
    file["post_processor"] = pick_post_processor(rng, file["model"])
    return file


def pick_texts(seed, number, file):
    """All of TEXTS' kinds, some of them put together anew."""
    rng = random.Random(f"{seed}/{number}/texts")
    texts = list(TEXTS)
    contents = [t["content"] for t in file["added_tokens"]]
    for i in rng.sample(range(len(texts)), 20):
        parts = [rng.choice(TEXTS + CONTENTS + contents * 3) for _ in range(rng.randint(2, 4))]
        texts[i] = rng.choice(["", " ", "", "  "]).join(parts)
    return texts


def loaded(file):
    """The package's tokenizer, or its words on why not."""
    from tokenizers import Tokenizer
    try:
        return Tokenizer.from_str(json.dumps(file))
    except BaseException as error:  # the package's panics are no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return str(error)


def reference_answer(tokenizer, text):
    try:
        encoding = tokenizer.encode(text)
        return {"ids": encoding.ids, "tokens": encoding.tokens, "offsets": [list(o) for o in encoding.offsets]}
    except Exception as error:
        return {"refused": str(error)}
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"panic": str(error)}


def reference_answers(file, texts):
    tokenizer = loaded(file)
    return tokenizer if isinstance(tokenizer, str) else [reference_answer(tokenizer, text) for text in texts]


def our_answers(headlight, file, texts, folder):
    path = pathlib.Path(folder) / "tokenizer.json"
    path.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    out, start = [], 0
    rows = lines.splitlines(keepends=True)
    while start < len(texts):  # a text that is refused ends the process; the rest goes to the next
        done = subprocess.run([headlight, "tokenize", "--tokenizer", str(path), "--jsonl"], input="".join(rows[start:]).encode(), capture_output=True, timeout=120)
        answers = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
        out += answers
        start += len(answers)
        if done.returncode == 0:
            break
        words = done.stderr.decode()
        if done.returncode < 0 or (not answers and start == 0 and "cannot" not in words and "no token" not in words and "takes" not in words and "longer" not in words):
            return words or f"signal {-done.returncode}"
        out.append({"refused": words})
        start += 1
    return out


def reasons_of_refusal(words, file, reference):
    """A listed reason for each text of a tokenizer that Headlight does not read, or nothing."""
    if "leaves nothing of the added token" in words:
        tokenizer = loaded(dict(file, added_tokens=[]))
        if any(not tokenizer.normalizer.normalize_str(t["content"]) for t in file["added_tokens"] if t["normalized"]):
            return ["an added token that becomes empty"] * len(reference)
    if all("panic" in answer or "refused" in answer for answer in reference):
        return ["the package panics" if "panic" in answer else "both refuse the text" for answer in reference]
    return None


def words_of(file, text):
    """What the package gives to the model: the words' normalised texts and spans, by number. An unknown token of Unigram shows its text."""
    probe = loaded(dict(file, post_processor=None, model={"type": "Unigram", "vocab": [["\U0010fffe", 0.0]], "unk_id": 0}))
    encoding = probe.encode(text, add_special_tokens=False)
    return {w: (word, span) for word, span, w in zip(encoding.tokens, encoding.offsets, encoding.word_ids) if w is not None}


def first_dropped(model, word):
    """The byte of `word` where BPE without an unknown token first drops a character; nothing if it drops none."""
    prefix, suffix, at = model["continuing_subword_prefix"] or "", model["end_of_word_suffix"] or "", 0
    for i, c in enumerate(word):
        piece = (prefix if i else "") + c + (suffix if i + 1 == len(word) else "")
        has_bytes = model["byte_fallback"] and all(f"<0x{b:02X}>" in model["vocab"] for b in piece.encode())
        if piece not in model["vocab"] and not has_bytes:
            return at
        at += len(piece.encode()) if piece not in model["vocab"] else len(c.encode())
    return None


def num_spaces(piece):
    """As many characters as a post-processor may trim off the span of a piece."""
    return len(piece) - len(piece.strip().strip("\u0120"))


def reason_for_spans(file, text, reference, ours):
    """Each token whose span differs must be one that the package's model misplaces in its word, and Headlight's must lie in the word."""
    model, tokenizer = file["model"], loaded(file)
    encoding, words = tokenizer.encode(text), words_of(file, text)
    reasons, place = set(), {}
    for i, w in enumerate(encoding.word_ids):
        place[i] = 0 if i == 0 or w != encoding.word_ids[i - 1] else place[i - 1] + 1
        if reference["offsets"][i] == ours["offsets"][i]:
            continue
        if w not in words:
            return None
        word, (begin, end) = words[w]
        tokens = tokenizer.model.tokenize(word)
        if place[i] >= len(tokens) or tokens[place[i]].id != encoding.ids[i]:
            return None
        ours_begin, ours_end = ours["offsets"][i]
        if not begin <= ours_begin <= ours_end <= end:
            return None
        reached, dropped = tokens[place[i]].offsets[1], first_dropped(model, word) if model["unk_token"] is None else None
        if dropped is not None and (reached >= dropped or place[i] == 0):
            reasons.add("span of a dropped character")
        elif reached > len(word.encode()) and (not text[ours_end:end].strip() or end - ours_end <= num_spaces(encoding.tokens[i])):
            reasons.add("span past the word")
        else:
            return None
    return min(reasons) if reasons else None


def shares_id(file, tokenizer, i, texts):
    """Whether each of `texts` is a text of the id: a piece's, an added token's, a template's."""
    known = {piece for piece, other in file["model"]["vocab"].items() if other == i} if isinstance(file["model"]["vocab"], dict) else {file["model"]["vocab"][i][0]} if i < len(file["model"]["vocab"]) else set()
    known |= {token.content for other, token in tokenizer.get_added_tokens_decoder().items() if other == i}
    pending = [file["post_processor"]]
    while pending:
        step = pending.pop() or {}
        pending += step.get("processors", [])
        known |= {piece for special in step.get("special_tokens", {}).values() for piece, other in zip(special["tokens"], special["ids"]) if other == i}
        known |= {step[key][0] for key in ("cls", "sep") if key in step and step[key][1] == i}
    return len(known) > 1 and set(texts) <= known


def reason_for_alike(file, text, ours):
    """Of added tokens with one normalised text all but one are given texts that occur nowhere: one of these files must give Headlight's answer."""
    if file["normalizer"] is None:
        return None
    normalize = loaded(dict(file, added_tokens=[])).normalizer.normalize_str
    groups = collections.defaultdict(list)
    for content in dict.fromkeys(t["content"] for t in file["added_tokens"] if t["normalized"]):
        groups[normalize(content)].append(content)
    groups = [group for group in groups.values() if len(group) > 1]
    pieces = set(file["model"]["vocab"]) if isinstance(file["model"]["vocab"], dict) else {p for p, _ in file["model"]["vocab"]}
    for kept in itertools.product(*groups) if groups else []:
        away = {content: chr(0xF0000 + n) for n, content in enumerate(c for group in groups for c in group if c not in kept)}
        added = [dict(t, content=away[t["content"]], normalized=False) if t["content"] in away else t for t in file["added_tokens"]]
        added.sort(key=lambda t: t["content"] in away.values() and next(c for c in away if away[c] == t["content"]) in pieces)
        other = loaded(dict(file, added_tokens=added))
        if not isinstance(other, str) and reference_answer(other, text) == ours:
            return "two added tokens look alike"
    return None


def reason_for(file, text, reference, ours):
    """The listed reason of a difference, or nothing."""
    if "panic" in reference:
        return "the package panics"
    if "refused" in reference and "refused" in ours:
        return "both refuse the text"
    if "refused" in reference or "refused" in ours:
        return None
    if reference["ids"] == ours["ids"] and reference["tokens"] == ours["tokens"] and file["model"]["type"] == "BPE":
        return reason_for_spans(file, text, reference, ours)
    if reference["ids"] == ours["ids"] and reference["offsets"] == ours["offsets"]:
        tokenizer = loaded(file)
        if all(a == b or shares_id(file, tokenizer, i, (a, b)) for i, a, b in zip(reference["ids"], reference["tokens"], ours["tokens"])):
            return "piece of a shared id"
    return reason_for_alike(file, text, ours)


def compare(job, file, texts, reference):
    headlight, seed, number, keep = job
    counts, findings = collections.Counter({"tokenizers": 1}), []
    with tempfile.TemporaryDirectory() as folder:
        ours = our_answers(headlight, file, texts, folder)
    if isinstance(reference, str):
        counts["the package cannot load it"] += 1
        if not isinstance(ours, str):
            counts["... and Headlight reads it"] += 1
        return counts, []
    counts["texts"] += len(texts)
    if isinstance(ours, str):
        reasons = reasons_of_refusal(ours, file, reference)
        counts.update(reasons or [])
        if not reasons:
            findings.append((number, "refused", ours, ""))
    else:
        for text, ref, our in zip(texts, reference, ours):
            if "refused" not in ref and "panic" not in ref and ref == our:
                counts["equal"] += 1
                continue
            reason = reason_for(file, text, ref, our)
            if reason:
                counts[reason] += 1
            else:
                findings.append((number, text, ref, our))
    if findings and keep:
        (pathlib.Path(keep) / f"{seed}_{number}.json").write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    return counts, findings


def check_one(pipe, job):
    """Sends a word once the package has answered, then the counts and findings."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the package writes its panics there
    failed = collections.Counter({"tokenizers": 1})
    try:
        file = pick_tokenizer(*job[1:3])
        texts = pick_texts(*job[1:3], file)
    except BaseException as error:
        pipe.send("answered")
        return pipe.send((failed, [(job[2], "cannot be drawn", repr(error), "")]))
    reference = reference_answers(file, texts)
    pipe.send("answered")
    try:
        pipe.send(compare(job, file, texts, reference))
    except BaseException as error:  # nothing that goes wrong from here on is the package's
        pipe.send((failed, [(job[2], "cannot be compared", repr(error), "")]))


def isolated(job):
    """check_one() in a process of its own: some tokenizers make the package end the process, or wait for ever."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=check_one, args=(theirs, job))
    process.start()
    theirs.close()
    has_answered = False
    try:
        if ours.poll(90):
            has_answered = ours.recv() == "answered"
            if ours.poll(900):
                return ours.recv()
    except EOFError:
        pass
    finally:
        process.kill()
        process.join()
    if has_answered:
        return collections.Counter({"tokenizers": 1}), [(job[2], "no comparison", "the process ended, or took 900 s", "")]
    return collections.Counter({"tokenizers": 1, "the package ends or hangs": 1}), []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headlight", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", help="folder for the tokenizers of findings")
    parser.add_argument("--show", type=int, default=40, help="findings printed at most")
    arguments = parser.parse_args()
    import tokenizers  # fails here rather than in every worker
    print(f"tokenizers {tokenizers.__version__}, seed {arguments.seed}, numbers {arguments.first} to {arguments.first + arguments.count - 1}")
    jobs = [(arguments.headlight, arguments.seed, arguments.first + i, arguments.keep) for i in range(arguments.count)]
    totals, findings = collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for counts, found in pool.map(isolated, jobs):
            totals.update(counts)
            findings += found
    findings.sort(key=lambda f: f[0])
    for number, text, reference, ours in findings[:arguments.show]:
        print(f"tokenizer {arguments.seed}/{number}: {text!r}\n  reference {reference}\n  headlight {ours}")
    print("| what | count |\n| --- | --- |")
    for name, count in totals.items():
        print(f"| {name} | {count} |")
    print(f"| not listed | {len(findings)} in {len({f[0] for f in findings})} tokenizers |")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
