"""Random SentencePiece models of likelihoods with equal scores beside the sentencepiece package: which spelling wins a tie.

    python3 random_unigram_ties.py HEADLIGHT [--count 400] [--seed 1]

Needs sentencepiece 0.2. Each model has up to 40 pieces over a few letters with a handful of scores, so that most texts have several
spellings of one sum; 40 texts each go through `headlight tokenize --model FILE.model --jsonl`. The exit status is 1 if any ids differ.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as spm_format

SCORES = [[-1.0], [-1, -2, -3], [-0.1, -0.2, -0.3], [-1.5, -3.0, -4.5], [-1 / 3, -2 / 3, -1.0], [0.0, -1], [-2.0, -2.0, -7.25]]
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)


def draw_model(rng):
    proto = spm_format.ModelProto()
    proto.trainer_spec.model_type = 1
    proto.trainer_spec.unk_id = 0
    proto.trainer_spec.byte_fallback = rng.random() < 0.2
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = rng.random() < 0.6
    proto.normalizer_spec.remove_extra_whitespaces = rng.random() < 0.5

    def add(text, score, kind):
        piece = proto.pieces.add()
        piece.piece, piece.score, piece.type = text, score, kind

    for text, kind in (("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL)):
        add(text, 0, kind)
    if proto.trainer_spec.byte_fallback:
        for byte in range(256):
            add(f"<0x{byte:02X}>", 0, BYTE)
    scores, seen = rng.choice(SCORES), set()
    for _ in range(rng.randint(3, 40)):
        text = "".join(rng.choice("ab▁cé") for _ in range(rng.randint(1, 4)))
        if text not in seen:
            seen.add(text)
            add(text, rng.choice(scores), rng.choices([NORMAL, USER_DEFINED, UNUSED], [20, 1, 1])[0])
    return proto


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    compared = different = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "ties.model"
        for _ in range(options.count):
            data = draw_model(rng).SerializeToString()
            texts = ["".join(rng.choice("abc é d") for _ in range(rng.randint(1, 14))) for _ in range(40)]
            reference = sentencepiece.SentencePieceProcessor(model_proto=data)
            file.write_bytes(data)
            lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
            done = subprocess.run([options.program, "tokenize", "--model", str(file), "--jsonl"], input=lines, capture_output=True, text=True)
            if done.returncode != 0:
                refused += 1
                print(done.stderr.splitlines()[0])
                continue
            for text, line in zip(texts, done.stdout.splitlines(), strict=True):
                expected, found = reference.encode(text), json.loads(line)["ids"]
                compared += 1
                if expected != found:
                    different += 1
                    if different < 10:
                        print(repr(text), reference.encode(text, out_type=str), json.loads(line)["tokens"])
    print(f"{options.count} models, {refused} refused, {compared} texts, {different} different")
    sys.exit(different != 0 or compared == 0)


if __name__ == "__main__":
    main()
