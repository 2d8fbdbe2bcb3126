#!/bin/sh
# panic.sh [O]: provokes each of the classic faults (crash=NAME, grader/ktest/0?/crash.c) and looks at
# what the panic says: its hint and the handout, the function that did it, and QEMU's exit status 37.
# The output ends with "N passed, N failed".
set -u
O=${1:-build}
dir=$O/grader/panic
passed=0 failed=0
mkdir -p "$dir"

build()
{
	flavour=$1 lab=$2
	set -- O="$O" LAB="$lab" MODE=reference MINE= REF= TESTS=1
	[ "$flavour" = release ] || set -- "$@" DEBUG=1
	make -s --no-print-directory "$@" kernel || exit 1
	kernel=$(make -s --no-print-directory "$@" print-kernel)
}

# crash NAME LAB FUNCTION WORDS...: the hint begins with WORDS and points to LAB; FUNCTION is in the
# panic's message or in its backtrace.
crash()
{
	name=$1 handout=$2 function=$3
	shift 3
	log=$dir/$lab-$flavour-$name
	timeout 120 qemu-system-x86_64 -M q35 -smp 2 -m 64M -display none -no-reboot -nic none \
		-kernel "$kernel" -append "console=ttyS0 crash=$name" -serial "file:$log" -serial null \
		-device isa-debug-exit,iobase=0xf4,iosize=0x04
	status=$?
	hint=$(grep -a '^hint: ' "$log")
	wrong=
	[ $status = 37 ] || wrong="status $status instead of 37"
	case $hint in
	"hint: $*"*"; see labs/$handout-"*"/README.md#symptoms"*) ;;
	*) wrong="$wrong; the hint is not \"$*...\" (lab $handout)" ;;
	esac
	grep -q "^## Symptoms" labs/"$handout"-*/README.md || wrong="$wrong; the handout has no Symptoms"
	sed -n '/^panic on CPU/,$p' "$log" | grep -qa "\\<$function\\>" ||
		wrong="$wrong; $function is not named"
	if [ -z "$wrong" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL lab $lab, $flavour, crash=$name: $wrong"
		tail -40 "$log"
	fi
}

memory()
{
	crash stack_overflow 01 crash_stack_overflow "a kernel stack has"
	crash double_fault 01 crash_double_fault "the stack pointer itself is bad"
	crash null_page 01 crash_null_page "a NULL pointer was used"
	crash unmapped 01 crash_unmapped "the address is a kernel one, but no page"
	crash freed_frame 01 crash_freed_frame "memory was used or freed after"
	crash lock_twice 01 crash_lock_twice "a lock was taken by who holds it"
}

memory_debug()
{
	crash freed_object 01 crash_freed_object "memory was used or freed after"
	crash freed_pointer 01 crash_freed_pointer "memory was used or freed after"
	crash lock_order 01 crash_lock_order "two locks were taken in the wrong order"
}

threads()
{
	crash mutex_twice 01 crash_mutex_twice "a lock was taken by who holds it"
	crash sleeping 02 crash_sleeping "somebody slept"
	crash irq_storm 02 crash_irq_handler "an interrupt comes again"
	crash no_memory 01 crash_no_memory "all memory is in use"
}

build release 01 && memory
build release 02 && memory && threads
build debug 02 && memory && memory_debug && threads
echo "panic: $passed passed, $failed failed"
[ $failed = 0 ]
