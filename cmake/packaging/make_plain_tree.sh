#!/usr/bin/env bash
# make_plain_tree.sh FROM TO [FILES_OF_FROM...]: a system of Fedora's shape (/usr/lib64, no multiarch folders, no dpkg) that
# holds glibc and a shell, and the named programs, libraries and folders of the tree FROM with the libraries that they need: what
# a package may count on where nothing is Debian's. It is no Fedora: kernel interface, loader and layout are tried, its own versions are not.
set -euo pipefail
from=$(realpath "$1") to=$2
shift 2
mkdir -p "$to"/usr/{bin,lib64,share} "$to"/{etc,proc,dev,tmp,home,opt}
for name in bin lib64; do ln -sfn "usr/$name" "$to/$name"; done
ln -sfn bin "$to/usr/sbin"
echo /usr/lib64 >"$to/etc/ld.so.conf"
printf 'root:x:0:0:root:/home:/bin/bash\n' >"$to/etc/passwd"
printf 'PRETTY_NAME="glibc in lib64, nothing else"\n' >"$to/etc/os-release"
copy() { # a file of FROM and everything that its loader opens for it
    local file target
    file=$(chroot "$from" readlink -f "$1")
    target=/usr/lib64/$(basename "$1")
    case $file in */bin/* | */sbin/*) target=/usr/bin/$(basename "$1") ;; esac
    [ -e "$to$target" ] || cp "$from$file" "$to$target"
    while read -r library; do
        [ -e "$to/usr/lib64/$(basename "$library")" ] || cp -L "$from$library" "$to/usr/lib64/"
    done < <(chroot "$from" ldd "$file" | grep -oE '/[^ ]+' || true)
}
for program in bash ls cat head test env mkdir sleep date ldconfig grep; do
    path=$(chroot "$from" bash -c "PATH=\$PATH:/sbin:/usr/sbin command -v $program" | grep / || true)
    [ -z "$path" ] || copy "$path"
done
ln -sf bash "$to/usr/bin/sh"
# What glibc opens by name.
for library in libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libnss_files.so.2 libgcc_s.so.1; do
    path=$(find "$from/usr/lib" "$from/lib" -name "$library" 2>/dev/null | head -1)
    [ "$library" = libgcc_s.so.1 ] || [ -z "$path" ] || cp -L "$path" "$to/usr/lib64/"
done
for more in "$@"; do
    if [ -d "$from$more" ]; then
        mkdir -p "$to$more"
        cp -RL "$from$more/." "$to$more"
    else
        copy "$more"
    fi
done
cp -a "$from/usr/lib/locale" "$to/usr/lib64/" 2>/dev/null || true
chroot "$to" ldconfig
