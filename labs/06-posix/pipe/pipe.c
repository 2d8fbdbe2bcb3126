/*
 * Pipes as objects: making and freeing them, their size, poll, fstat, the two system calls that
 * make them. Reading and writing are in rw.c, named pipes in fifo.c.
 */
#include "06-posix/pipe/pipe.h"
#include "common/abi/ioctl.h"
#include "common/abi/resource.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/process/user.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/inode.h"
#include "06-posix/poll/poll.h"

/* May the current user's pipes have so many pages more (pipe(7), "pipe-user-pages-soft")? */
static bool may_have_more(const struct user *u, u32 pages)
{
	return (u32)atomic_load(&u->pipe_pages) + pages <= PIPE_USER_PAGES ||
	       capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN);
}

struct pipe *pipe_alloc(void)
{
	struct pipe *p = kzalloc(sizeof(*p), GFP_KERNEL);
	struct user *u = current_cred()->user;

	if (!p)
		return NULL;
	p->slot_count = may_have_more(u, PIPE_SLOTS) ? PIPE_SLOTS : PIPE_SLOTS_FEW;
	p->slots = kcalloc(p->slot_count, sizeof(*p->slots), GFP_KERNEL);
	if (!p->slots) {
		kfree(p);
		return NULL;
	}
	p->user = u;
	ref_get(&u->refs);
	(void)atomic_fetch_add(&u->pipe_pages, (int)p->slot_count);
	mutex_init(&p->lock, "pipe", RANK_PIPE);
	wait_queue_init(&p->readable);
	wait_queue_init(&p->writable);
	p->ino = inode_next_number();
	p->ctime = current_time();
	p->uid = current_cred()->fsuid;
	p->gid = current_cred()->fsgid;
	return p;
}

/* Nobody else has it any more: no lock. Bytes that nobody has read are lost. */
void pipe_free(struct pipe *p)
{
	for (u32 i = p->tail; i != p->head; i++)
		frame_put(pipe_slot(p, i)->page);
	for (int i = 0; i < PIPE_SPARE; i++)
		if (p->spare[i])
			frame_put(p->spare[i]);
	(void)atomic_fetch_sub(&p->user->pipe_pages, (int)p->slot_count);
	user_put(p->user);
	kfree(p->slots);
	kfree(p);
}

/* Contents are whatever was in it: only bytes that were written are ever read. */
struct frame *pipe_page_get(struct pipe *p)
{
	for (int i = 0; i < PIPE_SPARE; i++)
		if (p->spare[i]) {
			struct frame *page = p->spare[i];

			p->spare[i] = NULL;
			return page;
		}
	return frame_alloc(0, GFP_KERNEL, FRAME_KERNEL);
}

void pipe_page_put(struct pipe *p, struct pipe_slot *s)
{
	if (!s->shared)
		for (int i = 0; i < PIPE_SPARE; i++)
			if (!p->spare[i]) {
				p->spare[i] = s->page;
				return;
			}
	frame_put(s->page);
}

struct pipe *file_pipe(struct file *f)
{
	return f->ops == &pipe_ops ? f->private : NULL;
}

/*
 * What is asked may no longer hold when these return: another reader may be faster. So callers
 * take the lock, look, and come back. Readers and writers are counted under the lock and read here
 * without.
 */
int pipe_wait_readable(struct pipe *p, bool nonblock)
{
	if (!pipe_empty(p) || !READ_ONCE(p->writers))
		return 0;
	if (nonblock)
		return -EAGAIN;
	return wait_event(&p->readable, !pipe_empty(p) || !READ_ONCE(p->writers),
			  WAIT_INTERRUPTIBLE);
}

int pipe_wait_writable(struct pipe *p, bool nonblock)
{
	if (!pipe_full(p) || !READ_ONCE(p->readers))
		return 0;
	if (nonblock)
		return -EAGAIN;
	return wait_event(&p->writable, !pipe_full(p) || !READ_ONCE(p->readers),
			  WAIT_INTERRUPTIBLE);
}

/*
 * pipe(7), poll(2): a reader sees POLLHUP when the last writer has gone, beside POLLIN while there
 * is data; a writer sees POLLERR when the last reader has gone, and POLLOUT with it or without.
 *
 * `polled` is set before pipe_empty() is asked: a write that comes after the question finds it set
 * and wakes, even if the pipe was not empty (edge-triggered epoll).
 */
static unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->private;
	unsigned events = 0;

	if (FILE_READABLE(f)) {
		poll_wait(&p->readable, pt);
		if (pt)
			WRITE_ONCE(p->polled, true);
		if (!pipe_empty(p))
			events |= POLL_READABLE;
		/* A FIFO that nobody has opened for writing since we came has not ended yet. */
		if (!READ_ONCE(p->writers) && f->pos != p->writer_opens)
			events |= POLLHUP;
	}
	if (FILE_WRITABLE(f)) {
		poll_wait(&p->writable, pt);
		if (!pipe_full(p))
			events |= POLL_WRITABLE;
		if (!READ_ONCE(p->readers))
			events |= POLLERR;
	}
	return events;
}

static long bytes_inside(struct pipe *p)
{
	long n = 0;

	mutex_lock(&p->lock);
	for (u32 i = p->tail; i != p->head; i++)
		n += pipe_slot(p, i)->len;
	mutex_unlock(&p->lock);
	return n;
}

static long pipe_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user((int)bytes_inside(f->private), (int __user *)arg);
}

/*
 * fstat(2): a FIFO has an inode; the others have a number, which is all that /proc shows of them.
 */
