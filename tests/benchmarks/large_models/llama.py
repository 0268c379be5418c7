"""Tensors and settings of Llama's family: names in both formats, the order of rotary rows."""
import dataclasses

import numpy as np

# slot of a layer -> name in GGUF, name in a Hugging Face folder
NAMES = {"attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
         "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm",
         "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


@dataclasses.dataclass
class Shape:
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    inner: int
    vocab: int
    rope_theta: float
    epsilon: float
    positions: int
    tied: bool

    @property
    def head_dim(self):
        return self.hidden // self.heads

    def slots(self):
        """(name in GGUF without .weight, shape) of every tensor, in the order of a pass."""
        kv = self.kv_heads * self.head_dim
        layer = {"attn_norm": (self.hidden,), "attn_q": (self.hidden, self.hidden), "attn_k": (kv, self.hidden),
                 "attn_v": (kv, self.hidden), "attn_output": (self.hidden, self.hidden), "ffn_norm": (self.hidden,),
                 "ffn_gate": (self.inner, self.hidden), "ffn_up": (self.inner, self.hidden),
                 "ffn_down": (self.hidden, self.inner)}
        yield "token_embd", (self.vocab, self.hidden)
        for number in range(self.layers):
            for name, shape in layer.items():
                yield f"blk.{number}.{name}", shape
        yield "output_norm", (self.hidden,)
        if not self.tied:
            yield "output", (self.vocab, self.hidden)

    def deviation(self, name):
        """Of random weights, such that activations stay near 1 and the residual stream grows as in trained models."""
        if name == "token_embd":
            return 0.02 if self.tied else 0.3
        return 0.02 / (2 * self.layers)**0.5 if name.endswith(("attn_output", "ffn_down")) else 0.02


LLAMA_8B = Shape(4096, 32, 32, 8, 14336, 128256, 500000.0, 1e-5, 8192, False)
LLAMA_1B = Shape(2048, 16, 32, 8, 8192, 128256, 500000.0, 1e-5, 8192, True)


def shape_of(metadata, tied):
    get = lambda key: metadata["llama." + key]
    return Shape(get("embedding_length"), get("block_count"), get("attention.head_count"), get("attention.head_count_kv"),
                 get("feed_forward_length"), len(metadata["tokenizer.ggml.tokens"]), get("rope.freq_base"),
                 get("attention.layer_norm_rms_epsilon"), get("context_length"), tied)


def folder_name(name):
    """`blk.3.attn_q` -> `model.layers.3.self_attn.q_proj.weight`"""
    if name in OUTER:
        return OUTER[name] + ".weight"
    _, number, slot = name.split(".")
    return f"model.layers.{number}.{NAMES[slot]}.weight"


def rotary_heads(shape, name):
    """Heads whose rows have another order in each format; 0: none."""
    return shape.heads if name.endswith("attn_q") else shape.kv_heads if name.endswith("attn_k") else 0


def halves_to_pairs(rows, heads):
    """A folder's order to GGUF's: the two rotary halves of a head become neighbours."""
    return rows.reshape(heads, 2, -1, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def pairs_to_halves(rows, heads):
    return rows.reshape(heads, -1, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def as_metadata(shape, name, file_type):
    """GGUF keys; file_type: number of the mix of types."""
    own = {"block_count": shape.layers, "context_length": shape.positions, "embedding_length": shape.hidden,
           "feed_forward_length": shape.inner, "attention.head_count": shape.heads,
           "attention.head_count_kv": shape.kv_heads, "rope.freq_base": shape.rope_theta,
           "attention.layer_norm_rms_epsilon": shape.epsilon, "vocab_size": shape.vocab,
           "rope.dimension_count": shape.head_dim}
    return {"general.architecture": "llama", "general.name": name, "general.file_type": file_type,
            "general.quantization_version": 2} | {"llama." + key: value for key, value in own.items()}


def as_config(shape, dtype, rest):
    return {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.kv_heads, "intermediate_size": shape.inner, "vocab_size": shape.vocab,
            "head_dim": shape.head_dim, "hidden_act": "silu", "max_position_embeddings": shape.positions,
            "rms_norm_eps": shape.epsilon, "rope_theta": shape.rope_theta, "tie_word_embeddings": shape.tied,
            "attention_bias": False, "mlp_bias": False, "torch_dtype": dtype} | rest


def q4_k_m(shape, name):
    """llama.cpp's mix Q4_K_M: values and down projections of the outer eighths and of every third layer between have six
    bits, and the output has."""
    if name == "output":
        return "Q6_K"
    if not name.endswith(("attn_v", "ffn_down")):
        return "Q4_K"
    layer, eighth = int(name.split(".")[1]), shape.layers // 8
    more = layer < eighth or layer >= 7 * shape.layers // 8 or (layer - eighth) % 3 == 2
    return "Q6_K" if more else "Q4_K"


def ones(size):
    return lambda: [np.ones(size, np.float32)]
