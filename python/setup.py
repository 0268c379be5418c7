"""Takes the version from the one place where it stands: project(headlight VERSION ...) in CMakeLists.txt."""
import pathlib
import re

from setuptools import setup

HERE = pathlib.Path(__file__).resolve().parent


def version():
    for name, pattern in (("../CMakeLists.txt", r"project\(headlight\s+VERSION\s+([0-9.]+)"), ("PKG-INFO", r"(?m)^Version: (\S+)")):
        path = HERE / name
        found = re.search(pattern, path.read_text(encoding="utf-8")) if path.is_file() else None
        if found:
            return found.group(1)
    raise RuntimeError("no version: neither ../CMakeLists.txt of the source tree nor PKG-INFO of a source distribution is there")


setup(version=version())
