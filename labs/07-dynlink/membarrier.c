/*
 * membarrier(2): make the other threads' memory accesses ordered, so that they need no barriers
 * of their own on a fast path. An interrupt on every CPU that runs one of them does it: it
 * serialises.
 */
#include "common/abi/futex.h"
#include "03-syscalls/syscall.h"
#include "02-usermode/mm.h"
#include "02-usermode/smp.h"
#include "02-usermode/process.h"

static struct part membarrier_part;

#define REGISTERED_PRIVATE	1UL
#define REGISTERED_GLOBAL	2UL

#define SUPPORTED		\
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |		\
	 MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |		\
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)

/* Registration belongs to the address space: a fork copies it, exec forgets it. */
static int membarrier_clone(struct thread *child, struct clone *c)
{
	child->process->parts[membarrier_part.slot] =
		c->frame ? current_process()->parts[membarrier_part.slot] : NULL;
	return 0;
}

static void membarrier_exec(struct exec *x)
{
	current_process()->parts[membarrier_part.slot] = NULL;
}

static struct part membarrier_part = {
	.name = "membarrier",
	.scope = PART_PROCESS,
	.clone = membarrier_clone,
	.exec_commit = membarrier_exec,
};
PART(70, membarrier_part);

static void barrier_ipi(void *arg)
{
	smp_mb();
}

static void register_for(u64 what)
{
	atomic_fetch_or((u64 *)&current_process()->parts[membarrier_part.slot], what);
}

SYSCALL3(324, membarrier, int, command, unsigned, flags, int, cpu)
{
	u64 registered = (u64)current_process()->parts[membarrier_part.slot];

	if (flags)
		return -EINVAL;
	switch (command) {
	case MEMBARRIER_CMD_QUERY:
		return SUPPORTED;
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
		register_for(REGISTERED_PRIVATE);
		return 0;
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
		register_for(REGISTERED_GLOBAL);
		return 0;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		if (!(registered & REGISTERED_PRIVATE))
			return -EPERM;
		smp_mb();
		smp_call(atomic_load(&current->mm->cpus), barrier_ipi, NULL);
		smp_mb();
		return 0;
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		smp_mb();
		smp_call(~0UL, barrier_ipi, NULL);
		smp_mb();
		return 0;
	default:
		return -EINVAL;
	}
}
