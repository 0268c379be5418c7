"""Seeds of the fuzz targets: small files of each format, good ones and some that must be refused. Standard library only.

    python3 tests/fuzz/make_corpus.py        # writes tests/fuzz/corpus/<target>/, the same bytes every time
"""
import base64
import io
import json
import pathlib
import pickle
import shutil
import struct
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
CORPUS = HERE / "corpus"


def write(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def copy(target, name, source):
    write(target, name, (TESTS / source).read_bytes())


def safetensors(tensors, header=None, length=None):
    """tensors: name -> (dtype, shape, bytes)."""
    table, data = dict(header or {}), b""
    for name, (dtype, shape, values) in tensors.items():
        table[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(table, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def make_lesson():
    front = "---\nid: a\ntitle: A\nminutes: 3\nmodel: any\n---\n"
    write("lesson", "whole", front + "```scene\ntext \"a b\"\n```\n## One\nWords.\n\nMore.\nlook at: view heatmap\nlook at: head 1.5\n"
          "look at: cell 3 2\nclaim: weight 0.1 2 1 > 0.5\nquestion: q\nchoice: a\nchoice: b\nanswer: choice 2\nright: y\nhint: n\n")
    write("lesson", "number", front + "## One\r\nWords.\r\nquestion: q\r\nanswer: number tokens within 0.5\r\n")
    write("lesson", "no_front", "## One\nWords.\n")
    write("lesson", "open_block", front + "## One\nWords.\n```scene\nfit\n")
    write("lesson", "bad_mark", front + "## One\nWords.\nlook at: cell 99999999999999999999 -1\n")
    write("lesson", "not_utf8", front.encode() + b"## \xff\xfe\nw\n")
    write("lesson", "many_steps", front + "## A\nw\n" * 70)


def make_chat_templates():
    for name, source in json.loads((TESTS / "tokenize/data/chat/cases.json").read_text())["templates"].items():
        write("chat_template", name, source)
    write("chat_template", "endless", "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}")
    write("chat_template", "deep", "{% set ns = namespace(x=[1]) %}{% for i in range(150) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}")
    write("chat_template", "calls_itself", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")
    write("chat_template", "open", "{{ " + "(" * 3000)


def make_safetensors():
    floats = struct.pack("<4f", 0.5, -1, 2, 3)
    write("safetensors", "types", safetensors({
        "f32": ("F32", [2, 2], floats), "f16": ("F16", [2], floats[:4]), "bf16": ("BF16", [2], floats[:4]),
        "f64": ("F64", [1], floats[:8]), "i64": ("I64", [1], floats[:8]), "u8": ("U8", [3], floats[:3]),
        "bool": ("BOOL", [1], b"\1"), "scalar": ("F32", [], floats[:4]), "none": ("F32", [0, 7], b"")},
        {"__metadata__": {"format": "pt"}}))
    rows = struct.pack("<4f", 1, 0, 0.25, 0.75)
    write("safetensors", "attention", safetensors(
        {"attn.0": ("F32", [1, 2, 2], rows), "attn.1": ("F32", [1, 1, 2, 2], rows),
         "input_ids": ("I64", [2], struct.pack("<2q", 3, 4)), "logits": ("F32", [2, 2], floats),
         "hidden.0": ("F32", [2, 2], floats)},
        {"__metadata__": {"model": "m", "tokens": "[\"a\",\"b\"]"}}))
    write("safetensors", "encoder_decoder", safetensors(
        {"enc_attn.0": ("F32", [1, 2, 2], rows), "dec_attn.0": ("F32", [1, 2, 2], rows),
         "cross_attn.0": ("F32", [1, 2, 2], rows), "decoder_input_ids": ("I64", [2], struct.pack("<2q", 3, 4))}))
    whole = safetensors({"a": ("F32", [2, 2], floats)})
    write("safetensors", "cut", whole[:-3])
    write("safetensors", "header_too_long", safetensors({"a": ("F32", [2, 2], floats)}, length=1 << 60))
    write("safetensors", "shape_overflow", safetensors({"a": ("F32", [1 << 32, 1 << 32, 4], floats)}))
    write("safetensors", "negative_shape", safetensors({"a": ("F32", [-2, -2], floats)}))
    write("safetensors", "deep", struct.pack("<Q", 4000) + b"[" * 2000 + b"]" * 2000)
    write("safetensors", "empty", b"")


class Code:
    """Its pickle names a function to call; readers must never call it."""
    def __reduce__(self):
        return (print, ("this must never be printed",))


def make_torch():
    for name in ["training", "legacy", "hostile", "no_weights", "plain_pickle"]:
        copy("torch_file", name, f"fixtures/pytorch/{name}.pt")
    for name in ["training", "hostile", "no_weights"]:
        with zipfile.ZipFile(TESTS / f"fixtures/pytorch/{name}.pt") as archive:
            member = next(m for m in archive.namelist() if m.endswith("data.pkl"))
            write("pickle", name, archive.read(member))
    values = {"a": [1, 2.5, None, True, "text", b"bytes", (1, (2, 3)), 1 << 70, -(1 << 40)], "b": {"c": {}}, "d": "x" * 300}
    for protocol in range(5):
        write("pickle", f"values_{protocol}", pickle.dumps(values, protocol=protocol))
    circle = []
    circle.append(circle)
    write("pickle", "circle", pickle.dumps(circle, protocol=2))
    write("pickle", "code", pickle.dumps(Code(), protocol=2))
    write("pickle", "code_beside", pickle.dumps({"a": 1, "code": Code()}, protocol=4))
    numbers = struct.pack("<4f", 0.5, -1, 2, 3)
    state = b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    array = (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
             b"(K\x01K\x02K\x02\x86cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R" + state + b"\x89C\x10" + numbers + b"tb")
    write("pickle", "arrays", b"\x80\x03]" + array + b"a.")
    write("pickle", "array_of_more", b"\x80\x03]" + array.replace(b"K\x02K\x02\x86", b"J\xff\xff\xff\x7fK\x02\x86") + b"a.")
    write("pickle", "buffer", b"\x80\x05cnumpy._core.numeric\n_frombuffer\n(\x96\x10\0\0\0\0\0\0\0" + numbers +
          b"cnumpy\ndtype\nU\x02f4\x89\x88\x87R" + state + b"K\x04\x85U\x01CtR.")
    write("pickle", "meta", pickle.dumps({"vocab_size": 2, "itos": {0: "a", 1: "b"}, "stoi": {"a": 0, "b": 1}}, protocol=4))
    write("pickle", "long_text", b"\x80\x02X\xff\xff\xff\x7fabc.")
    write("pickle", "huge_memo", b"\x80\x02Nr\xff\xff\xff\xff.")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [("archive/data.pkl", pickle.dumps({}, protocol=2)), ("archive/data/0", b"\0" * 2_000_000)]:
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
    write("torch_file", "bomb", stream.getvalue())


def make_gguf():
    copy("gguf", "types", "fixtures/gguf/types.gguf")
    copy("gguf", "tokenizer", "fixtures/gguf/tokenizer.gguf")
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 1)

    def key(name):
        return struct.pack("<Q", len(name)) + name
    write("gguf", "huge_list", head + key(b"a") + struct.pack("<IIQ", 9, 8, 1 << 61))
    write("gguf", "huge_text", head + key(b"a") + struct.pack("<IQ", 8, 1 << 62) + b"abc")
    write("gguf", "deep_list", head + key(b"a") + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 300)
    write("gguf", "many_tensors", b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0))


def make_config():
    copy("config", "gpt2", "fixtures/gpt2/config.json")
    for name in ["linear", "dynamic", "llama3", "yarn", "longrope", "biases"]:
        copy("config", f"llama_{name}", f"fixtures/llama_{name}/config.json")
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 11,
             "max_position_embeddings": 32, "num_key_value_heads": 1, "head_dim": 4, "rms_norm_eps": 1e-6,
             "layer_norm_eps": 1e-5, "sliding_window": 4, "layer_types": ["sliding_attention", "full_attention"],
             "rope_parameters": {"rope_type": "default", "rope_theta": 1e4}, "d_model": 8, "n_head": 2, "n_layer": 2,
             "n_embd": 8, "n_positions": 32, "num_experts": 2, "num_local_experts": 2, "num_experts_per_tok": 1,
             "type_vocab_size": 2, "pad_token_id": 1, "encoder_layers": 2, "decoder_layers": 2, "d_kv": 4, "d_ff": 16,
             "encoder_attention_heads": 2, "decoder_attention_heads": 2, "num_layers": 2, "num_heads": 2}
    for kind in ["qwen3", "gemma2", "gemma3_text", "bert", "t5", "bart", "modernbert", "gpt_neo", "falcon", "mpt", "phi3",
                 "deberta-v2", "opt", "bloom", "gpt_oss", "mixtral"]:
        write("config", kind, json.dumps({"model_type": kind, **sizes}))
    write("config", "html", "<!DOCTYPE html><html><body>404</body></html>")
    write("config", "deep", '{"a":' * 3000 + "1" + "}" * 3000)
    write("config", "huge_layers", json.dumps({"model_type": "gpt2", **sizes, "n_layer": 2 ** 31 - 1}))
    write("config", "wrong_types", json.dumps({"model_type": ["gpt2"], "architectures": {"a": 1}, "n_layer": "two"}))


PIPELINE = {
    "added_tokens": [{"id": 6, "content": "</s>", "special": True, "normalized": False, "lstrip": True, "rstrip": True,
                      "single_word": False},
                     {"id": 7, "content": "[MASK]", "special": True, "normalized": True, "single_word": True}],
    "normalizer": {"type": "Sequence", "normalizers": [
        {"type": "NFKC"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Prepend", "prepend": "\u2581"},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}, {"type": "Strip", "strip_left": True,
                                                                            "strip_right": True}]},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "\\s+|\\p{L}+|(?i:'s)"}, "behavior": "Isolated", "invert": False},
        {"type": "Digits", "individual_digits": True}, {"type": "Punctuation", "behavior": "Contiguous"},
        {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": True},
        {"type": "WhitespaceSplit"}]},
    "post_processor": {"type": "TemplateProcessing",
                       "single": [{"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                       "pair": [], "special_tokens": {"</s>": {"id": "</s>", "ids": [6], "tokens": ["</s>"]}}},
    "decoder": {"type": "Metaspace", "replacement": "\u2581"},
    "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "the": 2, "cat": 3, "1": 4, "<unk>": 5}, "unk_token": "<unk>"}}


def make_tokenizers():
    for name in ["bytes", "fallback", "likely", "whole", "words"]:
        copy("tokenizer_json", name, f"tokenize/data/{name}/tokenizer.json")
    write("tokenizer_json", "pipeline", json.dumps(PIPELINE))
    bomb = json.loads(json.dumps(PIPELINE))
    bomb["pre_tokenizer"] = {"type": "Split", "pattern": {"Regex": "(a|aa|a?)+$"}, "behavior": "Isolated", "invert": False}
    write("tokenizer_json", "slow_pattern", json.dumps(bomb))
    bomb["pre_tokenizer"] = {"type": "Split", "pattern": {"Regex": "(" * 500 + "a" + ")*" * 500}, "behavior": "Removed"}
    write("tokenizer_json", "nested_pattern", json.dumps(bomb))
    steps = {"type": "NFC"}
    for _ in range(40):
        steps = {"type": "Sequence", "normalizers": [steps]}
    write("tokenizer_json", "deep_steps", json.dumps({**PIPELINE, "normalizer": steps}))
    growth = {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 64}] * 12}
    write("tokenizer_json", "growth", json.dumps({**PIPELINE, "normalizer": growth}))
    write("tokenizer_json", "huge_id", json.dumps({**PIPELINE, "model": {"type": "WordLevel", "vocab": {"a": 2 ** 31 - 1}}}))
    write("tokenizer_json", "cut", json.dumps(PIPELINE)[:200])
    copy("sentencepiece", "model", "tokenize/data/sentencepiece/tokenizer.model")
    write("sentencepiece", "random", bytes((i * 37 + 11) % 256 for i in range(64)))
    copy("vocab_txt", "words", "tokenize/data/words_txt/vocab.txt")
    write("vocab_txt", "empty", b"")
    write("merges", "merges", "#version: 0.2\na b\nab c\n")
    write("merges", "unknown_piece", "a z\n")
    write("merges", "three", "a b c\n")


def npy(shape, values, dtype="<f4"):
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {tuple(shape)!r}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values


def make_arrays():
    rows = struct.pack("<4f", 1, 0, 0.25, 0.75)
    attention = npy([2, 1, 2, 2], rows + rows)

    def archive(members, method=zipfile.ZIP_STORED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as file:
            for name, data in members.items():
                file.writestr(zipfile.ZipInfo(name), data, compress_type=method)
        return stream.getvalue()
    tokens = npy([2], "".join(c.ljust(3, "\0") for c in ["a", "cat"]).encode("utf-32-le"), "<U3")
    write("npz", "whole", archive({"attn.npy": attention, "tokens.npy": tokens}))
    write("npz", "layers", archive({"attn.0.npy": npy([1, 2, 2], rows), "attn.1.npy": npy([1, 2, 2], rows),
                                    "input_ids.npy": npy([2], struct.pack("<2q", 3, 4), "<i8")}, zipfile.ZIP_DEFLATED))
    write("npz", "objects", archive({"attn.npy": npy([1], pickle.dumps([Code()], protocol=2), "|O")}))
    write("npz", "bomb", archive({"attn.npy": npy([1 << 10, 1 << 10], b"\0" * (4 << 20))}, zipfile.ZIP_DEFLATED))
    write("npz", "shape_overflow", archive({"attn.npy": npy([1 << 32, 1 << 32, 2, 2], rows)}))
    write("npy", "whole", attention)
    write("npy", "heads", npy([1, 2, 2], rows))
    write("npy", "doubles", npy([1, 1, 2, 2], struct.pack("<4d", 1, 0, 0.25, 0.75), "<f8"))
    write("npy", "objects", npy([1], pickle.dumps([Code()], protocol=2), "|O"))
    write("npy", "cut", attention[:-5])
    write("npy", "header_too_long", b"\x93NUMPY\x02\x00" + struct.pack("<I", 0xFFFFFFF0) + b"{'descr'")
    lines = b"".join(base64.b64encode(bytes([b])) + f" {b}\n".encode() for b in range(256))
    write("tiktoken", "bytes", lines + b"dGg= 256\ndGhl 257\n")
    write("tiktoken", "no_number", b"YQ== 0\nYg== x\n")
    write("tiktoken", "huge_rank", b"YQ== 99999999999999999999\n")


def make_custom_models():
    rules = [{"match": "blocks\\.(\\d+)\\.attn\\.qkv\\.weight", "name": ["layers.$1.query", "layers.$1.key", "layers.$1.value"]},
             {"match": "blocks\\.(\\d+)\\.norm\\.weight", "name": "layers.$1.attention_norm", "squeeze": True}]
    model = {"family": "headlight", "config": {"num_layers": 1, "num_heads": 1}, "weights": rules}
    write("custom_model", "two_rules", json.dumps(model))
    write("custom_model", "transpose", json.dumps({**model, "weights": [{"match": ".*qkv.*", "name": "q", "transpose": True}]}))
    write("custom_model", "slow_pattern", json.dumps({**model, "weights": [{"match": "(b|l|bl|o)*(.*)*.*.*.*x", "name": "q"}]}))
    write("custom_model", "open_size", json.dumps({**model, "config": {"num_heads": None}}))
    write("custom_model", "no_rules", json.dumps({"family": 3, "weights": "all"}))


def make_adapters():
    lora = {"peft_type": "LORA", "r": 1, "lora_alpha": 2, "trainable_token_indices": [1]}
    write("adapter_config", "lora", json.dumps(lora))
    write("adapter_config", "patterns", json.dumps({**lora, "alpha_pattern": {"q": 3, r"m\.\w*": 1}, "use_rslora": True}))
    write("adapter_config", "slow_pattern", json.dumps({**lora, "alpha_pattern": {"m.*.*.*.*x": 3}}))
    write("adapter_config", "by_module", json.dumps({**lora, "trainable_token_indices": {"q": [0]}, "base_model_name_or_path": "."}))
    write("adapter_config", "strange_rows", json.dumps({**lora, "trainable_token_indices": [-1], "lora_alpha": 1e308}))
    write("adapter_config", "other_kind", json.dumps({"peft_type": "IA3", "something": [[]]}))
    for name in ("nf4_double", "int8", "gptq", "awq"):
        copy("safetensors", "packed_" + name, f"fixtures/quantised/{name}/model.safetensors")


def tokens(*words):
    out, text = [], ""
    for i, word in enumerate(words):
        out.append({"id": i + 5, "piece": word, "display": word, "begin": len(text), "end": len(text) + len(word), "special": False})
        text += word
    return {"text": text, "tokens": out}


def make_sessions():
    place = {"path": "/models/small", "relative": "../models/small"}
    modes = ["uniform", "local", "previous", "first", "identity", "pattern", "zero", "mean", "knock_out", "scale"]
    changes = [{"mode": mode, "heads": [[0, 1], [1, 2]]} for mode in modes]
    changes[1]["window"] = 3
    changes[5]["patterns"] = [[[1, 0], [0.25, 0.75]]]
    changes[7]["outputs"] = [[0.5, -1], [2, 3]]
    changes[8]["edges"] = [[4, 1], [4, 2]]
    changes[9]["factor"] = -0.5
    steps = [{"parent": -1, "id": 7, "probability": 0.75, "own_probability": 0.5, "likeliest": [[7, 0.5], [8, 0.1]]},
             {"parent": 0, "id": 8, "probability": 0.25}, {"parent": 0, "id": 9, "probability": 1, "is_end": True, "is_chosen": True}]
    whole = {
        "headlight_session": 1, "version": "0.1.0", "model": {**place, "name": "small", "config": "00ff", "tokenizer": place},
        "atlas": place, "training": place, "text": "The cat\n\u05d0", "decoder_text": "Die Katze",
        "written": {"num_prompt": 1, "tokens": tokens("Die", " Katze")},
        "writing": {"settings": {"temperature": 0.7, "top_k": 40, "top_p": 0.9, "min_p": 0.05, "repetition_penalty": 1.2, "seed": 3,
                                 "max_new_tokens": 64, "stop_at_end": False},
                    "made_from": "layer", "prompt": tokens("Die"), "encoder_ids": [3, 4], "steps": steps, "node": 2,
                    "parts": [{"name": "system", "begin": 0, "end": 1}]},
        "attention": "cross", "selection": {"layer": 1, "head": 2, "others": [[0, 1]], "query": 4, "key": 2, "queries": [1, 3]},
        "interventions": changes, "compare": "difference", "question": {"at": -1, "answer": 12, "rival": 13},
        "patching": {"corrupted_text": "The dog", "site": "head_pos", "direction": "noise"},
        "comparison": {"with": "head", "a": {"layer": 0, "head": 1}, "b": {"layer": 1, "head": 2}},
        "search": {"mode": "rule", "strokes": [["stripe", "2"], ["erase", "box", "1", "3", "0", "last"]], "rule": "offset 1..2"},
        "settings": {"workspace": "study", "gamma": 0.35, "grid_tint": "entropy", "top_k": 9, "text_unit": "word"},
        "notes": [{"note": "strong", "color": "teal", "attention": "decoder", "layer": 1, "head": 2},
                  {"note": "back", "color": "red", "layer": 0, "head": 1, "query": 4, "key": 0, "query_token": "it", "key_token": "cat",
                   "text_id": "cbf29ce484222325", "text": "The cat"}],
        "autosave": {"saved_as": "/home/study.headlight", "is_changed": True}}
    write("session", "whole", json.dumps(whole))
    write("session", "least", json.dumps({"headlight_session": 1}))
    for with_ in ({"with": "text", "text": "a"}, {"with": "model", "file": place}, {"with": "stored", "file": place}, {"with": "change"}):
        write("session", "compared_" + with_["with"], json.dumps({"headlight_session": 1, "comparison": with_}))
    write("session", "hexadecimal", json.dumps({"headlight_session": 1, "text_hex": "61ff80", "model": {"path_hex": "2fff"}}))
    write("session", "newer", json.dumps({"headlight_session": 2}))
    write("session", "deep", '{"headlight_session":1,"text":' + "[" * 2000)
    write("session", "wrong_types", json.dumps({"headlight_session": 1, "selection": [1], "notes": {"note": 1}, "text": 3}))
    write("session", "cut", json.dumps(whole)[:700])


def make_recipes():
    recipe = json.dumps({"recipe": 1, "headlight": "0.1.0", "engine": "LibTorch", "model": {"name": "m", "path": "/m"},
                         "panels": [{"kind": "heatmap", "options": {"layer": "1"}}, {"kind": "lines", "options": {}}],
                         "options": {"text": "The \u00e4 (cat)", "column": "1", "no-title": "on"}, "ids": [1, 2]})
    text = b"headlight-recipe\0\0\0\0\0" + recipe.encode()
    chunk = struct.pack(">I", len(text)) + b"iTXt" + text + b"\0\0\0\0"
    write("recipe", "png", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0) + b"IHDR" + bytes(4) + chunk)
    write("recipe", "png_cut", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0xFFFFFFF0) + b"iTXt" + text)
    escaped = recipe.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    write("recipe", "svg", f'<svg><metadata id="headlight-recipe">{escaped}</metadata></svg>')
    bracketed = recipe.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    write("recipe", "pdf", f"%PDF-1.5\n<< /Keywords (headlight-recipe {bracketed}) >>")
    write("recipe", "pgf", f"% pgf\n% headlight-recipe {recipe}\n")
    write("recipe", "json", recipe)
    write("recipe", "deep", '{"recipe":1,"panels":' + "[" * 500 + "]" * 500 + "}")
    write("recipe", "wrong_types", '{"recipe":1,"panels":[{"kind":1,"options":[]}],"ids":["a"],"model":[]}')
    write("recipe", "no_figure", "hello")


