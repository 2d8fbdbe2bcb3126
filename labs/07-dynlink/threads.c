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
 * The word of CLONE_CHILD_CLEARTID has been cleared: pthread_join(3) waits for that, as shared
 * memory.
 */
static void wake_joiner(u32 __user *word)
{
	futex_wake(word, true, 1, FUTEX_BITSET_MATCH_ANY);
}

static void threads_init(void)
{
	futex_wake_word = wake_joiner;
}
INITCALL(80, threads_init);
