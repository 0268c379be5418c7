"""Configs of decoders: one function per family, from a random.Random to what a config.json says."""

from draw_parts import (
    BOTH, EPSILONS, POSITIONS, WINDOWS, activation, draw_rotation, key_heads, layer_types, sizes, some, without,
)


def llama_line(rng, keys=None, head_dim=True, partial=False, kinds=None, theta=True, **optional):
    hidden, heads = sizes(rng)
    layers = rng.choice([1, 2, 3])
    config = {
        "vocab_size": rng.choice([50, 64, 99]), "hidden_size": hidden, "num_hidden_layers": layers,
        "num_attention_heads": heads, "num_key_value_heads": key_heads(rng, heads),
        "intermediate_size": rng.choice([12, 20, 32]), "max_position_embeddings": rng.choice([POSITIONS, POSITIONS, 16]),
        "hidden_act": activation(rng), "tie_word_embeddings": rng.choice(BOTH),
    }
    width = hidden // heads
    if head_dim and rng.random() < 0.6:
        width = config["head_dim"] = rng.choice([width, 8, 6, 12])
    if theta and rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, width, partial, kinds)
    config |= some(rng, rms_norm_eps=EPSILONS, **optional)
    return config | (keys or {})


def draw_llama(rng):
    return llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH, pretraining_tp=[1, 2])


def draw_mistral(rng):
    return llama_line(rng, sliding_window=[None, *WINDOWS])


def draw_mixtral(rng):
    return llama_line(rng, {"num_local_experts": rng.choice([2, 4]), "num_experts_per_tok": rng.choice([1, 2])},
                      sliding_window=[None, *WINDOWS], router_jitter_noise=[0.0, 0.1])


def qwen_windows(rng, config):
    config |= some(rng, use_sliding_window=BOTH, sliding_window=[None, *WINDOWS], max_window_layers=[0, 1, 2, 28])
    if rng.random() < 0.3:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return config


def draw_qwen2(rng):
    return qwen_windows(rng, llama_line(rng, head_dim=rng.random() < 0.3))


def experts(rng, config):
    return config | {"num_experts": rng.choice([2, 4]), "num_experts_per_tok": rng.choice([1, 2]),
                     "moe_intermediate_size": rng.choice([8, 12])} | some(
        rng, norm_topk_prob=BOTH, decoder_sparse_step=[1, 2], mlp_only_layers=[[], [0], [1], None])


def draw_qwen2_moe(rng):
    config = experts(rng, qwen_windows(rng, llama_line(rng, head_dim=rng.random() < 0.3)))
    return config | {"shared_expert_intermediate_size": rng.choice([8, 12])} | some(rng, qkv_bias=BOTH)


def draw_qwen3(rng):
    config = qwen_windows(rng, llama_line(rng, attention_bias=BOTH))
    return {"head_dim": 8} | config


def draw_qwen3_moe(rng):
    config = experts(rng, llama_line(rng, attention_bias=BOTH, use_sliding_window=BOTH, sliding_window=[None, *WINDOWS]))
    return config


def draw_gemma(rng):
    config = llama_line(rng, attention_bias=BOTH)
    return {"head_dim": 8} | config


def draw_gemma2(rng):
    config = without(llama_line(rng, attention_bias=BOTH), "hidden_act")
    config |= {"head_dim": 8, "query_pre_attn_scalar": rng.choice([4, 8, 16])} | some(
        rng, hidden_activation=["gelu_pytorch_tanh", "gelu", "silu"], sliding_window=WINDOWS,
        final_logit_softcapping=[None, 5.0, 30.0], attn_logit_softcapping=[None, 2.0, 50.0])
    if rng.random() < 0.3:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return config


def draw_gemma3(rng):
    config = without(draw_gemma2(rng), "rope_parameters")
    if rng.random() < 0.7:
        config["rope_parameters"] = {
            "full_attention": draw_rotation(rng, config["head_dim"], kinds=["default", "linear", "llama3", "yarn"]),
            "sliding_attention": draw_rotation(rng, config["head_dim"], kinds=["default", "default", "linear"]),
        }
    if rng.random() < 0.3:
        config["sliding_window_pattern"] = rng.choice([1, 2, 3])
    return config


