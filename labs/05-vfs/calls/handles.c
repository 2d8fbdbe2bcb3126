/*
 * name_to_handle_at(2) and open_by_handle_at(2): no file system here can find a file by a handle.
 */
#include "common/errno.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

SYSCALL5(303, name_to_handle_at, int, dirfd, const char __user *, path, void __user *, handle,
	 int __user *, mount_id, int, flags)
{
	unsigned lookup = flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0;
	struct path p;
	int error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	error = path_lookup_user(dirfd, path, lookup, &p);
	if (error)
		return error;
	path_put(&p);
	return -EOPNOTSUPP;
}

SYSCALL3(304, open_by_handle_at, int, mount_fd, void __user *, handle, int, flags)
{
	if (!capable(CAP_DAC_READ_SEARCH))
		return -EPERM;
	return -EOPNOTSUPP;
}
