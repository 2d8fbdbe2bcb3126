/*
 * The table of descriptors, as the files of this directory see it. It belongs to one thread or, by
 * CLONE_FILES, to several, also of different processes.
 *
 * A descriptor n is *reserved* when bit n of open is set, and *in use* when files[n] is set too.
 * Between the two, whoever reserved it makes the file. Without a reservation files[n] is NULL. The
 * two steps exist because opening a file may sleep and may fail: the number is settled first, so
 * that nothing is left to fail once the file is there, and no other thread sees a file that is not
 * finished.
 *
 * A table with one reference is changed by its only thread; so that thread may read it without the
 * lock. All changes take the lock, because /proc may look on.
 *
 * The arrays begin inside the struct and are replaced by larger ones, never by smaller ones: a
 * number that was below size once stays below it. Nothing else is stable: after the lock is
 * released, files, open and cloexec may point elsewhere.
 */
#pragma once

#include "03-syscalls/file.h"

#define FD_INLINE	64	/* slots without a further allocation; one word of bits */

struct fd_table {
	refcount_t refs;
	struct spinlock lock;		/* RANK_FILES; protects: */
	unsigned size;			/* slots; a multiple of 64 */
	/* A bound, not an exact answer: a copy begins at 0 again. */
	unsigned lowest;		/* all descriptors below are reserved */
	struct file **files;
	u64 *open, *cloexec;		/* bits */
	struct file *inline_files[FD_INLINE];
	u64 inline_bits[2];
};

/* The current thread's table; NULL only in kernel threads. */
struct fd_table *fd_table_current(void);
/* That of a thread that is not running yet. */
struct fd_table *fd_table_of(struct thread *t);

/*
 * Make room for descriptor fd: 0, -EMFILE (beyond what can ever be) or -ENOMEM. Lock not held;
 * may sleep.
 */
int fd_table_grow(struct fd_table *t, unsigned fd);

/* The lowest descriptor >= min that is not reserved; it may be >= t->size. Lock held. */
unsigned fd_table_lowest_free(const struct fd_table *t, unsigned min);
/* Set or clear descriptor fd's bits. Lock held. */
void fd_table_mark(struct fd_table *t, unsigned fd, bool cloexec);
void fd_table_unmark(struct fd_table *t, unsigned fd);

/* Give back what a slot held: the implementation's flush, then the reference. May sleep. */
void fd_close_file(struct file *f);

/*
 * Duplicate: a second descriptor for the same file, the lowest >= min: number, -EBADF, -EMFILE,
 * -ENOMEM.
 */
int fd_dup(int fd, int min, bool cloexec);
/*
 * The same onto descriptor `to`, closing what stood there: `to`, -EBADF, -EBUSY or -ENOMEM. fd !=
 * to.
 */
int fd_dup_to(int fd, int to, bool cloexec);

/* Is f open under some number in the current thread's table? What may be closed meanwhile asks. */
bool fd_table_holds(const struct file *f);

/* Give the current thread a table of its own: 0 or -ENOMEM. */
int fd_table_unshare(void);
