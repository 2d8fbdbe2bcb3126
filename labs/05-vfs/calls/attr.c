/*
 * Changing attributes: chmod(2), chown(2), utimensat(2) with their relatives, truncate(2).
 *
 * Each call fills a struct attr_change; what is allowed is decided in inode_change(), under the
 * inode's lock, so that the owner cannot change between the check and the change. The mount is
 * asked for write permission first (EROFS).
 */
#include "common/errno.h"
#include "03-syscalls/syscall.h"
#include "02-usermode/uaccess.h"
#include "05-vfs/vfs/internal.h"

/*
 * Make the change at p, whose mount must be writable. For the chmod of a file that a program has
 * open nothing changes for that program: permissions were checked when it was opened.
 */
static int change_path(const struct path *p, struct attr_change *a)
{
	struct inode *i = p->dentry->inode;
	int error = mount_begin_write(p->mount);

	if (error)
		return error;
	down_write(&i->lock);
	error = inode_change(i, a);
	up_write(&i->lock);
	mount_end_write(p->mount);
	return error;
}

/*
 * By name. The rights that count are those to search the directories on the way, and then the
 * ownership of the file; its own permission bits do not matter.
 */
static long change_at(int dirfd, const char __user *path, unsigned lookup, struct attr_change *a)
{
	struct path p;
	int error = path_lookup_user(dirfd, path, lookup, &p);

	if (error)
		return error;
	error = change_path(&p, a);
	path_put(&p);
	return error;
}

/* Of an open file; one without a path (a pipe, a socket) has nothing to change. */
static long change_fd(int fd, struct attr_change *a)
{
	struct file *f = fd_get(fd);
	int error = -EINVAL;

	if (!f)
		return -EBADF;
	if (f->dentry) {
		struct path p = { f->mount, f->dentry };

		error = change_path(&p, a);
	}
	file_put(f);
	return error;
}

/* ---- modes ---- */

/* chmod(2) follows links, as a link has no mode of its own. */
SYSCALL2(90, chmod, const char __user *, path, unsigned, mode)
{
	struct attr_change a = { .valid = ATTR_MODE, .mode = mode & S_IALLUGO };

	return change_at(AT_FDCWD, path, LOOKUP_FOLLOW, &a);
}

SYSCALL2(91, fchmod, int, fd, unsigned, mode)
{
	struct attr_change a = { .valid = ATTR_MODE, .mode = mode & S_IALLUGO };

	return change_fd(fd, &a);
}

/* The call has no flags; the C library's AT_SYMLINK_NOFOLLOW is made of other calls. */
SYSCALL3(268, fchmodat, int, dirfd, const char __user *, path, unsigned, mode)
{
	struct attr_change a = { .valid = ATTR_MODE, .mode = mode & S_IALLUGO };

	return change_at(dirfd, path, LOOKUP_FOLLOW, &a);
}

/* ---- owners ---- */

/* -1 leaves one of them as it is (chown(2)). */
static struct attr_change owner_change(uid_t uid, gid_t gid)
{
	struct attr_change a = { .valid = ATTR_OWNERS, .uid = uid, .gid = gid };

	if (uid != (uid_t)-1)
		a.valid |= ATTR_UID;
	if (gid != (gid_t)-1)
		a.valid |= ATTR_GID;
	return a;
}

SYSCALL3(92, chown, const char __user *, path, uid_t, uid, gid_t, gid)
{
	struct attr_change a = owner_change(uid, gid);

	return change_at(AT_FDCWD, path, LOOKUP_FOLLOW, &a);
}

/*
 * The one of the family that changes a link itself: a link does have an owner, who may remove it
 * from a sticky directory.
 */
SYSCALL3(94, lchown, const char __user *, path, uid_t, uid, gid_t, gid)
{
	struct attr_change a = owner_change(uid, gid);

	return change_at(AT_FDCWD, path, 0, &a);
}

SYSCALL3(93, fchown, int, fd, uid_t, uid, gid_t, gid)
{
	struct attr_change a = owner_change(uid, gid);

	return change_fd(fd, &a);
}

SYSCALL5(260, fchownat, int, dirfd, const char __user *, path, uid_t, uid, gid_t, gid, int, flags)
{
	struct attr_change a = owner_change(uid, gid);
	unsigned lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	return change_at(dirfd, path, lookup, &a);
}

/* ---- times ---- */

/*
 * Who may set times: the owner any; who may write, both to now (utime(2)). Writing to the file
 * would set them to now as well; any other time is a lie that only the owner may tell.
 */
static int may_set_times(struct inode *i, bool both_now)
{
	if (current_cred()->fsuid == i->uid || capable(CAP_FOWNER))
		return 0;
	if (!both_now)
		return -EPERM;
	return inode_permission(i, MAY_WRITE) == -EROFS ? -EROFS :
	       inode_permission(i, MAY_WRITE) ? -EACCES : 0;
}

/* utimensat(2): UTIME_NOW and UTIME_OMIT stand in place of nanoseconds, each time for itself. */
static int set_times_path(const struct path *p, const struct timespec *times)
{
	struct attr_change a = { .valid = ATTR_ATIME | ATTR_MTIME };
	struct timespec now = current_time();
	bool both_now = !times || (times[0].tv_nsec == UTIME_NOW && times[1].tv_nsec == UTIME_NOW);
	int error;

	a.atime = times && times[0].tv_nsec != UTIME_NOW ? times[0] : now;
	a.mtime = times && times[1].tv_nsec != UTIME_NOW ? times[1] : now;
	if (times && times[0].tv_nsec == UTIME_OMIT)
		a.valid &= ~ATTR_ATIME;
	if (times && times[1].tv_nsec == UTIME_OMIT)
		a.valid &= ~ATTR_MTIME;
	if ((p->mount->flags | p->mount->super->flags) & MS_RDONLY)
		return -EROFS;
	error = may_set_times(p->dentry->inode, both_now);
	return error ? error : change_path(p, &a);
}

