/*
 * Walking over buffers: one cursor for read, readv, recvmsg and the kernel's own buffers, so that
 * every implementation of a file copies through the same few functions.
 *
 * offset is always within the current segment, or segments is 0; count is what is left in all,
 * which may be less than the segments hold. An empty segment is legal anywhere and is stepped over.
 *
 * The array of segments is copied from the user once, checked, and never looked at again: another
 * thread could change it between a check and the use. The buffers themselves are checked for being
 * user addresses, not for being mapped; that shows when they are copied to or from, page by page,
 * and what was transferred until then counts (POSIX read(): a partial transfer is no error).
 *
 * An iterator of one segment points into itself: it can be saved and put back, but a copy of it is
 * good for nothing else.
 */
#include "03-syscalls/file.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"

static void single(struct iov_iter *it, void *buf, size_t n, bool kernel)
{
	n = MIN(n, IO_MAX);
	it->single = (struct iovec){ buf, n };
	it->iov = &it->single;
	it->segments = 1;
	it->offset = 0;
	it->count = n;
	it->kernel = kernel;
	it->flags = 0;
}

void iov_iter_user(struct iov_iter *it, void __user *buf, size_t n)
{
	single(it, buf, n, false);
}

void iov_iter_kernel(struct iov_iter *it, void *buf, size_t n)
{
	single(it, buf, n, true);
}

/*
 * Check imported segments and add them up, cutting at IO_MAX: bytes or -EINVAL, -EFAULT. The cut
 * keeps the sum, which is a call's result, positive; readv(2) would want EINVAL for a sum beyond
 * ssize_t, but Linux shortens silently and so do we.
 */
static ssize_t check_segments(struct iovec *iov, int n)
{
	size_t total = 0;

	for (int i = 0; i < n; i++) {
		if ((ssize_t)iov[i].len < 0)
			return -EINVAL;
		if (!user_range_ok((u64)iov[i].base, iov[i].len))
			return -EFAULT;
		iov[i].len = MIN(iov[i].len, IO_MAX - total);
		total += iov[i].len;
	}
	return total;
}

int iov_iter_import(struct iov_iter *it, const struct iovec __user *iov, int n,
		    struct iovec **allocated)
{
	struct iovec *copy = &it->single;
	ssize_t total;

	if (n < 0 || n > IOV_MAX)
		return -EINVAL;
	/* One segment needs no allocation: readv and recvmsg mostly have one. */
	if (n > 1) {
		copy = *allocated = kmalloc(n * sizeof(*copy), GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
	}
	if (n && copy_from_user(copy, iov, n * sizeof(*copy)))
		return -EFAULT;
	total = check_segments(copy, n);
	if (total < 0)
		return total;
	it->iov = copy;
	it->segments = n;
	it->offset = 0;
	it->count = total;
	it->kernel = false;
	it->flags = 0;
	return 0;
}

void iov_iter_advance(struct iov_iter *it, size_t n)
{
	it->count -= n;
	n += it->offset;
	while (it->segments && n >= it->iov->len) {
		n -= it->iov->len;
		it->iov++;
		it->segments--;
	}
	it->offset = it->segments ? n : 0;
}

/* How much of n fits in the current segment, and where that is; 0 at the end. */
static size_t piece(struct iov_iter *it, size_t n, char **p)
{
	while (it->segments && it->offset == it->iov->len) {	/* empty segments */
		it->iov++;
		it->segments--;
		it->offset = 0;
	}
	if (!it->segments)
		return 0;
	*p = (char *)it->iov->base + it->offset;
	return MIN(n, it->iov->len - it->offset);
}

/*
 * Moves n bytes piece by piece. in_user is an expression that copies `len` bytes at `p` and says
 * how many it left undone, as the functions of uaccess.h do; in_kernel cannot fail. A macro, as
 * copying to, copying from and clearing differ in nothing but these two, and are the hottest loops
 * there are. Both may use done_, the bytes moved so far.
 */
#define ITERATE(it, n, p, len, in_user, in_kernel) ({				\
	size_t done_ = 0, want_ = MIN((n), (it)->count);			\
	while (done_ < want_) {							\
		char *p;							\
		size_t left_ = 0, len = piece((it), want_ - done_, &p);		\
		if (!len)							\
			break;							\
		if ((it)->kernel)						\
			in_kernel;						\
		else								\
			left_ = in_user;					\
		iov_iter_advance((it), len - left_);				\
		done_ += len - left_;						\
		if (left_)							\
			break;							\
	}									\
	done_; })

size_t copy_to_iter(const void *src, size_t n, struct iov_iter *it)
{
	const char *s = src;

	return ITERATE(it, n, p, len, copy_to_user(p, s + done_, len), memcpy(p, s + done_, len));
}

size_t copy_from_iter(void *dst, size_t n, struct iov_iter *it)
{
	char *d = dst;

	return ITERATE(it, n, p, len, copy_from_user(d + done_, p, len), memcpy(d + done_, p, len));
}

size_t clear_iter(size_t n, struct iov_iter *it)
{
	return ITERATE(it, n, p, len, clear_user(p, len), memset(p, 0, len));
}

/*
 * For file systems: a page of the page cache is locked while user bytes are copied into it, and the
 * source may be a mapping of that very page, whose fault would wait for the lock. So the source is
 * touched before, and copied with faults disabled; if the page went away in between, one tries
 * again.
 */
int iov_iter_fault_in(struct iov_iter *it, size_t n)
{
	const struct iovec *v = it->iov;
	size_t offset = it->offset;

	if (it->kernel)
		return 0;
	n = MIN(n, it->count);
	for (int i = 0; i < it->segments && n; i++, v++, offset = 0) {
		size_t len = MIN(n, v->len - offset);
		int error = len ? fault_in_readable((char *)v->base + offset, len) : 0;

		if (error)
			return error;
		n -= len;
	}
	return 0;
}
