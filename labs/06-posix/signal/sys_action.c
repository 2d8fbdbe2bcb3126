/*
 * Handlers, masks, and waiting for signals: rt_sigaction(2), rt_sigprocmask(2), rt_sigpending(2),
 * rt_sigsuspend(2), rt_sigtimedwait(2), pause(2).
 *
 * Each call says how long the caller's sigset_t is (`size`), which must be 8: the C library's type
 * has 128 bytes, of which the kernel knows the first 64 bits.
 *
 * The temporary masks. "Unblock, then sleep" as two calls loses the signal that comes in between.
 * So sigsuspend, ppoll, pselect and epoll_pwait swap the mask, sleep, and swap it back as one
 * call. If a signal ended the sleep the mask must not go back before it has been delivered: it may
 * be blocked in the old one. So the old mask is left in saved_mask, and delivery puts it into the
 * handler's frame, from where rt_sigreturn(2) restores it, or back itself if there is no handler.
 */
#include "06-posix/signal/signal.h"
#include "common/abi/time.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"

#define SA_KNOWN	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_RESTORER | SA_ONSTACK | \
			 SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_EXPOSE_TAGBITS)

/* A signal that is now ignored is dropped where it is pending (POSIX.1-2017 XSH 2.4.3). */
static void drop_ignored(struct process_signals *ps, int sig)
{
	void *h = ps->sighand->action[sig].sa_handler;
	struct thread_signals *ts;

	if (h != SIG_IGN && !(h == SIG_DFL && SIGMASK(sig) & SIGSET_IGNORE))
		return;
	sigpending_flush(ps, &ps->shared, SIGMASK(sig));
	list_for_each_entry(ts, &ps->threads, link)
		sigpending_flush(ps, &ts->pending, SIGMASK(sig));
}

/*
 * Both locks: the first one keeps the queues, the second the handlers, which another process may
 * share. Unknown flags are dropped, so that a program can find out which are known by asking for
 * what it has set (sigaction(2), "Dynamically probing for flag bit support").
 */
SYSCALL4(13, rt_sigaction, int, sig, const struct sigaction __user *, new,
	 struct sigaction __user *, old, size_t, size)
{
	struct process_signals *ps = process_signals(current_process());
	struct sigaction act, was;

	if (size != sizeof(u64) || !VALID_SIGNAL(sig) || (new && SIGMASK(sig) & SIGSET_UNBLOCKABLE))
		return -EINVAL;
	if (new && copy_from_user(&act, new, sizeof(act)))
		return -EFAULT;
	spin_lock(&ps->lock);
	spin_lock_nested(&ps->sighand->lock);
	was = ps->sighand->action[sig];
	if (new) {
		act.sa_flags &= SA_KNOWN;
		act.sa_mask &= ~SIGSET_UNBLOCKABLE;
		ps->sighand->action[sig] = act;
		drop_ignored(ps, sig);
	}
	spin_unlock(&ps->sighand->lock);
	spin_unlock(&ps->lock);
	if (old && copy_to_user(old, &was, sizeof(was)))
		return -EFAULT;
	return 0;
}

/* SIGKILL and SIGSTOP are taken out of any mask without an error (signal_set_blocked). */
SYSCALL4(14, rt_sigprocmask, int, how, const u64 __user *, set, u64 __user *, old, size_t, size)
{
	u64 was = thread_signals(current)->blocked, mask;

	if (size != sizeof(u64))
		return -EINVAL;
	if (set) {
		if (get_user(mask, set))
			return -EFAULT;
		if (how == SIG_BLOCK)
			mask |= was;
		else if (how == SIG_UNBLOCK)
			mask = was & ~mask;
		else if (how != SIG_SETMASK)
			return -EINVAL;
		signal_set_blocked(mask);
	}
	return old ? put_user(was, old) : 0;
}

