#!/bin/sh
# doctor.sh [O]: can this machine build, boot, grade and debug Trellis? One line per thing that is
# needed: "ok", "MISSING" (necessary) or "note" (works, but slowly or without a part). At the end stands the
# one command that installs what is missing. Exit status 1 if something necessary is.
#
# QEMU= is the program that boots.
set -u
O=${1:-build}
QEMU=${QEMU:-qemu-system-x86_64}
PATH=$PATH:/sbin:/usr/sbin
bad=0 install=

ok() { printf '  ok       %-22s %s\n' "$1" "$2"; }
note() { printf '  note     %-22s %s\n' "$1" "$2"; }
missing()
{
	printf '  MISSING  %-22s %s\n' "$1" "$2"
	bad=$((bad + 1))
	case " $install " in
	*" $3 "*) ;;
	*) install="$install${3:+ $3}" ;;
	esac
}

# at_least WANTED HAVE: compares versions such as 7.2 and 12.2.0.
at_least()
{
	[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]
}

# tool NAME PACKAGE LEAST WHAT FOR: the version is the first number in the output of --version.
tool()
{
	if ! command -v "$1" > /dev/null 2>&1; then
		missing "$1" "$4" "$2"
		return
	fi
	version=$("$1" --version 2> /dev/null < /dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -1)
	if [ -n "$3" ] && [ -n "$version" ] && ! at_least "$3" "$version"; then
		missing "$1" "$version is too old, $3 is needed: $4" "$2"
	else
		ok "$1" "${version:-found}"
	fi
}

# thing NAME PACKAGE FILE WHAT FOR
thing()
{
	if [ -e "$3" ]; then
		ok "$1" "$3"
	else
		missing "$1" "$4" "$2"
	fi
}

# library NAME PACKAGE WHAT FOR: by pkg-config
library()
{
	if pkg-config --exists "$1" 2> /dev/null; then
		ok "$1" "$(pkg-config --modversion "$1")"
	else
		missing "$1" "$3" "$2"
	fi
}

echo "building"
tool make make 4.3 "builds everything"
tool gcc gcc 12 "compiles the kernel (C17 with GNU extensions)"
tool ld binutils 2.38 "links the kernel"
tool addr2line binutils "" "names the lines where a kernel hangs"
tool awk "" "" "symbol table, skeletons"
if echo 'int main(void) { return 0; }' | gcc -static -x c -o /dev/null - 2> /dev/null; then
	ok "static programs" "gcc -static"
else
	missing "static programs" "the user tests are linked statically" libc6-dev
fi

echo "booting"
tool "$QEMU" qemu-system-x86 7.0 "the machine"
if command -v "$QEMU" > /dev/null 2>&1; then
	for machine in q35 pc; do
		if "$QEMU" -M help | grep -q "^$machine "; then
			ok "machine $machine" ""
		else
			missing "machine $machine" "this QEMU does not have it" qemu-system-x86
		fi
	done
	devices=$("$QEMU" -device help 2>&1)
	for device in isa-debug-exit virtio-blk-pci; do
		case $devices in
		*\"$device\"*) ok "device $device" "" ;;
		*) missing "device $device" "this QEMU does not have it" qemu-system-x86 ;;
		esac
	done
	if "$QEMU" -accel help 2> /dev/null | grep -qx tcg; then
		ok "emulation (TCG)" "KVM is not needed"
	else
		missing "emulation (TCG)" "this QEMU cannot emulate" qemu-system-x86
	fi
fi
tool grub-mkrescue grub-common "" "makes the ISO that make qemu boots"
thing "GRUB for the PC" grub-pc-bin /usr/lib/grub/i386-pc "goes into the ISO"
tool xorriso xorriso "" "writes the ISO"
tool mformat mtools "" "grub-mkrescue uses it"

echo "grading"
tool cpio cpio "" "makes initial ramdisks"
tool mke2fs e2fsprogs "" "makes the disks of labs 05 to 07"
tool e2fsck e2fsprogs "" "checks them afterwards"
thing busybox busybox-static /bin/busybox "is run by tests from lab 04 on"
tool pkg-config pkg-config "" "finds the libraries"
library jansson libjansson-dev "the grader writes JSON"
library check check "the unit tests"

echo "debugging, Debian"
tool gdb gdb 12 "make gdb, make grade-gdb; and who sleeps where when all is idle"
tool mmdebstrap mmdebstrap "" "makes the Debian disk of make qemu"

echo "the machine"
cpus=$(nproc)
if [ "$cpus" -ge 2 ]; then
	ok "processors" "$cpus"
else
	note "processors" "1: grading takes twice as long; PATIENCE=3 if tests run out of time"
fi
mkdir -p "$O"
free=$(df -Pm "$O" | awk 'NR == 2 { print $4 }')
if [ "$free" -ge 2048 ]; then
	ok "free disk space" "$free MiB in $O"
elif [ "$free" -ge 500 ]; then
	note "free disk space" "$free MiB in $O: not enough for the Debian disk (2048)"
else
	missing "free disk space" "$free MiB in $O, 500 are needed" ""
fi

# A kernel that was built shows that it boots here: its last words, within half a minute.
kernel=
for k in "$O/01-memory/kernel.elf" "$O/01-memory/kernel-test.elf" "$O/mine-01/kernel.elf"; do
	[ -n "$kernel" ] || { [ -e "$k" ] && kernel=$k; }
done
if [ -z "$kernel" ]; then
	note "a boot" "nothing is built yet; make kernel LAB=01, then make doctor again"
elif command -v "$QEMU" > /dev/null 2>&1; then
	timeout 30 "$QEMU" -M q35 -m 128M -display none -no-reboot -nic none -monitor none -serial stdio \
		-device isa-debug-exit,iobase=0xf4,iosize=0x04 -kernel "$kernel" \
		-append console=ttyS0 < /dev/null > "$O/doctor.log" 2>&1
	if grep -q '^Trellis, lab 01' "$O/doctor.log"; then
		ok "a boot" "$kernel"
	else
		missing "a boot" "$kernel says nothing: see $O/doctor.log" ""
	fi
fi

if [ "$bad" = 0 ]; then
	echo "all that is necessary is there"
	exit 0
fi
echo "$bad missing${install:+; install with}"
[ -z "$install" ] || echo "  sudo apt-get install -y$install"
exit 1
