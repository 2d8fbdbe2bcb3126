/*
 * Making names: mkdir(2), mknod(2), symlink(2), link(2) and their *at forms.
 *
 * All begin alike: find the directory, lock it, look the last name up, and require that it does not
 * exist. What makes the inode and the entry is the file system's operation.
 *
 * The directory's lock is held from the look at the name until the new entry is there. So of two
 * programs that create the same name one gets EEXIST, which lock files and mkdir(1) rely on.
 *
 * Order of errors, as in Linux: EEXIST before EROFS, since mkdir -p on a read-only file system is
 * fine with a directory that is there; then EACCES; then what the file system says.
 */
#include "common/errno.h"
#include "common/string.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

/*
 * The path is walked without locks and may be stale by the time the lock is taken: the directory
 * may have been removed. Then its link count is 0 (may_create()), and dentry_lookup() finds
 * nothing in it.
 */
int entry_get(struct entry *e, int dirfd, const char *path, int special)
{
	int error = path_lookup_parent_from(NULL, dirfd, path, 0, &e->dir, &e->last, &e->trailing);

	e->victim = NULL;
	if (error)
		return error;
	if (name_is_special(&e->last)) {
		path_put(&e->dir);
		return special;
	}
	down_write(&e->dir.dentry->inode->lock);
	e->d = dentry_lookup(e->dir.dentry, e->last.s, e->last.len, true);
	if (!IS_ERR(e->d))
		return 0;
	up_write(&e->dir.dentry->inode->lock);
	path_put(&e->dir);
	return PTR_ERR(e->d);
}

/*
 * The lock first, then the references: dropping one may free a whole file, for which nobody should
 * wait.
 */
void entry_put(struct entry *e)
{
	up_write(&e->dir.dentry->inode->lock);
	dentry_put(e->d);
	if (e->victim)
		inode_put(e->victim);	/* while e->dir keeps the file system mounted */
	path_put(&e->dir);
}

/* "mkdir new/" is allowed, "mknod new/" is not: a slash behind a name asks for a directory. */
int entry_get_new(struct entry *e, int dirfd, const char *path, bool is_dir)
{
	int error = entry_get(e, dirfd, path, -EEXIST);

	if (error)
		return error;
	if (e->d->inode)
		error = -EEXIST;
	else if (e->trailing && !is_dir)
		error = -ENOENT;
	if (error)
		entry_put(e);
	return error;
}

/*
 * Whether anything may be made in dir, which is locked. A removed directory that somebody still
 * stands in stays empty: what was made there could never be removed.
 */
static int may_create(struct inode *dir)
{
	return dir->nlink ? inode_permission(dir, MAY_WRITE | MAY_EXEC) : -ENOENT;
}

/*
 * CAP_MKNOD, because a node with a disk's number gives its owner the disk, whatever the modes
 * below /dev say.
 */
int create_in(const struct path *dir, struct dentry *d, u32 mode, dev_t rdev)
{
	struct inode *i = dir->dentry->inode, *made;
	int error = may_create(i);

	if (error)
		return error;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD))
		return -EPERM;
	if (S_ISDIR(mode))
		made = i->ops->mkdir ? i->ops->mkdir(i, d->name, d->name_len, mode)
				     : ERR_PTR(-EPERM);
	else
		made = i->ops->create ? i->ops->create(i, d->name, d->name_len, mode, rdev)
				      : ERR_PTR(S_ISREG(mode) ? -EACCES : -EPERM);
	if (IS_ERR(made))
		return PTR_ERR(made);
	dentry_instantiate(d, made);
	return 0;
}

/* The umask is applied here, once, for all calls that take a mode (umask(2)). */
static long make_node(int dirfd, const char __user *user, u32 mode, dev_t rdev)
{
	struct pathname n;
	struct entry e;
	int error = pathname_get(&n, user, false);

	if (error)
		return error;
	error = entry_get_new(&e, dirfd, n.s, S_ISDIR(mode));
	if (!error) {
		error = mount_begin_write(e.dir.mount);
		if (!error) {
			error = create_in(&e.dir, e.d, mode & ~fs_umask(), rdev);
			mount_end_write(e.dir.mount);
		}
		entry_put(&e);
	}
	pathname_put(&n);
	return error;
}

/* mkdir(2) ignores set-id bits; S_ISGID may come from the parent. */
static long do_mkdir(int dirfd, const char __user *path, u32 mode)
{
	return make_node(dirfd, path, S_IFDIR | (mode & (S_IRWXUGO | S_ISVTX)), 0);
}

SYSCALL2(83, mkdir, const char __user *, path, unsigned, mode)
{
	return do_mkdir(AT_FDCWD, path, mode);
}

SYSCALL3(258, mkdirat, int, dirfd, const char __user *, path, unsigned, mode)
{
	return do_mkdir(dirfd, path, mode);
}

