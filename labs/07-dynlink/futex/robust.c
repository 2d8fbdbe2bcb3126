/*
 * Robust locks (set_robust_list(2); Linux's Documentation/locking/robust-futexes.rst): a thread
 * keeps a list of the locks it holds in its own memory and tells the kernel where. When it
 * ends, the kernel marks each lock with FUTEX_OWNER_DIED and wakes one waiter, who then owns a
 * lock whose data may be half changed.
 *
 * The list is the user's and may be nonsense: it is bounded, and any fault ends the walk.
 */
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "07-dynlink/futex/futex.h"

struct exec;

static void robust_exit(struct thread *t);
static void robust_exec(struct exec *x);
static int robust_clone(struct thread *child, struct clone *c);

static struct part robust_part = {
	.name = "robust list",
	.scope = PART_THREAD,
	.clone = robust_clone,
	.exec_commit = robust_exec,
	.thread_exit = robust_exit,
};
PART(60, robust_part);

static struct robust_list_head __user **robust_slot(struct thread *t)
{
	return (struct robust_list_head __user **)&t->parts[robust_part.slot];
}

/* A new thread has no list. */
static int robust_clone(struct thread *child, struct clone *c)
{
	*robust_slot(child) = NULL;
	return 0;
}

/*
 * Exercise 7.3, third part: a thread ends that held a lock.
 *
 * Goal: the lock at uaddr was on the list of the thread tid. If its word still names that thread
 * (FUTEX_TID_MASK), replace it by FUTEX_OWNER_DIED, keeping FUTEX_WAITERS, by user_cmpxchg32():
 * the word may change meanwhile, then look again. If it had FUTEX_WAITERS, wake one waiter. A
 * `pending` lock was being taken or released: if its word is 0, the thread ended between
 * unlocking it and waking a waiter, so wake one. False if the word cannot be reached or is not
 * aligned.
 * Invariants: the word is changed by no plain store; a lock that is no longer the
 * thread's is left alone. The key is that of shared memory: the lock may be in such.
 * Symptom when wrong: who waits for a lock whose owner was killed waits for ever.
 * Read: common/abi/futex.h; set_robust_list(2); robust_exit() below, which calls this.
 * Tests: threads_robust.
 */
static bool lock_owner_died(u32 __user *uaddr, u32 tid, bool pending)
{
	/* EXERCISE 7.3: your code here. */
	exercise_blank("7.3");
	return false;
}

/*
 * Where the lock of a list element is; the lowest bit of a pointer marks a priority-inheriting
 * one.
 */
static u32 __user *lock_of(const void *element, long offset)
{
	return (u32 __user *)(((u64)element & ~1UL) + (u64)offset);
}

static void robust_exit(struct thread *t)
{
	struct robust_list_head __user *head = *robust_slot(t);
	struct robust_list_head h;
	struct robust_list *next;
	u32 tid = (u32)t->tid;

	if (!head || !t->mm || get_user(h, head))
		return;
	*robust_slot(t) = NULL;
	for (int i = 0; i < ROBUST_LIST_LIMIT &&
	     ((u64)h.list.next & ~1UL) != (u64)&head->list; i++) {
		struct robust_list *e = h.list.next;
		bool more = !get_user(next, (struct robust_list *__user *)((u64)e & ~1UL));

		/* The next element is read first: a waiter may take the lock and unlink it. */
		if (e != h.list_op_pending &&
		    !lock_owner_died(lock_of(e, h.futex_offset), tid, false))
			return;
		if (!more)
			break;
		h.list.next = next;
	}
	if (h.list_op_pending)
		lock_owner_died(lock_of(h.list_op_pending, h.futex_offset), tid, true);
}

/* The old program ends, in its old address space still. */
static void robust_exec(struct exec *x)
{
	robust_exit(current);
}

SYSCALL2(273, set_robust_list, struct robust_list_head __user *, head, size_t, len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	*robust_slot(current) = head;
	return 0;
}

/* May the caller look into the other's memory? As ptrace: the same user, or the capability. */
static bool may_look(struct thread *t)
{
	const struct cred *mine = current_cred(), *other;
	bool same;

	if (t->process == current_process() || capable(CAP_SYS_PTRACE))
		return true;
	other = thread_cred(t);
	same = mine->uid == other->uid && mine->uid == other->euid && mine->uid == other->suid;
	cred_put(other);
	return same;
}

SYSCALL3(274, get_robust_list, int, tid, struct robust_list_head __user **, head,
	 size_t __user *, len)
{
	struct robust_list_head __user *value;
	struct thread *t;
	bool allowed;

	if (tid) {
		t = thread_find(tid);
		if (!t)
			return -ESRCH;
	} else {
		t = current;
		thread_get(t);
	}
	allowed = may_look(t);
	value = *robust_slot(t);
	thread_put(t);
	if (!allowed)
		return -EPERM;
	if (put_user(sizeof(struct robust_list_head), len))
		return -EFAULT;
	return put_user(value, head);
}