def draw_gemma3_images(rng):
    """The text part of a model that also takes images."""
    vision = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "image_size": 8,
              "patch_size": 4, "model_type": "siglip_vision_model"}
    return {"text_config": draw_gemma3(rng) | {"model_type": "gemma3_text"}, "vision_config": vision, "mm_tokens_per_image": 1,
            "image_token_index": 40, "boi_token_index": 41, "eoi_token_index": 42} | some(rng, tie_word_embeddings=BOTH)


def draw_gpt_neox(rng):
    config = without(llama_line(rng, head_dim=False, theta=False), "num_key_value_heads", "rms_norm_eps")
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, config["hidden_size"] // config["num_attention_heads"], True)
    return config | some(rng, use_parallel_residual=BOTH, attention_bias=BOTH, layer_norm_eps=EPSILONS)


def gpt_line(rng, **optional):
    hidden, heads = sizes(rng)
    config = {"vocab_size": rng.choice([50, 64]), "n_positions": POSITIONS, "n_embd": hidden, "n_head": heads,
              "n_layer": rng.choice([1, 2, 3]), "activation_function": activation(rng),
              "tie_word_embeddings": rng.choice(BOTH)}
    return config | some(rng, n_inner=[None, 20, 32], layer_norm_epsilon=EPSILONS, **optional)


def draw_gpt2(rng):
    return gpt_line(rng, scale_attn_weights=BOTH, scale_attn_by_inverse_layer_idx=BOTH, reorder_and_upcast_attn=BOTH)


def draw_gpt_bigcode(rng):
    return gpt_line(rng, scale_attn_weights=BOTH, multi_query=BOTH, attention_softmax_in_fp32=BOTH,
                    scale_attention_softmax_in_fp32=BOTH)


def draw_gptj(rng):
    config = gpt_line(rng)
    width = config["n_embd"] // config["n_head"]
    return config | {"rotary_dim": rng.choice([d for d in (2, 4, 6, 8) if d <= width])}


def draw_codegen(rng):
    config = draw_gptj(rng) | {"n_head": 4, "n_embd": rng.choice([16, 32]), "n_ctx": rng.choice([POSITIONS, 32])}
    return config | {"rotary_dim": rng.choice([2, 4])}


