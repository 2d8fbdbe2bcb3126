#!/bin/sh
# mutants.sh O all|sample|PATTERN...: grade wrong solutions (R8): each must lose exactly the points
# that it names. A mutant is a patch grader/mutants/N.E-what-is-wrong.patch against the solution of
# exercise N.E: its first line says `loses 5` (`loses 3-8` where the effect depends on timing), the
# lines up to the diff say the mistake in words. The exercise is graded alone with it.
#
# The reference is built once; each mutant compiles its one file and links a kernel of its own, so
# that JOBS of them (default: the processors) run at a time, each on SMP (default 2) CPUs. "sample"
# takes one mutant per exercise, another one for each commit. The output ends with "N passed, N failed".
set -u
O=$1
shift
work=$O/grader/mutants

verdict()
{
	printf '  %-4s %-36s %s (%s s)\n' "$1" "$name" "$2" "$(($(date +%s) - began))"
}

# Everything about one mutant; its only output is the verdict, the rest is in its log.
one()
{
	name=$1 patch=grader/mutants/$1.patch dir=$work/$1 log=$work/$1.log
	exercise=${name%%-*}
	lab=0${exercise%%.*}
	began=$(date +%s)
	file=$(sed -n 's/^--- a\///p' "$patch")
	loses=$(sed -n '1s/^loses \([0-9]*\(-[0-9]*\)\{0,1\}\)$/\1/p' "$patch")
	words=$(sed -n '2{/^---/d;p;}' "$patch")
	rm -rf "$dir"
	if [ -z "$loses" ] || [ -z "$words" ] || [ ! -f "$file" ]; then
		verdict FAIL "must begin with 'loses N', a sentence, and a diff of one solution"
		return
	fi
	mkdir -p "$dir/grader"
	grep -rlF "EXERCISE $exercise BEGIN" solutions | xargs cp --parents -t "$dir"
	ln -s ../../../user "$dir/grader/user"
	if ! patch -p1 -F0 -N -r - -d "$dir" <"$patch" >"$log" 2>&1; then
		verdict FAIL "no longer applies to $file: make the same mistake in it anew; $log"
	elif ! make -s --no-print-directory LAB="$lab" TESTS=1 MINE="$exercise" O="$O" OUT="$dir/out" \
			MINEOBJ="$dir/obj" MINESRC="$dir/solutions" MINE_CFLAGS=-Wno-error kernel >>"$log" 2>&1; then
		verdict FAIL "does not build; $log"
	else
		"$O/grader/grade" --reference --kernel "$dir/out/kernel-test.elf" --lab "${lab#0}" \
			--test "$exercise" --out "$dir" --smp "$SMP" --patience 0.3 >>"$log" 2>&1
		judge
	fi
}

judge()
{
	points=$(sed -n 's/^lab .*: \([0-9]*\) of \([0-9]*\) points$/\1 \2/p' "$log")
	lost=$((${points#* } - ${points% *}))
	if [ -n "$points" ] && [ $lost -ge "${loses%-*}" ] && [ $lost -le "${loses#*-}" ]; then
		verdict ok "loses $lost of ${points#* }"
		rm -rf "$dir"
	else
		verdict FAIL "loses $lost of ${points#* } points, not $loses; $log"
	fi
}

# One mutant of each exercise. Which one depends on the commit, and on nothing else.
sample()
{
	hash=$(git rev-parse --verify -q 'HEAD^{tree}' || ls grader/mutants)
	hash=$(echo "$hash" | cksum)
	for name in "$@"; do
		echo "${name%%-*} $name"
	done | awk -v hash="${hash%% *}" '
		{ of[$1, n[$1]++] = $2; if (n[$1] == 1) order[count++] = $1 }
		END { for (i = 0; i < count; i++) print of[order[i], (hash + i) % n[order[i]]] }'
}

names()
{
	(cd grader/mutants && for pattern in "$@"; do
		ls -v $pattern.patch
	done) | sed 's/\.patch$//'
}

# Each exercise has three of them, and all lie where they are found.
incomplete()
{
	for exercise in $(grep -rhoE "EXERCISE [0-9]+\.[0-9]+ BEGIN" solutions | cut -d" " -f2 | sort -uV); do
		n=$(find grader/mutants -name "$exercise-*.patch" -maxdepth 1 | wc -l)
		[ "$n" -ge 3 ] || echo "  FAIL exercise $exercise has $n wrong solutions, it should have three"
	done
	find grader/mutants -mindepth 1 ! -name "[0-9].[0-9]*-*.patch" -printf "  FAIL %p is no wrong solution\n"
}

if [ "$1" = one ]; then
	one "$2"
	exit
fi
unset MAKEFLAGS MFLAGS MAKELEVEL
export SMP="${SMP:-2}"
jobs=${JOBS:-$(nproc)}
mkdir -p "$work"
case $1 in
all) chosen=$(names '*') missing=$(incomplete) ;;
sample) chosen=$(sample $(names '*')) missing=$(incomplete) ;;
*) chosen=$(names "$@") missing= ;;
esac
for lab in $(echo "$chosen" | cut -c1 | sort -u); do
	make -s --no-print-directory -j"$jobs" LAB="0$lab" TESTS=1 O="$O" kernel user-tests || exit 1
done
echo "$chosen" | xargs -P "$jobs" -n 1 sh "$0" "$O" one | tee "$work/verdicts"
[ -z "$missing" ] || echo "$missing"
passed=$(grep -c '^  ok ' "$work/verdicts")
failed=$(($(echo "$chosen" | wc -w) - passed + $(echo "$missing" | grep -c FAIL)))
echo "mutants: $passed passed, $failed failed"
[ "$failed" = 0 ]
