#!/bin/sh
# iso.sh LAB [O]: one boot of the stage from its ISO by GRUB, with one in-kernel test, whose exit
# code says that it passed. The output ends with "N passed, N failed".
set -u
lab=$1 O=${2:-build}
log=$O/grader/log/iso-$lab.console
mkdir -p "$O/grader/log"
cmdline="console=ttyS0 ktest=boot_contract"

if ! make -s --no-print-directory O="$O" LAB="$lab" MODE=reference MINE= REF= TESTS=1 INITRD= CMDLINE="$cmdline" iso; then
	echo "the ISO cannot be made"
	echo "iso $lab: 0 passed, 1 failed"
	exit 1
fi
kernel=$(make -s --no-print-directory O="$O" LAB="$lab" MODE=reference MINE= REF= TESTS=1 print-kernel)
timeout 120 qemu-system-x86_64 -M q35 -m 256M -smp 2 -display none -monitor none -no-reboot \
	-nic none -device isa-debug-exit,iobase=0xf4,iosize=0x04 -serial "file:$log" \
	-cdrom "${kernel%/*}/trellis-test.iso" -boot d
status=$?
if [ $status = 33 ] && grep -q '^ok 1 boot_contract' "$log"; then
	echo "iso $lab: 1 passed, 0 failed"
else
	echo "status $status (33 is success); the end of $log:"
	tail -20 "$log"
	echo "iso $lab: 0 passed, 1 failed"
	exit 1
fi
