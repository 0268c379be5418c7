"""setup.py of the wheel with the program inside: make_wheel.sh puts it in place of python/setup.py.

The wheel fits every Python 3 of one system, and brings a command `headlight`. The version stands in CMakeLists.txt.
"""
import os
import pathlib
import re

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

PROJECT = (pathlib.Path(__file__).resolve().parent.parent / "CMakeLists.txt").read_text(encoding="utf-8")
VERSION = re.search(r"project\(headlight\s+VERSION\s+([0-9.]+)", PROJECT).group(1)
LOCAL = os.environ.get("HEADLIGHT_WHEEL_LOCAL", "")


class WithProgram(Distribution):
    def has_ext_modules(self):
        return True


class ForEveryPython(bdist_wheel):
    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(version=VERSION + ("+" + LOCAL if LOCAL else ""), distclass=WithProgram, cmdclass={"bdist_wheel": ForEveryPython})
