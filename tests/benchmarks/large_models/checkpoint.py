"""Hugging Face folders: safetensors as a stream, tokenizer.json of a byte-level BPE."""
import json
import os
import struct

import numpy as np

STORED = {"F32": np.float32, "BF16": np.uint16}


def write_safetensors(path, tensors):
    """tensors: (name, shape, "F32" or "BF16", function that yields the numbers in arrays)."""
    header, offset = {}, 0
    for name, shape, kind, _ in tensors:
        size = int(np.prod(shape)) * np.dtype(STORED[kind]).itemsize
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    raw = json.dumps({"__metadata__": {"format": "pt"}} | header).encode()
    raw += b" " * (-len(raw) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        begin = file.tell()
        for name, _, kind, chunks in tensors:
            for chunk in chunks():
                np.ascontiguousarray(chunk, STORED[kind]).tofile(file)
            if file.tell() - begin != header[name]["data_offsets"][1]:
                raise ValueError(f"{name}: not as many numbers as its shape says")
    os.replace(path + ".part", path)


def write_json(folder, name, content):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


def write_folder(folder, config, words, tensors):
    os.makedirs(folder, exist_ok=True)
    write_json(folder, "config.json", config)
    write_json(folder, "tokenizer.json", words.as_json())
    write_json(folder, "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": False})
    write_safetensors(os.path.join(folder, "model.safetensors"), tensors)
