/*
 * memfd_create(2): a file in memory that has no name; with MFD_ALLOW_SEALING
 * it can be sealed.
 *
 * It is a file of tmpfs that was unlinked as soon as it was made: its pages are in the page cache
 * and nowhere else, and go with the last descriptor or mapping. Programs use it for memory that is
 * to be shared by sending a descriptor (net/message.c), which needs no name that others could take.
 *
 * Seals let the receiver of such a file be sure that the sender cannot shorten it under his
 * mapping (05's tmpfs/seals.c).
 */
#include "common/string.h"
#include "common/printk.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/file.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/inode.h"
#include "05-vfs/tmpfs/memory_file.h"
#include "05-vfs/tmpfs/tmpfs.h"

#define MFD_CLOEXEC		1U
#define MFD_ALLOW_SEALING	2U
#define NAME_MAX_LEN		249	/* NAME_MAX without "memfd:"; only /proc/PID/fd shows it */

SYSCALL2(319, memfd_create, const char __user *, uname, unsigned, flags)
{
	char name[sizeof("memfd:") + NAME_MAX_LEN + 1] = "memfd:";
	struct file *f;
	ssize_t n;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	n = strncpy_from_user(name + 6, uname, NAME_MAX_LEN + 1);
	if (n < 0)
		return n;
	if (n > NAME_MAX_LEN)
		return -EINVAL;
	f = memory_file(name, S_IRWXUGO, 0, O_RDWR | O_LARGEFILE);
	if (IS_ERR(f))
		return PTR_ERR(f);
	if (flags & MFD_ALLOW_SEALING)
		tmpfs_allow_seals(f->inode);
	return fd_open(f, flags & MFD_CLOEXEC);
}
