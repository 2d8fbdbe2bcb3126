#!/bin/sh
# gdb.sh [O]: the helper commands of common/gdb/ on a stopped machine: lab 03's debug build, in the
# middle of a dup2(2) of one of its user tests. Each command must run without an error and say
# what is expected here. The output ends with "N passed, N failed".
set -u
O=${1:-build}
dir=$O/grader/gdb
log=$dir/output
passed=0 failed=0
mkdir -p "$dir"
rm -f "$dir/sock"

build()
{
	make -s --no-print-directory O="$O" LAB=03 MODE=reference MINE= REF= DEBUG=1 TESTS=1 "$@"
}
build kernel || exit 1
kernel=$(build print-kernel)

# command NAME EXPRESSION COMMAND...: between marks; EXPRESSION is an extended regular expression.
commands()
{
	"$1" ps 'THREAD_SLEEPING WAIT_INTERRUPTIBLE.* fd$' trellis-ps
	"$1" current 'fd \(process 2\)' trellis-current
	"$1" stack 'sys_wait4' trellis-stack 1
	"$1" files '^ *3 ' trellis-files 2
	"$1" areas '400000' trellis-areas 2
	"$1" walk '[Uu]ser' trellis-walk 0x400000
	"$1" waiters 'wait_for_child' trellis-waiters
	"$1" log 'CPUs' trellis-log
	"$1" locks 'spinlock files RANK_FILES' trellis-locks
}

write()
{
	name=$1
	shift 2
	printf 'echo \\n==%s\\n\n%s\n' "$name" "$*"
}

check()
{
	part=$(sed -n "/^==$1\$/,/^==/p" "$log" | sed 1d)
	if printf '%s\n' "$part" | grep -qE "$2" && ! printf '%s\n' "$part" | grep -qE 'Error|No symbol'; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s: no "%s" in\n%s\n' "$3" "$2" "$part"
	fi
}

{
	echo "trellis-connect $dir/sock"
	echo "hbreak fd_dup_to"
	echo "continue"
	commands write | sed "s/^trellis-locks$/hbreak fd_table_mark\\ncontinue\\ntrellis-locks/"
	printf "%s\\n" "echo \\n==end\\n"
	echo "kill"
} >"$dir/script"
timeout 100 qemu-system-x86_64 -M q35 -smp 2 -m 256M -display none -no-reboot -nic none \
	-kernel "$kernel" -append "ktap=gdb init=fd -- fd_dup2_onto" -serial "file:$dir/console" \
	-serial "file:$dir/ktap" -S -chardev "socket,path=$dir/sock,server=on,wait=off,id=gdb" \
	-gdb chardev:gdb &
qemu=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
	[ -S "$dir/sock" ] && break
	sleep 1
done
timeout 90 gdb -q -batch -nx -ix common/gdb/trellis.gdb -x "$dir/script" "$kernel" >"$log" 2>&1
kill $qemu 2>/dev/null
wait $qemu 2>/dev/null
commands check
echo "gdb: $passed passed, $failed failed"
[ $failed = 0 ]
