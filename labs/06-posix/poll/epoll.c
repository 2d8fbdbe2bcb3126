/*
 * epoll: watching many files for long; epoll(7). What is watched, and epoll_ctl(2).
 *
 * poll(2) names all its files with each call, hangs itself into all their queues and takes itself
 * out again: each call costs as much as is watched. Here an item per watched file and descriptor is
 * made once and hangs in the file's wait queues all the time; a wake-up puts it on the ready list,
 * perhaps from an interrupt. epoll_wait() asks only items on that list, so its cost depends on how
 * much happens. epoll.h explains the structures and the order of locks.
 *
 * Three things can happen while a file is watched, and each must leave nothing behind that points
 * to freed memory: the program deletes the item, the instance is closed, or the watched file is
 * closed. All three take epoll_mutex and end in epoll_remove_item().
 */
#include "06-posix/poll/epoll.h"
#include "common/atomic.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/process/user.h"
#include "03-syscalls/syscall.h"

/*
 * How long a chain of instances that watch each other may be, as Linux's EP_MAX_NESTS. A wake-up
 * calls hook_wake() for each, one in the other, and so does asking.
 */
#define NESTING_MAX	4

DEFINE_MUTEX(epoll_mutex, RANK_FILE_POS);

/* ---- becoming ready ---- */

void epoll_make_ready(struct item *item)
{
	struct instance *ep = item->instance;

	spin_lock_nested(&ep->ready_lock);
	if (list_empty(&item->ready_link))
		list_add_tail(&item->ready_link, &ep->ready);
	spin_unlock(&ep->ready_lock);
}

/*
 * A queue of the item's file was woken; perhaps in an interrupt. The queue's lock is held: so the
 * item cannot go meanwhile, as epoll_remove_item() needs that lock to take the hook out. Nothing
 * here may sleep, so the file is not asked; `key` is only a hint that spares needless work.
 *
 * The wait queues woken here have locks of the rank that is already held. They form no circle,
 * because instances do not (check_nesting()).
 */
static bool hook_wake(struct wait_entry *w, u64 key)
{
	struct item *item = container_of(w, struct hook, wait)->item;
	struct instance *ep = item->instance;
	unsigned events = READ_ONCE(item->events);
	bool served;

	if (!(events & ~PRIVATE_BITS))		/* a fired EPOLLONESHOT */
		return false;
	if (key && !(key & events))
		return false;
	epoll_make_ready(item);
	/* What EPOLLEXCLUSIVE counts: without a waiter here another instance must be told, too. */
	served = wait_queue_active(&ep->waiters);
	wait_queue_wake_nested(&ep->waiters, 1, POLL_READABLE);
	wait_queue_wake_nested(&ep->pollers, 1, POLL_READABLE);
	return served;
}

/* A poll_table for adding an item: poll_wait() on the file's queues leads to hooker_add(). */
struct hooker {
	struct poll_table table;
	struct item *item;
	int error;
};

/*
 * Hang the item into q. EPOLLEXCLUSIVE makes the entry exclusive: a listening socket that is
 * watched from many processes then wakes one of them, not all (epoll_ctl(2)).
 */
static void hooker_add(struct poll_table *pt, struct wait_queue *q)
{
	struct hooker *h = container_of(pt, struct hooker, table);
	struct item *item = h->item;
	struct hook *hook = &item->first_hook;

	if (item->hooks) {
		hook = kzalloc(sizeof(*hook), GFP_KERNEL);
		if (!hook) {
			h->error = -ENOMEM;
			return;
		}
	}
	wait_entry_init(&hook->wait);
	hook->wait.wake = hook_wake;
	hook->queue = q;
	hook->item = item;
	hook->next = item->hooks;
	item->hooks = hook;
	if (item->events & EPOLLEXCLUSIVE)
		wait_queue_add_exclusive(q, &hook->wait);
	else
		wait_queue_add(q, &hook->wait);
}

/* ---- items ---- */

/*
 * The key is the pair of file and descriptor: dup(2) makes two items of one file possible, and a
 * descriptor that was closed and opened again is another file (epoll(7), question 0).
 */
static int compare(const struct item *item, const struct file *f, int fd)
{
	if (item->file != f)
		return f < item->file ? -1 : 1;
	return fd - item->fd;
}

static struct item *find(struct instance *ep, struct file *f, int fd)
{
	struct rb_node *n = ep->items.node;

	while (n) {
		struct item *item = rb_entry(n, struct item, node);
		int c = compare(item, f, fd);

		if (!c)
			return item;
		n = c < 0 ? n->left : n->right;
	}
	return NULL;
}

