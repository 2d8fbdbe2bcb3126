/*
 * What all file systems do in the same way to an inode: times, ownership of new files, stat, and
 * the rules of chmod, chown and truncate (chmod(2), chown(2), truncate(2), inode(7)).
 *
 * The lock of an inode is held for writing wherever attributes change together, but not where
 * single times are noted (reads, faults in mapped files): stat(2) may then see the seconds of one
 * time with the nanoseconds of the other. That is accepted, to spare each read the lock.
 */
#include "common/abi/resource.h"
#include "common/errno.h"
#include "common/string.h"
#include "02-usermode/timer.h"
#include "05-vfs/vfs/internal.h"

struct timespec timespec_of_ns(u64 ns)
{
	return (struct timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
}

struct timespec current_time(void)
{
	return timespec_of_ns(clock_realtime());
}

/*
 * Set-group-id on a directory means: what is made in it belongs to the directory's group, and new
 * directories pass that on (inode(7)). That is how a group shares a tree.
 */
void inode_init_owner(struct inode *i, struct inode *dir, u32 mode)
{
	const struct cred *c = current_cred();

	i->uid = c->fsuid;
	i->gid = c->fsgid;
	if (dir && (dir->mode & S_ISGID)) {
		i->gid = dir->gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & S_IXGRP) && !in_group(i->gid) && !capable(CAP_FSETID))
			mode &= ~S_ISGID;	/* nobody makes programs for a group not his own */
	}
	i->mode = mode;
	if (S_ISDIR(mode))
		i->lock.rank = RANK_INODE_DIR;
	i->atime = i->mtime = i->ctime = current_time();
}

/*
 * An inode that is on the list already keeps its place and its time: what has waited longest goes
 * first, and a file that is written to all the time still reaches the disk.
 */
void inode_queue_dirty(struct inode *i)
{
	struct super *s = i->super;

	if (!s->ops->write_inode)
		return;			/* lives in memory only */
	spin_lock(&s->lock);
	if (list_empty(&i->dirty_link)) {
		i->dirtied_at = clock_monotonic();
		list_add_tail(&i->dirty_link, &s->dirty);
	}
	spin_unlock(&s->lock);
}

/*
 * The bit first, then the list. The flusher takes an inode off the list, clears the bit, and
 * writes: so a change that it misses is on the list again. The other way round the inode could be
 * left marked and on no list.
 */
void inode_mark_dirty(struct inode *i)
{
	if (!i->super->ops->write_inode)
		return;
	atomic_fetch_or(&i->state, INODE_DIRTY);
	inode_queue_dirty(i);
}

/* One reading of the clock for all of them: a file that was just made has three equal times. */
void inode_touch(struct inode *i, unsigned times)
{
	struct timespec now = current_time();

	if (times & ATTR_ATIME)
		i->atime = now;
	if (times & ATTR_MTIME)
		i->mtime = now;
	if (times & ATTR_CTIME)
		i->ctime = now;
	inode_mark_dirty(i);
}

/* st_blocks counts units of 512 bytes whatever the block size is (stat(2)). */
int inode_stat(struct inode *i, struct stat *st)
{
	*st = (struct stat){
		.st_dev = i->super->dev,
		.st_ino = i->ino,
		.st_nlink = i->nlink,
		.st_mode = i->mode,
		.st_uid = i->uid,
		.st_gid = i->gid,
		.st_rdev = i->rdev,
		.st_size = READ_ONCE(i->size),
		.st_blksize = i->super->block_size,
		.st_blocks = i->blocks,
		.st_atim = i->atime,
		.st_mtim = i->mtime,
		.st_ctim = i->ctime,
	};
	return 0;
}

