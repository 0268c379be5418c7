"""Random PEFT adapters beside the library that made them: equal, or refused by name, never other numbers.

    python tests/parity/adapter_configs.py --headlight build/release/headlight --seed 1 --cases 40

needs an interpreter with torch, transformers, peft and safetensors. For each case a small base, LoRA settings and numbers are
drawn; PEFT reads base and adapter back and runs two texts, and `headlight verify --base` compares. Some adapters are kept as
the state dict of the whole model, in half precision or as .bin. A case depends on the seed and its number alone: `--only 417
--keep FOLDER` makes it again and keeps it. Exits with 1 if a case gave other numbers.
"""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fixtures"))

import make_adapter_fixtures as made  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

SIZES = dict(vocab_size=made.VOCAB, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=10,
             max_position_embeddings=24)
FAMILIES = {
    "llama": ("LlamaForCausalLM", lambda r: transformers.LlamaConfig(
        **SIZES, num_key_value_heads=r.choice([1, 3]), attention_bias=r.random() < 0.5, tie_word_embeddings=r.random() < 0.5)),
    "qwen2": ("Qwen2ForCausalLM", lambda r: transformers.Qwen2Config(
        **SIZES, num_key_value_heads=1, tie_word_embeddings=r.random() < 0.5)),
    "mistral": ("MistralForCausalLM", lambda r: transformers.MistralConfig(**SIZES, num_key_value_heads=1)),
    "gemma2": ("Gemma2ForCausalLM", lambda r: transformers.Gemma2Config(**SIZES, num_key_value_heads=1, head_dim=4)),
    "phi3": ("Phi3ForCausalLM", lambda r: transformers.Phi3Config(**SIZES, num_key_value_heads=1, pad_token_id=0)),
    "gpt2": ("GPT2LMHeadModel", lambda r: transformers.GPT2Config(**made.GPT2)),
    "gpt_neox": ("GPTNeoXForCausalLM", lambda r: transformers.GPTNeoXConfig(**SIZES | {"hidden_size": 24})),
    "opt": ("OPTForCausalLM", lambda r: transformers.OPTConfig(
        vocab_size=made.VOCAB, hidden_size=12, word_embed_proj_dim=12, num_hidden_layers=2, num_attention_heads=3, ffn_dim=10,
        max_position_embeddings=24)),
    "bloom": ("BloomForCausalLM", lambda r: transformers.BloomConfig(
        vocab_size=made.VOCAB, hidden_size=12, n_layer=2, n_head=3)),
    "bert": (None, lambda r: transformers.BertConfig(**SIZES)),
    "roberta": (None, lambda r: transformers.RobertaConfig(**SIZES, pad_token_id=1)),
    "distilbert": (None, lambda r: transformers.DistilBertConfig(
        vocab_size=made.VOCAB, dim=12, n_layers=2, n_heads=3, hidden_dim=10, max_position_embeddings=24)),
}
ENCODER = {"bert": "Bert", "roberta": "Roberta", "distilbert": "DistilBert"}


def class_of(family, rng):
    name = FAMILIES[family][0]
    return name or ENCODER[family] + rng.choice(["ForMaskedLM", "Model", "ForSequenceClassification"])


def modules_of(model, kinds):
    return {name for name, module in model.named_modules()
            if isinstance(module, kinds) and not name.endswith(("lm_head", "classifier", "decoder", "out_proj"))}


def drop_heads(names):
    return {name.split(".")[-1] for name in names}


