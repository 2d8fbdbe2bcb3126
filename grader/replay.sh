#!/bin/sh
# replay.sh [O]: `make record` and `make replay`: does time go backwards? A run of lab 02 is replayed until
# its attackers are dead; then the debugger goes back to the death of the last two and must see
# again what it saw on the way forward, and so for single steps. Ends with "N passed, N failed".
set -u
O=${1:-build}
dir=$O/grader/replay
passed=0 failed=0
mkdir -p "$dir"

run_make()
{
	timeout -k 5 100 make -s --no-print-directory O="$O" LAB=02 MODE=reference MINE= REF= DEBUG= TESTS= CMDLINE=console=ttyS0 "$@"
}

run_make kernel || exit 1
kernel=$(run_make print-kernel)
socket=${kernel%/*}/gdb.sock
rm -f "$socket"
run_make record </dev/null >"$dir/recorded" 2>&1 || { tail "$dir/recorded"; exit 1; }

# What is looked at: whose turn it is, how many switches there have been, where the stack is.
see='cpus[0].thread->name, runqueues[0].switches, $rip, $rsp'
cat >"$dir/script" <<END
trellis-connect $socket
hbreak thread_exit if cpus[0].thread->name[0] == 'a'
commands
silent
printf "forward: %s %lu %#lx %#lx\n", $see
continue
end
hbreak thread_exit if cpus[0].thread->name[0] == 'c'
continue
commands 3
silent
end
delete 4
reverse-continue
printf "backward: %s %lu %#lx %#lx\n", $see
reverse-continue
printf "backward: %s %lu %#lx %#lx\n", $see
printf "step: %s %lu %#lx %#lx\n", $see
stepi
printf "step: %s %lu %#lx %#lx\n", $see
stepi
printf "end: %s %lu %#lx %#lx\n", $see
reverse-stepi
printf "unstep: %s %lu %#lx %#lx\n", $see
reverse-stepi
printf "unstep: %s %lu %#lx %#lx\n", $see
kill
END
run_make replay </dev/null >"$dir/replayed" 2>&1 &
replay=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
	[ -S "$socket" ] && break
	sleep 1
done
timeout 90 gdb -q -batch -nx -ix common/gdb/trellis.gdb -x "$dir/script" "$kernel" >"$dir/log" 2>&1
kill $replay 2>/dev/null
wait $replay 2>/dev/null

seen()
{
	sed -n "s/^$1: //p" "$dir/log"
}

# same WHAT TEXT TEXT
same()
{
	if [ -n "$2" ] && [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s:\n%s\n-- is not --\n%s\n' "$1" "$2" "$3"
	fi
}

same "the last attackers' deaths, backwards" "$(seen forward | tail -2 | tac)" "$(seen backward)"
same "two steps, backwards" "$(seen step | tac)" "$(seen unstep)"
same "ten attackers die in the replay" 10 "$(seen forward | wc -l)"
same "a step is a step" 3 "$( (seen step; seen end) | sort -u | wc -l)"
[ $failed = 0 ] || tail -20 "$dir/log"
echo "replay: $passed passed, $failed failed"
[ $failed = 0 ]
