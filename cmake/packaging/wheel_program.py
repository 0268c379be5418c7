"""The command `headlight` of a wheel with the program inside: becomes it."""
import os
import pathlib
import sys


def main():
    program = str(pathlib.Path(__file__).resolve().with_name("bin") / "headlight")
    os.execv(program, [program, *sys.argv[1:]])


if __name__ == "__main__":
    main()
