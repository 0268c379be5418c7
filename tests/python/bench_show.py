"""How long it takes from `headlight.show(...)` until the window has drawn it: 30 layers of 9 heads over 512 tokens, float32.

    HEADLIGHT_BINARY=build/release/headlight xvfb-run -a python3 tests/python/bench_show.py [LAYERS HEADS TOKENS]
"""
import os
import sys
import time

from support import np

import headlight
from headlight.protocol import Connection
from headlight.showing import _prepared


def processor_ms(process):
    """Of a process and its threads so far."""
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    layers, heads, tokens = [int(word) for word in sys.argv[1:4]] or [30, 9, 512]
    random = np.random.default_rng(0)
    mask = np.tril(np.ones((tokens, tokens), np.float32))
    attention = []
    for _ in range(layers):
        weights = random.random((1, heads, tokens, tokens), np.float32) ** 8 * mask
        attention.append(weights / weights.sum(-1, keepdims=True))
    words = [f"t{i}" for i in range(tokens)]
    window = headlight.window(headlight.start_window(hidden=True, size=(1600, 900)))
    with Connection(window.socket) as connection:
        process = connection._peer
    megabytes = layers * heads * tokens * tokens * 4 / 1e6
    for attempt in range(5):
        begin = time.perf_counter()
        _prepared(tuple(attention), words, {})
        prepared = time.perf_counter()
        used = processor_ms(process)
        shown = headlight.show(tuple(attention), words, socket=window.socket)
        end = time.perf_counter()
        print(f"{attempt}: {megabytes:.0f} MB, {1e3 * (end - prepared):.0f} ms from show() to the picture "
              f"({1e3 * (prepared - begin):.0f} ms of it to prepare in Python, {shown.milliseconds:.0f} ms in the window, whose "
              f"threads used {processor_ms(process) - used:.0f} ms)", flush=True)
    window.close()


if __name__ == "__main__":
    main()
