/*
 * FIFOs: pipes with a name. The inode finds the pipe while anybody has it open; opening one end
 * waits for the other. (fifo(7); POSIX.1-2017 XSH open.)
 *
 *	open for		nobody at the other end
 *	reading			waits for a writer; O_NONBLOCK: succeeds at once
 *	writing			waits for a reader; O_NONBLOCK: ENXIO
 *	both			never waits (Linux; POSIX leaves it open)
 *
 * What is waited for is that somebody opens the other end, not that somebody has it open: a writer
 * that opens, writes and closes before the reader has been scheduled has been there all the same.
 * So opens are counted (reader_opens, writer_opens), and the wait is for that number to change.
 *
 * Lives. pipe->files counts files and opens in progress, inode->fifo is no reference of its own.
 * fifo_mutex makes "find it or make it" and "was it the last? then forget it" exclude each other.
 * What is in a FIFO is lost when nobody has it open any more: only the name is on the disk.
 */
#include "common/init.h"
#include "05-vfs/inode.h"
#include "06-posix/pipe/pipe.h"
#include "06-posix/poll/poll.h"

static DEFINE_MUTEX(fifo_mutex, RANK_INODE);	/* inode->fifo */

/* The inode's pipe, locked, with one more file on it; NULL: no memory. */
static struct pipe *get_pipe(struct inode *i)
{
	struct pipe *p;

	mutex_lock(&fifo_mutex);
	if (!i->fifo)
		i->fifo = pipe_alloc();
	p = i->fifo;
	if (p) {
		ref_get(&p->files);
		mutex_lock(&p->lock);
	}
	mutex_unlock(&fifo_mutex);
	return p;
}

void pipe_close(struct pipe *p, struct inode *i, bool reads, bool writes)
{
	bool last;

	mutex_lock(&p->lock);
	WRITE_ONCE(p->readers, p->readers - reads);
	WRITE_ONCE(p->writers, p->writers - writes);
	mutex_unlock(&p->lock);
	wake_up_poll(&p->readable, POLL_READABLE | POLLHUP);
	wake_up_poll(&p->writable, POLL_WRITABLE | POLLERR);
	/* Not earlier: whoever closes the other end now may free what was just unlocked. */
	if (i)
		mutex_lock(&fifo_mutex);
	last = ref_put(&p->files);
	if (last && i)
		i->fifo = NULL;
	if (i)
		mutex_unlock(&fifo_mutex);
	if (last)
		pipe_free(p);
}

/* The file counts from now on, and whoever waits for it may go on. */
static void count_in(struct pipe *p, struct file *f)
{
	if (FILE_READABLE(f)) {
		p->readers++;
		p->reader_opens++;
	}
	if (FILE_WRITABLE(f)) {
		p->writers++;
		p->writer_opens++;
	}
}

/* open(2) of /proc/PID/fd/N: one more end of the same pipe, in any direction, without waiting. */
int pipe_reopen(struct file *f, struct file *again)
{
	struct pipe *p = f->private;

	mutex_lock(&p->lock);
	ref_get(&p->files);
	count_in(p, again);
	again->private = p;
	again->ops = &pipe_ops;
	again->pos = -1;
	mutex_unlock(&p->lock);
	wake_up_all(&p->readable);
	wake_up_all(&p->writable);
	return 0;
}

/*
 * The end counts before it waits, so that the other side sees it: of two opens each that comes
 * second finds the first. On a signal the count goes back (pipe_close) and open fails with
 * ERESTARTSYS.
 */
static int open_fifo(struct inode *i, struct file *f)
{
	struct pipe *p = get_pipe(i);
	bool reads = FILE_READABLE(f), writes = FILE_WRITABLE(f);
	u32 readers, writers;
	int error = 0;

	if (!p)
		return -ENOMEM;
	if (writes && !reads && f->flags & O_NONBLOCK && !p->readers) {
		mutex_unlock(&p->lock);
		pipe_close(p, i, false, false);
		return -ENXIO;
	}
	count_in(p, f);
	readers = p->reader_opens;
	writers = p->writer_opens;
	f->private = p;
	f->ops = &pipe_ops;
	/* For poll: a reader without a writer yet has not come to the end. */
	f->pos = p->writers ? -1 : (loff_t)writers;
	mutex_unlock(&p->lock);
	wake_up_all(&p->readable);
	wake_up_all(&p->writable);
	if (reads && !writes && !READ_ONCE(p->writers) && !(f->flags & O_NONBLOCK))
		error = wait_event(&p->readable, READ_ONCE(p->writer_opens) != writers,
				   WAIT_INTERRUPTIBLE);
	else if (writes && !reads && !READ_ONCE(p->readers))
		error = wait_event(&p->writable, READ_ONCE(p->reader_opens) != readers,
				   WAIT_INTERRUPTIBLE);
	if (error) {
		pipe_close(p, i, reads, writes);
		f->private = NULL;
	}
	return error;
}

static void fifo_init(void)
{
	fifo_open = open_fifo;
}
INITCALL(40, fifo_init);
