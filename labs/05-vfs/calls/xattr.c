/*
 * Extended attributes: the twelve calls of xattr(7).
 *
 * Names carry their name space: "user." may be set by who may write the file (and only on files and
 * directories), "trusted." by CAP_SYS_ADMIN, "security." by CAP_SYS_ADMIN; "system." holds access
 * control lists, which are not supported.
 *
 * A size of 0 asks how much room is needed; the answer may be outdated by the next call, which
 * then gets ERANGE, and programs try again (getxattr(2)). The inode's lock is held over the
 * operation only, and data goes through a buffer of ours, because to touch user memory under the
 * lock could wait for a page of the same file.
 */
#include "common/abi/xattr.h"
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

static bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/*
 * Whether the caller may get (mask MAY_READ) or change (MAY_WRITE) that attribute. Who may not see
 * "trusted." is told that there is nothing. "user." is refused for links, devices and the like,
 * since everybody may write to some of them: their quota would be nobody's (xattr(7)).
 */
static int may_access(struct inode *i, const char *name, int mask)
{
	if (has_prefix(name, "trusted."))
		return capable(CAP_SYS_ADMIN) ? 0 : mask == MAY_WRITE ? -EPERM : -ENODATA;
	if (has_prefix(name, "security."))
		return mask == MAY_READ || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	if (!has_prefix(name, "user."))
		return -EOPNOTSUPP;
	if (!S_ISREG(i->mode) && !S_ISDIR(i->mode))
		return mask == MAY_WRITE ? -EPERM : -ENODATA;
	if (mask == MAY_WRITE && S_ISDIR(i->mode) && (i->mode & S_ISVTX) &&
	    current_cred()->fsuid != i->uid && !capable(CAP_FOWNER))
		return -EPERM;
	return inode_permission(i, mask);
}

/*
 * A name from user memory into buf of XATTR_NAME_MAX + 1 bytes: 0, -ERANGE or -EFAULT. ERANGE for
 * a name that is too long or empty is Linux's (xattr(7): 255 bytes).
 */
static int get_name(char *buf, const char __user *user)
{
	ssize_t len = strncpy_from_user(buf, user, XATTR_NAME_MAX + 1);

	if (len < 0)
		return len;
	return len == 0 || len > XATTR_NAME_MAX ? -ERANGE : 0;
}

/*
 * The answers' limits are xattr(7)'s too: 64 KiB for a value, 64 KiB for the list of names. A
 * larger buffer is no error.
 */
