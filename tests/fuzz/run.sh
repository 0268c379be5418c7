#!/usr/bin/env bash
# run.sh [SECONDS [TARGET...]]: builds the fuzzers and runs each for SECONDS (default 600), one after the other, at the lowest
# priority. What crashes one is kept in build/fuzz/findings; exits 1 if there is any. docs/fuzzing.md says what to do then.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:-600}
shift || true
build="$root/build/fuzz"
# Some systems have clang under a name with its version only.
compiler=$(command -v clang++ || compgen -c clang++- | sort -V | tail -n 1)
[ -e "$build/build.ninja" ] || (cd "$root" && cmake --preset fuzz -DCMAKE_CXX_COMPILER="$compiler" >/dev/null)
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    mapfile -t targets < <(sed -n 's/^HEADLIGHT_FUZZ(\(.*\))/\1/p' "$root/tests/fuzz/targets/targets.def")
fi
ninja -C "$build" -j "${FUZZ_JOBS:-2}" "${targets[@]/#/fuzz_}" >&2
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=64:allocator_may_return_null=1:handle_abort=1:detect_odr_violation=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
failed=0
for target in "${targets[@]}"; do
    grown="$build/corpus/$target"
    findings="$build/findings/$target"
    mkdir -p "$grown" "$findings"
    inputs=("$grown" "$root/tests/fuzz/corpus/$target")
    [ -d "$root/tests/fuzz/regressions/$target" ] && inputs+=("$root/tests/fuzz/regressions/$target")
    dictionary="$root/tests/fuzz/dictionaries/$target.dict"
    options=(-max_total_time="$seconds" -max_len=65536 -rss_limit_mb=512 -malloc_limit_mb=200 -timeout=10
        -print_final_stats=1 -artifact_prefix="$findings/")
    [ -e "$dictionary" ] && options+=(-dict="$dictionary")
    log="$build/$target.log"
    if nice -n 19 "$build/fuzz_$target" "${options[@]}" "${inputs[@]}" >"$log" 2>&1; then verdict=clean; else verdict=FOUND; failed=1; fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 || true)
    printf '%-16s %-6s %12s runs  %s  (%s s asked)\n' "$target" "$verdict" "${runs:-?}" "${edges:-cov: ?}" "$seconds"
done
exit "$failed"
