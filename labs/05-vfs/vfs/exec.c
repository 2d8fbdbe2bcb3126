/*
 * Programs from the file system: the hooks of 04's execve (exec.h).
 */
#include "common/errno.h"
#include "04-elf/exec.h"
#include "05-vfs/vfs/internal.h"

/*
 * No read permission is needed, and none is given: the file never gets a descriptor. Errors are
 * execve(2)'s: what is no regular file is EACCES, as is everything on a mount with noexec.
 */
struct file *open_exec(int dirfd, const char *name, int flags)
{
	unsigned lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct inode *i;
	struct path p;
	struct file *f;
	int error;

	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	error = path_lookup(dirfd, name, lookup, &p);
	if (error == -ENOTDIR && !name[0])	/* a descriptor of what is in no file system */
		error = -EACCES;
	if (error)
		return ERR_PTR(error);
	i = p.dentry->inode;
	if (S_ISLNK(i->mode))
		error = -ELOOP;
	else if (!S_ISREG(i->mode) || (p.mount->flags & MS_NOEXEC))
		error = -EACCES;
	else
		error = inode_permission(i, MAY_EXEC);
	f = error ? ERR_PTR(error) : file_open_checked(&p, O_RDONLY | O_LARGEFILE);
	path_put(&p);
	if (IS_ERR(f))
		return f;
	error = inode_deny_write(i);
	if (error) {
		file_put(f);
		return ERR_PTR(error);
	}
	/* Given back by release_path(), with the last mapping of the text. */
	atomic_fetch_or(&f->flags, FILE_DENY_WRITE);
	return f;
}

/*
 * The set-id bits of the program, where they count. Not on a mount with nosuid, which somebody may
 * have filled at home, and not under no_new_privs (prctl(2)), by which a process gives up what
 * exec could add.
 */
static u32 set_id_bits(const struct exec *x)
{
	const struct file *f = x->file;

	if (!f->dentry || (f->mount->flags & MS_NOSUID) || current_cred()->no_new_privs)
		return 0;
	return f->inode->mode & (S_ISUID | S_ISGID);
}

/*
 * 04 does what exec does to all credentials; here is what only the program's inode can say.
 * S_ISGID without group-execute does not mean a program (inode(7)).
 */
int exec_file_cred(struct exec *x)
{
	const struct cred *old = current_cred();
	u32 bits = set_id_bits(x);
	struct cred *c = x->cred;

	if (!c && !bits)
		return 0;
	if (!c)
		c = cred_dup(old, old->group_count);
	if (!c)
		return -ENOMEM;
	c->euid = bits & S_ISUID ? x->file->inode->uid : old->euid;
	c->egid = (bits & S_ISGID) && (x->file->inode->mode & S_IXGRP) ? x->file->inode->gid
									  : old->egid;
	x->cred = c;
	return 0;
}
