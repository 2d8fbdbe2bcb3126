/*
 * Terminals as files: read, write, poll, open and close.
 *
 * A read in canonical mode returns at most one line. Otherwise VMIN and VTIME say how long it
 * waits: for VMIN characters (at most the buffer's size), or until VTIME tenths of a second have
 * passed since the last one (if VMIN is 0: since the call). (POSIX.1-2017 XBD 11.1.5 to 11.1.8.)
 *
 * The order of every operation is: is this file still alive (tty_hung_up), may the caller's job use
 * the terminal (tty_check_access), and only then wait. Life is asked after again when the wait is
 * over, access only before the next one: who slept in the foreground gets the line that wakes him.
 * Waiting is done without tty->lock: the input that would end the wait needs it.
 */
#include "06-posix/tty/tty.h"
#include "common/printk.h"
#include "common/string.h"
#include "02-usermode/timer.h"
#include "03-syscalls/cred.h"
#include "05-vfs/inode.h"
#include "06-posix/job/job.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

#define CHUNK	512		/* of output, copied through the kernel stack */

/* Canonical mode: copy (the rest of) one line; bytes, or -EFAULT. Something is available. */
static ssize_t read_line(struct tty *tty, struct iov_iter *it)
{
	ssize_t done = 0;

	while (tty->tail != tty->canon) {
		u32 n = tty->tail;
		u8 c = *tty_char(tty, n);
		bool end = tty_ends_line(tty, n), eof = end && c == DISABLED_CHAR;

		/* An EOF right behind the last byte asked for belongs to this read. */
		/*
		 * Without this, a program that reads "abc" with a buffer of three bytes would
		 * get the EOF behind it as an end of file that nobody typed.
		 */
		if (!it->count && !eof)
			break;
		if (!eof && copy_to_iter(&c, 1, it) != 1)
			return done ? done : -EFAULT;
		tty->tail++;
		done += !eof;
		if (end)
			break;
	}
	return done;
}

/* Other modes: whatever is there; lock held. In two pieces where the buffer wraps around. */
static ssize_t read_raw(struct tty *tty, struct iov_iter *it)
{
	ssize_t done = 0;

	while (tty->tail != tty->head && it->count) {
		u32 at = tty->tail % TTY_BUF_SIZE;
		size_t n = MIN(it->count, (size_t)MIN(tty->head - tty->tail, TTY_BUF_SIZE - at));
		size_t copied = copy_to_iter(tty->buf + at, n, it);

		tty->tail += copied;
		done += copied;
		if (copied < n)
			return done ? done : -EFAULT;
	}
	return done;
}

/* How many bytes must be there before a read returns, and for how long it waits for the next. */
struct patience {
	size_t enough;
	u64 gap;		/* ns, 0: for ever */
	bool zero_ok;		/* the time may run out with nothing read */
};

/*
 * The four cases of POSIX.1-2017 XBD 11.1.7. With VMIN and VTIME both set, VTIME is the gap
 * between characters and runs only after the first one (A); with VMIN alone there is no limit (B);
 * with VTIME alone it is a limit for the whole read, which may then give nothing (C); with neither
 * a read never waits (D). Lock held.
 */
static struct patience patience_of(const struct tty *tty, size_t count)
{
	size_t min = TTY_CC(tty, VMIN);
	u64 gap = TTY_CC(tty, VTIME) * 100 * NSEC_PER_MSEC;

	if (TTY_L(tty, ICANON))
		return (struct patience){ .enough = 1 };
	if (!min)
		return (struct patience){ .enough = gap ? 1 : 0, .gap = gap, .zero_ok = true };
	return (struct patience){ .enough = MIN(MIN(min, count), (size_t)TTY_BUF_SIZE),
				  .gap = gap };
}

/*
 * Sleep, without the lock, until enough is there: 0 (also when time ran out after something
 * came), -EAGAIN, -ERESTARTSYS.
 */
/*
 * What is there is only looked at, without the lock; the caller finds out under the lock whether it
 * is still there. A signal that comes when something has arrived lets the read return that, in
 * raw mode; a line in canonical mode is complete or not there.
 */
static int wait_for_input(struct file *f, const struct iov_iter *it, const struct patience *p)
{
	struct tty *tty = f->private;
	size_t have = tty_available(tty);
	int error;

	while (have < p->enough && !tty_hung_up(f)) {
		u64 deadline =
			p->gap && (have || p->zero_ok) ? clock_monotonic() + p->gap : WAIT_FOREVER;

		if (io_flags(f, it) & O_NONBLOCK)
			return have ? 0 : -EAGAIN;
		error = wait_event_until(&tty->readable,
					 tty_available(tty) > have || tty_hung_up(f),
					 WAIT_INTERRUPTIBLE, deadline);
		if (error == -ETIMEDOUT)
			return 0;
		if (error)
			return tty_available(tty) && !TTY_L(tty, ICANON) ? 0 : error;
		have = tty_available(tty);
	}
	return 0;
}

/* 0 is the end of file: after ^D, after a hangup, and in raw mode when VTIME has passed. */
static ssize_t tty_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct tty *tty = f->private;
	struct patience p;
	ssize_t done = 0;
	int error;

	if (!it->count)
		return 0;
	for (;;) {
		if (tty_hung_up(f))
			return 0;
		error = tty_check_access(tty, SIGTTIN);
		if (error)
			return error;
		mutex_lock(&tty->lock);
		p = patience_of(tty, it->count);
		mutex_unlock(&tty->lock);
		error = wait_for_input(f, it, &p);
		if (error)
			return error;
		mutex_lock(&tty->lock);
		/* what arrived since a hangup is for those who opened the terminal since */
		if (tty_available(tty) && !tty_hung_up(f))
			break;
		mutex_unlock(&tty->lock);
		if (tty_hung_up(f) || p.zero_ok)
			return io_flags(f, it) & O_NONBLOCK && !tty_hung_up(f) ? -EAGAIN : 0;
		/* Another reader was faster. */
	}
	done = TTY_L(tty, ICANON) ? read_line(tty, it) : read_raw(tty, it);
	if (tty->ops->input_room)
		tty->ops->input_room(tty);
	mutex_unlock(&tty->lock);
	return done;
}

