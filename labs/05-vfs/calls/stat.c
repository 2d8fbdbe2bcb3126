/*
 * Asking about files by name: stat(2), statx(2), access(2), readlink(2).
 *
 * What is read here is a moment's view: nothing is locked, and the file may change before the
 * caller sees the result. So access(2) followed by open(2) is a race that every manual warns of;
 * it is here because shells and scripts use it.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

static int stat_inode(struct inode *i, struct stat *st)
{
	return i->ops->stat ? i->ops->stat(i, st) : inode_stat(i, st);
}

/*
 * With AT_EMPTY_PATH and an empty path the file dirfd itself, which need not have a path. O_PATH
 * descriptors are allowed (open(2)), and so are pipes and sockets.
 */
static int stat_fd(int fd, struct stat *st)
{
	struct file *f = fd_get_path(fd);
	int error;

	if (!f)
		return -EBADF;
	*st = (struct stat){ 0 };
	error = file_stat(f, st);
	file_put(f);
	return error;
}

/*
 * fstat(3) of the C library is newfstatat() with an empty path and AT_EMPTY_PATH: the hottest
 * case, without a walk.
 */
static int stat_at(int dirfd, const char __user *user, int flags, struct stat *st)
{
	unsigned lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct pathname n;
	struct path p;
	int error = pathname_get(&n, user, flags & AT_EMPTY_PATH);

	if (error)
		return error;
	if (!*n.s && dirfd != AT_FDCWD) {
		pathname_put(&n);
		return stat_fd(dirfd, st);
	}
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	error = path_lookup(dirfd, n.s, lookup, &p);
	if (!error) {
		error = stat_inode(p.dentry->inode, st);
		path_put(&p);
	}
	pathname_put(&n);
	return error;
}

/*
 * Whoever fills the struct sets all of it: what were left out would be kernel memory for the user.
 */
static long stat_to_user(int dirfd, const char __user *path, int flags, struct stat __user *buf)
{
	struct stat st;
	int error = stat_at(dirfd, path, flags, &st);

	if (error)
		return error;
	return copy_to_user(buf, &st, sizeof(st)) ? -EFAULT : 0;
}

SYSCALL2(4, stat, const char __user *, path, struct stat __user *, buf)
{
	return stat_to_user(AT_FDCWD, path, 0, buf);
}

SYSCALL2(6, lstat, const char __user *, path, struct stat __user *, buf)
{
	return stat_to_user(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, buf);
}

SYSCALL4(262, newfstatat, int, dirfd, const char __user *, path, struct stat __user *, buf, int,
	 flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		return -EINVAL;
	return stat_to_user(dirfd, path, flags, buf);
}

/* ---- statx ---- */

static struct statx_timestamp statx_time(struct timespec t)
{
	return (struct statx_timestamp){ .tv_sec = t.tv_sec, .tv_nsec = t.tv_nsec };
}

/*
 * statx(2) may return more or less than was asked for; stx_mask says what is there. We always give
 * the basic fields, and have no time of birth.
 */
static void statx_of(const struct stat *st, const struct path *p, struct statx *sx)
{
	*sx = (struct statx){
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = st->st_blksize,
		.stx_nlink = st->st_nlink,
		.stx_uid = st->st_uid,
		.stx_gid = st->st_gid,
		.stx_mode = st->st_mode,
		.stx_ino = st->st_ino,
		.stx_size = st->st_size,
		.stx_blocks = st->st_blocks,
		.stx_attributes_mask = STATX_ATTR_MOUNT_ROOT,
		.stx_atime = statx_time(st->st_atim),
		.stx_ctime = statx_time(st->st_ctim),
		.stx_mtime = statx_time(st->st_mtim),
		.stx_rdev_major = MAJOR(st->st_rdev),
		.stx_rdev_minor = MINOR(st->st_rdev),
		.stx_dev_major = MAJOR(st->st_dev),
		.stx_dev_minor = MINOR(st->st_dev),
	};
	if (p->mount) {
		sx->stx_mask |= STATX_MNT_ID;
		sx->stx_mnt_id = p->mount->id;
		if (p->dentry == p->mount->root)
			sx->stx_attributes |= STATX_ATTR_MOUNT_ROOT;
	}
}

/* Fill st, and p with references if there is a path. The path, too, is wanted, for stx_mnt_id. */
static int statx_find(int dirfd, const char *name, unsigned lookup, struct stat *st, struct path *p)
{
	struct file *f;
	int error;

	if (*name || dirfd == AT_FDCWD) {
		error = path_lookup(dirfd, name, lookup, p);
		return error ? error : stat_inode(p->dentry->inode, st);
	}
	f = fd_get_path(dirfd);
	if (!f)
		return -EBADF;
	if (f->dentry) {
		*p = (struct path){ f->mount, f->dentry };
		path_get(p);
	}
	error = file_stat(f, st);
	file_put(f);
	return error;
}

SYSCALL5(332, statx, int, dirfd, const char __user *, user, int, flags, unsigned, mask,
	 struct statx __user *, buf)
{
	unsigned lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path p = { NULL, NULL };
	struct stat st = { 0 };
	struct pathname n;
	struct statx sx;
	int error;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE || (mask & STATX_RESERVED_))
		return -EINVAL;
	error = pathname_get(&n, user, flags & AT_EMPTY_PATH);
	if (error)
		return error;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	error = statx_find(dirfd, n.s, lookup, &st, &p);
	if (!error)
		statx_of(&st, &p, &sx);
	path_put(&p);
	pathname_put(&n);
	if (error)
		return error;
	return copy_to_user(buf, &sx, sizeof(sx)) ? -EFAULT : 0;
}