static void insert(struct instance *ep, struct item *item)
{
	struct rb_node **link = &ep->items.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = compare(rb_entry(parent, struct item, node), item->file, item->fd) < 0 ?
		       &parent->left : &parent->right;
	}
	rb_insert(&ep->items, &item->node, parent, link);
}

/*
 * First out of the queues: after that no wake-up finds the item, and the ready list, from which it
 * goes next, stays without it.
 */
void epoll_remove_item(struct item *item)
{
	struct instance *ep = item->instance;
	struct hook *h;

	while ((h = item->hooks)) {
		item->hooks = h->next;
		if (h->queue)
			wait_queue_remove(h->queue, &h->wait);
		if (h != &item->first_hook)
			kfree(h);
	}
	spin_lock(&item->file->lock);
	list_del(&item->file_link);
	spin_unlock(&item->file->lock);
	spin_lock(&ep->ready_lock);
	list_del(&item->ready_link);
	spin_unlock(&ep->ready_lock);
	rb_erase(&ep->items, &item->node);
	atomic_dec(&ep->user->watches);
	kfree(item);
}

u64 epoll_max_watches(void)
{
	return frames_total() * PAGE_SIZE / 25 / sizeof(struct item);
}

/*
 * The queue of a signalfd belongs to the process, not to the file: it can go while the file lives
 * on in another process. Its hooks are taken off here, and the item stays, without a queue.
 */
void poll_queue_gone(struct wait_queue *q)
{
	struct wait_entry *e, *next;

	mutex_lock(&epoll_mutex);
	spin_lock(&q->lock);
	list_for_each_entry_safe(e, next, &q->entries, link)
		if (e->wake == hook_wake) {
			list_del(&e->link);
			container_of(e, struct hook, wait)->queue = NULL;
		}
	spin_unlock(&q->lock);
	mutex_unlock(&epoll_mutex);
}

/*
 * The file has no reference any more. fd_get() cannot find it, so no item can be added; who is
 * asking it right now holds the lock of an instance, for which we wait. It looks at the list again
 * after each item: epoll_ctl can not touch it, as epoll_mutex is ours.
 */
void file_unwatch(struct file *f)
{
	mutex_lock(&epoll_mutex);
	while (!list_empty(&f->epoll_items)) {
		struct item *item = list_first_entry(&f->epoll_items, struct item, file_link);
		struct instance *ep = item->instance;

		mutex_lock_nested(&ep->lock);
		epoll_remove_item(item);
		mutex_unlock(&ep->lock);
	}
	mutex_unlock(&epoll_mutex);
}

unsigned epoll_ask(struct item *item, struct poll_table *pt)
{
	return file_poll(item->file, pt) & item->events & ~PRIVATE_BITS;
}

/* After a change: if an event holds already, nobody else will say so. Lock held. */
static void check_now(struct instance *ep, struct item *item, struct poll_table *pt)
{
	if (!epoll_ask(item, pt))
		return;
	epoll_make_ready(item);
	wake_up_poll(&ep->waiters, POLL_READABLE);
	wake_up_poll(&ep->pollers, POLL_READABLE);
}

/*
 * The item is in tree and lists before its file is asked, and asking is what hangs it into the
 * queues (hooker_add): so an event comes either before the question, which then says so, or after
 * it, and finds the hook. ep->lock and epoll_mutex held.
 */
static int add_item(struct instance *ep, struct file *f, int fd, const struct epoll_event *event)
{
	struct item *item;
	struct hooker h = { .table.add = hooker_add };

	if ((u64)atomic_load(&ep->user->watches) >= epoll_max_watches())
		return -ENOSPC;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item)
		return -ENOMEM;
	atomic_inc(&ep->user->watches);
	h.item = item;
	item->instance = ep;
	item->file = f;
	item->fd = fd;
	item->events = event->events | POLL_ALWAYS;
	item->data = event->data;
	list_init(&item->ready_link);
	list_init(&item->file_link);
	insert(ep, item);
	spin_lock(&f->lock);
	list_add_tail(&item->file_link, &f->epoll_items);
	spin_unlock(&f->lock);
	check_now(ep, item, &h.table);
	if (h.error)
		epoll_remove_item(item);
	return h.error;
}