static int pipe_stat(struct file *f, struct stat *st)
{
	struct pipe *p = f->private;

	if (f->inode)
		return inode_stat(f->inode, st);
	st->st_mode = S_IFIFO | S_IRUSR | S_IWUSR;
	st->st_nlink = 1;
	st->st_ino = p->ino;
	st->st_uid = p->uid;
	st->st_gid = p->gid;
	st->st_blksize = PAGE_SIZE;
	st->st_atim = st->st_mtim = st->st_ctim = p->ctime;
	return 0;
}

static void pipe_name(struct file *f, char *buf, size_t size)
{
	snprintf(buf, size, "pipe:[%lu]", ((struct pipe *)f->private)->ino);
}

static void pipe_release(struct file *f)
{
	if (f->private)		/* NULL: a FIFO whose opening failed */
		pipe_close(f->private, f->inode, FILE_READABLE(f), FILE_WRITABLE(f));
}

const struct file_ops pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.stat = pipe_stat,
	.release = pipe_release,
	.name = pipe_name,
	.reopen = pipe_reopen,
};

/* F_SETPIPE_SZ: the new size in bytes, or errno. */
/*
 * F_SETPIPE_SZ (fcntl(2)): rounded up to a power of two pages, since slots are found by masking.
 * Slots move to the new array in order, so head and tail start anew. EBUSY if what is inside would
 * not fit; EPERM beyond the limits that pipe(7) names, but never for becoming smaller.
 */
static long set_size(struct pipe *p, u64 bytes)
{
	u32 count = 1, used;
	struct pipe_slot *slots;
	int error = 0;

	if (bytes > 1UL << 31)
		return -EINVAL;
	if (bytes > PIPE_MAX_SIZE && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	while (count * PAGE_SIZE < bytes)
		count *= 2;
	slots = kcalloc(count, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	mutex_lock(&p->lock);
	used = p->head - p->tail;
	if (count > p->slot_count && !may_have_more(p->user, count - p->slot_count))
		error = -EPERM;
	else if (used > count)
		error = -EBUSY;
	if (error) {
		mutex_unlock(&p->lock);
		kfree(slots);
		return error;
	}
	for (u32 i = 0; i < used; i++)
		slots[i] = *pipe_slot(p, p->tail + i);
	kfree(p->slots);
	(void)atomic_fetch_add(&p->user->pipe_pages, (int)(count - p->slot_count));
	p->slots = slots;
	p->slot_count = count;
	p->tail = 0;
	p->head = used;
	mutex_unlock(&p->lock);
	wake_up_poll(&p->writable, POLL_WRITABLE);
	return count * PAGE_SIZE;
}

static long pipe_fcntl(struct file *f, int cmd, u64 arg)
{
	struct pipe *p = file_pipe(f);

	if (!p)
		return -EBADF;
	return cmd == F_GETPIPE_SZ ? (long)(p->slot_count * PAGE_SIZE) : set_size(p, (unsigned)arg);
}
FCNTL_COMMAND(getpipe_sz, F_GETPIPE_SZ, pipe_fcntl);
FCNTL_COMMAND(setpipe_sz, F_SETPIPE_SZ, pipe_fcntl);

/* ---- pipe(2) ---- */

/* Both files of a new pipe: 0 or errno. */
/*
 * The counts are set before the files exist, because releasing a file counts down: once the first
 * file is made, its file_put() frees the pipe.
 */
static int make_files(struct file *files[2], unsigned flags)
{
	struct pipe *p = pipe_alloc();

	if (!p)
		return -ENOMEM;
	p->readers = p->writers = 1;
	ref_init(&p->files, 2);
	files[0] = file_alloc(&pipe_ops, O_RDONLY | (flags & O_NONBLOCK), p);
	if (!files[0] || IS_ERR(files[0])) {
		pipe_free(p);
		return files[0] ? PTR_ERR(files[0]) : -ENOMEM;
	}
	files[0]->pos = -1;		/* the writer was there from the start */
	files[1] = file_alloc(&pipe_ops, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)), p);
	if (!files[1] || IS_ERR(files[1])) {
		int error = files[1] ? PTR_ERR(files[1]) : -ENOMEM;

		ref_init(&p->files, 1);
		file_put(files[0]);
		return error;
	}
	return 0;
}

/*
 * Numbers are reserved, written to the program, and only then filled with files: if the array
 * cannot be written nothing has to be taken back that another thread may already be using.
 */
static long do_pipe(int __user *ufds, unsigned flags)
{
	struct file *files[2] = { NULL, NULL };
	int fds[2], error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	error = make_files(files, flags);
	if (error)
		return error;
	fds[0] = fd_reserve(0, flags & O_CLOEXEC);
	fds[1] = fds[0] >= 0 ? fd_reserve(0, flags & O_CLOEXEC) : fds[0];
	error = fds[1] < 0 ? fds[1] : copy_to_user(ufds, fds, sizeof(fds)) ? -EFAULT : 0;
	if (!error) {
		fd_install(fds[0], files[0]);
		fd_install(fds[1], files[1]);
		return 0;
	}
	if (fds[1] >= 0)
		fd_release(fds[1]);
	if (fds[0] >= 0)
		fd_release(fds[0]);
	file_put(files[0]);
	file_put(files[1]);
	return error;
}

SYSCALL1(22, pipe, int __user *, fds)
{
	return do_pipe(fds, 0);
}

SYSCALL2(293, pipe2, int __user *, fds, int, flags)
{
	return do_pipe(fds, flags);
}
