"""Random configs and weights files beside the reference library: equal, or refused by name, never other numbers.

    python tests/parity/random_configs.py --headlight build/release/headlight --seed 1 --cases 2000

needs an interpreter with torch, transformers and safetensors. For each case one of the families is drawn (config_draws.py),
its config.json and weights are changed as strangers' files differ (config_changes.py), the reference library loads the folder
as it stands and runs two texts with eager attention in float32, and `headlight selftest --fixtures` compares many such folders
in one process. A case depends on the seed and its number alone: `--only 1:417 --keep FOLDER` makes it again and keeps it.
Prints one table of all families (`--markdown docs/parity.md` puts it there between its markers), then every case that gave other numbers, and exits with 1 if
there is one.
"""

import argparse
import collections
import dataclasses
import json
import logging
import os
import pathlib
import random
import re
import shutil
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

from config_changes import change_config, change_key, key_changes  # noqa: E402
from config_draws import FAMILIES  # noqa: E402
from reference_models import LENGTHS, Skip, compute, load_reference, make_weights, noise_of_reference  # noqa: E402

BEGIN, END = "<!-- random_configs -->", "<!-- /random_configs -->"
MOST_NOISE = 20  # a difference of less than so many times what float32 costs the reference itself is no finding


def short(error):
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:150]}"


def with_every_key(config_class, config):
    try:
        whole = json.loads(config_class(**config).to_json_string(use_diff=False))
    except Exception:  # the class does not take this draw: the case will show it
        return config
    return {key: value for key, value in whole.items() if key not in ("id2label", "label2id", "_name_or_path")} | config


def config_class_of(family):
    return transformers.models.auto.CONFIG_MAPPING[family.model_type]


def random_config(family, rng):
    config_class = config_class_of(family)
    config = family.draw(rng)
    if rng.random() < 0.3:
        config = with_every_key(config_class, config)
    config |= {"model_type": family.model_type, "architectures": [family.model_class]}
    return change_config(rng, config, family, config_class)


def whole_config(family, rng):
    """Every key of the class, the same for each case of a family and a seed."""
    config = with_every_key(config_class_of(family), family.draw(rng))
    return config | {"model_type": family.model_type, "architectures": [family.model_class]}


@dataclasses.dataclass
class Case:
    number: int
    family: object
    change: tuple = None  # (kind, path) of --each-key; None: random


def make_case(case, seed, folder):
    """Writes the folder; gives (words, None) or (words, why the reference library does not compute it)."""
    family, number = case.family, case.number
    model_class = getattr(transformers, family.model_class)
    rng = random.Random(f"{seed}:{family.model_type if case.change else number}")
    if case.change:
        config, words = change_key(rng, whole_config(family, rng), *case.change)
    else:
        config, words = random_config(family, rng)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    try:
        words += " | weights " + make_weights(model_class, folder, rng, changes=case.change is None)
        model = load_reference(model_class, folder)
        generator = torch.Generator().manual_seed(number)
        ids = [tuple(torch.randint(3, 40, (1, length), generator=generator) for length in lengths) for lengths in LENGTHS]
        tensors = compute(model, family, ids)
    except Skip as why:
        return words, str(why)
    except Exception as error:  # whatever the reference library does not take
        return words, short(error)
    if not all(torch.isfinite(value).all() for value in tensors.values()):
        return words, "not finite"
    save_file({key: value.contiguous().clone() for key, value in tensors.items()}, folder / "reference.safetensors")
    if family.disguise:
        family.disguise(folder)
    return words, None


ROW = re.compile(r"^models\s+(\S+)\s+(\S+)\s+(\S+)\s+(good|FAILED)\s+(.*)$")


def verify_one(headlight, folder):
    reference = folder / "reference"
    (folder / "reference.safetensors").rename(reference)
    command = [headlight, "verify", "--model", str(folder), "--reference", str(reference)]
    run = subprocess.run(command, capture_output=True, text=True)
    verdict = re.search(r"^Verdict: (.*)$", run.stdout, re.MULTILINE)
    if verdict:
        return run.returncode == 0, "differs", verdict[1]
    words = " ".join(run.stderr.split())
    return False, "-", words if run.returncode > 0 else f"the program ended with {run.returncode}"


def run_headlight(headlight, folder):
    """name -> (is good, measured, detail) of every case in the folder."""
    rows = {}
    for path in sorted(folder.iterdir()):  # beside a .bin a reference would be taken for the weights
        if (path / "pytorch_model.bin").exists() and (path / "reference.safetensors").exists():
            rows[path.name] = verify_one(headlight, path)
    left = sorted(path.name for path in folder.iterdir() if (path / "reference.safetensors").exists())
    while left:
        command = [headlight, "selftest", "--fixtures", str(folder), "--only", "models"]
        run = subprocess.run(command, capture_output=True, text=True)
        for line in run.stdout.splitlines():
            found = ROW.match(line)
            if found:
                rows[found[1]] = (found[4] == "good", found[3], found[5])
        left = [name for name in left if name not in rows]
        if left:  # it died in the first that has no row
            rows[left[0]] = (False, "-", f"the program ended with {run.returncode}")
            (folder / left[0] / "reference.safetensors").unlink()
            left = left[1:]
            for name in rows:
                (folder / name / "reference.safetensors").unlink(missing_ok=True)
    return rows