/* mknod(2): type 0 is a regular file; directories have mkdir(2). */
static long do_mknod(int dirfd, const char __user *path, u32 mode, u32 dev)
{
	switch (mode & S_IFMT) {
	case 0:
		mode |= S_IFREG;
		break;
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
	case S_IFCHR:
	case S_IFBLK:
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	return make_node(dirfd, path, mode & (S_IFMT | S_IALLUGO), dev);
}

SYSCALL3(133, mknod, const char __user *, path, unsigned, mode, unsigned, dev)
{
	return do_mknod(AT_FDCWD, path, mode, dev);
}

SYSCALL4(259, mknodat, int, dirfd, const char __user *, path, unsigned, mode, unsigned, dev)
{
	return do_mknod(dirfd, path, mode, dev);
}

/*
 * The target is any text: that it exists, or is a path at all, nobody checks. The mode of a link
 * is never looked at.
 */
static int symlink_in(struct entry *e, const char *target)
{
	struct inode *dir = e->dir.dentry->inode, *made;
	int error = may_create(dir);

	if (error)
		return error;
	if (!dir->ops->symlink)
		return -EPERM;
	made = dir->ops->symlink(dir, e->last.s, e->last.len, target);
	if (IS_ERR(made))
		return PTR_ERR(made);
	dentry_instantiate(e->d, made);
	return 0;
}

static long do_symlink(const char __user *user_target, int dirfd, const char __user *user)
{
	struct pathname target, n;
	struct entry e;
	int error = pathname_get(&target, user_target, false);

	if (error)
		return error;
	error = pathname_get(&n, user, false);
	if (error)
		goto out_target;
	error = entry_get_new(&e, dirfd, n.s, false);
	if (error)
		goto out;
	error = mount_begin_write(e.dir.mount);
	if (!error) {
		error = symlink_in(&e, target.s);
		mount_end_write(e.dir.mount);
	}
	entry_put(&e);
out:
	pathname_put(&n);
out_target:
	pathname_put(&target);
	return error;
}

SYSCALL2(88, symlink, const char __user *, target, const char __user *, path)
{
	return do_symlink(target, AT_FDCWD, path);
}

SYSCALL3(266, symlinkat, const char __user *, target, int, dirfd, const char __user *, path)
{
	return do_symlink(target, dirfd, path);
}

/*
 * No second name for a directory, not even for root: the tree would no longer be one, and a loop
 * in it could not be freed. A file whose last name has just gone stays gone, though a caller still
 * has it open: its number may be on its way to be freed. The lock keeps the count while we look.
 */
static int link_in(struct entry *e, struct inode *target)
{
	struct inode *dir = e->dir.dentry->inode;
	int error = may_create(dir);

	if (error)
		return error;
	if (S_ISDIR(target->mode) || !dir->ops->link)
		return -EPERM;
	down_write(&target->lock);
	if (!target->nlink && !(target->state & INODE_LINKABLE))
		error = -ENOENT;
	else
		error = dir->ops->link(dir, e->last.s, e->last.len, target);
	if (!error)		/* from now on no link is the end, as for any file */
		atomic_fetch_and(&target->state, ~INODE_LINKABLE);
	up_write(&target->lock);
	if (error)
		return error;
	inode_get(target);
	dentry_instantiate(e->d, target);
	return 0;
}

/* Mounts are compared and not file systems: a bind mount is a border too (link(2), EXDEV). */
static int link_path(const struct path *old, int dirfd, const char *name)
{
	struct entry e;
	int error = entry_get_new(&e, dirfd, name, false);

	if (error)
		return error;
	error = e.dir.mount == old->mount ? mount_begin_write(e.dir.mount) : -EXDEV;
	if (!error) {
		error = link_in(&e, old->dentry->inode);
		mount_end_write(e.dir.mount);
	}
	entry_put(&e);
	return error;
}

/*
 * Linux does not follow a link at the end of the old name unless asked to; POSIX leaves it open.
 * By AT_EMPTY_PATH a descriptor that one was given could be made a name in a place its giver does
 * not know of: so only with a privilege, and else, by name, through /proc/self/fd.
 */
static long do_link(int old_dirfd, const char __user *old_user, int dirfd, const char __user *user,
		    int flags)
{
	unsigned lookup = flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0;
	struct pathname n;
	struct path old;
	int error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		if (!capable(CAP_DAC_READ_SEARCH))
			return -ENOENT;
		lookup |= LOOKUP_EMPTY;
	}
	error = path_lookup_user(old_dirfd, old_user, lookup, &old);
	if (error)
		return error;
	error = pathname_get(&n, user, false);
	if (!error) {
		error = link_path(&old, dirfd, n.s);
		pathname_put(&n);
	}
	path_put(&old);
	return error;
}

SYSCALL2(86, link, const char __user *, old, const char __user *, path)
{
	return do_link(AT_FDCWD, old, AT_FDCWD, path, 0);
}

SYSCALL5(265, linkat, int, old_dirfd, const char __user *, old, int, dirfd,
	 const char __user *, path, int, flags)
{
	return do_link(old_dirfd, old, dirfd, path, flags);
}
