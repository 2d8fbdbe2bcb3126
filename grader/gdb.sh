#!/bin/sh
# gdb.sh [O]: the helper commands of common/gdb/ on stopped machines, compared with what the kernel itself
# says (/proc), with what the programs do, and with what QEMU knows. The output ends with "N passed, N failed".
set -u
O=${1:-build}
dir=$O/grader/gdb
passed=0 failed=0
mkdir -p "$dir"

# build VARIABLES...: sets $kernel.
build()
{
	set -- -s --no-print-directory O="$O" MODE=reference MINE= REF= "$@"
	make "$@" kernel || exit 1
	kernel=$(make "$@" print-kernel)
}

# debug NAME COMMAND-LINE [QEMU OPTION...] <COMMANDS: boot, run the debugger's commands; the output is in
# $log, the console in $log.console. A line "= NAME" begins a part of the output. Instructions are the
# clock, and both CPUs get their share: what sleeps while another naps does so on a slow host too.
debug()
{
	log=$dir/$1
	append=$2
	shift 2
	rm -f "$dir/sock"
	{
		echo "trellis-connect $dir/sock"
		sed 's/^= \(.*\)/echo \\n==\1\\n\n/'
		printf 'echo \\n==end\\n\nkill\n'
	} >"$log.gdb"
	timeout 100 qemu-system-x86_64 -M q35 -smp 2 -m 256M -icount shift=0,sleep=off -display none -no-reboot -nic none \
		-kernel "$kernel" -append "$append" -serial "file:$log.console" -serial "file:$log.ktap" \
		-S -chardev "socket,path=$dir/sock,server=on,wait=off,id=gdb" -gdb chardev:gdb "$@" 2>/dev/null &
	qemu=$!
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ -S "$dir/sock" ] && break
		sleep 1
	done
	timeout 90 gdb -q -batch -nx -ix common/gdb/trellis.gdb -x "$log.gdb" "$kernel" 2>&1 | tr -d '\r' >"$log"
	kill $qemu 2>/dev/null
	wait $qemu 2>/dev/null
}

# part NAME [FILE]: the lines of a part.
part()
{
	sed -n "/^==$1\$/,/^==/p" "${2:-$log}" | grep -v '^=='
}

verdict()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s: %s in\n%s\n' "$(basename "$log")" "$2" "$3"
	fi
}

# expect PART REGEX: the part has such a line, and no error.
expect()
{
	text=$(part "$1")
	printf '%s\n' "$text" | grep -qE "$2" && ! printf '%s\n' "$text" | grep -qE 'Error|No symbol|no member'
	verdict $? "$1: no \"$2\"" "$text"
}

# same WHAT TEXT TEXT
same()
{
	[ -n "$2" ] && [ "$2" = "$3" ]
	verdict $? "$1: the second is not the first" "$2

$3"
}

# Lab 01 has no threads, but page tables and a log.
build LAB=01
debug memory console=ttyS0 <<'END'
hbreak machine_poweroff
continue
= walk
trellis-walk &kernel_pt
monitor gva2gpa &kernel_pt
= direct
trellis-walk 0xffff800000345678
= guard
trellis-walk boot_stack_guard
= log
trellis-log
END
part walk >"$log.walk"
expect walk 'level 1 .*write no-execute'
expect direct 'level 2 .*large'
expect direct 'physical address 0x345678$'
expect guard 'not present'
address=$(nm "$kernel" | awk '$3 == "kernel_pt" { print substr($1, 9) }')
expect walk "physical address $(printf '0x%x' $((0x$address - 0x80000000)))\$"
same "the log" "$(tr -d '\r' <"$log.console" | sed '/^$/d')" "$(part log | sed '/^$/d')"

# Lab 03: a child that has slept ends, and its parent waits for it.
build LAB=03 DEBUG=1 TESTS=1
debug processes "ktap=gdb init=wait -- wait_sleeps" <<'END'
hbreak sys_exit_group if cpus[$_thread - 1].thread->tid == 2
continue
= ps
trellis-ps
= current
trellis-current
= stack
trellis-stack 1
= running
trellis-stack 2
= files
trellis-files 2
= areas
trellis-areas 2
= symbols
trellis-user
info line *0x4000c0
info line main
END
expect ps 'THREAD_SLEEPING WAIT_INTERRUPTIBLE.* wait$'
expect current 'wait \(process 2\)'
expect stack 'sys_wait4'
expect running 'it runs on CPU'
expect files '^ *3 .*<[a-z0-9_]*_ops>'
expect areas '^  000000400000-0000004.*r-xp'
expect symbols 'ktap_user.h.*<main>'

