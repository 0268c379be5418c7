# Shared by the checks of packages: sourced with the program and a folder to work in as arguments.
set -euo pipefail
headlight=$1 folder=$2
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rm -rf "$folder"
mkdir -p "$folder"
num_checked=0 num_failed=0 missing=()

# check WHAT COMMAND...: counts, and shows what the command said where it fails or says anything.
check() {
    local what=$1 said
    shift
    num_checked=$((num_checked + 1))
    if ! said=$("$@" 2>&1) || [ -n "$said" ]; then
        echo "FAILED: $what: $said" >&2
        num_failed=$((num_failed + 1))
    fi
}
has_tool() {
    if command -v "$1" >/dev/null; then return 0; fi
    missing+=("$1")
    return 1
}
finish() {
    echo "$num_checked checks, $num_failed failed"
    if [ ${#missing[@]} -gt 0 ]; then echo "SKIPPED, not installed: ${missing[*]}"; fi
    if [ "$num_failed" -gt 0 ]; then exit 1; fi
    if [ "$num_checked" -eq 0 ]; then exit 77; fi
}
