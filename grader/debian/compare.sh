#!/bin/sh
# compare.sh OUTDIR KERNEL LINUXDIR DISK [QEMU OPTION...]: run commands.sh, which is on the disk, on Trellis and
# on Linux, and compare what they print, command by command. Afterwards Trellis's disk must be clean.
set -u

out=$1 kernel=$2 linux=$3 disk=$4
shift 4
: "${QEMU:=qemu-system-x86_64}" "${TIMEOUT:=180}"
mkdir -p "$out"
words="console=ttyS0 root=/dev/vda rootfstype=ext2 rw quiet init=/sbin/trellis-init"
words="$words -- /bin/bash /opt/trellis/commands.sh"

boot()
{
	image=$1
	shift
	timeout "$TIMEOUT" "$QEMU" -M q35 -m 512M -smp 2 -display none -monitor none -serial stdio \
		-no-reboot -nic none -device isa-debug-exit,iobase=0xf4,iosize=0x04 \
		-drive "file=$image,format=raw,if=none,id=disk" -device virtio-blk-pci,drive=disk \
		-append "$words" "$@" < /dev/null 2>&1 | tr -d '\r'
}

cp --sparse=always "$disk" "$out/disk"
boot "$out/disk" -kernel "$linux/vmlinuz" -initrd "$linux/initrd" "$@" > "$out/linux"
cp --sparse=always "$disk" "$out/disk"
boot "$out/disk" -kernel "$kernel" "$@" > "$out/trellis"

failed=0
awk '
	FNR == 1 { title = "" }
	function upto_status(s) { return match(s, /=> [0-9]+\n/) ? substr(s, 1, RSTART + RLENGTH - 2) : s }
	/^## / { title = $0; if (FNR == NR || !(title in order)) { order[title] = ++n; name[n] = title } next }
	title == "" { next }
	FNR == NR { linux[title] = linux[title] $0 "\n"; next }
	{ trellis[title] = trellis[title] $0 "\n" }
	/^=> / { done[title] = 1 }
	END {
		for (i = 1; i <= n; i++) {
			t = name[i]
			a = upto_status(linux[t]); b = upto_status(trellis[t])
			if (a == b && done[t]) {
				passed++
				continue
			}
			failed++
			printf "FAIL %s\n  Linux:   %s\n  Trellis: %s\n", substr(t, 4), a, done[t] ? b : "(did not end) " b
		}
		printf "Debian programs: %d passed, %d failed\n", passed, failed
		exit failed != 0 || passed == 0
	}' "$out/linux" "$out/trellis" || failed=1
if ! e2fsck -fn "$out/disk" > "$out/fsck" 2>&1; then
	echo "FAIL the disk is not clean afterwards:"
	cat "$out/fsck"
	failed=1
fi
rm -f "$out/disk"
exit "$failed"
