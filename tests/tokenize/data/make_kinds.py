"""Makes kinds.json: small tokenizers of kinds that are easily read wrongly, with what the package `tokenizers` gives for them.

    python3 make_kinds.py        (values here are those of tokenizers 0.23.3)
"""
import json
import pathlib

from tokenizers import Tokenizer

KINDS = []


def added(content, **options):
    return {"id": 900, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False} | options


def words(*pieces, unk="<unk>"):
    return {"type": "WordLevel", "vocab": {p: i for i, p in enumerate(pieces)}, "unk_token": unk}


def bpe(pieces, merges=(), **options):
    return {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False,
            "byte_fallback": False, "ignore_merges": False, "vocab": {p: i for i, p in enumerate(pieces)}, "merges": list(merges)} | options


def unigram(*pieces, unk_id=0, byte_fallback=False):
    return {"type": "Unigram", "unk_id": unk_id, "vocab": [list(p) for p in pieces], "byte_fallback": byte_fallback}


def word_piece(*pieces, most=100):
    return {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": most, "vocab": {p: i for i, p in enumerate(pieces)}}


def split(regex, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: regex}, "behavior": behavior, "invert": invert}


def byte_level(prefix=False, trim=True, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": trim, "use_regex": regex}


def sequence(*parts, key="pretokenizers"):
    return {"type": "Sequence", key: list(parts)}


def replace(pattern, content, kind="Regex"):
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def kind(name, texts, model=None, **parts):
    file = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None}
    file |= parts | {"model": model or words("<unk>")}
    tokenizer = Tokenizer.from_str(json.dumps(file))
    encodings = [tokenizer.encode(text) for text in texts]
    KINDS.append({"name": name, "tokenizer": file, "texts": texts, "ids": [e.ids for e in encodings], "tokens": [e.tokens for e in encodings], "offsets": [e.offsets for e in encodings]})


JOINED = ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u06a9\u062a\u0627\u0628\u200c\u0647\u0627", "\U0001f469\u200d\U0001f467\u200d\U0001f466 ok", "x\u200d y\u200cz", "a\u0301b_c 1\u00bd\u2460"]
kind("joiners are word characters", JOINED, pre_tokenizer={"type": "Whitespace"})
for regex in (r"\w+", r"\W+", r"\b", r"^", r"$", r"^.", r".$", r"\h", r"\H+", r"(?m).+", r".+", r"[[:punct:]]", r"[[:^punct:]]+", r"[[:alpha:]]+", r"\A\w", r"\w\z", r"\R", r"\X", r"x*", r"(?<=e)a?", r"(?i)THE|\p{Lu}\p{Ll}*", r"\p{Han}", r"[a-c&&[^b]]+"):
    kind(f"pattern {regex}", JOINED[:2] + ["The cafe\nab\r\nc 1f $5 <x>\u20ac!", "\u4e2d\u6587, abcab the"], pre_tokenizer=split(regex))
kind("an empty text between all characters", ["ab\u00e9"], pre_tokenizer=split("", kind="String"))
for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
    for invert in (False, True):
        kind(f"{behavior} {invert}", ["the-final--countdown-", "--"], pre_tokenizer=split("-", behavior, invert, "String"))
kind("byte level before whole words", ["\u00e9", "cat cat"], words("<unk>", "\u00c3\u00a9", "c", "cat", "\u0120cat"), pre_tokenizer=byte_level())
kind("byte level before unigram", ["\u00e9 a", "\t"], unigram(("<unk>", 0.0), ("\u00c3\u00a9", -1.0), ("\u0120", -2.0), ("a", -2.0), ("\u0120a", -5.0)), pre_tokenizer=byte_level())
kind("byte level before WordPiece", ["\u00e9 a", "aa"], word_piece("[UNK]", "\u00c3", "##\u00a9", "\u0120", "##a", "a"), pre_tokenizer=byte_level())
BYTES = ["<unk>", "\u00c4", "\u0142", "\u0120", "a", "\u010a", "\u00c3", "\u00a9", "c", "t", "at"]
kind("byte level twice", ["a ", "\t", "\u00e9"], bpe(BYTES), pre_tokenizer=sequence(byte_level(), byte_level()))
kind("byte level, then a split of its letters", ["a at", "\u00e9 cat"], bpe(BYTES, [["a", "t"]]), pre_tokenizer=sequence(byte_level(prefix=True), split("t", kind="String")))
kind("byte level as normalizer", ["\u00e9 at\n"], bpe(BYTES, [["a", "t"]]), normalizer={"type": "ByteLevel"})
kind("byte level with a suffix", ["at \u00e9"], bpe(BYTES + ["t</w>", "at</w>"], [["a", "t</w>"]], end_of_word_suffix="</w>"), pre_tokenizer=byte_level(prefix=True))
kind("a prefix space, trimmed", [" a  b ", "a\u3000 "], bpe(["\u0120", "a", "b", "\u0120a", "\u00e3", "\u0122", "\u00e3\u0122", "\u0120\u0120"], [["\u0120", "a"], ["\u0120", "\u0120"], ["\u00e3", "\u0122"]], unk_token=None), pre_tokenizer=byte_level(prefix=True), post_processor=byte_level(prefix=True))
for left, right in ((True, False), (False, True), (True, True)):
    kind(f"strip {left} {right}", ["  ", " ", "", " a ", "\u3000a\u00a0"], words("<unk>", " ", "  ", "a", " a", "a "), normalizer={"type": "Strip", "strip_left": left, "strip_right": right})