/* Only what is blocked: the rest is about to be delivered. */
SYSCALL2(127, rt_sigpending, void __user *, set, size_t, size)
{
	struct process_signals *ps = process_signals(current_process());
	struct thread_signals *ts = thread_signals(current);
	u64 pending;

	if (size > sizeof(u64))
		return -EINVAL;
	spin_lock(&ps->lock);
	pending = (ps->shared.set | ts->pending.set) & ts->blocked;
	spin_unlock(&ps->lock);
	return copy_to_user(set, &pending, size) ? -EFAULT : 0;
}

/*
 * Never made again after a handler, whatever SA_RESTART says: its return is the point (pause(2)).
 */
SYSCALL0(34, pause)
{
	sleep_until(WAIT_FOREVER, WAIT_INTERRUPTIBLE);
	return -ERESTARTNOHAND;
}

int signal_swap_mask(const u64 __user *mask, size_t size)
{
	struct thread_signals *ts = thread_signals(current);
	u64 new;

	if (!mask)
		return 0;
	if (size != sizeof(u64))
		return -EINVAL;
	if (get_user(new, mask))
		return -EFAULT;
	ts->saved_mask = ts->blocked;
	signal_set_blocked(new);
	ts->restore_mask = true;
	return 0;
}

void signal_unswap_mask(bool interrupted)
{
	struct thread_signals *ts = thread_signals(current);

	if (!ts->restore_mask)
		return;
	if (interrupted) {	/* delivery puts saved_mask into the frame, or back */
		thread_set_work(current, WORK_SIGNAL);
		return;
	}
	ts->restore_mask = false;
	signal_set_blocked(ts->saved_mask);
}

SYSCALL2(130, rt_sigsuspend, const u64 __user *, mask, size_t, size)
{
	int error = mask ? signal_swap_mask(mask, size) : -EFAULT;

	if (error)
		return error;
	sleep_until(WAIT_FOREVER, WAIT_INTERRUPTIBLE);
	signal_unswap_mask(true);
	return -ERESTARTNOHAND;
}

/* Take a signal of set, or sleep until one comes; its number, -EAGAIN at the deadline, -EINTR. */
static int wait_for_signal(u64 set, struct siginfo *info, u64 deadline)
{
	struct process_signals *ps = process_signals(current_process());
	struct thread_signals *ts = thread_signals(current);
	int sig, error = 0;

	spin_lock(&ps->lock);
	for (;;) {
		sig = signal_dequeue(ps, ts, set, info);
		if (sig || error)
			break;
		/* As if unblocked, so that senders choose and wake us; but delivery is not for
		 * these. */
		ts->waiting = set;
		wait_prepare(WAIT_INTERRUPTIBLE);
		signal_recalc(ps, ts);
		spin_unlock(&ps->lock);
		error = wait_sleep(WAIT_INTERRUPTIBLE, deadline);
		wait_done();
		spin_lock(&ps->lock);
		ts->waiting = 0;
	}
	signal_recalc(ps, ts);
	spin_unlock(&ps->lock);
	if (sig)
		return sig;
	return error == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

/*
 * EINTR also with SA_RESTART (signal(7)): with a timeout it could not start again. A timeout too
 * long to be computed is none.
 */
SYSCALL4(128, rt_sigtimedwait, const u64 __user *, uset, struct siginfo __user *, uinfo,
	 const struct timespec __user *, timeout, size_t, size)
{
	u64 deadline = WAIT_FOREVER, set;
	struct siginfo info;
	struct timespec ts;
	int sig;

	if (size != sizeof(u64))
		return -EINVAL;
	if (get_user(set, uset))
		return -EFAULT;
	if (timeout) {
		if (get_user(ts, timeout))
			return -EFAULT;
		if (ts.tv_sec < 0 || (u64)ts.tv_nsec >= NSEC_PER_SEC)
			return -EINVAL;
		if ((u64)ts.tv_sec < WAIT_FOREVER / NSEC_PER_SEC / 2)
			deadline = clock_monotonic() + ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
	}
	sig = wait_for_signal(set & ~SIGSET_UNBLOCKABLE, &info, deadline);
	if (sig > 0 && uinfo && copy_to_user(uinfo, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}
