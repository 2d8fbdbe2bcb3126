/*
 * Removing names: unlink(2), rmdir(2), unlinkat(2).
 *
 * A file lives on while it is open: its inode goes with the last reference. So the caller keeps one
 * until the directory is unlocked again, and the (perhaps long) freeing of blocks happens then.
 *
 * Removing is the directory's affair (inode_may_delete()). The victim's own lock is held during
 * the operation as well, because its link count and ctime change, and because a directory must
 * stay empty between being found empty and being gone.
 */
#include "common/errno.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

/* EISDIR for a directory is Linux's; POSIX says EPERM. */
static int unlink_entry(struct entry *e, struct inode *victim)
{
	struct inode *dir = e->dir.dentry->inode;
	int error = inode_may_delete(dir, victim, false);

	if (error)
		return error;
	if (!dir->ops->unlink)
		return -EPERM;
	down_write(&victim->lock);
	error = READ_ONCE(e->d->mounted)
			? -EBUSY : dir->ops->unlink(dir, e->last.s, e->last.len, victim);
	if (!error)
		dentry_deleted(e->d);
	up_write(&victim->lock);
	return error;
}

/*
 * Below the directory there may be negative dentries; they go, as their parent can never be found
 * again.
 */
static int rmdir_entry(struct entry *e, struct inode *victim)
{
	struct inode *dir = e->dir.dentry->inode;
	int error = inode_may_delete(dir, victim, true);

	if (error)
		return error;
	if (!dir->ops->rmdir)
		return -EPERM;
	down_write_nested(&victim->lock);
	error = READ_ONCE(e->d->mounted)
			? -EBUSY : dir->ops->rmdir(dir, e->last.s, e->last.len, victim);
	if (!error) {
		dentry_prune(e->d);
		dentry_deleted(e->d);
	}
	up_write(&victim->lock);
	return error;
}

static int remove_locked(struct entry *e, bool is_dir)
{
	struct inode *victim = e->d->inode;
	int error;

	/* First, as in Linux: on a read-only mount even a missing name is EROFS. */
	error = mount_begin_write(e->dir.mount);
	if (error)
		return error;
	if (!victim)
		error = -ENOENT;
	else if (e->trailing && !is_dir)
		error = S_ISDIR(victim->mode) ? -EISDIR : -ENOTDIR;
	else
		error = is_dir ? rmdir_entry(e, victim) : unlink_entry(e, victim);
	mount_end_write(e->dir.mount);
	return error;
}

/*
 * What rmdir says about names that are none. rmdir(2): "." is EINVAL, ".." cannot be empty, and
 * the root is in use.
 */
static int rmdir_special(const char *path)
{
	size_t n = 0;

	while (path[n])
		n++;
	while (n && path[n - 1] == '/')
		n--;
	if (!n)
		return -EBUSY;		/* the root */
	return n >= 2 && path[n - 2] == '.' ? -ENOTEMPTY : -EINVAL;
}

static long do_remove(int dirfd, const char __user *user, bool is_dir)
{
	struct pathname n;
	struct entry e;
	int error = pathname_get(&n, user, false);

	if (error)
		return error;
	error = entry_get(&e, dirfd, n.s, is_dir ? rmdir_special(n.s) : -EISDIR);
	if (!error) {
		e.victim = e.d->inode;
		if (e.victim)
			inode_get(e.victim);
		error = remove_locked(&e, is_dir);
		entry_put(&e);
	}
	pathname_put(&n);
	return error;
}

SYSCALL1(87, unlink, const char __user *, path)
{
	return do_remove(AT_FDCWD, path, false);
}

SYSCALL1(84, rmdir, const char __user *, path)
{
	return do_remove(AT_FDCWD, path, true);
}

SYSCALL3(263, unlinkat, int, dirfd, const char __user *, path, int, flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return do_remove(dirfd, path, flags & AT_REMOVEDIR);
}
