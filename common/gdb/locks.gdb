# Locks held, and who waits. The tables of held locks are kept by debug builds (DEBUG=1) only.

define trellis-print-held
	set $i = 0
	while $i < $t->held_count
		printf "thread %d (%s) holds sleeping lock %p ", $t->tid, $t->name, $t->held_locks[$i]
		output (enum lock_rank)$t->held_ranks[$i]
		printf "\n"
		set $i = $i + 1
	end
end
document trellis-print-held
The sleeping locks of the thread in $t.
end

define trellis-locks
	set $cpu = 0
	while $cpu < cpu_count
		set $i = 0
		while $i < cpus[$cpu].held_count
			set $lock = (struct spinlock *)cpus[$cpu].held_locks[$i]
			printf "CPU %d holds spinlock %s ", $cpu, $lock->name
			output (enum lock_rank)$lock->rank
			printf "\n"
			set $i = $i + 1
		end
		set $cpu = $cpu + 1
	end
	trellis-each-thread trellis-print-held
end
document trellis-locks
All locks held, by CPU and by thread; needs a debug build (DEBUG=1).
end

define trellis-print-waiter
	if $t->state == THREAD_SLEEPING
		printf "%d %s (process %d) sleeps in:\n", $t->tid, $t->name, $t->process->id
		set $found = $t
		trellis-print-stack
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
