"""What the tests of the Python package share: arrays, a stub of the program, a display of their own."""
import contextlib
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

try:
    import numpy as np
except ImportError:
    np = None
    print("SKIPPED: numpy is not there", file=sys.stderr)
    sys.exit(77)


def softmax_rows(shape, is_causal=True, seed=0):
    """Attention of the shape [..., queries, keys]: rows sum to 1."""
    values = np.random.default_rng(seed).random(shape, np.float32) + np.float32(0.01)
    if is_causal:
        values *= np.tril(np.ones(shape[-2:], np.float32), shape[-1] - shape[-2])
    return values / values.sum(-1, keepdims=True)


def need_binary():
    binary = os.environ.get("HEADLIGHT_BINARY", "")
    if not os.access(binary, os.X_OK):
        raise unittest.SkipTest("HEADLIGHT_BINARY names no program")
    return binary


@contextlib.contextmanager
def environment(**values):
    """Variables of the environment for a while; None takes one away."""
    before = {name: os.environ.get(name) for name in values}
    try:
        for name, value in values.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, str(value))
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


@contextlib.contextmanager
def stub_binary(body):
    """A program in place of headlight: Python that finds its arguments in `args`."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "headlight")
        path.write_text(f"#!{sys.executable}\nimport sys\nargs = sys.argv[1:]\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        with environment(HEADLIGHT_BINARY=path):
            yield pathlib.Path(folder)


class WindowCase(unittest.TestCase):
    """A window on a display of this class's own, with settings and sockets in folders of its own."""

    @classmethod
    def setUpClass(cls):
        need_binary()
        server = shutil.which("Xvfb")
        if server is None:
            raise unittest.SkipTest("Xvfb is not there")
        cls.folder = tempfile.mkdtemp(prefix="hl-")
        os.chmod(cls.folder, 0o700)
        read, write = os.pipe()
        cls.display = subprocess.Popen([server, "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"], pass_fds=[write],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        cls.stack = contextlib.ExitStack()
        cls.stack.enter_context(environment(DISPLAY=f":{number}", WAYLAND_DISPLAY=None, LIBGL_ALWAYS_SOFTWARE="1", XDG_RUNTIME_DIR=cls.folder,
                                            XDG_CONFIG_HOME=cls.folder + "/config", HEADLIGHT_SOCKET=None))

    @classmethod
    def tearDownClass(cls):
        from headlight.window import _started

        for process in _started:
            process.terminate()
            process.wait()
        _started.clear()
        cls.stack.close()
        cls.display.terminate()
        cls.display.wait()
        shutil.rmtree(cls.folder, ignore_errors=True)
