# GDB's set-up for Trellis: `make gdb` loads it from the root of the tree. The commands are in the
# other files of this directory, by subject, in GDB's own language (info gdb, "Define").
set pagination off
set confirm off
set print pretty on
set architecture i386:x86-64

define trellis
	help user-defined
end
document trellis
List the commands for the Trellis kernel; `help NAME` explains one.
end

define trellis-connect
	target remote $arg0
	# Hardware breakpoints: the kernel may not be in memory yet.
	hbreak panic
	hbreak panic_at
end
document trellis-connect
trellis-connect SOCKET: attach to the QEMU that `make qemu-gdb` started, and stop at panics.
end

# GDB's thread N is CPU N - 1.
define trellis-user
	if $argc == 1
		add-symbol-file $arg0
	else
		set $t = cpus[$_thread - 1].thread
		eval "shell find build/obj*/flat -name %s.elf 2>/dev/null | sed -n '1s/^/add-symbol-file /p' >build/trellis-user.gdb", $t->name
		source build/trellis-user.gdb
	end
end
document trellis-user
trellis-user: load the symbols of the program that the current CPU runs, if it is one of labs 02 and 03.
trellis-user FILE: those of any program linked at a fixed address.
end

define trellis-log
	set $end = log_end
	set $at = $end > sizeof(log_ring) ? $end - sizeof(log_ring) : 0
	while $at < $end
		printf "%c", log_ring[$at % sizeof(log_ring)]
		set $at = $at + 1
	end
end
document trellis-log
Print what the kernel has printed so far.
end

source common/gdb/process.gdb
source common/gdb/memory.gdb
source common/gdb/files.gdb
source common/gdb/locks.gdb
