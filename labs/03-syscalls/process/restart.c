/*
 * The restart block of a thread, and restart_syscall(2), which user programs never call themselves.
 *
 * Most interrupted calls are made again with the same arguments. That is wrong for a call whose
 * argument is a span of time, of which a part is over: nanosleep(2) would begin anew with each
 * signal that needs no handler, such as SIGSTOP and SIGCONT, and never end. Such a call notes its
 * deadline here, and what is made "again" is restart_syscall. A handler makes the call fail with
 * EINTR instead.
 *
 * A block is allocated when a thread first needs one and kept until its end.
 */
#include "03-syscalls/restart.h"
#include "03-syscalls/syscall.h"
#include "01-memory/kmem.h"
#include "02-usermode/process.h"

static void restart_thread_exit(struct thread *t);

static struct part restart_part = {
	.name = "restart",
	.scope = PART_THREAD,
	.thread_exit = restart_thread_exit,
};
PART(40, restart_part);

static void restart_thread_exit(struct thread *t)
{
	kfree(t->parts[restart_part.slot]);
	t->parts[restart_part.slot] = NULL;
}

struct restart_block *restart_block_new(long (*fn)(struct restart_block *r))
{
	struct restart_block *r = thread_part(current, restart_part, struct restart_block);

	if (!r)
		r = current->parts[restart_part.slot] = kzalloc(sizeof(*r), GFP_KERNEL);
	if (r)
		r->fn = fn;
	return r;
}

SYSCALL0(219, restart_syscall)
{
	struct restart_block *r = thread_part(current, restart_part, struct restart_block);
	long (*fn)(struct restart_block *) = r ? r->fn : NULL;

	if (!fn)
		return -EINTR;
	/* fn may be interrupted again, and then sets itself anew. */
	r->fn = NULL;
	return fn(r);
}
