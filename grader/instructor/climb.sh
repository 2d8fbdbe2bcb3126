#!/bin/sh
# climb.sh O LABS: solve labs as a student does, exercise by exercise in the students' repository, and grade
# after each: the points must be those of the exercises solved so far, and `next` must name the
# first that is not. LABS: "01 02". The output ends with "N passed, N failed".
set -u
O=$1 labs=$2
dir=$O/climb
passed=0 failed=0
sh grader/instructor/handout.sh "$O" || exit 1
rm -rf "$dir"
cp -R "$O/handout" "$dir"

# Points of one exercise, as the handout says.
points_of()
{
	make -s --no-print-directory O="$O" LAB="$1" grade-points |
		sed -n "s/^| \*\*$2\*\* .*| \*\*\([0-9]*\)\*\* |$/\1/p"
}

verdict()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "  ok   $2"
	else
		failed=$((failed + 1))
		echo "  FAIL $2"
	fi
}

for lab in $labs; do
	home=$(cd labs && echo "$lab"-*)
	exercises=$(sed -n "s,^$lab-[^=]*=,,p" "$dir/reference/exercises" | sort -u -t. -k2,2n)
	want=0
	for exercise in $exercises; do
		for file in $(sed -n "s/=$exercise\$//p" "$dir/reference/exercises"); do
			cp "solutions/$file" "$dir/labs/$file"
		done
		want=$((want + $(points_of "$lab" "$exercise")))
		env -u WERROR -u CI make -s -C "$dir/labs/$home" grade > "$dir/$exercise.log" 2>&1
		got=$(sed -n 's/^lab .*: \([0-9]*\) of 100 points$/\1/p' "$dir/$exercise.log")
		following=$(echo "$exercises" | sed -n "/^$exercise\$/{n;p;}")
		grep -qE "^next +${following:+exercise $following }" "$dir/$exercise.log"
		named=$?
		[ "$got" = "$want" ] && [ $named = 0 ]
		verdict $? "$exercise: $got points of $want expected; $(grep '^next' "$dir/$exercise.log")"
	done
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
