#!/usr/bin/env python3
"""From a key to the picture: types at a real window and prints what each part of the way takes.

    tests/benchmarks/key_to_picture.py MODEL [--binary build/release/headlight] [--baseline HEADLIGHT]
        [--tokens 64 256 1024] [--repeats 12] [--size 1600x900] [--scale 1] [--json FILE]

Starts a display of its own (Xvfb) and in it a window of each program, and presses keys in turn through the X test
extension: a letter at the end and backspace, a letter in the middle and backspace. The parts come from
HEADLIGHT_FRAME_LOG; a program that does not write them yet (a baseline) is timed from outside alone: until the window
has come to rest, and in processor time. Needs Xvfb, libX11 and libXtst; no other package. Asserts nothing.
"""
import argparse
import collections
import contextlib
import ctypes
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROSE = [ROOT / "docs" / name for name in ("architecture.md", "trust.md", "training.md", "sessions.md")]
QUIET_SECONDS = 0.25  # without a frame: nothing more comes
MOST_SECONDS = 30
START_SECONDS = 120


class Display:
    """An X server of our own, and keys for its windows."""

    def __init__(self, width, height):
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            sys.exit("Xvfb did not start")
        self.name = f":{number}"
        self.x11, self.xtst = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XStringToKeysym.restype = ctypes.c_ulong
        self.x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self.link = ctypes.c_void_p(self.x11.XOpenDisplay(self.name.encode()))
        self.root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.link))

    def windows(self):
        parent, root, children, count = (ctypes.c_ulong(), ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)(),
                                         ctypes.c_uint())
        self.x11.XQueryTree(self.link, self.root, ctypes.byref(root), ctypes.byref(parent), ctypes.byref(children),
                            ctypes.byref(count))
        return {children[i] for i in range(count.value)}

    def focus(self, window):
        parent_gets_it, now = 2, 0
        self.x11.XRaiseWindow(self.link, ctypes.c_ulong(window))
        self.x11.XSetInputFocus(self.link, ctypes.c_ulong(window), parent_gets_it, ctypes.c_ulong(now))
        self.x11.XSync(self.link, 0)

    def press(self, *keys):
        """Keys held together, by their X names."""
        codes = [self.x11.XKeysymToKeycode(self.link, ctypes.c_ulong(self.x11.XStringToKeysym(key.encode())))
                 for key in keys]
        for is_down in (1, 0):
            for code in codes if is_down else reversed(codes):
                self.xtst.XTestFakeKeyEvent(self.link, code, is_down, ctypes.c_ulong(0))
        self.x11.XFlush(self.link)

    def close(self):
        self.server.terminate()
        self.server.wait()


class Window:
    """A running program and its log, read while it is written."""

    def __init__(self, binary, model, display, folder, options):
        folder.mkdir()
        self.log_path, self.socket = folder / "frames.log", folder / "s"
        environment = dict(os.environ, DISPLAY=display.name, HEADLIGHT_FRAME_LOG=str(self.log_path),
                           LIBGL_ALWAYS_SOFTWARE="1", XDG_CONFIG_HOME=str(folder / "config"),
                           XDG_STATE_HOME=str(folder / "state"), XDG_CACHE_HOME=str(folder / "cache"),
                           HEADLIGHT_SOCKET=str(self.socket))
        beside = pathlib.Path(binary).parent / "libheadlight_engine.so"
        if beside.exists():
            environment["HEADLIGHT_ENGINE"] = str(beside)
        self.binary, self.environment, self.display = binary, environment, display
        before = display.windows()
        command = [binary, "open", model, "--size", options.size, "--socket", str(self.socket)]
        if options.scale:
            command += ["--scale", str(options.scale)]
        self.model = model
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL,
                                        stderr=(folder / "errors").open("w"))
        self.rest, self.log = "", None
        self.offset = float("inf")  # from the log's clock to ours
        self.wait_for(lambda: self.log_path.exists() and self.socket.exists())
        self.log = self.log_path.open()
        self.wait_for(lambda: display.windows() - before)
        self.window = max(display.windows() - before)
        self.rest_now()

    def wait_for(self, is_there):
        until = time.monotonic() + START_SECONDS
        while not is_there():
            if time.monotonic() > until or self.process.poll() is not None:
                sys.exit(f"{self.binary}: the window did not come up")
            time.sleep(0.01)

    def send(self, *commands):
        arguments = [word for command in commands for word in ("--command", command)]
        subprocess.run([self.binary, "send", "--socket", str(self.socket), *arguments], env=self.environment,
                       check=True, stdout=subprocess.DEVNULL)
        self.rest_now()

    def read(self):
        """New whole lines of the log, each as (our time of reading, columns)."""
        text = self.rest + self.log.read()
        now = time.monotonic()
        *whole, self.rest = text.split("\n")
        new = [line.split("\t") for line in whole if line and not line.startswith("seconds")]
        for columns in new:
            if not columns[0].startswith("#"):
                self.offset = min(self.offset, now - float(columns[0]))
        return new

    def rest_now(self, *keys, runs_text=False):
        """Presses keys and reads the log until nothing more is drawn, and no job runs."""
        out, begin = [], time.monotonic()
        if keys:
            self.display.press(*keys)
        last, quiet = begin, QUIET_SECONDS
        is_owed, is_busy = bool(keys), runs_text  # a frame that shows the key; a run that begins with it
        while time.monotonic() - begin < MOST_SECONDS:
            new = self.read()
            for line in new:
                if not line[0].startswith("#"):
                    is_owed, is_busy = False, line[2] == "1"
                    quiet = max(QUIET_SECONDS, 3 * float(line[1]) / 1000)
            if new:
                last = time.monotonic()
                out += new
            if not is_owed and not is_busy and time.monotonic() - last > quiet:
                break
            time.sleep(0.0005)
        return begin, out

    def processor_ms(self):
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e6

    def measure(self, *keys):
        before = self.processor_ms()
        begin, lines = self.rest_now(*keys, runs_text=True)
        sample = {"processor": self.processor_ms() - before}
        frames = [line for line in lines if not line[0].startswith("#")]
        busy = [i for i, line in enumerate(frames) if line[2] == "1"]
        end = frames[min(busy[-1] + 1, len(frames) - 1)] if busy else frames[-1]
        sample["rest"] = (float(end[0]) + self.offset - begin) * 1000
        sample["frames"] = len(frames)
        sample["frame"] = statistics.median(float(line[1]) for line in frames)
        for line in lines:
            if line[0] == "# picture":
                sample.update((name, float(value)) for name, value in (word.split("=") for word in line[2:]))
        return sample

    def close(self):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def text_of(window, num_tokens):
    """A text of that many tokens, counted by the program's own tokenizer."""
    words = " ".join(path.read_text() for path in PROSE).split()
    words = [word for word in words if word.strip("|#`*-").isalpha()][:num_tokens + 8]
    texts = [" ".join(words[:count]) for count in range(1, len(words))]
    out = subprocess.run([window.binary, "tokenize", "--model", window.model, "--jsonl"], check=True, text=True,
                         input="".join(json.dumps({"text": text}) + "\n" for text in texts), capture_output=True,
                         env=window.environment).stdout
    counts = [len(json.loads(line)["ids"]) for line in out.splitlines()]
    return texts[min(range(len(counts)), key=lambda i: abs(counts[i] - num_tokens))]


