"""Dumps: safetensors files of attention, written and read here without the safetensors package. Readers bound every size."""
import json
import os
import struct
from collections.abc import Mapping

import numpy as np

from .arrays import STORED, Stored, stored
from .errors import HeadlightError

MOST_HEADER_BYTES = 100_000_000  # the format's own limit
MOST_ARRAYS = 1_000_000
KINDS = {"self": "attn", "encoder": "enc_attn", "decoder": "dec_attn", "cross": "cross_attn"}


def _corrupt(path, why):
    return HeadlightError(f"this is no sound safetensors file: {why}", f"file: {path}", kind="corrupt")


def _entry(path, name, entry, data_bytes):
    """(dtype, shape, begin, end) of an array, checked against the length of the file."""
    try:
        dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    except (KeyError, TypeError, ValueError) as problem:
        raise _corrupt(path, f"array '{name[:60]}' lacks dtype, shape or data_offsets") from problem
    numbers = [begin, end, *shape] if isinstance(shape, list) else [None]
    if not isinstance(dtype, str) or not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 1 << 62 for n in numbers) or len(shape) > 32:
        raise _corrupt(path, f"dtype, shape or data_offsets of array '{name[:60]}' are no such things")
    if dtype not in STORED:
        return None  # a type that NumPy has not: the array is left out
    count = 1
    for n in shape:
        count *= n
    if not begin <= end <= data_bytes or end - begin != count * STORED[dtype].itemsize:
        raise _corrupt(path, f"array '{name[:60]}' of {dtype} {shape} lies at {begin}..{end} of {data_bytes} bytes")
    return dtype, tuple(shape), begin, end


class Dump(Mapping):
    """A dump: maps names to NumPy arrays, each read from the file when it is asked for (bfloat16 as float32).

    `tokens`, `decoder_tokens`: lists of str, empty where the file has none. `metadata`: str to str.
    """

    def __init__(self, path):
        self.path = os.fspath(path)
        with open(self.path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(8)
            if len(head) < 8:
                raise _corrupt(self.path, f"it has {size} bytes")
            length = struct.unpack("<Q", head)[0]
            if not 2 <= length <= min(MOST_HEADER_BYTES, size - 8):
                raise _corrupt(self.path, f"its header would have {length} bytes, the file has {size}")
            text = file.read(length)
        self._begin = 8 + length
        try:
            header = json.loads(text.decode("utf-8"))
        except (ValueError, RecursionError) as problem:
            raise _corrupt(self.path, f"its header is no JSON ({problem})") from problem
        if not isinstance(header, dict) or len(header) > MOST_ARRAYS:
            raise _corrupt(self.path, "its header is no JSON object of a sound size")
        metadata = header.pop("__metadata__", {})
        self.metadata = {k: v for k, v in metadata.items() if isinstance(v, str)} if isinstance(metadata, dict) else {}
        entries = {name: _entry(self.path, name, entry, size - self._begin) for name, entry in header.items()}
        self._entries = {name: entry for name, entry in entries.items() if entry is not None}
        self.left_out = sorted(name for name, entry in entries.items() if entry is None)

    def stored(self, name):
        """The array as the file holds it (Stored)."""
        dtype, shape, begin, end = self._entries[name]
        with open(self.path, "rb") as file:
            file.seek(self._begin + begin)
            data = file.read(end - begin)
        if len(data) != end - begin:
            raise _corrupt(self.path, f"array '{name[:60]}' is cut off")
        return Stored(np.frombuffer(data, STORED[dtype]).reshape(shape), dtype)

    def __getitem__(self, name):
        value = self.stored(name)
        return value.floats() if value.dtype == "BF16" else value.array

    def __iter__(self):
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    def shape(self, name):
        return self._entries[name][1]

    def _list(self, key):
        try:
            found = json.loads(self.metadata.get(key, "[]"))
        except ValueError:
            return []
        return [item if isinstance(item, str) else str(item) for item in found] if isinstance(found, list) else []

    @property
    def tokens(self):
        return self._list("tokens")

    @property
    def decoder_tokens(self):
        return self._list("decoder_tokens")

    @property
    def kinds(self):
        """Those of "self", "encoder", "decoder", "cross" that the file holds."""
        return [kind for kind, prefix in KINDS.items() if any(name.startswith(prefix + ".") for name in self._entries)]

    def numbered(self, prefix):
        """The arrays prefix.0, prefix.1 ... as a list; None where a number between is missing."""
        numbers = sorted(int(name[len(prefix) + 1:]) for name in self._entries
                         if name.startswith(prefix + ".") and name[len(prefix) + 1:].isdecimal() and len(name) < len(prefix) + 8)
        if numbers and numbers[-1] > MOST_ARRAYS // 100:
            raise _corrupt(self.path, f"arrays {prefix} are numbered up to {numbers[-1]}")
        return [self[f"{prefix}.{n}"] if f"{prefix}.{n}" in self._entries else None for n in range(numbers[-1] + 1 if numbers else 0)]

    def attention(self, kind=None):
        """[heads, queries, keys] of each layer; None for layers without. `kind`: of several, the first if not given."""
        kinds = self.kinds
        if not kinds:
            raise HeadlightError("this file holds no arrays attn.0, attn.1 ...", f"file: {self.path}", kind="missing")
        return self.numbered(KINDS[kind or kinds[0]])

    def __repr__(self):
        return f"<Dump {self.path}: {', '.join(self.kinds) or 'no attention'}, {len(self.tokens)} tokens, {len(self)} arrays>"


def read_dump(path):
    """Opens a dump (`headlight analyze --dump`, `headlight.save`). Raises HeadlightError for a file that is none."""
    return Dump(path)


def layout(arrays, metadata):
    """The header of a dump, and its arrays as (position, array): what a writer puts where."""
    header, parts, at = {"__metadata__": {k: str(v) for k, v in metadata.items()}}, [], 0
    for name, value in arrays.items():
        value = stored(value, name)
        data = np.ascontiguousarray(value.array)
        header[name] = {"dtype": value.dtype, "shape": list(value.shape), "data_offsets": [at, at + data.nbytes]}
        parts.append((at, data))
        at += data.nbytes
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
    text += b" " * (-len(text) % 8)
    head = struct.pack("<Q", len(text)) + text
    return head, [(len(head) + position, data) for position, data in parts], len(head) + at


def write_dump(path, arrays, metadata):
    """Writes a dump whole or not at all."""
    head, parts, _ = layout(arrays, metadata)
    temporary = f"{os.fspath(path)}.tmp-{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(head)
            for _, data in parts:
                file.write(memoryview(data).cast("B") if data.size else b"")
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)
