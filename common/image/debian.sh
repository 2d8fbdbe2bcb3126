#!/bin/sh
# debian.sh OUT.tar PACKAGE...: a minimal Debian 12 root with these packages, as a tar archive.
#
# mmdebstrap takes the mirrors, keys and proxy from this machine's apt, and chooses by itself how to
# work without being root. Manuals, documentation and translations are left out.
set -eu

out=$1
shift
include=$(echo "$@" | tr ' ' ,)

sources=${DEBIAN_SOURCES:-}
if [ -z "$sources" ]; then
	for f in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
		if [ -s "$f" ] && grep -q bookworm "$f"; then
			sources=$f
			break
		fi
	done
fi
: "${sources:=http://deb.debian.org/debian}"

mmdebstrap --variant=minbase --format=tar --include="$include" \
	--aptopt='Acquire::Languages "none"' \
	--aptopt='Apt::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/info/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-include=/usr/share/doc/*/copyright' \
	--customize-hook='echo trellis > "$1/etc/hostname"' \
	--customize-hook='printf "127.0.0.1\tlocalhost trellis\n" > "$1/etc/hosts"' \
	--customize-hook='printf "/dev/vda\t/\text2\tdefaults\t0 1\n" > "$1/etc/fstab"' \
	--customize-hook=': > "$1/etc/resolv.conf"; : > "$1/etc/machine-id"' \
	--customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"' \
	bookworm "$out.tmp" "$sources"
mv "$out.tmp" "$out"
