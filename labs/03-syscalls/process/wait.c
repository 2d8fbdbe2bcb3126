/*
 * EXERCISE 3.3: waiting for children: wait4(2) and waitid(2).
 *
 * Goal: find a child that fits and has something to report (it died; lab 06: it stopped or
 * continued), take the report, and reap the dead one; else sleep until some child has news.
 *
 * Invariant: looking and deciding to sleep happen so that no news is lost: queue, set the state,
 * look again, sleep. Each death is reported exactly once, to one waiter: the zombie leaves the tree
 * under the same tree_lock under which it was found. With WNOWAIT it stays. Without any child
 * that fits, dead or alive, the answer is -ECHILD at once.
 *
 * When it is wrong: a parent sleeps for ever beside its zombie (lost wake-up), wait returns the
 * same child twice or zombies pile up (not unlinked or not released), wait(-1) without children
 * hangs (no -ECHILD), WNOHANG blocks.
 *
 * Read first: 03-syscalls/family.h, 02-usermode/wait.h, process/family.c; wait(2), POSIX wait().
 * Tests: wait_status, wait_echild, wait_nohang, wait_looks_again, wait_each_once.
 */
#include "03-syscalls/family.h"
#include "03-syscalls/syscall.h"
#include "common/abi/wait.h"
#include "common/exercise.h"
#include "02-usermode/uaccess.h"

#define SIGCHLD		17
#define SIGCONT		18

/* What is asked for, and the answer. */
struct query {
	int type, nr;		/* P_ALL, P_PID, P_PGID */
	int options;		/* W... */
	struct pid *pid_held;	/* NULL, or referenced: nr means nobody else meanwhile */
	bool may_not_sleep;	/* the pidfd is O_NONBLOCK */

	int pid, uid;		/* of the child that has news; pid 0: none */
	int code;		/* CLD_... */
	int status;		/* wait status */
	struct rusage usage;
	struct process *dead;	/* reaped: to be released */
	struct process *alive;	/* stopped or continued: referenced */
};

/*
 * Whether the query means this child at all. tree_lock held. A child whose end is told by another
 * signal than SIGCHLD, or by none, is a "clone child" and only waited for by those who ask
 * (wait(2), __WCLONE).
 */
static bool fits(const struct query *q, struct family *f)
{
	bool clone_child = f->exit_signal != SIGCHLD;

	if (q->type == P_PID && f->self->id != q->nr)
		return false;
	if (q->type == P_PGID && process_group_id(f->self) != q->nr)
		return false;
	return q->options & __WALL || clone_child == !!(q->options & __WCLONE);
}

/* Fill in the answer, except the resources. */
static void answer(struct query *q, struct family *f, int code, int status)
{
	q->pid = f->self->id;
	q->uid = f->uid;
	q->code = code;
	q->status = status;
}

/* A zombie: take its status and, unless it is to stay, the zombie itself. tree_lock held. */
static void collect_dead(struct query *q, struct family *f)
{
	int status = f->self->exit_status;
	int code = !(status & 0x7f) ? CLD_EXITED : status & W_COREFLAG ? CLD_DUMPED : CLD_KILLED;

	answer(q, f, code, status);
	/* EXERCISE 3.3: your code here. */
	exercise_blank("3.3");
	return;
}

/* Stopped or continued. tree_lock held. */
static void collect_alive(struct query *q, struct family *f, int code, int status)
{
	answer(q, f, code, status);
	process_get(f->self);
	q->alive = f->self;
}

/* Has this child news that the query wants? Takes them. tree_lock held. */
static bool has_news(struct query *q, struct family *f)
{
	if (f->zombie) {
		if (!(q->options & WEXITED))
			return false;
		collect_dead(q, f);
		return true;
	}
	if (f->stop_status && q->options & WSTOPPED) {
		collect_alive(q, f, CLD_STOPPED, f->stop_status);
		if (!(q->options & WNOWAIT))
			f->stop_status = 0;
		return true;
	}
	if (f->continued && q->options & WCONTINUED) {
		collect_alive(q, f, CLD_CONTINUED, W_CONTINUED);
		if (!(q->options & WNOWAIT))
			f->continued = false;
		return true;
	}
	return false;
}

/* One look at all children: 1 news, 0 nothing yet, -ECHILD: there is nobody to wait for. */
static int look(struct query *q)
{
	struct family *mine = process_family(current_process());
	/* EXERCISE 3.3: your code here. */
	exercise_blank("3.3");
	(void)mine;
	(void)fits;
	(void)has_news;
	return -ECHILD;
}

