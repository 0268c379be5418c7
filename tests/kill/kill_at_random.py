#!/usr/bin/env python3
"""Ends headlight at random moments (SIGKILL) while it writes, and looks at what it left.

    python3 tests/kill/kill_at_random.py                              # 200 times each kind
    python3 tests/kill/kill_at_random.py --kind scan --times 20 --seed 3

After every kill: each file is absent, the old one or the new one, whole; nothing is lost but the last second. Runs that are continued
end with the bytes of one that was never killed, and no temporary file outlives the next run. `cut` cuts the model's file off, or
writes into it, in place of killing: the program ends with its right result or with an error, never by a signal. Standard library
only; `window` and `session` need Xvfb and are left out, visibly, without it. Exits 1 with the seed and the number of the kill when something is
wrong.
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time

from whole_files import check_folder, is_temporary, journal_records, temporaries

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORDS = "the cat sat on a mat while two dogs ran home past quick brown foxes and lazy rivers .".split()
SMALL = ["--embedding-dimension", 16, "--number-of-heads", 2, "--number-of-layers", 1, "--intermediate-size", 16,
         "--context-length", 16]
LAST_SECOND = 3.0  # for settings, which are written 0.4 s after a change: a loaded machine needs longer


class Failed(Exception):
    pass


def need(condition, words):
    if not condition:
        raise Failed(words)


def copy_of(folder):
    """Files below as bytes, without those that hold times or names of processes."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and ".tfevents." not in name:
            found[name] = without_times(path)
    return found


def split_safetensors(data):
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8:8 + length]), data[8 + length:]


def without_times(path):
    data = path.read_bytes()
    if path.name == "log.jsonl":
        return re.sub(rb'"seconds":[^,}]*', b"", data)
    if path.name == "state.safetensors":
        header, values = split_safetensors(data)
        header["__metadata__"].pop("seconds")
        return json.dumps(header).encode() + values
    return data


class Run:
    """One process of headlight, its output gathered with the time of each line."""

    def __init__(self, command, environment=None):
        self.lines = []
        self.begin = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                        env={**os.environ, **(environment or {})}, start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line.rstrip("\n")))

    def end_after(self, seconds):
        """True when it had to be killed."""
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self.killed_at = time.monotonic()
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.reader.join()
        return self.process.returncode == -signal.SIGKILL

    def text(self):
        return "\n".join(line for _, line in self.lines)


class Display:
    """One Xvfb for all windows, started on first use."""

    server = None

    @classmethod
    def environment(cls):
        if cls.server is None:
            read, write = os.pipe()
            cls.server = subprocess.Popen(["Xvfb", "-noreset", "-displayfd", str(write), "-screen", "0", "800x600x24"], pass_fds=[write],
                                          stderr=subprocess.DEVNULL)
            cls.name = ":" + os.read(read, 16).decode().strip()
        return {"DISPLAY": cls.name, "LIBGL_ALWAYS_SOFTWARE": "1"}

    @classmethod
    def end(cls):
        if cls.server is not None:
            cls.server.kill()
            cls.server.wait()


class Kind:
    """A writer. Derived kinds say what is run in which folder, and what must hold after a kill."""

    name = ""

    def __init__(self, options, rng):
        self.options, self.rng = options, rng
        self.base = options.folder / self.name
        shutil.rmtree(self.base, ignore_errors=True)
        self.base.mkdir(parents=True)
        self.folder = self.base / "killed"
        self.num_ended = 0

    def headlight(self, *arguments):
        return [str(self.options.binary), *map(str, arguments)]

    def corpus(self, num_lines):
        path = self.base / "corpus.txt"
        if not path.exists():
            rng = random.Random(7)
            path.write_text("".join(" ".join(rng.choices(WORDS, k=12)) + "\n" for _ in range(num_lines)))
        return path

    def train(self, folder, num_lines, *arguments):
        return self.headlight("train", "--corpus", self.corpus(num_lines), "--output-dir", folder, "--tokenizer", "characters",
                              "--threads", 1, *arguments)

    def run_whole(self, command):
        run = Run(command)
        need(not run.end_after(600) and run.process.returncode == 0, f"an unkilled run failed:\n{run.text()}")
        return time.monotonic() - run.begin

    def prepare(self):
        """Makes what an unkilled run leaves, and measures it."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def after_kill(self, run):
        check_folder(self.folder)

    def after_end(self, run):
        need(run.process.returncode == 0, f"ended with {run.process.returncode}:\n{run.text()}")

    def finish(self):
        """After the last kill: an unkilled run makes everything right."""

    def kill(self):
        """One kill; runs that end before it are looked at and do not count."""
        while True:
            run = Run(self.command(), self.environment())
            if run.end_after(self.rng.uniform(0, 1.1 * self.seconds)):
                return self.after_kill(run)
            self.num_ended += 1
            self.after_end(run)

    def need_no_temporaries(self):
        left = temporaries(self.folder)
        need(not left, f"temporary files outlived the next run: {left}")


class Continued(Kind):
    """A run that goes on where the last one was killed, until it ends with the reference's bytes."""

    def prepare(self):
        self.seconds = self.run_whole(self.command_in(self.base / "whole"))
        self.whole = copy_of(self.base / "whole")

    def command(self):
        return self.command_in(self.folder)

    def after_end(self, run):
        super().after_end(run)
        self.compare()
        shutil.rmtree(self.folder)

    def compare(self):
        self.need_no_temporaries()
        check_folder(self.folder)
        found = copy_of(self.folder)
        need(sorted(found) == sorted(self.whole), f"other files than unkilled: {sorted(set(found) ^ set(self.whole))}")
        different = [name for name in found if found[name] != self.whole[name]]
        need(not different, f"other bytes than unkilled: {different}")

    def finish(self):
        if self.folder.exists():
            self.run_whole(self.command())
            self.compare()


