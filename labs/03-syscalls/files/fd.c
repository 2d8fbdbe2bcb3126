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

int fd_reserve(int min, bool cloexec)
{
	struct fd_table *t = fd_table_current();
	/* EXERCISE 3.4: your code here. */
	exercise_blank("3.4");
	(void)t;
	return -EMFILE;
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
	/* EXERCISE 3.4: your code here. */
	exercise_blank("3.4");
	(void)t;
	return -EBADF;
}
