"""What the draws of many families share."""

POSITIONS = 64  # longer than the texts, so that only rotations with a shorter trained length stretch
EPSILONS = [1e-12, 1e-6, 1e-5, 1e-3]
BOTH = [True, False]
WINDOWS = [1, 2, 3, 5, 8, 100]


def sizes(rng):
    """hidden size, heads"""
    return rng.choice([(16, 2), (16, 4), (16, 1), (24, 2), (24, 3), (24, 6), (32, 4), (40, 5)])


def key_heads(rng, heads):
    return rng.choice([n for n in range(1, heads + 1) if heads % n == 0])


def activation(rng):
    from transformers.activations import ACT2FN

    usual = ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"]
    return rng.choice(usual if rng.random() < 0.6 else sorted(set(ACT2FN) - {"prelu", "xielu"}))


def draw_rotation(rng, head_dim, partial=False, kinds=None):
    """One rotation as `rope_parameters` spell it."""
    kind = rng.choice(kinds or ["default", "default", "linear", "dynamic", "llama3", "yarn", "longrope"])
    rope = {"rope_type": kind, "rope_theta": rng.choice([100.0, 10000.0, 500000.0, 1e6])}
    dim = head_dim
    if partial and rng.random() < 0.8:
        share = rng.choice([s for s in (0.25, 0.4, 0.5, 0.75, 1.0) if int(head_dim * s) >= 2 and int(head_dim * s) % 2 == 0])
        rope["partial_rotary_factor"] = share
        dim = int(head_dim * share)
    if kind in ("linear", "dynamic", "llama3", "yarn"):
        rope["factor"] = rng.choice([1.0, 2.0, 4.0, 8.0])
    if kind == "llama3":
        rope |= {"low_freq_factor": 1.0, "high_freq_factor": rng.choice([2.0, 4.0])}
    if kind == "longrope":
        rope["short_factor"] = [1.0 + 0.1 * i for i in range(dim // 2)]
        rope["long_factor"] = [2.0 + 0.5 * i for i in range(dim // 2)]
    if kind in ("llama3", "yarn", "longrope") and rng.random() < 0.7:
        rope["original_max_position_embeddings"] = rng.choice([8, 16, 32])
    if kind == "yarn":
        optional = {
            "beta_fast": [32, 16.0, 4.0], "beta_slow": [1, 2.0], "truncate": BOTH, "attention_factor": [1.2, 0.8],
            "mscale": [1.0, 0.7], "mscale_all_dim": [1.0, 0.5],
        }
        rope |= {key: rng.choice(values) for key, values in optional.items() if rng.random() < 0.35}
    if kind == "longrope" and rng.random() < 0.5:
        rope[rng.choice(["attention_factor", "factor"])] = rng.choice([1.0, 1.5, 4.0])
    return rope


def layer_types(rng, layers, kinds=("full_attention", "sliding_attention")):
    return [rng.choice(kinds) for _ in range(layers)]


def some(rng, **optional):
    """Each key with a probability of a half."""
    return {key: rng.choice(values) for key, values in optional.items() if rng.random() < 0.5}


def without(config, *keys):
    return {key: value for key, value in config.items() if key not in keys}
