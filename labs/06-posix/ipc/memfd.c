/*
 * memfd_create(2): a file in memory that has no name. Seals are not supported: F_GET_SEALS says
 * that no more can be added.
 *
 * It is a file of tmpfs that was unlinked as soon as it was made: its pages are in the page cache
 * and nowhere else, and go with the last descriptor or mapping. Programs use it for memory that is
 * to be shared by sending a descriptor (net/message.c), which needs no name that others could take.
 *
 * Seals let the receiver of such a file be sure that the sender cannot shorten it under his
 * mapping. F_SEAL_SEAL is the answer that Linux gives for a memfd made without MFD_ALLOW_SEALING,
 * and every program that asks for seals has to cope with it.
 */
#include "common/string.h"
#include "common/printk.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/file.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/inode.h"
#include "05-vfs/tmpfs/memory_file.h"

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
	return IS_ERR(f) ? PTR_ERR(f) : fd_open(f, flags & MFD_CLOEXEC);
}

/* Only files without a name can be meant; others have no seals to ask for (fcntl(2)). */
static long memfd_seals(struct file *f, int cmd, u64 arg)
{
	if (!f->inode || !S_ISREG(f->inode->mode) || f->inode->nlink)
		return -EINVAL;
	return cmd == F_GET_SEALS ? F_SEAL_SEAL : -EPERM;
}
FCNTL_COMMAND(add_seals, F_ADD_SEALS, memfd_seals);
FCNTL_COMMAND(get_seals, F_GET_SEALS, memfd_seals);
