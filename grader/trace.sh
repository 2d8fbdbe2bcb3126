#!/bin/sh
# trace.sh [O]: does `make trace` tell what happened? The traces of two stages are read back (trace-check),
# and so are made-up ones that are hard to convert or wrong. The output ends with "N passed, N failed".
set -u
O=${1:-build}
dir=$O/grader/trace
passed=0 failed=0
mkdir -p "$dir"
make -s --no-print-directory O="$O" "$O/grader/trace-check" || exit 1

# check WHAT COMMAND...
check()
{
	what=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $what:"
		head -20 "$dir/log"
	fi
}

# trace LAB NAME...
trace()
{
	lab=$1
	shift
	set -- "$@"
	make -s --no-print-directory O="$O" LAB="$lab" MODE=reference MINE= REF= trace </dev/null >"$dir/console" 2>&1 ||
		{ tail -5 "$dir/console"; exit 1; }
	check "the trace of lab $lab" "$O/grader/trace-check" "$O/$lab"-*/trace.json "$@"
}

# convert EVENTS: one per argument.
convert()
{
	printf '%s\n' "$@" | sort -s -n -k 1,1 | awk -f common/trace.awk >"$dir/made-up.json"
}

# Without the word, nothing is written.
silent()
{
	kernel=$(make -s --no-print-directory O="$O" LAB=03 MODE=reference MINE= REF= print-kernel)
	timeout 60 qemu-system-x86_64 -M q35 -m 64M -display none -no-reboot -nic none -kernel "$kernel" \
		-append console=ttyS0 -serial "file:$dir/console" -device isa-debugcon,chardev=out \
		-chardev "file,id=out,path=$dir/out" && grep -q 'right' "$dir/console" && ! [ -s "$dir/out" ]
}

# The calls of a trace are those that strace=1 sees in another run; the tree does the same each time.
same_as_strace()
{
	timeout 60 qemu-system-x86_64 -M q35 -m 64M -display none -no-reboot -nic none -kernel "$kernel" \
		-append "console=ttyS0 strace=1" -serial "file:$dir/console" || return 1
	for call in fork wait4 write exit_group; do
		traced=$(grep -c "\"ph\":\"B\".*\"name\":\"$call\"" "$O"/03-*/trace.json)
		straced=$(grep -aoE "\[pid +[0-9]+\] $call\(" "$dir/console" | wc -l)
		echo "$call: $traced in the trace, $straced by strace"
		[ "$traced" = "$straced" ] && [ "$traced" -gt 0 ] || return 1
	done
}

trace 02 process:count_a process:attack_null count_b "int 0x80" "page fault" "CPU 0" "CPU 1"
trace 03 process:tree fork wait4 write exit_group "page fault" "CPU 0" "CPU 1"
check "a kernel without trace=" silent
check "calls in the trace and in strace" same_as_strace
convert "10 0 S 0 0 0 idle" '20 0 S 5 5 0 a"b\c' "30 0 E 5 5 0" "40 0 B 5 5 0x1 read" \
	"60 1 S 5 5 0 other name" "50 0 S 0 0 1 idle" "70 1 B 5 5 0x2 page fault" "90 1 S 0 0 3 idle" end
check "a thread that moves, is renamed and dies in a call" "$O/grader/trace-check" "$dir/made-up.json" \
	'a"b\c' "other name" read "page fault" "CPU 1"
printf '{"traceEvents":[%s]}' '{"ph":"B","pid":1,"tid":1,"ts":5,"name":"x"}' >"$dir/made-up.json"
check "an unbalanced trace is noticed" sh -c "! '$O/grader/trace-check' '$dir/made-up.json'"
printf '{"displayTimeUnit":"ns","traceEvents":[]}' >"$dir/made-up.json"
check "a trace with times in another unit is noticed" sh -c "! '$O/grader/trace-check' '$dir/made-up.json'"
echo "trace: $passed passed, $failed failed"
[ $failed = 0 ]