/* The type in the mode never changes: chmod(2) could otherwise make a file a directory. */
int inode_setattr(struct inode *i, const struct attr_change *a)
{
	if (a->valid & ATTR_MODE)
		i->mode = (i->mode & S_IFMT) | (a->mode & S_IALLUGO);
	if (a->valid & ATTR_UID)
		i->uid = a->uid;
	if (a->valid & ATTR_GID)
		i->gid = a->gid;
	if (a->valid & ATTR_ATIME)
		i->atime = a->atime;
	if (a->valid & ATTR_MTIME)
		i->mtime = a->mtime;
	if (a->valid & ATTR_CTIME)
		i->ctime = current_time();
	inode_mark_dirty(i);
	return 0;
}

/*
 * Hand the change to the file system. The size is set before pages are removed: a fault or a read
 * that comes later then sees the new end, and cannot bring a page back.
 */
static int inode_apply(struct inode *i, const struct attr_change *a)
{
	if (i->ops->setattr)
		return i->ops->setattr(i, a);
	if (a->valid & ATTR_SIZE) {
		bool shrink = a->size < i->size;

		WRITE_ONCE(i->size, a->size);
		if (shrink)
			page_cache_truncate(&i->pages, a->size);
	}
	return inode_setattr(i, a);
}

static bool is_owner(const struct inode *i)
{
	return current_cred()->fsuid == i->uid || capable(CAP_FOWNER);
}

/*
 * Who may give a file away, and to which group (chown(2)). Only the superuser gives files away
 * (_POSIX_CHOWN_RESTRICTED): else quotas could be evaded, and a set-user-id program be made
 * somebody else's. An owner may choose among his own groups.
 */
static int may_chown(const struct inode *i, const struct attr_change *a)
{
	bool mine = current_cred()->fsuid == i->uid;

	if ((a->valid & ATTR_UID) && !(mine && a->uid == i->uid) && !capable(CAP_CHOWN))
		return -EPERM;
	if ((a->valid & ATTR_GID) && !(mine && (a->gid == i->gid || in_group(a->gid))) &&
	    !capable(CAP_CHOWN))
		return -EPERM;
	return 0;
}

/*
 * chown takes the set-id bits away from files; group-execute tells a set-group-id from a lock
 * mark. Without this the new owner's rights would be in a program that the old owner wrote.
 * S_ISGID without group-execute is not about running: it once marked files for mandatory locking,
 * and stays.
 */
static void chown_drops_set_id(const struct inode *i, struct attr_change *a)
{
	u32 mode = a->valid & ATTR_MODE ? a->mode : i->mode;
	u32 kept = mode & ~S_ISUID;

	if (S_ISDIR(i->mode))
		return;
	if (mode & S_IXGRP)
		kept &= ~S_ISGID;
	if (kept != mode) {
		a->valid |= ATTR_MODE;
		a->mode = kept;
	}
}

void (*file_too_big)(void);

/* getrlimit(2): SIGXFSZ comes first; a process that ignores it gets EFBIG. */
int file_limit_error(void)
{
	if (file_too_big)
		file_too_big();
	return -EFBIG;
}

/* The limit binds only who makes the file longer. */
static int may_resize(const struct inode *i, loff_t size)
{
	if (size < 0)
		return -EINVAL;
	if (size > i->size && (u64)size > rlimit(RLIMIT_FSIZE))
		return file_limit_error();
	if (i->super->max_size && size > i->super->max_size)
		return -EFBIG;
	return 0;
}

/*
 * All that may be refused is checked before anything changes: chown with a group that is not
 * allowed must not have changed the owner. chmod drops S_ISGID without an error for a group that
 * the caller is not in (chmod(2)).
 */
int inode_change(struct inode *i, struct attr_change *a)
{
	int error;

	if (a->valid & ATTR_MODE) {
		gid_t gid = a->valid & ATTR_GID ? a->gid : i->gid;

		if (!is_owner(i))
			return -EPERM;
		if (!in_group(gid) && !capable(CAP_FSETID))
			a->mode &= ~S_ISGID;
	}
	if (a->valid & (ATTR_UID | ATTR_GID)) {
		error = may_chown(i, a);
		if (error)
			return error;
	}
	if (a->valid & ATTR_OWNERS) {
		chown_drops_set_id(i, a);
		if (a->valid == (ATTR_OWNERS | ATTR_MODE) && !is_owner(i))
			return -EPERM;
		a->valid &= ~ATTR_OWNERS;
	}
	if (a->valid & ATTR_SIZE) {
		error = may_resize(i, a->size);
		if (error)
			return error;
	}
	a->valid |= ATTR_CTIME;
	return inode_apply(i, a);
}

