/*
 * Asking files what can be done with them, and being told when that changes.
 *
 * A file's poll operation returns the events that hold now, and calls poll_wait() for each wait
 * queue on which a change would be announced. What that registers is up to the caller: poll(2) and
 * select(2) register themselves for as long as the call lasts, an epoll instance for as long as it
 * watches the file. A wake-up names its events (wake_up_poll), so that who waits for input is not
 * woken by output.
 */
#pragma once

#include "common/atomic.h"
#include "common/abi/poll.h"
#include "common/abi/time.h"
#include "02-usermode/timer.h"
#include "02-usermode/wait.h"
#include "03-syscalls/file.h"

/* Whoever asks embeds this in what add() needs: poll.c the call in progress, epoll.c the item. */
struct poll_table {
	void (*add)(struct poll_table *pt, struct wait_queue *q);
};

/*
 * For poll operations: "what I am about to tell may change when q is woken". It comes before the
 * look at the state. In the other order a change between the two would reach nobody: it is too late
 * for the look and too early for the entry. q must live as long as f does, or be taken back with
 * poll_queue_gone().
 */
static inline void poll_wait(struct wait_queue *q, struct poll_table *pt)
{
	if (!pt)
		return;
	pt->add(pt, q);
	/* Nor may the CPU read the state before the entry is seen in q: the waker looks without q's
	 * lock whether anybody is there. */
	smp_mb();
}

/* Always reported, asked for or not. */
#define POLL_ALWAYS	(POLLERR | POLLHUP)
#define POLL_READABLE	(POLLIN | POLLRDNORM)
#define POLL_WRITABLE	(POLLOUT | POLLWRNORM)

/* The events that hold for f; pt may be NULL. */
static inline unsigned file_poll(struct file *f, struct poll_table *pt)
{
	return f->ops->poll ? f->ops->poll(f, pt) : POLL_READABLE | POLL_WRITABLE;
}

/* One file of a poll or select. */
struct poll_item {
	struct file *file;		/* with a reference, or NULL */
	unsigned events;		/* asked for, with POLL_ALWAYS */
	unsigned revents;		/* result */
	bool fired;			/* somebody woke us because of it */
};

/*
 * Wait until at least one item has an event, or the deadline (0: do not wait). Number of items with
 * revents; 0 at the deadline; -ERESTARTNOHAND if interrupted; -ENOMEM. The core of poll and select.
 */
int poll_items(struct poll_item *items, int n, u64 deadline);

/* A wait queue is about to be freed while files that are watched still refer to it (a process's
 * signals). May sleep. */
void poll_queue_gone(struct wait_queue *q);

/* How many items a user may have in epoll instances (fs.epoll.max_user_watches): as much as fills a
 * 25th of memory, as on Linux. */
u64 epoll_max_watches(void);
/*
 * Timeouts as the calls take them: a deadline, or 0 if there is to be no waiting; -EINVAL. NULL:
 * WAIT_FOREVER.
 */
int poll_deadline(const struct timespec *ts, u64 *deadline);
/* Write what is left back, as Linux does for select, pselect6 and ppoll. */
void poll_time_left(u64 deadline, struct timespec *ts);