/* Seconds may be negative: before 1970. */
static bool time_valid(const struct timespec *t)
{
	return t->tv_nsec == UTIME_NOW || t->tv_nsec == UTIME_OMIT ||
	       (t->tv_nsec >= 0 && t->tv_nsec < (long)NSEC_PER_SEC);
}

/* path NULL: the file dirfd itself. times NULL: now. That is how futimens(3) is made. */
static long set_times(int dirfd, const char __user *path, const struct timespec *times, int flags)
{
	unsigned lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path p;
	int error;

	if (times && (!time_valid(&times[0]) || !time_valid(&times[1])))
		return -EINVAL;
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	/* Nothing is to be done: not even the path is looked at (utimensat(2)). */
	if (times && times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT)
		return 0;
	if (!path) {
		struct file *f;

		if (flags)
			return -EINVAL;
		f = fd_get(dirfd);
		if (!f)
			return -EBADF;
		p = (struct path){ f->mount, f->dentry };
		error = f->dentry ? set_times_path(&p, times) : -EINVAL;
		file_put(f);
		return error;
	}
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	error = path_lookup_user(dirfd, path, lookup, &p);
	if (error)
		return error;
	error = set_times_path(&p, times);
	path_put(&p);
	return error;
}

SYSCALL4(280, utimensat, int, dirfd, const char __user *, path, const struct timespec __user *,
	 user, int, flags)
{
	struct timespec times[2];

	if (user && copy_from_user(times, user, sizeof(times)))
		return -EFAULT;
	if (!path && dirfd == AT_FDCWD)
		return -EFAULT;
	return set_times(dirfd, path, user ? times : NULL, flags);
}

/* The older calls, with microseconds; they know no UTIME_NOW and no UTIME_OMIT. */
static long set_timevals(int dirfd, const char __user *path, const struct timeval __user *user)
{
	struct timeval tv[2];
	struct timespec times[2];

	if (!user)
		return set_times(dirfd, path, NULL, 0);
	if (copy_from_user(tv, user, sizeof(tv)))
		return -EFAULT;
	for (int n = 0; n < 2; n++) {
		if (tv[n].tv_usec < 0 || tv[n].tv_usec >= 1000000)
			return -EINVAL;
		times[n] = (struct timespec){ tv[n].tv_sec, tv[n].tv_usec * 1000 };
	}
	return set_times(dirfd, path, times, 0);
}

SYSCALL2(235, utimes, const char __user *, path, const struct timeval __user *, times)
{
	return path ? set_timevals(AT_FDCWD, path, times) : -EFAULT;
}

SYSCALL3(261, futimesat, int, dirfd, const char __user *, path, const struct timeval __user *,
	 times)
{
	return set_timevals(dirfd, path, times);
}

struct utimbuf {
	time_t actime, modtime;
};

SYSCALL2(132, utime, const char __user *, path, const struct utimbuf __user *, user)
{
	struct utimbuf u;
	struct timespec times[2];

	if (!path)
		return -EFAULT;
	if (!user)
		return set_times(AT_FDCWD, path, NULL, 0);
	if (copy_from_user(&u, user, sizeof(u)))
		return -EFAULT;
	times[0] = (struct timespec){ u.actime, 0 };
	times[1] = (struct timespec){ u.modtime, 0 };
	return set_times(AT_FDCWD, path, times, 0);
}

/* ---- size ---- */

/* Counts as a writer meanwhile, like an open file: a running program's text must stay. */
static int truncate_path(const struct path *p, loff_t size)
{
	struct inode *i = p->dentry->inode;
	int error;

	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode))
		return -EINVAL;
	error = mount_begin_write(p->mount);
	if (error)
		return error;
	error = inode_permission(i, MAY_WRITE);
	if (!error)
		error = inode_get_write(i);
	if (!error) {
		down_write(&i->lock);
		error = inode_truncate(i, size);
		up_write(&i->lock);
		inode_put_write(i);
	}
	mount_end_write(p->mount);
	return error;
}

/* Also makes files longer: by a hole (truncate(2)). */
SYSCALL2(76, truncate, const char __user *, path, loff_t, size)
{
	struct path p;
	int error;

	if (size < 0)
		return -EINVAL;
	error = path_lookup_user(AT_FDCWD, path, LOOKUP_FOLLOW, &p);
	if (error)
		return error;
	error = truncate_path(&p, size);
	path_put(&p);
	return error;
}

/* Permission was checked by open(2); a file opened for reading is EINVAL here, not EBADF. */
SYSCALL2(77, ftruncate, int, fd, loff_t, size)
{
	struct file *f;
	int error = -EINVAL;

	if (size < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	if (f->inode && S_ISREG(f->inode->mode) && FILE_WRITABLE(f)) {
		down_write(&f->inode->lock);
		error = inode_truncate(f->inode, size);
		up_write(&f->inode->lock);
	}
	file_put(f);
	return error;
}
