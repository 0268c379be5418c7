#!/usr/bin/env bash
# try_wheel.sh WHEEL [PICTURES]: installs a wheel in a new virtual environment and uses it: what it says without torch (if it
# brings none), pictures, self-test, a window under a virtual display, the Python package. pip's own settings say where torch
# comes from. PICTURES is a folder for the screenshot.
set -euo pipefail
wheel=$(realpath "$1") pictures=${2:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/headlight-wheel.XXXXXX")
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache
unset HEADLIGHT_BINARY HEADLIGHT_ASSETS HEADLIGHT_ENGINE
since() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN {printf "%.1f s", to - from}'; }

echo "== $(basename "$wheel"), $(du -h "$wheel" | cut -f1)"
start=$(date +%s.%N)
python3 -m venv "$work/venv"
bin=$work/venv/bin
"$bin/pip" install --quiet "$wheel"
echo "installed in a new environment in $(since "$start"): $("$bin/pip" list --format=freeze | tr '\n' ' ')"
cd "$work"
"$bin/headlight" --version
text="The cat sat on the mat. It was fluffy."
case $wheel in
*+torch*) ;;
*)
    if "$bin/headlight" analyze --text "$text" --no-plots >/dev/null 2>error.txt; then
        echo "error: models ran although there is no torch" >&2
        exit 1
    fi
    cat error.txt
    grep -q 'pip install torch==' error.txt
    release=$(unzip -p "$wheel" headlight/lib/headlight/installed-torch.txt | head -1)
    "$bin/pip" install --quiet "torch==$release"
    echo "with $("$bin/pip" list --format=freeze | grep '^torch=')" ;;
esac
start=$(date +%s.%N)
"$bin/headlight" analyze --text "$text" --output-dir plots >report.txt 2>/dev/null
test -s plots/attention_flow.png
echo "pictures in $(since "$start")"
"$bin/headlight" selftest
"$bin/python" -c 'import headlight, pathlib; demo = pathlib.Path(headlight.__file__).parent / "share/headlight/assets/demo"; print("Python:", type(headlight.analyze(demo, "The cat sat.")).__name__)'
printf 'text "The cat sat on the mat. The dog saw the cat."\nwait\nscreenshot %s/window.png\nquit\n' "$work" >script.txt
LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s "-screen 0 1600x900x24 -nolisten tcp -noreset" "$bin/headlight" open --size 1600x900 --script script.txt
test -s window.png
if [ -n "$pictures" ]; then mkdir -p "$pictures" && cp window.png "$pictures/window_wheel.png"; fi
echo "good"
