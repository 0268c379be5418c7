"""Checkpoints packed by bitsandbytes, GPTQ and AWQ, beside the same models with the weights that these libraries compute with.

    python tests/parity/quantised_weights.py --headlight build/release/headlight --seed 1 --cases 40

needs an interpreter with torch, transformers and safetensors, and bitsandbytes for its own cases (they are skipped without).
For each case a small base is drawn and its matrices are packed: by bitsandbytes itself, or by the published layouts of GPTQ
(Frantar et al. 2022, both ways to store zeros, any order of columns) and AWQ (Lin et al. 2023). The reference library runs
the model with the unpacked numbers, eager, in float32, and `headlight verify` compares. Exits with 1 if a case gave other
numbers. `write_case()` makes the folder that tests/fixtures/make_quantised_fixtures.py keeps.
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

try:
    import bitsandbytes.functional as bnb
except ImportError:
    bnb = None

AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
METHODS = ["nf4", "fp4", "int8", "gptq", "gptq", "awq"]


def packed_words(numbers, bits):
    """Along the first axis, the first number in the lowest bits: [n, m] -> int32 [n * bits / 32, m]."""
    in_word = 32 // bits
    words = torch.zeros(numbers.shape[0] // in_word, numbers.shape[1], dtype=torch.int64)
    for i in range(in_word):
        words |= numbers[i::in_word].to(torch.int64) << (bits * i)
    return torch.where(words >= 2**31, words - 2**32, words).to(torch.int32)


def groups_of(weight, group, bits, dtype, order):
    """Scales and zeros [groups, out], numbers [in, out] of weight [out, in], and what they stand for."""
    top = 2**bits - 1
    columns = weight.T.float()
    scales, zeros = [], []
    for g in range(columns.shape[0] // group):
        rows = columns[order == g]
        low, high = rows.min(0).values.clamp(max=0), rows.max(0).values.clamp(min=0)
        scales.append(((high - low) / top).clamp(min=1e-4))
        zeros.append((-low / scales[-1]).round().clamp(1, top))
    scales, zeros = torch.stack(scales).to(dtype), torch.stack(zeros)
    numbers = (columns / scales.float()[order] + zeros[order]).round().clamp(0, top)
    stands_for = scales[order] * (numbers - zeros[order]).to(dtype)
    return scales, zeros, numbers, stands_for.T.float()


def pack_gptq(weight, rng, settings):
    bits, group = settings["bits"], settings["group_size"]
    count = weight.shape[1] // group
    order = torch.arange(weight.shape[1]) // group
    if settings["desc_act"]:
        order = order[torch.randperm(len(order), generator=torch.Generator().manual_seed(rng.randrange(1 << 30)))]
    scales, zeros, numbers, value = groups_of(weight, group, bits, settings["_dtype"], order)
    assert scales.shape[0] == count
    stored = zeros if settings["checkpoint_format"] == "gptq_v2" else zeros - 1
    parts = {"qweight": packed_words(numbers, bits), "qzeros": packed_words(stored.T, bits).T.contiguous(), "scales": scales}
    if settings["desc_act"] or rng.random() < 0.7:
        parts["g_idx"] = order.to(torch.int32)
    return parts, value


def pack_awq(weight, rng, settings):
    order = torch.arange(weight.shape[1]) // settings["group_size"]
    scales, zeros, numbers, value = groups_of(weight, settings["group_size"], 4, settings["_dtype"], order)

    def along_outputs(table):
        ordered = table.reshape(table.shape[0], -1, 8)[:, :, list(AWQ_ORDER)].reshape(table.shape)
        return packed_words(ordered.T, 4).T.contiguous()

    return {"qweight": along_outputs(numbers), "qzeros": along_outputs(zeros), "scales": scales}, value


def pack_four_bits(weight, rng, settings):
    packed, state = bnb.quantize_4bit(weight.to(settings["_dtype"]), blocksize=settings["_block"], quant_type=settings["_kind"],
                                      compress_statistics=settings["bnb_4bit_use_double_quant"])
    parts = {"weight": packed} | {f"weight.{key}": x for key, x in state.as_dict(packed=True).items()}
    return parts, bnb.dequantize_4bit(packed, state).float()


def pack_int8(weight, rng, settings):
    rows, largest, _ = bnb.int8_vectorwise_quant(weight.half())
    parts = {"weight": rows, "SCB": largest, "weight_format": torch.tensor(0, dtype=torch.uint8)}
    return parts, bnb.int8_vectorwise_dequant(rows, largest)


def draw_settings(method, rng):
    dtype = rng.choice([torch.float16, torch.float16, torch.bfloat16])
    if method == "gptq":
        return dict(quant_method="gptq", bits=rng.choice([2, 4, 4, 8]), group_size=rng.choice([16, 32]),
                    desc_act=rng.random() < 0.4, checkpoint_format=rng.choice(["gptq", "gptq", "gptq_v2"]), _dtype=dtype)
    if method == "awq":
        return dict(quant_method="awq", bits=4, group_size=rng.choice([16, 32]), version="gemm", zero_point=True, _dtype=dtype)
    if method == "int8":
        return dict(quant_method="bitsandbytes", load_in_8bit=True, _dtype=dtype)
    return dict(quant_method="bitsandbytes", load_in_4bit=True, bnb_4bit_quant_type=method, _kind=method,
                bnb_4bit_use_double_quant=rng.random() < 0.5, _block=rng.choice([64, 128]),
                _dtype=rng.choice([torch.float16, torch.bfloat16, torch.float32]))


PACKERS = {"gptq": pack_gptq, "awq": pack_awq, "int8": pack_int8, "nf4": pack_four_bits, "fp4": pack_four_bits}
SIZES = dict(vocab_size=made.VOCAB, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=24)
CONFIGS = {
    "LlamaForCausalLM": lambda hidden: transformers.LlamaConfig(
        **SIZES, hidden_size=hidden, intermediate_size=2 * hidden, num_key_value_heads=2, tie_word_embeddings=False),
    "Qwen2ForCausalLM": lambda hidden: transformers.Qwen2Config(
        **SIZES, hidden_size=hidden, intermediate_size=hidden, num_key_value_heads=2),
    "GPT2LMHeadModel": lambda hidden: transformers.GPT2Config(
        vocab_size=made.VOCAB, n_embd=hidden, n_layer=2, n_head=4, n_positions=24),
}


def write_case(method, model_class, settings, rng, folder, number):
    """The packed folder with reference.safetensors of the same model with unpacked weights."""
    # bitsandbytes unpacks on the processor rightly only where rows are whole blocks (its 0.50.2).
    hidden = 128 if method in ("nf4", "fp4") else rng.choice([32, 64])
    made.make_base(model_class, CONFIGS[model_class](hidden), folder, number)
    model = made.load_base(model_class, folder)
    tensors = load_file(folder / "model.safetensors")
    state = model.state_dict()
    for name, module in model.named_modules():
        is_turned = isinstance(module, transformers.pytorch_utils.Conv1D)
        if not (is_turned or isinstance(module, torch.nn.Linear)) or name.endswith("lm_head"):
            continue
        weight = module.weight.detach()
        parts, value = PACKERS[method](weight.T.contiguous() if is_turned else weight, rng, settings)
        state[name + ".weight"] = value.T if is_turned else value
        stored = next(key for key in tensors if (name + ".weight").endswith(key))
        del tensors[stored]
        tensors |= {stored.removesuffix("weight") + key: x.contiguous() for key, x in parts.items()}
    model.load_state_dict(state)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {key: x for key, x in settings.items() if not key.startswith("_")}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    made.save_reference(model, model_class, folder / "reference.safetensors")


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
        rng = random.Random(f"{options.seed}:{number}")
        method, model_class = rng.choice(METHODS), rng.choice(sorted(CONFIGS))
        settings = draw_settings(method, rng)
        verdict, detail = "skipped", "bitsandbytes is not there"
        with tempfile.TemporaryDirectory() as temporary:
            folder = (options.keep or pathlib.Path(temporary)) / str(number)
            if bnb or method in ("gptq", "awq"):
                write_case(method, model_class, settings, rng, folder, number)
                reference = folder.with_suffix(".reference")
                (folder / "reference.safetensors").rename(reference)
                run = subprocess.run([*options.headlight.split(), "verify", "--model", str(folder), "--reference", str(reference)],
                                     capture_output=True, text=True)
                found = re.search(r"^Verdict: (.*)$", run.stdout, re.MULTILINE)
                verdict = "refused" if not found else "equal" if run.returncode == 0 else "OTHER NUMBERS"
                detail = found[1] if found else " ".join(run.stderr.split())[:230]
        counts[verdict] = counts.get(verdict, 0) + 1
        print(f"{number:4} {verdict:14} {method} {model_class} | {settings} | {detail}", flush=True)
    print(counts)
    return 1 if counts.get("OTHER NUMBERS") or counts.get("refused") else 0


if __name__ == "__main__":
    sys.exit(main())
