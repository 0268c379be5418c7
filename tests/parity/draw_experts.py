"""Configs of decoders with experts or latent attention: one function per family, as draw_decoders.py."""

from draw_decoders import llama_line
from draw_parts import BOTH, EPSILONS, WINDOWS, draw_rotation, layer_types, some, without


def draw_olmoe(rng):
    return llama_line(rng, {"num_experts": rng.choice([2, 4]), "num_experts_per_tok": rng.choice([1, 2])},
                      head_dim=rng.random() < 0.2, attention_bias=BOTH, clip_qkv=[None, 0.5, 4.0], norm_topk_prob=BOTH)


def draw_granitemoe(rng):
    return llama_line(rng, {"num_local_experts": rng.choice([2, 4]), "num_experts_per_tok": rng.choice([1, 2])},
                      attention_bias=BOTH, embedding_multiplier=[1.0, 2.5, 12], logits_scaling=[1.0, 3.0],
                      residual_multiplier=[1.0, 0.3], attention_multiplier=[1.0, 0.2])


def draw_granitemoeshared(rng):
    return draw_granitemoe(rng) | some(rng, shared_intermediate_size=[0, 8, 12])


def groups(rng):
    """Experts in groups, of which some may be left out."""
    num_groups = rng.choice([1, 2, 4])
    return {"n_routed_experts": 2 * num_groups * rng.choice([1, 2]), "n_group": num_groups,
            "topk_group": rng.choice(range(1, num_groups + 1)), "num_experts_per_tok": rng.choice([1, 2]),
            "moe_intermediate_size": rng.choice([8, 12]), "n_shared_experts": rng.choice([1, 2])} | some(
        rng, routed_scaling_factor=[1.0, 2.5, 0.3], norm_topk_prob=BOTH, first_k_dense_replace=[0, 1, 2])


def latent(rng):
    width = rng.choice([2, 4, 6])
    config = without(llama_line(rng, head_dim=False, theta=False, attention_bias=BOTH), "num_key_value_heads")
    config |= {"kv_lora_rank": rng.choice([4, 8, 12]), "q_lora_rank": rng.choice([None, 6, 10]), "qk_rope_head_dim": width,
               "qk_nope_head_dim": rng.choice([2, 4, 8, 10]), "v_head_dim": rng.choice([2, 3, 4, 5, 8])}
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, width)
    return config


def draw_deepseek_v2(rng):
    return latent(rng) | groups(rng) | some(rng, topk_method=["greedy", "group_limited_greedy"], mlp_bias=BOTH)


def draw_deepseek_v3(rng):
    config = latent(rng)
    config |= {"num_key_value_heads": config["num_attention_heads"]}
    return config | groups(rng) | some(rng, rope_interleave=[True, False, None])


def draw_glm4_moe_lite(rng):
    config = latent(rng) | without(groups(rng), "first_k_dense_replace") | some(rng, rope_interleave=BOTH)
    config |= {"num_key_value_heads": config["num_attention_heads"]}
    if rng.random() < 0.4:
        config["mlp_layer_types"] = layer_types(rng, config["num_hidden_layers"], ("dense", "sparse"))
    return config


def draw_glm4_moe(rng):
    return llama_line(rng, groups(rng), partial=True, attention_bias=BOTH, use_qk_norm=BOTH)


def draw_dots1(rng):
    config = llama_line(rng, groups(rng), attention_bias=BOTH, sliding_window=[None, *WINDOWS], max_window_layers=[0, 1, 62])
    if rng.random() < 0.3:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return config


def draw_phimoe(rng):
    config = llama_line(rng, {"num_local_experts": rng.choice([2, 4])}, theta=False, head_dim=False, attention_bias=BOTH,
                        lm_head_bias=BOTH, sliding_window=[None, *WINDOWS], router_jitter_noise=[0.01, 0.3, 0.0])
    if rng.random() < 0.8:
        rope = draw_rotation(rng, config["hidden_size"] // config["num_attention_heads"], kinds=["default", "longrope"])
        if rope["rope_type"] == "longrope":
            rope |= {"short_mscale": rng.choice([1.0, 1.2]), "long_mscale": rng.choice([1.1, 1.3]),
                     "original_max_position_embeddings": rng.choice([8, 16, 32])}
        config["rope_parameters"] = rope
    return config


def draw_ernie4_5_moe(rng):
    return llama_line(rng, {"moe_num_experts": rng.choice([2, 4]), "moe_k": rng.choice([1, 2]),
                            "moe_intermediate_size": rng.choice([8, 12])}, head_dim=rng.random() < 0.3, use_bias=BOTH,
                      moe_num_shared_experts=[0, 1, 2], moe_layer_start_index=[0, 1], moe_layer_end_index=[-1, 0, 1],
                      moe_layer_interval=[1, 2], moe_norm_min=[1e-12, 0.5])


def draw_hunyuan_v1_moe(rng):
    config = llama_line(rng, {"num_experts": rng.choice([2, 4]), "moe_topk": rng.choice([1, 2])}, theta=False, attention_bias=BOTH)
    if rng.random() < 0.7:
        width = config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])
        config["rope_parameters"] = draw_rotation(rng, width, kinds=["default", "linear", "dynamic"])
    if rng.random() < 0.3:
        config["moe_topk"] = [config["moe_topk"]] * config["num_hidden_layers"]
    return config


def draw_llama4(rng):
    config = llama_line(rng, {"num_local_experts": rng.choice([2, 4]), "num_experts_per_tok": rng.choice([1, 2]),
                              "head_dim": rng.choice([4, 6, 8]), "intermediate_size_mlp": rng.choice([8, 20])}, theta=False,
                        attention_bias=BOTH, use_qk_norm=BOTH, attention_chunk_size=[None, 3, 4, 8, 100],
                        attn_temperature_tuning=BOTH, floor_scale=[2, 5, 8192], attn_scale=[0.1, 0.7],
                        interleave_moe_layer_step=[1, 2], no_rope_layer_interval=[1, 2, 4])
    layers = config["num_hidden_layers"]
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, config["head_dim"], kinds=["default", "default", "llama3", "linear", "yarn"])
    if rng.random() < 0.3:
        config["no_rope_layers"] = [rng.choice([0, 1]) for _ in range(layers)]
    if rng.random() < 0.2:
        config["moe_layers"] = rng.choice([[], [0], [1]])
    if rng.random() < 0.2:
        config["layer_types"] = layer_types(rng, layers, ("full_attention", "chunked_attention"))
    return config


def draw_lfm2(rng):
    config = without(llama_line(rng, head_dim=rng.random() < 0.3, norm_eps=EPSILONS), "rms_norm_eps", "hidden_act")
    config |= some(rng, conv_L_cache=[1, 2, 3, 4], conv_bias=BOTH, block_multiple_of=[4, 8], block_ffn_dim_multiplier=[1.0, 1.3],
                   block_auto_adjust_ff_dim=BOTH, block_ff_dim=[12, 20], tie_embedding=BOTH)
    layers = config["num_hidden_layers"]
    if rng.random() < 0.7:
        config["layer_types"] = [rng.choice(["conv", "full_attention"]) for _ in range(layers)]
        config["layer_types"][rng.randrange(layers)] = "full_attention"
    elif rng.random() < 0.5:
        config["full_attn_idxs"] = [rng.randrange(layers)]
    return config
