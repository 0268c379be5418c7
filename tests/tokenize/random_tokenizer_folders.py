"""Random tokenizer folders beside AutoTokenizer: what the files of a folder mean together.

    python3 random_tokenizer_folders.py HEADLIGHT [--count 1000] [--seed 1] [--keep FOLDER]

Needs transformers 5.24, tokenizers and sentencepiece. Each folder is a vocabulary of one kind (vocab.txt, vocab.json with
merges.txt, a SentencePiece .model, tokenizer.json, none) under a class of tokenizers, with added tokens and settings drawn into
tokenizer_config.json, special_tokens_map.json and added_tokens.json, some of which contradict each other. The ids of some 40 texts
from `headlight tokenize --jsonl` are compared with the reference's: equal, or the folder is refused. Folders that differ are kept
under --keep. A table of kinds is printed; the exit status is 1 if any folder differs.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import warnings

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")

import sentencepiece
import tokenizers
from sentencepiece import sentencepiece_model_pb2 as spm_format
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

LINES = [
    "In the beginning God created the heaven and the earth.", "The quick brown fox jumps over the lazy dog.",
    "Déjà vu: the élève ran over 123 Straßen.", "Toi là sinh viên trường đại học.", "the cat sat on the mat, don't it?",
    "naïve café, co-operate; A.B.C. (1999) 50%", "привет мир, 你好 世界 こんにちは", "tokens and more tokens are words",
] * 12
WORDS = ["the", "The", "cat", " king", "went", "to", "Beginning", "é", "Ünï", "123", "1,000", "don't", "fox", "你好", "мир", "😀",
         "a\tb", "\n", "  ", "   ", "▁", "``", "''", "(x)", "\u00a0", "e\u0301", "ﬁ", "ＡＢ", "½", "x" * 30, "<unk>", "<s>", "</s>",
         "[MASK]", "<mask>", "[SEP]", "[CLS]", "<pad>", "[PAD]", "<|endoftext|>", "<extra_id_0>", "<extra_id_5>", "en_XX", "#", "\u200d",
         "\r\n", "\u3000", ">>fra<<"]
ADDED = ["<|user|>", "[E1]", "<num>", "[PAD]", "{", "foo", "Bar", "<sep>", "the", "é<x>", " lead", "trail ", "<a b>", "<mask>", "[X", "[X]",
         "<extra_id_0>", "▁the", "<|endoftext|>", "word"]
ROLES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
TXT_CLASSES = ["BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "ElectraTokenizer", "MPNetTokenizer", "FunnelTokenizer",
               "SplinterTokenizer", "ConvBertTokenizer", "DPRReaderTokenizer", "PhobertTokenizer", "BertweetTokenizer", "FooTokenizer",
               "BertJapaneseTokenizer", "RoFormerTokenizer"]
JSON_CLASSES = ["GPT2Tokenizer", "GPT2TokenizerFast", "RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "BlenderbotTokenizer",
                "DebertaTokenizer", "Qwen2Tokenizer", "CodeGenTokenizer", "GPTNeoXTokenizer", "CohereTokenizer", "CLIPTokenizer",
                "OpenAIGPTTokenizer", "HerbertTokenizer", "CTRLTokenizer", "WhisperTokenizer", "FooTokenizer", "XLMTokenizer"]
MODEL_CLASSES = ["LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer", "GemmaTokenizer", "T5Tokenizer", "XLMRobertaTokenizer",
                 "AlbertTokenizer", "DebertaV2Tokenizer", "MBartTokenizer", "MBart50Tokenizer", "CamembertTokenizer", "PegasusTokenizer",
                 "BarthezTokenizer", "RemBertTokenizer", "BigBirdTokenizer", "XLNetTokenizer", "NllbTokenizer", "ReformerTokenizer",
                 "FNetTokenizer", "PreTrainedTokenizerFast", "FooTokenizer", None, None]
FILE_CLASSES = {
    "WordPiece": ["BertTokenizer", "DistilBertTokenizerFast", "MPNetTokenizer", "FunnelTokenizer", "ConvBertTokenizer", "SplinterTokenizer"],
    "BPE": ["GPT2Tokenizer", "RobertaTokenizer", "Qwen2Tokenizer", "Qwen2TokenizerFast", "GPTNeoXTokenizer", "CLIPTokenizer",
            "LlamaTokenizer", "CohereTokenizer", "DebertaTokenizer", "BlenderbotTokenizer", "CodeGenTokenizer", "WhisperTokenizer"],
    "fallback": ["LlamaTokenizer", "LlamaTokenizerFast", "GemmaTokenizer", "CodeLlamaTokenizer", "NllbTokenizer", "ReformerTokenizer"],
    "Unigram": ["T5Tokenizer", "XLMRobertaTokenizer", "AlbertTokenizer", "DebertaV2Tokenizer", "MBartTokenizer", "MBart50Tokenizer",
                "CamembertTokenizer", "BarthezTokenizer", "PegasusTokenizer", "XLNetTokenizer", "XGLMTokenizer", "FNetTokenizer",
                "RemBertTokenizer", "BigBirdTokenizer"],
}
MODEL_FILES = {"T5Tokenizer": "spiece.model", "AlbertTokenizer": "spiece.model", "FNetTokenizer": "spiece.model",
               "XLMRobertaTokenizer": "sentencepiece.bpe.model", "MBartTokenizer": "sentencepiece.bpe.model",
               "MBart50Tokenizer": "sentencepiece.bpe.model", "CamembertTokenizer": "sentencepiece.bpe.model",
               "BarthezTokenizer": "sentencepiece.bpe.model", "NllbTokenizer": "sentencepiece.bpe.model", "DebertaV2Tokenizer": "spm.model",
               "PegasusTokenizer": "spiece.model", "RemBertTokenizer": "sentencepiece.model", "BigBirdTokenizer": "spiece.model",
               "XLNetTokenizer": "spiece.model", "ReformerTokenizer": "spiece.model"}
MODEL_TYPES = ["bert", "gpt2", "roberta", "llama", "mistral", "t5", "qwen2", "xlm-roberta", "phi3", "albert", "deberta-v2", "mbart", "clip",
               "modernbert", "gemma", "camembert", "distilbert", "unheard-of", "opt", "pegasus", "mpnet"]


class Bases:
    """Small vocabularies of each kind, trained once."""

    def __init__(self, rng):
        self.rng = rng
        words = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        words.normalizer = normalizers.BertNormalizer()
        words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<unk>", "<pad>", "<mask>", "<cls>", "<sep>"]
        words.train_from_iterator(LINES, trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, show_progress=False))
        self.words = words
        byte_level = Tokenizer(models.BPE())
        byte_level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        byte_level.decoder = decoders.ByteLevel()
        special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>", "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]"]
        byte_level.train_from_iterator(LINES, trainers.BpeTrainer(
            vocab_size=380, special_tokens=special, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
        self.byte_level = byte_level
        suffix = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
        suffix.normalizer = normalizers.BertNormalizer()
        suffix.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        suffix.train_from_iterator(LINES, trainers.BpeTrainer(
            vocab_size=260, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False, end_of_word_suffix="</w>"))
        self.suffix = suffix
        self.models = [self.train_model(**options) for options in (
            dict(model_type="unigram"), dict(model_type="unigram", normalization_rule_name="identity"),
            dict(model_type="unigram", control_symbols="[CLS],[SEP],[MASK],<pad>,<cls>,<sep>,<mask>", normalization_rule_name="nfkc"),
            dict(model_type="unigram", byte_fallback=True), dict(model_type="unigram", user_defined_symbols="<num>,foo"),
            dict(model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1), dict(model_type="unigram", add_dummy_prefix=False),
            dict(model_type="unigram", remove_extra_whitespaces=False, normalization_rule_name="nmt_nfkc_cf"),
            dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False),
            dict(model_type="bpe", byte_fallback=True), dict(model_type="bpe"),
            dict(model_type="bpe", byte_fallback=True, user_defined_symbols="<num>,the", normalization_rule_name="identity"))]

    def train_model(self, **options):
        folder = tempfile.mkdtemp()
        text = pathlib.Path(folder) / "text.txt"
        text.write_text("\n".join(LINES), encoding="utf-8")
        size = 420 if options.get("byte_fallback") else 190
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=folder + "/m", vocab_size=size, hard_vocab_limit=False, minloglevel=2, num_threads=1,
            **options)
        data = (pathlib.Path(folder) / "m.model").read_bytes()
        shutil.rmtree(folder)
        return data

    def model(self, kind=None):
        proto = spm_format.ModelProto()
        while True:
            proto.ParseFromString(self.models[2] if kind == "brackets" else self.rng.choice(self.models))
            if kind == "brackets":
                break
            is_unigram = proto.trainer_spec.model_type == 1
            if kind is None or (kind == "unigram") == is_unigram:
                break
        is_unigram = proto.trainer_spec.model_type == 1
        if is_unigram and self.rng.random() < 0.4:  # ties
            for piece in proto.pieces:
                if piece.type == 1:
                    piece.score = -float(self.rng.randint(1, 4))
        return proto


class Draw:
    """One folder's settings."""

    def __init__(self, rng):
        self.rng = rng

    def chance(self, share):
        return self.rng.random() < share

    def token(self, content, is_marked):
        rng = self.rng
        made = {"content": content}
        for key in ("lstrip", "rstrip", "single_word", "normalized", "special"):
            if is_marked or self.chance(0.8):
                made[key] = rng.random() < (0.3 if key in ("lstrip", "rstrip", "single_word") else 0.5)
        if is_marked:
            made["__type"] = "AddedToken"
        return made

    def settings(self, size):
        rng = self.rng
        files = {}
        config, special, added = {}, {}, {}
        for role in ROLES:
            content = rng.choice(["<s>", "</s>", "<unk>", "[PAD]", "<pad>", "[CLS]", "[SEP]", "[MASK]", "<mask>", "<|endoftext|>", "<new>", "[E1]"])
            if role == "unk_token":
                content = rng.choice(["<unk>", "[UNK]"])
            if self.chance(0.12):
                config[role] = content if self.chance(0.6) else self.token(content, True)
            elif self.chance(0.02):
                config[role] = None
            if self.chance(0.15):
                special[role] = content if self.chance(0.6) else self.token(content, False)
        for target, key in ((config, "additional_special_tokens"), (config, "extra_special_tokens"), (special, "additional_special_tokens")):
            if self.chance(0.15):
                target[key] = rng.sample(ADDED, rng.randint(0, 3))
        if self.chance(0.08):
            config["image_token"] = rng.choice(["<image>", "<num>"])
        if self.chance(0.06):
            config["extra_special_tokens"] = {"x_token": "<xx>", "y_token": "{"}
        if self.chance(0.4):
            for content in rng.sample(ADDED, rng.randint(1, 4)):
                added[content] = size + len(added) + (rng.randint(0, 3) if self.chance(0.2) else 0)
        if self.chance(0.3):
            config["added_tokens_decoder"] = {
                str(size + i if self.chance(0.8) else rng.randint(0, size)): {k: v for k, v in self.token(content, True).items() if k != "__type"}
                for i, content in enumerate(rng.sample(ADDED, rng.randint(0, 4)))}
        flags = {"do_lower_case": [True, False], "strip_accents": [True, False, None], "tokenize_chinese_chars": [True, False],
                 "add_prefix_space": [True, False, None], "add_bos_token": [True, False], "add_eos_token": [True, False],
                 "trim_offsets": [True, False], "legacy": [True, False, None], "keep_accents": [True, False],
                 "split_by_punct": [True, False], "extra_ids": [100, 10, 0], "src_lang": ["en_XX", "fr_XX", "zz_ZZ", None],
                 "clean_up_tokenization_spaces": [True, False], "split_special_tokens": [True], "model_max_length": [12, 512, 1e30],
                 "offset": [103, 5], "legacy_behaviour": [True, False], "remove_space": [True, False], "padding_side": ["left", "right"]}
        for key, values in flags.items():
            if self.chance(0.15 if key != "split_special_tokens" else 0.03):
                config[key] = rng.choice(values)
        if self.chance(0.85):
            files["tokenizer_config.json"] = config
        if special:
            files["special_tokens_map.json"] = special
        if added:
            files["added_tokens.json"] = added
        return files

    def texts(self):
        rng = self.rng
        texts = ["", " ", "The quick brown fox", "In the Beginning God Created"]
        while len(texts) < 40:
            parts = [rng.choice(WORDS if rng.random() < 0.65 else ADDED + ["<new>", "<image>", "<xx>"]) for _ in range(rng.randint(1, 7))]
            texts.append("".join(part + rng.choice(["", " ", " ", ""]) for part in parts))
        return texts


