/*
 * The thread number in user memory: clone can store it for the parent and for the child, and have a
 * word cleared when the thread ends or calls exec, so that whoever waits on it (a joiner, by futex)
 * knows that the thread no longer uses the address space (clone(2), set_tid_address(2)).
 *
 * pthread_join() is built on that word alone, and gives the dead thread's stack away when it reads
 * 0. So nothing may look at the thread's user memory afterwards. exit goes through the parts
 * backwards: this one's order lies below that of the robust list, which is in that memory, and
 * above those of signals and files, which are not. exec goes forwards, and so comes here before
 * vfork's parent is released, whose memory the word may be in.
 *
 * The part's slot holds the address of that word itself, or NULL.
 */
#include "03-syscalls/family.h"
#include "03-syscalls/syscall.h"
#include "common/abi/sched.h"
#include "02-usermode/mm.h"
#include "02-usermode/uaccess.h"

static struct part tid_part;

void (*futex_wake_word)(u32 __user *word);

/* Not inherited: without the flag the child has no such word. */
static int tid_clone(struct thread *child, struct clone *c)
{
	child->parts[tid_part.slot] = c->flags & CLONE_CHILD_CLEARTID ? c->child_tid : NULL;
	return 0;
}

/* As on Linux an address that cannot be written is no error, nor a reason to skip the other. */
static void tid_commit(struct thread *child, struct clone *c)
{
	int tid = child->tid, ignored = 0;

	if (c->flags & CLONE_PARENT_SETTID)
		ignored |= put_user(tid, c->parent_tid);
	if (!(c->flags & CLONE_CHILD_SETTID))
		return;
	/*
	 * A copy of the memory: the parent's must not change. The child does not run yet, so
	 * nothing races.
	 */
	if (child->mm != current->mm)
		mm_access(child->mm, (vaddr_t)c->child_tid, &tid, sizeof(tid), true);
	else
		ignored |= put_user(tid, c->child_tid);
}

static void clear_tid(struct thread *t)
{
	u32 __user *word = t->parts[tid_part.slot];

	t->parts[tid_part.slot] = NULL;
	/*
	 * With no other user of the address space nobody can look; all threads of a process count
	 * as one.
	 */
	if (!word || !t->mm ||
	    (READ_ONCE(t->process->thread_count) == 1 && ref_read(&t->mm->users) == 1))
		return;
	if (put_user(0, word))
		return;
	if (futex_wake_word)
		futex_wake_word(word);
}

/* exec_commit runs while the old address space is still there (exec.c of lab 04). */
static void tid_exec(struct exec *x)
{
	clear_tid(current);
}

static struct part tid_part = {
	.name = "tid",
	.scope = PART_THREAD,
	.clone_flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID,
	.clone = tid_clone,
	.clone_commit = tid_commit,
	.exec_commit = tid_exec,
	.thread_exit = clear_tid,
};
PART(55, tid_part);

SYSCALL1(218, set_tid_address, u32 __user *, word)
{
	current->parts[tid_part.slot] = word;
	return current->tid;
}
