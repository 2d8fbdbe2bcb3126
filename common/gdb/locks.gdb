# Locks held, and who waits. The tables of held locks are kept by debug builds (DEBUG=1) only.

# A mutex and a rwsem begin alike: rank, name, and the queue of those who wait.
define trellis-print-sleeping-lock
	set $lock = (struct rwsem *)$arg0
	printf "%s ", $lock->name
	output (enum lock_rank)$lock->rank
	set $entry = $lock->waiters.entries.next
	while $entry != &$lock->waiters.entries
		printf ", wanted by %s (thread %d)", ((struct wait_entry *)$entry)->thread->name, ((struct wait_entry *)$entry)->thread->tid
		set $entry = $entry->next
	end
end
document trellis-print-sleeping-lock
trellis-print-sleeping-lock ADDRESS: name and rank of a mutex or rwsem, and who waits for it.
end

define trellis-print-held
	set $i = 0
	while $i < $t->held_count
		printf "%s (thread %d) holds sleeping lock ", $t->name, $t->tid
		trellis-print-sleeping-lock $t->held_locks[$i]
		printf "\n"
		set $i = $i + 1
		set $held = $held + 1
	end
end
document trellis-print-held
The sleeping locks of the thread in $t.
end

define trellis-locks
	set $held = 0
	set $cpu = 0
	while $cpu < cpu_count
		set $i = 0
		while $i < cpus[$cpu].held_count
			set $spinlock = (struct spinlock *)cpus[$cpu].held_locks[$i]
			printf "CPU %d holds spinlock %s ", $cpu, $spinlock->name
			output (enum lock_rank)$spinlock->rank
			printf "\n"
			set $i = $i + 1
			set $held = $held + 1
		end
		set $cpu = $cpu + 1
	end
	trellis-each-thread trellis-print-held
	if $held == 0
		printf "no lock is held, or this is no debug build (DEBUG=1), which alone keeps track\n"
	end
end
document trellis-locks
All locks held, by CPU and by thread, and who waits for them; needs a debug build (DEBUG=1).
end

define trellis-print-waiter
	if $t->state == THREAD_SLEEPING
		if cpus[$t->cpu].thread == $t
			printf "%d %s (process %d) is about to sleep on CPU %d: `thread %d` and `bt`\n", $t->tid, $t->name, $t->process->id, $t->cpu, $t->cpu + 1
		else
			printf "%d %s (process %d) sleeps in:\n", $t->tid, $t->name, $t->process->id
			set $found = $t
			trellis-print-stack
		end
	end
end
document trellis-print-waiter
Where the thread in $t sleeps, if it does.
end

define trellis-waiters
	trellis-each-thread trellis-print-waiter
end
document trellis-waiters
All sleeping threads, each with its kernel stack.
end
