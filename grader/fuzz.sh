#!/bin/sh
# Random system calls: grader/user/07/hostile.c as init with more calls than the tests make.
#   fuzz.sh BUILD-DIRECTORY CALLS
set -eu
out=$1/grader/fuzz
mkdir -p "$out/root/t" "$out/root/tmp"
gcc -O1 -Wall -static -Igrader/user -o "$out/root/t/hostile" grader/user/07/hostile.c
(cd "$out/root" && find . | cpio --quiet -o -H newc) > "$out/initrd.cpio"
for seed in 1 2 3 4 5; do
	echo "fuzz: seed $seed, $2 calls"
	status=0
	timeout 3600 qemu-system-x86_64 -M q35 -m 512M -smp 2 -display none -no-reboot \
		-kernel "$1/debug-07-dynlink/kernel.elf" -initrd "$out/initrd.cpio" \
		-append "console=ttyS0 quiet rdinit=/t/hostile -- fuzz $seed $2" \
		-serial "file:$out/console.$seed" -device isa-debug-exit,iobase=0xf4,iosize=0x04 || status=$?
	if ! grep -q "^fuzz: the machine is well" "$out/console.$seed"; then
		tail -n 30 "$out/console.$seed"
		echo "fuzz: seed $seed failed (QEMU's status $status, console in $out/console.$seed)"
		exit 1
	fi
done
echo "5 passed, 0 failed"
