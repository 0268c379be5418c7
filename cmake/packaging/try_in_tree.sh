#!/usr/bin/env bash
# try_in_tree.sh PACKAGE TREE [PICTURES]: the smoke test of a package (.deb, .tar.xz, +torch .whl) on a system that has nothing installed.
# TREE is a folder that debootstrap made (--variant=minbase); it stays as it is, the test works on a layer over it. Needs root.
# Shown: how long it takes from the package to the first picture, the program's self-test, a window on a virtual display of this
# machine drawn by that system's software GL (which is installed after the command line was tried), what a .deb puts where.
# PICTURES is a folder for the screenshot.
#   debootstrap --variant=minbase trixie trees/trixie MIRROR
#   cmake/packaging/try_in_tree.sh build/release/packages/headlight-*.tar.xz trees/trixie
set -euo pipefail
package=$(realpath "$1") tree=$(realpath "$2") pictures=${3:+$(realpath "$3")}
if [ "$(id -u)" -ne 0 ]; then
    echo "error: only root may enter another tree; run this as root" >&2
    exit 1
fi
if [ "${HEADLIGHT_IN_NAMESPACE:-}" != yes ]; then
    exec env HEADLIGHT_IN_NAMESPACE=yes unshare --mount --pid --fork "$0" "$@"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/headlight-tree.XXXXXX")
trap 'umount -R "$work" && rm -rf "$work"' EXIT
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" "$work/root"
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
mkdir -p "$work/root/package"
mount --bind "$(dirname "$package")" "$work/root/package"
cp /etc/resolv.conf "$work/root/etc/resolv.conf" 2>/dev/null || true
inside() { # a line of shell in the tree, as on a machine that was just set up
    chroot "$work/root" env -i HOME=/home TMPDIR=/tmp TERM=dumb LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        PATH=/opt/headlight/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -euc "$1"
}
now() { date +%s.%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN {printf "%.1f s", to - from}'; }

mkdir -p "$work/root/home"
echo "== $(basename "$package"), $(du -h "$package" | cut -f1), on $(sed -n 's/^PRETTY_NAME=//p' "$tree/etc/os-release"), glibc $(inside 'getconf GNU_LIBC_VERSION 2>/dev/null || echo "of its own"' | sed 's/^glibc //')"
case $package in
*.deb)
    inside 'apt-get -qq update'
    start=$(now)
    inside "apt-get -qq install -y --no-install-recommends /package/$(basename "$package") >/home/install.log 2>&1 || { cat /home/install.log; exit 1; }"
    echo "installed with its dependencies in $(since "$start"); $(grep -c '^Setting up' "$work/root/home/install.log") packages" ;;
*.whl) # one with torch inside
    inside 'apt-get -qq update || true; apt-get -qq install -y --no-install-recommends python3-venv >/home/install.log 2>&1 || { cat /home/install.log; exit 1; }'
    # pip of the tree knows no certificates that this machine was given.
    [ -z "${PIP_CERT:-}" ] || cp "$PIP_CERT" "$work/root/home/certificates.pem"
    start=$(now)
    inside "python3 -m venv /opt/headlight; export ${PIP_CERT:+PIP_CERT=/home/certificates.pem}; /opt/headlight/bin/pip install --quiet /package/$(basename "$package")"
    echo "installed in a new environment in $(since "$start")" ;;
*.tar.xz)
    start=$(now)
    tar -C "$work/root/opt" -xf "$package"
    mv "$work/root/opt/"headlight-* "$work/root/opt/headlight"
    echo "unpacked in $(since "$start"); $(du -sh "$work/root/opt/headlight" | cut -f1)" ;;
esac
inside 'cd /home && headlight analyze --text "The cat sat on the mat. It was fluffy." --output-dir plots >report.txt 2>messages.txt || { cat messages.txt; exit 1; }; test -s plots/attention_flow.png'
echo "first pictures $(since "$start") after that began; $(find "$work/root/home/plots" -name '*.png' | wc -l) pictures"
inside 'headlight --version; headlight selftest'
if [ -e "$work/root/usr/bin/headlight" ]; then
    inside 'for file in /usr/share/applications/headlight.desktop /usr/share/mime/packages/headlight.xml \
        /usr/share/icons/hicolor/scalable/apps/headlight.svg /usr/share/bash-completion/completions/headlight; do test -s $file; done
        ! ldd /usr/bin/headlight /usr/lib/headlight/*.so | grep "not found"'
fi

# The X server runs outside of the tree; GL is drawn inside.
if [ -e "$work/root/usr/bin/apt-get" ]; then
    inside 'apt-get -qq update || true; apt-get -qq install -y --no-install-recommends libgl1 libgl1-mesa-dri >/home/desktop.log 2>&1 || { cat /home/desktop.log; exit 1; }'
fi
printf 'theme dark\ntext "The cat sat on the mat. The dog saw the cat, and it sat on the mat again."\nwait\nselect 1 5\nwait\nscreenshot /home/window.png\nquit\n' >"$work/root/home/script.txt"
mkdir -p "$work/root/tmp/.X11-unix"
mount --bind /tmp/.X11-unix "$work/root/tmp/.X11-unix"
display=$((90 + RANDOM % 900))
Xvfb ":$display" -screen 0 1600x900x24 -nolisten tcp -noreset >"$work/xvfb.log" 2>&1 &
server=$!
trap 'kill $server; umount -R "$work" && rm -rf "$work"' EXIT
until [ -e "/tmp/.X11-unix/X$display" ]; do kill -0 $server; sleep 0.1; done
start=$(now)
inside "export LIBGL_ALWAYS_SOFTWARE=1 DISPLAY=:$display; headlight open --size 1600x900 --script /home/script.txt"
test -s "$work/root/home/window.png"
echo "window opened, drawn and closed in $(since "$start")"
inside "export LIBGL_ALWAYS_SOFTWARE=1 DISPLAY=:$display; headlight selftest" | grep window
if [ -n "$pictures" ]; then
    mkdir -p "$pictures"
    [ ! -e "$work/root/home/window.png" ] || cp "$work/root/home/window.png" "$pictures/window_$(basename "$tree")_${package##*.}.png"
    cp "$work/root/home/plots/layer_1_head_5.png" "$pictures/head_$(basename "$tree")_${package##*.}.png"
fi
case $package in
*.deb)
    inside 'apt-get -qq remove -y headlight >/dev/null 2>&1; test ! -e /usr/lib/headlight && test ! -e /usr/share/headlight'
    echo "removed without a trace" ;;
esac
echo "good"
