#!/usr/bin/env bash
# Installs what is missing, builds everything (release) and runs all tests; arguments go to ctest.
# Tests that draw get a virtual display of their own, so that no window appears on yours.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$root/third_party/install.sh" tests
"$root/cmake/build.sh" release
echo "Running the tests ..." >&2
export LIBGL_ALWAYS_SOFTWARE=1
exec xvfb-run -a -s '-screen 0 2560x1440x24 -nolisten tcp -noreset' \
    ctest --test-dir "$root/build/release" --output-on-failure -j "$(nproc)" "$@"
