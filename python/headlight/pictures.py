"""Pictures that notebooks show."""
import os
import pathlib
import tempfile

from .binary import call, option_arguments
from .dump import write_dump
from .errors import HeadlightError


class Picture:
    """A PNG picture: notebooks show it by themselves; `save(path)` writes it."""

    def __init__(self, png, what=""):
        self.png = png
        self.what = what

    def _repr_png_(self):
        return self.png

    def save(self, path):
        with open(path, "wb") as file:
            file.write(self.png)
        return path

    def __repr__(self):
        return f"<Picture {self.what}, {len(self.png)} bytes>"


class Shown:
    """What `show` put into a window: `window` to go on with; notebooks show the window's picture."""

    def __init__(self, window, name, answer):
        self.window = window
        self.name = name
        self.milliseconds = answer.get("shown_ms")

    def screenshot(self, path=None):
        return self.window.screenshot(path)

    def _repr_png_(self):
        return self.window.screenshot()

    def __repr__(self):
        return f"<Shown {self.name} in {self.window!r}>"


def draw(arrays, metadata, layer, head, kind, name):
    """A picture of one head, or of all heads of a layer, drawn by the program from a dump."""
    with tempfile.TemporaryDirectory(prefix="headlight-") as folder:
        dump = os.path.join(folder, "attention.safetensors")
        write_dump(dump, arrays, metadata)
        output = pathlib.Path(folder, "out")
        call(["analyze", "--model", dump, "--dump-axes", "hqk", "--output-dir", output,
              *option_arguments({"layer": layer, "head": head, "attention": kind})])
        wanted = f"layer_{layer}_all_heads.png" if head is None else f"layer_{layer}_head_{head}.png"
        file = output / wanted
        if not file.is_file():
            raise HeadlightError(f"no picture {wanted} was drawn: there is no such layer or head")
        return Picture(file.read_bytes(), f"of {name}, layer {layer}" + ("" if head is None else f" head {head}"))


def figure(kind, model=None, text=None, output=None, **options):
    """A figure of that kind ("heatmap", "grid", "lines", "qk", "flow", "rollout", "topk", "layers", "attribution", ...), as
    `headlight figure KIND` draws it: `options` are its options with underscores (layer=3, head=2, column=1, width=85).

    `output`: the file (.pdf, .svg, .png, .pgf); without one a picture is returned. Raises HeadlightError.
    """
    arguments = ["figure", kind, *option_arguments({"model": model, "text": text}), *option_arguments(options)]
    if output is not None:
        call([*arguments, "--output", os.fspath(output)])
        return os.fspath(output)
    with tempfile.TemporaryDirectory(prefix="headlight-") as folder:
        file = os.path.join(folder, "figure.png")
        call([*arguments, "--output", file])
        return Picture(pathlib.Path(file).read_bytes(), kind)
