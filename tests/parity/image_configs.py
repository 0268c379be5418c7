"""Random models of every family that reads pictures, beside the reference library: attention and hidden states must be equal.

    python tests/parity/image_configs.py --headlight build/release/headlight --cases 6 [--device cpu-torch] [--keep FOLDER]

needs an interpreter with torch, transformers and safetensors. For each family small configs are drawn, a model with random
weights is written as the library writes it, its attention of two pictures is measured with eager attention in float32, and
`headlight verify` compares. Exits with 1 if one differs.
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import save_file  # noqa: E402


def sizes(rng, square=True):
    heads = rng.choice([1, 2, 3, 4])
    patch = rng.choice([4, 7, 8])
    side = patch * rng.randint(2, 5) + rng.choice([0, 0, 3])
    image = side if square else rng.choice([side, [side, patch * rng.randint(2, 5)]])
    return {
        "hidden_size": heads * rng.choice([4, 6, 8, 16]),
        "num_hidden_layers": rng.choice([1, 2, 3, 5]),
        "num_attention_heads": heads,
        "intermediate_size": rng.choice([20, 32, 49]),
        "image_size": image,
        "patch_size": patch,
        "hidden_act": rng.choice(["gelu", "gelu_pytorch_tanh", "quick_gelu", "relu", "silu"]),
        "layer_norm_eps": rng.choice([1e-12, 1e-6, 1e-5]),
        "num_channels": rng.choice([3, 3, 1]),
    }


def vit(rng):
    return sizes(rng, square=False) | {"qkv_bias": rng.random() < 0.7}


def beit(rng):
    kinds = {"use_relative_position_bias": rng.random() < 0.6, "use_shared_relative_position_bias": rng.random() < 0.5}
    kinds["use_absolute_position_embeddings"] = rng.random() < 0.5
    return sizes(rng, square=any(kinds.values())) | kinds | {
        "use_mean_pooling": rng.random() < 0.5,
        "use_mask_token": rng.random() < 0.5,
        "layer_scale_init_value": rng.choice([0.1, 0.1, 0.0]),
    }


def dinov2(rng):
    drawn = sizes(rng) | {"qkv_bias": rng.random() < 0.7, "mlp_ratio": rng.choice([1, 2, 4]), "use_swiglu_ffn": rng.random() < 0.4}
    del drawn["intermediate_size"]
    return drawn


def registers(rng):
    return dinov2(rng) | {"num_register_tokens": rng.choice([1, 4, 4, 7])}


def tower(rng):
    return sizes(rng)


def both_towers(rng):
    text = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 20}
    return {"vision_config": sizes(rng), "text_config": text}


# model class, draw, may the picture have another size than the config's?
FAMILIES = {
    "vit": ([("ViTModel", vit), ("ViTForImageClassification", vit), ("ViTForMaskedImageModeling", tower)], False),
    "deit": ([("DeiTModel", vit), ("DeiTForImageClassificationWithTeacher", vit)], False),
    "dinov2": ([("Dinov2Model", dinov2), ("Dinov2ForImageClassification", dinov2)], True),
    "dinov2_with_registers": ([("Dinov2WithRegistersModel", registers), ("Dinov2WithRegistersForImageClassification", registers)], True),
    "beit": ([("BeitModel", beit), ("BeitForImageClassification", beit), ("BeitForMaskedImageModeling", beit)], False),
    "clip": ([("CLIPVisionModel", tower), ("CLIPVisionModelWithProjection", tower), ("CLIPModel", both_towers)], False),
    "siglip": ([("SiglipVisionModel", tower), ("SiglipModel", both_towers)], False),
}


def base_of(model):
    for name in ("vision_model", model.base_model_prefix):
        if name and hasattr(model, name):
            return getattr(model, name)
    return model


def make(folder, model_class, draw, takes_other_sizes, rng, seed):
    torch.manual_seed(seed)
    cls = getattr(transformers, model_class)
    config = cls.config_class(**draw(rng))
    config._attn_implementation = "eager"
    model = cls(config).eval().float()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            spread = 0.3 if parameter.dim() > 1 else 0.2
            offset = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            parameter.copy_(torch.randn_like(parameter) * spread + offset)
    model.save_pretrained(folder)
    base = base_of(model)
    base.set_attn_implementation("eager")
    own = base.config
    side = own.image_size if isinstance(own.image_size, (list, tuple)) else [own.image_size] * 2
    tensors = {}
    for text in range(3 if takes_other_sizes else 2):
        height, width = side
        if text and takes_other_sizes:
            height, width = (own.patch_size * rng.randint(1, 7) + rng.randint(0, 3) for _ in range(2))
        pixels = torch.randn(1, own.num_channels, height, width)
        with torch.no_grad():
            out = base(pixels, output_attentions=True, output_hidden_states=True)
        tensors[f"t{text}.pixel_values"] = pixels[0]
        for layer, attention in enumerate(out.attentions):
            tensors[f"t{text}.attn.{layer}"] = attention[0]
        for layer, state in enumerate(out.hidden_states):
            tensors[f"t{text}.hidden.{layer}"] = state[0]
    save_file({key: value.contiguous().clone() for key, value in tensors.items()}, folder / "reference.safetensors")
    return {key: value for key, value in own.to_dict().items() if key in draw(random.Random(0)) or key.startswith("use_")}


def verify(headlight, folder, device):
    reference = folder.parent / (folder.name + ".reference.safetensors")
    (folder / "reference.safetensors").rename(reference)
    command = [headlight, "verify", "--model", str(folder), "--reference", str(reference), "--device", device]
    run = subprocess.run(command, capture_output=True, text=True)
    verdict = re.search(r"^Verdict: (.*)$", run.stdout, re.MULTILINE)
    return run.returncode == 0, verdict[1] if verdict else " ".join((run.stdout + run.stderr).split())[:300]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--headlight", default="")
    parser.add_argument("--cases", type=int, default=6, help="configs of each family")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--keep", help="leave the folders here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(options.keep or temporary)
        bad = 0
        for family in options.families:
            classes, takes_other_sizes = FAMILIES[family]
            for case in range(options.cases):
                rng = random.Random(f"{options.seed}:{family}:{case}")
                model_class, draw = classes[case % len(classes)]
                folder = root / f"{family}_{case}"
                words = make(folder, model_class, draw, takes_other_sizes, rng, case)
                if not options.headlight:
                    continue
                good, verdict = verify(options.headlight, folder, options.device)
                bad += not good
                print("good  " if good else "FAILED", family, case, model_class, verdict, "" if good else words, flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
