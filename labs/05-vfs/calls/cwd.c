/*
 * Root, working directory and umask: getcwd(2), chdir(2), chroot(2), umask(2).
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/fs.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/path_name.h"

/* A directory that was removed while one stands in it has no name any more. */
static bool is_unlinked(const struct path *p)
{
	return p->dentry->flags & DENTRY_UNLINKED;
}

/* The path of p in buf; ERR_PTR on errors. One outside the root begins with "(unreachable)". */
static char *cwd_name(const struct path *p, char *buf, size_t size)
{
	static const char prefix[] = "(unreachable)";
	struct path root;
	bool reached;
	char *s;

	fs_root(&root);
	s = path_name_from(p, &root, buf, size, &reached);
	path_put(&root);
	if (IS_ERR(s) || reached)
		return s;
	if ((size_t)(s - buf) < sizeof(prefix) - 1)
		return ERR_PTR(-ENAMETOOLONG);
	return memcpy(s - (sizeof(prefix) - 1), prefix, sizeof(prefix) - 1);
}

/*
 * Returns the length with the terminating zero, unlike the C library's function. (unreachable) is
 * for a directory that lies outside the root, after chroot(2) or a lazy umount (getcwd(2)).
 */
SYSCALL2(79, getcwd, char __user *, user, size_t, size)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *s;
	struct path p;
	long len;

	if (!buf)
		return -ENOMEM;
	fs_cwd(&p);
	s = cwd_name(&p, buf, PATH_MAX);
	if (is_unlinked(&p)) {
		len = -ENOENT;
	} else if (IS_ERR(s)) {
		len = PTR_ERR(s);
	} else {
		len = buf + PATH_MAX - s;
		if ((size_t)len > size)
			len = -ERANGE;
		else if (copy_to_user(user, s, len))
			len = -EFAULT;
	}
	path_put(&p);
	kfree(buf);
	return len;
}

/*
 * Execute permission on the directory itself is asked for now: later walks check it again at each
 * relative name.
 */
SYSCALL1(80, chdir, const char __user *, path)
{
	struct path p;
	int error = path_lookup_user(AT_FDCWD, path, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (error)
		return error;
	error = inode_permission(p.dentry->inode, MAY_EXEC);
	if (!error)
		fs_set_cwd(&p);
	path_put(&p);
	return error;
}

/* A descriptor opened with O_PATH will do (open(2)). */
SYSCALL1(81, fchdir, int, fd)
{
	struct file *f = fd_get_path(fd);
	int error = -ENOTDIR;

	if (!f)
		return -EBADF;
	if (f->dentry && S_ISDIR(f->inode->mode)) {
		struct path p = { f->mount, f->dentry };

		error = inode_permission(f->inode, MAY_EXEC);
		if (!error)
			fs_set_cwd(&p);
	}
	file_put(f);
	return error;
}

/*
 * The working directory stays where it is, perhaps outside (chroot(2)): callers change it too. Not
 * for everybody, since who chooses the root of a set-user-id program chooses its libraries and its
 * /etc/passwd.
 */
SYSCALL1(161, chroot, const char __user *, path)
{
	struct path p;
	int error = path_lookup_user(AT_FDCWD, path, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (error)
		return error;
	error = inode_permission(p.dentry->inode, MAY_EXEC);
	if (!error && !capable(CAP_SYS_CHROOT))
		error = -EPERM;
	if (!error)
		fs_set_root(&p);
	path_put(&p);
	return error;
}

SYSCALL1(95, umask, unsigned, mask)
{
	return fs_set_umask(mask);
}