def named(files, name, rng, model_type=None):
    if name is not None:
        files.setdefault("tokenizer_config.json", {})["tokenizer_class"] = name
    if model_type is not None or rng.random() < 0.25:
        files["config.json"] = {"model_type": model_type or rng.choice(MODEL_TYPES)}
        if "tokenizer_config.json" in files and rng.random() < 0.2 and name is not None:
            files["config.json"]["tokenizer_class"] = files["tokenizer_config.json"].pop("tokenizer_class")


def vocab_txt(bases, draw):
    vocab = bases.words.get_vocab()
    files = draw.settings(len(vocab))
    lines = [piece for piece, _ in sorted(vocab.items(), key=lambda item: item[1])]
    if draw.chance(0.1):
        lines.insert(draw.rng.randint(20, 200), draw.rng.choice(["", "the ", "\u3000", "the"]))
    files["vocab.txt"] = "\n".join(lines) + "\n"
    kind = draw.rng.random()
    if kind < 0.8:
        named(files, draw.rng.choice(TXT_CLASSES), draw.rng)
    else:
        named(files, None, draw.rng, draw.rng.choice(["bert", "distilbert", "electra", "mpnet"]))
    return files


def vocab_json(bases, draw):
    name = draw.rng.choice(JSON_CLASSES)
    base = bases.suffix if name in ("CLIPTokenizer", "OpenAIGPTTokenizer", "HerbertTokenizer", "CTRLTokenizer", "XLMTokenizer") else bases.byte_level
    model = json.loads(base.to_str())["model"]
    files = draw.settings(len(model["vocab"]))
    if draw.chance(0.8):
        named(files, name, draw.rng)
    else:
        named(files, None, draw.rng, draw.rng.choice(["gpt2", "roberta", "bart", "qwen2", "opt", "phi", "gpt_neox"]))
    if name == "WhisperTokenizer":
        model["vocab"].update({"<|startoftranscript|>": len(model["vocab"]), "<|notimestamps|>": len(model["vocab"]) + 1})
    files["vocab.json"] = model["vocab"]
    merges = [" ".join(merge) if isinstance(merge, list) else merge for merge in model["merges"]]
    files["merges.txt"] = ("#version: 0.2\n" if draw.chance(0.8) else "") + "\n".join(merges) + "\n"
    return files


