"""Dictionaries of the fuzz targets: what the readers look for, taken from their sources, and the marks of the formats. Standard library only.

    python3 tests/fuzz/make_dictionaries.py        # writes tests/fuzz/dictionaries/<target>.dict
"""
import pathlib
import re
import struct

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "src"
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
WORD = re.compile(r"[A-Za-z_<\[#][\w.<>|/\[\]#-]{1,40}")

JSON = ["{", "}", "[", "]", ",", ":", "{}", "[]", "true", "false", "null", '""', "-1", "0", "1", "0.5", "-0", "1e308", "-1e-308", "NaN",
        "4294967296", "9223372036854775807", "18446744073709551615", "\\u0000", "\\ud800", "\\udc00", "\ufeff"]
ZIP = [b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"\xff" * 4, b"\xff" * 8]
PICKLE = [b"\x80\2", b"\x80\4", b".", b"(", b"]", b"}", b")", b"t", b"\x85", b"\x86", b"\x87", b"R", b"Q", b"q\0", b"h\0", b"r\0\0\0\0", b"j\0\0\0\0", b"K\1",
          b"M\1\0", b"J\0\0\0\0", b"\x8a\1\0", b"\x8b\1\0\0\0\0", b"X\1\0\0\0a", b"\x8c\1a", b"\x94", b"\x93", b"\x95" + bytes(8), b"s", b"u", b"b", b"e", b"0",
          b"G" + bytes(8), b"N", b"\x88", b"\x89", b"ctorch._utils\n_rebuild_tensor_v2\n", b"ctorch\nFloatStorage\n", b"ccollections\nOrderedDict\n",
          b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."]
NUMPY = [b"\x93NUMPY\1\0", b"\x93NUMPY\2\0", b"\x93NUMPY\3\0", "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 2), }\n", "'descr'",
         "'fortran_order'", "'shape'", "True", "False", "'<f2'", "'<f4'", "'<f8'", "'>f4'", "'<i8'", "'<u4'", "'|u1'", "'|b1'", "'|O'", "'<U3'", "'|S3'", "()", "(1,)",
         "(2, 2)"]

# target: (names of sources whose words are keys, are the words JSON, further entries)
TARGETS = {
    "config": (r"/family/", True, JSON),
    "session": (r"/run/saved/", True, JSON),
    "preprocessor": (r"/preprocessor", True, JSON),
    "picture": (None, False, [b"\x89PNG\r\n\x1a\n", "IHDR", "PLTE", "tRNS", "IDAT", "IEND", "acTL", b"\xff\xd8\xff\xe0", b"\xff\xc0", b"\xff\xc2", b"\xff\xc4", b"\xff\xda", b"\xff\xd9",
                             "Adobe", "JFIF", "RIFF", "WEBP", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM"]),
    "adapter_config": (r"/adapter/", True, [*JSON, ".*", "\\d+"]),
    "custom_model": (r"/custom_|/families/headlight", True, [*JSON, "(\\d+)", "\\1", ".*", "blocks.0.attn.qkv.weight", "blocks.0.norm.weight"]),
    "tokenizer_json": (r"/tokenize/", True, [*JSON, "\u2581", "\u0120", "\u010a", "\ufffd", "##", "\\p{L}+", "(?i)", "[^\\s]", "<0x0A>"]),
    "safetensors": (r"/(safetensors_header|packed/)", True, [*JSON, *(struct.pack("<Q", n) for n in (2, 8, 64, 100_000_001))]),
    "gguf": (r"/gguf", False, [b"GGUF", *(struct.pack("<I", n) for n in range(32)), *(struct.pack("<Q", n) for n in (1, 2, 32, 256, 2**32, 2**63))]),
    "pickle": (r"/pickle|/torch_", False, PICKLE),
    "torch_file": (r"/torch_", False, [*ZIP, *PICKLE, "archive/data.pkl", "archive/version", "archive/byteorder", "archive/data/0", "little"]),
    "npz": (r"/(npy|npz|dump_)", False, [*ZIP, *NUMPY, ".npy"]),
    "npy": (None, False, NUMPY),
    "sentencepiece": (None, False, [bytes([tag]) for tag in range(8, 0x40)] + ["\u2581", "<unk>", "<s>", "</s>", "<0x0A>", "nmt_nfkc"]),
    "remote_message": (r"/remote/", True, [*JSON, b"HDLT", *(struct.pack("<I", n) for n in (1, 2, 64, 1 << 16)), *(struct.pack("<Q", n) for n in (0, 1, 8, 1 << 20))]),
    "vocab_txt": (None, False, ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "##", "\r\n", "\n\n", "\ufffd"]),
    "merges": (None, False, ["#version: 0.2\n", "\u0120", "\u0120 t", "</w>", " \n", "\r\n"]),
    "recipe": (r"/publish/", True, [*JSON, b"\x89PNG\r\n\x1a\n", "iTXt", "headlight-recipe", "<svg", '<metadata id="headlight-recipe">', "</metadata>",
                                    "&quot;", "%PDF-1.5", "/Keywords (headlight-recipe ", "\\(", "\\101", "% headlight-recipe ", "pgf"]),
    "lesson": (r"/read_lesson", False, ["---\n", "```scene\n", "```\n", "## ", "id: ", "title: ", "model: any\n", "look at: cell ", "claim: ", "question: ",
                                        "choice: ", "answer: choice 1", "answer: number tokens within 1\n", "right: ", "hint: "]),
    "chat_template": (r"/jinja/", False, ["{{ ", " }}", "{% ", " %}", "{# ", " #}", "{%- ", " -%}", "{% if ", "{% endif %}", "{% for m in messages %}",
                                          "{% endfor %}", "{% set ns = namespace(x=1) %}", "{% macro f(a, b=1) %}", "{% endmacro %}", " is ", " not ", " in ", "|", "~",
                                          "//", "[::-1]", "loop.index0", "messages[0].content", "true", "none"]),
    "tiktoken": (None, False, ["IQ== 0\n", "IA== 1\n", "AA== 2\n", "==", " 4294967295\n", "\r\n"]),
}


def words_of(pattern):
    found = set()
    for path in SOURCES.rglob("*"):
        if path.suffix not in {".cpp", ".h"} or not re.search(pattern, f"/{path.relative_to(SOURCES)}"):
            continue
        for line in path.read_text().splitlines():
            if not line.lstrip().startswith("#include"):
                found.update(word for word in LITERAL.findall(line) if WORD.fullmatch(word))
    return sorted(found)


def quoted(entry):
    """In the syntax of libFuzzer: printable characters as they are, others as \\xAB."""
    data = entry if isinstance(entry, bytes) else entry.encode()
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\x{b:02X}" for b in data) + '"'


def main():
    folder = HERE / "dictionaries"
    folder.mkdir(exist_ok=True)
    for target, (pattern, is_json, entries) in TARGETS.items():
        words = words_of(pattern) if pattern else []
        lines = [quoted(entry) for entry in entries] + [quoted(f'"{word}"' if is_json else word) for word in words]
        text = "".join(line + "\n" for line in dict.fromkeys(lines))
        (folder / f"{target}.dict").write_text(f"# Made by tests/fuzz/make_dictionaries.py.\n{text}")


if __name__ == "__main__":
    main()
