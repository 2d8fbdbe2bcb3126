/*
 * epoll instances: taking events (epoll_wait(2)), and the instance as a file.
 *
 * Whoever takes events moves the whole ready list to a batch of his own and asks one item after the
 * other. An item that has nothing any more is simply dropped: its hooks are still in the queues and
 * will bring it back. The three ways to watch differ in nothing but what happens to an item whose
 * event was delivered (taken()):
 *
 *   level-triggered	it goes to the list's end, so that the next epoll_wait asks again. A file
 *			that stays ready comes up each time; being at the end it starves nobody
 *   EPOLLET		it waits for the next wake-up: the program has to read until EAGAIN
 *   EPOLLONESHOT	it keeps no event that it would react to, until EPOLL_CTL_MOD
 *
 * epoll_wait is never restarted after a signal (signal(7)): always EINTR.
 */
#include "06-posix/poll/epoll.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/process/user.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/printer.h"
#include "06-posix/poll/anon.h"
#include "06-posix/signal/signal.h"

/* With more, the array's size would not be an int: EINVAL. */
#define EVENTS_MAX	(0x7fffffff / (int)sizeof(struct epoll_event))

/* ---- taking events ---- */

/* The program has an event of the item. Lock held. */
static void taken(struct item *item)
{
	if (item->events & EPOLLONESHOT)
		WRITE_ONCE(item->events, item->events & PRIVATE_BITS);
	else if (!(item->events & EPOLLET))
		epoll_make_ready(item);
}

/*
 * Is there anything to ask? While somebody asks, what he asks about is not on the list, and may go
 * back on it: whoever finds that has to wait for the instance's lock. Without `scanning` a second
 * thread would find the list empty and go to sleep, and nobody would wake it, as putting back is no
 * wake-up. The first look is without the lock: a list that is not empty needs no more certainty, as
 * the items will be asked.
 */
static bool has_ready(struct instance *ep)
{
	bool ready;

	if (READ_ONCE(ep->ready.next) != &ep->ready)
		return true;
	spin_lock(&ep->ready_lock);
	ready = ep->scanning || !list_empty(&ep->ready);
	spin_unlock(&ep->ready_lock);
	return ready;
}

/*
 * Collect up to max events of those on the ready list now: how many, or -EFAULT.
 *
 * The batch is emptied from its head, and each item is off all lists before its file is asked: a
 * wake-up that comes while it is asked puts it on ep->ready again, and is not lost. Items that wait
 * in the batch are on a list, so that a wake-up has nothing to do for them. That the batch lies on
 * this stack is safe because only the holder of ep->lock removes items.
 */
static int take_events(struct instance *ep, struct epoll_event __user *user, int max)
{
	struct list_head batch;
	struct epoll_event event;
	struct item *item;
	int n = 0, error = 0;

	list_init(&batch);
	mutex_lock(&ep->lock);
	spin_lock(&ep->ready_lock);
	ep->scanning = true;
	list_splice_tail(&ep->ready, &batch);
	spin_unlock(&ep->ready_lock);
	for (;;) {
		spin_lock(&ep->ready_lock);
		item = list_empty(&batch) || n == max ? NULL :
		       list_first_entry(&batch, struct item, ready_link);
		if (item)
			list_del(&item->ready_link);
		spin_unlock(&ep->ready_lock);
		if (!item)
			break;
		event.events = epoll_ask(item, NULL);
		event.data = item->data;
		if (!event.events)
			continue;
		/* Before taken(): an event that could not be stored must come again. */
		if (copy_to_user(&user[n], &event, sizeof(event))) {
			epoll_make_ready(item);
			error = -EFAULT;
			break;
		}
		taken(item);
		n++;
	}
	/* What was not reached comes first next time. */
	spin_lock(&ep->ready_lock);
	ep->scanning = false;
	list_splice_tail(&ep->ready, &batch);
	list_splice_tail(&batch, &ep->ready);
	spin_unlock(&ep->ready_lock);
	mutex_unlock(&ep->lock);
	/* Others who were woken meanwhile may have found the list empty: what is left is theirs. */
	if (has_ready(ep))
		wake_up_poll(&ep->waiters, POLL_READABLE);
	return n ? n : error;
}

/*
 * The wait is exclusive: one wake-up, one thread (epoll(7) promises it for EPOLLET). The one that
 * is woken may find that another took the event in the meantime, and goes on waiting.
 */
static long wait_for_events(struct instance *ep, struct epoll_event __user *user, int max,
			    u64 deadline)
{
	int n, error;

	for (;;) {
		n = has_ready(ep) ? take_events(ep, user, max) : 0;
		if (n || !deadline)
			return n;
		error = wait_event_exclusive_until(&ep->waiters, has_ready(ep), WAIT_INTERRUPTIBLE,
						   deadline);
		if (error == -ETIMEDOUT)
			return 0;
		if (error)
			return -EINTR;
	}
}

static long do_wait(int epfd, struct epoll_event __user *user, int max, u64 deadline)
{
	struct file *f;
	long n;

	if (max <= 0 || max > EVENTS_MAX)
		return -EINVAL;
	f = fd_get(epfd);
	if (!f)
		return -EBADF;
	n = f->ops == &epoll_file_ops ? wait_for_events(f->private, user, max, deadline) : -EINVAL;
	file_put(f);
	return n;
}

/* A timeout in ms as a deadline: negative is none, and 0 means not to wait. */
static u64 deadline_ms(int ms)
{
	return ms < 0 ? WAIT_FOREVER : !ms ? 0 : clock_monotonic() + ms * NSEC_PER_MSEC;
}

