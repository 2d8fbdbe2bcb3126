#!/bin/sh
# mutants.sh LAB [O [SMP [PATTERN]]]: for every wrong solution grader/mutants/0N/E.X-NAME.sed, grade
# exercise E.X alone with it, and compare the points that it loses with those it names. The file is
# a sed script for the solution; its first lines are
#
#	# file solutions/01-memory/buddy.c
#	# loses 5
#
# "loses N" is exact; "loses N-M" a range, for mistakes whose effect depends on timing. The output
# ends with "N passed, N failed".
set -u
lab=$1 O=${2:-build} smp=${3:-2} only=${4:-*}
root=$PWD
work=$(mkdir -p "$O/grader/mutants" && cd "$O/grader/mutants" && pwd) || exit 1
O=$(cd "$O" && pwd)
passed=0 failed=0

verdict()
{
	if [ "$1" = ok ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
	printf '  %-4s %-40s %s\n' "$@"
}

# A tree like this one, in which one file of labs/ is the mutant. It builds in a
# directory of its own, so that no mutant's object is ever taken for the student's.
overlay()
{
	rm -rf "$work/tree"
	mkdir -p "$work/tree"
	for f in Makefile common grader solutions; do
		ln -s "$root/$f" "$work/tree/$f"
	done
	cp -a "$root/labs" "$work/tree/labs"
}

one()
{
	name=$(basename "$1" .sed)
	exercise=${name%%-*}
	file=$(sed -n 's/^# file solutions\///p' "$1")
	loses=$(sed -n 's/^# loses //p' "$1")
	least=${loses%-*} most=${loses#*-}
	if [ ! -f "solutions/$file" ] || [ -z "$loses" ]; then
		verdict FAIL "$name" "needs lines '# file' and '# loses'"
		return
	fi
	mutant=$work/tree/labs/$file
	sed -f "$1" "solutions/$file" >"$mutant"
	if cmp -s "$mutant" "solutions/$file"; then
		verdict FAIL "$name" "changes nothing"
	else
		log=$work/$name.log
		(cd "$work/tree" && env -u WERROR -u CI "$O/grader/grade" --reference --lab "$lab" --mine "$exercise" \
			--test "$exercise" --out "$work/build" --smp "$smp" --patience 0.3) >"$log" 2>&1
		points=$(sed -n 's/^lab .*: \([0-9]*\) of \([0-9]*\) points$/\1 \2/p' "$log")
		lost=$((${points#* } - ${points% *}))
		if ! grep -qE "does not build|no kernel" "$log" && [ -n "$points" ] && [ $lost -ge "$least" ] && [ $lost -le "$most" ]; then
			verdict ok "$name" "loses $lost of ${points#* }"
		else
			verdict FAIL "$name" "loses $lost of ${points#* } points, not $loses; $log"
		fi
	fi
	cp -p "labs/$file" "$mutant"
}

overlay
for mutant in grader/mutants/"$lab"/$only.sed; do
	[ -e "$mutant" ] && one "$mutant"
done
echo "mutants $lab: $passed passed, $failed failed"
[ $failed = 0 ]
