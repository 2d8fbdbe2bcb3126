#!/bin/sh
# fake-qemu.sh MODE QEMU-ARGUMENTS...: behaves like a QEMU whose kernel misbehaves in the way MODE
# names. It has the tests fa, fb, fc of exercise 1.1.
mode=$1
shift
ports=
while [ $# -gt 0 ]; do
	case $1 in
	-serial) ports="$ports ${2#file:}"; shift ;;
	-append) line=$2; shift ;;
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

# The tests still to run.
tests="fa fb fc"
case $after in
fa) tests="fb fc" ;;
fb) tests="fc" ;;
fc) tests="" ;;
esac
set -- $tests

echo "fake kernel boots" >"$console"
case $mode in
silent) exit 33 ;;
hang-boot) exec sleep 60 ;;
panic-boot) echo "panic: no memory" >"$console"; exit 37 ;;
wrong-nonce) nonce=0123 ;;
no-plan) say "KTAP version 1 $nonce"; say "# end $nonce"; exit 33 ;;
blank) say "# blank 1.1"; exec sleep 60 ;;
flood) yes 0123456789012345678901234567890123456789 | head -c 100000000 >"$console"; exec sleep 100 ;;
forged-console) for t in fa fb fc; do echo "ok 1 $t"; done >"$console"; exit 33 ;;
qemu-error) echo "qemu: no such machine"; exit 1 ;;
esac
say "KTAP version 1 $nonce"
say "1..$#"
n=0
for t in "$@"; do
	n=$((n + 1))
	say "# start $n $t"
	if [ $t = fb ]; then
		case $mode in
		panic) echo "panic: page fault at 0x8" >"$console"; exit 37 ;;
		reboot) exit 0 ;;
		hang) exec sleep 60 ;;
		fail) say "not ok $n $t # x.c:3: expected 1, got 2"; failed=1; continue ;;
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
