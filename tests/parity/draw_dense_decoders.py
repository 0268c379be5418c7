"""Configs of decoders without experts that joined later: GPT, CTRL and fairseq's line, and Llama's descendants."""

import json

from draw_decoders import gpt_line, llama_line
from draw_parts import (
    BOTH, EPSILONS, POSITIONS, WINDOWS, activation, draw_rotation, layer_types, sizes, some, without,
)


def draw_openai_gpt(rng):
    return without(gpt_line(rng), "activation_function", "n_inner") | some(rng, afn=["gelu", "relu", "silu", "swish"])


def draw_ctrl(rng):
    config = without(gpt_line(rng), "activation_function", "n_inner", "layer_norm_epsilon") | {"dff": rng.choice([12, 20])}
    return config | some(rng, layer_norm_epsilon=[1e-6, 1e-6, 1e-5])


def draw_xglm(rng):
    hidden, heads = sizes(rng)
    return {"vocab_size": rng.choice([50, 64]), "d_model": hidden, "attention_heads": heads, "num_layers": rng.choice([1, 2, 3]),
            "ffn_dim": rng.choice([12, 20]), "max_position_embeddings": rng.choice([POSITIONS, 32]),
            "activation_function": activation(rng), "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, scale_embedding=BOTH, pad_token_id=[0, 1, 1, None, 5])


def draw_biogpt(rng):
    hidden, heads = sizes(rng)
    return {"vocab_size": rng.choice([50, 64]), "hidden_size": hidden, "num_attention_heads": heads,
            "num_hidden_layers": rng.choice([1, 2, 3]), "intermediate_size": rng.choice([12, 20]),
            "max_position_embeddings": rng.choice([POSITIONS, 32]), "hidden_act": activation(rng),
            "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, scale_embedding=BOTH, layer_norm_eps=EPSILONS, pad_token_id=[0, 1, None, 5])


def draw_persimmon(rng):
    config = without(llama_line(rng, head_dim=False, theta=False), "num_key_value_heads", "rms_norm_eps")
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, config["hidden_size"] // config["num_attention_heads"], True)
    return config | some(rng, qk_layernorm=BOTH, layer_norm_eps=EPSILONS)


def draw_nemotron(rng):
    config = without(llama_line(rng, theta=False, attention_bias=BOTH, mlp_bias=BOTH, norm_eps=EPSILONS), "rms_norm_eps")
    width = config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, width, True)
    return config


def draw_olmo3(rng):
    config = llama_line(rng, theta=False, attention_bias=BOTH, sliding_window=WINDOWS)
    width = config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])
    if rng.random() < 0.7:
        config["rope_parameters"] = {
            "full_attention": draw_rotation(rng, width, kinds=["default", "linear", "llama3", "yarn"]),
            "sliding_attention": draw_rotation(rng, width, kinds=["default", "default", "linear"]),
        }
    if rng.random() < 0.5:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return config


def draw_exaone4(rng):
    config = llama_line(rng, sliding_window=[None, *WINDOWS], sliding_window_pattern=[1, 2, 3, "LLLG"])
    if rng.random() < 0.6:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return config


def draw_seed_oss(rng):
    config = llama_line(rng, attention_bias=BOTH, attention_out_bias=BOTH, mlp_bias=BOTH)
    return {"head_dim": rng.choice([8, None])} | config


def draw_apertus(rng):
    config = llama_line(rng, attention_bias=BOTH)
    return config | {"hidden_act": rng.choice(["xielu", "xielu", config["hidden_act"]])}


def draw_helium(rng):
    config = llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH, head_dim=False)
    return config | {"head_dim": config["hidden_size"] // config["num_attention_heads"]}


def draw_hunyuan(rng):
    config = llama_line(rng, theta=False, attention_bias=BOTH)
    width = config.setdefault("head_dim", config["hidden_size"] // config["num_attention_heads"])
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, width, kinds=["default", "linear", "dynamic", "dynamic", "llama3", "yarn"])
        if config["rope_parameters"]["rope_type"] == "dynamic":
            config["rope_parameters"] |= some(rng, alpha=[1000.0, 50.0, 0.0, None])
    return config


def draw_ministral(rng):
    config = llama_line(rng, sliding_window=[None, *WINDOWS])
    if rng.random() < 0.6:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return {"head_dim": config["hidden_size"] // config["num_attention_heads"]} | config


def draw_ministral3(rng):
    config = llama_line(rng, {"head_dim": 8}, theta=False, sliding_window=[None, *WINDOWS])
    if rng.random() < 0.85:
        config["rope_parameters"] = draw_rotation(rng, 8, kinds=["yarn", "yarn", "yarn", "llama3", "default"]) | {
            "llama_4_scaling_beta": rng.choice([0.0, 0.1, 0.7]), "original_max_position_embeddings": rng.choice([4, 8, 16])}
    return config


def draw_arcee(rng):
    return llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH)


def draw_ernie(rng):
    return {"head_dim": rng.choice([8, None])} | llama_line(rng, use_bias=BOTH)


def draw_jais2(rng):
    return without(llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH, layer_norm_eps=EPSILONS), "rms_norm_eps")


