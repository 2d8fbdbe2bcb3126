/*
 * Processes as files: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), CLONE_PIDFD, and
 * waitid(2) with P_PIDFD. Such a descriptor means one process for ever, not whoever has its number
 * now; it becomes readable when that process ends.
 *
 * A number is enough for a parent, because a zombie keeps its number until it has been waited for.
 * Everybody else who says kill(n) hopes that n is still whom he meant. A pidfd holds a reference to
 * struct process, so it can tell: after the process has been reaped its signals fail with ESRCH.
 *
 * Readiness comes from a wait queue in the process's job part, woken by child_signal() when the
 * process has become a zombie. The queue lives as long as the process, which the file holds.
 */
#include "common/abi/sched.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/file.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/printer.h"
#include "05-vfs/procfs/procfs.h"
#include "06-posix/job/job.h"
#include "06-posix/poll/anon.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

#define PIDFD_NONBLOCK	O_NONBLOCK

/* Whether p's parent can wait for it by now, or nobody needs to any more. */
static bool has_ended(struct process *p)
{
	struct family *f = process_family(p);
	bool ended;

	if (READ_ONCE(p->state) == PROCESS_ALIVE)
		return false;
	spin_lock(&tree_lock);
	ended = f->zombie || !f->parent;
	spin_unlock(&tree_lock);
	return ended;
}

/*
 * Registered first, asked then, as everywhere. "Ended" is when the parent could wait for it: the
 * death of the first thread alone is not.
 */
static unsigned pidfd_poll(struct file *f, struct poll_table *pt)
{
	struct process *p = f->private;

	poll_wait(&process_job(p)->ended, pt);
	return has_ended(p) ? POLL_READABLE : 0;
}

static void pidfd_release(struct file *f)
{
	process_put(f->private);
}

static void pidfd_show(struct file *f, struct printer *out)
{
	struct process *p = f->private;

	print(out, "Pid:\t%d\nNSpid:\t%d\n", READ_ONCE(p->state) == PROCESS_REAPED ? -1 : p->id,
	      p->id);
}

static void pidfd_name(struct file *f, char *buf, size_t size)
{
	strlcpy(buf, "anon_inode:[pidfd]", size);
}

static const struct file_ops pidfd_ops = {
	.stat = anon_stat,
	.poll = pidfd_poll,
	.release = pidfd_release,
	.show = pidfd_show,
	.name = pidfd_name,
};

/* A file for p, whose reference it takes over, also on failure; or ERR_PTR. */
static struct file *pidfd_file(struct process *p, unsigned flags)
{
	struct file *f = file_alloc(&pidfd_ops, O_RDWR | (flags & O_NONBLOCK), p);

	if (f && !IS_ERR(f))
		return f;
	process_put(p);
	return f ? f : ERR_PTR(-ENOMEM);
}

/* Always close-on-exec (pidfd_open(2)): a right over a process is not passed on by accident. */
SYSCALL2(434, pidfd_open, int, pid, unsigned, flags)
{
	struct process *p;
	struct file *f;

	if (flags & ~PIDFD_NONBLOCK || pid <= 0)
		return -EINVAL;
	p = process_find_any(pid);
	if (!p)
		return -ESRCH;
	if (p->id != pid) {		/* the number of a thread */
		process_put(p);
		return -EINVAL;
	}
	f = pidfd_file(p, flags);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open(f, true);
}

/* The process behind a pidfd, NULL if f is something else. */
static struct process *pidfd_process(const struct file *f)
{
	return f->ops == &pidfd_ops ? f->private : NULL;
}

/* For waitid(2); family.h has the contract. */
struct pid *pid_from_fd(int fd, bool *nonblock)
{
	struct file *f = fd_get(fd);
	struct process *p = f ? pidfd_process(f) : NULL;
	struct pid *pid = p ? p->pid : ERR_PTR(-EBADF);

	if (p) {
		pid_get(pid);
		*nonblock = f->flags & O_NONBLOCK;
	}
	if (f)
		file_put(f);
	return pid;
}

/* Whom a signal is for: a directory /proc/PID will do, too. With a reference, -EBADF or -ESRCH. */
static struct process *addressee(int fd)
{
	struct file *f = fd_get(fd);
	struct process *p;
	struct pid *pid;

	if (!f)
		return ERR_PTR(-EBADF);
	p = pidfd_process(f);
	pid = p ? NULL : proc_pid_of(f);
	if (p)
		process_get(p);
	else if (pid)
		p = process_find(pid->nr);
	file_put(f);
	return p ? p : ERR_PTR(pid ? -ESRCH : -EBADF);
}

/*
 * Permissions are those of kill(2), and a siginfo of one's own is checked as by
 * rt_sigqueueinfo(2): it must not claim to come from the kernel or from kill(2), unless one sends
 * it to oneself.
 */
