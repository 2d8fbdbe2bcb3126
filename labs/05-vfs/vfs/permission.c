/*
 * Who may do what to a file: the mode bits, the capabilities that override them, and the sticky
 * bit (path_resolution(7), capabilities(7), inode(7)).
 *
 * Three rules that one would not guess. Exactly one of the three groups of bits counts: an owner
 * without permission is refused even if everybody else has it. Capabilities are asked for only
 * when the bits refuse, so that a program which needs none uses none. And the superuser, too, may
 * execute only what somebody may: root would otherwise run every text file.
 */
#include "common/errno.h"
#include "05-vfs/vfs/internal.h"

int inode_permission_generic(struct inode *i, int mask)
{
	u32 mode = i->mode;

	if (current_cred()->fsuid == i->uid)
		mode >>= 6;
	/* The search among the groups is saved where its result makes no difference. */
	else if ((mode & 070) >> 3 != (mode & 07) && in_group(i->gid))
		mode >>= 3;
	if (!(mask & ~mode & 7))
		return 0;
	if (S_ISDIR(i->mode)) {
		if (!(mask & MAY_WRITE) && capable(CAP_DAC_READ_SEARCH))
			return 0;
		return capable(CAP_DAC_OVERRIDE) ? 0 : -EACCES;
	}
	if (mask == MAY_READ && capable(CAP_DAC_READ_SEARCH))
		return 0;
	/* Nobody executes what has no execute bit at all. */
	if ((!(mask & MAY_EXEC) || (i->mode & (S_IXUSR | S_IXGRP | S_IXOTH))) &&
	    capable(CAP_DAC_OVERRIDE))
		return 0;
	return -EACCES;
}

/* A device or a FIFO on a read-only file system may be written to: that changes nothing there. */
int inode_permission(struct inode *i, int mask)
{
	if ((mask & MAY_WRITE) && (i->super->flags & MS_RDONLY) &&
	    (S_ISREG(i->mode) || S_ISDIR(i->mode) || S_ISLNK(i->mode)))
		return -EROFS;
	if (i->ops->permission)
		return i->ops->permission(i, mask);
	return inode_permission_generic(i, mask);
}

/*
 * The sticky bit is what lets everybody use /tmp: only the owner of the file or of the directory
 * removes a name. To delete is a matter of the directory; the file's own bits are not looked at.
 */
int inode_may_delete(struct inode *dir, struct inode *victim, bool isdir)
{
	uid_t me = current_cred()->fsuid;
	int error = inode_permission(dir, MAY_WRITE | MAY_EXEC);

	if (error)
		return error;
	if ((dir->mode & S_ISVTX) && victim->uid != me && dir->uid != me && !capable(CAP_FOWNER))
		return -EPERM;
	if (isdir && !S_ISDIR(victim->mode))
		return -ENOTDIR;
	if (!isdir && S_ISDIR(victim->mode))
		return -EISDIR;
	return 0;
}
