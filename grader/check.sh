#!/bin/sh
# check.sh [O]: what CI runs, by `make check`. Every step's log is in O/check/; a step passes if
# its command does, and counts what its last "N passed, N failed" line says. The output ends with
# the sums. A lab whose parts do not exist yet is skipped with a note.
set -u
O=${1:-build}
dir=$O/check
passed=0 failed=0
mkdir -p "$dir"
unset MAKEFLAGS MFLAGS MAKELEVEL
export WERROR=1		# everywhere, or else every step would rebuild everything
start=$(date +%s)

# step NAME COMMAND...: run it, show its end, add up.
step()
{
	name=$1
	shift
	began=$(date +%s)
	log=$dir/$name.log
	"$@" >"$log" 2>&1
	status=$?
	counts=$(sed -nE 's/.*(^|[^0-9])([0-9]+) passed, ([0-9]+) failed$/\2 \3/p' "$log" | tail -1)
	p=${counts% *} f=${counts#* }
	[ -n "$counts" ] || { p=1 f=0; }
	if [ "$status" != 0 ] && [ "$f" = 0 ]; then
		f=1
		[ -n "$counts" ] || p=0
	fi
	passed=$((passed + p)) failed=$((failed + f))
	result=ok
	if [ "$f" != 0 ]; then
		result=FAIL
		grep -vE '^  (CC|AS|LD|UCC|UAS|HOSTCC|ok) ' "$log" | tail -60
	fi
	grep -h '^note:' "$log"
	printf '%-4s %-22s %4s passed %4s failed  %4s s  %s\n' $result "$name" "$p" "$f" \
		$(($(date +%s) - began)) "$log"
}

run_make()
{
	make -s --no-print-directory -j2 O="$O" "$@"
}

step catalogue run_make catalogue-check
step skeleton run_make skeleton-check
for main in labs/0*/; do
	lab=${main#labs/}
	number=${lab%%-*}
	if [ -e "$main/main.c" ]; then
		step "build-$number" run_make LAB="$number" kernel iso
		step "build-debug-$number" run_make LAB="$number" DEBUG=1 kernel
		step "build-mine-$number" run_make LAB="$number" MODE=mine kernel
	else
		echo "note: $main has no main.c yet: skipped"
	fi
done
step unit run_make unit
step host run_make grade-host
step panic sh grader/panic.sh "$O"
step memmap sh grader/memmap.sh "$O"
step trace sh grader/trace.sh "$O"
step strace sh grader/strace.sh "$O"
step gdb sh grader/gdb.sh "$O"
step feedback sh grader/feedback.sh "$O"
step handouts env O="$O" sh grader/readme.sh check
step handouts-run env O="$O" sh grader/readme.sh run
step replay sh grader/replay.sh "$O"
for main in labs/0*/main.c; do
	lab=${main#labs/}
	number=${lab%%-*}
	for smp in 1 2; do
		step "grade-$number-smp$smp" run_make LAB="$number" SMP=$smp grade
	done
	step "debug-$number" run_make LAB="$number" DEBUG=1 PATIENCE=3 grade
	step "iso-$number" sh grader/iso.sh "$number" "$O"
	step "blank-$number" run_make LAB="$number" grade-blank
done
[ -z "${number:-}" ] || step "older-$number" run_make LAB="$number" grade-older
step class sh grader/instructor/test.sh "$O"
step mutants sh grader/mutants.sh "$O" sample
echo "$(($(date +%s) - start)) seconds"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
