/*
 * rename(2), renameat2(2).
 *
 * Locks: when the two directories differ, the file system's rename_lock first, which keeps the
 * tree's shape as it is; then the directory that lies above the other, or the one with the lower
 * address; then the renamed inode and the replaced one. A directory must not become its own
 * descendant (EINVAL), nor replace one of its ancestors (ENOTEMPTY).
 *
 * Why one lock per file system for renames between directories: two of them at once, a/b into c/d
 * and c into a/b/e, each harmless alone, could cut a circle off the tree. To see that, the ways
 * from both directories to the root must stand still. Renames within one directory cannot change
 * the tree's shape above it and do without.
 *
 * POSIX wants it to be atomic: at no moment is the new name missing. So an existing target is
 * replaced by the file system's operation in one step, and not removed before.
 */
#include "common/errno.h"
#include "common/string.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

#define RENAME_NOREPLACE	1
#define RENAME_EXCHANGE		2

struct end {			/* one end of a rename */
	struct path dir;
	struct name last;
	bool trailing;
	struct dentry *d;
};

struct rename {
	struct end from, to;
	unsigned flags;
	struct inode *replaced;	/* kept until all locks are dropped */
};

static struct inode *dir_of(const struct end *e)
{
	return e->dir.dentry->inode;
}

/*
 * Lock both directories, an ancestor first. For the order of their addresses would clash with all
 * others, who lock a directory and then something in it. Where neither is above the other any
 * fixed order will do.
 */
static void lock_dirs(struct rename *r)
{
	struct inode *a = dir_of(&r->from), *b = dir_of(&r->to);

	if (a == b) {
		down_write(&a->lock);
		return;
	}
	mutex_lock(&a->super->rename_lock);
	if (dentry_is_above(r->to.dir.dentry, r->from.dir.dentry) ||
	    (b < a && !dentry_is_above(r->from.dir.dentry, r->to.dir.dentry))) {
		struct inode *t = a;

		a = b;
		b = t;
	}
	down_write(&a->lock);
	down_write_nested(&b->lock);
}

static void unlock_dirs(struct rename *r)
{
	struct inode *a = dir_of(&r->from), *b = dir_of(&r->to);

	up_write(&a->lock);
	if (a != b) {
		up_write(&b->lock);
		mutex_unlock(&a->super->rename_lock);
	}
}

/*
 * The two inodes' own locks; target may be NULL. Directories before files, then by address. Their
 * link counts and times change; of a directory that is replaced, nothing may be created in it any
 * more.
 */
static void lock_inodes(struct inode *a, struct inode *b)
{
	if (b && (a->lock.rank > b->lock.rank || (a->lock.rank == b->lock.rank && a > b))) {
		struct inode *t = a;

		a = b;
		b = t;
	}
	down_write_nested(&a->lock);
	if (b && b != a)
		down_write_nested(&b->lock);
}

static void unlock_inodes(struct inode *a, struct inode *b)
{
	up_write(&a->lock);
	if (b && b != a)
		up_write(&b->lock);
}

/*
 * What both names must be, before permissions. In Linux's order. A slash behind a name that is no
 * directory is ENOTDIR.
 */
