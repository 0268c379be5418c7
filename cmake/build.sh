#!/usr/bin/env bash
# build.sh PRESET [targets...]: configures once and builds, with all output on stderr. Used by run.sh and test.sh.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=$1
shift
build="$root/build/$preset"
log="$build/build.log"
mkdir -p "$build"
if [ ! -e "$build/build.ninja" ]; then
    echo "Configuring ($preset) ..." >&2
    if ! (cd "$root" && cmake --preset "$preset") >"$log" 2>&1; then
        cat "$log" >&2
        echo "error: cmake could not configure the build; its words are above." >&2
        exit 1
    fi
fi
if (cd "$build" && ninja -n "$@") 2>/dev/null | grep -q 'no work to do'; then exit 0; fi
echo "Building ($preset); the first time takes some minutes ..." >&2
if [ -t 2 ]; then
    (cd "$build" && NINJA_STATUS='[%f/%t] ' ninja "$@") >&2
elif ! (cd "$build" && ninja "$@") >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    echo "error: the build failed; the whole log is in ${log#"$root/"}" >&2
    exit 1
fi
