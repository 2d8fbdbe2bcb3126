/*
 * Where a machine that hangs, or a kernel that panicked, is: addresses as function, file and line.
 */
#pragma once

#include <stdint.h>

#include "monitor.h"

/* What the CPUs of a machine that makes no progress do. */
enum stuck {
	STUCK_UNKNOWN,		/* the monitor did not answer */
	STUCK_IDLE,		/* all wait for an interrupt: everybody sleeps */
	STUCK_HALTED,		/* a CPU halted with interrupts off: it never goes on */
	STUCK_LOCK,		/* a CPU waits for a spinlock */
	STUCK_KERNEL,		/* a CPU runs in the kernel */
	STUCK_USER,		/* a CPU runs a program */
};

/*
 * Ask the monitor what each CPU does; lines like "CPU 0  spin_lock (common/spinlock.c:120)", and
 * below it the callers, are added. `program` (an ELF file, may be NULL) is what runs in user mode.
 * SCRATCH is the name of a file that may be written.
 */
enum stuck where_stuck(struct monitor *m, const char *kernel, const char *program,
		       const char *scratch, struct text *lines);

/*
 * Add a line "PREFIX function (file:line)" for each of the addresses; a function that was inlined
 * has a line of its own. At most `limit` lines.
 */
void where_places(const char *elf, const uint64_t *addresses, int n, const char *scratch,
		  const char *prefix, int limit, struct text *lines);

/*
 * From the output of trellis-waiters (common/gdb/locks.gdb): lines "process 2 (fork) sleeps in
 * wait_for_child <- sys_wait4". Kernel threads, which sleep most of the time, are left out.
 */
void where_sleepers(const char *text, struct text *lines);
