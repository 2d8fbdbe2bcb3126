/*
 * statfs(2), fstatfs(2).
 */
#include "common/abi/statfs.h"
#include "common/errno.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

/* What ST_VALID means: f_flags was filled in, which old kernels did not do. */
static long mount_st_flags(const struct mount *m)
{
	unsigned long flags = m->flags | (m->super->flags & (MS_RDONLY | MS_SYNCHRONOUS));

	/* The numbers agree up to MS_SYNCHRONOUS, and for the two about access times. */
	return ST_VALID | (flags & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_SYNCHRONOUS |
				    ST_NOATIME | ST_NODIRATIME)) |
	       (flags & (MS_NOATIME | MS_STRICTATIME) ? 0 : ST_RELATIME);
}

/*
 * f_type is the magic number by which programs know a file system (statfs(2)); each fills in its
 * own.
 */
static long statfs_path(const struct path *p, struct statfs __user *user)
{
	struct super *s = p->dentry->super;
	struct statfs st = {
		.f_bsize = s->block_size, .f_frsize = s->block_size, .f_namelen = NAME_MAX,
		.f_fsid = { (int)s->dev, 0 },
	};
	int error = s->ops->statfs ? s->ops->statfs(s, &st) : -ENOSYS;

	if (error)
		return error;
	st.f_flags = mount_st_flags(p->mount);
	return copy_to_user(user, &st, sizeof(st)) ? -EFAULT : 0;
}

SYSCALL2(137, statfs, const char __user *, path, struct statfs __user *, buf)
{
	struct path p;
	long error = path_lookup_user(AT_FDCWD, path, LOOKUP_FOLLOW, &p);

	if (error)
		return error;
	error = statfs_path(&p, buf);
	path_put(&p);
	return error;
}

/* What a file without a path lies on: pipes, sockets and their kin. */
static long statfs_nowhere(struct file *f, struct statfs __user *user)
{
	struct statfs st = {
		.f_type = ANON_INODE_FS_MAGIC, .f_bsize = PAGE_SIZE, .f_frsize = PAGE_SIZE,
		.f_namelen = NAME_MAX, .f_flags = ST_VALID,
	};
	struct stat s = { 0 };

	if (!file_stat(f, &s)) {
		if (S_ISFIFO(s.st_mode))
			st.f_type = PIPEFS_MAGIC;
		else if (S_ISSOCK(s.st_mode))
			st.f_type = SOCKFS_MAGIC;
	}
	return copy_to_user(user, &st, sizeof(st)) ? -EFAULT : 0;
}

SYSCALL2(138, fstatfs, int, fd, struct statfs __user *, buf)
{
	struct file *f = fd_get_path(fd);
	long error;

	if (!f)
		return -EBADF;
	if (f->dentry) {
		struct path p = { f->mount, f->dentry };

		error = statfs_path(&p, buf);
	} else {
		error = statfs_nowhere(f, buf);
	}
	file_put(f);
	return error;
}
