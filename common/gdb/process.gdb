# Processes and threads. Every number in use hangs in the hash table of pid.c; kernel threads have none,
# they are in the list of the kernel's own process.

# Calls the command named $arg0 for each thread, with the thread in $t.
define trellis-each-thread
	set $slot = 0
	while $slot < sizeof('pid.c'::hash) / sizeof('pid.c'::hash[0])
		set $pid = 'pid.c'::hash[$slot]
		while $pid
			set $t = $pid->thread
			if $t
				$arg0
			end
			set $pid = $pid->hash_next
		end
		set $slot = $slot + 1
	end
	set $link = kernel_process->threads.next
	while $link != &kernel_process->threads
		set $t = (struct thread *)((char *)$link - (unsigned long)&((struct thread *)0)->process_link)
		$arg0
		set $link = $link->next
	end
end
document trellis-each-thread
trellis-each-thread COMMAND: run COMMAND for every thread, which it finds in $t.
end

define trellis-print-thread
	printf "%5d %5d %3d  ", $t->process->id, $t->tid, $t->cpu
	output $t->state
	if $t->state == THREAD_SLEEPING
		printf " "
		output $t->wait_mode
	end
	printf "  work %#lx  %s\n", $t->work, $t->name
end
document trellis-print-thread
One line about the thread in $t.
end

define trellis-ps
	printf "  PID   TID CPU  STATE\n"
	trellis-each-thread trellis-print-thread
end
document trellis-ps
List all processes and threads: numbers, CPU, state, pending work, name. Kernel threads have the number 0.
end

define trellis-find-thread
	set $found = (struct thread *)0
	set $p = 'pid.c'::hash[$arg0 % (sizeof('pid.c'::hash) / sizeof('pid.c'::hash[0]))]
	while $p
		if $p->nr == $arg0
			set $found = $p->thread
		end
		set $p = $p->hash_next
	end
end
document trellis-find-thread
trellis-find-thread TID: put the struct thread with that number into $found (0 if there is none).
end

# A switched-out thread's ksp points to r15 r14 r13 r12 rbx rbp rip (02-usermode/switch.S).
define trellis-print-stack
	set $rbp_ = ((unsigned long *)$found->ksp)[5]
	printf "  "
	info symbol ((unsigned long *)$found->ksp)[6]
	set $depth = 0
	while $depth < 20 && $rbp_ >= (unsigned long)$found->stack && $rbp_ < (unsigned long)$found->stack + 0x4000 - 16
		if ((unsigned long *)$rbp_)[1] == 0
			loop_break
		end
		printf "  "
		info symbol ((unsigned long *)$rbp_)[1]
		set $rbp_ = ((unsigned long *)$rbp_)[0]
		set $depth = $depth + 1
	end
end
document trellis-print-stack
The kernel stack of the switched-out thread in $found.
end

define trellis-stack
	trellis-find-thread $arg0
	if $found
		if cpus[$found->cpu].thread == $found
			printf "it runs on CPU %d: use `thread %d` and `bt`\n", $found->cpu, $found->cpu + 1
		else
			trellis-print-stack
		end
	else
		printf "no thread %d\n", $arg0
	end
end
document trellis-stack
trellis-stack TID: where a thread that is not running waits (for one that runs: `thread N`, `bt`).
end

define trellis-current
	printf "CPU  TID  NAME\n"
	set $cpu = 0
	while $cpu < cpu_count
		set $t = cpus[$cpu].thread
		if $t
			printf "%3d %4d  %s (process %d), under %d spinlocks\n", $cpu, $t->tid, $t->name, $t->process->id, cpus[$cpu].irq_depth
		end
		set $cpu = $cpu + 1
	end
end
document trellis-current
What each CPU runs.
end
