/*
 * Writing back: sync(2), syncfs(2), and the thread that writes what has been dirty for long.
 *
 * Each file system has a list of inodes with dirty pages or attributes, oldest first. An inode is
 * taken off the list before it is written: who changes it meanwhile puts it back.
 *
 * Two threads write in the background. This one, "flush", goes by file systems and brings
 * attributes and metadata, with the pages; "writeback" (cache/writeback.c) goes by page caches and
 * knows how much is dirty in all. A page is written by whichever comes first.
 *
 * The figures are Linux's: dirty_writeback_centisecs 500 and dirty_expire_centisecs 3000 in
 * /proc/sys/vm (Documentation/admin-guide/sysctl/vm.rst). So a crash loses about half a minute of
 * what nobody asked to have synced.
 */
#include "common/errno.h"
#include "common/init.h"
#include "02-usermode/timer.h"
#include "05-vfs/block.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

#define FLUSH_INTERVAL	(5 * NSEC_PER_SEC)
#define DIRTY_EXPIRE	(30 * NSEC_PER_SEC)
#define BATCH		32

/*
 * The pages are started first, because the inode says how many of them count: a size on the disk
 * that is ahead of the contents would show old blocks as part of the file. The bit is cleared
 * before the inode is copied to its block, so a change that comes later sets it again and is not
 * forgotten.
 */
int inode_sync(struct inode *i, bool wait)
{
	const struct super_ops *ops = i->super->ops;
	int error, e;

	if (!ops->write_inode)
		return 0;
	error = page_cache_sync(&i->pages, 0, ~0UL, wait);
	if (!(atomic_fetch_and(&i->state, ~INODE_DIRTY) & INODE_DIRTY))
		return error;
	e = ops->write_inode(i, wait);
	if (e)
		inode_mark_dirty(i);
	return error ? error : e;
}

/*
 * Write back up to BATCH inodes dirty since before `before`: start all, then wait for all. To wait
 * for each inode in turn would leave the disk idle in between.
 */
static int sync_batch(struct super *s, u64 before, bool wait, int *count)
{
	struct inode *batch[BATCH];
	int error = 0, e;

	for (*count = 0; *count < BATCH; ++*count) {
		batch[*count] = icache_next_dirty(s, before);
		if (!batch[*count])
			break;
		e = inode_sync(batch[*count], false);
		error = error ? error : e;
	}
	for (int n = 0; n < *count; n++) {
		e = wait ? inode_sync(batch[n], true) : 0;
		error = error ? error : e;
		/*
		 * Pages that were under write-back, or became dirty behind our back, are dirty
		 * still. They would not put the inode back: only a cache's first dirty page does.
		 */
		if (READ_ONCE(batch[n]->pages.dirty_count))
			inode_queue_dirty(batch[n]);
		inode_put(batch[n]);
	}
	return error;
}

static int sync_inodes(struct super *s, u64 before, bool wait)
{
	int error = 0, e, count;

	do {
		e = sync_batch(s, before, wait, &count);
		error = error ? error : e;
	} while (count == BATCH);
	return error;
}

/*
 * Inodes first: writing them makes metadata dirty, which ops->sync writes. Also after an error all
 * the rest is written; the first error is the one reported.
 */
int super_sync(struct super *s, bool wait)
{
	int error = sync_inodes(s, clock_monotonic(), wait), e = 0;

	if (s->ops->sync)
		e = s->ops->sync(s, wait);
	return error ? error : e;
}

static void sync_one(struct super *s, void *arg)
{
	if (!(s->flags & MS_RDONLY))
		super_sync(s, *(bool *)arg);
}

/*
 * sync(2): everything is started before anything is waited for. Linux's waits too, although POSIX
 * does not ask for it.
 */
void sync_all(void)
{
	bool wait = false;

	super_for_each(sync_one, &wait);
	wait = true;
	super_for_each(sync_one, &wait);
}

/*
 * The last step is the one that is easily forgotten: what the device calls written may be in its
 * own memory, until it is told to flush that (fsync(2) promises that data survives a power
 * failure).
 */
int generic_fsync(struct file *f, bool data_only)
{
	struct inode *i = f->inode;
	int error = inode_sync(i, true);

	if (!error && i->super->bdev)
		error = block_flush(i->super->bdev);
	return error;
}

static bool flush_all;			/* memory is short: do not wait until inodes are old */
static DEFINE_WAIT_QUEUE(flusher_wait);

void flusher_wake(void)
{
	if (!atomic_xchg(&flush_all, true))
		wake_up(&flusher_wait);
}

/* arg: inodes dirty since before that time. */
static void flush_old(struct super *s, void *arg)
{
	if (s->flags & MS_RDONLY)
		return;
	sync_inodes(s, *(u64 *)arg, false);
	if (s->ops->sync)
		s->ops->sync(s, false);
}

static void flusher(void *arg)
{
	for (;;) {
		u64 now = clock_monotonic(), before;

		/* The time-out is the normal case, not an error. */
		(void)wait_event_until(&flusher_wait, atomic_load(&flush_all), WAIT_UNINTERRUPTIBLE,
				       now + FLUSH_INTERVAL);
		now = clock_monotonic();
		before = atomic_xchg(&flush_all, false) ? now : now - MIN(now, DIRTY_EXPIRE);
		super_for_each(flush_old, &before);
	}
}

static void flusher_start(void)
{
	kthread_create("flush", flusher, NULL);
}
INITCALL(80, flusher_start);
