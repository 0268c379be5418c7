#!/usr/bin/env bash
# Fetches LibTorch once: the official Python wheel (CPU build), of which only lib/ and include/ are kept, in a
# cache outside the build folder. A given TORCH_ROOT makes this do nothing.
#   fetch_libtorch.sh               fetch if missing
#   fetch_libtorch.sh --print-path  say where the copy lies or would lie
set -euo pipefail
version=2.13.0
cache="${XDG_CACHE_HOME:-$HOME/.cache}/headlight/libtorch-$version-cpu"
if [ "${1:-}" = --print-path ]; then echo "$cache"; exit 0; fi
if [ -n "${TORCH_ROOT:-}" ]; then echo "LibTorch: using TORCH_ROOT=$TORCH_ROOT" >&2; exit 0; fi
if [ -e "$cache/lib/libtorch_cpu.so" ]; then exit 0; fi

work=$(mktemp -d "${TMPDIR:-/tmp}/headlight-libtorch.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The wheel holds the same C++ library for every Python; asking for 3.11 keeps the name fixed on each system.
args=(download --quiet --no-deps --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311
      --platform "manylinux_2_28_$(uname -m)" --dest "$work" "torch==$version+cpu")
echo "LibTorch $version: fetching the CPU wheel (about 190 MB, once) ..." >&2
if ! python3 -m pip "${args[@]}" 2>"$work/first.log" &&
   ! python3 -m pip "${args[@]}" --index-url https://download.pytorch.org/whl/cpu 2>"$work/second.log"; then
    echo "error: LibTorch $version could not be fetched." >&2
    echo "  tried: 'pip download torch==$version+cpu' from the configured index, then from the PyTorch project's CPU index" >&2
    echo "  found: $(tail -n 1 "$work/first.log") / $(tail -n 1 "$work/second.log" 2>/dev/null)" >&2
    echo "  what to do: connect once, or unpack an official LibTorch (2.1 or newer) and set TORCH_ROOT to it." >&2
    exit 1
fi
echo "LibTorch $version: unpacking into $cache" >&2
unzip -q "$work"/torch-*.whl 'torch/lib/libtorch_cpu.so' 'torch/lib/libc10.so' 'torch/lib/libgomp*' 'torch/include/*' -d "$work"
unzip -qp "$work"/torch-*.whl 'torch-*.dist-info/*LICENSE*' 'torch-*.dist-info/*NOTICE*' >"$work/torch/LICENSE" || true
mkdir -p "$(dirname "$cache")"
rm -rf "$cache.partial"
mv "$work/torch" "$cache.partial"
mv -T "$cache.partial" "$cache"