FALLBACK = ["<unk>", "a", "b</w>", "##b"] + [f"<0x{b:02X}>" for b in range(256)]
kind("bytes of a suffix", ["\u00e9", "a\u00e9"], bpe(FALLBACK, byte_fallback=True, end_of_word_suffix="</w>"))
kind("bytes of a prefix", ["ab\u00e9", "\u00e9a"], bpe(FALLBACK, byte_fallback=True, continuing_subword_prefix="##"))
kind("unknown before bytes", ["\u00e9\u4e2da", "\u4e2d\u00e9"], bpe(["<unk>", "a", "<0xC3>", "<0xA9>"], byte_fallback=True, fuse_unk=True))
kind("the unknown token's own text", ["\u00e9<unk>", "<unk>\u00e9", "a<unk>a", "<unk>"], unigram(("<unk>", 0.0), ("a", -1.0)))
kind("fused unknown that is a piece", ["\u00e9\u00e8", "\u00e8\u00e9"], unigram(("<unk>", 0.0), ("a", 3.0), ("\u00e9\u00e8", -30.0)))
kind("bytes of fused unknown", ["\u00e9\u4e2d a"], unigram(("<unk>", 0.0), ("a", -1.0), *[(f"<0x{b:02X}>", 0.0) for b in range(256)], byte_fallback=True))
kind("a byte is the unknown token", ["\u00e9a\u00e0", "a\u00e9\u00e0"], unigram(("a", -1.0), ("<0xC3>", -2.0), ("<0xA9>", -2.0), unk_id=1, byte_fallback=True))
GAPS = {"type": "WordLevel", "vocab": {"<unk>": 0, "a": 1, "z": 9}, "unk_token": "<unk>"}
kind("new tokens behind a piece with a large id", ["z<x><y>"], GAPS, added_tokens=[added("z", id=20), added("<x>", id=21), added("<y>", id=22)])
kind("one token listed twice", ["a<x>a <x>"], GAPS, added_tokens=[added("<x>", id=20, single_word=True), added("<x>", id=21, single_word=False)])
kind("scores as the package reads them", ["ab" * 30], unigram(("<unk>", 0.0), ("a", -2.012292861938476), ("b", -3.104178468346596), ("ab", -5.116471330285072), ("ba", -5.116471330285073), ("aba", -7.128764192223548)))
kind("merges under a prefix", ["aaaa", "abab"], bpe(["<unk>", "a", "##a", "b", "##b", "aa", "##aa", "ab", "##ab"], [["a", "##a"], ["##a", "##a"], ["a", "##b"], ["##a", "##b"]], continuing_subword_prefix="##"))
kind("a comment among merges", ["at"], bpe(["a", "t", "at"], ["#version: 0.2", "a t"], unk_token=None))
GAPS = {"<unk>": 0, "a": 5, "b": 2}
kind("ids with gaps", ["a<x>b<y>", "<z>"], {"type": "WordLevel", "vocab": GAPS, "unk_token": "<unk>"}, added_tokens=[added("<x>", id=10), added("<y>", id=20), added("<z>", id=4)])
kind("an added token twice", ["a X b", "aX"], words("<unk>", "a", "b"), added_tokens=[added("X"), added("X", lstrip=True, rstrip=True, special=True)])
kind("spaces of added tokens", ["a <l>  <r>  b<w>c <w> d", "  <l><r>  "], words("<unk>", "a", "b"), added_tokens=[added("<l>", lstrip=True), added("<r>", rstrip=True), added("<w>", single_word=True), added("  ")])
kind("single words", ["word sword word\u200d word_ (word)", "\u0645word"], words("<unk>"), added_tokens=[added("word", single_word=True)])
kind("added tokens that begin alike", ["<a><ab><abc", "ABab"], words("<unk>"), normalizer={"type": "Lowercase"}, added_tokens=[added("<a", normalized=True), added("<ab"), added("<abc", special=True), added("AB", normalized=True)])
FORMS = ["cafe\u0301 na\u00efve \u1ec7\u0301", "a\u0301\u0323b e\u0323\u0301", "\u0344\u0f73\u212b\uf900", "\ufb01\ufdfa\u00bd\u2460\uff21", "\ud55c\uad6d \u1112\u1161\u11ab", "\u0130I\u03a3"]
LETTERS = {"type": "Split", "pattern": {"Regex": "(?m)."}, "behavior": "Isolated", "invert": False}
for form in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"):
    kind(f"offsets after {form}", FORMS + ["a\u200b\ufeff\u2581\tb\u0007c\u001f"], normalizer={"type": form}, pre_tokenizer=LETTERS)
