#!/bin/sh
# memmap.sh [O]: is what `make memmap` draws the truth? Compared with the kernel's symbols and with what
# the programs of lab 02 are. The output ends with "N passed, N failed".
set -u
O=${1:-build}
passed=0 failed=0

# check WHAT COMMAND...
check()
{
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL lab $lab: $what"
	fi
}

draw()
{
	lab=$1
	set -- -s --no-print-directory O="$O" LAB="$lab" MODE=reference MINE= REF= MEM=256M
	make "$@" memmap >/dev/null || exit 1
	kernel=$(make "$@" print-kernel)
	dir=${kernel%/*}
	sed -n 'H; /^memmap/h; ${x; p;}' "$dir/memmap.out" >"$dir/memmap.last"
}

symbol()
{
	nm "$kernel" | awk -v name="$1" '$3 == name { print $1 }'
}

# region PERMISSIONS FIRST END: there is a region of these, up to the page before the symbol END.
region()
{
	grep -q "^kernel $(symbol "$2") .* $1 " "$dir/memmap.last" &&
		! grep "^kernel $(symbol "$2") " "$dir/memmap.last" | grep -v " $1 " | grep -q .
}

no_line()
{
	! grep -qE "$1" "$dir/memmap.last"
}

# All frames that the map counts, and all that there are.
frames_add_up()
{
	awk '/^memmap/ { all = $2 } /^chunk/ { for (i = 4; i <= 10; i++) n += $3 * $i }
	     END { exit !(n == all && n > 60000) }' "$dir/memmap.last"
}

# One square for each piece of memory, one line for each area.
picture()
{
	tail -1 "$dir/memmap.svg" | grep -q '^</svg>$' &&
		awk '/^chunk/ { n += $3 } FILENAME ~ /svg$/ && /<title>[0-9a-f]*: / { squares++ }
		     /^user/ { n++ } FILENAME ~ /svg$/ && / in memory</ && /<text/ { squares++ }
		     END { exit !(n == squares && n > 500) }' "$dir/memmap.last" "$dir/memmap.svg"
}

for lab in 01 02; do
	draw $lab
	check "the text is not r-x" region r-x __kernel_start
	check "the constants are not r--" region r-- __rodata_start
	check "the data is not rw-" region rw- __data_start
	check "a page of the kernel is writable and executable" no_line '^kernel .* rwx'
	check "the boot stack's guard page is mapped" no_line "^kernel $(symbol boot_stack_guard) "
	check "what follows the guard page is not the boot stack" region rw- boot_stack
	check "the frames do not add up" frames_add_up
	check "the picture is not complete" picture
done
check "count_a's text is not mapped" grep -qE '^user 0+400000 .* r-xp [1-9][0-9]* [0-9]+ count_a$' "$dir/memmap.last"
check "no kernel stack is marked" grep -q '^kernel .* kernel stack$' "$dir/memmap.last"
check "the drawing names no process" grep -q '^Process [0-9]* (count_a)' "$dir/memmap.txt"
echo "memmap: $passed passed, $failed failed"
[ $failed = 0 ]