def draw_gpt_neo(rng):
    hidden, heads = sizes(rng)
    layers = rng.choice([1, 2, 3])
    kinds = rng.choice([[[["global", "local"], layers]], [[["global"], layers]], [[["local"], layers]]])
    if len(kinds[0][0]) == 2:
        kinds, layers = [[["global", "local"], 1]], 2
    return {"vocab_size": 50, "max_position_embeddings": POSITIONS, "hidden_size": hidden, "num_heads": heads,
            "num_layers": layers, "attention_types": kinds, "activation_function": activation(rng),
            "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, window_size=WINDOWS, intermediate_size=[None, 20], layer_norm_epsilon=EPSILONS)


def draw_opt(rng):
    hidden, heads = sizes(rng)
    return {"vocab_size": 50, "hidden_size": hidden, "num_hidden_layers": rng.choice([1, 2]), "num_attention_heads": heads,
            "ffn_dim": rng.choice([16, 20]), "max_position_embeddings": POSITIONS, "activation_function": activation(rng),
            "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, do_layer_norm_before=BOTH, word_embed_proj_dim=[None, hidden, 8], enable_bias=BOTH,
        layer_norm_elementwise_affine=BOTH, _remove_final_layer_norm=BOTH)


def draw_bloom(rng):
    hidden, heads = sizes(rng)
    return {"vocab_size": 50, "hidden_size": hidden, "n_layer": rng.choice([1, 2]), "n_head": heads,
            "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, layer_norm_epsilon=EPSILONS, apply_residual_connection_post_layernorm=BOTH, pretraining_tp=[1, 2, 3, 4],
        slow_but_exact=BOTH)


def draw_mpt(rng):
    hidden, heads = sizes(rng)
    attention = some(rng, clip_qkv=[None, 0.5, 8.0], softmax_scale=[None, 0.3], alibi=BOTH, qk_ln=[False, True],
                     prefix_lm=[False, True], alibi_bias_max=[8, 4], attn_type=["multihead_attention"])
    return {"vocab_size": 50, "d_model": hidden, "n_heads": heads, "n_layers": rng.choice([1, 2]), "max_seq_len": POSITIONS,
            "tie_word_embeddings": rng.choice(BOTH), "attn_config": attention} | some(
        rng, layer_norm_epsilon=EPSILONS, expansion_ratio=[4, 2], learned_pos_emb=BOTH, no_bias=[True],
        logit_scale=[None, 0.5, "inv_sqrt_d_model"], embedding_fraction=[1.0, 0.5])


def draw_falcon(rng):
    hidden, heads = sizes(rng)
    config = {"vocab_size": 50, "hidden_size": hidden, "num_hidden_layers": rng.choice([1, 2]), "num_attention_heads": heads,
              "activation": activation(rng), "max_position_embeddings": rng.choice([POSITIONS, 16]),
              "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, num_ln_in_parallel_attn=[None, 1, 2], layer_norm_epsilon=EPSILONS, alibi=BOTH, new_decoder_architecture=BOTH,
        multi_query=BOTH, parallel_attn=BOTH, bias=BOTH, ffn_hidden_size=[None, 20], num_kv_heads=[None, key_heads(rng, heads)])
    if rng.random() < 0.6:
        config["rope_parameters"] = draw_rotation(rng, hidden // heads)
    return config


def draw_phi3(rng):
    config = llama_line(rng, head_dim=rng.random() < 0.2, theta=False, sliding_window=[None, *WINDOWS],
                        original_max_position_embeddings=[16, 32], )
    config |= {"pad_token_id": rng.choice([0, None])}
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, config["hidden_size"] // config["num_attention_heads"], True,
                                                  ["default", "longrope"])
    return config


def draw_phi(rng):
    config = without(llama_line(rng, head_dim=rng.random() < 0.2, theta=False), "rms_norm_eps")
    if rng.random() < 0.8:
        config["rope_parameters"] = draw_rotation(rng, config["hidden_size"] // config["num_attention_heads"], True)
    return config | some(rng, qk_layernorm=BOTH, layer_norm_eps=EPSILONS)


def draw_stablelm(rng):
    return draw_phi(rng) | some(rng, use_qkv_bias=BOTH, use_parallel_residual=BOTH, qk_layernorm=BOTH)


def draw_olmo(rng):
    return without(llama_line(rng, attention_bias=BOTH, clip_qkv=[None, 0.5, 4.0]), "rms_norm_eps")


def draw_olmo2(rng):
    return llama_line(rng, attention_bias=BOTH)


def draw_granite(rng):
    return llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH, embedding_multiplier=[1.0, 2.5, 12], logits_scaling=[1.0, 3.0],
                      residual_multiplier=[1.0, 0.3], attention_multiplier=[1.0, 0.2])


def draw_cohere(rng):
    return without(llama_line(rng, attention_bias=BOTH, use_qk_norm=BOTH, logit_scale=[0.0625, 0.5, 2.0],
                              layer_norm_eps=EPSILONS), "rms_norm_eps")


def draw_cohere2(rng):
    config = without(llama_line(rng, head_dim=False, attention_bias=BOTH, logit_scale=[0.0625, 0.5], layer_norm_eps=EPSILONS,
                                sliding_window=WINDOWS), "rms_norm_eps")
    if rng.random() < 0.5:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    elif rng.random() < 0.5:
        config["sliding_window_pattern"] = rng.choice([1, 2, 3])
    return config


def draw_starcoder2(rng):
    return without(llama_line(rng, use_bias=BOTH, norm_epsilon=EPSILONS, sliding_window=[None, *WINDOWS]), "rms_norm_eps")


def draw_gpt_oss(rng):
    config = llama_line(rng, {"num_local_experts": rng.choice([2, 4]), "num_experts_per_tok": rng.choice([1, 2]),
                              "head_dim": 8}, attention_bias=BOTH, sliding_window=WINDOWS, swiglu_limit=[7.0, 1.0],
                        swiglu_alpha=[1.702, 1.0])
    if rng.random() < 0.3:
        config["layer_types"] = layer_types(rng, config["num_hidden_layers"])
    return config


def draw_smollm3(rng):
    config = llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH, use_sliding_window=BOTH, sliding_window=[None, *WINDOWS],
                        no_rope_layer_interval=[1, 2, 4])
    layers = config["num_hidden_layers"]
    if rng.random() < 0.4:
        config["no_rope_layers"] = [rng.choice([0, 1]) for _ in range(layers)]
    if rng.random() < 0.3:
        config["layer_types"] = layer_types(rng, layers)
    return config | {"pad_token_id": 0}


def draw_glm(rng):
    config = llama_line(rng, {"head_dim": 8, "pad_token_id": 0}, partial=True, attention_bias=BOTH)
    return config
