"""Changes a config.json and a weights file as strangers' files differ: older spellings, keys out, doubled, contradicted.

Each function takes (rng, config, family, config_class) and gives the changed config with a few words, or None where it has
nothing to change.
"""

import copy

from draw_parts import draw_rotation

FIXED = {"model_type", "architectures"}
# Keys that some class of the reference library reads, and what other classes may find among them.
FOREIGN = {
    "head_dim": [4, 8, None], "sliding_window": [2, 4, None], "use_sliding_window": [True, False], "is_causal": [False, True],
    "attention_bias": [True, False], "mlp_bias": [True, False], "rope_theta": [100.0, 5000], "qk_layernorm": [True],
    "partial_rotary_factor": [0.5, 1.0], "rotary_pct": [0.5, 1.0], "rotary_emb_base": [100, 5000], "rotary_dim": [2, 4],
    "rope_local_base_freq": [100.0], "global_rope_theta": [100.0], "local_rope_theta": [50.0, None],
    "rope_scaling": [{"type": "linear", "factor": 2.0}, {"rope_type": "yarn", "factor": 4.0}, {}, None],
    "original_max_position_embeddings": [8, 16], "logit_scale": [0.5], "logits_scaling": [2.0], "clip_qkv": [0.5],
    "final_logit_softcapping": [5.0], "attn_logit_softcapping": [2.0], "query_pre_attn_scalar": [4], "use_qk_norm": [True],
    "tie_word_embeddings": [True, False, None], "num_key_value_heads": [1, 2, None], "multi_query": [True, False],
    "hidden_act": ["relu", "silu"], "activation_function": ["relu"], "hidden_activation": ["relu"], "activation": ["relu"],
    "rms_norm_eps": [1e-2], "layer_norm_eps": [1e-2], "layer_norm_epsilon": [1e-2], "norm_epsilon": [1e-2], "norm_eps": [1e-2],
    "layer_types": ["layers"], "sliding_window_pattern": [1, 2, 3], "no_rope_layers": ["bits"], "max_window_layers": [0, 1],
    "num_hidden_layers": [1, 2], "n_layer": [1, 2], "num_layers": [1, 2], "n_layers": [1, 2], "hidden_size": [16, 24],
    "n_embd": [16, 24], "n_embed": [16, 24], "d_model": [16, 24], "dim": [16, 24], "num_attention_heads": [1, 2, 4],
    "n_head": [1, 2, 4], "n_heads": [1, 2, 4], "num_heads": [1, 2, 4], "intermediate_size": [10, 14], "n_inner": [10, 14],
    "ffn_dim": [10, 14], "d_ff": [10], "hidden_dim": [10], "max_position_embeddings": [32, 48], "n_positions": [32, 48],
    "n_ctx": [32, 48], "seq_length": [32], "embedding_size": [8, 16], "num_experts": [2, 3], "num_local_experts": [2, 3],
    "experts_per_token": [1, 2], "embedding_multiplier": [2.0], "residual_multiplier": [0.5], "attention_multiplier": [0.5],
    "scale_attn_weights": [False], "scale_embedding": [True], "use_parallel_residual": [True, False], "parallel_attn": [False],
    "use_bias": [True, False], "bias": [True, False], "qkv_bias": [True, False], "use_qkv_bias": [True], "no_bias": [False],
    "position_embedding_type": ["relative_key", "absolute"], "use_bidirectional_attention": [True, False], "type": ["yarn"],
    "is_decoder": [True, False], "add_cross_attention": [True, False], "is_encoder_decoder": [True, False],
    "attention_chunk_size": [4], "type_vocab_size": [1, 3], "pruned_heads": [{}, {"0": [0]}], "chunk_size_feed_forward": [0, 1],
    "tie_encoder_decoder": [True], "d_kv": [4], "relative_attention_num_buckets": [8], "alibi": [True, False],
    "swiglu_limit": [1.0], "attention_layers": ["neo"], "pretraining_tp": [2], "local_attention": [4], "torch_dtype": ["float16"],
    "truncate": [False], "factor": [2.0], "rope_type": ["linear"], "scale_decoder_outputs": [True, False], "dtype": ["bfloat16"],
    "is_gated_act": [True, False], "dense_act_fn": ["relu"], "share_encoder_decoder_embeddings": [False],
    "decoder_vocab_size": [40], "num_hidden_groups": [2], "norm_bias": [True], "per_layer_config": [{"0": {"head_dim": 4}}],
}


