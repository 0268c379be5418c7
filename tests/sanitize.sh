#!/usr/bin/env bash
# sanitize.sh [asan|tsan] [ctest arguments]: builds and runs the tests under the address and undefined-behaviour sanitizers, then
# those of the rooms without LibTorch under the thread sanitizer; on two cores the two take less than an hour together.
# Prints one line a preset. Ends in 1 when a test failed or a sanitizer spoke.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
presets=(asan tsan)
case "${1:-}" in asan | tsan)
    presets=("$1")
    shift
    ;;
esac
"$root/third_party/install.sh" tests
export LIBGL_ALWAYS_SOFTWARE=1
failed=0
for preset in "${presets[@]}"; do
    begin=$SECONDS
    "$root/cmake/build.sh" "$preset"
    built=$SECONDS
    log="$root/build/$preset/sanitize.log"
    if (cd "$root" && xvfb-run -a -s '-screen 0 2560x1440x24 -nolisten tcp -noreset' \
        ctest --preset "$preset" -j "$(nproc)" "$@") >"$log" 2>&1; then
        verdict=clean
    else
        verdict=FOUND
        failed=1
        grep -E 'ERROR: |WARNING: ThreadSanitizer|runtime error|Failed|\*\*\*' "$log" | head -n 40 >&2 || true
    fi
    tests=$(grep -E '^[0-9]+% tests passed' "$log" || echo 'no test ran')
    echo "$preset: $verdict; $tests; built in $((built - begin)) s, ran $((SECONDS - built)) s; ${log#"$root/"}"
done
exit $failed
