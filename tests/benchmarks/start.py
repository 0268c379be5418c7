#!/usr/bin/env python3
"""How long a start takes: from the process to the printed attention of a text, and to its picture in the window.

    tests/benchmarks/start.py --model SmolLM2-135M --beside /opt/headlight-0.1/headlight
    xvfb-run -a tests/benchmarks/start.py --window --model SmolLM2-135M

Runs of both programs take turns, so that a busy moment meets both. Prints the least and the middle of all runs: wall time, and
user + system time; beside another program its ratio to ours. Then the phases of our fastest run (HEADLIGHT_START_LOG), in
milliseconds since the process began. It judges nothing: times belong to the machine that they were taken on."""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

TEXT = ("When the two of them went down to the old harbour in the evening, the boats were already back, and "
        "the nets hung in the wind to dry out.")


class Run:
    """One start of a program, waited for."""

    def __init__(self, program, arguments, folder):
        log = folder / "start.tsv"
        log.unlink(missing_ok=True)
        environment = dict(os.environ, HEADLIGHT_START_LOG=str(log))
        engine = pathlib.Path(program).with_name("libheadlight_engine.so")
        if engine.exists():
            environment["HEADLIGHT_ENGINE"] = str(engine)
        begin = time.monotonic()
        process = subprocess.Popen([program, *arguments], env=environment, stdout=subprocess.DEVNULL, cwd=folder)
        _, status, used = os.wait4(process.pid, 0)
        self.wall = 1e3 * (time.monotonic() - begin)
        self.processor = 1e3 * (used.ru_utime + used.ru_stime)
        if status != 0:
            raise SystemExit(f"{program} {' '.join(arguments)} ended with {status}")
        lines = log.read_text().splitlines()[1:] if log.exists() else []
        self.phases = [(float(ms), float(spent), words) for ms, spent, words in (line.split("\t") for line in lines)]


def summary(runs, what):
    values = [getattr(run, what) for run in runs]
    return min(values), statistics.median(values)


def measure(program, beside, arguments, repeats, folder):
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(Run(program, arguments, folder))
        if beside:
            theirs.append(Run(beside, arguments, folder))
    for what, words in (("wall", "wall"), ("processor", "user + sys")):
        line = "  {:<11} least {:7.1f} ms, middle {:7.1f}".format(words, *summary(ours, what))
        if theirs:
            line += "; beside it least {:7.1f}, middle {:7.1f}; ratio of ours {:.2f}, {:.2f}".format(
                *summary(theirs, what), *(a / b for a, b in zip(summary(ours, what), summary(theirs, what))))
        print(line)
    for ms, spent, words in min(ours, key=lambda run: run.wall).phases:
        print(f"    {ms:7.1f} ms ({spent:7.1f} of processor time)  {words}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--program", default=str(root / "build/release/headlight"))
    parser.add_argument("--beside", help="another build, the baseline; its engine lies beside it")
    parser.add_argument("--model", action="append", required=True, help="may come several times")
    parser.add_argument("--window", action="store_true", help="open the window, show the text, quit; needs a display")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--text", default=TEXT)
    options = parser.parse_args()
    for model in options.model:
        path = str(pathlib.Path(model).resolve()) if pathlib.Path(model).exists() else model
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            if options.window:
                (folder / "script").write_text(f'text "{options.text}"\nwait\nquit\n')
                arguments = ["open", path, "--script", str(folder / "script"), "--size", "1600x900"]
            else:
                arguments = ["analyze", "--model", path, "--text", options.text, "--no-plots"]
            print(f"{model}: {'window' if options.window else 'printed attention'}, {options.repeats} runs")
            measure(options.program, options.beside, arguments, options.repeats, folder)


main()
