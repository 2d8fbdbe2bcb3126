/*
 * Seals of files in memory (memfd_create(2), fcntl(2) F_ADD_SEALS): what may never be done to the
 * contents again, so that who receives such a file can rely on it. Invariant: seals are only ever
 * added, with inode->lock held; who changes contents looks at them with that lock held.
 *
 * A shared mapping is looked at when it is made, before its area is in the object's list. One that
 * comes while F_SEAL_WRITE is being set may miss it: so make_dirty() in cache/vm.c looks again.
 */
#include "common/errno.h"
#include "03-syscalls/file.h"
#include "05-vfs/tmpfs/tmpfs.h"

#define ALL_SEALS	\
	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

u32 tmpfs_seals(struct inode *i)
{
	return READ_ONCE(tmpfs_i(i)->seals);
}

int inode_check_write(struct inode *i, loff_t end)
{
	u32 seals = inode_seals(i);

	if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	return seals & F_SEAL_GROW && end > i->size ? -EPERM : 0;
}

int tmpfs_check_size(struct inode *i, loff_t size)
{
	u32 seals = tmpfs_seals(i);

	if ((seals & F_SEAL_SHRINK && size < i->size) || (seals & F_SEAL_GROW && size > i->size))
		return -EPERM;
	return 0;
}

/* Whether some area can write to the file's pages. */
static bool has_writers(struct inode *i)
{
	struct vm_object *o = &i->pages.object;
	struct vm_area *a;
	bool found = false;

	down_read(&o->lock);
	list_for_each_entry(a, &o->areas, object_link)
		if ((a->flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
			found = true;
	up_read(&o->lock);
	return found;
}

/* inode->lock held for writing. */
static int add_seals(struct inode *i, u32 seals)
{
	struct tmpfs_inode *t = tmpfs_i(i);
	u32 old = t->seals;

	if (old & F_SEAL_SEAL)
		return -EPERM;
	WRITE_ONCE(t->seals, old | seals);
	if (seals & ~old & F_SEAL_WRITE && has_writers(i)) {
		WRITE_ONCE(t->seals, old);
		return -EBUSY;
	}
	return 0;
}

static bool can_have_seals(const struct file *f)
{
	return f->inode && f->inode->ops == &tmpfs_file_ops && S_ISREG(f->inode->mode);
}

static long fcntl_add_seals(struct file *f, int cmd, u64 arg)
{
	int error;

	if (!FILE_WRITABLE(f))
		return -EPERM;
	if (!can_have_seals(f) || arg & ~(u64)ALL_SEALS)
		return -EINVAL;
	down_write(&f->inode->lock);
	error = add_seals(f->inode, arg);
	up_write(&f->inode->lock);
	return error;
}
FCNTL_COMMAND(add_seals, F_ADD_SEALS, fcntl_add_seals);

static long fcntl_get_seals(struct file *f, int cmd, u64 arg)
{
	return can_have_seals(f) ? (long)tmpfs_seals(f->inode) : -EINVAL;
}
FCNTL_COMMAND(get_seals, F_GET_SEALS, fcntl_get_seals);

void tmpfs_allow_seals(struct inode *i)
{
	WRITE_ONCE(tmpfs_i(i)->seals, 0);
}
