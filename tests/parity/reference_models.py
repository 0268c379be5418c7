"""What the reference library makes of a folder: weights that fit its config, and what they compute."""

import re

import torch
import transformers
from config_changes import change_weights
from safetensors.torch import load_file, save_file

LENGTHS = ((5, 4), (21, 11))  # tokens of each text, and of the decoder's
MOST_PARAMETERS = 4_000_000


class Skip(Exception):
    """The reference library does not compute this; `str` says why."""


def draw_weights(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.ndim == 1 or "norm" in name.lower() or "ln_" in name or name.endswith("bias"):
                parameter.add_(0.25 * noise)
            elif any(word in name for word in ("embed", "wte", "wpe", "shared", "relative_attention_bias")):
                parameter.copy_(0.7 * noise)
            else:
                parameter.copy_(0.9 * noise / parameter.shape[-1] ** 0.5)
        for name, buffer in model.named_buffers():
            if name.endswith("final_logits_bias"):
                buffer.copy_(0.5 * torch.randn(buffer.shape, generator=generator))
            if name.endswith("e_score_correction_bias"):
                buffer.copy_(0.1 * torch.randn(buffer.shape, generator=generator))


def make_weights(model_class, folder, rng, changes):
    """Weights that fit the config.json of the folder, then changed."""
    config = transformers.AutoConfig.from_pretrained(folder)
    with torch.device("meta"):
        count = sum(p.numel() for p in model_class(config).parameters())
    if count > MOST_PARAMETERS:
        raise Skip("too large to build")
    model = model_class(config)
    draw_weights(model, rng.randrange(1 << 30))
    text = (folder / "config.json").read_text()
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "config.json").write_text(text)
    tensors = load_file(folder / "model.safetensors")
    for key, value in model.state_dict().items():  # the one buffer that files hold
        if key.endswith("final_logits_bias"):
            tensors[key] = value
    if not changes:
        return "as saved"
    ties = {target: source for target, source in dict(model._tied_weights_keys or {}).items()
            if target in model.state_dict() and (source in tensors or target not in tensors)}  # not under other names
    done = change_weights(rng, tensors, ties)
    tensors = {key: value.contiguous().clone() for key, value in tensors.items()}
    if rng.random() < 0.12:
        (folder / "model.safetensors").unlink()
        torch.save(tensors, folder / "pytorch_model.bin")
        return done + " (.bin)"
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return done


def from_bands(band, tokens):
    """Longformer's [heads, tokens, 2 w + 1], key - query from -w on, as [heads, tokens, tokens]."""
    side = band.shape[-1] // 2
    wide = torch.nn.functional.pad(band, (tokens, tokens))  # column of key j for query i: j - i + side + tokens
    columns = torch.arange(tokens)[None, :] - torch.arange(tokens)[:, None] + side + tokens
    return wide.gather(2, columns.clamp(0, wide.shape[-1] - 1)[None].expand(band.shape[0], -1, -1))


def from_blocks(blocks, tokens):
    """LongT5's [blocks, heads, length, 3 length], each block's queries over its neighbours too, as [heads, tokens, tokens]."""
    count, heads, length, _ = blocks.shape
    whole = torch.zeros(heads, count * length, (count + 2) * length)
    for i in range(count):
        whole[:, i * length : (i + 1) * length, i * length : (i + 3) * length] = blocks[i]
    return whole[:, :tokens, length : length + tokens]


def whole_patterns(family, attentions, tokens):
    """What the class returns for one text's self-attention, as weights [heads, tokens, tokens]."""
    if family.model_type in ("longformer", "led"):
        return [from_bands(a[0], tokens) for a in attentions]
    if family.model_type == "longt5":
        return [from_blocks(a[0], tokens) for a in attentions]
    if family.model_type == "squeezebert":  # scores
        return [a[0].softmax(-1) for a in attentions]
    return [a[0] for a in attentions]


def run_reference(model, ids, decoder_ids, family):
    options = dict(output_attentions=True, output_hidden_states=True, use_cache=False)
    with torch.no_grad():
        if not family.is_encoder_decoder:
            out = model(ids, **options)
            kinds = getattr(model.config, "layer_types", None) or []
            layers = [i for i, kind in enumerate(kinds) if kind != "conv"] or range(len(out.attentions))
            patterns = whole_patterns(family, out.attentions, ids.shape[1])
            return {"logits": out.logits[0]} | {f"attn.{i}": a for i, a in zip(layers, patterns)} | {
                f"hidden.{i}": h[0] for i, h in enumerate(out.hidden_states)}
        out = model(input_ids=ids, decoder_input_ids=decoder_ids, **options)
    tensors = {"logits": out.logits[0]}
    encoder = whole_patterns(family, out.encoder_attentions, ids.shape[1])
    tensors |= {f"enc_attn.{i}": a for i, a in enumerate(encoder)}
    for kind, attentions in (("dec", out.decoder_attentions), ("cross", out.cross_attentions)):
        tensors |= {f"{kind}_attn.{i}": a[0] for i, a in enumerate(attentions)}
    tensors |= {f"enc_hidden.{i}": h[0] for i, h in enumerate(out.encoder_hidden_states)}
    return tensors | {f"dec_hidden.{i}": h[0] for i, h in enumerate(out.decoder_hidden_states)}


def load_reference(model_class, folder, dtype=torch.float32):
    torch.manual_seed(0)
    config = transformers.AutoConfig.from_pretrained(folder)  # not the model class's: one may serve several types
    model, info = model_class.from_pretrained(folder, config=config, attn_implementation="eager", dtype=dtype,
                                              output_loading_info=True)
    if info["missing_keys"]:
        raise Skip("draws weights: " + re.sub(r"\d+", "N", sorted(info["missing_keys"])[0]))
    if info.get("mismatched_keys"):
        raise Skip("shapes differ")
    return whole_attention(model.eval())


def whole_attention(model):
    """BigBird's classes change to whole attention in their first pass over a short text, where its weights are lost."""
    config = model.config
    if getattr(config, "attention_type", None) == "block_sparse":
        if max(max(lengths) for lengths in LENGTHS) <= (5 + 2 * config.num_random_blocks) * config.block_size:
            (model.model.encoder if config.is_encoder_decoder else model.bert).set_attention_type("original_full")
    return model


def compute(model, family, ids):
    tensors = {}
    for t, (text, decoder_text) in enumerate(ids):
        tensors[f"t{t}.input_ids"] = text[0]
        if family.is_encoder_decoder:
            tensors[f"t{t}.decoder_input_ids"] = decoder_text[0]
        tensors |= {f"t{t}.{key}": value for key, value in run_reference(model, text, decoder_text, family).items()}
    return tensors


def noise_of_reference(family, folder):
    """How far the reference library in float32 is from itself in float64: (attention, hidden states and logits)."""
    model_class = getattr(transformers, family.model_class)
    single = load_file(next(path for path in folder.iterdir() if path.name.startswith("reference")))
    ids = [(single[f"t{t}.input_ids"][None], single.get(f"t{t}.decoder_input_ids", single[f"t{t}.input_ids"])[None])
           for t in range(len(LENGTHS))]
    double = compute(load_reference(model_class, folder, torch.float64), family, ids)
    attention = relative = 0.0
    for key, value in single.items():
        if "ids" in key:
            continue
        difference = (value.double() - double[key].double()).abs().max().item()
        if "attn" in key:
            attention = max(attention, difference)
        else:
            relative = max(relative, difference / max(value.abs().max().item(), 1e-30))
    return attention, relative