def foreign_value(rng, config, key):
    layers = next((config[k] for k in ("num_hidden_layers", "n_layer", "num_layers", "n_layers") if k in config), 2)
    value = rng.choice(FOREIGN[key])
    if value == "layers":
        return [rng.choice(["full_attention", "sliding_attention"]) for _ in range(layers)]
    if value == "bits":
        return [rng.choice([0, 1]) for _ in range(layers)]
    if value == "neo":
        return [rng.choice(["global", "local"]) for _ in range(layers)]
    return copy.deepcopy(value)


def places(config):
    """Every (dictionary, key) that may be changed, nested ones too."""
    found = []
    for key, value in config.items():
        if key in FIXED or key.startswith("vision_config"):
            continue
        found.append((config, key))
        if isinstance(value, dict):
            found += places(value)
    return found


def take_out(rng, config, family, config_class):
    holder, key = rng.choice(places(config))
    del holder[key]
    return f"without {key}"


def make_null(rng, config, family, config_class):
    holder, key = rng.choice(places(config))
    holder[key] = None
    return f"{key} null"


def other_value(rng, value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice([value + 1, value - 1, value * 2, value // 2, 0, 1, 2, -1])
    if isinstance(value, float):
        return rng.choice([value * 2, value / 2, value + 1, 0.0, 1.0, -value])
    if isinstance(value, str):
        return rng.choice(["gelu", "relu", "silu", "none", "linear", value.upper(), "default"])
    if isinstance(value, list):
        return rng.choice([value[1:], value + value[:1], value[::-1], []])
    if isinstance(value, dict):
        return rng.choice([{}, dict(list(value.items())[:1])])
    return rng.choice([1, 2, True, "gelu", 1.0, []])


def change_value(rng, config, family, config_class):
    holder, key = rng.choice(places(config))
    holder[key] = other_value(rng, holder[key])
    return f"{key} = {holder[key]}"


def change_type(rng, config, family, config_class):
    holder, key = rng.choice(places(config))
    value = holder[key]
    if isinstance(value, bool):
        value = rng.choice([int(value), str(value).lower()])
    elif isinstance(value, int):
        value = rng.choice([float(value), str(value)])
    elif isinstance(value, float):
        value = rng.choice([int(value), str(value)])
    elif isinstance(value, str):
        value = [value]
    else:
        value = str(value)
    holder[key] = value
    return f"{key} as {value!r}"


def double_alias(rng, config, family, config_class):
    """The same thing under the name that the class maps onto it: alone, or beside with another value."""
    names = [(alias, name) for alias, name in config_class.attribute_map.items() if name in config]
    if not names:
        return None
    alias, name = rng.choice(names)
    if rng.random() < 0.3:
        config[alias] = config.pop(name)
        return f"{alias} for {name}"
    config[alias] = rng.choice([config[name], *FOREIGN.get(alias, [1, 2, 4])])
    return f"{alias} = {config[alias]} beside {name} = {config[name]}"


def add_foreign(rng, config, family, config_class):
    key = rng.choice([key for key in FOREIGN if key not in config])
    config[key] = foreign_value(rng, config, key)
    return f"and {key} = {config[key]}"


def add_own(rng, config, family, config_class):
    """A key that the class reads and the config does not have yet."""
    import dataclasses

    names = [f.name for f in dataclasses.fields(config_class) if f.name not in config and f.name in FOREIGN]
    if not names:
        return None
    key = rng.choice(names)
    config[key] = foreign_value(rng, config, key)
    return f"and own {key} = {config[key]}"


def rotations(config):
    """The dictionaries that spell a rotation."""
    found = []
    for key in ("rope_parameters", "rope_scaling"):
        value = config.get(key)
        if isinstance(value, dict):
            found.append(value)
            found += [part for part in value.values() if isinstance(part, dict)]
    return found


ROPE_KEYS = ["rope_theta", "rope_type", "type", "factor", "partial_rotary_factor", "original_max_position_embeddings",
             "truncate", "attention_factor", "beta_fast", "beta_slow", "low_freq_factor", "high_freq_factor", "mscale",
             "mscale_all_dim", "short_factor", "long_factor"]
ROPE_VALUES = {"rope_theta": [50.0, 10000, None], "rope_type": ["default", "linear", "dynamic", "yarn", "proportional"],
               "type": ["linear", "su", "yarn", "default", "mrope"], "factor": [2.0, 3, None], "partial_rotary_factor": [0.5, None],
               "original_max_position_embeddings": [8, 16, None], "truncate": [False, None, True],
               "attention_factor": [1.3, None], "beta_fast": [8, None], "beta_slow": [2, None], "low_freq_factor": [1.0],
               "high_freq_factor": [4.0], "mscale": [0.7], "mscale_all_dim": [0.4], "short_factor": [None], "long_factor": [None]}


def contradict_rope(rng, config, family, config_class):
    if not family.rope:
        return None
    if family.rope == "nested" and isinstance(config.get("text_config"), dict) and rng.random() < 0.7:
        config = config["text_config"]
    head_dim = 8
    choice = rng.randrange(8)
    if choice == 0:  # both keys
        other = draw_rotation(rng, head_dim, kinds=["linear", "yarn", "dynamic", "default", "llama3"])
        if rng.random() < 0.5:
            other.pop("rope_theta")
        if rng.random() < 0.3:
            other["type"] = other.pop("rope_type")
        config[rng.choice(["rope_scaling", "rope_scaling", "rope_parameters"])] = other
        return f"rope_scaling {config.get('rope_scaling')} and rope_parameters {config.get('rope_parameters')}"
    if choice == 1:  # by layer type where it is flat, flat where it is by layer type
        one = draw_rotation(rng, head_dim, kinds=["linear", "default", "yarn"])
        two = draw_rotation(rng, head_dim, kinds=["linear", "default"])
        nested = {"full_attention": one, "sliding_attention": two}
        if rng.random() < 0.3:
            nested.pop(rng.choice(list(nested)))
        if rng.random() < 0.3:
            nested |= {"rope_theta": 77.0, "truncate": False}
        config[rng.choice(["rope_parameters", "rope_scaling"])] = rng.choice([nested, one])
        return f"rope_scaling {config.get('rope_scaling')} and rope_parameters {config.get('rope_parameters')}"
    if choice == 2:
        config[rng.choice(["rope_scaling", "rope_parameters"])] = rng.choice([{}, None])
        return f"rope_scaling {config.get('rope_scaling')} and rope_parameters {config.get('rope_parameters')}"
    key = rng.choice(ROPE_KEYS)
    value = rng.choice(ROPE_VALUES[key])
    dictionaries = rotations(config)
    if choice in (3, 4) or not dictionaries:
        config[key] = value
        return f"{key} = {value} on top"
    rng.choice(dictionaries)[key] = value
    return f"{key} = {value} in the rotation"


CHANGES = [take_out, take_out, make_null, change_value, change_value, change_type, double_alias, add_foreign, add_foreign,
           add_own, contradict_rope, contradict_rope]


def older_spelling(rng, config, family):
    """The same as transformers 4 wrote it."""
    if family.rope == "nested":
        config = config["text_config"]
    rope = config.get("rope_parameters")
    if not isinstance(rope, dict):
        return "4"
    del config["rope_parameters"]
    if family.rope in ("layers", "nested"):
        full, local = dict(rope["full_attention"]), dict(rope["sliding_attention"])
        names = ("global_rope_theta", "local_rope_theta") if family.model_type == "modernbert" else (
            "rope_theta", "rope_local_base_freq")
        config[names[0]], config[names[1]] = full.pop("rope_theta"), local.pop("rope_theta")
        rope = full
    else:
        theta, share = ("rotary_emb_base", "rotary_pct") if family.model_type == "gpt_neox" else (
            "rope_theta", "partial_rotary_factor")
        rope = dict(rope)
        config[theta] = rope.pop("rope_theta")
        if "partial_rotary_factor" in rope:
            config[share] = rope.pop("partial_rotary_factor")
        if family.model_type == "phi3" and "original_max_position_embeddings" in rope:
            config["original_max_position_embeddings"] = rope.pop("original_max_position_embeddings")
    if rope.get("rope_type") == "default":
        if rng.random() < 0.5:
            config["rope_scaling"] = None
        return "4"
    if rng.random() < 0.5:
        rope["type"] = rope.pop("rope_type")
        if family.model_type == "phi3":
            rope["type"] = rng.choice(["longrope", "su", "yarn"])
    config["rope_scaling"] = rope
    return "4"


def change_config(rng, config, family, config_class):
    """A changed copy of the config and the words for what was done to it."""
    changed = copy.deepcopy(config)
    words = [older_spelling(rng, changed, family)] if rng.random() < 0.35 else []
    number = rng.choice([0, 1, 1, 1, 1, 2])
    while number > 0 and len(words) < 4:
        done = rng.choice(CHANGES)(rng, changed, family, config_class)
        if done:
            words.append(done)
            number -= 1
    return changed, "; ".join(words) or "as drawn"


def key_changes(config, prefix=()):
    """(kind, path) for every key: taken out, null, and with another value at the other level."""
    for key, value in config.items():
        if key in FIXED or key.startswith("vision_config"):
            continue
        path = (*prefix, key)
        yield from ((kind, path) for kind in ("out", "null", "twice"))
        if isinstance(value, dict):
            yield from key_changes(value, path)


def change_key(rng, config, kind, path):
    changed = copy.deepcopy(config)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    value = holder[path[-1]]
    if kind == "out":
        del holder[path[-1]]
    elif kind == "null":
        holder[path[-1]] = None
    elif len(path) > 1:
        changed[path[-1]] = other_value(rng, value)
    else:
        for inner in ("rope_parameters", "text_config", "attn_config"):
            if isinstance(changed.get(inner), dict):
                changed[inner][path[-1]] = other_value(rng, value)
                break
    return changed, f"{'.'.join(path)} {kind}"


def change_weights(rng, tensors, ties):
    """`ties`: target -> source in the file's names. Copies, tables of their own, one of both alone, one missing."""
    import torch

    if not ties or rng.random() < 0.45:
        return "as saved"
    words = []
    for target, source in ties.items():
        present = source if source in tensors else target if target in tensors else None
        if present is None or rng.random() < 0.4:
            continue
        kind = rng.choice(["copy", "own", "own", "alone", "missing"])
        shape = tensors[present].shape
        if kind == "copy":
            tensors[target] = tensors[present].clone()
            tensors[source] = tensors[present].clone()
        elif kind == "own":
            generator = torch.Generator().manual_seed(rng.randrange(1 << 30))
            tensors[target] = 0.5 * torch.randn(shape, generator=generator)
        elif kind == "alone":
            tensors[target] = tensors.pop(present)
        else:
            tensors.pop(rng.choice([target, source]), None)
        words.append(f"{target} {kind}")
    return "; ".join(words) or "as saved"