/*
 * Wait as the query says: 0 with the answer in q (q->pid 0: WNOHANG and no news), -ECHILD or
 * -ERESTARTSYS.
 */
static int wait_for_child(struct query *q)
{
	struct family *mine = process_family(current_process());
	int result = look(q);
	/* EXERCISE 3.3: your code here. */
	exercise_blank("3.3");
	(void)mine;
	return result < 0 ? result : 0;
}

/*
 * The child's news is taken; now, without locks, what it used, and its end. A dead child's figures
 * do not change any more.
 */
static void finish(struct query *q)
{
	struct process *child = q->dead ? q->dead : q->alive;
	struct rusage children;

	if (!child)
		return;
	process_usage(child, &q->usage);
	children_usage(child, &children);
	rusage_add(&q->usage, &children);
	if (q->dead && !(q->options & WNOWAIT))
		process_release(child);
	process_put(child);
}

static int do_wait(struct query *q)
{
	int error = wait_for_child(q);

	if (!error)
		finish(q);
	return error;
}

SYSCALL4(61, wait4, int, pid, int __user *, status, int, options, struct rusage __user *, usage)
{
	struct query q = { .options = options | WEXITED };
	int error;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	q.type = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	q.nr = pid < 0 ? -pid : pid;
	if (pid == 0) {
		spin_lock(&tree_lock);
		q.nr = process_group_id(current_process());
		spin_unlock(&tree_lock);
	}
	error = do_wait(&q);
	if (error || !q.pid)
		return error;
	if ((status && put_user(q.status, status)) || (usage && put_user(q.usage, usage)))
		return -EFAULT;
	return q.pid;
}

/* The members of siginfo_t that waitid(2) fills. */
struct wait_info {
	int signo, error, code, pad;
	int pid, uid, status;
};

/*
 * status is split differently than in wait4: code says how it ended, status holds only the number.
 * With no child found pid and signo are 0, which is how WNOHANG's caller knows (waitid(2)).
 */
static int put_info(struct wait_info __user *user, const struct query *q)
{
	struct wait_info info = { 0 };

	if (!user)
		return 0;
	if (q->pid) {
		info = (struct wait_info){ SIGCHLD, 0, q->code, 0, q->pid, q->uid, 0 };
		if (q->code == CLD_EXITED || q->code == CLD_STOPPED)
			info.status = q->status >> 8 & 0xff;
		else
			info.status = q->code == CLD_CONTINUED ? SIGCONT : q->status & 0x7f;
	}
	return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}

/*
 * A pidfd's process: 0 or -EBADF. The reference keeps the number from being given to another
 * process while we wait. An O_NONBLOCK pidfd waits for nothing, and says so with EAGAIN instead of
 * 0.
 */
static int target_fd(struct query *q, int fd)
{
	bool nonblock;
	struct pid *pid = pid_from_fd(fd, &nonblock);

	if (IS_ERR(pid))
		return PTR_ERR(pid);
	q->type = P_PID;
	q->nr = pid->nr;
	q->pid_held = pid;
	q->may_not_sleep = nonblock && !(q->options & WNOHANG);
	if (nonblock)
		q->options |= WNOHANG;
	return 0;
}

/* Which children `type` and `id` mean: 0, -EINVAL, -EBADF. */
static int set_target(struct query *q, int type, int id)
{
	q->type = type;
	q->nr = id;
	switch (type) {
	case P_ALL:
		return 0;
	case P_PID:
		return id > 0 ? 0 : -EINVAL;
	case P_PGID:
		if (id < 0)
			return -EINVAL;
		if (id == 0) {
			spin_lock(&tree_lock);
			q->nr = process_group_id(current_process());
			spin_unlock(&tree_lock);
		}
		return 0;
	case P_PIDFD:
		if (id < 0)
			return -EINVAL;
		return target_fd(q, id);
	}
	return -EINVAL;
}

SYSCALL5(247, waitid, int, type, int, id, struct wait_info __user *, info, int, options,
	 struct rusage __user *, usage)
{
	struct query q = { .options = options };
	int error;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD |
			__WCLONE | __WALL) || !(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	error = set_target(&q, type, id);
	if (!error)
		error = do_wait(&q);
	if (q.pid_held)
		pid_put(q.pid_held);
	if (!error && !q.pid && q.may_not_sleep)
		error = -EAGAIN;
	if (put_info(info, &q))		/* also if nobody was found */
		error = -EFAULT;
	if (!error && q.pid && usage && put_user(q.usage, usage))
		error = -EFAULT;
	return error;
}