def move_to_middle(window, text):
    """By keys alone: there is no command for it."""
    window.rest_now("Control_L", "Home")
    words = text.count(" ") // 2
    for _ in range(words):
        window.display.press("Control_L", "Right")
        time.sleep(0.02)
    window.rest_now()


def measure_all(windows, text, repeats):
    """{program: {edit: [samples]}}; programs take turns, so that what else runs on the machine meets all alike."""
    out = {name: collections.defaultdict(list) for name in windows}
    for window in windows.values():
        window.display.focus(window.window)
        window.send("text " + json.dumps(text), "focus_text")
    for place in ("end", "middle"):
        for window in windows.values():
            window.display.focus(window.window)
            if place == "end":
                window.rest_now("Control_L", "End")
            else:
                move_to_middle(window, text)
        for repeat in range(repeats + 1):
            for name, window in windows.items():
                window.display.focus(window.window)
                window.rest_now()
                for edit, key in (("letter", "a"), ("backspace", "BackSpace")):
                    sample = window.measure(key)
                    if repeat > 0:  # the first one touches what the others find
                        out[name][f"{edit}, {place}"].append(sample)
    return out


def print_table(results, num_tokens):
    for edit in next(iter(results.values())):
        print(f"\n{num_tokens} tokens, {edit}: median (least) in ms")
        names = []
        for samples in (result[edit] for result in results.values()):
            names += [name for sample in samples for name in sample if name not in names]
        print(f"{'':>12} " + " ".join(f"{program:>22}" for program in results) +
              ("   of the whole" if "whole" in names else ""))
        for name in dict.fromkeys(names):
            cells, medians = [], []
            for result in results.values():
                values = [sample[name] for sample in result[edit] if name in sample]
                medians.append(statistics.median(values) if values else None)
                cells.append(f"{medians[-1]:>13.2f} ({min(values):.2f})" if values else "–")
            wholes = [sample["whole"] for sample in next(iter(results.values()))[edit] if "whole" in sample]
            share = f"{medians[0] / statistics.median(wholes):>10.0%}" if wholes and medians[0] is not None else ""
            ratio = f"   x {medians[0] / medians[1]:.2f}" if len(medians) > 1 and None not in medians and medians[1] else ""
            print(f"{name:>12} " + " ".join(f"{cell:>22}" for cell in cells) + share + ratio)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--binary", default="build/release/headlight")
    parser.add_argument("--baseline", help="another build, timed in turn with the first")
    parser.add_argument("--tokens", type=int, nargs="+", default=[64, 256, 1024])
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--size", default="1600x900")
    parser.add_argument("--scale", type=float)
    parser.add_argument("--json", help="all samples go there")
    options = parser.parse_args()
    binaries = {"now": options.binary} | ({"baseline": options.baseline} if options.baseline else {})
    width, height = (int(part) for part in options.size.split("x"))
    print(f"load of the machine: {' '.join(f'{load:.2f}' for load in os.getloadavg())}, {os.cpu_count()} processors")
    all_results = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ends:
        windows = {}
        for name, binary in binaries.items():
            display = Display(width, height)
            ends.callback(display.close)
            windows[name] = Window(os.path.abspath(binary), options.model, display, pathlib.Path(folder, name), options)
            ends.callback(windows[name].close)
        for num_tokens in options.tokens:
            text = text_of(next(iter(windows.values())), num_tokens)
            results = measure_all(windows, text, options.repeats)
            print_table(results, num_tokens)
            all_results[num_tokens] = results
    print(f"\nload of the machine: {' '.join(f'{load:.2f}' for load in os.getloadavg())}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(all_results))


if __name__ == "__main__":
    main()
