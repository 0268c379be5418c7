#!/usr/bin/env python3
"""Are the outputs of two builds of the program the same, byte for byte? For rebuilding the house without changing what it says.

    tests/parity/same_bytes.py BEFORE AFTER [--fixtures DIR] [--demo DIR] [--only WORD]

BEFORE and AFTER are two binaries `headlight`. For every model and format of the fixtures, every dump, and the bundled demo:
`analyze --json`, the text of `analyze`, `--dump`, PNG and SVG figures; of the demo and a few models also `scan` (atlas.json,
atlas.csv), `validate --json` and `ablate --json`. Prints one line a difference and the counts; ends in 1 when there is one.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TEXT = "The cat sat on the mat. The dog saw the cat, and it sat on the mat again."
IDS = "5,9,3,7,5,9,11,2"
SENTENCE = "When Mary and John went to the store, John gave a drink to Mary. The cat sat on the mat. "
# What may differ: times, and the folders where the outputs lie.
TIMES = re.compile(rb'("(?:\w+_ms|seconds)": )[0-9.e-]+|\b[0-9.]+ (?:ms|s|min|h)\b|[0-9]+ %[^\n]*left')


def run(binary, arguments, folder):
    environment = dict(os.environ, HEADLIGHT_CONFIG=str(folder))
    done = subprocess.run([binary, *arguments], cwd=folder, env=environment, capture_output=True, timeout=900)
    (folder / "stdout").write_bytes(done.stdout)
    (folder / "stderr").write_bytes(done.stderr)
    (folder / "code").write_text(str(done.returncode))


def files_of(folder):
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}


def differences(name, before, after):
    left, right = files_of(before), files_of(after)
    found = [f"{name}: only one build wrote {path}" for path in sorted(set(left) ^ set(right))]
    for path in sorted(set(left) & set(right)):
        if path.endswith(".html"):
            continue
        a, b = (TIMES.sub(rb"\1", p.read_bytes()).replace(str(root).encode(), b"") for p, root in
                ((left[path], before), (right[path], after)))
        if a != b:
            found.append(f"{name}: {path} differs ({len(a)} and {len(b)} bytes)")
    return found, len(set(left) & set(right))


def cases(fixtures, demo):
    """(name, arguments); every command writes into the folder where it runs."""
    out = ["--json", "out.json", "--dump", "out.safetensors"]
    models = [("demo", demo)]
    if fixtures:
        models += [(f"models/{p.name}", p) for p in sorted((fixtures / "models").iterdir()) if p.is_dir()]
        models += [(f"formats/{p.name}", p) for p in sorted((fixtures / "formats").iterdir()) if p.is_dir()]
        yield from ((f"dumps/{p.name}", ["analyze", "--model", str(p), "--json", "out.json", "--no-plots"])
                    for p in sorted((fixtures / "dumps").iterdir()) if p.suffix != ".json" or p.name == "attention.json")
    for name, path in models:
        model = ["--model", str(path)]
        yield f"{name} text", ["analyze", *model, "--text", TEXT, *out, "--no-plots"]
        yield f"{name} ids", ["analyze", *model, "--ids", IDS, *out, "--no-plots"]
        yield f"{name} png", ["analyze", *model, "--ids", IDS, "--layer", "0", "--max-heads", "1"]
        yield f"{name} svg", ["analyze", *model, "--ids", IDS, "--layer", "0", "--head", "0", "--format", "svg"]
        yield f"{name} ablate", ["ablate", *model, "--ids", IDS, "--heads", "0.0", "--tokens", "--json", "out.json"]
    for name, path in [("demo", demo)] + [(n, p) for n, p in models if n in ("models/gpt2", "models/llama", "models/bert")]:
        model = str(path)
        yield f"{name} sweep", ["ablate", "--model", model, "--text", TEXT, "--sweep", "--json", "out.json"]
        yield f"{name} validate", ["validate", "--checkpoint", model, "--text-file", "corpus.txt", "--seq_len", "32", "--json",
                                   "out.json"]
        yield f"{name} scan", ["scan", "--model", model, "--corpus", "corpus.txt", "--output-dir", "scan", "--seed", "1",
                               "--sequences", "6", "--length", "48"]


def compare(task):
    before, after, name, arguments, place = task
    folders = []
    for side, binary in (("before", before), ("after", after)):
        folder = place / side / re.sub(r"\W+", "_", name)
        folder.mkdir(parents=True)
        (folder / "corpus.txt").write_text(SENTENCE * 60)
        run(binary, arguments, folder)
        folders.append(folder)
    return differences(name, *folders)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before")
    parser.add_argument("after")
    here = pathlib.Path(__file__).resolve().parents[2]
    shared = here.parent / "shared" / "fixtures"
    parser.add_argument("--fixtures", type=pathlib.Path, default=shared if shared.exists() else None)
    parser.add_argument("--demo", type=pathlib.Path, default=here / "assets" / "demo")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    before, after = (str(pathlib.Path(p).resolve()) for p in (options.before, options.after))
    with tempfile.TemporaryDirectory() as place:
        tasks = [(before, after, name, arguments, pathlib.Path(place))
                 for name, arguments in cases(options.fixtures, options.demo) if options.only in name]
        num_files, found = 0, []
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for lines, count in pool.map(compare, tasks):
                found += lines
                num_files += count
                for line in lines:
                    print(line, flush=True)
    print(json.dumps({"commands": len(tasks), "files": num_files, "differences": len(found)}))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
