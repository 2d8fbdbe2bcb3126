/*
 * Reading from and writing to a pipe.
 *
 * The rules (pipe(7), POSIX.1-2017 XSH read, write): a read takes what is there and waits only
 * if there is nothing; without writers it finds the end of file. A write waits until everything
 * is written; up to PIPE_BUF bytes go in at once and unmixed with others'; without readers it
 * fails with EPIPE and SIGPIPE. O_NONBLOCK turns waiting into EAGAIN (or a partial write).
 *
 * EXERCISE 6.3: the two loops.
 *
 * Goal: pipe_read() and pipe_write() over the ring of slots in pipe.h.
 * Invariant: 0 <= head - tail <= slot_count, and a slot in between has len > 0; a write of at
 * most PIPE_BUF bytes goes into a single slot; the lock is never held while waiting; whoever
 * makes an empty pipe non-empty wakes readers, whoever makes a full one non-full wakes writers;
 * once the pipe was polled, every write wakes.
 * Symptom when wrong: `a | b` hangs (lost wake-up, or end of file not seen), lines of two
 * writers are mixed, `yes | head -1` never ends (no SIGPIPE).
 * Read first: pipe.h, pipe.c; copy_to_iter and copy_from_iter in 03-syscalls/file.h.
 * Tests: pipe_order, pipe_eof, pipe_sigpipe, pipe_atomic, pipe_nonblock, pipe_capacity.
 */
#include "06-posix/pipe/pipe.h"
#include "common/exercise.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

/*
 * Append to the newest slot what does not fill a page of its own, if it fits there as a whole:
 * bytes, 0 if it does not fit, or -EFAULT.
 */
static __unused ssize_t append(struct pipe *p, struct iov_iter *it)
{
	size_t n = it->count % PAGE_SIZE, copied;
	struct pipe_slot *s;

	if (!n || pipe_empty(p))
		return 0;
	s = pipe_slot(p, p->head - 1);
	if (s->packet || s->shared || s->offset + s->len + n > PAGE_SIZE)
		return 0;
	copied = copy_from_iter((char *)frame_to_virt(s->page) + s->offset + s->len, n, it);
	s->len += copied;
	return copied < n && !copied ? -EFAULT : copied;
}

/* Fill one new slot: bytes, -ENOMEM or -EFAULT. */
static __unused ssize_t fill_slot(struct pipe *p, struct iov_iter *it, bool packet)
{
	struct pipe_slot *s = pipe_slot(p, p->head);
	size_t n;

	*s = (struct pipe_slot){ .page = pipe_page_get(p), .packet = packet };
	if (!s->page)
		return -ENOMEM;
	n = copy_from_iter(frame_to_virt(s->page), MIN(it->count, PAGE_SIZE), it);
	if (!n) {
		pipe_page_put(p, s);
		return -EFAULT;
	}
	s->len = n;
	WRITE_ONCE(p->head, p->head + 1);
	return n;
}

/*
 * Into the newest slot if the rest fits there and this is the `first` of the write, else into a
 * new one: bytes, 0 if the pipe is full, -ENOMEM or -EFAULT.
 */
static __unused ssize_t put(struct pipe *p, struct iov_iter *it, bool first, bool packet)
{
	ssize_t n = first ? append(p, it) : 0;

	return n || pipe_full(p) ? n : fill_slot(p, it, packet);
}

/*
 * Bytes have been taken from the oldest slot: let go of it if it is empty. What is left of a packet
 * is lost, because a packet is read at once. True if it was one.
 */
static __unused bool end_of_packet(struct pipe *p, struct pipe_slot *s)
{
	bool packet = s->packet;

	if (packet)
		s->len = 0;
	if (!s->len) {
		pipe_page_put(p, s);
		WRITE_ONCE(p->tail, p->tail + 1);
	}
	return packet;
}

/*
 * Wake-ups that nobody needs cost more than the copy of a small write. Readers sleep only when the
 * pipe is empty, writers only when it is full; and pipe.h says whom `polled` is for.
 */
/* EXERCISE 6.3 BEGIN  blank-toplevel */
/* Until the iterator or the pipe is done: bytes, or -EFAULT if none could be stored. */
static ssize_t take(struct pipe *p, struct iov_iter *it)
{
	ssize_t done = 0;

	while (it->count && !pipe_empty(p)) {
		struct pipe_slot *s = pipe_slot(p, p->tail);
		size_t n = MIN(it->count, (size_t)s->len);
		size_t copied = copy_to_iter((char *)frame_to_virt(s->page) + s->offset, n, it);

		s->offset += copied;
		s->len -= copied;
		done += copied;
		if (copied < n)
			return done ? done : -EFAULT;
		if (end_of_packet(p, s))
			break;
	}
	return done;
}
/* EXERCISE 6.3 END */

ssize_t pipe_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	/* EXERCISE 6.3 BEGIN  blank: return -ENOSYS; */
	struct pipe *p = f->private;
	bool was_full;
	ssize_t done;
	int error;

	if (!it->count)
		return 0;
	for (;;) {
		mutex_lock(&p->lock);
		was_full = pipe_full(p);
		done = take(p, it);
		was_full = was_full && !pipe_full(p);
		if (done || !p->writers)
			break;
		mutex_unlock(&p->lock);
		error = pipe_wait_readable(p, io_flags(f, it) & O_NONBLOCK);
		if (error)
			return error;
	}
	mutex_unlock(&p->lock);
	if (was_full)
		wake_up_poll(&p->writable, POLL_WRITABLE);
	return done;
	/* EXERCISE 6.3 END */
}

ssize_t pipe_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	/* EXERCISE 6.3 BEGIN  blank: return -ENOSYS; */
	struct pipe *p = f->private;
	bool was_empty;
	ssize_t done = 0, n = 0;

	if (!it->count)
		return 0;
	mutex_lock(&p->lock);
	was_empty = pipe_empty(p);
	while (it->count) {
		if (!p->readers) {
			signal_send_self(SIGPIPE);
			n = -EPIPE;
			break;
		}
		n = put(p, it, !done, f->flags & O_DIRECT);
		if (n < 0)
			break;
		done += n;
		if (n)
			continue;
		/* Full: let the readers at it. */
		mutex_unlock(&p->lock);
		if (was_empty)
			wake_up_poll(&p->readable, POLL_READABLE);
		n = pipe_wait_writable(p, io_flags(f, it) & O_NONBLOCK);
		mutex_lock(&p->lock);
		was_empty = pipe_empty(p);
		if (n)
			break;
	}
	mutex_unlock(&p->lock);
	if (done && (was_empty || READ_ONCE(p->polled)))
		wake_up_poll(&p->readable, POLL_READABLE);
	return done ? done : n;
	/* EXERCISE 6.3 END */
}
