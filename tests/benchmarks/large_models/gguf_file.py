"""GGUF files of version 3, little-endian: reading through a mapping, writing as a stream."""
import os
import struct

import numpy as np

MAGIC, ALIGNMENT = b"GGUF", 32
STRING, ARRAY = 8, 9
FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
# name -> number in the file, numbers of a block, bytes of a block
TYPES = {"F32": (0, 1, 4), "F16": (1, 1, 2), "Q4_0": (2, 32, 18), "Q4_1": (3, 32, 20), "Q8_0": (8, 32, 34),
         "Q4_K": (12, 256, 144), "Q6_K": (14, 256, 210), "BF16": (30, 1, 2)}


def size_in_bytes(shape, kind):
    _, numbers, bytes_ = TYPES[kind]
    return int(np.prod(shape)) // numbers * bytes_


class Reader:
    """`metadata`: key -> value; `tensors`: name -> (shape with rows first, type's name, bytes)."""

    def __init__(self, path):
        self.bytes = np.memmap(path, mode="r", dtype=np.uint8)
        self.at = 0
        magic, version, num_tensors, num_keys = self.unpack("<4sIQQ")
        if magic != MAGIC or version not in (2, 3):
            raise ValueError(f"{path} is no GGUF file of version 2 or 3")
        self.metadata = dict(self.pair() for _ in range(num_keys))
        places = [self.place() for _ in range(num_tensors)]
        alignment = self.metadata.get("general.alignment", ALIGNMENT)
        start = -(-self.at // alignment) * alignment
        self.tensors = {}
        for name, shape, kind, offset in places:
            begin = start + offset
            self.tensors[name] = (shape, kind, self.bytes[begin:begin + size_in_bytes(shape, kind)])

    def unpack(self, form):
        size = struct.calcsize(form)
        self.at += size
        return struct.unpack(form, self.bytes[self.at - size:self.at].tobytes())

    def string(self):
        (size,) = self.unpack("<Q")
        self.at += size
        return self.bytes[self.at - size:self.at].tobytes().decode("utf-8", "replace")

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            element, count = self.unpack("<IQ")
            return [self.value(element) for _ in range(count)]
        return self.unpack("<" + FORMATS[kind])[0]

    def pair(self):
        key = self.string()
        return key, self.value(self.unpack("<I")[0])

    def place(self):
        name = self.string()
        (dims,) = self.unpack("<I")
        shape = self.unpack(f"<{dims}Q")[::-1]
        kind, offset = self.unpack("<IQ")
        names = [known for known, facts in TYPES.items() if facts[0] == kind]
        if not names:
            raise ValueError(f"tensor {name} has type {kind}, which is not read here")
        return name, shape, names[0], offset


def as_string(text):
    raw = text.encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def as_value(value):
    """Type and bytes. Whole numbers are u32 alone and i32 in lists, as converters write them."""
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", STRING) + as_string(value)
    is_text = bool(value) and isinstance(value[0], str)
    body = b"".join(as_string(item) if is_text else struct.pack("<i", item) for item in value)
    return struct.pack("<IIQ", ARRAY, STRING if is_text else 5, len(value)) + body


def write(path, metadata, tensors):
    """tensors: (name, shape with rows first, type's name, function that yields the bytes in arrays)."""
    head = struct.pack("<4sIQQ", MAGIC, 3, len(tensors), len(metadata))
    head += b"".join(as_string(key) + as_value(value) for key, value in metadata.items())
    offset = 0
    for name, shape, kind, _ in tensors:
        head += as_string(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape[::-1])
        head += struct.pack("<IQ", TYPES[kind][0], offset)
        offset += -(-size_in_bytes(shape, kind) // ALIGNMENT) * ALIGNMENT
    with open(path + ".part", "wb") as file:
        file.write(head)
        for name, shape, kind, chunks in tensors:
            file.write(bytes(-file.tell() % ALIGNMENT))
            begin = file.tell()
            for chunk in chunks():
                chunk.tofile(file)
            if file.tell() - begin != size_in_bytes(shape, kind):
                raise ValueError(f"{name}: {file.tell() - begin} bytes for {shape} in {kind}")
        file.write(bytes(-file.tell() % ALIGNMENT))
    os.replace(path + ".part", path)
