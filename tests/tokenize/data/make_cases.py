"""Makes the small tokenizers of this folder and the values that the Python libraries give for them.

    python3 make_cases.py        (with `tokenizers` and `sentencepiece`; values here are those of 0.23.3 and 0.2.3)

bytes/: byte-level BPE with NFC, a prefix space, a template with BOS and EOS, trimmed offsets, and an added token for
each flag. fallback/: BPE with byte fallback as Llama 2 has it. Both get tokenizer.json and cases.json.
sentencepiece/: tokenizer.model (BPE with byte fallback) and cases.json with what SentencePiece gives for raw text.
"""
import io
import json
import pathlib

import sentencepiece
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

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
make_sentencepiece()
