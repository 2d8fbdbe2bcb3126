/*
 * Threads as pthread_create(3) makes them: clone with the parent's address space, in its
 * process. Lab 02 can do that already; this adds the combinations of flags that clone(2)
 * refuses and the wake-up of whoever joins a thread that ends.
 */
#include "common/abi/sched.h"
#include "common/init.h"
#include "02-usermode/process.h"
#include "03-syscalls/family.h"
#include "07-dynlink/futex/futex.h"

/* Threads of one process share signal handlers, and who shares those shares memory. */
static int threads_check(const struct clone *c)
{
	if ((c->flags & CLONE_THREAD) && !(c->flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((c->flags & CLONE_SIGHAND) && !(c->flags & CLONE_VM))
		return -EINVAL;
	return 0;
}

/* CLONE_SYSVSEM: threads share the undo list of semaphores because that belongs to the process. */
static struct part threads_part = {
	.name = "threads",
	.scope = PART_PROCESS,
	.clone_flags = CLONE_THREAD | CLONE_SYSVSEM,
	.check = threads_check,
};
PART(80, threads_part);

/*
 * Exercise 7.3, second part: a thread has ended.
 *
 * Goal: the kernel has cleared the word that CLONE_CHILD_CLEARTID names; wake who waits for that:
 * pthread_join(3) does, as for a word in shared memory. One is enough: only one may join.
 * Symptom when wrong: pthread_join() never returns.
 * Read: clone(2); 03-syscalls/process/tid.c, which calls this.
 * Tests: threads_mutex, and all others that join a thread.
 */
static void wake_joiner(u32 __user *word)
{
	/* EXERCISE 7.3 BEGIN  blank: return; */
	futex_wake(word, true, 1, FUTEX_BITSET_MATCH_ANY);
	/* EXERCISE 7.3 END */
}

static void threads_init(void)
{
	futex_wake_word = wake_joiner;
}
INITCALL(80, threads_init);
