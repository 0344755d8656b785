#!/usr/bin/env bash
# Repeats ./test and ./run --check in a fresh Debian 12: debootstrap into build/bare, a fresh
# clone inside, ../shared beside it where it is here. Needs root.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. tools/deps.sh
need_packages debootstrap git
root="$PWD/build/bare"
mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 | tr -d ' ')
if [ ! -e "$root/etc/debian_version" ]; then
    mkdir -p "$root"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" ${mirror:+"$mirror"} >build/bare.log 2>&1 ||
        { tail -n 20 build/bare.log >&2; exit 1; }
fi
rm -rf "$root/work"; mkdir -p "$root/work/shared"
git clone -q . "$root/work/schwarm"
mounts=()
cleanup() { local m; for m in "${mounts[@]}"; do umount "$m" || true; done; }
trap cleanup EXIT
for m in proc sys dev dev/shm; do mount --bind "/$m" "$root/$m"; mounts=("$root/$m" "${mounts[@]}"); done
if [ -d ../shared ]; then mount --bind ../shared "$root/work/shared"; mounts=("$root/work/shared" "${mounts[@]}"); fi
cp /etc/resolv.conf /etc/hosts "$root/etc/"
for step in "./run --check" "./test"; do
    echo "bare: $step"
    chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        bash -c "cd /work/schwarm && $step"
done
