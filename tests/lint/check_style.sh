#!/usr/bin/env bash
# check_style.sh format [files...]   clang-format over all sources, or over the given ones
# check_style.sh tidy [files...]     clang-tidy (function size, cognitive complexity, identifiers) over the sources that
#                                    changed since the last commit and in it, or over the given ones
# The same commands for ctest (label lint), the pre-commit hook and by hand. Ends in 77, "skipped", where the tool is absent.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
what=${1:-format}
shift || true

tool_of() { # clang-format -> the program of version 14, with which all files were formatted
    local name
    for name in "$1-14" "$1"; do
        if command -v "$name" >/dev/null && "$name" --version | grep -q 'version 14'; then
            echo "$name"
            return
        fi
    done
    echo "SKIPPED, absent: $1 of version 14 (third_party/install.sh tests)" >&2
    exit 77
}

all_sources() { find src tests -name '*.cpp' -o -name '*.h' | sort; }

changed_sources() {
    { git diff --name-only --diff-filter=d HEAD; git diff --name-only --diff-filter=d HEAD~1 HEAD; } 2>/dev/null |
        grep -E '^(src|tests)/.*\.cpp$' | sort -u || true
}

case $what in
format)
    tool=$(tool_of clang-format)
    if [ $# -eq 0 ]; then mapfile -t files < <(all_sources); else files=("$@"); fi
    printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 50 "$tool" --dry-run -Werror
    echo "${#files[@]} files are in the project's format."
    ;;
tidy)
    tool=$(tool_of clang-tidy)
    most=40 # a commit that moves the house is not looked at file by file
    if [ $# -eq 0 ]; then mapfile -t files < <(changed_sources); else files=("$@"); most=$#; fi
    if [ ${#files[@]} -eq 0 ]; then
        echo "No source changed."
        exit 0
    fi
    if [ ${#files[@]} -gt $most ]; then
        echo "${#files[@]} sources changed; the first $most are checked."
        files=("${files[@]:0:$most}")
    fi
    torch=$(find "${TORCH_ROOT:-$HOME/.cache/headlight}" -type d -path '*include/torch' -prune 2>/dev/null | head -n 1)
    torch=${torch%/torch}
    flags=(-std=c++20 -Isrc -Itests -I/usr/include/imgui -DHEADLIGHT_VERSION='"0"'
        ${torch:+-idirafter "$torch" -idirafter "$torch/torch/csrc/api/include"}) # LibTorch brings an fmt of its own
    for package in cairo pangocairo freetype2 sentencepiece; do
        read -ra more <<<"$(pkg-config --cflags "$package" 2>/dev/null || true)"
        flags+=("${more[@]}")
    done
    printf '%s\0' "${files[@]}" |
        xargs -0 -P "$(nproc)" -I '{}' "$tool" --quiet '{}' -- "${flags[@]}" 2> >(grep -v 'warnings\? generated' >&2)
    echo "${#files[@]} changed sources keep to the sizes and names of .clang-tidy."
    ;;
*)
    echo "error: check_style.sh format|tidy [files...]" >&2
    exit 2
    ;;
esac