SYSCALL4(232, epoll_wait, int, epfd, struct epoll_event __user *, user, int, max, int, timeout_ms)
{
	return do_wait(epfd, user, max, deadline_ms(timeout_ms));
}

/*
 * With the caller's signal mask while waiting. If a signal ended the wait, the old mask comes back
 * only after its handler: it is this mask that let the signal through.
 */
static long wait_with_mask(int epfd, struct epoll_event __user *user, int max, u64 deadline,
			   const u64 __user *mask, size_t size)
{
	int error = signal_swap_mask(mask, size);
	long n;

	if (error)
		return error;
	n = do_wait(epfd, user, max, deadline);
	signal_unswap_mask(n == -EINTR);
	return n;
}

SYSCALL6(281, epoll_pwait, int, epfd, struct epoll_event __user *, user, int, max, int, timeout_ms,
	 const u64 __user *, mask, size_t, size)
{
	return wait_with_mask(epfd, user, max, deadline_ms(timeout_ms), mask, size);
}

SYSCALL6(441, epoll_pwait2, int, epfd, struct epoll_event __user *, user, int, max,
	 const struct timespec __user *, uts, const u64 __user *, mask, size_t, size)
{
	struct timespec ts;
	u64 deadline;
	int error;

	if (uts && get_user(ts, uts))
		return -EFAULT;
	error = poll_deadline(uts ? &ts : NULL, &deadline);
	return error ? error : wait_with_mask(epfd, user, max, deadline, mask, size);
}

/* ---- the instance as a file ---- */

/*
 * Does an item on the ready list still have an event? Those that do not are taken off; so a false
 * alarm is examined once, not at each poll. Holding ep->lock, items of inner instances lead here
 * again: mutex_lock_nested(), four levels at most (epoll.c).
 */
static bool any_ready(struct instance *ep)
{
	struct item *item;
	bool found = false;

	mutex_lock_nested(&ep->lock);
	while (!found) {
		spin_lock(&ep->ready_lock);
		item = list_empty(&ep->ready) ? NULL :
		       list_first_entry(&ep->ready, struct item, ready_link);
		if (item)
			list_del(&item->ready_link);
		ep->scanning = item;
		spin_unlock(&ep->ready_lock);
		if (!item)
			break;
		found = epoll_ask(item, NULL);
		if (found)
			epoll_make_ready(item);
	}
	spin_lock(&ep->ready_lock);
	ep->scanning = false;
	spin_unlock(&ep->ready_lock);
	mutex_unlock(&ep->lock);
	return found;
}

static unsigned epoll_poll(struct file *f, struct poll_table *pt)
{
	struct instance *ep = f->private;

	poll_wait(&ep->pollers, pt);
	return has_ready(ep) && any_ready(ep) ? POLL_READABLE : 0;
}

/*
 * No call on the instance is under way: each holds the file. Items that watch it have gone in
 * file_unwatch(). The locks are for the items' own files: one may be released at this moment, and
 * its file_unwatch() looks for the same items.
 */
static void epoll_release(struct file *f)
{
	struct instance *ep = f->private;
	struct rb_node *n;

	mutex_lock(&epoll_mutex);
	mutex_lock_nested(&ep->lock);
	while ((n = rb_first(&ep->items)))
		epoll_remove_item(rb_entry(n, struct item, node));
	mutex_unlock(&ep->lock);
	mutex_unlock(&epoll_mutex);
	user_put(ep->user);
	kfree(ep);
}

/* For /proc/PID/fdinfo (proc(5)), less what Linux adds about the files' inodes. */
static void epoll_show(struct file *f, struct printer *out)
{
	struct instance *ep = f->private;
	struct rb_node *n;

	mutex_lock(&ep->lock);
	for (n = rb_first(&ep->items); n; n = rb_next(n)) {
		struct item *item = rb_entry(n, struct item, node);

		print(out, "tfd: %8d events: %8x data: %16lx\n", item->fd, item->events,
		      item->data);
	}
	mutex_unlock(&ep->lock);
}

static void epoll_name(struct file *f, char *buf, size_t size)
{
	strlcpy(buf, "anon_inode:[eventpoll]", size);
}

const struct file_ops epoll_file_ops = {
	.stat = anon_stat,
	.poll = epoll_poll,
	.release = epoll_release,
	.show = epoll_show,
	.name = epoll_name,
};

static long create(unsigned flags)
{
	struct instance *ep;
	struct file *f;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	if (!ep)
		return -ENOMEM;
	mutex_init(&ep->lock, "epoll", RANK_FILE_POS);
	spin_init(&ep->ready_lock, "epoll ready", RANK_WAIT_QUEUE);
	list_init(&ep->ready);
	wait_queue_init(&ep->waiters);
	wait_queue_init(&ep->pollers);
	f = file_alloc(&epoll_file_ops, O_RDWR, ep);
	if (!f || IS_ERR(f)) {
		kfree(ep);
		return f ? PTR_ERR(f) : -ENOMEM;
	}
	ep->file = f;
	ep->user = current_cred()->user;
	ref_get(&ep->user->refs);
	return fd_open(f, flags & EPOLL_CLOEXEC);
}

SYSCALL1(213, epoll_create, int, size)
{
	return size <= 0 ? -EINVAL : create(0);
}

SYSCALL1(291, epoll_create1, int, flags)
{
	return create(flags);
}
