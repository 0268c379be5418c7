#!/usr/bin/env python3
"""Copies the libraries that the program needs into the relocatable package, with their licences.

    bundle.py --root FOLDER --skip-dir FOLDER ELF...

Libraries go to FOLDER/lib/headlight, where the program's own path finds them. Those of glibc are the system's always.
Those that graphics drivers use as well go to lib/headlight/spare/<name>/<name>, beside a list of the versions that the
program needs of them: launcher.cpp takes them where the system has none as new.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

GLIBC = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|nsl|anl|BrokenLocale|mvec|thread_db))\.so\.\d+$|linux-vdso")
SHARED_WITH_DRIVERS = re.compile(r"lib(stdc\+\+|gcc_s|X|xcb|bsd\.|md\.|z\.|expat\.|ffi\.)")
# GLFW opens these when a window is made.
OPENED_LATER = ["libXcursor.so.1", "libXi.so.6", "libXrandr.so.2", "libXinerama.so.1", "libXxf86vm.so.1", "libX11-xcb.so.1"]


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def needed_by(elf):
    """{name: path} of everything that the loader would open for `elf`."""
    found = {}
    for line in run("ldd", str(elf)).splitlines():
        words = line.split()
        if "not found" in line:
            sys.exit(f"error: {elf} needs {words[0]}, which this machine does not have")
        if "=>" in words:
            found[words[0]] = pathlib.Path(words[2])
    return found


def system_paths():
    """{name: path} of all libraries that this machine knows."""
    lines = re.findall(r"^\s+(\S+) \(libc6,x86-64[^)]*\) => (\S+)", run("/sbin/ldconfig", "-p"), re.M)
    lines += re.findall(r"^\s+(\S+) \(libc6,AArch64[^)]*\) => (\S+)", run("/sbin/ldconfig", "-p"), re.M)
    return {name: pathlib.Path(path) for name, path in reversed(lines)}


def versions_needed(elves):
    """{library: {version: a symbol of it}}, from the undefined symbols of `elves`."""
    needed = {}
    for elf in elves:
        owners = {}
        for block in re.split(r"\n(?=\s+0x\w+: Version:|\s+\d+: Version:|\s+\w+: Version:)", run("readelf", "-VW", str(elf))):
            owner = re.search(r"Version: 1\s+File: (\S+)", block)
            if owner:
                for version in re.findall(r"Name: (\S+)", block):
                    owners[version] = owner.group(1)
        for symbol, version in re.findall(r"UND (\w+)@(\S+)", run("readelf", "--dyn-syms", "-W", str(elf))):
            if version in owners:
                needed.setdefault(owners[version], {}).setdefault(version, symbol)
    return needed


def copy_licence(path, folder):
    """Debian's copyright file of the package that `path` came from; a name in place of it where there is none."""
    owner = subprocess.run(["dpkg", "-S", str(path.resolve())], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if owner.returncode != 0:
        owner = subprocess.run(["dpkg", "-S", str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    package = owner.stdout.split(":")[0] if owner.returncode == 0 else ""
    source = pathlib.Path("/usr/share/doc") / package / "copyright"
    if not package or not source.exists():
        sys.exit(f"error: no licence was found for {path}; it cannot be given away")
    shutil.copyfile(source, folder / f"{package}.txt")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, required=True, help="folder of the package")
    parser.add_argument("--skip-dir", type=pathlib.Path, action="append", default=[], help="libraries from here are not copied")
    parser.add_argument("elves", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    skipped = [folder.resolve() for folder in options.skip_dir]

    needed = {}
    for elf in options.elves:
        needed.update(needed_by(elf))
    known = system_paths()
    for name in OPENED_LATER:
        if name not in known:
            sys.exit(f"error: {name} is not on this machine; third_party/install.sh packages brings it")
        needed[name] = known[name]
        needed.update(needed_by(known[name]))
    needed = {name: path for name, path in needed.items()
              if not GLIBC.match(name) and path.resolve().parent not in skipped and path.parent not in skipped}

    folder, licences = options.root / "lib/headlight", options.root / "share/doc/headlight/licences"
    folder.mkdir(parents=True, exist_ok=True)
    licences.mkdir(parents=True, exist_ok=True)
    versions = versions_needed([*options.elves, *needed.values()])
    for name, path in sorted(needed.items()):
        target = folder / name
        if SHARED_WITH_DRIVERS.match(name):
            (folder / "spare" / name).mkdir(parents=True, exist_ok=True)
            target = folder / "spare" / name / name
            lines = [f"{symbol} {version}\n" for version, symbol in sorted(versions.get(name, {}).items())]
            (target.parent / "needs").write_text("".join(lines))
        shutil.copyfile(path, target)
        target.chmod(0o755)
        copy_licence(path, licences)
    glibc = max((version for version in versions.get("libc.so.6", {}) if re.fullmatch(r"GLIBC_[\d.]+", version)),
                key=lambda version: [int(part) for part in version[6:].split(".")])
    print(f"{len(needed)} libraries copied; the package needs {glibc} or newer")


if __name__ == "__main__":
    main()
