/*
 * signalfd(2): pending signals as records to be read. The signals must be blocked, or a handler
 * would get them first. Always about the signals of whoever reads, not of whoever made the file.
 *
 * So the file holds nothing but a set. Each process has the wait queue itself, in process_signals,
 * and all its signalfds share it: every signal that is generated wakes all of them, and each looks
 * whether its own set is concerned. A poll that outlives its process (an epoll instance which the
 * child inherited) must not keep an entry on a queue that is gone: signals_exit() takes such
 * entries off.
 */
#include "06-posix/signal/signal.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/printer.h"
#include "06-posix/poll/anon.h"
#include "06-posix/poll/poll.h"

struct signalfd {
	u64 set;
};

static void fill(struct signalfd_siginfo *out, const struct siginfo *info)
{
	memset(out, 0, sizeof(*out));
	out->ssi_signo = info->si_signo;
	out->ssi_errno = info->si_errno;
	out->ssi_code = info->si_code;
	if (info->si_code == SI_TIMER) {
		out->ssi_tid = info->si_timerid;
		out->ssi_overrun = info->si_overrun;
		out->ssi_ptr = (u64)info->si_timer_value.sival_ptr;
		out->ssi_int = info->si_timer_value.sival_int;
	} else if (info->si_signo == SIGCHLD && info->si_code > 0) {
		out->ssi_pid = info->si_child_pid;
		out->ssi_uid = info->si_child_uid;
		out->ssi_status = info->si_status;
		out->ssi_utime = info->si_utime;
		out->ssi_stime = info->si_stime;
	} else if (SIGMASK(info->si_signo) & SIGSET_SYNCHRONOUS && info->si_code > 0) {
		out->ssi_addr = (u64)info->si_addr;
	} else {
		out->ssi_pid = info->si_pid;
		out->ssi_uid = info->si_uid;
		out->ssi_ptr = (u64)info->si_value.sival_ptr;
		out->ssi_int = info->si_value.sival_int;
	}
}

/* Take one signal: its number, 0 if none is pending. */
static int take(const struct signalfd *s, struct siginfo *info)
{
	struct process_signals *ps = process_signals(current_process());
	struct thread_signals *ts = thread_signals(current);
	int sig;

	spin_lock(&ps->lock);
	sig = signal_dequeue(ps, ts, READ_ONCE(s->set), info);
	if (sig)
		signal_recalc(ps, ts);
	spin_unlock(&ps->lock);
	return sig;
}

/* Without the lock, as a hint: notify_target() makes the set visible before it looks who waits. */
static bool is_pending(const struct signalfd *s)
{
	struct process_signals *ps = process_signals(current_process());

	return (READ_ONCE(ps->shared.set) | READ_ONCE(thread_signals(current)->pending.set)) &
	       READ_ONCE(s->set);
}

/*
 * As many records as fit and are there; it waits only for the first. A signal that is taken and
 * whose record then cannot be copied out (EFAULT) is lost, as on Linux.
 */
static ssize_t signalfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct process_signals *ps = process_signals(current_process());
	struct signalfd_siginfo out;
	struct siginfo info;
	ssize_t done = 0;
	int error;

	if (it->count < sizeof(out))
		return -EINVAL;
	while (it->count >= sizeof(out)) {
		if (!take(f->private, &info)) {
			if (done)
				break;
			if (io_flags(f, it) & O_NONBLOCK)
				return -EAGAIN;
			error = wait_event(&ps->signalfd, is_pending(f->private),
					   WAIT_INTERRUPTIBLE);
			if (error)
				return error;
			continue;
		}
		fill(&out, &info);
		if (copy_to_iter(&out, sizeof(out), it) != sizeof(out))
			return done ? done : -EFAULT;
		done += sizeof(out);
	}
	return done;
}

static unsigned signalfd_poll(struct file *f, struct poll_table *pt)
{
	poll_wait(&process_signals(current_process())->signalfd, pt);
	return is_pending(f->private) ? POLL_READABLE : 0;
}

static void signalfd_release(struct file *f)
{
	kfree(f->private);
}

static void signalfd_show(struct file *f, struct printer *out)
{
	print(out, "sigmask:\t%016lx\n", ((struct signalfd *)f->private)->set);
}

static void signalfd_name(struct file *f, char *buf, size_t size)
{
	strlcpy(buf, "anon_inode:[signalfd]", size);
}

static const struct file_ops signalfd_ops = {
	.stat = anon_stat,
	.read = signalfd_read,
	.poll = signalfd_poll,
	.release = signalfd_release,
	.show = signalfd_show,
	.name = signalfd_name,
};

static long create(u64 set, unsigned flags)
{
	struct signalfd *s = kzalloc(sizeof(*s), GFP_KERNEL);
	struct file *f;

	if (!s)
		return -ENOMEM;
	s->set = set;
	f = file_alloc(&signalfd_ops, O_RDWR | (flags & O_NONBLOCK), s);
	if (!f || IS_ERR(f)) {
		kfree(s);
		return f ? PTR_ERR(f) : -ENOMEM;
	}
	return fd_open(f, flags & SFD_CLOEXEC);
}

/* signalfd(2) on an existing one: another set. Its readers look again. */
static long change(int fd, u64 set)
{
	struct file *f = fd_get(fd);
	long result = -EINVAL;

	if (!f)
		return -EBADF;
	if (f->ops == &signalfd_ops) {
		WRITE_ONCE(((struct signalfd *)f->private)->set, set);
		wake_up_poll(&process_signals(current_process())->signalfd, POLL_READABLE);
		result = fd;
	}
	file_put(f);
	return result;
}

static long do_signalfd(int fd, const u64 __user *mask, size_t size, unsigned flags)
{
	u64 set;

	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK) || size != sizeof(set))
		return -EINVAL;
	if (get_user(set, mask))
		return -EFAULT;
	set &= ~SIGSET_UNBLOCKABLE;
	return fd == -1 ? create(set, flags) : change(fd, set);
}

SYSCALL3(282, signalfd, int, fd, const u64 __user *, mask, size_t, size)
{
	return do_signalfd(fd, mask, size, 0);
}

SYSCALL4(289, signalfd4, int, fd, const u64 __user *, mask, size_t, size, int, flags)
{
	return do_signalfd(fd, mask, size, flags);
}