static int check_names(struct rename *r)
{
	struct inode *source = r->from.d->inode, *target = r->to.d->inode;
	bool exchange = r->flags & RENAME_EXCHANGE;

	if (!source)
		return -ENOENT;
	if (target && (r->flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (!target && exchange)
		return -ENOENT;
	if (exchange && r->to.trailing && !S_ISDIR(target->mode))
		return -ENOTDIR;
	if (!S_ISDIR(source->mode)) {
		if (r->from.trailing || (!exchange && r->to.trailing))
			return -ENOTDIR;
	}
	if (S_ISDIR(source->mode) && dentry_is_above(r->from.d, r->to.dir.dentry))
		return -EINVAL;
	if (dentry_is_above(r->to.d, r->from.dir.dentry))
		return exchange ? -EINVAL : -ENOTEMPTY;
	return 0;
}

/* To take a name out of one directory and put it into another: both are changed. */
static int check_permissions(struct rename *r)
{
	struct inode *source = r->from.d->inode, *target = r->to.d->inode;
	bool source_dir = S_ISDIR(source->mode);
	int error = inode_may_delete(dir_of(&r->from), source, source_dir);

	if (error)
		return error;
	if (!target)
		error = dir_of(&r->to)->nlink
				? inode_permission(dir_of(&r->to), MAY_WRITE | MAY_EXEC)
				: -ENOENT;
	else
		error = inode_may_delete(dir_of(&r->to), target, r->flags & RENAME_EXCHANGE ?
					 S_ISDIR(target->mode) : source_dir);
	if (error)
		return error;
	/* A directory that changes its parent has its ".." rewritten. */
	if (dir_of(&r->from) != dir_of(&r->to)) {
		if (source_dir)
			error = inode_permission(source, MAY_WRITE);
		if (!error && (r->flags & RENAME_EXCHANGE) && S_ISDIR(target->mode))
			error = inode_permission(target, MAY_WRITE);
	}
	return error;
}

/* On the disk, then in the cache. Directories and inodes are locked. */
static int move_entry(struct rename *r, struct inode *source, struct inode *target)
{
	int error;

	/* What is mounted would move along, or vanish. */
	if (READ_ONCE(r->from.d->mounted) || READ_ONCE(r->to.d->mounted))
		return -EBUSY;
	error = dir_of(&r->from)->ops->rename(dir_of(&r->from), r->from.last.s, r->from.last.len,
					      source, dir_of(&r->to), r->to.last.s, r->to.last.len,
					      target, r->flags);
	if (error)
		return error;
	if (r->flags & RENAME_EXCHANGE) {
		dentry_exchanged(r->from.d, r->to.d);
		return 0;
	}
	if (target && S_ISDIR(target->mode))
		dentry_prune(r->to.d);
	dentry_moved(r->from.d, r->to.d);
	return 0;
}

static int rename_locked(struct rename *r)
{
	struct inode *source, *target;
	int error = check_names(r);

	if (error)
		return error;
	source = r->from.d->inode;
	target = r->to.d->inode;
	if (source == target)
		return 0;		/* two names of one file: nothing happens (POSIX) */
	error = check_permissions(r);
	if (error)
		return error;
	if (!dir_of(&r->from)->ops->rename)
		return -EPERM;
	if (target) {
		/* Its last name goes: the blocks are to be freed without our locks. */
		inode_get(target);
		r->replaced = target;
	}
	lock_inodes(source, target);
	error = move_entry(r, source, target);
	unlock_inodes(source, target);
	return error;
}

/* Only now, under the directories' locks, the names mean something. */
static struct dentry *look(struct end *e)
{
	return dentry_lookup(e->dir.dentry, e->last.s, e->last.len, true);
}

/*
 * Both names are looked up before either's error is reported, and unlocking comes before the
 * dentries are put, which may free them.
 */
static int rename_in(struct rename *r)
{
	int error = mount_begin_write(r->from.dir.mount);

	if (error)
		return error;
	lock_dirs(r);
	r->from.d = look(&r->from);
	r->to.d = look(&r->to);
	if (IS_ERR(r->from.d))
		error = PTR_ERR(r->from.d);
	else if (IS_ERR(r->to.d))
		error = PTR_ERR(r->to.d);
	else
		error = rename_locked(r);
	unlock_dirs(r);
	if (!IS_ERR(r->from.d))
		dentry_put(r->from.d);
	if (!IS_ERR(r->to.d))
		dentry_put(r->to.d);
	mount_end_write(r->from.dir.mount);
	return error;
}

static int resolve(struct end *e, int dirfd, const char *path)
{
	return path_lookup_parent_from(NULL, dirfd, path, 0, &e->dir, &e->last, &e->trailing);
}

/* Neither "." nor ".." nor the root has an entry that could be moved: EBUSY (rename(2)). */
static int rename_paths(struct rename *r, int from_fd, const char *from, int to_fd, const char *to)
{
	int error = resolve(&r->from, from_fd, from);

	if (error)
		return error;
	error = resolve(&r->to, to_fd, to);
	if (!error) {
		if (r->from.dir.mount != r->to.dir.mount)
			error = -EXDEV;
		else if (name_is_special(&r->from.last))
			error = -EBUSY;
		else if (name_is_special(&r->to.last))
			error = r->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
		else
			error = rename_in(r);
		if (r->replaced)		/* while the paths keep the file system mounted */
			inode_put(r->replaced);
		path_put(&r->to.dir);
	}
	path_put(&r->from.dir);
	return error;
}

static long do_rename(int from_fd, const char __user *from, int to_fd, const char __user *to,
		      unsigned flags)
{
	struct rename r = { .flags = flags };
	struct pathname a, b;
	int error;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if ((flags & RENAME_EXCHANGE) && (flags & RENAME_NOREPLACE))
		return -EINVAL;
	error = pathname_get(&a, from, false);
	if (error)
		return error;
	error = pathname_get(&b, to, false);
	if (!error) {
		error = rename_paths(&r, from_fd, a.s, to_fd, b.s);
		pathname_put(&b);
	}
	pathname_put(&a);
	return error;
}

SYSCALL2(82, rename, const char __user *, from, const char __user *, to)
{
	return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

SYSCALL4(264, renameat, int, from_fd, const char __user *, from, int, to_fd,
	 const char __user *, to)
{
	return do_rename(from_fd, from, to_fd, to, 0);
}

SYSCALL5(316, renameat2, int, from_fd, const char __user *, from, int, to_fd,
	 const char __user *, to, unsigned, flags)
{
	return do_rename(from_fd, from, to_fd, to, flags);
}
