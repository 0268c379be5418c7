#!/usr/bin/env bash
# build.sh PRESET [targets...]: configures once and builds, with all output on stderr; says how much of how much is done and
# about how long it will still take. Used by run.sh and test.sh.
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

about() { # seconds -> "about 3 min", in steps that do not flicker
    if [ "$1" -ge 90 ]; then echo "about $((($1 + 30) / 60)) min"; else echo "about $((($1 + 9) / 10 * 10)) s"; fi
}

# Ninja's status lines "@done/all seconds " become a line that redraws itself on a terminal, a plain one every 15 s elsewhere;
# everything else goes to the log.
show_progress() {
    local line done all seconds text last=-15
    while IFS= read -r line; do
        if [[ $line =~ ^@([0-9]+)/([0-9]+)\ ([0-9]+)[.0-9]*\  ]]; then
            done=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]} seconds=${BASH_REMATCH[3]}
            text="  $done of $all"
            # The first steps say little about the others.
            if [ "$seconds" -ge 10 ] && [ "$done" -gt 3 ]; then
                text+=", $(about $((seconds * (all - done) / done))) left"
            fi
            if [ -t 2 ]; then
                printf '\r%s\033[K' "$text" >&2
            elif [ $((seconds - last)) -ge 15 ]; then
                echo "$text" >&2
                last=$seconds
            fi
        else
            echo "$line"
        fi
    done >"$log"
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

if ! (cd "$build" && NINJA_STATUS='@%f/%t %e ' ninja "$@" 2>&1) | show_progress; then
    tail -n 60 "$log" >&2
    echo "error: the build failed; the whole log is in ${log#"$root/"}" >&2
    exit 1
fi
