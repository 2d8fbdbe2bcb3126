/*
 * EXERCISE 3.4: descriptors: the lowest free one, and dup2.
 *
 * Goal: reserve the lowest free descriptor (POSIX 2.14: "the lowest numbered file descriptor
 * available"), and make one descriptor a second name of another one's open file.
 *
 * Invariant: a descriptor is reserved before its file is installed, so that two threads never
 * get the same. Limits: the soft RLIMIT_NOFILE bounds numbers, not how many are open. Each slot
 * holds one reference of its file; what dup2 pushes out is closed after the lock is
 * released, because closing may sleep.
 *
 * When it is wrong: "dup returns 4, expected 3" (not the lowest), a file closes while somebody
 * still uses it (reference not taken), a pipe's reader never sees the end (reference
 * not dropped), dup'ed descriptors vanish over exec (close-on-exec copied).
 *
 * Read first: files/table.h; dup(2), especially dup2's EBUSY; files/table.c.
 * Tests: fd_lowest, fd_limit, fd_dup2_onto, fd_dup2_closes, fd_cloexec.
 */
#include "03-syscalls/files/table.h"
#include "common/abi/resource.h"
#include "common/exercise.h"
#include "03-syscalls/cred.h"

/* EXERCISE 3.4 BEGIN  blank-toplevel */
/*
 * Like fd_reserve(), once the table is large enough: number, -EMFILE, or -EAGAIN: it is not, and
 * *fd is what it must have room for. The limit comes first: a table does not grow for a number that
 * is refused.
 */
static int try_reserve(struct fd_table *t, unsigned min, u64 limit, bool cloexec, unsigned *fd)
{
	int result = -EAGAIN;

	spin_lock(&t->lock);
	*fd = fd_table_lowest_free(t, min);
	if (*fd >= limit) {
		result = -EMFILE;
	} else if (*fd < t->size) {
		fd_table_mark(t, *fd, cloexec);
		result = *fd;
	}
	spin_unlock(&t->lock);
	return result;
}
/* EXERCISE 3.4 END */

int fd_reserve(int min, bool cloexec)
{
	struct fd_table *t = fd_table_current();
	/* EXERCISE 3.4 BEGIN  blank: (void)t; return -EMFILE; */
	u64 limit = rlimit(RLIMIT_NOFILE);
	unsigned fd;
	int result, error;

	for (;;) {
		result = try_reserve(t, min, limit, cloexec, &fd);
		if (result != -EAGAIN)
			return result;
		/*
		 * Another thread may take the number while the table grows: then a higher one is
		 * found.
		 */
		error = fd_table_grow(t, fd);
		if (error)
			return error;
	}
	/* EXERCISE 3.4 END */
}

/*
 * From here on other threads see the file; so it must be complete, and nothing may fail any more.
 */
void fd_install(int fd, struct file *f)
{
	struct fd_table *t = fd_table_current();

	spin_lock(&t->lock);
	t->files[fd] = f;
	spin_unlock(&t->lock);
}

void fd_release(int fd)
{
	struct fd_table *t = fd_table_current();

	spin_lock(&t->lock);
	fd_table_unmark(t, fd);
	spin_unlock(&t->lock);
}

int fd_open(struct file *f, bool cloexec)
{
	int fd = fd_reserve(0, cloexec);

	if (fd < 0)
		file_put(f);
	else
		fd_install(fd, f);
	return fd;
}

/*
 * A descriptor that is only reserved is not open yet: EBADF. Emptied under the lock, closed after
 * it.
 */
int fd_close(int fd)
{
	struct fd_table *t = fd_table_current();
	struct file *f = NULL;

	spin_lock(&t->lock);
	if ((unsigned)fd < t->size && (f = t->files[fd])) {
		t->files[fd] = NULL;
		fd_table_unmark(t, fd);
	}
	spin_unlock(&t->lock);
	if (!f)
		return -EBADF;
	fd_close_file(f);
	return 0;
}

/* fd_get_path()'s reference becomes that of the new slot. */
int fd_dup(int fd, int min, bool cloexec)
{
	struct file *f = fd_get_path(fd);
	int new;

	if (!f)
		return -EBADF;
	new = fd_reserve(min, cloexec);
	if (new < 0)
		file_put(f);
	else
		fd_install(new, f);
	return new;
}

int fd_dup_to(int fd, int to, bool cloexec)
{
	struct fd_table *t = fd_table_current();
	/* EXERCISE 3.4 BEGIN  blank: (void)t; return -EBADF; */
	struct file *f, *old = NULL;
	int error = 0;

	if ((unsigned)to >= rlimit(RLIMIT_NOFILE))
		return -EBADF;
	f = fd_get_path(fd);
	if (!f)
		return -EBADF;
	if ((unsigned)to >= READ_ONCE(t->size))
		error = fd_table_grow(t, to);
	if (error) {
		file_put(f);
		return error;
	}
	spin_lock(&t->lock);
	/*
	 * Pushing the old file out and putting the new one in is one step: no other thread is given
	 * the number in between (dup(2) on why close and dup are no substitute).
	 */
	old = t->files[to];
	if (!old && t->open[to / 64] & BIT(to % 64)) {
		error = -EBUSY;		/* somebody is just opening it */
	} else {
		fd_table_mark(t, to, cloexec);
		t->files[to] = f;
	}
	spin_unlock(&t->lock);
	if (error)
		file_put(f);
	else if (old)
		fd_close_file(old);
	return error ? error : to;
	/* EXERCISE 3.4 END */
}
