"""Sentence pairs beside the reference library: the same tokens and segments, and the same attention.

    python tests/parity/pair_configs.py --headlight build/release/headlight FOLDER...

needs an interpreter with torch, transformers and safetensors. For each folder of a checkpoint with a tokenizer `headlight tokenize
--text-pair` is held beside the reference's tokenizer(a, b), and `headlight verify` beside its model in float32 with eager attention.
The reference is asked for its segments (return_token_type_ids), which some of its classes keep from models that were trained with
them. Folders whose model reads from left to right, or whose tokenizer puts nothing between two texts, must be refused by name. Exits
with 1 when a folder differs.
"""

import argparse
import json
import os
import pathlib
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

PAIRS = [
    ("The cat sat on the mat.", "It was tired."),
    ("A man is playing the guitar", "a man plays an instrument"),
    ("What is the capital of France?", "Paris is the capital, and the largest city, of France."),
    (" Two  spaces\tand a tab ", " before and after "),
    ("Ça va? 你好 ✓", "naïve café – déjà vu"),
    ("one", "two"),
    ("", "only the second"),
    ("only the first", ""),
]


def run(command, stdin=None):
    return subprocess.run(command, input=stdin, capture_output=True, text=True)


def check_tokens(headlight, folder, tokenizer):
    """(token lists of the reference, what differs)"""
    lines = "".join(json.dumps({"text": a, "text_pair": b}) + "\n" for a, b in PAIRS)
    done = run([headlight, "tokenize", "--model", str(folder), "--jsonl"], lines)
    if done.returncode:
        return None, " ".join(done.stderr.split())
    encoded = []
    for (a, b), line in zip(PAIRS, done.stdout.splitlines(), strict=True):
        ours = json.loads(line)
        theirs = tokenizer(a, b, return_token_type_ids=True)
        theirs = (theirs["input_ids"], theirs["token_type_ids"])
        ours = (ours["ids"], ours.get("token_type_ids", [0] * len(ours["ids"])))  # of one text none are told
        if ours != theirs:
            return None, f"{(a, b)}: {ours}, the reference {theirs}"
        encoded.append(theirs)
    return encoded, None


def check_attention(headlight, folder, encoded):
    config = transformers.AutoConfig.from_pretrained(folder)
    kind = transformers.AutoModel
    model = kind.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    tensors = {}
    for t, (ids, segments) in enumerate(encoded):
        inputs = {"input_ids": torch.tensor([ids])}
        if getattr(config, "type_vocab_size", 0) > 1:
            inputs["token_type_ids"] = tensors[f"t{t}.token_type_ids"] = torch.tensor([segments])
        with torch.no_grad():
            out = model(**inputs, output_attentions=True)
        tensors[f"t{t}.input_ids"] = inputs["input_ids"][0]
        tensors |= {f"t{t}.attn.{layer}": values[0] for layer, values in enumerate(out.attentions)}
    tensors = {name: value.squeeze(0) if "type" in name else value for name, value in tensors.items()}
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place) / "reference.safetensors"
        save_file({name: value.contiguous() for name, value in tensors.items()}, file)
        done = run([headlight, "verify", "--model", str(folder), "--reference", str(file)])
    verdict = re.search(r"^Verdict: (.*)$", done.stdout, re.MULTILINE)
    return done.returncode == 0, verdict[1] if verdict else " ".join(done.stderr.split())


def check(headlight, folder):
    config = transformers.AutoConfig.from_pretrained(folder)
    refused = run([headlight, "analyze", "--model", str(folder), "--text", "a", "--text-pair", "b", "--json", os.devnull])
    if refused.returncode:
        return True, "refused: " + " ".join(refused.stderr.split())[:150]
    if config.is_encoder_decoder:
        return True, "two texts of its own"
    encoded, why = check_tokens(headlight, folder, transformers.AutoTokenizer.from_pretrained(folder))
    return (False, why) if why else check_attention(headlight, folder, encoded)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headlight", required=True)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    num_bad = 0
    for folder in options.folders:
        is_good, words = check(options.headlight, folder)
        num_bad += not is_good
        print(f"{'good' if is_good else 'FAILED'}  {folder.name}: {words}", flush=True)
    sys.exit(1 if num_bad else 0)


if __name__ == "__main__":
    main()