/* EPOLL_CTL_MOD. An item with EPOLLEXCLUSIVE cannot be changed, nor made so (epoll_ctl(2)). */
static int change_item(struct instance *ep, struct item *item, const struct epoll_event *event)
{
	if (item->events & EPOLLEXCLUSIVE || event->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	WRITE_ONCE(item->events, event->events | POLL_ALWAYS);
	item->data = event->data;
	/* The new events are seen by who wakes us from now on, or we see what happened before. */
	smp_mb();
	check_now(ep, item, NULL);
	return 0;
}

/*
 * ---- nesting ----
 *
 * Wake-ups and questions go through all levels of instances that watch each other, on one kernel
 * stack; in a circle they would never end, and would wait for a lock that they hold. So before an
 * instance is added to another the graph is walked both ways from the new edge, and the longest
 * chain through it counted. epoll_mutex keeps it as it is meanwhile.
 *
 * An instance that is reached on several ways is looked at once: with only NESTING_MAX levels but
 * hundreds of items in each, walking all ways would take minutes under the mutex.
 */

static u64 checks;			/* epoll_mutex: so far */

/* True if ep has been looked at in this check: ep->depth says what was found. */
static bool seen(struct instance *ep)
{
	bool was = ep->seen == checks;

	if (!was)
		ep->depth = 0;
	ep->seen = checks;
	return was;
}

/* Instances in a chain from ep downwards, without ep; `top` is too far away. epoll_mutex held. */
static int depth_below(struct instance *ep, const struct instance *top)
{
	struct rb_node *n;

	if (ep == top)
		return NESTING_MAX + 1;
	if (seen(ep))
		return ep->depth;
	for (n = rb_first(&ep->items); n; n = rb_next(n)) {
		struct file *f = rb_entry(n, struct item, node)->file;

		if (f->ops == &epoll_file_ops)
			ep->depth = MAX(ep->depth, 1 + depth_below(f->private, top));
	}
	return ep->depth;
}

/* The same upwards. */
static int depth_above(struct instance *ep)
{
	struct item *item;

	if (seen(ep))
		return ep->depth;
	list_for_each_entry(item, &ep->file->epoll_items, file_link)
		ep->depth = MAX(ep->depth, 1 + depth_above(item->instance));
	return ep->depth;
}

/* Would watching f from ep close a circle, or nest too deep? epoll_mutex held. */
static int check_nesting(struct instance *ep, struct file *f)
{
	int below, above;

	if (f->ops != &epoll_file_ops)
		return 0;
	checks++;
	below = depth_below(f->private, ep);
	checks++;
	above = depth_above(ep);
	return above + 1 + below > NESTING_MAX ? -ELOOP : 0;
}

static int control(struct instance *ep, int op, struct file *f, int fd, struct epoll_event *event)
{
	struct item *item;
	int error;

	mutex_lock_nested(&ep->lock);
	item = find(ep, f, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		error = item ? -EEXIST : add_item(ep, f, fd, event);
		break;
	case EPOLL_CTL_MOD:
		error = item ? change_item(ep, item, event) : -ENOENT;
		break;
	case EPOLL_CTL_DEL:
		error = item ? 0 : -ENOENT;
		if (item)
			epoll_remove_item(item);
		break;
	default:
		error = -EINVAL;
	}
	mutex_unlock(&ep->lock);
	return error;
}

/* Regular files and directories are always ready: epoll refuses them. */
static bool can_be_watched(struct file *f)
{
	return f->ops->poll != NULL;
}

/* The order of these checks is Linux's: programs and their tests know which errno they get. */
static long do_control(struct file *epf, int op, struct file *f, int fd, struct epoll_event *event)
{
	struct instance *ep = epf->private;
	unsigned exclusive_ok =
		POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
	int error;

	if (!can_be_watched(f))
		return -EPERM;
	if (epf->ops != &epoll_file_ops || f == epf)
		return -EINVAL;
	if (op != EPOLL_CTL_DEL && event->events & EPOLLEXCLUSIVE &&
	    (op == EPOLL_CTL_MOD || f->ops == &epoll_file_ops || event->events & ~exclusive_ok))
		return -EINVAL;
	mutex_lock(&epoll_mutex);
	error = op == EPOLL_CTL_ADD ? check_nesting(ep, f) : 0;
	if (!error)
		error = control(ep, op, f, fd, event);
	mutex_unlock(&epoll_mutex);
	return error;
}

SYSCALL4(233, epoll_ctl, int, epfd, int, op, int, fd, struct epoll_event __user *, user)
{
	struct epoll_event event = { 0 };
	struct file *epf, *f;
	long error = -EBADF;

	if (op != EPOLL_CTL_DEL && get_user(event, user))
		return -EFAULT;
	epf = fd_get(epfd);
	f = fd_get(fd);
	if (epf && f)
		error = do_control(epf, op, f, fd, &event);
	if (f)
		file_put(f);
	if (epf)
		file_put(epf);
	return error;
}