class Train(Continued):
    name = "train"

    def command_in(self, folder):
        state = folder / "training/state.safetensors"
        return self.train(folder, 150, *SMALL, "--steps", 120, "--tokens-per-step", 64, "--checkpoint-every", 3, "--validate-every", 5,
                          "--observe-every", 4, "--keep-checkpoints", *(["--resume"] if state.exists() else []))

    def after_kill(self, run):
        super().after_kill(run)
        said = [int(step) for step in re.findall(r"step (\d+): checkpoint saved", run.text())]
        if not said:
            return
        header, _ = split_safetensors((self.folder / "training/state.safetensors").read_bytes())
        step = int(header["__metadata__"]["step"])
        need(step >= said[-1], f"step {said[-1]} was said to be saved, the state is of step {step}")


class Scan(Continued):
    name = "scan"
    num_records = 0

    def prepare(self):
        self.run_whole(self.train(self.base / "model", 100, *SMALL, "--steps", 2))
        super().prepare()

    def command_in(self, folder):
        return self.headlight("scan", "--model", self.base / "model", "--corpus", self.corpus(100), "--output-dir", folder,
                              "--sequences", 16, "--length", 16, "--random-models", 1, "--threads", 1)

    def after_kill(self, run):
        super().after_kill(run)
        journals = list(self.folder.glob("journal-*.bin")) if self.folder.exists() else []
        count = journal_records(journals[0].read_bytes()) if journals else 0
        need(count >= self.num_records, f"the journal had {self.num_records} records and now has {count}")
        self.num_records = count

    def after_end(self, run):
        super().after_end(run)
        self.num_records = 0


class Figures(Kind):
    """Figures, JSON and a dump of two texts in turn, over one another."""

    name = "figures"
    texts = ["The cat sat on the mat.", "The dog ran to the mat."]

    def command_of(self, folder, text, ending):
        return self.headlight("analyze", "--model", ROOT / "assets/demo", "--text", text, "--format", ending, "--output-dir", folder,
                              "--json", folder / "report.json", "--dump", folder / "dump.safetensors", "--threads", 1)

    def prepare(self):
        self.seconds, self.good = 0, {}
        for number, text in enumerate(self.texts):
            for ending in ("png", "svg", "pdf"):
                folder = self.base / f"whole_{number}_{ending}"
                self.seconds = max(self.seconds, self.run_whole(self.command_of(folder, text, ending)))
                for name, data in copy_of(folder).items():
                    self.good.setdefault(name, set()).add(self.comparable(name, data))

    @staticmethod
    def comparable(name, data):
        """A PDF says when it was made, a report how long it took."""
        if name.endswith(".pdf"):
            return re.sub(rb"/CreationDate \([^)]*\)", b"", data)
        return re.sub(rb'"[a-z_]*(ms|seconds)": [0-9.e+-]+', b"", data) if name.endswith(".json") else data

    def command(self):
        return self.command_of(self.folder, self.rng.choice(self.texts), self.rng.choice(["png", "svg", "pdf"]))

    def after_kill(self, run):
        super().after_kill(run)
        for name, data in copy_of(self.folder).items() if self.folder.exists() else ():
            need(is_temporary(name) or self.comparable(name, data) in self.good[name], f"{name} is neither the old nor the new file")

    def after_end(self, run):
        super().after_end(run)
        self.after_kill(run)
        self.need_no_temporaries()

    def finish(self):
        self.run_whole(self.command())
        self.need_no_temporaries()


