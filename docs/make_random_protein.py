"""Writes a model of ESM-2's shape with RANDOM weights, to look at proteins with when no checkpoint is at hand.

    python docs/make_random_protein.py FOLDER [SEED]

Needs Python alone. What its heads do means nothing: they were drawn, not trained. A published ESM-2 folder opens in the same way.
"""

import array
import json
import pathlib
import random
import struct
import sys

HIDDEN, INNER, LAYERS, HEADS = 64, 256, 4, 4
WORDS = ["<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>"]
CONFIG = {
    "model_type": "esm", "architectures": ["EsmForMaskedLM"], "_name_or_path": "random weights, not trained",
    "vocab_size": len(WORDS), "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS, "max_position_embeddings": 1026, "position_embedding_type": "rotary", "token_dropout": True,
    "emb_layer_norm_before": False, "layer_norm_eps": 1e-5, "pad_token_id": 1, "mask_token_id": len(WORDS) - 1,
}


def shapes():
    """Name -> shape, in the names of the reference library."""
    found = {"esm.embeddings.word_embeddings.weight": (len(WORDS), HIDDEN)}

    def dense(name, out, inner):
        found[name + ".weight"], found[name + ".bias"] = (out, inner), (out,)

    def norm(name):
        found[name + ".weight"], found[name + ".bias"] = (HIDDEN,), (HIDDEN,)

    for layer in range(LAYERS):
        block = f"esm.encoder.layer.{layer}."
        norm(block + "attention.LayerNorm")
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            dense(block + "attention." + part, HIDDEN, HIDDEN)
        norm(block + "LayerNorm")
        dense(block + "intermediate.dense", INNER, HIDDEN)
        dense(block + "output.dense", HIDDEN, INNER)
    norm("esm.encoder.emb_layer_norm_after")
    dense("lm_head.dense", HIDDEN, HIDDEN)
    norm("lm_head.layer_norm")
    return found | {"lm_head.bias": (len(WORDS),)}


def values(rng, name, shape):
    if len(shape) == 2:
        deviation = 1.0 if "embeddings" in name else 1.6 / shape[1] ** 0.5  # strong enough that rows are not flat
        return array.array("f", (rng.gauss(0, deviation) for _ in range(shape[0] * shape[1])))
    return array.array("f", [1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0] * shape[0])


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    header, body = {"__metadata__": {"format": "pt", "weights": "random, not trained"}}, b""
    for name, shape in shapes().items():
        drawn = values(rng, name, shape)
        if sys.byteorder == "big":
            drawn.byteswap()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + 4 * len(drawn)]}
        body += drawn.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + body)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=1) + "\n")
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "EsmTokenizer"}) + "\n")
    print(f"{folder}: a model of ESM-2's shape. Its weights are RANDOM: what its heads do means nothing.")


if __name__ == "__main__":
    main()
