#!/bin/sh
# soak.sh O RUNS LABS [LOAD]: grade the reference of these labs again and again, on one CPU and on two,
# while LOAD processes (default 2) keep the machine busy, and count the results that differ from those of the
# first run. A result that differs is a bug of the kernel or of the test, whichever way it went.
# Differences go to O/soak/differences. The output ends with "N passed, N failed".
set -u
O=$1 runs=$2 labs=$3 load=${4:-2}
dir=$O/soak
passed=0 failed=0
mkdir -p "$dir"
: > "$dir/differences"
unset MAKEFLAGS MFLAGS MAKELEVEL

busy=
while [ "$load" -gt 0 ]; do
	sh -c 'while :; do :; done' &
	busy="$busy $!"
	load=$((load - 1))
done
trap 'kill $busy 2> /dev/null' EXIT
trap 'exit 1' INT TERM

# The results of one grading, one per line, in the order of their names.
results()
{
	make -s --no-print-directory O="$O" LAB="$1" SMP="$2" PATIENCE=5 grade > "$dir/$1-$2.log" 2>&1
	sed -nE 's/^(ok|not ok) [0-9]+ - /\1 /p' "$O/grader/$1/results.tap" | sort -k 2
}

one()
{
	name=$1-smp$2
	rm -f "$O/grader/$1/results.tap"
	results "$1" "$2" > "$dir/$name.now"
	[ -e "$dir/$name.first" ] || cp "$dir/$name.now" "$dir/$name.first"
	if [ -s "$dir/$name.now" ] && cmp -s "$dir/$name.first" "$dir/$name.now" &&
	   ! grep -q '^not ok' "$dir/$name.now"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	{
		echo "run $run, lab $1, -smp $2"
		diff "$dir/$name.first" "$dir/$name.now"
		grep '^not ok' "$dir/$name.now"
	} >> "$dir/differences"
	cp "$dir/$1-$2.log" "$dir/$name-run$run.log"
	echo "soak: run $run of lab $1 with -smp $2 differs, see $dir/differences"
}

rm -f "$dir"/*.first
run=1
while [ $run -le "$runs" ]; do
	for lab in $labs; do
		one "$lab" 1
		one "$lab" 2
	done
	echo "soak: run $run of $runs, $failed unequal so far"
	run=$((run + 1))
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
