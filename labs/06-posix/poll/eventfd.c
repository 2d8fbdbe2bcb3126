/*
 * eventfd(2): a counter as a file. write adds, read takes all (or one, EFD_SEMAPHORE).
 *
 * It is the smallest file on which one can wait: a number, a lock and a wait queue. A pipe would do
 * as well to wake an event loop, but needs two descriptors and a page, and can be full. One queue
 * serves readers and writers: the key of a wake-up (POLL_READABLE, POLL_WRITABLE) lets poll and
 * epoll tell them apart, and blocked calls look again whatever it was.
 */
#include "06-posix/poll/anon.h"
#include "06-posix/poll/poll.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/printer.h"

#define COUNT_MAX	(~0UL - 1)

/*
 * eventfd(2): the count stays below the largest 64-bit number, so a write of 0xffffffffffffffff is
 * EINVAL, and one that would come to it waits.
 */
struct eventfd {
	struct spinlock lock;		/* RANK_LEAF; protects: */
	u64 count;			/* read without it by poll and waits */

	bool semaphore;			/* constant */
	struct wait_queue changed;	/* by reads and writes; its own lock */
};

/*
 * The count is taken under the lock, and the wait is only for a chance to do so: of several readers
 * that are woken by one write, one gets the value and the others go on waiting. What has been taken
 * is lost if the buffer turns out to be bad, as on Linux.
 */
static ssize_t eventfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct eventfd *e = f->private;
	u64 value = 0;
	int error;

	if (it->count < sizeof(value))
		return -EINVAL;
	while (!value) {
		spin_lock(&e->lock);
		if (e->count) {
			value = e->semaphore ? 1 : e->count;
			e->count -= value;
		}
		spin_unlock(&e->lock);
		if (value)
			break;
		if (io_flags(f, it) & O_NONBLOCK)
			return -EAGAIN;
		error = wait_event(&e->changed, READ_ONCE(e->count), WAIT_INTERRUPTIBLE);
		if (error)
			return error;
	}
	wait_queue_wake(&e->changed, 1, POLL_WRITABLE);
	return copy_to_iter(&value, sizeof(value), it) == sizeof(value) ? (ssize_t)sizeof(value) :
									  -EFAULT;
}

/* The same from the other side: readers make room. A write of 0 changes nothing and wakes. */
static ssize_t eventfd_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct eventfd *e = f->private;
	bool done = false;
	u64 value;
	int error;

	if (it->count < sizeof(value))
		return -EINVAL;
	if (copy_from_iter(&value, sizeof(value), it) != sizeof(value))
		return -EFAULT;
	if (value > COUNT_MAX)
		return -EINVAL;
	while (!done) {
		spin_lock(&e->lock);
		done = value <= COUNT_MAX - e->count;
		if (done)
			e->count += value;
		spin_unlock(&e->lock);
		if (done)
			break;
		if (io_flags(f, it) & O_NONBLOCK)
			return -EAGAIN;
		error = wait_event(&e->changed, value <= COUNT_MAX - READ_ONCE(e->count),
				   WAIT_INTERRUPTIBLE);
		if (error)
			return error;
	}
	wait_queue_wake(&e->changed, 1, POLL_READABLE);
	return sizeof(value);
}

/* Without the lock: the count may change before the caller looks at the answer in any case. */
static unsigned eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->private;
	u64 count;

	poll_wait(&e->changed, pt);
	count = READ_ONCE(e->count);
	return (count ? POLL_READABLE : 0) | (count < COUNT_MAX ? POLL_WRITABLE : 0);
}

static void eventfd_release(struct file *f)
{
	kfree(f->private);
}

static void eventfd_show(struct file *f, struct printer *out)
{
	print(out, "eventfd-count: %16lx\n", ((struct eventfd *)f->private)->count);
}

static void eventfd_name(struct file *f, char *buf, size_t size)
{
	strlcpy(buf, "anon_inode:[eventfd]", size);
}

static const struct file_ops eventfd_ops = {
	.stat = anon_stat,
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
	.show = eventfd_show,
	.name = eventfd_name,
};

static long create(unsigned count, unsigned flags)
{
	struct eventfd *e;
	struct file *f;

	if (flags & ~(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE))
		return -EINVAL;
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	spin_init(&e->lock, "eventfd", RANK_LEAF);
	wait_queue_init(&e->changed);
	e->count = count;
	e->semaphore = flags & EFD_SEMAPHORE;
	f = file_alloc(&eventfd_ops, O_RDWR | (flags & O_NONBLOCK), e);
	if (!f || IS_ERR(f)) {
		kfree(e);
		return f ? PTR_ERR(f) : -ENOMEM;
	}
	return fd_open(f, flags & EFD_CLOEXEC);
}

SYSCALL1(284, eventfd, unsigned, count)
{
	return create(count, 0);
}

SYSCALL2(290, eventfd2, unsigned, count, unsigned, flags)
{
	return create(count, flags);
}
