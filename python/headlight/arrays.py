"""Arrays of torch, JAX, NumPy and others as NumPy arrays, bit for bit.

NumPy has no bfloat16: such values are held as their 16 bits (uint16) with the name "BF16" beside them.
"""
import sys

import numpy as np

from .errors import AttentionError

# Name in a safetensors file -> type of the array that holds it.
STORED = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2"), "I64": np.dtype("<i8"), "I32": np.dtype("<i4"),
          "I16": np.dtype("<i2"), "I8": np.dtype("i1"), "U8": np.dtype("u1"), "U16": np.dtype("<u2"), "U32": np.dtype("<u4"), "U64": np.dtype("<u8"),
          "BOOL": np.dtype("?")}
NAMES = {np.dtype("<f4"): "F32", np.dtype("<f2"): "F16", np.dtype("<i8"): "I64", np.dtype("<i4"): "I32"}


class Stored:
    """An array as a file holds it: `array` and the name of its type."""

    __slots__ = ("array", "dtype")

    def __init__(self, array, dtype):
        self.array = array
        self.dtype = dtype

    @property
    def shape(self):
        return self.array.shape

    def __getitem__(self, index):
        return Stored(self.array[index], self.dtype)

    def floats(self):
        """As float32; float64 is rounded."""
        if self.dtype == "BF16":
            return (self.array.astype(np.uint32) << np.uint32(16)).view(np.float32)
        return np.asarray(self.array, np.float32)


def is_array(value):
    return hasattr(value, "shape") and hasattr(value, "dtype") and hasattr(value, "__getitem__")


def _from_torch(value):
    torch = sys.modules["torch"]
    value = value.detach()
    if value.is_sparse or value.layout != torch.strided:
        value = value.to_dense()
    value = value.cpu()
    if value.dtype == torch.bfloat16:
        return Stored(value.contiguous().view(torch.int16).numpy().view(np.uint16), "BF16")
    return stored(value.contiguous().resolve_neg().numpy())


def stored(value, what="the array"):
    """Any array as Stored: float32, float16, bfloat16 and whole numbers as they are, other floats as float32. Raises AttentionError."""
    if isinstance(value, Stored):
        return value
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _from_torch(value)
    if not isinstance(value, np.ndarray):
        try:
            value = np.asarray(value)
        except Exception:  # what has no way to NumPy may have DLPack
            try:
                value = np.from_dlpack(value)
            except Exception as problem:
                raise AttentionError(f"{what} is a {type(value).__name__} that does not become a NumPy array: {problem}", kind="invalid input") from problem
    if value.dtype.name == "bfloat16":  # ml_dtypes, as JAX gives them
        return Stored(np.ascontiguousarray(value).view(np.uint16), "BF16")
    if value.dtype.kind == "f" and value.dtype.itemsize not in (2, 4):
        value = value.astype(np.float32)
    if value.dtype.kind in "iub" and value.dtype not in NAMES:
        value = value.astype(np.int64)
    little = value.dtype.newbyteorder("<")
    if little not in NAMES:
        raise AttentionError(f"{what} holds {value.dtype} values, expected numbers", kind="invalid input")
    return Stored(np.ascontiguousarray(value, little), NAMES[little])
