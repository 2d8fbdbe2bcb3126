/*
 * epoll instances, for the files that implement them: epoll.c has the items and epoll_ctl(2),
 * epoll_wait.c takes events off the ready list and is the instance as a file.
 *
 * An instance keeps an item for each watched pair of file and descriptor. The item hangs in the
 * wait queues of its file for as long as it exists; a wake-up there puts it on the ready list. The
 * list says only "ask this one": whether an event holds is decided by asking the file when
 * somebody wants events, so an item may be on the list for nothing, but never off it while the
 * program has to be told.
 *
 * Locks, from the outside in:
 *
 *   epoll_mutex		all of epoll_ctl, and files and queues that go away. Only with it the
 *				graph of instances that watch instances changes.
 *   instance->lock		the items; who takes events. An outer instance's is held while an
 *				inner one is asked: epoll_ctl refuses circles, so the order is fixed.
 *   wait_queue.lock		of a watched file: held by whoever wakes, perhaps in an interrupt
 *   instance->ready_lock	the ready list, which is filled from there
 *
 * An item holds no reference to its file: watching a file does not keep it open (epoll(7), "Will
 * closing a file descriptor cause it to be removed"). Instead the file's last file_put() takes its
 * items away before the file is released (file_unwatch), and has to wait for instance->lock until
 * nobody is asking it any more.
 */
#pragma once

#include "common/abi/poll.h"
#include "common/rbtree.h"
#include "02-usermode/mutex.h"
#include "03-syscalls/file.h"
#include "06-posix/poll/poll.h"

/* Bits of epoll_event.events that say how to watch, and are no events. */
#define PRIVATE_BITS	(EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP)

struct instance {
	struct mutex lock;		/* RANK_FILE_POS; protects: */
	struct rb_root items;		/* by file and descriptor; changes need epoll_mutex, too */

	struct spinlock ready_lock;	/* RANK_WAIT_QUEUE; protects: */
	struct list_head ready;		/* items to ask, first come first */
	bool scanning;			/* somebody has items off the list, and may put them back */

	/* Each has its own lock. Two, as who sleeps in epoll_wait is woken one at a time, and who
	 * polls the instance always. */
	struct wait_queue waiters;	/* epoll_wait() */
	struct wait_queue pollers;	/* poll(2) on the instance, and items of outer instances */

	/* constant */
	struct file *file;		/* not held: it holds us */
	struct user *user;		/* held: the items count among his */

	/* epoll_mutex, in a check for depth: instances below or above this one, if seen is this
	 * check's number */
	u64 seen;
	int depth;
};

/* An item's entry in one wait queue of its file. */
struct hook {
	struct wait_entry wait;		/* the queue's lock */
	struct wait_queue *queue;	/* NULL: it is gone (poll_queue_gone); epoll_mutex */
	struct item *item;
	struct hook *next;
};

struct item {
	/* constant */
	struct instance *instance;
	struct file *file;		/* not held, see above */
	int fd;				/* as given to epoll_ctl: what it means now is not asked */

	struct rb_node node;		/* instance->lock */
	unsigned events;		/* asked for; instance->lock, read by wake-ups without it */
	u64 data;
	struct list_head ready_link;	/* instance->ready; ready_lock */
	struct list_head file_link;	/* file->epoll_items; file->lock and epoll_mutex */
	struct hook *hooks;		/* epoll_mutex */
	struct hook first_hook;		/* most files have one queue: no allocation for it */
};

extern struct mutex epoll_mutex;	/* RANK_FILE_POS */
extern const struct file_ops epoll_file_ops;

/* Put the item on its instance's ready list, if it is not there. Wakes nobody. Any context. */
void epoll_make_ready(struct item *item);
/*
 * The events of those asked for that its file has now; pt as for file_poll(). instance->lock held;
 * may sleep if the file is an instance itself.
 */
unsigned epoll_ask(struct item *item, struct poll_table *pt);
/*
 * Take the item out of all queues and lists, and free it. epoll_mutex and instance->lock held.
 */
void epoll_remove_item(struct item *item);
