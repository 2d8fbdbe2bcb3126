#!/bin/sh
# ext2.sh OUT SIZE TAR|- [DIR...]: an ext2 image of SIZE (as mke2fs takes it) with the archive's files
# and then those of each directory, all owned by root. Works without being root: fakeroot remembers
# owners and device nodes between unpacking and mke2fs -d.
set -eu

if [ "$(id -u)" != 0 ] && [ -z "${FAKEROOTKEY:-}" ]; then
	exec fakeroot sh "$0" "$@"
fi
out=$1 size=$2 tar=$3
shift 3

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
if [ "$tar" != - ]; then
	tar -C "$root" -xpf "$tar" --numeric-owner
fi
for dir in "$@"; do
	tar -C "$dir" --owner=0 --group=0 --numeric-owner -cf - . | tar -C "$root" -xpf - --keep-directory-symlink
done
rm -f "$out.tmp"
# The same identity each time, so that two builds of the same files are the same image.
mke2fs -q -t ext2 ${MKE2FS_OPTS:-} -L trellis -U 7e115000-0000-4000-8000-000000000001 \
	-E hash_seed=7e115000-0000-4000-8000-000000000002,root_owner=0:0 \
	-d "$root" "$out.tmp" "$size"
mv "$out.tmp" "$out"