SYSCALL4(424, pidfd_send_signal, int, fd, int, sig, const struct siginfo __user *, user, unsigned,
	 flags)
{
	struct process *p;
	struct siginfo info;
	int error = 0;

	if (flags || sig < 0 || sig > NSIG)
		return -EINVAL;
	p = addressee(fd);
	if (IS_ERR(p))
		return PTR_ERR(p);
	siginfo_user(&info, sig, SI_USER);
	if (user) {
		error = get_user(info, user);
		if (!error && info.si_signo != sig)
			error = -EINVAL;
		if (!error && p != current_process() &&
		    (info.si_code >= 0 || info.si_code == SI_TKILL))
			error = -EPERM;
	}
	if (!error && READ_ONCE(p->state) == PROCESS_REAPED)
		error = -ESRCH;
	if (!error)
		error = signal_permitted(p, sig);
	if (!error && sig)
		error = signal_send(p, NULL, &info);
	process_put(p);
	return error;
}

/* The file behind fd in p, with a reference, for who may look into p; or ERR_PTR. */
static struct file *foreign_file(struct process *p, int fd)
{
	struct proc_task t = { .process = p, .thread = thread_find(p->id) };
	struct file *f = ERR_PTR(-ESRCH);
	bool cloexec;

	if (READ_ONCE(p->state) == PROCESS_ALIVE) {
		f = proc_may_inspect(&t) ? process_fd_get(p, fd, &cloexec) : ERR_PTR(-EPERM);
		if (!f)
			f = ERR_PTR(-EBADF);
	}
	if (t.thread)
		thread_put(t.thread);
	return f;
}

SYSCALL3(438, pidfd_getfd, int, pidfd, int, fd, unsigned, flags)
{
	struct file *f, *wanted = ERR_PTR(-EBADF);
	struct process *p;

	if (flags)
		return -EINVAL;
	f = fd_get(pidfd);
	if (!f)
		return -EBADF;
	p = pidfd_process(f);
	if (p)
		wanted = foreign_file(p, fd);
	file_put(f);
	return IS_ERR(wanted) ? PTR_ERR(wanted) : fd_open(wanted, true);
}

/* ---- CLONE_PIDFD ---- */

static struct part pidfd_part;

static int pidfd_check(const struct clone *c)
{
	return c->flags & CLONE_PIDFD && c->flags & CLONE_THREAD ? -EINVAL : 0;
}

/* The parent's descriptor until the child is complete: before, nobody may get hold of it. */
struct promise {
	struct file *file;
	int fd;
};

static void drop(struct promise *p)
{
	if (p->fd >= 0)
		fd_release(p->fd);
	if (p->file)
		file_put(p->file);
	kfree(p);
}

/*
 * The number is written to the program before the descriptor works: clone(2) may still fail, and
 * then the number means nothing. The other way round another thread could use, or close, a file of
 * a process that never comes to be.
 */
static int fill(struct promise *p, struct process *child, struct clone *c)
{
	p->fd = fd_reserve(0, true);
	if (p->fd < 0)
		return p->fd;
	process_get(child);
	p->file = pidfd_file(child, 0);
	if (IS_ERR(p->file)) {
		int error = PTR_ERR(p->file);

		p->file = NULL;
		return error;
	}
	return put_user(p->fd, c->pidfd) ? -EFAULT : 0;
}

/*
 * The promise is kept in the child's slot, because clone, undo and commit have nothing else in
 * common; the child itself never looks at it.
 */
static int pidfd_clone(struct thread *child, struct clone *c)
{
	struct promise *p;
	int error;

	child->process->parts[pidfd_part.slot] = NULL;
	if (!(c->flags & CLONE_PIDFD))
		return 0;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	error = fill(p, child->process, c);
	if (error)
		drop(p);
	else
		child->process->parts[pidfd_part.slot] = p;
	return error;
}

/* The promise, whose slot is empty afterwards; or NULL. */
static struct promise *take(struct thread *child)
{
	struct promise *p = process_part(child->process, pidfd_part, struct promise);

	child->process->parts[pidfd_part.slot] = NULL;
	return p;
}

static void pidfd_undo(struct thread *child)
{
	struct promise *p = take(child);

	if (p)
		drop(p);
}

static void pidfd_commit(struct thread *child, struct clone *c)
{
	struct promise *p = c->flags & CLONE_PIDFD ? take(child) : NULL;

	if (!p)
		return;
	fd_install(p->fd, p->file);
	kfree(p);
}

static struct part pidfd_part = {
	.name = "pidfd",
	.scope = PART_PROCESS,
	.clone_flags = CLONE_PIDFD,
	.check = pidfd_check,
	.clone = pidfd_clone,
	.undo = pidfd_undo,
	.clone_commit = pidfd_commit,
};
PART(65, pidfd_part);
