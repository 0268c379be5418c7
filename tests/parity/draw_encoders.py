"""Configs of encoders and encoder-decoders: one function per family."""

from draw_decoders import llama_line
from draw_parts import BOTH, EPSILONS, POSITIONS, activation, draw_rotation, layer_types, sizes, some, without


def bert_line(rng, **optional):
    hidden, heads = sizes(rng)
    return {"vocab_size": 50, "hidden_size": hidden, "num_hidden_layers": rng.choice([1, 2]), "num_attention_heads": heads,
            "intermediate_size": rng.choice([16, 20]), "max_position_embeddings": POSITIONS, "hidden_act": activation(rng),
            "tie_word_embeddings": rng.choice(BOTH)} | some(rng, type_vocab_size=[1, 2, 3], layer_norm_eps=EPSILONS, **optional)


def draw_roberta(rng):
    return bert_line(rng, pad_token_id=[0, 1, 2, 7])


def draw_distilbert(rng):
    hidden, heads = sizes(rng)
    return {"vocab_size": 50, "dim": hidden, "n_layers": rng.choice([1, 2]), "n_heads": heads, "hidden_dim": 20,
            "max_position_embeddings": POSITIONS, "activation": rng.choice(["gelu", "relu", activation(rng)]),
            "tie_word_embeddings": rng.choice(BOTH)} | some(rng, sinusoidal_pos_embds=BOTH)


def draw_albert(rng):
    config = bert_line(rng, embedding_size=[8, 16], num_hidden_groups=[1, 2], inner_group_num=[1, 2])
    return config | {"num_hidden_layers": rng.choice([1, 2, 3, 4]), "pad_token_id": 0}


def draw_electra(rng):
    return {"embedding_size": 8} | bert_line(rng, embedding_size=[8, 16])


def draw_mpnet(rng):
    return without(bert_line(rng, relative_attention_num_buckets=[32, 40]), "type_vocab_size")


def draw_deberta(rng):
    config = bert_line(rng, relative_attention=BOTH, max_relative_positions=[-1, 16, 40], position_biased_input=BOTH,
                       pos_att_type=[["c2p", "p2c"], "p2c|c2p", ["c2p"], ["p2c"], [], None], position_buckets=[-1, 4, 8],
                       share_att_key=BOTH, norm_rel_ebd=["none", "layer_norm"], conv_kernel_size=[0, 3], legacy=BOTH,
                       conv_act=["tanh", "gelu"])
    return config | {"type_vocab_size": rng.choice([0, 2])}