kind("offsets after accents", FORMS, normalizer=sequence({"type": "NFD"}, {"type": "StripAccents"}, {"type": "NFC"}, key="normalizers"), pre_tokenizer=LETTERS)
kind("offsets of BERT", FORMS + ["\u4e2d\u6587a\u0000b\u00ad\tc"], normalizer={"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}, pre_tokenizer=LETTERS)
kind("offsets of replacements", ["abc b", "b", "cb"], normalizer=sequence(replace("b", "xyz", "String"), replace("x+", ""), {"type": "Prepend", "prepend": "\u2581\u2581"}, key="normalizers"), pre_tokenizer=LETTERS)
kind("a replacement of nothing", ["ab", "\u00e9"], normalizer=replace("^|$", "x"), pre_tokenizer=LETTERS)
for scheme in ("always", "first", "never"):
    for cuts in (True, False):
        kind(f"metaspace {scheme} {cuts}", ["a b", " a  b ", "<x>a<x> b", "\u2581a"], words("<unk>", "\u2581a", "\u2581b", "a", "\u2581"), added_tokens=[added("<x>")], pre_tokenizer={"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": cuts})
kind("first, after a strip", ["  a b", "a b"], words("<unk>", "\u2581a", "\u2581b", "a"), normalizer={"type": "Strip", "strip_left": True, "strip_right": True}, pre_tokenizer={"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": True})
kind("scripts", ["  a\u4e2d\u6587 \u30ab\u3072\u30fcab, \u05e9\u05dc\u05d5\u05dd!", "\ue000\u0378a", " "], pre_tokenizer={"type": "UnicodeScripts"})
kind("fixed length", ["abcdefg\nh", "\u00e9\u4e2d"], pre_tokenizer={"type": "FixedLength", "length": 3})
kind("digits and delimiters", ["a1\u00b2\u0663-b 12"], pre_tokenizer=sequence({"type": "Digits", "individual_digits": False}, {"type": "CharDelimiterSplit", "delimiter": "-"}))
kind("punctuation", ["a!b\u00ab c$\u20ac\u166d"], pre_tokenizer={"type": "Punctuation", "behavior": "MergedWithPrevious"})
SPECIAL = {name: {"id": name, "ids": [i], "tokens": [name]} for i, name in enumerate(["<unk>", "S", "E"])}
A, B = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
S, E = ({"SpecialToken": {"id": name, "type_id": 0}} for name in "SE")


def template(*single, pair=(A, B)):
    return {"type": "TemplateProcessing", "single": list(single), "pair": list(pair), "special_tokens": SPECIAL}


MODEL = words("<unk>", "S", "E", "a", "b")
SPACES = {"type": "WhitespaceSplit"}
kind("a text twice in a template", ["a b"], MODEL, pre_tokenizer=SPACES, post_processor=template(S, A, E, A))
kind("a template without the text", ["a b"], MODEL, pre_tokenizer=SPACES, post_processor=template(S, E))
kind("a template after a template", ["a b"], MODEL, pre_tokenizer=SPACES, post_processor=sequence(template(S, A), template(A, pair=(B, E, A)), key="processors"))
for name in ("BertProcessing", "RobertaProcessing"):
    extra = {"trim_offsets": True, "add_prefix_space": False} if name[0] == "R" else {}
    kind(f"{name} after a template", ["a b"], MODEL, pre_tokenizer=SPACES, post_processor=sequence(template(S, A), {"type": name, "sep": ["E", 2], "cls": ["S", 1]} | extra, key="processors"))
kind("longest words", ["aab aaaa", "\u00e9\u00e9\u00e9"], word_piece("[UNK]", "a", "##a", "##b", "\u00e9", "##\u00e9", most=3), pre_tokenizer=SPACES)

out = pathlib.Path(__file__).parent / "kinds.json"
out.write_text("[\n" + ",\n".join(json.dumps(k, ensure_ascii=True, separators=(",", ":")) for k in KINDS) + "\n]\n", encoding="utf-8")
