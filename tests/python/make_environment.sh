#!/usr/bin/env bash
# An environment for the tests that need the real transformers and nbclient: build/python_env. They are skipped without it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python3 -m venv "$root/build/python_env"
"$root/build/python_env/bin/pip" install numpy torch transformers nbclient nbformat ipykernel
