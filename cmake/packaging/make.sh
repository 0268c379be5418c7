#!/usr/bin/env bash
# make.sh [deb] [tar] [wheel] [wheel-with-torch]: makes packages of this clone in build/release/packages/; all of them without
# arguments. docs/packaging.md says how a release is made.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/release
[ $# -gt 0 ] || set -- deb tar wheel wheel-with-torch

for kind in "$@"; do
    case $kind in deb | tar | wheel | wheel-with-torch) ;; *)
        echo "error: '$kind' is no kind of package; there are deb, tar, wheel, wheel-with-torch" >&2
        exit 2 ;;
    esac
done
"$root/third_party/install.sh" packages
# The same commit gives the same dates.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
"$root/cmake/build.sh" release package_files
torch=$(sed -n 's/^TORCH_ROOT:PATH=//p' "$build/CMakeCache.txt")
torch=${torch:-$("$root/third_party/fetch_libtorch.sh" --print-path)}
if [ -e "$torch/lib/libtorch_cuda.so" ]; then
    echo "error: packages are made with the CPU build of LibTorch, and $torch has CUDA" >&2
    echo "  what to do: configure without TORCH_ROOT (remove it from $build/CMakeCache.txt) and run this again" >&2
    exit 1
fi
if [ ! -e "$torch/LICENSE" ]; then
    echo "error: LibTorch may be given away with its licence only, and $torch/LICENSE is not there" >&2
    echo "  what to do: remove that folder and run third_party/fetch_libtorch.sh; it keeps the licence" >&2
    exit 1
fi
for kind in "$@"; do
    case $kind in
    deb) (cd "$build" && cpack -G DEB) ;;
    tar) (cd "$build" && cpack -G TXZ) ;;
    wheel) "$here/make_wheel.sh" "$build" ;;
    wheel-with-torch) "$here/make_wheel.sh" "$build" --with-torch ;;
    esac
done
(cd "$build/packages" && ls -l ./*.deb ./*.tar.xz ./*.whl 2>/dev/null && sha256sum ./*.deb ./*.tar.xz ./*.whl 2>/dev/null >SHA256SUMS || true)
