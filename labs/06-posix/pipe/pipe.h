/*
 * Pipes and FIFOs: pipe(7), fifo(7).
 *
 * A pipe is a ring of slots, each a page with some bytes in it. Writers append to the newest slot
 * or fill a new one; readers consume the oldest. A mutex protects the ring; user memory is copied
 * under it, which is what makes writes of up to PIPE_BUF bytes atomic: such a write fits into one
 * slot.
 *
 * Slots and not one ring of bytes: a page can then be handed on as it is, a packet (O_DIRECT)
 * keeps its limits, and a pipe that holds little takes little memory. The price is that many small
 * writes fill slots that are not full; append() makes up for most of that.
 *
 * An end of a pipe is nothing but a count, `readers` or `writers`, of open files. When one becomes
 * 0 the other side learns it: no writers is the end of file, no readers SIGPIPE. That is why a
 * shell that forgets to close its copy of an end makes the pipeline hang.
 *
 * Four wait conditions share two queues. `readable`: data, the last writer gone, or (FIFO) a
 * writer has come. `writable`: room, the last reader gone, or a reader has come. The conditions
 * are looked at without the lock, and once more with it.
 */
#pragma once

#include "01-memory/frame.h"
#include "02-usermode/mutex.h"
#include "03-syscalls/file.h"

struct user;

#define PIPE_BUF	PAGE_SIZE
#define PIPE_SLOTS	16		/* default: 64 KiB */
#define PIPE_SLOTS_FEW	2		/* for a user who has too many pages in pipes */
#define PIPE_USER_PAGES	16384		/* fs.pipe-user-pages-soft: that is too many */
#define PIPE_MAX_SIZE	(1UL << 20)	/* fs.pipe-max-size */
/* Pages kept when a slot is emptied, for the next one: so steady traffic allocates nothing. */
#define PIPE_SPARE	2

struct pipe_slot {
	struct frame *page;
	u32 offset, len;
	bool packet;			/* O_DIRECT: one read takes one slot, nothing is appended */
	/* page belongs to somebody else too (splice, tee): not appended to */
	bool shared;
};

struct pipe {
	struct mutex lock;		/* RANK_PIPE; protects: */
	/* slots ever filled, ever emptied; read without the lock as a hint */
	u32 head, tail;
	u32 slot_count;			/* power of two */
	struct pipe_slot *slots;
	int readers, writers;		/* open files */
	u32 reader_opens, writer_opens;	/* how many ever: FIFO opens wait for one more */
	bool polled;	/* for input, ever: edge-triggered epoll(7) is to hear of each write */
	struct frame *spare[PIPE_SPARE];

	/* open files and opens in progress; the last frees the pipe, lock and queues with it */
	refcount_t files;
	struct wait_queue readable, writable;	/* also: opens of the other end */
	u64 ino;
	struct timespec ctime;
	unsigned uid, gid;
	struct user *user;		/* held: slot_count counts among his pages */
};

extern const struct file_ops pipe_ops;

/*
 * An empty pipe without files, whose counts the caller sets; NULL: no memory. Freed by the last
 * file.
 */
struct pipe *pipe_alloc(void);
void pipe_free(struct pipe *p);
/* A file of the pipe goes, which counted as a reader, a writer or both; inode: of a FIFO, or NULL.
 * The last one frees the pipe. */
void pipe_close(struct pipe *p, struct inode *i, bool reads, bool writes);

static inline bool pipe_empty(const struct pipe *p)
{
	return READ_ONCE(p->head) == READ_ONCE(p->tail);
}

static inline bool pipe_full(const struct pipe *p)
{
	return READ_ONCE(p->head) - READ_ONCE(p->tail) >= READ_ONCE(p->slot_count);
}

static inline struct pipe_slot *pipe_slot(struct pipe *p, u32 n)
{
	return &p->slots[n & (p->slot_count - 1)];
}

/* A page for a new slot, and back; the lock is held. NULL: no memory. */
struct frame *pipe_page_get(struct pipe *p);
void pipe_page_put(struct pipe *p, struct pipe_slot *s);

/* file_ops of both ends; exercise 6.3. */
ssize_t pipe_read(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t pipe_write(struct file *f, struct iov_iter *it, loff_t *pos);

/* The pipe of a file, or NULL if it is none. */
struct pipe *file_pipe(struct file *f);
/* file_ops.reopen: one more open file of an unnamed pipe. */
int pipe_reopen(struct file *f, struct file *again);
/* Wait for data (0 at the end of file too) or for room, without the lock: 0, -EAGAIN, -ERESTARTSYS.
 */
int pipe_wait_readable(struct pipe *p, bool nonblock);
int pipe_wait_writable(struct pipe *p, bool nonblock);