def draw_modernbert(rng):
    hidden, heads = sizes(rng)
    layers = rng.choice([1, 2, 3, 4])
    config = {"vocab_size": 50, "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
              "intermediate_size": rng.choice([12, 20]), "max_position_embeddings": POSITIONS, "pad_token_id": 0,
              "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2,
              "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, hidden_activation=["gelu", "silu", activation(rng)], norm_eps=EPSILONS, norm_bias=BOTH, attention_bias=BOTH,
        mlp_bias=BOTH, decoder_bias=BOTH, classifier_bias=BOTH, classifier_activation=["gelu", "relu"],
        local_attention=[2, 4, 6, 7, 128], global_attn_every_n_layers=[1, 2, 3])
    if rng.random() < 0.3:
        config["layer_types"] = layer_types(rng, layers)
    if rng.random() < 0.6:
        kinds = ["default", "linear", "yarn"]
        config["rope_parameters"] = {kind: draw_rotation(rng, hidden // heads, kinds=kinds)
                                     for kind in ("full_attention", "sliding_attention")}
    return config


def draw_t5(rng):
    hidden, heads = sizes(rng)
    return {"vocab_size": 50, "d_model": hidden, "d_kv": rng.choice([4, 8]), "d_ff": rng.choice([12, 20]),
            "num_layers": rng.choice([1, 2]), "num_heads": heads, "decoder_start_token_id": 0, "pad_token_id": 0} | some(
        rng, num_decoder_layers=[None, 1, 3], relative_attention_num_buckets=[8, 32], layer_norm_epsilon=EPSILONS,
        relative_attention_max_distance=[20, 128], tie_word_embeddings=BOTH, scale_decoder_outputs=BOTH,
        feed_forward_proj=["relu", "gated-gelu", "gated-silu", "gelu", "silu"])


def bart_line(rng, **optional):
    hidden, heads = sizes(rng)
    divisors = [n for n in range(1, hidden + 1) if hidden % n == 0 and n <= 8]
    return {"vocab_size": 50, "d_model": hidden, "max_position_embeddings": POSITIONS, "encoder_layers": rng.choice([1, 2]),
            "decoder_layers": rng.choice([1, 2]), "encoder_attention_heads": heads,
            "decoder_attention_heads": rng.choice(divisors), "encoder_ffn_dim": rng.choice([12, 16]),
            "decoder_ffn_dim": rng.choice([12, 20]), "pad_token_id": 1, "decoder_start_token_id": 2, "bos_token_id": 0,
            "eos_token_id": 2, "forced_eos_token_id": 2, "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, activation_function=["gelu", "relu", activation(rng)], scale_embedding=BOTH, **optional)


def draw_marian(rng):
    return bart_line(rng, share_encoder_decoder_embeddings=BOTH, decoder_vocab_size=[None, 40, 50]) | {"pad_token_id": 49}


def draw_bert_generation(rng):
    return without(bert_line(rng), "type_vocab_size")


def draw_ernie(rng):
    return bert_line(rng, use_task_id=BOTH, task_type_vocab_size=[1, 3, 4])


def draw_rembert(rng):
    return bert_line(rng) | {"input_embedding_size": rng.choice([8, 16]), "output_embedding_size": rng.choice([8, 24])}


def bands(rng, layers):
    return rng.choice([rng.choice([4, 8, 32]), [rng.choice([4, 8, 64]) for _ in range(layers)]])


def draw_longformer(rng):
    config = bert_line(rng, pad_token_id=[0, 1, 2, 7]) | {"max_position_embeddings": 2 * POSITIONS}
    return config | {"attention_window": bands(rng, config["num_hidden_layers"])}


def draw_big_bird(rng):
    return bert_line(rng, attention_type=["original_full", "block_sparse"], use_bias=BOTH, rescale_embeddings=BOTH,
                     block_size=[16, 64], num_random_blocks=[2, 3])


def draw_convbert(rng):
    config = bert_line(rng, conv_kernel_size=[1, 3, 9], num_groups=[1, 2, 4], head_ratio=[1, 2, 4])
    return config | {"embedding_size": rng.choice([8, 16, config["hidden_size"]])}


def draw_squeezebert(rng):
    config = without(bert_line(rng), "layer_norm_eps")
    groups = [1, 2, 4] if config["hidden_size"] != 40 else [1, 2]
    keys = ("q_groups", "k_groups", "v_groups", "post_attention_groups", "intermediate_groups", "output_groups")
    return config | {"embedding_size": config["hidden_size"], "hidden_act": rng.choice(["gelu", "relu"])} | some(
        rng, **{key: groups for key in keys})


def draw_mobilebert(rng):
    config = bert_line(rng, num_feedforward_networks=[1, 2, 4], trigram_input=[True, True, False])
    width = config["num_attention_heads"] * rng.choice([2, 4])
    return config | {"embedding_size": 8, "intra_bottleneck_size": width, "hidden_act": rng.choice(["relu", "gelu"])}


def draw_roformer(rng):
    return bert_line(rng, embedding_size=[None, 8, 16], rotary_value=[False, False, True])


def draw_esm(rng):
    config = without(bert_line(rng, emb_layer_norm_before=BOTH), "type_vocab_size", "hidden_act")
    return config | {"position_embedding_type": rng.choice(["rotary", "rotary", "absolute"]), "pad_token_id": 1} | rng.choice(
        [{}, {"token_dropout": True, "mask_token_id": rng.choice([5, 20, 32])}, {"token_dropout": False}]) | some(
        rng, rope_theta=[100.0, 10000.0])


def draw_xlnet(rng):
    hidden, heads = sizes(rng)
    return {"vocab_size": 50, "d_model": hidden, "n_head": heads, "n_layer": rng.choice([1, 2]), "d_inner": rng.choice([12, 20]),
            "ff_activation": rng.choice(["gelu", "relu", activation(rng)]), "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, clamp_len=[-1, 3, 10], layer_norm_eps=EPSILONS, untie_r=BOTH, same_length=BOTH, mem_len=[None, 4])


def draw_xlm(rng, **optional):
    hidden, heads = sizes(rng)
    return {"vocab_size": 50, "emb_dim": hidden, "n_heads": heads, "n_layers": rng.choice([1, 2]),
            "max_position_embeddings": POSITIONS, "tie_word_embeddings": rng.choice(BOTH)} | some(
        rng, gelu_activation=BOTH, layer_norm_eps=EPSILONS, causal=BOTH, sinusoidal_embeddings=BOTH, n_langs=[1, 3],
        use_lang_emb=BOTH, **optional)


def draw_flaubert(rng):
    return draw_xlm(rng, pre_norm=BOTH)


def draw_deberta_1(rng):
    config = bert_line(rng, relative_attention=BOTH, max_relative_positions=[-1, 16, 40], position_biased_input=BOTH,
                       pos_att_type=[["c2p", "p2c"], "p2c|c2p", ["c2p"], ["p2c"], [], None], legacy=BOTH)
    return config | {"type_vocab_size": rng.choice([0, 2])}


def draw_nomic_bert(rng):
    config = bert_line(rng, head_dim=[4, 8])
    width = config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])
    return config | ({"rope_parameters": draw_rotation(rng, width)} if rng.random() < 0.7 else {})


def rotating(rng, config):
    width = config["hidden_size"] // config["num_attention_heads"]
    return config | ({"rope_parameters": draw_rotation(rng, width)} if rng.random() < 0.7 else {})


def draw_gte(rng):
    return rotating(rng, bert_line(rng)) | {"type_vocab_size": rng.choice([0, 1, 2])}


def draw_jina(rng):
    return rotating(rng, bert_line(rng))


def draw_esmc(rng):
    return without(llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH), "rms_norm_eps", "num_key_value_heads")


def draw_eurobert(rng):
    return llama_line(rng, attention_bias=BOTH, mlp_bias=BOTH) | {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
                                                                  "mask_token_id": 3}


def draw_longt5(rng):
    return draw_t5(rng) | {"local_radius": rng.choice([1, 2, 3, 8, 127])}


def draw_bigbird_pegasus(rng):
    return bart_line(rng, attention_type=["original_full", "block_sparse"], use_bias=BOTH, block_size=[16, 64],
                     num_random_blocks=[2, 3])


def draw_m2m_100(rng):
    return bart_line(rng) | {"pad_token_id": rng.choice([0, 1, 2, 20])}


def draw_mvp(rng):
    return bart_line(rng, use_prompt=[False, False, True], prompt_length=[2], prompt_mid_dim=[8])


def draw_led(rng):
    config = without(bart_line(rng), "max_position_embeddings", "scale_embedding")
    return config | {"attention_window": bands(rng, config["encoder_layers"]), "max_encoder_position_embeddings": 2 * POSITIONS,
                     "max_decoder_position_embeddings": POSITIONS}
