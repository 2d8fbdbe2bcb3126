/*
 * splice(2), tee(2), vmsplice(2): moving data to and from pipes without a buffer of the program's.
 *
 * The bytes are copied once, through a page of the kernel's: that is already half of what read and
 * write cost. A pipe's bytes are consumed only when the other side has taken them, so none is lost.
 */
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "06-posix/pipe/pipe.h"
#include "06-posix/poll/poll.h"

#define SPLICE_F_MOVE		1
#define SPLICE_F_NONBLOCK	2
#define SPLICE_F_MORE		4
#define SPLICE_F_GIFT		8
#define SPLICE_F_ALL		15

/* Copy up to n bytes from `skip` bytes on into buf, without consuming them: how many. */
static size_t peek(struct pipe *p, size_t skip, void *buf, size_t n)
{
	size_t done = 0;

	mutex_lock(&p->lock);
	for (u32 i = p->tail; i != p->head && done < n; i++) {
		struct pipe_slot *s = pipe_slot(p, i);
		size_t k = MIN(n - done, (size_t)s->len - MIN(skip, (size_t)s->len));

		if (k)
			memcpy((char *)buf + done,
			       (char *)frame_to_virt(s->page) + s->offset + skip, k);
		skip -= MIN(skip, (size_t)s->len);
		done += k;
	}
	mutex_unlock(&p->lock);
	return done;
}

/* Consume n bytes. */
static void consume(struct pipe *p, size_t n)
{
	bool was_full;

	mutex_lock(&p->lock);
	was_full = pipe_full(p);
	while (n && !pipe_empty(p)) {
		struct pipe_slot *s = pipe_slot(p, p->tail);
		size_t k = MIN(n, (size_t)s->len);

		s->offset += k;
		s->len -= k;
		n -= k;
		if (!s->len) {
			pipe_page_put(p, s);
			WRITE_ONCE(p->tail, p->tail + 1);
		}
	}
	mutex_unlock(&p->lock);
	if (was_full)
		wake_up_poll(&p->writable, POLL_WRITABLE);
}

/*
 * file_read() or file_write() with n kernel bytes; pos NULL: at the file's own position. flags:
 * O_NONBLOCK.
 */
static ssize_t transfer(ssize_t (*io)(struct file *f, struct iov_iter *it, loff_t *pos),
			struct file *f, void *buf, size_t n, loff_t *pos, unsigned flags)
{
	struct iov_iter it;
	ssize_t done;

	iov_iter_kernel(&it, buf, n);
	it.flags = flags;
	if (pos || !f->ops->lseek)
		return io(f, &it, pos ? pos : &f->pos);
	mutex_lock(&f->pos_lock);
	done = io(f, &it, &f->pos);
	mutex_unlock(&f->pos_lock);
	return done;
}

/*
 * Waits for the first bytes only; then what is there is taken along. The copy is made under the
 * pipe's lock, the write without it, as it may sleep: with two readers at once each may see the
 * same bytes.
 */
static ssize_t from_pipe(struct pipe *in, struct file *out, loff_t *pos, size_t n, bool nonblock,
			 void *page)
{
	ssize_t done = 0, k;

	while (n) {
		size_t have;
		int error = pipe_wait_readable(in, nonblock || done);

		if (error)
			return done ? done : error;
		have = peek(in, 0, page, MIN(n, PAGE_SIZE));
		if (!have)
			break;		/* no writers, or another reader was faster */
		k = transfer(file_write, out, page, have, pos, 0);
		if (k <= 0)
			return done ? done : k;
		consume(in, k);
		done += k;
		n -= k;
	}
	return done;
}

/* The last n bytes read from a file were not taken: read them again next time. */
static void read_again(struct file *in, loff_t *pos, size_t n)
{
	if (pos) {
		*pos -= n;
		return;
	}
	mutex_lock(&in->pos_lock);
	in->pos -= n;
	mutex_unlock(&in->pos_lock);
}

/*
 * Room in the pipe comes first: what has been read from a socket or a terminal cannot be put back.
 * A file can be read again, so its position goes back by what the pipe did not take.
 */
static ssize_t to_pipe(struct file *in, loff_t *pos, struct file *out, size_t n, bool nonblock,
		       void *page)
{
	struct pipe *p = file_pipe(out);
	ssize_t done = 0, have, k;

	while (n) {
		int error = pipe_wait_writable(p, nonblock || done);

		if (error)
			return done ? done : error;
		have = transfer(file_read, in, page, MIN(n, PAGE_SIZE), pos,
				nonblock ? O_NONBLOCK : 0);
		if (have <= 0)
			return done ? done : have;
		k = transfer(file_write, out, page, have, NULL, 0);
		if (k < have && in->ops->lseek)
			read_again(in, pos, have - MAX(k, 0L));
		if (k <= 0)
			return done ? done : k;
		done += k;
		n -= k;
		if (!in->ops->lseek || k < have)
			break;		/* a socket, a terminal: what was there */
	}
	return done;
}

