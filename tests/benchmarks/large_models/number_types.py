"""Numbers as files store them: random blocks of a given standard deviation, rounding to a type and back."""
import numpy as np

CHUNK = 1 << 15  # blocks at a time: a few MB


def pieces(count, most):
    return [min(most, count - begin) for begin in range(0, count, most)]


def random_q4_k(random, num_blocks, deviation):
    """Blocks of 256: d, dmin (half), eight scales and minima of six bits in 12 bytes, 128 bytes of nibbles.
    value = d * scale * nibble - dmin * minimum; the minima equal the scales and dmin = 7.5 d, so that the mean is 0."""
    d = np.float16(deviation / (np.sqrt(255 / 12) * np.sqrt(np.mean(np.arange(32, 64)**2.0))))
    for count in pieces(num_blocks, CHUNK):
        out = np.frombuffer(bytearray(random.bytes(count * 144)), np.uint8).reshape(count, 144)
        out[:, 0:2] = np.frombuffer(d.tobytes(), np.uint8)
        out[:, 2:4] = np.frombuffer(np.float16(7.5 * float(d)).tobytes(), np.uint8)
        scale = random.integers(32, 64, size=(count, 8), dtype=np.uint8)
        low, high = scale[:, :4], scale[:, 4:]
        out[:, 4:8] = out[:, 8:12] = low | (high >> 4) << 6
        out[:, 12:16] = (high & 15) | (high & 15) << 4
        yield out


def random_q6_k(random, num_blocks, deviation):
    """Blocks of 256: 128 bytes of low nibbles, 64 of the upper two bits, 16 scales (int8), d (half).
    value = d * scale * (number - 32); the signs of the scales are random, so that the mean is 0."""
    d = np.float16(deviation / (np.sqrt(np.mean(np.arange(-32, 32)**2.0)) * np.sqrt(np.mean(np.arange(32, 64)**2.0))))
    for count in pieces(num_blocks, CHUNK):
        out = np.frombuffer(bytearray(random.bytes(count * 210)), np.uint8).reshape(count, 210)
        scale = random.integers(32, 64, size=(count, 16)) * random.choice((-1, 1), size=(count, 16))
        out[:, 192:208] = scale.astype(np.int8).view(np.uint8)
        out[:, 208:210] = np.frombuffer(d.tobytes(), np.uint8)
        yield out


def random_bf16(random, count, deviation):
    for size in pieces(count, 1 << 22):
        yield to_bf16(random.standard_normal(size, dtype=np.float32) * np.float32(deviation))


RANDOM_BLOCKS = {"Q4_K": random_q4_k, "Q6_K": random_q6_k}


def to_bf16(values):
    """To the nearest, halves to even; finite numbers only."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def to_q8_0(values):
    """Blocks of 32: scale (half) = largest magnitude / 127, then the numbers."""
    blocks = values.reshape(-1, 32)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / 127
    numbers = np.rint(blocks / np.where(scale == 0, 1, scale)).astype(np.int8)
    return np.concatenate([scale.astype(np.float16).view(np.uint8), numbers.view(np.uint8)], axis=1)


def widen(kind, raw):
    """float32 of the bytes of a tensor, flat."""
    if kind in ("F32", "F16"):
        return raw.view(np.float32 if kind == "F32" else np.float16).astype(np.float32)
    if kind == "BF16":
        return (raw.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    if kind == "Q8_0":
        blocks = raw.reshape(-1, 34)
        return (halves(blocks, 0) * blocks[:, 2:].view(np.int8)).astype(np.float32).ravel()
    if kind in ("Q4_0", "Q4_1"):
        begin = 2 if kind == "Q4_0" else 4
        blocks = raw.reshape(-1, 16 + begin)
        nibbles = np.concatenate([blocks[:, begin:] & 15, blocks[:, begin:] >> 4], axis=1).astype(np.float32)
        scale = halves(blocks, 0)
        return (scale * (nibbles - 8) if kind == "Q4_0" else scale * nibbles + halves(blocks, 2)).ravel()
    raise ValueError(f"{kind} is not widened here")


def halves(blocks, begin):
    return np.ascontiguousarray(blocks[:, begin:begin + 2]).view(np.float16).astype(np.float32)
