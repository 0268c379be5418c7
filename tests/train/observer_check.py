#!/usr/bin/env python3
"""Recomputes the training observer's metrics with NumPy from a checkpoint folder and compares them with a row of its log.

usage: observer_check.py CHECKPOINT LOG_FOLDER STEP [--tokens tokens.safetensors]
       observer_check.py --print-test-values

CHECKPOINT is a folder of the families `headlight` (modular addition: all pairs are the sample) or `llama` (the sample
is windows of BOS and held-out text; --tokens names the trainer's training/tokens.safetensors). Everything is computed in
float64 from the stored weights, so store them as float32 to compare. Exits with 1 when a value differs by more than 1e-5.
Needs numpy, and safetensors for checkpoints.
"""
import json
import math
import sys

import numpy as np

TOLERANCE = 1e-5


def softmax(scores):
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    return scores / scores.sum(-1, keepdims=True)


def rms_norm(x, gain, eps):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * gain


def rotate(x, theta):
    """x [B, H, N, head_dim]; coordinate i turns with i + head_dim / 2."""
    n, d = x.shape[-2:]
    angle = np.arange(n)[:, None] * theta ** (-np.arange(0, d, 2) / d)
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate((a * cos - b * sin, b * cos + a * sin), -1)


def patterns_of(config, w, ids):
    """Attention of every layer, list of [B, H, N, N]; also the state after the last block, before the final norm."""
    own = config["model_type"] == "headlight"
    layers = config["num_layers" if own else "num_hidden_layers"]
    heads = config["num_heads" if own else "num_attention_heads"]
    head_dim = config["hidden_size"] // heads
    batch, n = ids.shape
    mask = np.triu(np.full((n, n), -np.inf), 1)
    split = lambda y: y.reshape(batch, n, heads, head_dim).transpose(0, 2, 1, 3)
    if own:
        x = w["token_embedding"][ids] + w["position_embedding"][:n]
        name = lambda i, part: w["layers.%d.%s" % (i, part)]
    else:
        x = w["model.embed_tokens.weight"][ids]
        parts = {"query": "self_attn.q_proj", "key": "self_attn.k_proj", "value": "self_attn.v_proj", "output": "self_attn.o_proj",
                 "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj",
                 "norm1": "input_layernorm", "norm2": "post_attention_layernorm"}
        name = lambda i, part: w["model.layers.%d.%s.weight" % (i, parts[part])]
    out = []
    for i in range(layers):
        z = x if own else rms_norm(x, name(i, "norm1"), config["rms_norm_eps"])
        q, k, v = (split(z @ name(i, part).T) for part in ("query", "key", "value"))
        if not own:
            q, k = rotate(q, config["rope_theta"]), rotate(k, config["rope_theta"])
        a = softmax(q @ k.transpose(0, 1, 3, 2) / math.sqrt(head_dim) + mask)
        out.append(a)
        x = x + (a @ v).transpose(0, 2, 1, 3).reshape(batch, n, -1) @ name(i, "output").T
        if own:
            hidden = np.maximum(x @ name(i, "up").T + name(i, "up_bias"), 0)
            x = x + hidden @ name(i, "down").T + name(i, "down_bias")
        else:
            z = rms_norm(x, name(i, "norm2"), config["rms_norm_eps"])
            gate = z @ name(i, "gate").T
            x = x + (gate / (1 + np.exp(-gate)) * (z @ name(i, "up").T)) @ name(i, "down").T
    return out, x


def spectrum_metrics(query, key):
    """query, key [head_dim, hidden] as stored. Full spectrum of W_Q W_K^T."""
    s = np.linalg.svd(query.T @ key, compute_uv=False)[: query.shape[0]]
    p = s / s.sum()
    p = p[p > 0]
    return s[0] / s.sum(), math.exp(-(p * np.log(p)).sum()), (s[:5] ** 2).sum() / (s**2).sum()


def observe(config, w, ids):
    own = config["model_type"] == "headlight"
    heads = config["num_heads" if own else "num_attention_heads"]
    head_dim = config["hidden_size"] // heads
    patterns, _ = patterns_of(config, w, ids)
    n = ids.shape[1]
    keys = np.arange(1, n + 1)
    values = {}
    entropy, variance, sink, previous = [], [], [], []
    for i, a in enumerate(patterns):
        h = -(a * np.log(np.where(a > 0, a, 1))).sum(-1)
        entropy.append(h.mean((0, 2)).mean())
        variance.append(((a**2).sum(-1) / keys - 1 / keys**2).mean((0, 2)).mean())
        sink.append(a[:, :, 1:, 0].mean((0, 2)).mean())
        previous.append(np.diagonal(a, -1, 2, 3).mean((0, 2)).max())
        values["attn_entropy/%d" % i], values["attn_variance/%d" % i] = entropy[-1], variance[-1]
    values["attn_entropy"], values["attn_variance"] = np.mean(entropy), np.mean(variance)
    values["sink_share"], values["previous_score"] = np.mean(sink), np.max(previous)
    triples = []
    for i in range(len(patterns)):
        q = w["layers.%d.query" % i if own else "model.layers.%d.self_attn.q_proj.weight" % i]
        k = w["layers.%d.key" % i if own else "model.layers.%d.self_attn.k_proj.weight" % i]
        for j in range(heads):
            rows = slice(j * head_dim, (j + 1) * head_dim)
            triples.append(spectrum_metrics(q[rows], k[rows]))
    for name, value in zip(("sv_concentration", "effective_rank", "top5_explained_var"), np.mean(triples, 0)):
        values[name] = value
    values["weight_norm"] = math.sqrt(sum((t**2).sum() for t in w.values()))
    return values


