/*
 * fork(2), vfork(2), clone(2), clone3(2): the same thing with different flags. What a flag means is
 * known to the part that claims it; here only arguments are checked and put into struct clone, and
 * vfork's parent waits.
 *
 * fork shares nothing (all flags off), a thread nearly everything. Each part decides by its own
 * flag whether the child gets the parent's state, a copy of it, or a new one; combinations that
 * make no sense are refused by the parts' check() before anything is made. The child returns from
 * the same system call as the parent, by a copy of its registers with RAX set to 0: nothing else
 * tells them apart.
 */
#include "03-syscalls/family.h"
#include "03-syscalls/process/limits.h"
#include "03-syscalls/syscall.h"
#include "common/abi/sched.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"

#define SIGCHLD		17
#define NSIG		64
#define MAX_SET_TID	32

/*
 * vfork: the parent sleeps until the child gives up the address space, by exec or exit. They share
 * not only memory but the stack frame that called vfork(); were the parent to run on, it would
 * return from that frame under the child's feet. The struct belongs to neither, as either may end
 * first: a parent that is killed does not wait.
 */
struct vfork {
	refcount_t refs;		/* child and parent */
	bool done;
	struct wait_queue wait;
};

static struct part vfork_part;

static int vfork_clone(struct thread *child, struct clone *c)
{
	struct vfork *v = NULL;

	if (c->flags & CLONE_VFORK) {
		v = kmalloc(sizeof(*v), GFP_KERNEL);
		if (!v)
			return -ENOMEM;
		ref_init(&v->refs, 2);
		v->done = false;
		wait_queue_init(&v->wait);
	}
	child->process->parts[vfork_part.slot] = v;
	return 0;
}

static void vfork_put(struct vfork *v)
{
	if (ref_put(&v->refs))
		kfree(v);
}

/*
 * Called once: the slot is empty afterwards, so exit after exec does nothing. The reference is
 * dropped last, as the parent drops its own as soon as it sees `done`.
 */
static void vfork_done(struct process *p)
{
	struct vfork *v = p->parts[vfork_part.slot];

	if (!v)
		return;
	p->parts[vfork_part.slot] = NULL;
	WRITE_ONCE(v->done, true);
	wake_up_all(&v->wait);
	vfork_put(v);
}

/* Nobody waits yet, so both references go at once. */
static void vfork_undo(struct thread *child)
{
	kfree(child->process->parts[vfork_part.slot]);
	child->process->parts[vfork_part.slot] = NULL;
}

static void vfork_exec(struct exec *x)
{
	vfork_done(current_process());
}

static int vfork_check(const struct clone *c)
{
	return c->flags & CLONE_VFORK && c->flags & CLONE_THREAD ? -EINVAL : 0;
}

/*
 * Flags without effect here are claimed too: without a tracer CLONE_PTRACE and CLONE_UNTRACED
 * change nothing, CLONE_DETACHED has been ignored since Linux 2.6, and there are no I/O contexts
 * to share.
 */
static struct part vfork_part = {
	.name = "vfork",
	.scope = PART_PROCESS,
	.clone_flags = CLONE_VFORK | CLONE_PTRACE | CLONE_UNTRACED | CLONE_DETACHED | CLONE_IO,
	.check = vfork_check,
	.clone = vfork_clone,
	.undo = vfork_undo,
	.exec_commit = vfork_exec,
	.exit = vfork_done,
};
PART(90, vfork_part);

