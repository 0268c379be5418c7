"""Headlight from Python: attention of transformers, shown exactly.

    import headlight
    output = model(**inputs, output_attentions=True)
    headlight.show(output, inputs["input_ids"], tokenizer=tokenizer)
"""
import pathlib as _pathlib
import re as _re

from .binary import find_binary
from .dump import Dump, read_dump
from .errors import AttentionError, BinaryNotFound, HeadlightError, NoWindow
from .pictures import Picture, Shown, figure
from .results import Analysis, Atlas, Head, Log, analyze, read_atlas, read_log, scan
from .showing import save, show
from .window import Window, start_window, window


def _version():
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("headlight-attention")
    except PackageNotFoundError:  # from the source tree
        lists = _pathlib.Path(__file__).resolve().parents[2] / "CMakeLists.txt"
        found = _re.search(r"project\(headlight\s+VERSION\s+([0-9.]+)", lists.read_text(encoding="utf-8")) if lists.is_file() else None
        return found.group(1) if found else "0"


__version__ = _version()


def open(path, *, socket=None):  # noqa: A001, the name that people look for
    """Opens a model, a dump, an atlas or a training log in the window; starts one where none runs. Returns the Window."""
    one = window(socket)
    one.open(path)
    return one


def text(text, decoder_text=None, *, socket=None):
    """Runs a text through the model that is open in the window. Returns the Window."""
    one = window(socket, start=False)
    one.text(text, decoder_text)
    return one


def run(command, *, wait=True, socket=None):
    """Runs a command as the palette takes it: run("select 3 2"). Returns the Window."""
    one = window(socket, start=False)
    one.run(command, wait)
    return one


def screenshot(path=None, *, socket=None):
    """The window as a Picture, when it has drawn everything; also written to `path`."""
    png = window(socket, start=False).screenshot(path)
    return Picture(png, "of the window")


__all__ = ["Analysis", "Atlas", "AttentionError", "BinaryNotFound", "Dump", "Head", "HeadlightError", "Log", "NoWindow", "Picture", "Shown", "Window", "analyze",
           "figure", "find_binary", "read_atlas", "read_dump", "read_log", "run", "save", "scan", "screenshot", "show", "start_window", "text", "window"]