def addition_extras(config, w, ids):
    patterns, x = patterns_of(config, w, ids)
    p = config["vocab_size"] - 2
    last = np.stack([a[:, :, -1] for a in patterns])  # [L, B, H, 3]
    values = {"answer_entropy": (-(last * np.log(np.where(last > 0, last, 1))).sum(-1)).mean() / math.log(3)}
    for i in range(last.shape[0]):
        for j in range(last.shape[2]):
            values["answer_on_first/%d/%d" % (i, j)] = last[i, :, j, 0].mean()
    power = (np.abs(np.fft.rfft(w["token_embedding"][:p], axis=0)) ** 2).sum(1)[1:]
    values["embedding_top5_frequencies"] = np.sort(power)[-5:].sum() / power.sum()
    logits = x[:, -1] @ w["head"].T
    right = (logits.argmax(-1) == (ids[:, 0] + ids[:, 1]) % p).mean()
    return values, right


def all_pairs(p):
    g = np.arange(p * p)
    return np.stack((g // p, g % p, np.full(p * p, p)), 1)


def text_windows(tokens, context, bos):
    """Four windows of each of the first four held-out texts."""
    length = min(context, 256)
    rows = []
    for name in sorted(t for t in tokens if t.startswith("held_out."))[:4]:
        ids = tokens[name]
        if len(ids) < length:
            continue
        for i in range(4):
            begin = (len(ids) - length) * i // 3
            rows.append(np.concatenate(([bos], ids[begin : begin + length - 1])))
    return np.array(rows)


def made_up(shape, slot):
    i = np.arange(int(np.prod(shape)))
    return ((((i * i * 31 + i * 17 + slot * 101) % 257) - 128) / 256.0).reshape(shape)


def print_test_values():
    """The values that observer_test.cpp holds: two layers, two heads of 8, modulus 13."""
    config = {"model_type": "headlight", "num_layers": 2, "num_heads": 2, "hidden_size": 16, "vocab_size": 15}
    shapes = [("token_embedding", (15, 16)), ("position_embedding", (3, 16))]
    for i in range(2):
        for part, shape in (("query", (16, 16)), ("key", (16, 16)), ("value", (16, 16)), ("output", (16, 16)), ("up", (24, 16)),
                            ("up_bias", (24,)), ("down", (16, 24)), ("down_bias", (16,))):
            shapes.append(("layers.%d.%s" % (i, part), shape))
    shapes.append(("head", (15, 16)))
    w = {name: made_up(shape, slot) for slot, (name, shape) in enumerate(shapes)}
    ids = all_pairs(13)
    values = observe(config, w, ids)
    values.update(addition_extras(config, w, ids)[0])
    for name in sorted(values):
        print('    {"%s", %.10g},' % (name, values[name]))


def main():
    if sys.argv[1:] == ["--print-test-values"]:
        return print_test_values()
    from safetensors.numpy import load_file

    folder, log, step = sys.argv[1], sys.argv[2], int(sys.argv[3])
    config = json.load(open(folder + "/config.json"))
    w = {name: t.astype(np.float64) for name, t in load_file(folder + "/model.safetensors").items()}
    rows = [json.loads(line) for line in open(log + "/metrics.jsonl")]
    row = [r for r in rows if r["step"] == step][-1]
    if config["model_type"] == "headlight":
        p = config["vocab_size"] - 2
        values = observe(config, w, all_pairs(p))
        extras, right = addition_extras(config, w, all_pairs(p))
        values.update(extras)
        print("all pairs right: %.4f" % right)
    else:
        tokens = load_file(sys.argv[sys.argv.index("--tokens") + 1])
        values = observe(config, w, text_windows(tokens, config["max_position_embeddings"], config["bos_token_id"]))
    worst = 0
    for name in sorted(values):
        got = row.get(name)
        off = float("inf") if got is None else abs(got - values[name]) / max(1, abs(values[name]))
        worst = max(worst, off)
        print("%-28s log %-22s numpy %-22.16g off %.1e" % (name, got, values[name], off))
    print("largest deviation %.1e" % worst)
    sys.exit(worst > TOLERANCE)


if __name__ == "__main__":
    main()