static ssize_t get_attr(const struct path *p, const char __user *user_name, void __user *user,
			size_t size)
{
	struct inode *i = p->dentry->inode;
	char name[XATTR_NAME_MAX + 1];
	void *buf = NULL;
	ssize_t n = get_name(name, user_name);

	if (!n)
		n = may_access(i, name, MAY_READ);
	if (n)
		return n;
	if (!i->ops->getxattr)
		return -EOPNOTSUPP;
	size = MIN(size, (size_t)XATTR_SIZE_MAX);
	if (size) {
		buf = kmalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	down_read(&i->lock);
	n = i->ops->getxattr(i, name, buf, size);
	up_read(&i->lock);
	if (n > 0 && size && copy_to_user(user, buf, n))
		n = -EFAULT;
	kfree(buf);
	return n;
}

/*
 * Anybody may list; the file system leaves out what the caller may not see. One that has no
 * attributes has an empty list, which is what cp -a and ls expect.
 */
static ssize_t list_attrs(const struct path *p, char __user *user, size_t size)
{
	struct inode *i = p->dentry->inode;
	char *buf = NULL;
	ssize_t n;

	if (!i->ops->listxattr)
		return i->ops->getxattr ? -EOPNOTSUPP : 0;
	size = MIN(size, (size_t)XATTR_LIST_MAX);
	if (size) {
		buf = kmalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	down_read(&i->lock);
	n = i->ops->listxattr(i, buf, size);
	up_read(&i->lock);
	if (n > 0 && size && copy_to_user(user, buf, n))
		n = -EFAULT;
	kfree(buf);
	return n;
}

/*
 * value NULL: remove. Permission is checked under the lock, so that it is that of the owner whose
 * file is changed.
 */
static int change_attr(const struct path *p, const char *name, const void *value, size_t size,
		       int flags)
{
	struct inode *i = p->dentry->inode;
	int error = mount_begin_write(p->mount);

	if (error)
		return error;
	down_write(&i->lock);
	error = may_access(i, name, MAY_WRITE);
	if (!error && value)
		error = i->ops->setxattr ? i->ops->setxattr(i, name, value, size, flags)
					 : -EOPNOTSUPP;
	else if (!error)
		error = i->ops->removexattr ? i->ops->removexattr(i, name) : -EOPNOTSUPP;
	up_write(&i->lock);
	mount_end_write(p->mount);
	return error;
}

/*
 * XATTR_CREATE and XATTR_REPLACE are the file system's to check, under the same lock as the
 * change: a test before would be a race.
 */
static int set_attr(const struct path *p, const char __user *user_name, const void __user *user,
		    size_t size, int flags)
{
	char name[XATTR_NAME_MAX + 1];
	void *value;
	int error;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	error = get_name(name, user_name);
	if (error)
		return error;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	value = kmalloc(size, GFP_KERNEL);
	if (!value)
		return -ENOMEM;
	if (copy_from_user(value, user, size))
		error = -EFAULT;
	else
		error = change_attr(p, name, value, size, flags);
	kfree(value);
	return error;
}

static int remove_attr(const struct path *p, const char __user *user_name)
{
	char name[XATTR_NAME_MAX + 1];
	int error = get_name(name, user_name);

	return error ? error : change_attr(p, name, NULL, 0, 0);
}

/* The place of an open file, or -EBADF; -EOPNOTSUPP if it has none. path_put() afterwards. */
static int fd_path(int fd, struct path *p)
{
	struct file *f = fd_get(fd);

	if (!f)
		return -EBADF;
	*p = (struct path){ f->mount, f->dentry };
	if (f->dentry)
		path_get(p);
	file_put(f);
	return p->dentry ? 0 : -EOPNOTSUPP;
}

static int find(const char __user *path, unsigned lookup, struct path *p)
{
	return path_lookup_user(AT_FDCWD, path, lookup, p);
}

/* Each call in its three forms: find the file, do it, let it go. */
#define WITH_PATH(find_it, do_it)						\
	struct path p;								\
	long result = find_it;							\
										\
	if (result)								\
		return result;							\
	result = do_it;								\
	path_put(&p);								\
	return result

SYSCALL5(188, setxattr, const char __user *, path, const char __user *, name, const void __user *,
	 value, size_t, size, int, flags)
{
	WITH_PATH(find(path, LOOKUP_FOLLOW, &p), set_attr(&p, name, value, size, flags));
}

SYSCALL5(189, lsetxattr, const char __user *, path, const char __user *, name, const void __user *,
	 value, size_t, size, int, flags)
{
	WITH_PATH(find(path, 0, &p), set_attr(&p, name, value, size, flags));
}

SYSCALL5(190, fsetxattr, int, fd, const char __user *, name, const void __user *, value,
	 size_t, size, int, flags)
{
	WITH_PATH(fd_path(fd, &p), set_attr(&p, name, value, size, flags));
}

SYSCALL4(191, getxattr, const char __user *, path, const char __user *, name, void __user *, value,
	 size_t, size)
{
	WITH_PATH(find(path, LOOKUP_FOLLOW, &p), get_attr(&p, name, value, size));
}

SYSCALL4(192, lgetxattr, const char __user *, path, const char __user *, name, void __user *, value,
	 size_t, size)
{
	WITH_PATH(find(path, 0, &p), get_attr(&p, name, value, size));
}

SYSCALL4(193, fgetxattr, int, fd, const char __user *, name, void __user *, value, size_t, size)
{
	WITH_PATH(fd_path(fd, &p), get_attr(&p, name, value, size));
}

SYSCALL3(194, listxattr, const char __user *, path, char __user *, list, size_t, size)
{
	WITH_PATH(find(path, LOOKUP_FOLLOW, &p), list_attrs(&p, list, size));
}

SYSCALL3(195, llistxattr, const char __user *, path, char __user *, list, size_t, size)
{
	WITH_PATH(find(path, 0, &p), list_attrs(&p, list, size));
}

SYSCALL3(196, flistxattr, int, fd, char __user *, list, size_t, size)
{
	WITH_PATH(fd_path(fd, &p), list_attrs(&p, list, size));
}

SYSCALL2(197, removexattr, const char __user *, path, const char __user *, name)
{
	WITH_PATH(find(path, LOOKUP_FOLLOW, &p), remove_attr(&p, name));
}

SYSCALL2(198, lremovexattr, const char __user *, path, const char __user *, name)
{
	WITH_PATH(find(path, 0, &p), remove_attr(&p, name));
}

SYSCALL2(199, fremovexattr, int, fd, const char __user *, name)
{
	WITH_PATH(fd_path(fd, &p), remove_attr(&p, name));
}