/* ---- access ---- */

/*
 * Replace the credentials by the real ones for the duration of access(2): returns the old ones to
 * be installed again, NULL if both are the same anyway, or ERR_PTR(-ENOMEM). access(2) is for
 * set-user-id programs that ask what their caller might do: with the caller's ids and, unless he
 * is root, no capabilities. The whole walk is done with them, since he may not even reach the
 * file.
 */
static struct cred *use_real_ids(void)
{
	const struct cred *c = current_cred();
	u64 caps = c->uid ? 0 : c->cap_permitted;
	struct cred *real, *old;

	if (c->fsuid == c->uid && c->fsgid == c->gid && c->cap_effective == caps)
		return NULL;
	real = cred_dup(c, c->group_count);
	if (!real)
		return ERR_PTR(-ENOMEM);
	real->fsuid = c->uid;
	real->fsgid = c->gid;
	real->cap_effective = caps;
	old = (struct cred *)thread_cred(current);
	cred_install(real);
	return old;
}

/* The mount's flags count like the file's bits: noexec means X_OK fails, a read-only mount W_OK. */
static int access_path(const struct path *p, int mask)
{
	struct inode *i = p->dentry->inode;
	int error;

	if ((mask & MAY_EXEC) && S_ISREG(i->mode) && (p->mount->flags & MS_NOEXEC))
		return -EACCES;
	error = inode_permission(i, mask);
	if (!error && (mask & MAY_WRITE) && (p->mount->flags & MS_RDONLY) &&
	    (S_ISREG(i->mode) || S_ISDIR(i->mode) || S_ISLNK(i->mode)))
		error = -EROFS;
	return error;
}

/* F_OK, a mask of 0, asks only whether the path leads somewhere. */
static long do_access(int dirfd, const char __user *path, int mask, int flags)
{
	unsigned lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct cred *old = NULL;
	struct path p;
	int error;

	if ((mask & ~7) || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	if (!(flags & AT_EACCESS))
		old = use_real_ids();
	if (IS_ERR(old))
		return PTR_ERR(old);
	error = path_lookup_user(dirfd, path, lookup, &p);
	if (!error) {
		error = mask ? access_path(&p, mask) : 0;
		path_put(&p);
	}
	if (old)
		cred_install(old);
	return error;
}

SYSCALL2(21, access, const char __user *, path, int, mode)
{
	return do_access(AT_FDCWD, path, mode, 0);
}

/*
 * This call never had the flags that its manual page describes; faccessat2(2) was added for them
 * in Linux 5.8.
 */
SYSCALL3(269, faccessat, int, dirfd, const char __user *, path, int, mode)
{
	return do_access(dirfd, path, mode, 0);
}

SYSCALL4(439, faccessat2, int, dirfd, const char __user *, path, int, mode, int, flags)
{
	return do_access(dirfd, path, mode, flags);
}

/* ---- readlink ---- */

/*
 * From memory if the file system keeps the text there (short links of ext2, tmpfs): then it never
 * changes and needs no lock.
 */
ssize_t inode_read_link(struct inode *i, char *buf, size_t size)
{
	ssize_t len;

	if (i->link) {
		len = strlcpy(buf, i->link, size);
	} else {
		if (!i->ops->readlink)
			return -EINVAL;
		len = i->ops->readlink(i, buf, size - 1);
		if (len >= 0 && (size_t)len < size)
			buf[len] = '\0';
	}
	return len >= (ssize_t)size ? -ENAMETOOLONG : len;
}

/*
 * readlink(2) cuts off silently and writes no zero at the end; a caller who gets as much as he has
 * room for must ask again.
 */
static ssize_t read_link_to_user(struct inode *i, char __user *buf, size_t size)
{
	char *text;
	ssize_t len;

	if (i->link) {
		len = MIN(strlen(i->link), size);
		return copy_to_user(buf, i->link, len) ? -EFAULT : len;
	}
	text = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	len = inode_read_link(i, text, PATH_MAX);
	if (len >= 0) {
		len = MIN((size_t)len, size);
		if (copy_to_user(buf, text, len))
			len = -EFAULT;
	}
	kfree(text);
	return len;
}

/* An empty path means the link that dirfd, opened with O_PATH | O_NOFOLLOW, refers to. */
static long do_readlink(int dirfd, const char __user *user, char __user *buf, int size)
{
	struct pathname n;
	struct path p;
	bool empty;
	long len;

	if (size <= 0)
		return -EINVAL;
	len = pathname_get(&n, user, true);
	if (len)
		return len;
	empty = !*n.s;
	len = path_lookup(dirfd, n.s, LOOKUP_EMPTY, &p);
	pathname_put(&n);
	if (len)
		return len;
	if (S_ISLNK(p.dentry->inode->mode))
		len = read_link_to_user(p.dentry->inode, buf, size);
	else
		len = empty ? -ENOENT : -EINVAL;
	path_put(&p);
	return len;
}

SYSCALL3(89, readlink, const char __user *, path, char __user *, buf, int, size)
{
	return do_readlink(AT_FDCWD, path, buf, size);
}

SYSCALL4(267, readlinkat, int, dirfd, const char __user *, path, char __user *, buf, int, size)
{
	return do_readlink(dirfd, path, buf, size);
}
