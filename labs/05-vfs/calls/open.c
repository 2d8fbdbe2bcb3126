/*
 * open(2), openat(2), openat2(2), creat(2).
 *
 * The descriptor is reserved before the file is opened: with EMFILE nothing has happened, whereas
 * a file that was created, or a terminal that was opened, could not be taken back. Flags that
 * Linux does not know are ignored by open(2), which programs rely on, and refused by openat2(2),
 * so that they can be given a meaning some day.
 */
#include "common/errno.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/open.h"

#define OPEN_FLAGS		\
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |		\
	 O_ASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC |		\
	 O_PATH | O_TMPFILE_)
#define PATH_FLAGS	(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/*
 * Make flags consistent: the flags, or -EINVAL. O_TMPFILE contains O_DIRECTORY, so that a kernel
 * which does not know it fails with EISDIR instead of creating something. O_PATH makes all others
 * but PATH_FLAGS void (open(2)). O_LARGEFILE is what F_GETFL shows to 64-bit programs.
 */
static int open_flags(int flags)
{
	if (flags & O_PATH)
		return flags & PATH_FLAGS;
	if (flags & O_TMPFILE_) {
		if (!(flags & O_DIRECTORY) || !(flags & O_ACCMODE) || (flags & O_CREAT))
			return -EINVAL;
	} else if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY)) {
		return -EINVAL;
	}
	return flags | O_LARGEFILE;
}

/* fd_install() is the last step: from then on other threads can use, and close, the descriptor. */
static long do_open(int dirfd, const char __user *user, int flags, u32 mode, unsigned lookup)
{
	struct pathname n;
	struct file *f;
	int fd, error;

	flags = open_flags(flags);
	if (flags < 0)
		return flags;
	error = pathname_get(&n, user, false);
	if (error)
		return error;
	fd = fd_reserve(0, flags & O_CLOEXEC);
	if (fd >= 0) {
		f = file_open_how(dirfd, n.s, flags, mode, lookup);
		if (IS_ERR(f)) {
			fd_release(fd);
			fd = PTR_ERR(f);
		} else {
			fd_install(fd, f);
		}
	}
	pathname_put(&n);
	return fd;
}

SYSCALL3(2, open, const char __user *, path, int, flags, unsigned, mode)
{
	return do_open(AT_FDCWD, path, flags & OPEN_FLAGS, mode, 0);
}

/* From before open(2) could create. */
SYSCALL2(85, creat, const char __user *, path, unsigned, mode)
{
	return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, 0);
}

SYSCALL4(257, openat, int, dirfd, const char __user *, path, int, flags, unsigned, mode)
{
	return do_open(dirfd, path, flags & OPEN_FLAGS, mode, 0);
}

/* The first version of the structure, 24 bytes (openat2(2)). */
struct open_how {
	u64 flags, mode, resolve;
};

#define RESOLVE_NO_XDEV		0x01
#define RESOLVE_NO_MAGICLINKS	0x02
#define RESOLVE_NO_SYMLINKS	0x04
#define RESOLVE_BENEATH		0x08
#define RESOLVE_IN_ROOT		0x10
#define RESOLVE_CACHED		0x20

/* Who follows no link does not follow a magic one either. */
static unsigned resolve_flags(u64 resolve)
{
	unsigned lookup = 0;

	if (resolve & RESOLVE_NO_XDEV)
		lookup |= LOOKUP_NO_XDEV;
	if (resolve & RESOLVE_NO_MAGICLINKS)
		lookup |= LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_NO_SYMLINKS)
		lookup |= LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_BENEATH)
		lookup |= LOOKUP_BENEATH;
	if (resolve & RESOLVE_IN_ROOT)
		lookup |= LOOKUP_IN_ROOT;
	return lookup;
}

/*
 * A bigger structure than we know is fine as long as the rest is zero. That is how Linux extends
 * structures: a new program on an old kernel works as long as it uses nothing new, and else gets
 * E2BIG.
 */
static int copy_open_how(struct open_how *how, const void __user *user, size_t size)
{
	const u8 __user *rest = (const u8 __user *)user + sizeof(*how);

	if (size < sizeof(*how))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (copy_from_user(how, user, sizeof(*how)))
		return -EFAULT;
	for (size_t n = size - sizeof(*how); n > 0; n--) {
		u8 byte;

		if (get_user(byte, rest++))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}

static int check_open_how(const struct open_how *how)
{
	if (how->flags & ~(u64)OPEN_FLAGS)
		return -EINVAL;
	if (how->resolve & ~(u64)(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |
				  RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED))
		return -EINVAL;
	if ((how->resolve & RESOLVE_BENEATH) && (how->resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (how->mode & ~(u64)S_IALLUGO)
		return -EINVAL;
	if (how->mode && !(how->flags & (O_CREAT | O_TMPFILE_)))
		return -EINVAL;
	if ((how->flags & O_PATH) && (how->flags & ~(u64)PATH_FLAGS))
		return -EINVAL;
	if (how->resolve & RESOLVE_CACHED)
		return -EAGAIN;		/* always allowed: the caller tries again without */
	return 0;
}

/*
 * Programs that unpack or serve files for others use it, so that a path from outside cannot lead
 * out of their directory, whatever links it contains.
 */
SYSCALL4(437, openat2, int, dirfd, const char __user *, path, const struct open_how __user *, user,
	 size_t, size)
{
	struct open_how how;
	int error = copy_open_how(&how, user, size);

	if (!error)
		error = check_open_how(&how);
	if (error)
		return error;
	return do_open(dirfd, path, how.flags, how.mode, resolve_flags(how.resolve));
}
