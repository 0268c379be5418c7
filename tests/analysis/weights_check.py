#!/usr/bin/env python3
"""Independent values for weights_test.cpp and head_map_test.cpp: prints them as they stand in the tests.

Needs NumPy only; the tests themselves run without it. Every quantity is computed the long way (full d x d products,
numpy.linalg, plain logarithms), never by the route that the program takes.
"""
import numpy as np


def sequence(rows, cols, state):
    """The linear congruential sequence of the tests, in [-0.5, 0.5), as float32."""
    out = np.empty(rows * cols, np.float32)
    for i in range(out.size):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = (state >> 8) / 16777216.0 - 0.5
    return out.reshape(rows, cols).astype(np.float64)


def measures(matrix, rank):
    sigma = np.linalg.svd(matrix, compute_uv=False)[:rank]
    share = sigma / sigma.sum()
    return {"effective_rank": np.exp(-(share * np.log(share)).sum()), "concentration": share[0]}


def head(seed, hidden, dim):
    return {
        "query": sequence(hidden, dim, seed),
        "key": sequence(hidden, dim, seed + 1),
        "value": sequence(hidden, dim, seed + 2),
        "output": sequence(dim, hidden, seed + 3),
    }


def show(name, values):
    print(f"{name}: " + ", ".join(f"{v:.12g}" for v in np.atleast_1d(values)))


def spectra():
    hidden, dim = 24, 6
    w = head(21, hidden, dim)
    gain = 0.5 + np.arange(hidden) / 32  # exact in float32
    bias = sequence(1, dim, 77)[0]
    centre = np.eye(hidden) - 1.0 / hidden
    for label, norm in (("rms", np.diag(gain)), ("layer norm", centre @ np.diag(gain))):
        qk = norm @ w["query"] @ (norm @ w["key"]).T
        ov = norm @ w["value"] @ w["output"]
        for name, matrix in (("qk", qk), ("ov", ov)):
            m = measures(matrix, dim)
            show(f"folded {name}, {label}", [m["effective_rank"], m["concentration"]])
    eigen = np.linalg.eigvals(w["value"] @ w["output"])
    show("ov copying", eigen.sum().real / np.abs(eigen).sum())
    show("column bias", np.linalg.norm(w["key"] @ bias))
    for name in ("query", "key", "value", "output"):
        show(f"{name} effective rank", measures(w[name], dim)["effective_rank"])
    for interleaved in (False, True):
        for delta in (0, 1, 7):
            rotation = np.eye(dim)
            rotary_dim, theta = 4, 100.0
            for m in range(rotary_dim // 2):
                a, b = (2 * m, 2 * m + 1) if interleaved else (m, m + rotary_dim // 2)
                angle = delta * theta ** (-2.0 * m / rotary_dim)
                # Row vectors: (a, b) -> (a cos - b sin, a sin + b cos).
                rotation[a, a] = rotation[b, b] = np.cos(angle)
                rotation[a, b], rotation[b, a] = np.sin(angle), -np.sin(angle)
            sigma = np.linalg.svd(w["query"] @ rotation @ w["key"].T, compute_uv=False)[:dim]
            show(f"rotary {'neighbours' if interleaved else 'halves'} delta {delta}", sigma)
    big = sequence(13, 13, 5)
    values = np.linalg.eigvals(big)
    order = np.lexsort((values.imag, values.real))
    show("eigenvalues real", values.real[order])
    show("eigenvalues imag", values.imag[order])


def composition():
    hidden, dim, layers, heads = 24, 6, 3, 2
    w = [head(100 + 10 * i, hidden, dim) for i in range(layers * heads)]
    for later in range(layers * heads):
        for earlier in range(later // heads * heads):
            writes = w[earlier]["value"] @ w[earlier]["output"]
            qk = w[later]["query"] @ w[later]["key"].T
            ov = w[later]["value"] @ w[later]["output"]
            score = [
                np.linalg.norm(writes @ m) / (np.linalg.norm(writes) * np.linalg.norm(m)) for m in (qk, qk.T, ov)
            ]
            show(f"composition {earlier} -> {later}", score)


def noise_row(seed, query):
    def value(key):
        x = (seed * 747796405 + query * 2654435761 + key * 40503) % 2**32
        x = (x ^ (x >> 15)) * 2246822519 % 2**32
        x = (x ^ (x >> 13)) * 3266489917 % 2**32
        return ((x ^ (x >> 16)) >> 8) ** 4 / 16777216.0**4 + 1e-6

    row = np.array([value(key) for key in range(query + 1)])
    return (row / row.sum()).astype(np.float32).astype(np.float64)


def entropy(p):
    p = p[p > 0]
    return -(p * np.log(p)).sum()


def head_map():
    tokens, seeds = 17, (1, 2, 3, 4)
    distances = np.zeros((4, 4))
    for a in range(4):
        for b in range(4):
            rows = []
            for query in range(1, tokens):
                p, q = (0.999 * noise_row(s, query) + 0.001 / (query + 1) for s in (seeds[a], seeds[b]))
                rows.append(entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2)
            distances[a, b] = np.mean(rows)
    for row in distances:
        show("distances", row)
    centre = np.eye(4) - 0.25
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    values, vectors = values[::-1], vectors[:, ::-1]
    for axis in range(2):
        vector = vectors[:, axis]
        vector = vector * np.sign(vector[np.argmax(np.abs(vector))])
        show(f"axis {axis}", vector * np.sqrt(values[axis]))
    show("explained", values[:2].sum() / values[values > 1e-12].sum())


if __name__ == "__main__":
    spectra()
    composition()
    head_map()