/* The modes that the two files must allow. */
static int check_files(struct file *in, struct file *out)
{
	if (!FILE_READABLE(in) || !FILE_WRITABLE(out))
		return -EBADF;
	if (!file_pipe(in) && !file_pipe(out))
		return -EINVAL;
	if (file_pipe(in) && file_pipe(in) == file_pipe(out))
		return -EINVAL;
	return out->flags & O_APPEND ? -EINVAL : 0;
}

/* splice(2): one of the two is a pipe, which has no offset. EINVAL for O_APPEND, as on Linux. */
static ssize_t splice(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos, size_t n,
		      unsigned flags)
{
	bool nonblock = flags & SPLICE_F_NONBLOCK;
	int error = check_files(in, out);
	ssize_t done;
	void *page;

	if (error)
		return error;
	if ((in_pos && (file_pipe(in) || !in->ops->lseek)) ||
	    (out_pos && (file_pipe(out) || !out->ops->lseek)))
		return -ESPIPE;
	if ((in_pos && *in_pos < 0) || (out_pos && *out_pos < 0))
		return -EINVAL;
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	if (file_pipe(in))
		done = from_pipe(file_pipe(in), out, out_pos, n, nonblock || in->flags & O_NONBLOCK,
				 page);
	else
		done = to_pipe(in, in_pos, out, n, nonblock || out->flags & O_NONBLOCK, page);
	kfree(page);
	return done;
}

static ssize_t splice_with_offsets(struct file *in, loff_t __user *in_off, struct file *out,
				   loff_t __user *out_off, size_t n, unsigned flags)
{
	loff_t in_pos, out_pos;
	ssize_t done;

	if ((in_off && get_user(in_pos, in_off)) || (out_off && get_user(out_pos, out_off)))
		return -EFAULT;
	done = splice(in, in_off ? &in_pos : NULL, out, out_off ? &out_pos : NULL, n, flags);
	if (done > 0 &&
	    ((in_off && put_user(in_pos, in_off)) || (out_off && put_user(out_pos, out_off))))
		return -EFAULT;
	return done;
}

SYSCALL6(275, splice, int, fd_in, loff_t __user *, in_off, int, fd_out, loff_t __user *, out_off,
	 size_t, n, unsigned, flags)
{
	struct file *in, *out;
	ssize_t done = -EBADF;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!n)
		return 0;
	in = fd_get(fd_in);
	out = fd_get(fd_out);
	if (in && out)
		done = splice_with_offsets(in, in_off, out, out_off, MIN(n, IO_MAX), flags);
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return done;
}

/* Copy from one pipe to another what is there, without consuming it. */
static ssize_t tee(struct file *in, struct file *out, size_t n, bool nonblock)
{
	struct pipe *from = file_pipe(in);
	size_t skip = 0, have;
	ssize_t k = 0;
	void *page;

	if (!from || !file_pipe(out) || from == file_pipe(out))
		return -EINVAL;
	if (!FILE_READABLE(in) || !FILE_WRITABLE(out))
		return -EBADF;
	k = pipe_wait_readable(from, nonblock);
	if (k)
		return k;
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	while (n && (have = peek(from, skip, page, MIN(n, PAGE_SIZE)))) {
		k = pipe_wait_writable(file_pipe(out), nonblock || skip);
		if (!k)
			k = transfer(file_write, out, page, have, NULL, 0);
		if (k <= 0)
			break;
		skip += k;
		n -= k;
	}
	kfree(page);
	return skip ? (ssize_t)skip : MIN(k, 0L);
}

SYSCALL4(276, tee, int, fd_in, int, fd_out, size_t, n, unsigned, flags)
{
	struct file *in, *out;
	ssize_t done = -EBADF;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!n)
		return 0;
	in = fd_get(fd_in);
	out = fd_get(fd_out);
	if (in && out)
		done = tee(in, out, MIN(n, IO_MAX), flags & SPLICE_F_NONBLOCK);
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return done;
}

/*
 * As writev(2) or readv(2) on a pipe. SPLICE_F_GIFT is a promise that the program makes, and of
 * which a kernel that copies has no need.
 */
SYSCALL4(278, vmsplice, int, fd, const struct iovec __user *, iov, u64, n, unsigned, flags)
{
	struct iovec *allocated = NULL;
	struct iov_iter it;
	struct file *f;
	ssize_t done;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (n > IOV_MAX)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	done = file_pipe(f) ? iov_iter_import(&it, iov, n, &allocated) : -EBADF;
	it.flags = flags & SPLICE_F_NONBLOCK ? O_NONBLOCK : 0;
	if (!done)
		done = FILE_WRITABLE(f) ? file_write(f, &it, &f->pos) : file_read(f, &it, &f->pos);
	kfree(allocated);
	file_put(f);
	return done;
}
