/*
 * epoll: watching many files for long; epoll(7).
 *
 * An instance keeps an item per watched (file, descriptor) in a tree. The item hangs in the file's
 * wait queues all the time; a wake-up puts it on the ready list, perhaps from an interrupt.
 * epoll_wait() asks only items on that list, so its cost depends on how much happens, not on how
 * much is watched. A level-triggered item whose event still holds goes back on the list.
 *
 * Locks: epoll_mutex (all of epoll_ctl, and files going away), instance->lock (mutex: the tree, and
 * taking events), instance->ready_lock (spinlock: the ready list; inside a wait queue's lock). An
 * item does not hold its file: the file's last reference takes the item away (file_unwatch).
 */
#include "06-posix/poll/anon.h"
#include "06-posix/poll/poll.h"
#include "common/rbtree.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/process/user.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/printer.h"
#include "06-posix/signal/signal.h"

#define NESTING_MAX	4		/* instances watching instances (EP_MAX_NESTS) */
#define EVENTS_MAX	(0x7fffffff / (int)sizeof(struct epoll_event))
#define PRIVATE_BITS	(EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP)

struct instance {
	/* RANK_FILE_POS; inside epoll_mutex, and inside an outer instance's */
	struct mutex lock;
	struct rb_root items;
	/* RANK_WAIT_QUEUE, taken inside the lock of a queue that is woken */
	struct spinlock ready_lock;
	struct list_head ready;
	bool scanning;			/* somebody has items off the list, and may put them back */
	struct wait_queue waiters;	/* epoll_wait() */
	struct wait_queue pollers;	/* who watches this instance */
	struct file *file;
	struct user *user;		/* held: the items count among his */
	/* epoll_mutex, in a check for depth: instances below or above this one, if seen is this
	 * check's number */
	u64 seen;
	int depth;
};

struct hook {
	struct wait_entry wait;
	struct wait_queue *queue;
	struct item *item;
	struct hook *next;
};

struct item {
	struct rb_node node;
	struct instance *instance;
	struct file *file;
	int fd;
	unsigned events;		/* asked for; instance->lock */
	u64 data;
	struct list_head ready_link;	/* instance->ready; ready_lock */
	struct list_head file_link;	/* file->epoll_items; file->lock */
	struct hook *hooks;
	struct hook first_hook;		/* most files have one queue or two */
};

static DEFINE_MUTEX(epoll_mutex, RANK_FILE_POS);
static const struct file_ops epoll_ops;

/* ---- becoming ready ---- */

static void make_ready(struct item *item)
{
	struct instance *ep = item->instance;

	spin_lock_nested(&ep->ready_lock);
	if (list_empty(&item->ready_link))
		list_add_tail(&item->ready_link, &ep->ready);
	spin_unlock(&ep->ready_lock);
}

/* A queue of the item's file was woken; perhaps in an interrupt. */
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
	make_ready(item);
	/* What EPOLLEXCLUSIVE counts: without a waiter here another instance must be told, too. */
	served = wait_queue_active(&ep->waiters);
	wait_queue_wake_nested(&ep->waiters, 1, POLL_READABLE);
	wait_queue_wake_nested(&ep->pollers, 1, POLL_READABLE);
	return served;
}

struct hooker {
	struct poll_table table;
	struct item *item;
	int error;
};

/* poll_wait() while an item is added: hang it into q. */
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

/* Out of all queues and lists, and freed. Both mutexes held. */
static void remove_item(struct item *item)
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

void file_unwatch(struct file *f)
{
	mutex_lock(&epoll_mutex);
	while (!list_empty(&f->epoll_items)) {
		struct item *item = list_first_entry(&f->epoll_items, struct item, file_link);
		struct instance *ep = item->instance;

		mutex_lock_nested(&ep->lock);
		remove_item(item);
		mutex_unlock(&ep->lock);
	}
	mutex_unlock(&epoll_mutex);
}

/* Ask the item's file; true if there is something the program wants to know now. */
static bool is_ready(struct item *item, struct poll_table *pt)
{
	return file_poll(item->file, pt) & item->events & ~PRIVATE_BITS;
}

/* After a change: if an event holds already, nobody else will say so. Lock held. */
static void check_now(struct instance *ep, struct item *item, struct poll_table *pt)
{
	if (!is_ready(item, pt))
		return;
	make_ready(item);
	wake_up_poll(&ep->waiters, POLL_READABLE);
	wake_up_poll(&ep->pollers, POLL_READABLE);
}

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
		remove_item(item);
	return h.error;
}

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

/* ---- nesting: wake-ups and questions go through all levels, on one kernel stack ---- */

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

		if (f->ops == &epoll_ops)
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

	if (f->ops != &epoll_ops)
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
			remove_item(item);
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

static long do_control(struct file *epf, int op, struct file *f, int fd, struct epoll_event *event)
{
	struct instance *ep = epf->private;
	unsigned exclusive_ok =
		POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
	int error;

	if (!can_be_watched(f))
		return -EPERM;
	if (epf->ops != &epoll_ops || f == epf)
		return -EINVAL;
	if (op != EPOLL_CTL_DEL && event->events & EPOLLEXCLUSIVE &&
	    (op == EPOLL_CTL_MOD || f->ops == &epoll_ops || event->events & ~exclusive_ok))
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

/* ---- waiting ---- */

/* The program has an event of the item. Lock held. */
static void taken(struct item *item)
{
	if (item->events & EPOLLONESHOT)
		WRITE_ONCE(item->events, item->events & PRIVATE_BITS);
	else if (!(item->events & EPOLLET))
		make_ready(item);
}

/*
 * Is there anything to ask? While somebody asks, what he asks about is on no list, and may go back
 * on it: whoever finds that has to wait for the instance's lock.
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

/* Collect up to max events of those on the ready list now: how many, or -EFAULT. */
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
		event.events = file_poll(item->file, NULL) & item->events & ~PRIVATE_BITS;
		event.data = item->data;
		if (!event.events)
			continue;
		if (copy_to_user(&user[n], &event, sizeof(event))) {
			make_ready(item);
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
	n = f->ops == &epoll_ops ? wait_for_events(f->private, user, max, deadline) : -EINVAL;
	file_put(f);
	return n;
}

static u64 deadline_ms(int ms)
{
	return ms < 0 ? WAIT_FOREVER : !ms ? 0 : clock_monotonic() + ms * NSEC_PER_MSEC;
}

SYSCALL4(232, epoll_wait, int, epfd, struct epoll_event __user *, user, int, max, int, timeout_ms)
{
	return do_wait(epfd, user, max, deadline_ms(timeout_ms));
}

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

/* Does an item on the ready list still have an event? Those that do not are taken off. */
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
		found = is_ready(item, NULL);
		if (found)
			make_ready(item);
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

static void epoll_release(struct file *f)
{
	struct instance *ep = f->private;
	struct rb_node *n;

	mutex_lock(&epoll_mutex);
	mutex_lock_nested(&ep->lock);
	while ((n = rb_first(&ep->items)))
		remove_item(rb_entry(n, struct item, node));
	mutex_unlock(&ep->lock);
	mutex_unlock(&epoll_mutex);
	user_put(ep->user);
	kfree(ep);
}

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

static const struct file_ops epoll_ops = {
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
	f = file_alloc(&epoll_ops, O_RDWR, ep);
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
