"""The window: found, started, talked to."""
import os
import subprocess
import tempfile
import time

import numpy as np

from .binary import find_binary
from .dump import layout
from .errors import HeadlightError, NoWindow
from .protocol import Connection, chosen_socket

_START_SECONDS = 60.0
_started = []  # windows that this process started, so that they are not reaped while it runs


def has_display():
    """Is there a screen that a window could be on?"""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def start_window(path=None, *, hidden=False, size=None, arguments=()):
    """Starts a window that shows `path`, or nothing at first, and returns its socket when it answers. It outlives this process.

    Raises NoWindow with what the program said when it ends, BinaryNotFound.
    """
    folder = tempfile.mkdtemp(prefix="headlight-")
    socket_path = os.path.join(folder, "window.sock")
    command = [find_binary(), "open", "--socket", socket_path]
    command += [os.fspath(path)] if path is not None else ["--empty"]
    command += ["--hidden"] if hidden else []
    command += ["--size", f"{size[0]}x{size[1]}"] if size else []
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command + list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True)
        _started.append(process)
        return _answering(process, socket_path, said)


def _answering(process, socket_path, said):
    """The socket, when the window answers there."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            Connection(socket_path).close()
            return socket_path
        except NoWindow:
            pass
        if process.poll() is not None:
            said.seek(0)
            text = said.read().decode("utf-8", "replace").strip()
            raise NoWindow("the window did not start: " + (text.splitlines() or [f"it ended with {process.returncode}"])[0].replace("error: ", ""), text)
        time.sleep(0.02)
    process.terminate()
    raise NoWindow(f"the window did not answer within {_START_SECONDS:.0f} seconds")


class Window:
    """A window of Headlight, by its socket: `headlight.window()` finds or starts one."""

    def __init__(self, socket_path):
        self.socket = socket_path

    def _ask(self, **header):
        with Connection(self.socket) as connection:
            return connection.ask({key: value for key, value in header.items() if value is not None})

    def run(self, command, wait=True):
        """Runs a command as the palette takes it ("select 3 2"), and waits until the window has drawn what it does. Raises HeadlightError."""
        with Connection(self.socket) as connection:
            connection.ask({"message": "command", "line": command})
            if wait and command.split(None, 1)[:1] not in (["wait"], ["quit"]):
                connection.ask({"message": "wait"})

    def wait(self, seconds=None):
        """Waits until all jobs are done and drawn. Raises HeadlightError after `seconds`."""
        self._ask(message="wait", seconds=seconds)

    def state(self):
        """What the window shows when it has come to rest: a dict with model, text, tokens, selection, metrics, heads, problems."""
        return self._ask(message="state")[0]

    def attention(self, layer, head, kind=None):
        """The shown weights of a head, float32 [queries, keys], bit for bit as the window has them."""
        header, payload = self._ask(message="attention", layer=int(layer), head=int(head), kind=kind)
        return np.frombuffer(bytes(payload), "<f4").reshape(header["shape"])

    def screenshot(self, path=None):
        """The window as the bytes of a PNG file; also written to `path`."""
        png = bytes(self._ask(message="screenshot")[1])
        if path is not None:
            with open(path, "wb") as file:
                file.write(png)
        return png

    def send(self, arrays, metadata, name="from Python", axes="hqk"):
        """Shows the arrays of a dump. Returns what the window says about it. Raises HeadlightError."""
        head, parts, size = layout(arrays, metadata)
        with Connection(self.socket) as connection:
            return connection.send_dump({"message": "open", "name": name, "axes": axes}, head, parts, size)[0]

    def open(self, path):
        """Opens a model, dump, atlas or log. Raises HeadlightError with the reason where that fails."""
        path = os.fspath(path)
        if os.path.exists(path):
            path = os.path.abspath(path)
        self.run("open " + quoted(path))
        self._raise_problem("open")

    def text(self, text, decoder_text=None):
        """Runs a text through the open model. Raises HeadlightError where it cannot be run."""
        self.run("text " + quoted(text))
        if decoder_text is not None:
            self.run("decoder_text " + quoted(decoder_text))
        self._raise_problem("text")

    def _raise_problem(self, *matters):
        problems = self.state()["problems"]
        for matter in matters:
            if problems.get(matter):
                first, _, details = problems[matter].partition("\n")
                raise HeadlightError(first, details)

    def close(self):
        """Ends the window."""
        self.run("quit")

    def __repr__(self):
        return f"<Window {self.socket}>"


def quoted(word):
    """As a word of a command line: quotes, backslashes and line ends are escaped."""
    out = word.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n").replace("\t", "\\t")
    return f'"{out}"'


def window(socket=None, start=True):
    """The window at `socket` (default: HEADLIGHT_SOCKET, else the newest), or a new one. Raises NoWindow."""
    found = chosen_socket(socket)
    if found is not None:
        return Window(found)
    if not start:
        raise NoWindow("no window runs; start one with 'headlight open' or headlight.window()", kind="missing")
    if not has_display():
        raise NoWindow("no window runs, and there is no display to start one on (DISPLAY and WAYLAND_DISPLAY are not set)", kind="missing")
    return Window(start_window())