/*
 * The mode without the bits that a write takes away, unless the writer is privileged. A
 * set-user-id program that others may write to must not run their code with its owner's rights.
 */
static u32 mode_after_write(const struct inode *i)
{
	u32 mode = i->mode;

	if (!S_ISREG(mode) || !(mode & (S_ISUID | S_ISGID)) || capable(CAP_FSETID))
		return mode;
	mode &= ~S_ISUID;
	if (mode & S_IXGRP)
		mode &= ~S_ISGID;
	return mode;
}

/* At each write, since the mode may have been changed after the file was opened. */
int inode_kill_suid(struct inode *i)
{
	struct attr_change a = { .valid = ATTR_MODE | ATTR_CTIME, .mode = mode_after_write(i) };

	return a.mode == i->mode ? 0 : inode_apply(i, &a);
}

/*
 * ftruncate(2) and O_TRUNC mark the times even if the size stays the same (POSIX); truncate(2)
 * need not, but we make no difference.
 */
int inode_truncate(struct inode *i, loff_t size)
{
	struct attr_change a = {
		.valid = ATTR_SIZE | ATTR_MTIME | ATTR_CTIME, .size = size, .mtime = current_time(),
	};
	int error = may_resize(i, size);

	if (error)
		return error;
	a.mode = mode_after_write(i);
	if (a.mode != i->mode)
		a.valid |= ATTR_MODE;
	return inode_apply(i, &a);
}

static bool later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/*
 * relatime (mount(8)): note a read only if the last one noted is not younger than the last change,
 * or is older than a day. Without relatime every read of a cached file would make its inode dirty
 * and so write to the disk. Mail programs, which compare atime with mtime, still learn whether
 * something was read since it was written.
 */
void file_accessed(struct file *f)
{
	struct inode *i = f->inode;
	unsigned long flags = f->mount->flags | (i->super->flags & MS_RDONLY);
	struct timespec now;

	if ((f->flags & O_NOATIME) || (flags & (MS_RDONLY | MS_NOATIME)) ||
	    READ_ONCE(i->super->no_writers))
		return;
	if (S_ISDIR(i->mode) && (flags & MS_NODIRATIME))
		return;
	if (!(flags & MS_STRICTATIME) && later(i->atime, i->mtime) && later(i->atime, i->ctime) &&
	    clock_realtime() / NSEC_PER_SEC - i->atime.tv_sec < 24 * 3600)
		return;
	now = current_time();
	if (later(now, i->atime)) {
		i->atime = now;
		inode_mark_dirty(i);
	}
}

/*
 * One number tells both sides: above zero so many have the file open for writing, below zero so
 * many execute it. Both at once is impossible, which is what ETXTBSY is about (open(2),
 * execve(2)). The text of a running program is in the page cache and would change under it.
 */
int inode_get_write(struct inode *i)
{
	s32 n = atomic_load(&i->write_count);

	while (n >= 0) {
		if (atomic_cmpxchg(&i->write_count, n, n + 1))
			return 0;
		n = atomic_load(&i->write_count);
	}
	return -ETXTBSY;
}

void inode_put_write(struct inode *i)
{
	atomic_dec(&i->write_count);
}

int inode_deny_write(struct inode *i)
{
	s32 n = atomic_load(&i->write_count);

	while (n <= 0) {
		if (atomic_cmpxchg(&i->write_count, n, n - 1))
			return 0;
		n = atomic_load(&i->write_count);
	}
	return -ETXTBSY;
}

void inode_allow_write(struct inode *i)
{
	atomic_inc(&i->write_count);
}
