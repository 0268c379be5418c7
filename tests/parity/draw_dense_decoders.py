"""Configs of decoders without experts that joined later: GPT, CTRL and fairseq's line, and Llama's descendants."""

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
    return config


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