def draw_options(model, model_class, rng):
    linear = sorted(drop_heads(modules_of(model, (torch.nn.Linear, transformers.pytorch_utils.Conv1D))))
    targets = rng.sample(linear, rng.randint(1, len(linear)))
    options = dict(r=rng.randint(1, 6), lora_alpha=rng.choice([1, 4, 7, 16, 2.5]), use_rslora=rng.random() < 0.25,
                   use_dora=rng.random() < 0.25, bias=rng.choice(["none", "none", "all", "lora_only"]))
    if "ForSequenceClassification" in model_class:
        options["task_type"] = "SEQ_CLS"
    if rng.random() < 0.25:
        options["rank_pattern"] = {rng.choice(targets): rng.randint(1, 5)}
    if rng.random() < 0.35:
        options["alpha_pattern"] = {rng.choice(targets): rng.randint(1, 9)}
    if rng.random() < 0.2:
        options["layers_to_transform"] = [rng.randrange(2)]
    if rng.random() < 0.15:
        options |= dict(lora_bias=True, use_dora=False, bias="none")
    tables = [n for n, m in model.named_modules() if isinstance(m, torch.nn.Embedding)
              and n.split(".")[-1] in ("embed_tokens", "wte", "word_embeddings", "embed_in") and "position" not in n]
    table = tables[0].split(".")[-1] if tables else None
    extra = rng.random()
    if table and extra < 0.2:
        targets.append(table)
    elif table and extra < 0.35:
        options["trainable_token_indices"] = {table: sorted(rng.sample(range(made.VOCAB), 3))}
    elif extra < 0.5:
        norms = sorted({n.split(".")[-1] for n, m in model.named_modules() if "norm" in type(m).__name__.lower()})
        options["modules_to_save"] = [rng.choice(norms)]
    options["target_modules"] = targets
    return options


def change_files(folder, base, model, rng):
    """As strangers keep adapters: in half precision, as .bin, or inside the whole model."""
    kind = rng.choice(["as saved", "as saved", ".bin", "whole"])
    file = folder / "adapter_model.safetensors"
    if kind == ".bin":
        torch.save(load_file(file), folder / "adapter_model.bin")
        file.unlink()
    if kind == "whole":
        file.unlink()
        tensors = {name: x.detach().contiguous().clone() for name, x in model.state_dict().items()}
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text((base / "config.json").read_text())
    return kind


def make_case(seed, number, folder):
    rng = random.Random(f"{seed}:{number}")
    torch.manual_seed(number)
    family = rng.choice(sorted(FAMILIES))
    model_class = class_of(family, rng)
    base = folder / "base"
    made.make_base(model_class.replace("ForSequenceClassification", "Model"), FAMILIES[family][1](rng), base, number)
    options = draw_options(made.load_base(model_class, base), model_class, rng)
    words = f"{model_class} {json.dumps(options)}"
    try:
        model = made.make_adapter(model_class, base, options, folder / "adapter", number, str(base))
        made.save_reference(model, model_class, folder / "reference.safetensors")
    except Exception as error:  # whatever PEFT does not take
        return words, None, " ".join(str(error).split())[:120]
    return words, change_files(folder / "adapter", base, model, rng), None


def verify(headlight, folder, kind):
    command = [*headlight, "verify", "--model", str(folder / "adapter"), "--reference", str(folder / "reference.safetensors")]
    if kind != "whole":
        command += ["--base", str(folder / "base")]
    run = subprocess.run(command, capture_output=True, text=True)
    verdict = re.search(r"^Verdict: (.*)$", run.stdout, re.MULTILINE)
    if verdict:
        return "equal" if run.returncode == 0 else "OTHER NUMBERS", verdict[1]
    return "refused", " ".join(run.stderr.split())[:230]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headlight", default="build/release/headlight")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    counts = {}
    for number in [options.only] if options.only is not None else range(options.cases):
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep / str(number) if options.keep else pathlib.Path(temporary)
            words, kind, error = make_case(options.seed, number, folder)
            verdict, detail = ("not taken by PEFT", error) if error else verify(options.headlight.split(), folder, kind)
        counts[verdict] = counts.get(verdict, 0) + 1
        print(f"{number:4} {verdict:14} {kind} | {words} | {detail}", flush=True)
    print(counts)
    return 1 if counts.get("OTHER NUMBERS") else 0


if __name__ == "__main__":
    sys.exit(main())