# A debug build knows the locks that are held: in the middle of a dup2(2) ...
debug locks "ktap=gdb init=fd -- fd_dup2_onto" <<'END'
hbreak fd_dup_to
continue
hbreak fd_table_mark
continue
= locks
trellis-locks
END
expect locks 'spinlock files RANK_FILES'

# ... and in a test of mutexes, of which one is held while others want it: two, as the other CPU may be
# about to put one of them to sleep.
debug mutex "ktap=gdb ktest=mutex_contended" <<'END'
hbreak mutex_unlock if *m->name == 'k' && m->waiters.entries.next->next != &m->waiters.entries && !((struct wait_entry *)m->waiters.entries.next)->thread->on_queue && !((struct wait_entry *)m->waiters.entries.next->next)->thread->on_queue
continue
= locks
trellis-locks
= waiters
trellis-waiters
END
expect locks 'holds sleeping lock ktest RANK_SLEEP_LEAF, wanted by '
expect waiters 'lock_mutex'

# Lab 07: a shell says what /proc knows about it, and stops.
build LAB=07
mkdir -p "$dir/root/bin" "$dir/root/dev" "$dir/root/proc" "$dir/root/tmp/a"
cp /bin/busybox "$dir/root/bin/"
cat >"$dir/root/init" <<'END'
#!/bin/busybox sh
alias bb=/bin/busybox
bb mount -t devtmpfs dev /dev
bb mount -t proc proc /proc
echo hello world >/tmp/a/file
exec 5</tmp/a/file
read -r x <&5
bb sleep 1000 &
bb echo "==fds"
bb ls -1 /proc/1/fd
bb echo "==fd5"
bb cat /proc/1/fdinfo/5
bb echo "==ps"
bb sh -c '/bin/busybox sleep 0.1; exec /bin/busybox cat /proc/*/stat'
bb echo "==maps"
bb cat /proc/1/maps
bb echo "==end"
bb sync
END
chmod +x "$dir/root/init"
(cd "$dir/root" && find . | cpio -o --quiet -H newc) >"$dir/initrd"
debug proc console=ttyS0 -initrd "$dir/initrd" <<'END'
hbreak sys_sync
continue
= ps
trellis-ps
= current
trellis-current
= fds
trellis-files 1
= areas
trellis-areas 1
= waiters
trellis-waiters
= walk
trellis-walk 0x401234
eval "monitor cpu %d", $_thread - 1
monitor gva2gpa 0x401234
= locks
trellis-locks
END
tr -d '\r' <"$log.console" >"$log.said"
expect ps ' THREAD_RUNNING .* busybox$'
same "processes and their states" \
	"$(part ps "$log.said" | awk '$2 ~ /(init|busybox)/ && $3 == "S" { print $1, $2 }')" \
	"$(part ps | awk '/THREAD_SLEEPING/ && $2 > 0 { print $1, "(" $NF ")" }')"
expect current '(busybox) \(process '
same "file descriptors" "$(part fds "$log.said" | sort -n)" "$(part fds | awk 'NF { print $1 }')"
pos=$(part fd5 "$log.said" | awk '/^pos/ { print $2 }') flags=$(part fd5 "$log.said" | awk '/^flags/ { print $2 }')
expect fds "^ *5 .*flags $flags  pos $pos .*/tmp/a/file\$"
same "areas" "$(part maps "$log.said" | sed -E 's/^0*//; s/-0*/-/' | awk '{ print $1, $2 }')" \
	"$(part areas | awk '/^  [0-9a-f]/ { print $1, $2 }' | sed -E 's/^0*//; s/-0*/-/')"
expect areas ' r-xp .* /bin/busybox$'
expect waiters '^1 init '
expect waiters 'clock_nanosleep'
same "the walk, and QEMU's" "$(part walk | sed -n 's/^gpa: //p')" "$(part walk | sed -n 's/^  physical address //p')"
expect locks 'no debug build'
echo "gdb: $passed passed, $failed failed"
[ $failed = 0 ]
