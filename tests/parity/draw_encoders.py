"""Configs of encoders and encoder-decoders: one function per family."""

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
