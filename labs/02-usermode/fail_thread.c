/*
 * Narrowing injected allocation failures (01-memory/alloc_fail.c) to one thread.
 */
#include "01-memory/frame.h"
#include "02-usermode/fail_thread.h"

static struct thread *victim;	/* not referenced, only compared; NULL: all threads count */

bool alloc_fail_applies(void)
{
	struct thread *t = READ_ONCE(victim);

	return !t || (t == current && !this_cpu()->in_interrupt);
}

void alloc_fail_thread(struct thread *t, u64 n)
{
	alloc_fail_after(0);
	WRITE_ONCE(victim, n ? t : NULL);
	alloc_fail_after(n);
}

u64 alloc_fail_left(struct thread *t)
{
	return READ_ONCE(victim) == t ? atomic_load(&alloc_fail_armed) : 0;
}

void alloc_fail_forget(struct thread *t)
{
	if (READ_ONCE(victim) == t)
		alloc_fail_thread(t, 0);
}
