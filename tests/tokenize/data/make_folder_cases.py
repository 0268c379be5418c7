"""Makes folder_cases.json: tokenizer folders of every class that is read, with the ids that AutoTokenizer gives for them.

    python3 make_folder_cases.py        (with `transformers`, `tokenizers` and `sentencepiece`; values here are those of 5.24)

A case names its vocabulary files by the key of a shared one ("bases") and holds its settings files whole; "ids" are the reference's
for "texts", or null where the reference cannot make the tokenizer.
"""
import base64
import json
import pathlib
import random
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import random_tokenizer_folders as folders

TEXTS = ["The <|user|> king [E1]went to <num> cities.", "<s> Hé, the  cat</s> [MASK]x <mask>", " In the Beginning [SEP]", "é👍 foo\n"]
ADDED = {"<|user|>": 900, "[E1]": 901}


def small_models(bases):
    made = {}
    brackets = dict(model_type="unigram", control_symbols="[CLS],[SEP],[MASK],<pad>")
    for name, options in {"likely": dict(model_type="unigram"), "brackets": brackets, "merged": dict(model_type="bpe", byte_fallback=True),
                          "defined": dict(model_type="bpe", user_defined_symbols="<num>,the")}.items():
        data = bases.train_model(normalization_rule_name="identity", **options)
        made[name] = data
    return made


def main():
    bases = folders.Bases(random.Random(7))
    words = [piece for piece, _ in sorted(bases.words.get_vocab().items(), key=lambda item: item[1])]
    level, suffix = json.loads(bases.byte_level.to_str())["model"], json.loads(bases.suffix.to_str())["model"]
    merges = lambda model: "#version: 0.2\n" + "\n".join(" ".join(m) if isinstance(m, list) else m for m in model["merges"]) + "\n"
    shared = {"words": "\n".join(words) + "\n", "level": json.dumps(level["vocab"]), "level_merges": merges(level),
              "suffix": json.dumps(suffix["vocab"]), "suffix_merges": merges(suffix), "words_json": bases.words.to_str(),
              "level_json": bases.byte_level.to_str()}
    shared.update({name: data for name, data in small_models(bases).items()})
    cases = []

    def case(name, files, settings=None, **more):
        config = dict(settings or {}, **({"tokenizer_class": name} if name else {}))
        contents = {"tokenizer_config.json": json.dumps(config), **{key: json.dumps(value) for key, value in more.items()}}
        cases.append({"class": name, "files": files, "contents": contents})

    special = {"special_tokens_map.json": {"additional_special_tokens": ["[E1]"], "mask_token": {"content": "[MASK]", "lstrip": True}}}
    listed = {"added_tokens_decoder": {"500": {"content": "<|user|>", "lstrip": True, "rstrip": False, "single_word": False,
                                               "normalized": False, "special": True}}}
    for name in ["BertTokenizer", "MPNetTokenizer", "FunnelTokenizer", "SplinterTokenizer", "ConvBertTokenizer"]:
        case(name, {"vocab.txt": "words"}, **{"added_tokens.json": ADDED}, **special)
        case(name, {"tokenizer.json": "words_json"}, {"do_lower_case": False, "strip_accents": False})
    for name in ["GPT2Tokenizer", "RobertaTokenizer", "BlenderbotTokenizer", "DebertaTokenizer", "Qwen2Tokenizer", "CodeGenTokenizer",
                 "GPTNeoXTokenizer", "CohereTokenizer"]:
        case(name, {"vocab.json": "level", "merges.txt": "level_merges"}, {"add_bos_token": True}, **{"added_tokens.json": ADDED}, **special)
        case(name, {"tokenizer.json": "level_json"}, dict(listed, add_prefix_space=True))
    for name in ["CLIPTokenizer", "OpenAIGPTTokenizer", "HerbertTokenizer"]:
        case(name, {"vocab.json": "suffix", "merges.txt": "suffix_merges"}, {"unk_token": "<unk>"}, **{"added_tokens.json": ADDED})
    for name in ["T5Tokenizer", "XLMRobertaTokenizer", "AlbertTokenizer", "DebertaV2Tokenizer", "MBartTokenizer", "MBart50Tokenizer",
                 "CamembertTokenizer", "BarthezTokenizer", "RemBertTokenizer", "BigBirdTokenizer", "XLNetTokenizer"]:
        file = folders.MODEL_FILES[name]
        model = "brackets" if name in ("AlbertTokenizer", "BigBirdTokenizer", "RemBertTokenizer") else "likely"
        case(name, {file: model}, {"extra_ids": 10}, **{"added_tokens.json": ADDED}, **special)
        case(name, {file: model}, dict(listed, extra_ids=10))
    for name in ["LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer", "NllbTokenizer", "ReformerTokenizer", None]:
        file = folders.MODEL_FILES.get(name, "tokenizer.model")
        case(name, {file: "merged"}, {"add_bos_token": True, "legacy": True}, **{"added_tokens.json": ADDED}, **special)
        case(name, {file: "merged"}, dict(listed, legacy=False))
    case(None, {"tokenizer.model": "defined"}, {"add_eos_token": True})
    case("FNetTokenizer", {"spiece.model": "likely"})
    case("ByT5Tokenizer", {}, **{"added_tokens.json": {"<|user|>": 390}})
    case("PerceiverTokenizer", {}, listed)
    for name in ["PreTrainedTokenizerFast", "FooTokenizer"]:
        case(name, {"tokenizer.json": "words_json"}, dict(listed, do_lower_case=False))
    for name in ["PhobertTokenizer", "FooTokenizer"]:
        case(name, {"vocab.txt": "words"})
    as_bytes = lambda value: value if isinstance(value, bytes) else value.encode()
    for made in cases:
        with tempfile.TemporaryDirectory() as folder:
            for name, base in made["files"].items():
                (pathlib.Path(folder) / name).write_bytes(as_bytes(shared[base]))
            for name, content in made["contents"].items():
                (pathlib.Path(folder) / name).write_text(content)
            made["ids"], _, why = folders.reference(pathlib.Path(folder), TEXTS)
            print(made["class"], list(made["files"]), why if made["ids"] is None else "")
    coded = {name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value for name, value in shared.items()}
    out = {"texts": TEXTS, "bases": coded, "cases": cases}
    (HERE / "folder_cases.json").write_text(json.dumps(out, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