def draw_cwm(rng):
    config = {"head_dim": 8} | llama_line(rng, mlp_bias=BOTH, sliding_window=WINDOWS)
    if rng.random() < 0.4:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return config


def draw_hyperclovax(rng):
    return llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH, use_post_norm=BOTH, embedding_multiplier=[1.0, 2.5, 12.0],
                      logits_scaling=[1.0, 3.0], residual_multiplier=[1.0, 0.3], attention_multiplier=[None, 1.0, 0.2])


def draw_vaultgemma(rng):
    config = without(llama_line(rng, attention_bias=BOTH), "hidden_act")
    config |= {"head_dim": 8, "query_pre_attn_scalar": rng.choice([4, 8, 16])} | some(
        rng, hidden_activation=["gelu_pytorch_tanh", "gelu", "silu"], sliding_window=WINDOWS,
        final_logit_softcapping=[None, 5.0, 30.0], attn_logit_softcapping=[None, 2.0, 50.0])
    if rng.random() < 0.3:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return config


def draw_exaone(rng):
    config = llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH)
    for ours, published in (("num_hidden_layers", "num_layers"), ("rms_norm_eps", "layer_norm_epsilon"),
                            ("hidden_act", "activation_function")):
        if ours in config and rng.random() < 0.5:
            config[published] = config.pop(ours)
    return config


def draw_internlm3(rng):
    config = {"head_dim": 8} | llama_line(rng)
    bias = rng.choice(BOTH)
    return config | rng.choice([{"qkv_bias": bias, "bias": bias}, {"attention_bias": bias, "mlp_bias": bias}])


def draw_iquestcoder(rng):
    return {"head_dim": 8} | llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH, clip_qkv=[None], use_sliding_window=[False])


def draw_nanochat(rng):
    config = llama_line(rng, attention_bias=BOTH, final_logit_softcapping=[None, 15.0, 5.0], theta=False)
    width = config.setdefault("head_dim", config["hidden_size"] // config["num_attention_heads"])
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, width, kinds=["default", "linear", "dynamic", "llama3", "yarn"])
    return config


def draw_internlm2(rng):
    """Of Llama's class, which computes what the published code of InternLM 2 does: as_internlm2() renames it."""
    return llama_line(rng, kinds=["default", "linear", "dynamic"], head_dim=False) | {"attention_bias": rng.choice(BOTH)}


def as_internlm2(folder):
    """A folder of Llama's as InternLM 2 has it: other names, and q, k, v fused by key head."""
    import torch
    from safetensors.torch import load_file, save_file

    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "internlm2", "architectures": ["InternLM2ForCausalLM"], "bias": config.pop("attention_bias", False)}
    heads = config["num_attention_heads"]
    kv_heads = config.get("num_key_value_heads") or heads
    binary = folder / "pytorch_model.bin"
    tensors = torch.load(binary) if binary.exists() else load_file(folder / "model.safetensors")
    binary.unlink(missing_ok=True)
    names = {"embed_tokens": "tok_embeddings", "input_layernorm": "attention_norm", "post_attention_layernorm": "ffn_norm",
             "self_attn.o_proj": "attention.wo", "mlp.gate_proj": "feed_forward.w1", "mlp.up_proj": "feed_forward.w3",
             "mlp.down_proj": "feed_forward.w2", "lm_head": "output"}
    out = {}
    for name, value in tensors.items():
        if ".q_proj." in name:
            parts = [tensors[name.replace("q_proj", f"{x}_proj")].unflatten(0, (kv_heads, -1)) for x in "qkv"]
            out[name.replace("self_attn.q_proj", "attention.wqkv")] = torch.cat(parts, 1).flatten(0, 1)
        elif ".k_proj." not in name and ".v_proj." not in name:
            for before, after in names.items():
                name = name.replace(before, after)
            out[name] = value
    save_file({key: value.contiguous().clone() for key, value in out.items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config, indent=1))
