"""Configs of models that also see: a language model of another draw inside, and the smallest eyes."""

import functools

import draw_decoders as decoders
from draw_parts import BOTH, some

EYES = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "image_size": 8, "patch_size": 4}
EYES_OF = {
    "llava": EYES | {"model_type": "clip_vision_model", "projection_dim": 8},
    "llava_next": EYES | {"model_type": "clip_vision_model", "projection_dim": 8},
    "llava_onevision": EYES | {"model_type": "siglip_vision_model"},
    "paligemma": EYES | {"model_type": "siglip_vision_model", "projection_dim": 8},
    "aya_vision": EYES | {"model_type": "siglip_vision_model"},
    "mistral3": EYES | {"model_type": "pixtral"},
    "internvl": EYES | {"model_type": "internvl_vision", "image_size": [8, 8], "patch_size": [4, 4]},
    "idefics3": EYES | {"model_type": "idefics3_vision"},
    "smolvlm": EYES | {"model_type": "smolvlm_vision"},
    "qwen2_vl": {"depth": 1, "embed_dim": 8, "num_heads": 1, "patch_size": 4},
    "qwen2_5_vl": {"depth": 1, "hidden_size": 8, "num_heads": 1, "patch_size": 4, "intermediate_size": 8,
                   "fullatt_block_indexes": [0]},
    "qwen3_vl": {"depth": 1, "hidden_size": 8, "num_heads": 1, "patch_size": 4, "intermediate_size": 8,
                 "deepstack_visual_indexes": [0], "num_position_embeddings": 4},
}
TEXTS_OF = {
    "llava": ["llama", "llama", "mistral", "qwen2"], "llava_next": ["llama", "mistral"], "llava_onevision": ["qwen2"],
    "paligemma": ["gemma", "gemma2"], "aya_vision": ["cohere2"], "mistral3": ["mistral"], "internvl": ["qwen2", "qwen3", "llama"],
    "idefics3": ["llama"], "smolvlm": ["llama"], "qwen2_vl": ["qwen2"], "qwen2_5_vl": ["qwen2"], "qwen3_vl": ["qwen3"],
}
NAMES = {"qwen2_vl": "qwen2_vl_text", "qwen2_5_vl": "qwen2_5_vl_text", "qwen3_vl": "qwen3_vl_text"}


def draw_text(rng, kind):
    text_type = rng.choice(TEXTS_OF[kind])
    config = getattr(decoders, f"draw_{text_type}")(rng) | {"model_type": NAMES.get(kind, text_type), "pad_token_id": 0}
    if kind in ("qwen2_vl", "qwen2_5_vl", "qwen3_vl"):
        config.pop("layer_types", None)
        width = config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])
        if kind != "qwen3_vl":
            config.pop("head_dim", None)
            width = config["hidden_size"] // config["num_attention_heads"]
        pairs = width // 2
        sections = [pairs - 2 * (pairs // 3), pairs // 3, pairs // 3]
        kinds = ["default"] if kind == "qwen3_vl" else ["default", "mrope"]
        config["rope_parameters"] = {"rope_type": rng.choice(kinds), "rope_theta": rng.choice([100.0, 1e6]),
                                     "mrope_section": sections}
    return config


def draw(kind, rng):
    text = draw_text(rng, kind)
    config = {"text_config": text, "vision_config": dict(EYES_OF[kind])}
    if kind in ("qwen2_vl", "qwen2_5_vl", "qwen3_vl"):
        config["vision_config"] |= {("out_hidden_size" if kind != "qwen2_vl" else "hidden_size"): text["hidden_size"]}
        if kind == "qwen2_vl" and rng.random() < 0.4:  # as it was published first
            config = {key: value for key, value in text.items() if key != "model_type"} | {
                "vision_config": config["vision_config"]}
        config |= {"image_token_id": 47, "video_token_id": 46, "vision_start_token_id": 45, "vision_end_token_id": 44}
    elif kind == "paligemma":
        config |= {"image_token_index": 47, "projection_dim": 8, "hidden_size": text["hidden_size"]}
    else:
        config |= {"image_token_id" if kind in ("idefics3", "smolvlm", "internvl") else "image_token_index": 47}
    if kind in ("idefics3", "smolvlm"):
        config |= {"scale_factor": 2, "pad_token_id": 0}
    if kind == "aya_vision":
        config |= {"downsample_factor": 2}
    if kind == "internvl":
        config |= {"downsample_ratio": 0.5}
    if kind == "mistral3":
        config |= {"spatial_merge_size": 2}
    return config | some(rng, tie_word_embeddings=BOTH)


DRAWS = {kind: functools.partial(draw, kind) for kind in EYES_OF}