/* Make the child, start it, and for vfork wait: the child's number or a negative errno. */
static long do_clone(struct clone *c)
{
	struct thread *t;
	struct vfork *v = NULL;
	int tid;

	c->frame = current->frame;
	t = process_clone(c);
	if (!t || IS_ERR(t))
		return t ? PTR_ERR(t) : -ENOMEM;
	tid = t->tid;
	/* Before the child runs: it may be gone, and t with it, when thread_start() returns. */
	if (c->flags & CLONE_VFORK)
		v = process_part(t->process, vfork_part, struct vfork);
	thread_start(t);
	if (v) {
		/*
		 * Signals wait as well (vfork(2)): a handler would run on the stack that the child
		 * uses.
		 */
		wait_event(&v->wait, READ_ONCE(v->done), WAIT_KILLABLE);
		vfork_put(v);
		/* Limits on memory that the child gave itself stand in the memory that it borrowed. */
		limits_apply(current_process(), current->mm);
	}
	return tid;
}

SYSCALL0(57, fork)
{
	struct clone c = { .exit_signal = SIGCHLD };

	return do_clone(&c);
}

SYSCALL0(58, vfork)
{
	struct clone c = { .flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD };

	return do_clone(&c);
}

/*
 * CLONE_ flags stand in the call's upper bytes, the signal that tells the parent of the child's
 * death in the lowest one. The old call has one pointer too few: with CLONE_PIDFD parent_tid is the
 * place for the descriptor.
 */
SYSCALL5(56, clone, unsigned long, flags, unsigned long, stack, int __user *, parent_tid,
	 int __user *, child_tid, unsigned long, tls)
{
	struct clone c = {
		.flags = (u32)flags & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.stack = stack,
		.tls = tls,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.pidfd = parent_tid,
	};

	if (c.flags & CLONE_PIDFD && c.flags & CLONE_PARENT_SETTID)
		return -EINVAL;		/* both want the same word */
	return do_clone(&c);
}

/*
 * Copy a struct that user space may have in an older (shorter) or newer (longer) version: what we
 * do not know must be zero, else -E2BIG. So an old program works with a new kernel, and a new one
 * with an old kernel unless it asks for something that the old one lacks.
 */
static int copy_args(struct clone_args *args, const void __user *user, size_t size)
{
	char rest[64];

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	*args = (struct clone_args){ 0 };
	if (copy_from_user(args, user, MIN(size, sizeof(*args))))
		return -EFAULT;
	for (size_t at = sizeof(*args), n; at < size; at += n) {
		n = MIN(size - at, sizeof(rest));
		if (copy_from_user(rest, (const char __user *)user + at, n))
			return -EFAULT;
		for (size_t i = 0; i < n; i++)
			if (rest[i])
				return -E2BIG;
	}
	return 0;
}

/* What clone3(2) demands of single arguments and of pairs. */
static bool args_valid(const struct clone_args *a)
{
	if (a->flags & (CLONE_DETACHED | CSIGNAL) || a->exit_signal > NSIG)
		return false;
	if (a->flags >> 32 & ~((CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP) >> 32))
		return false;
	if (a->flags & CLONE_SIGHAND && a->flags & CLONE_CLEAR_SIGHAND)
		return false;
	if (a->flags & (CLONE_THREAD | CLONE_PARENT) && a->exit_signal)
		return false;
	if (a->set_tid_size > MAX_SET_TID || !a->set_tid != !a->set_tid_size)
		return false;
	if (a->set_tid)
		return false;		/* choosing the number is not supported */
	if (!a->stack)
		return a->stack_size == 0;
	return a->stack_size && user_range_ok(a->stack, a->stack_size);
}

SYSCALL2(435, clone3, const struct clone_args __user *, user, size_t, size)
{
	struct clone_args a;
	struct clone c;
	int error = copy_args(&a, user, size);

	if (error)
		return error;
	if (!args_valid(&a))
		return -EINVAL;
	c = (struct clone){
		.flags = a.flags,
		.exit_signal = a.exit_signal,
		.stack = a.stack ? a.stack + a.stack_size : 0,
		.tls = a.tls,
		.parent_tid = (int __user *)a.parent_tid,
		.child_tid = (int __user *)a.child_tid,
		.pidfd = (int __user *)a.pidfd,
		.cgroup = a.cgroup,
	};
	return do_clone(&c);
}
