#!/usr/bin/env bash
# aarch64.sh FOLDER: compiles the loops for any processor and their tests for aarch64 into FOLDER and runs them under qemu.
# What stands here needs doctest's header and nothing else of this system. Ends in 77 (skipped) without compiler or qemu.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$1
compiler=aarch64-linux-gnu-g++
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
if ! command -v $compiler >/dev/null || [ -z "$qemu" ]; then
    echo "SKIPPED: $compiler or qemu-aarch64 is absent (packages g++-aarch64-linux-gnu, qemu-user-static)"
    exit 77
fi
header=$(find /usr/include /usr/local/include -path '*doctest/doctest.h' 2>/dev/null | head -n 1)
if [ -z "$header" ]; then
    echo "SKIPPED: doctest's header was not found"
    exit 77
fi
mkdir -p "$folder/include/doctest"
cp "$header" "$folder/include/doctest/" # its folder holds headers of this machine's processor too

cd "$root"
loops=(src/kernel/kernel_portable.cpp src/kernel/product/product_portable.cpp)
sources=(src/kernel/kernel_isa.cpp src/kernel/attention_kernel.cpp src/kernel/overview.cpp src/core/row_stats.cpp
    src/kernel/product/{matrix_rows,panels,product,product_isa,stored_matrix}.cpp
    src/io/checkpoint/{dtype,quantized,small_floats}.cpp)
tests=(tests/kernel/*.cpp)
launcher=$(command -v ccache || true)
compile() { # options, then the source last
    $launcher $compiler -std=c++20 -Wall -Wextra -Wno-missing-field-initializers -Wno-psabi -Isrc -Itests -isystem "$folder/include" "${@:1:$#-1}" -c "${!#}" \
        -o "$folder/$(basename "${!#}").o"
}
export -f compile
export launcher compiler folder
printf '#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n' >"$folder/test_main.cpp"
{
    printf -- '-O3 %s\n' "${loops[@]}"
    printf -- '-O2 %s\n' "${sources[@]}"
    printf -- '-O1 %s\n' "${tests[@]}" "$folder/test_main.cpp"
} | xargs -P "$(nproc)" -L 1 bash -c 'compile "$@"' compile
objects=()
for source in "${loops[@]}" "${sources[@]}" "${tests[@]}" test_main.cpp; do objects+=("$folder/$(basename "$source").o"); done
$compiler -static "${objects[@]}" -o "$folder/test_kernel_aarch64"
exec "$qemu" "$folder/test_kernel_aarch64"
