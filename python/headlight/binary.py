"""The program `headlight`: where it is, and how it is called."""
import os
import pathlib
import re
import shutil
import subprocess

from .errors import BinaryNotFound, HeadlightError


def find_binary():
    """$HEADLIGHT_BINARY, else the one in this package (a wheel with binaries), else the one in PATH. Raises BinaryNotFound."""
    named = os.environ.get("HEADLIGHT_BINARY")
    if named:
        if os.access(named, os.X_OK) and os.path.isfile(named):
            return named
        raise BinaryNotFound(f"HEADLIGHT_BINARY names {named}, which is no program", kind="missing")
    packaged = pathlib.Path(__file__).resolve().parent / "bin" / "headlight"
    if os.access(packaged, os.X_OK):
        return str(packaged)
    found = shutil.which("headlight")
    if found:
        return found
    raise BinaryNotFound("the program 'headlight' was not found; install it, put it into PATH, or name it in HEADLIGHT_BINARY", kind="missing")


def option_arguments(options):
    """Keywords as options of the command line: top_k=3 -> --top-k 3; True -> the flag alone; False and None -> nothing; a list ->
    its items after the option; an option that is called as a Python keyword takes an underscore behind it."""
    out = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        out.append("--" + name.rstrip("_").replace("_", "-"))
        if value is True:
            continue
        values = value if isinstance(value, (list, tuple)) else [value]
        out.extend(os.fspath(item) if isinstance(item, os.PathLike) else str(item) for item in values)
    return out


def error_of(stderr, code):
    """The line `error: ...` of the program and what follows it, as an exception."""
    found = re.search(r"(?m)^error: (.*)$((?:\n[ \t].*)*)", stderr)
    if not found:
        last = stderr.strip().splitlines()[-1:] or ["it said nothing"]
        return HeadlightError(f"headlight ended with {code}: {last[0]}", stderr.strip())
    details = "\n".join(line.strip() for line in found.group(2).strip("\n").splitlines())
    return HeadlightError(found.group(1), details, kind="invalid input" if code == 2 else "")


def call(arguments, input_text=None):
    """Runs `headlight ARGUMENTS` and returns what it wrote to standard output. Raises HeadlightError with what it said."""
    done = subprocess.run([find_binary(), *map(str, arguments)], input=input_text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", errors="replace", check=False)
    if done.returncode != 0:
        raise error_of(done.stderr, done.returncode)
    return done.stdout
