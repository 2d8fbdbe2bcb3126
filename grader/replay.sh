#!/bin/sh
# replay.sh [O]: `make record` and `make replay`: does time go backwards? A run of lab 02 is replayed
# until its attackers are dead; then the debugger goes back to the death of the last two and must see
# again what it saw on the way forward, and so for single steps. A run that panics is followed back
# to the last write of a variable. Ends with "N passed, N failed".
set -u
O=${1:-build}
dir=$O/grader/replay
passed=0 failed=0
mkdir -p "$dir"

# replay NAME VARIABLES... <COMMANDS: record a run, replay it under the debugger; its output is in $log.
replay()
{
	log=$dir/$1
	shift
	set -- timeout -k 5 100 make -s --no-print-directory O="$O" LAB=02 MODE=reference MINE= REF= DEBUG= "$@"
	"$@" kernel || exit 1
	kernel=$("$@" print-kernel)
	socket=${kernel%/*}/gdb.sock
	rm -f "$socket"
	{
		echo "trellis-connect $socket"
		cat
		echo kill
	} >"$log.gdb"
	"$@" record </dev/null >"$log.record" 2>&1 || { tail "$log.record"; exit 1; }
	"$@" replay </dev/null >"$log.replay" 2>&1 &
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ -S "$socket" ] && break
		sleep 1
	done
	timeout 90 gdb -q -batch -nx -ix common/gdb/trellis.gdb -x "$log.gdb" "$kernel" >"$log" 2>&1
	kill $! 2>/dev/null
	wait $! 2>/dev/null
}

seen()
{
	sed -n "s/^$1: //p" "$log"
}

# same WHAT TEXT TEXT
same()
{
	if [ -n "$2" ] && [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s:\n%s\n-- is not --\n%s\n' "$1" "$2" "$3"
		tail -20 "$log"
	fi
}

# What is looked at: whose turn it is, how many switches there have been, where the stack is.
see='%s %lu %#lx %#lx\n", cpus[0].thread->name, runqueues[0].switches, $rip, $rsp'
replay steps CMDLINE=console=ttyS0 <<END
hbreak thread_exit if cpus[0].thread->name[0] == 'a'
commands
silent
printf "forward: $see
continue
end
hbreak thread_exit if cpus[0].thread->name[0] == 'c'
continue
commands 3
silent
end
delete 4
reverse-continue
printf "backward: $see
reverse-continue
printf "backward: $see
printf "step: $see
stepi
printf "step: $see
stepi
printf "end: $see
reverse-stepi
printf "unstep: $see
reverse-stepi
printf "unstep: $see
END
same "ten attackers die in the replay" 10 "$(seen forward | wc -l)"
same "the last attackers' deaths, backwards" "$(seen forward | tail -2 | tac)" "$(seen backward)"
same "two steps, backwards" "$(seen step | tac)" "$(seen unstep)"
same "a step is a step" 3 "$( (seen step; seen end) | sort -u | wc -l)"

replay panic TESTS=1 CMDLINE="console=ttyS0 crash=null_page" <<'END'
continue
printf "panic: %d\n", $_thread
watch runqueues[0].switches
reverse-continue
info symbol $rip
END
same "the panic is found again" 1 "$(seen panic)"
same "who wrote the variable last" schedule "$(sed -n 's/ + .* in section .text$//p' "$log")"
echo "replay: $passed passed, $failed failed"
[ $failed = 0 ]
