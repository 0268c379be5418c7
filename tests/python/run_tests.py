"""Runs one test file: with the environment of make_environment.sh where there is one ($HEADLIGHT_PYTHON names another), else with this interpreter.

    python3 tests/python/run_tests.py FILE.py      # 77: skipped
"""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main():
    own = HERE.parents[1] / "build" / "python_env" / "bin" / "python"
    interpreter = os.environ.get("HEADLIGHT_PYTHON") or (str(own) if own.exists() else sys.executable)
    sys.exit(subprocess.call([interpreter, str(HERE / sys.argv[1]), *sys.argv[2:]]))


if __name__ == "__main__":
    main()
