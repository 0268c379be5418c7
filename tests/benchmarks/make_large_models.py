"""Makes models to measure with: random weights in the shapes of Llama 3 8B (GGUF, Q4_K_M) and Llama 3.2 1B (bf16 folder, and
the same numbers as GGUF; its rotary frequencies are not scaled), and a small GGUF's numbers as f32 and bf16 folders and in
Q8_0. Needs numpy, a few minutes, 200 MB of memory beside mapped files, and 12 GB outside the checkout.

    python tests/benchmarks/make_large_models.py OUT [--small SmolLM2-135M.Q4_1.gguf] [--only llama8b.gguf smol_f32 ...]
"""
import argparse
import os
import pathlib

import numpy as np

from large_models import gguf_file, llama, number_types
from large_models.checkpoint import write_folder
from large_models.words import Words

SEED = 15
ROWS = 8192  # of a matrix at a time
FILE_TYPES = {"Q8_0": 7, "Q4_K_M": 15, "BF16": 32}


def generator():
    return np.random.Generator(np.random.SFC64(SEED))


def stop_ids(words):
    return {f"{name}_token_id": words.rest[f"{name}_token_id"] for name in ("bos", "eos") if f"{name}_token_id" in words.rest}


def make_8b(path, words):
    shape, random = llama.LLAMA_8B, generator()

    def blocks(name, size, kind):
        numbers = gguf_file.TYPES[kind][1]
        count = int(np.prod(size)) // numbers
        return lambda: number_types.RANDOM_BLOCKS[kind](random, count, shape.deviation(name))

    tensors = []
    for name, size in shape.slots():
        kind = "F32" if len(size) == 1 else llama.q4_k_m(shape, name)
        made = llama.ones(size) if len(size) == 1 else blocks(name, size, kind)
        tensors.append((name + ".weight", size, kind, made))
    metadata = llama.as_metadata(shape, "Llama 3 8B shape, random", FILE_TYPES["Q4_K_M"])
    gguf_file.write(path, metadata | words.as_metadata(shape.vocab), tensors)


def make_1b(folder, words):
    shape, random = llama.LLAMA_1B, generator()

    def numbers(name, size):
        if len(size) == 1:
            return lambda: [number_types.to_bf16(np.ones(size, np.float32))]
        return lambda: number_types.random_bf16(random, int(np.prod(size)), shape.deviation(name))

    tensors = [(llama.folder_name(name), size, "BF16", numbers(name, size)) for name, size in shape.slots()]
    write_folder(folder, llama.as_config(shape, "bfloat16", stop_ids(words)), words, tensors)


def make_1b_gguf(path, folder, words):
    """The numbers of `folder`, which is read as it was written: one tensor behind the other."""
    shape = llama.LLAMA_1B
    file = np.memmap(os.path.join(folder, "model.safetensors"), mode="r", dtype=np.uint8)
    at = 8 + int(file[:8].view(np.uint64)[0])
    tensors = []
    for name, size in shape.slots():
        count = int(np.prod(size))
        raw, at = file[at:at + 2 * count], at + 2 * count
        heads, is_norm = llama.rotary_heads(shape, name), len(size) == 1

        def chunks(raw=raw, size=size, heads=heads, is_norm=is_norm):
            if is_norm:
                return [number_types.widen("BF16", raw)]
            rows = raw.view(np.uint16).reshape(size)
            return [llama.halves_to_pairs(rows, heads) if heads else rows]

        tensors.append((name + ".weight", size, "F32" if is_norm else "BF16", chunks))
    metadata = llama.as_metadata(shape, "Llama 3.2 1B shape, random", FILE_TYPES["BF16"])
    gguf_file.write(path, metadata | words.as_metadata(shape.vocab), tensors)


def widened_rows(source, name):
    """float32 [rows, ...] of a tensor, some rows at a time."""
    size, kind, raw = source.tensors[name + ".weight"]
    if len(size) == 1:
        yield number_types.widen(kind, np.asarray(raw))
        return
    row = gguf_file.size_in_bytes(size[1:], kind)
    for begin in range(0, size[0], ROWS):
        part = np.asarray(raw[begin * row:(begin + ROWS) * row])
        yield number_types.widen(kind, part).reshape(-1, *size[1:])


def small_shape(source):
    return llama.shape_of(source.metadata, "output.weight" not in source.tensors)


def make_small_folder(folder, source, words, kind):
    shape = small_shape(source)

    def numbers(name):
        heads = llama.rotary_heads(shape, name)
        for rows in widened_rows(source, name):  # matrices with rotary rows are one part
            rows = llama.pairs_to_halves(rows, heads) if heads else rows
            yield rows if kind == "F32" else number_types.to_bf16(rows)

    tensors = [(llama.folder_name(name), size, kind, lambda name=name: numbers(name)) for name, size in shape.slots()]
    dtype = {"F32": "float32", "BF16": "bfloat16"}[kind]
    write_folder(folder, llama.as_config(shape, dtype, stop_ids(words)), words, tensors)


def make_small_q8_0(path, source, words):
    shape = small_shape(source)

    def blocks(name):
        return (number_types.to_q8_0(rows) for rows in widened_rows(source, name))

    tensors = []
    for name, size in shape.slots():
        kind, made = ("F32", widened_rows) if len(size) == 1 else ("Q8_0", None)
        chunks = (lambda name=name: made(source, name)) if made else (lambda name=name: blocks(name))
        tensors.append((name + ".weight", size, kind, chunks))
    metadata = llama.as_metadata(shape, source.metadata.get("general.name", "small"), FILE_TYPES["Q8_0"])
    gguf_file.write(path, metadata | words.as_metadata(shape.vocab), tensors)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", help="folder outside the checkout")
    parser.add_argument("--small", help="GGUF of Llama's family in Q4_0, Q4_1, Q8_0, F16, BF16 or F32; its tokenizer is taken")
    parser.add_argument("--only", nargs="+", help="names of what is made")
    options = parser.parse_args()
    checkout = pathlib.Path(__file__).resolve().parents[2]
    if checkout in (pathlib.Path(options.out).resolve(), *pathlib.Path(options.out).resolve().parents):
        parser.error("these files are large: name a folder outside the checkout")
    os.makedirs(options.out, exist_ok=True)
    place = lambda name: os.path.join(options.out, name)
    source = gguf_file.Reader(options.small) if options.small else None
    words = Words(source)
    makers = {"llama8b.gguf": lambda path: make_8b(path, words), "llama1b": lambda path: make_1b(path, words),
              "llama1b.gguf": lambda path: make_1b_gguf(path, place("llama1b"), words)}
    if source:
        makers |= {"smol_f32": lambda path: make_small_folder(path, source, words, "F32"),
                   "smol_bf16": lambda path: make_small_folder(path, source, words, "BF16"),
                   "smol_q8_0.gguf": lambda path: make_small_q8_0(path, source, words)}
    for name in options.only or makers:
        if name not in makers:
            parser.error(f"{name} is none of {', '.join(makers)}")
        makers[name](place(name))
        print(place(name), flush=True)


if __name__ == "__main__":
    main()
