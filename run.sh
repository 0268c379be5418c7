#!/usr/bin/env bash
# Installs what is missing, builds Headlight (release) and starts it.
#   ./run.sh            the window with the bundled demo; without a display, pictures of the demo in attention_plots/
#   ./run.sh ARGS...    headlight ARGS...
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$root/third_party/install.sh"
"$root/cmake/build.sh" release headlight headlight_engine
headlight="$root/build/release/headlight"

if [ $# -gt 0 ]; then exec "$headlight" "$@"; fi
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then exec "$headlight" open; fi
echo "No display was found, so no window can open. Analysing the bundled demo on the command line instead." >&2
echo "(The same: ./run.sh analyze --text \"...\"; all commands: ./run.sh --help)" >&2
"$headlight" analyze --output-dir attention_plots \
    --text "The cat sat on the mat. The dog saw the cat, and it sat on the mat again."
echo "Pictures written to attention_plots/:" >&2
(cd attention_plots && ls) | sed 's/^/  attention_plots\//' >&2
