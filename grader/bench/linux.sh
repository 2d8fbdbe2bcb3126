#!/bin/sh
# linux.sh DIR: the yardstick. Fetches Debian's kernel for virtual machines into DIR (by apt-get
# download) and makes DIR/vmlinuz and DIR/initrd, which boots the same disk as Trellis, with the
# modules it needs and grader/bench/linux_init.c.
set -eu

here=$(dirname "$0")
dir=$1
mkdir -p "$dir"
package=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" { print $2; exit }')
if [ -z "$package" ]; then
	echo "linux.sh: this machine's apt knows no linux-image-cloud-amd64 (apt-get update?)" >&2
	exit 1
fi
if ! ls "$dir"/"$package"_*.deb > /dev/null 2>&1; then
	(cd "$dir" && apt-get download -q "$package")
fi
rm -rf "$dir/tree" "$dir/ram"
dpkg-deb -x "$dir"/"$package"_*.deb "$dir/tree"
cp "$dir"/tree/boot/vmlinuz-* "$dir/vmlinuz"

# Each module after those it depends on, which its .modinfo section names.
modules=$dir/tree/lib/modules
mkdir -p "$dir/ram/modules"
: > "$dir/ram/modules/order"
add_module() {
	file=$(find "$modules" -name "$(echo "$1" | sed 's/[-_]/[-_]/g').ko")
	if [ -z "$file" ] || grep -qx "${file##*/}" "$dir/ram/modules/order"; then
		return
	fi
	for dep in $(tr '\0' '\n' < "$file" | sed -n 's/^depends=//p' | tr , ' '); do
		add_module "$dep"
	done
	file=$(find "$modules" -name "$(echo "$1" | sed 's/[-_]/[-_]/g').ko")
	cp "$file" "$dir/ram/modules/"
	echo "${file##*/}" >> "$dir/ram/modules/order"
}
for name in virtio_pci virtio_blk crc32c_generic ext4; do
	add_module "$name"
done
${CC:-gcc} -static -O2 -o "$dir/ram/init" "$here/linux_init.c"
(cd "$dir/ram" && find . | cpio -o -H newc --quiet) > "$dir/initrd.tmp"
mv "$dir/initrd.tmp" "$dir/initrd"
rm -rf "$dir/tree" "$dir/ram"