class Settings(Kind):
    """Settings written without end by the window's writer, in a program of a few lines."""

    name = "settings"
    seconds = 6.0

    def path(self):
        return self.folder / "settings.json"

    def command(self):
        return [str(self.options.settings_writer), str(self.path())]

    def after_kill(self, run):
        super().after_kill(run)
        need(not list(self.base.rglob("*.broken-*")), "settings were taken for broken")
        safe = [int(line) for at, line in run.lines if at <= run.killed_at - LAST_SECOND]
        if not safe:
            return
        width = json.loads(self.path().read_bytes())["window_width"]
        need(width >= safe[-1], f"width {safe[-1]} was set more than {LAST_SECOND} s before, the file says {width}")

    def after_end(self, run):
        raise Failed(f"ended by itself:\n{run.text()}")

    def finish(self):
        run = Run(self.command())
        run.end_after(2 * LAST_SECOND)
        left = [path for path in temporaries(self.folder) if f"-{run.process.pid}-" not in path.name]
        need(not left, f"temporary files outlived the next run: {left}")


class Window(Kind):
    """The window itself, which remembers what was opened."""

    name = "window"
    seconds = 3.0

    def prepare(self):
        self.models = [self.base / f"model_{i}" for i in range(3)]
        for model in self.models:
            shutil.copytree(ROOT / "assets/demo", model)

    def command(self):
        return self.headlight("open", self.rng.choice(self.models), "--threads", 1)

    def environment(self):
        return {**Display.environment(), "XDG_CONFIG_HOME": str(self.folder), "XDG_STATE_HOME": str(self.base / "state")}

    def after_kill(self, run):
        super().after_kill(run)
        need(not list(self.base.rglob("*.broken-*")), "settings were taken for broken")
        path = self.folder / "headlight/settings.json"
        recent = json.loads(path.read_bytes())["recent"] if path.exists() else []
        need(set(recent) <= set(map(str, self.models)), f"unknown models in the settings: {recent}")
        self.num_remembered = max(getattr(self, "num_remembered", 0), len(recent))

    def after_end(self, run):
        raise Failed(f"ended by itself with {run.process.returncode}:\n{run.text()}")

    def finish(self):
        need(self.num_remembered > 0 or self.options.times < 20, "no settings were ever written")


class Session(Kind):
    """The window while a text is typed: what it keeps by itself is at most a second old, and comes back at the next start."""

    name = "session"
    seconds = 6.0
    num_kept = 0

    def prepare(self):
        self.steps, self.state = self.folder / "steps", self.folder / "state"
        self.script = self.base / "script.txt"
        # Each text is saved under its number too: the time of that file says when it was typed.
        self.script.write_text("wait\n" + "".join(f'text "the cat sat {i}"\nsave_session "{self.steps}/{i}.headlight"\nwait\n' for i in range(2000)))

    def open(self, script):
        return self.headlight("open", ROOT / "assets/demo", "--script", script, "--autosave", "--hidden", "--threads", 1)

    def command(self):
        shutil.rmtree(self.steps, ignore_errors=True)
        self.steps.mkdir(parents=True)
        return self.open(self.script)

    def environment(self):
        return {**Display.environment(), "XDG_CONFIG_HOME": str(self.folder / "config"), "XDG_STATE_HOME": str(self.state)}

    def after_kill(self, run):
        super().after_kill(run)
        age = time.monotonic() - run.killed_at
        safe = [int(path.stem) for path in self.steps.glob("*.headlight") if time.time() - path.stat().st_mtime >= age + LAST_SECOND]
        kept = list(self.state.rglob(f"window-{run.process.pid}-*.headlight"))
        if not safe:
            return
        need(kept, f"text {max(safe)} was typed more than {LAST_SECOND} s before, and nothing is kept")
        self.text = json.loads(kept[0].read_bytes())["text"]
        need(int(self.text.split()[-1]) >= max(safe), f"text {max(safe)} was typed more than {LAST_SECOND} s before, '{self.text}' is kept")
        self.num_kept += 1

    def after_end(self, run):
        raise Failed(f"ended by itself with {run.process.returncode}:\n{run.text()}")

    def finish(self):
        """The newest of what was killed is what the next window brings back."""
        if self.num_kept == 0:
            need(self.options.times < 20, "nothing was ever kept")
            return
        newest = max(self.state.rglob("window-*.headlight"), key=lambda path: path.stat().st_mtime)
        text, found = json.loads(newest.read_bytes())["text"], self.base / "found.headlight"
        script = self.base / "restore.txt"
        script.write_text(f'wait\nrestore_session\nwait\nsave_session "{found}"\nwait\nquit\n')
        run = Run(self.open(script), self.environment())
        need(not run.end_after(120) and run.process.returncode == 0, f"the session was not brought back:\n{run.text()}")
        need(json.loads(found.read_bytes())["text"] == text, "another session was brought back")
        need(not newest.exists(), f"{newest} is still offered")


