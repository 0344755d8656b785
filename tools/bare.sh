#!/usr/bin/env bash
# Repeats ./test and ./run --check in a fresh Debian 12: debootstrap into build/bare, a fresh
# clone inside at the same path, ../shared beside it where it is here, the compiler's cache of this
# machine where there is one. Needs root.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. tools/deps.sh
need_packages debootstrap git
root="$PWD/build/bare"
mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 | tr -d ' ' || true)
if [ ! -e "$root/etc/debian_version" ]; then
    mkdir -p "$root"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" ${mirror:+"$mirror"} >build/bare.log 2>&1 ||
        { tail -n 20 build/bare.log >&2; exit 1; }
fi
work="$root$PWD"
rm -rf "$work"; mkdir -p "$work" "$root$(dirname "$PWD")/shared"
git clone -q . "$work"
mounts=()
cleanup() { local m; for m in "${mounts[@]}"; do umount "$m" || true; done; }
trap cleanup EXIT
bind() { mkdir -p "$2"; mount --bind "$1" "$2"; mounts=("$2" "${mounts[@]}"); }
for m in proc sys dev dev/shm; do bind "/$m" "$root/$m"; done
if [ -d ../shared ]; then bind "$(readlink -f ../shared)" "$root$(dirname "$PWD")/shared"; fi
if command -v ccache >/dev/null; then
    bind "$(ccache --get-config cache_dir)" "$root/root/.cache/ccache"
    mkdir -p "$root/root/.config/ccache"
    cp ~/.config/ccache/ccache.conf "$root/root/.config/ccache/" 2>/dev/null || true
fi
cp /etc/resolv.conf /etc/hosts "$root/etc/"
# Certificates this machine trusts besides the usual ones (a proxy of the house).
if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
    mkdir -p "$root/usr/local/share/ca-certificates"
    cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
    chroot "$root" update-ca-certificates >/dev/null 2>&1
fi
for step in "./run --check" "./test"; do
    echo "bare: $step"
    chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
        bash -c "cd '$PWD' && $step"
done