def reason_of(detail):
    """A refusal without its numbers, so that alike ones are counted together."""
    return re.sub(r"'[^']*'", "'…'", re.sub(r"-?\d[\d.e+-]*", "N", detail))[:90]


class Tally:
    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)
        self.refusals = collections.defaultdict(collections.Counter)
        self.reference = collections.Counter()
        self.found = []

    def add(self, family, outcome):
        self.counts[family.name][outcome] += 1

    def markdown(self):
        kinds = ["equal", "refused", "reference", "other"]
        lines = ["| family | cases | equal | refused by name | the reference refuses | other numbers |",
                 "| --- | --- | --- | --- | --- | --- |"]
        total = collections.Counter()
        for name, counts in self.counts.items():
            total += counts
            lines.append(f"| {name} | {counts.total()} | " + " | ".join(str(counts[kind]) for kind in kinds) + " |")
        lines.append(f"| all | {total.total()} | " + " | ".join(str(total[kind]) for kind in kinds) + " |")
        return "\n".join(lines) + "\n"


def check_chunk(options, chunk, tally, folder):
    """Makes the folders of some cases, asks Headlight about all of them, counts."""
    words, open_cases = {}, {}
    for case in chunk:
        family, name = case.family, f"{options.seed}_{case.number}"
        words[name], why = make_case(case, options.seed, folder / name)
        if why is None:
            open_cases[name] = family
        else:
            tally.add(family, "reference")
            tally.reference[reason_of(why)] += 1
            if options.verbose:
                print(f"{name} {family.model_type}: {words[name]}\n    reference: {why}")
    rows = run_headlight(options.headlight, folder)
    for name, family in open_cases.items():
        is_good, measured, detail = rows[name]
        is_refusal = not is_good and measured == "-" and not detail.startswith("the program ended")
        outcome = "equal" if is_good else "refused" if is_refusal else "other"
        if outcome == "other" and measured != "-" and not family.disguise:
            attention, relative = noise_of_reference(family, folder / name)
            noise = attention if "attention differs" in detail else relative
            if float(re.search(r"differs? by up to ([\d.e+-]+)", detail)[1]) < MOST_NOISE * noise:
                outcome, detail = "reference", f"float32 is {attention:.0e}, {relative:.0e} from float64"
                tally.reference["float32 too far from float64"] += 1
        tally.add(family, outcome)
        if outcome == "refused":
            tally.refusals[reason_of(detail)][family.name] += 1
        if outcome == "other":
            tally.found.append(f"{name.replace('_', ':')} {family.name}: {words[name]}\n    {measured} {detail}")
            print(tally.found[-1], flush=True)
        if options.verbose:
            print(f"{name} {family.model_type} {outcome}: {words[name]}\n    {measured} {detail}", flush=True)


def write_table(path, table):
    before, rest = path.read_text().split(BEGIN, 1)
    path.write_text(before + BEGIN + "\n\n" + table + "\n" + END + rest.split(END, 1)[1])


def each_key_cases(seed):
    number = 0
    for family in FAMILIES:
        for change in key_changes(whole_config(family, random.Random(f"{seed}:{family.model_type}"))):
            yield Case(number, family, change)
            number += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--headlight", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--families", help="only these model types, separated by commas")
    parser.add_argument("--only", help="one case, SEED:NUMBER")
    parser.add_argument("--each-key", action="store_true", help="not at random: every key of every class out, null, and at the "
                        "other level with another value")
    parser.add_argument("--keep", help="keep the folders here")
    parser.add_argument("--markdown", help="put the table between the markers of this file (docs/parity.md)")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable(logging.CRITICAL)
    transformers.logging.disable_progress_bar()
    wanted = options.families.split(",") if options.families else None
    if options.only:
        options.seed, options.first = (int(part) for part in options.only.split(":"))
        options.cases, options.verbose = 1, True
    cases = list(each_key_cases(options.seed)) if options.each_key else [
        Case(number, FAMILIES[number % len(FAMILIES)]) for number in range(options.first, options.first + options.cases)]
    if options.each_key and options.only:
        cases = [cases[options.first]]
    cases = [case for case in cases if wanted is None or case.family.name in wanted]
    tally = Tally()
    for begin in range(0, len(cases), 98):
        folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="random_configs_"))
        try:
            check_chunk(options, cases[begin : begin + 98], tally, folder)
        finally:
            if not options.keep:
                shutil.rmtree(folder, ignore_errors=True)
        print(f"{min(begin + 98, len(cases))} of {len(cases)}, {len(tally.found)} found", file=sys.stderr, flush=True)
    print(tally.markdown())
    print("Refused by name:")
    for reason, counts in sorted(tally.refusals.items(), key=lambda item: -item[1].total()):
        print(f"  {counts.total():4} {reason}  [{', '.join(f'{k} {v}' for k, v in counts.most_common(4))}]")
    print("Not computed by the reference library:")
    for reason, count in tally.reference.most_common(40):
        print(f"  {count:4} {reason}")
    if options.markdown:
        write_table(pathlib.Path(options.markdown), f"Seed {options.seed}, {len(cases)} cases.\n\n" + tally.markdown())
    print(f"{len(tally.found)} with other numbers")
    return 1 if tally.found else 0


if __name__ == "__main__":
    sys.exit(main())
