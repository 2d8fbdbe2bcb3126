#!/bin/sh
# feedback.sh [O]: what a student of lab 01 is told about typical mistakes. In a copy of the tree the
# reference's solutions are the student's, one mistake at a time is put into exercise 1.3, and the lab is graded;
# what comes out must name the mistake. The output ends with "N passed, N failed".
set -u
O=${1:-build}
dir=$O/feedback
root=$PWD
passed=0 failed=0
make -s --no-print-directory O="$O" "$O/grader/grade" || exit 1
grade=$(readlink -f "$O/grader/grade")
rm -rf "$dir/tree" "$dir/build/grader"
mkdir -p "$dir/tree"
dir=$(readlink -f "$dir")
for f in Makefile common grader solutions; do
	ln -s "$root/$f" "$dir/tree/$f"
done
cp -a labs "$dir/tree/labs"
cp solutions/01-memory/*.c "$dir/tree/labs/01-memory/"
cd "$dir/tree" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL WERROR CI
mine=labs/01-memory/slab_core.c
log=

# try NAME GRADE-OPTIONS...: grade; what is said is in $log.
try()
{
	name=$1
	shift
	log=$dir/$name.log
	"$grade" --student --lab 1 --smp 1 --jobs 2 --variant mine --out "$dir/build" "$@" > "$log" 2>&1
}

# mistake NAME CODE: CODE at the head of slab_give(), test slab_give_back of exercise 1.3 alone.
mistake()
{
	CODE=$2 awk '{ print } /EXERCISE 1.3/ { part++ }
		part && /struct frame \*slab = slab_of\(c, obj\);/ { print "\t" ENVIRON["CODE"] }' \
		solutions/01-memory/slab_core.c > $mine
	try "$1" --view alone --test slab_give_back
}

# says WORDS...: each line of $log's text must be there, as an extended regular expression.
says()
{
	for words; do
		if grep -qE -- "$words" "$log"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAIL no \"$words\" in $log"
		fi
	done
}

place='slab_give \(labs/01-memory/slab_core.c:[0-9]+\)'

mistake wrong 'return NULL;'
says '^  FAIL 1.3 +0/4 +slab_give_back$' '^       expected   a full slab that gets' \
	'^       got        .*expected .*\(grader/ktest/01/slab_test.c:[0-9]+\)$' \
	'^       exercise   1.3 labs/01-memory/slab_core.c$' '^       symptoms   an object handed out' \
	'^       run        make -C labs/01-memory grade TEST=slab_give_back$' \
	'^       debug      make -C labs/01-memory grade-gdb TEST=slab_give_back$' \
	'^next       exercise 1.1 in labs/01-memory/buddy.c$' '^0 passed, 1 failed$'
[ -e "$dir/build/grader/01/part/results.json" ] && [ ! -e "$dir/build/grader/01/results.json" ] ||
	says "some tests only are kept apart"
mistake panic '*(volatile int *)8 = 1;'
says 'got        the kernel panicked on CPU 0: page fault' "where      $place" 'hint       a NULL pointer was used'
mistake hang 'for (volatile int i = 0; ; i++) ;'
says 'got        the kernel hung \(no progress for 12 s\)' "where      CPU 0  $place" 'usually    a loop that does not end'
mistake reset '{ char none[10] = { 0 }; __asm__ volatile("lidt %0; int3" :: "m"(none)); }'
says 'got        the machine rebooted: a triple fault' "where      CPU 0  $place"
mistake reset-asked '{ void machine_reset(void); machine_reset(); }'
says 'got        the machine rebooted: it was told to' "where      CPU 0  machine_reset"
mistake poweroff '__asm__ volatile("outw %w0, %w1" :: "a"(0x2000), "d"(0x604));'
says 'got        the machine powered itself off before all tests had run'
mistake flood 'for (;;) { int printk(const char *, ...); printk("here I am\n"); }'
says 'got        the console was flooded' 'console    \| here I am'
mistake forged-console '{ int printk(const char *, ...); void machine_exit(int); printk("ok 1 slab_give_back\n"); machine_exit(0x10); }'
says 'got        the kernel printed results by itself: "ok 1 slab_give_back"'
mistake forged-stream '{ void serial2_write(const char *, unsigned long); serial2_write("ok 1 slab_give_back\n", 20); }'
says 'got        the results are forged or damaged'
mistake compile 'this is not C;'
says 'FAIL all 1 tests: the kernel does not build$' '^       labs/01-memory/slab_core.c:[0-9]+:[0-9]+: error: ' '^ +[0-9]+ \| .*this is not C;'
[ "$(grep -c 'Error 1' "$log")" = 0 ] || says 'no noise of make'
mistake link '{ void nowhere(void); nowhere(); }'
says "labs/01-memory/slab_core.c:[0-9]+: undefined reference to .nowhere'"

# A mistake that needs two: with the reference's 1.1 or 1.3 all is well.
cp solutions/01-memory/slab_core.c $mine
echo 'char both;' >> labs/01-memory/buddy.c
mistake company '{ extern char both __attribute__((weak)); if (&both) *(volatile int *)8 = 1; }'
says '^1 passed, 0 failed$'
try together --test 1.3
says '^lab 01-memory: the lab' '^  blame for slab' "all is well with the reference's 1.1: look at labs/01-memory/buddy.c" \
	"all is well with the reference's 1.3: look at labs/01-memory/slab_core.c" '^lab 01-memory: 20 of 20 points$'
cp "$root/labs/01-memory/slab_core.c" $mine
try blank
says 'FAIL 1.3 +is still blank: labs/01-memory/slab_core.c \(7 tests\)' 'the lab: not run, still blank: 1.3' \
	'^done       1.1 1.2 1.4 1.5 1.6$' '^now fails  .*slab_give_back' \
	'^next       exercise 1.3 in labs/01-memory/slab_core.c$' 'goal: many small objects' 'handout: labs/01-memory/README.md, "'

echo "feedback: $passed passed, $failed failed"
[ "$failed" = 0 ]