def make_remote_messages():
    def message(header, payload=b"", announced=None):
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        return b"HDLT" + struct.pack("<IQ", len(text), len(payload) if announced is None else announced) + text + payload

    hello = message({"message": "hello", "version": 1, "program": "p"})
    write("remote_message", "hello", hello)
    write("remote_message", "session", hello + message({"message": "open", "name": "n", "axes": "hqk"}, b"12345678")
          + message({"message": "command", "line": "select 0 1"}))
    write("remote_message", "answers", message({"ok": True}, b"PNG") + message({"ok": False, "error": "e", "details": "d", "kind": "corrupt"}))
    write("remote_message", "half", hello[:-3])
    write("remote_message", "no_mark", b"GET / HTTP/1.1\r\n\r\n")
    write("remote_message", "header_too_long", message(b"{}")[:4] + struct.pack("<IQ", 0xFFFFFFFF, 0) + b"{}")
    write("remote_message", "payload_too_long", message({"message": "open"}, announced=1 << 63))
    write("remote_message", "no_header", message(b""))
    write("remote_message", "no_object", message(b"[1]"))
    write("remote_message", "deep", message(b"[" * 2000 + b"]" * 2000))


def make_pictures():
    for name in ("palette.png", "alpha.png", "gray16.png", "keyed.png", "bits.png", "small.jpg", "progressive.jpg", "cmyk.jpg", "gray.jpg", "small.webp", "alpha.webp"):
        copy("picture", name.replace(".", "_"), HERE.parent / "fixtures" / "pictures" / name)
    whole = (HERE.parent / "fixtures" / "pictures" / "palette.png").read_bytes()
    write("picture", "png_cut", whole[:200])
    write("picture", "png_huge", whole[:16] + b"\x7f\xff\xff\xff" * 2 + whole[24:])
    write("picture", "jpeg_empty", b"\xff\xd8\xff\xd9")
    write("picture", "webp_empty", b"RIFF\x04\x00\x00\x00WEBP")
    write("picture", "gif", b"GIF89a\x01\x00\x01\x00")
    for name, config in {
        "vit": {"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32}, "resample": 2},
        "clip": {"feature_extractor_type": "CLIPFeatureExtractor", "size": 24, "crop_size": 20, "image_mean": [0.1, 0.2, 0.3]},
        "tuple": {"size": [4, 6], "do_center_crop": True, "crop_size": {"height": 9, "width": 1}, "rescale_factor": 1e308},
        "numbers": {"size": 1e99, "resample": -1, "image_std": [0, 0, 0]},
        "edges": {"size": {"shortest_edge": 3, "longest_edge": 4}},
        "steps": {"do_pad": True, "do_resize": None},
        "foreign": {"image_processor_type": "OwlViTImageProcessor"},
        "list": [1, 2],
    }.items():
        write("preprocessor", name, json.dumps(config))


def main():
    shutil.rmtree(CORPUS, ignore_errors=True)
    make_safetensors()
    make_torch()
    make_gguf()
    make_config()
    make_tokenizers()
    make_arrays()
    make_custom_models()
    make_adapters()
    make_sessions()
    make_recipes()
    make_lesson()
    make_chat_templates()
    make_remote_messages()
    make_pictures()


if __name__ == "__main__":
    main()
