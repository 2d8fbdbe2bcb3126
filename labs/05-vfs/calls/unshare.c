/*
 * unshare(2): for what threads share of the file system and of their descriptors. Name spaces there
 * are none; memory and signal handlers of a process with several threads cannot be divided either.
 */
#include "common/abi/sched.h"
#include "common/errno.h"
#include "02-usermode/process.h"
#include "03-syscalls/files/table.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/fs.h"

#define DIVISIBLE	(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)
#define ALONE_ONLY	(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)

/*
 * Flags that ask for what is private already, in a process of one thread, succeed (unshare(2)).
 * CLONE_NEW... flags are EINVAL, as on a Linux built without name spaces. CLONE_SYSVSEM is
 * accepted here; lab 05 has no semaphores whose undo lists could be shared.
 */
SYSCALL1(272, unshare, unsigned long, flags)
{
	int error = 0;

	if (flags & ~(DIVISIBLE | ALONE_ONLY))
		return -EINVAL;
	if ((flags & ALONE_ONLY) && READ_ONCE(current_process()->thread_count) > 1)
		return -EINVAL;
	if (flags & CLONE_FS)
		error = fs_unshare();
	if (!error && (flags & CLONE_FILES))
		error = fd_table_unshare();
	return error;
}