def spm_model(bases, draw):
    name = draw.rng.choice(MODEL_CLASSES)
    is_bpe = name in ("LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer", "GemmaTokenizer", "NllbTokenizer", "ReformerTokenizer")
    kind = None if name in (None, "FooTokenizer", "PreTrainedTokenizerFast", "FNetTokenizer") else "bpe" if is_bpe else "unigram"
    if name in ("AlbertTokenizer", "BigBirdTokenizer", "RemBertTokenizer") and draw.chance(0.8):
        kind = "brackets"
    proto = bases.model(kind)
    if name == "PegasusTokenizer":
        proto.pieces[2].score = 0.0
    files = draw.settings(len(proto.pieces))
    named(files, name, draw.rng, None if name is not None else draw.rng.choice(["llama", "mistral", "phi3", "t5", "gemma", "albert"]))
    target = MODEL_FILES.get(name, "tokenizer.model")
    if name is None and files.get("config.json", {}).get("model_type") in ("t5", "albert"):
        target = "spiece.model"
    files[target if draw.chance(0.85) else "tokenizer.model"] = proto.SerializeToString()
    return files


def tokenizer_json(bases, draw):
    rng = draw.rng
    kind = rng.choice(["WordPiece", "BPE", "BPE", "fallback", "Unigram", "Unigram"])
    if kind == "WordPiece":
        made = Tokenizer.from_str(bases.words.to_str())
        if draw.chance(0.5):
            made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        made.decoder = decoders.WordPiece()
    elif kind == "BPE":
        made = Tokenizer.from_str(bases.byte_level.to_str())
        made.post_processor = rng.choice([processors.ByteLevel(trim_offsets=draw.chance(0.5)),
                                          processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])])
        if draw.chance(0.3):
            made.normalizer = rng.choice([normalizers.NFC(), normalizers.Lowercase()])
    else:
        proto = bases.model("unigram" if kind == "Unigram" else "bpe")
        pieces = [(piece.piece, piece.score) for piece in proto.pieces]
        if kind == "Unigram":
            made = Tokenizer(models.Unigram([("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces[3:] + [("<mask>", 0.0)], 3, False))
            steps = [normalizers.Replace(tokenizers.Regex(" {2,}"), " ")]
            if proto.normalizer_spec.precompiled_charsmap and draw.chance(0.7):
                steps.insert(0, normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap))
            made.normalizer = normalizers.Sequence(steps)
            made.pre_tokenizer = pre_tokenizers.Metaspace()
            if draw.chance(0.2):  # as DeBERTa's conversion writes it
                made.normalizer = normalizers.Sequence(([normalizers.Lowercase()] if draw.chance(0.3) else []) + [normalizers.Strip()] + steps)
                made.pre_tokenizer = pre_tokenizers.Sequence(
                    ([pre_tokenizers.Punctuation()] if draw.chance(0.3) else []) + [pre_tokenizers.Metaspace()])
        else:
            vocab = {piece: i for i, (piece, _) in enumerate(pieces)}
            merges = [(p[:i], p[i:]) for p in vocab for i in range(1, len(p)) if p[:i] in vocab and p[i:] in vocab]
            made = Tokenizer(models.BPE(vocab, merges, fuse_unk=True, byte_fallback=True, unk_token="<unk>"))
            made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        if draw.chance(0.6):
            made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    for content in rng.sample(ADDED, rng.randint(0, 3)):
        made.add_tokens([tokenizers.AddedToken(content, lstrip=draw.chance(0.2), rstrip=draw.chance(0.2), single_word=draw.chance(0.2),
                                               normalized=draw.chance(0.5), special=draw.chance(0.5))])
    files = draw.settings(made.get_vocab_size())
    name = rng.choice(FILE_CLASSES[kind] + ["PreTrainedTokenizerFast", "FooTokenizer", None])
    named(files, name, rng)
    if name == "WhisperTokenizer":
        made.add_special_tokens(["<|startoftranscript|>", "<|notimestamps|>"])
    files["tokenizer.json"] = made.to_str()
    if draw.chance(0.1):
        files["vocab.txt"] = "[UNK]\n[CLS]\n[SEP]\nthe\n"
    return files


def no_vocabulary(bases, draw):
    files = draw.settings(384)
    named(files, draw.rng.choice(["ByT5Tokenizer", "ByT5Tokenizer", "PerceiverTokenizer", "CanineTokenizer"]), draw.rng)
    if draw.chance(0.6):
        files["tokenizer_config.json"].pop("extra_ids", None)
    return files


def marian(bases, draw):
    proto = bases.model("unigram")
    pieces = [piece.piece for piece in proto.pieces if piece.type == 1]
    draw.rng.shuffle(pieces)
    vocab = {piece: i for i, piece in enumerate(["</s>", "<unk>"] + pieces[draw.rng.randint(0, 20):] + ["<pad>", ">>fra<<"])}
    files = draw.settings(len(vocab))
    named(files, "MarianTokenizer", draw.rng)
    files["source.spm"] = files["target.spm"] = proto.SerializeToString()
    files["vocab.json"] = vocab
    return files


KINDS = {"vocab.txt": (vocab_txt, 3), "vocab.json + merges.txt": (vocab_json, 4), "SentencePiece .model": (spm_model, 6),
         "tokenizer.json": (tokenizer_json, 6), "no vocabulary": (no_vocabulary, 1), "source.spm + vocab.json": (marian, 1)}


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=draw_ascii(name)), encoding="utf-8")


def draw_ascii(name):
    return len(name) % 2 == 0


def steps_of(node):
    """All steps of a normalizer, pre-tokenizer or post-processor, sequences opened."""
    if not node:
        return []
    for members in ("normalizers", "pretokenizers", "processors"):
        if node["type"] == "Sequence" and members in node:
            return [step for part in node[members] for step in steps_of(part)]
    return [node]


def is_taken_as_it_is(folder):
    """A tokenizer.json that no explicit setting contradicts: Headlight keeps its pipeline, the reference's class would build its own."""
    if not (folder / "tokenizer.json").exists():
        return False
    file = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    config_file = folder / "tokenizer_config.json"
    config = json.loads(config_file.read_text(encoding="utf-8")) if config_file.exists() else {}
    normal, cuts, around = (steps_of(file.get(part)) for part in ("normalizer", "pre_tokenizer", "post_processor"))
    types = [step["type"] for step in normal + cuts]
    says = {"do_lower_case": "Lowercase" in types, "keep_accents": "StripAccents" not in types, "split_by_punct": "Punctuation" in types}
    for step in normal + cuts + around:
        if step["type"] == "BertNormalizer":
            says["do_lower_case"] = says["do_lower_case"] or step["lowercase"]
            says["strip_accents"] = step["lowercase"] if step["strip_accents"] is None else step["strip_accents"]
            says["tokenize_chinese_chars"] = step["handle_chinese_chars"]
        elif step["type"] == "RobertaProcessing":
            says["trim_offsets"] = step["trim_offsets"]
    for step in normal + cuts:
        if step["type"] == "Metaspace":
            says["add_prefix_space"] = step["prepend_scheme"] != "never"
        elif step["type"] == "Prepend":
            says["add_prefix_space"] = True
    for step in cuts:
        if step["type"] == "ByteLevel":
            says["add_prefix_space"] = step["add_prefix_space"]
    return not any(isinstance(config.get(key), bool) and config[key] != said for key, said in says.items())


def front_kept(tokenizer, folder, text):
    """With a SentencePiece model, Llama's class loses a space at the front under `legacy`; Headlight keeps it (docs/parity.md)."""
    loses = (type(tokenizer).__name__ == "LlamaTokenizer" and tokenizer.legacy and tokenizer.add_prefix_space is not False
             and not (folder / "tokenizer.json").exists() and text.startswith((" ", "▁")))
    return ("▁" if loses else "") + text


def keep_steps_of_model(tokenizer, folder):
    """DeBERTa's class loses the SentencePiece model's table of characters; Headlight keeps it (docs/parity.md)."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if type(tokenizer).__name__ == "DebertaV2Tokenizer":
        for file in folder.glob("*.model"):
            proto = spm_format.ModelProto()
            proto.ParseFromString(file.read_bytes())
            if proto.normalizer_spec.precompiled_charsmap:
                backend.normalizer = normalizers.Sequence(
                    ([normalizers.Lowercase()] if tokenizer.do_lower_case else [])
                    + [normalizers.Strip(), normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
                       normalizers.Replace(tokenizers.Regex(" {2,}"), " ")])


def reference(folder, texts):
    try:
        folder = pathlib.Path(folder)
        kept = is_taken_as_it_is(folder)
        tokenizer = (PreTrainedTokenizerFast if kept else AutoTokenizer).from_pretrained(str(folder))
        if not (folder / "tokenizer.json").exists():
            keep_steps_of_model(tokenizer, folder)
        ids = []
        for text in texts:
            found = tokenizer(front_kept(tokenizer, folder, text))["input_ids"]
            if any(not isinstance(token, int) for token in found):
                return None, None, "an id is no number"
            ids.append(list(found))
    except BaseException as problem:
        if isinstance(problem, KeyboardInterrupt):
            raise
        return None, None, f"{type(problem).__name__}: {problem}"
    offsets = None
    if tokenizer.is_fast:
        offsets = []
        for text in texts:
            read = front_kept(tokenizer, folder, text)
            pairs, shift = tokenizer(read, return_offsets_mapping=True)["offset_mapping"], len(read) - len(text)
            offsets.append([[max(0, begin - shift), max(0, end - shift)] for begin, end in pairs])
    return ids, offsets, type(tokenizer).__name__


def ours(program, folder, texts):
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    done = subprocess.run([program, "tokenize", "--model", str(folder), "--jsonl"], input=lines, capture_output=True, text=True)
    if done.returncode != 0:
        return None, None, done.stderr.strip() or f"exit {done.returncode}"
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [row["ids"] for row in rows], [row["offsets"] for row in rows], ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", default="")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    bases, table, refusals = Bases(random.Random(7)), collections.defaultdict(collections.Counter), collections.Counter()
    kinds = [kind for kind in KINDS if options.only in kind]
    for number in range(options.count):
        kind = rng.choices(kinds, [KINDS[name][1] for name in kinds])[0]
        draw = Draw(random.Random(rng.random()))
        bases.rng = draw.rng
        files, texts = KINDS[kind][0](bases, draw), draw.texts()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="folder_"))
        write(folder, files)
        expected, offsets, what = reference(folder, texts)
        found, found_offsets, message = ours(options.program, folder, texts)
        row = table[kind]
        row["folders"] += 1
        verdict = ""
        if expected is None:
            row["refused by the reference"] += 1
            row["of these read here"] += found is not None
        elif found is None:
            row["refused here"] += 1
            refusals[message.splitlines()[0][:150]] += 1
        elif found == expected:
            row["equal"] += 1
            if offsets is not None:
                row["offsets differ"] += offsets != found_offsets
        else:
            row["DIFFERENT"] += 1
            verdict = "DIFFERENT"
        if verdict and options.keep:
            target = pathlib.Path(options.keep) / f"{options.seed}_{number}"
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(folder, target)
            bad = [i for i in range(len(texts)) if found[i] != expected[i]]
            (target / "why.json").write_text(json.dumps(
                {"class": what, "bad": len(bad), "text": texts[bad[0]], "expected": expected[bad[0]], "found": found[bad[0]]}, indent=1))
            print(number, kind, what, len(bad), repr(texts[bad[0]]), expected[bad[0]], found[bad[0]], flush=True)
        shutil.rmtree(folder)
    columns = ["folders", "equal", "offsets differ", "refused here", "refused by the reference", "of these read here", "DIFFERENT"]
    print("| kind | " + " | ".join(columns) + " |")
    for kind, row in table.items():
        print("| " + kind + " | " + " | ".join(str(row[column]) for column in columns) + " |")
    for message, count in refusals.most_common():
        print(count, message)
    sys.exit(any(row["DIFFERENT"] for row in table.values()))


if __name__ == "__main__":
    main()
