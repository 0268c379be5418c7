"""Makes the small tokenizers of this folder and the values that the Python libraries give for them.

    python3 make_cases.py        (with `tokenizers` and `sentencepiece`; values here are those of 0.23.3 and 0.2.3)

bytes/: byte-level BPE with NFC, a prefix space, a template with BOS and EOS, trimmed offsets, and an added token for
each flag. fallback/: BPE with byte fallback as Llama 2 has it. Both get tokenizer.json and cases.json.
words/: WordPiece as BERT has it. likely/: Unigram with a small normalisation table, accents stripped. whole/: WordLevel.
sentencepiece/: tokenizer.model (BPE with byte fallback) and cases.json with what SentencePiece gives for raw text.
"""
import io
import json
import pathlib
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
LINES = ["the cat sat on the mat", "the dog and the cat ran to the house", "on the mat the cat and the dog sat"] * 8
TEXTS = [
    "", " ", "the cat", " the cat ", "  the   cat  ", "café cafe\u0301", "a\nb\tc\r\n", "😀👍🏽", "שלום 中文",
    "the <mask> cat", "the  <right>  cat", "<s>the</s>", "word sword word", "the cat</s>\u00a0<mask>", "\u0000\u0001",
    "don't 123 ½", "AB ab Ab", "<0x41> \u2581the", "e\u0301\u0323 q\u0307\u0323",
]


def save(name, tokenizer):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    text = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    encodings = [tokenizer.encode(text) for text in TEXTS]
    cases = {
        "texts": TEXTS,
        "ids": [e.ids for e in encodings],
        "tokens": [e.tokens for e in encodings],
        "offsets": [e.offsets for e in encodings],
        "ids_without_special": [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS],
    }
    (folder / "cases.json").write_text(json.dumps(cases, ensure_ascii=True) + "\n", encoding="utf-8")


def make_bytes():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=True)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=290, special_tokens=["<s>", "</s>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(LINES, trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.add_tokens([AddedToken("<right>", rstrip=True, normalized=False), AddedToken("word", single_word=True),
                          AddedToken("caf\u00e9", normalized=True)])
    template = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), template])
    save("bytes", tokenizer)


def make_fallback():
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    pieces += ["\u2581", "t", "h", "e", "c", "a", "\u2581t", "\u2581th", "\u2581the", "at", "cat", "\u2581\u2581"]
    merges = [("\u2581", "t"), ("\u2581t", "h"), ("\u2581th", "e"), ("a", "t"), ("c", "at"), ("\u2581", "\u2581")]
    tokenizer = Tokenizer(models.BPE(vocab={p: i for i, p in enumerate(pieces)}, merges=merges, unk_token="<unk>",
                                     fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    save("fallback", tokenizer)


def make_words():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=12))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=70, show_progress=False, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
                                        initial_alphabet=["e", "\u4e2d", "1", "'", "d", "n"])
    tokenizer.train_from_iterator(LINES, trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    save("words", tokenizer)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    folder = HERE / "words_txt"
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece, _ in vocabulary), encoding="utf-8")


def small_table():
    """A normalisation table with a few rules, as the SentencePiece trainer compiles it."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        # In hexadecimal code points: a fraction, a ligature, a tab, an accented letter in two parts, a removed character.
        rules.write("BD\t31 2F 32\nFB01\t66 69\n9\t20\n65 301\t65\n1\t\nA0\t20\n")
        rules.flush()
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(LINES), model_writer=model, vocab_size=40, model_type="unigram", hard_vocab_limit=False,
            normalization_rule_tsv=rules.name, minloglevel=2)
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def make_likely():
    pieces = [("<s>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581the", -2.0), ("\u2581", -2.5), ("\u2581cat", -3.5),
              ("cat", -4.0), ("the", -4.2), ("c", -5.0), ("a", -5.1), ("t", -5.2), ("h", -5.3), ("e", -5.4), ("at", -5.0),
              ("f", -6.0), ("fi", -6.5), ("1", -6.0), ("/", -6.1), ("2", -6.2), ("th", -5.25), ("b", -6.0), ("ab", -7.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Strip(), normalizers.Precompiled(small_table()), normalizers.NFKD(), normalizers.StripAccents(),
         normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["<s>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    save("likely", tokenizer)


def make_whole():
    words = ["<unk>", "<s>", "the", "cat", "sat", "on", "mat", "dog", "123"]
    tokenizer = Tokenizer(models.WordLevel({word: id for id, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["<unk>", "<s>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    save("whole", tokenizer)


def make_sentencepiece():
    folder = HERE / "sentencepiece"
    folder.mkdir(exist_ok=True)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES), model_writer=model, vocab_size=300, model_type="bpe", byte_fallback=True,
        remove_extra_whitespaces=False, normalization_rule_name="identity", minloglevel=2)
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    texts = [text for text in TEXTS if "<" not in text and "\u0000" not in text]
    cases = {"texts": texts, "ids": [processor.encode(text) for text in texts],
             "tokens": [processor.encode(text, out_type=str) for text in texts]}
    (folder / "cases.json").write_text(json.dumps(cases, ensure_ascii=True) + "\n", encoding="utf-8")


make_bytes()
make_fallback()
make_words()
make_likely()
make_whole()
make_sentencepiece()
