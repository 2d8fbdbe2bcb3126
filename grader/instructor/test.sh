#!/bin/sh
# test.sh O: try what instructors use, with a class of lab 01 made for it: who solved it, who left it blank, and
# who powers off, loops, floods the console, forges results, does not compile or reaches for files of the host.
# The output ends with "N passed, N failed".
set -u
O=$1
here=$(dirname "$0")
dir=$O/class-test
passed=0 failed=0
mkdir -p "$dir"
dir=$(readlink -f "$dir")
rm -rf "$dir/in" "$dir/out" "$dir/hidden"
mkdir -p "$dir/in" "$dir/hidden/ktest/01"

# expect DESCRIPTION COMMAND...
expect()
{
	what=$1
	shift
	if "$@" > /dev/null 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $what"
	fi
}

# A test that students do not have; it asks for 10 points more.
cat > "$dir/hidden/ktest/01/hidden_test.c" << 'END'
#include "common/ktest.h"
#include "01-memory/frame.h"
KTEST(hidden_frames, "1.1", 10, "hidden: two frames differ")
{
	struct frame *a = frame_alloc(0, GFP_KERNEL, FRAME_KERNEL), *b = frame_alloc(0, GFP_KERNEL, FRAME_KERNEL);

	KTEST_ASSERT(a && b && a != b);
	frame_put(a);
	frame_put(b);
}
END
sh "$here/base.sh" "$O" 01 "$dir/hidden" || exit 1

# submission NAME [CODE]: all of lab 01 solved; CODE stands at the head of buddy_alloc().
submission()
{
	mkdir -p "$dir/in/$1/labs/01-memory"
	cp solutions/01-memory/*.c "$dir/in/$1/labs/01-memory"
	[ $# = 1 ] || CODE=$2 awk '{ print } /EXERCISE 1.1 BEGIN/ && /return NULL/ { print "\t" ENVIRON["CODE"] }' \
		solutions/01-memory/buddy.c > "$dir/in/$1/labs/01-memory/buddy.c"
}

port='__asm__ volatile("outb %%al, %%dx"::"a"(*p), "d"(0x2f8));'
submission good
submission poweroff '__asm__ volatile("outw %%ax, %%dx"::"a"(0x2000), "d"(0x604));'
submission exits '__asm__ volatile("outl %%eax, %%dx"::"a"(0x10), "d"(0xf4)); for (;;) ;'
submission loops 'for (;;) ;'
submission floods 'for (;;) { extern int printk(const char *, ...); printk("I am a flood of console output, line by line\n"); }'
submission forges "for (const char *p = \"KTAP version 1\\n1..1\\nok 1 buddy_split\\n\"; *p; p++) $port"
submission nonsense 'this is not C;'
submission slow 'volatile long n = 0; while (n < 1000) n++;'
submission leaks '}
#include "/etc/passwd"
#include "/root/.bashrc"
static void f(void) {'
submission odd
rm "$dir/in/odd/labs/01-memory/area.c" "$dir/in/odd/labs/01-memory/buddy.c"
ln -s /etc/passwd "$dir/in/odd/labs/01-memory/buddy.c"
mkdir "$dir/in/empty"
mkdir "$dir/in/blank"
cp -R "$O/handout/labs" "$dir/in/blank/labs"
echo '01 50 2000-01-01T00:00 10 3' > "$dir/course"

export PATIENCE=${PATIENCE:-1} SUBMITTED='1999-12-31 23:00'
SUBMITTED='2000-01-02 12:00' sh "$here/submission.sh" "$O/class/01" 01 "$dir/in/good" "$dir/late" > /dev/null
find "$dir/in" -mindepth 1 -maxdepth 1 -type d | sh "$here/class.sh" "$O" 01 "$dir/out" 2 "$dir/course"

# row NAME REGULAR-EXPRESSION: in the table; says TEXT: in what the student reads.
row()
{
	grep -qE "^\"$1\",$2" "$dir/out/class.csv"
}
says()
{
	grep -qE "$2" "$dir/out/$1/output.txt"
}
expect "the good one has all points, the hidden ones too" row good '1,110,110,0,100.00,50.00,graded'
expect "the blank one has none, and is graded" row blank '1,0,110,0,0.00,0.00,graded'
for name in poweroff exits loops floods forges nonsense leaks; do
	expect "$name loses points of exercise 1.1 and of no other" \
		row $name '1,[0-9]+,110,0,[0-9.]+,[0-9.]+,graded,([0-9]|[12][0-9]|3[01]),22,20,12,14,10'
done
expect "who is slow but right has the points" row slow '1,110,110'
expect "files that are missing or no files are blank" row odd '1,68,110'
expect "an empty submission has a line" row empty ',0,0,.*not graded'
expect "two days late" sh -c "'$O/class/01/objects/grader/grade' --course '$dir/course' --csv '$dir/late' | grep -q '110,110,2,80.00,40.00'"
expect "power off is named" says poweroff 'power'
expect "a loop is named" says loops 'hung|hang|spin'
expect "a flood is named" says floods 'flood'
expect "a forgery is named" says forges 'nonce|forge|belong|header'
expect "the compiler's message is shown" says nonsense 'buddy.c:[0-9]+:.*error'
expect "no host file is shown" sh -c "! grep -rq '^root:\|root:x:0' '$dir/out/leaks' '$dir/out/odd'"
expect "a link is refused" says odd 'buddy.c is not a plain file'
expect "a missing file is named" says odd 'area.c is missing'
for format in json xml tap; do
	expect "results.$format is there" test -s "$dir/out/good/results.$format"
done

# The students' repository: the reference links from objects, no solution is in it, headers are checked.
handout=$O/handout
expect "no solutions, mutants or hidden tests are handed out" sh -c "! ls -d '$handout/solutions' '$handout/grader/mutants' \
	'$handout/grader/instructor' '$handout/grader/ktest/01/hidden_test.c'"
expect "the finished system links from the reference objects" make -s -C "$handout" O="$dir/build" kernel LAB=07
expect "so does the debug build" make -s -C "$handout" O="$dir/build" kernel LAB=05 DEBUG=1
cp -R "$handout" "$dir/changed"
echo '/* changed */' >> "$dir/changed/common/list.h"
expect "a changed header is named" sh -c "make -s -C '$dir/changed' O='$dir/build2' kernel LAB=01 2>&1 | grep -q 'common/list.h: FAILED'"
rm -rf "$dir/changed"

# Gradescope's bundle grades what it finds in /autograder/submission.
expect "the Gradescope bundle is made" sh "$here/gradescope.sh" "$O" 01
mkdir -p "$dir/autograder/results"
rm -rf "$dir/autograder/source"
cp -R "$O/gradescope/01" "$dir/autograder/source"
cp -R "$dir/in/good" "$dir/autograder/submission"
expect "its objects build" sh "$O/gradescope/01/objects.sh" "$dir/autograder/source/base" 01
AUTOGRADER=$dir/autograder sh "$dir/autograder/source/run_autograder" > "$dir/autograder.log" 2>&1
expect "it writes results.json" grep -q '"score": 100' "$dir/autograder/results/results.json"

# Without the objects there is one view of all that the student has.
sh "$here/handout.sh" "$O" no > /dev/null
cp solutions/01-memory/*.c "$handout/labs/01-memory"
expect "without reference objects a lab is graded as it is" \
	sh -c "make -s -C '$handout/labs/01-memory' grade 2>&1 | grep -q '100 of 100 points'"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
