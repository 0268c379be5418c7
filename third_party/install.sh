#!/usr/bin/env bash
# install.sh [tests|packages]: installs what the program needs: the packages of packages.txt (Debian 12, Ubuntu 24.04) and
# LibTorch; with `tests` also what only the tests and checks need, with `packages` what making packages needs.
# Quiet when all is there; uses sudo only when something is missing and the user is not root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

purpose=${1:-program}
packages_of() { # those of the rows whose first word is one of the arguments, or of no purpose of its own
    sed -e 's/#.*//' "$here/packages.txt" |
        awk -v wished=" $* " 'NF == 2 && ($1 !~ /^(tests|packages)/ || index(wished, " " $1 " ")) {print $2}'
}
mapfile -t wanted < <(packages_of "$purpose" "$purpose?")
mapfile -t needed < <(packages_of "$purpose")
drop_unknown() { # of `missing` what is optional ("tests?") and this system does not have: what needs it says that it skips
    local kept=() package
    for package in "${missing[@]}"; do
        if [[ " ${needed[*]} " == *" $package "* ]] || apt-cache show "$package" >/dev/null 2>&1; then kept+=("$package"); fi
    done
    missing=("${kept[@]}")
}
# dpkg-query fails when it does not know one of the names; what it does know is printed all the same.
installed=$({ dpkg-query -W -f='${Package} ${Status}\n' "${wanted[@]}" 2>/dev/null || true; } |
    awk '$4 == "installed" {print $1}')
mapfile -t missing < <(printf '%s\n' "${wanted[@]}" | grep -vxF -e "${installed:-none}" || true)
if [ ${#missing[@]} -gt 0 ] && [ ${#missing[@]} -le 2 ]; then drop_unknown; fi # perhaps nothing else is missing: no update for that

if [ ${#missing[@]} -gt 0 ]; then
    echo "Installing packages: ${missing[*]}" >&2
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "error: these packages are missing and neither root nor sudo is at hand: ${missing[*]}" >&2
            echo "  what to do: as root, run: apt-get install ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    if ! command -v apt-get >/dev/null; then
        echo "error: apt-get was not found; install the counterparts of third_party/packages.txt by hand." >&2
        exit 1
    fi
    "${as_root[@]}" apt-get -qq update
    drop_unknown
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
"$here/fetch_libtorch.sh"