class Cut(Kind):
    """The model's file is cut off or written into while it is read, by a command and by the window."""

    name = "cut"

    def prepare(self):
        self.model, self.weights = self.base / "model", self.base / "model/model.safetensors"
        self.run_whole(self.train(self.model, 60, "--steps", 1, "--embedding-dimension", 256, "--number-of-heads", 4,
                                  "--number-of-layers", 8, "--intermediate-size", 512, "--save-dtype", "float32"))
        self.bytes = self.weights.read_bytes()
        self.script = self.base / "script.txt"
        texts = (f'text "{" ".join(WORDS[: 3 + i])}"\nwait\n' for i in range(12))
        self.script.write_text(f'open "{self.model}"\nwait\n' + "".join(texts) + "quit\n")
        # Writing that ended before the program opened the file gives the other file's numbers; a mixture is none of the two.
        self.other_bytes = self.bytes[:len(self.bytes) // 2] + bytes(len(self.bytes) // 4)
        self.other_bytes += self.bytes[len(self.other_bytes):]
        self.good = []
        for data in (self.other_bytes, self.bytes):
            self.weights.write_bytes(data)
            self.seconds = self.run_whole(self.analyze())
            self.good.append(self.report())
        self.counts = {"right": 0, "refused": 0}

    def report(self):
        return json.loads((self.base / "report.json").read_bytes())["metrics"]

    def analyze(self):
        return self.headlight("analyze", "--model", self.model, "--text", "the cat sat on a mat " * 5, "--no-plots", "--threads", 2,
                              "--json", self.base / "report.json")

    def change(self):
        if self.rng.random() < 0.7:
            os.truncate(self.weights, self.rng.choice([0, self.rng.randrange(len(self.bytes))]))
        else:
            self.weights.write_bytes(self.other_bytes)  # as training does it: emptied, then filled

    def kill(self):
        self.weights.write_bytes(self.bytes)
        (self.base / "report.json").unlink(missing_ok=True)
        is_window = shutil.which("Xvfb") is not None and self.rng.random() < 0.3
        run = Run(self.headlight("open", "--hidden", "--script", self.script, "--threads", 2), Display.environment()) \
            if is_window else Run(self.analyze())
        time.sleep(self.rng.uniform(0, (4 if is_window else 1) * self.seconds))
        self.change()
        need(not run.end_after(120), "did not end")
        code = run.process.returncode
        need(code in (0, 1), f"ended with {code}:\n{run.text()}")
        if code == 1:
            need("error: " in run.text() and not (self.base / "report.json").exists(), f"an error and a report:\n{run.text()}")
        elif not is_window:
            need(self.report() in self.good, "numbers of neither file, and no error")
        self.counts["right" if code == 0 else "refused"] += 1

    def finish(self):
        print(f"cut: {self.counts['right']} ended before it with the right numbers, {self.counts['refused']} with an error")


KINDS = [Train, Scan, Figures, Settings, Window, Session, Cut]


def reason_to_skip(kind, options):
    if kind in (Window, Session) and shutil.which("Xvfb") is None:
        return "there is no Xvfb"
    if kind is Settings and not options.settings_writer.exists():
        return f"{options.settings_writer} is not built"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/headlight")
    parser.add_argument("--settings-writer", type=pathlib.Path, default=ROOT / "build/release/tests/kill/write_settings")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/kill", help="emptied; what is wrong stays there")
    parser.add_argument("--kind", nargs="+", choices=[kind.name for kind in KINDS], default=[kind.name for kind in KINDS])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.binary, options.folder = options.binary.resolve(), options.folder.resolve()
    num_failed = 0
    for kind in (kind for kind in KINDS if kind.name in options.kind):
        reason = reason_to_skip(kind, options)
        if reason:
            print(f"{kind.name}: SKIPPED, {reason}", flush=True)
            continue
        number, begin = 0, time.monotonic()
        try:
            writer = kind(options, random.Random(f"{options.seed} {kind.name}"))
            writer.prepare()
            for number in range(1, options.times + 1):
                writer.kill()
            writer.finish()
            print(f"{kind.name}: {options.times} times, {writer.num_ended} runs ended in between, all whole "
                  f"({time.monotonic() - begin:.0f} s)", flush=True)
        except (Failed, ValueError) as problem:
            num_failed += 1
            print(f"{kind.name}: FAILED at number {number} of seed {options.seed}: {problem}", flush=True)
    Display.end()
    return 1 if num_failed else 0


if __name__ == "__main__":
    sys.exit(main())