/* Eight bytes are what one character may become: a tab that is expanded (output.c). */
static bool can_send(struct tty *tty)
{
	return !READ_ONCE(tty->stopped) && tty->ops->room(tty) >= 8;
}

/* Send a chunk completely: bytes, fewer at an error, which *error gets. */
/*
 * Between the pieces other writers may come in, and so may echo. The lock is not held while waiting
 * for room: ^C and ^Q, which would end the wait, need it.
 */
static size_t send_all(struct file *f, const u8 *buf, size_t n, int *error)
{
	struct tty *tty = f->private;
	size_t done = 0;

	while (done < n) {
		mutex_lock(&tty->lock);
		if (tty_hung_up(f))
			*error = -EIO;
		else if (!tty->stopped)
			done += tty_output(tty, buf + done, n - done);
		mutex_unlock(&tty->lock);
		if (*error || done == n)
			break;
		if (f->flags & O_NONBLOCK)
			*error = -EAGAIN;
		else
			*error = wait_event(&tty->writable, can_send(tty) || tty_hung_up(f),
					    WAIT_INTERRUPTIBLE);
		if (*error)
			break;
	}
	return done;
}

/*
 * The background may write unless TOSTOP is set: that is why the output of a job after `&` mixes
 * with the prompt. What was sent before an error counts; the error comes with the next write.
 */
static ssize_t tty_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct tty *tty = f->private;
	u8 chunk[CHUNK];
	ssize_t done = 0;
	int error = 0;

	if (tty_hung_up(f))
		return -EIO;
	if (TTY_L(tty, TOSTOP))
		error = tty_check_access(tty, SIGTTOU);
	while (!error && it->count) {
		size_t n = copy_from_iter(chunk, MIN(it->count, (size_t)CHUNK), it);

		if (!n)
			error = -EFAULT;
		else
			done += send_all(f, chunk, n, &error);
	}
	return done ? done : error;
}

/*
 * Readable when a read would return at once. With VTIME that is so after the first character (or at
 * all, in time), so VMIN counts only alone. A dead file is ready for everything: each
 * operation answers at once.
 */
static unsigned tty_poll(struct file *f, struct poll_table *pt)
{
	struct tty *tty = f->private;
	size_t min = TTY_CC(tty, VMIN);
	unsigned events = 0;

	poll_wait(&tty->readable, pt);
	poll_wait(&tty->writable, pt);
	if (tty_hung_up(f))
		return POLL_READABLE | POLL_WRITABLE | POLLHUP | POLLERR;
	if (TTY_L(tty, ICANON) || TTY_CC(tty, VTIME) || !min)
		min = 1;
	if (tty_available(tty) >= min)
		events |= POLL_READABLE;
	if (can_send(tty))
		events |= POLL_WRITABLE;
	return events;
}

/* private is NULL if the opening failed halfway (tty_file_alloc). */
static void tty_release(struct file *f)
{
	struct tty *tty = f->private;

	if (!tty)
		return;
	mutex_lock(&tty->lock);
	/* files that a hangup has ended count until they are closed */
	if (--tty->open_count == 0) {
		tty->exclusive = false;
		if (tty->ops->last_close)
			tty->ops->last_close(tty);
	}
	mutex_unlock(&tty->lock);
	tty_put(tty);
}

/*
 * A file without an inode (process 1's console, a peer without devpts) makes up what a device has.
 */
static int tty_stat(struct file *f, struct stat *st)
{
	struct tty *tty = f->private;

	if (f->inode)
		return inode_stat(f->inode, st);
	st->st_mode = S_IFCHR | S_IRUSR | S_IWUSR;
	st->st_nlink = 1;
	st->st_rdev = tty->rdev;
	st->st_blksize = 1024;
	return 0;
}

static void tty_name(struct file *f, char *buf, size_t size)
{
	snprintf(buf, size, "/dev/%s", ((struct tty *)f->private)->name);
}

const struct file_ops tty_file_ops = {
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.stat = tty_stat,
	.release = tty_release,
	.name = tty_name,
};

/*
 * Making it the controlling terminal comes last and may fail in silence: then the caller leads no
 * session, has a terminal, or somebody else has this one (open(2), O_NOCTTY).
 */
int tty_open_file(struct tty *tty, struct file *f, bool may_control)
{
	mutex_lock(&tty->lock);
	if (tty->exclusive && !capable(CAP_SYS_ADMIN)) {
		mutex_unlock(&tty->lock);
		return -EBUSY;
	}
	if (tty->open_count++ == 0 && tty->ops->first_open)
		tty->ops->first_open(tty);
	f->pos = tty->hangups;
	f->private = tty;
	f->ops = &tty_file_ops;
	mutex_unlock(&tty->lock);
	if (may_control && FILE_READABLE(f))
		tty_make_controlling(tty, false, true);
	return 0;
}

struct file *tty_file_alloc(struct tty *tty, unsigned flags)
{
	struct file *f = file_alloc(&tty_file_ops, flags, NULL);
	int error;

	if (!f || IS_ERR(f)) {
		tty_put(tty);
		return f ? f : ERR_PTR(-ENOMEM);
	}
	error = tty_open_file(tty, f, false);
	if (error) {
		tty_put(tty);
		file_put(f);
		return ERR_PTR(error);
	}
	return f;
}
