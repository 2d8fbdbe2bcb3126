#!/bin/sh
# fake-qemu.sh MODE QEMU-ARGUMENTS...: behaves like a QEMU whose kernel misbehaves in the way MODE
# names. It has the tests fa, fb, fc of exercise 1.1. What hangs has closed its monitor, except "deaf".
mode=$1
shift
ports=
while [ $# -gt 0 ]; do
	case $1 in
	-serial) ports="$ports ${2#file:}"; shift ;;
	-append) line=$2; shift ;;
	-D) log=$2; shift ;;
	esac
	shift
done
console=${ports% *}
console=${console# }
ktap=${ports##* }
nonce=${line#*ktap=}
nonce=${nonce%% *}
case $line in
*ktest_after=*) after=${line#*ktest_after=}; after=${after%% *} ;;
*) after= ;;
esac

say() { echo "$*" >"$ktap"; }

# QEMU's monitor on descriptor 3: two CPUs, the first in a loop below two callers, the second idle. Ends with QEMU.
monitor()
{
	while read -r command <&3; do
		id=${command##*\"id\":}
		id=${id%%,*}
		case $command in
		*registers*) answer='CPU#0\r\nRBP=ffff800000001000 RSP=0\r\nRIP=ffffffff80001234 RFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0\r\n\r\nCPU#1\r\nRIP=ffffffff80005678 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\n' ;;
		*0xffff800000001000*) answer='ffff800000001000: 0xffff800000001040 0xffffffff80002001\r\n' ;;
		*0xffff800000001040*) answer='ffff800000001040: 0x0000000000000000 0xffffffff80003001\r\n' ;;
		*quit*) exit 0 ;;
		*) continue ;;
		esac
		printf '%s\n' "{\"return\": \"$answer\", \"id\": $id}" >&3
	done
}

# The machine stops for this reason.
shutdown()
{
	echo "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"$1\"}}" >&3
	monitor
}

# The tests still to run.
tests="fa fb fc"
case $after in
fa) tests="fb fc" ;;
fb) tests="fc" ;;
fc) tests="" ;;
esac
set -- $tests

case $mode in
fail|panic-kernel) ;;		# their console is compared
*) echo "fake kernel boots" >"$console" ;;
esac
case $mode in
silent) exit 33 ;;
hang-boot) exec sleep 60 3<&- ;;
slow) sleep 0.5 ;;
panic-boot) echo "panic: no memory" >"$console"; exit 37 ;;
wrong-nonce) nonce=0123 ;;
no-plan) say "KTAP version 1 $nonce"; say "# end $nonce"; exit 33 ;;
blank) say "# blank 1.1"; exec sleep 60 3<&- ;;
flood) yes 0123456789012345678901234567890123456789 | head -c 100000000 >"$console"; exec sleep 100 3<&- ;;
forged-console) for t in fa fb fc; do echo "ok 1 $t"; done >"$console"; exit 33 ;;
qemu-error) echo "qemu: no such machine"; exit 1 ;;
esac
say "KTAP version 1 $nonce"
say "1..$#"
n=0
for t in "$@"; do
	n=$((n + 1))
	say "# start $n $t"
	[ $mode = hang-all ] && exec sleep 60 3<&-
	if [ $t = fb ]; then
		case $mode in
		panic) echo "panic: page fault at 0x8" >"$console"; exit 37 ;;
		panic-kernel) printf '%s\n' "before" "" "panic on CPU 1: assertion failed: 1 == 2" \
			"rip ffffffff80001234  cs 0008" "backtrace:" "  0xffffffff80001234 spin+0x4" \
			"  0xffffffff80002001 caller+0x1" "hint: somebody cannot count" >"$console"; exit 37 ;;
		reboot) echo "Triple fault" >"$log"; shutdown guest-reset ;;
		reboot-asked) shutdown guest-reset ;;
		poweroff) shutdown guest-shutdown ;;
		exit-0) exit 0 ;;
		spin) monitor ;;
		slow-flood) yes "here we are again" | head -c 200000 >"$console"; exec sleep 100 3<&- ;;
		forged-stream) say "ok 3 fb" ;;
		hang) exec sleep 60 3<&- ;;
		deaf) exec sleep 60 ;;
		fail) echo "fb says something" >"$console"; sleep 0.05
			say "not ok $n $t # x.c:3: expected 1, got 2"; failed=1; continue ;;
		early-success) exit 33 ;;
		twice) say "ok $n $t"; say "# start $((n + 1)) $t"; say "ok $((n + 1)) $t" ;;
		unstarted) say "ok $n fc" ;;
		unknown) say "ok $n $t"; say "# start $((n + 1)) fz"; say "ok $((n + 1)) fz"
			say "# end $nonce"; exit 33 ;;
		stranger) say "not KTAP at all" ;;
		esac
	fi
	say "ok $n $t"
done
say "# end $nonce"
case $mode in
lying-exit) exit 35 ;;
zero-exit) exit 0 ;;
esac
exit $((33 + 2 * ${failed:-0}))
