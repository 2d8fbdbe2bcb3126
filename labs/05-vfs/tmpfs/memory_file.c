/*
 * Files in memory that are in no directory: what memfd_create(2) and shared memory segments are.
 * They live in a tmpfs of the kernel's own that is mounted nowhere, and that has no limit, since
 * nobody could raise it.
 */
#include "common/errno.h"
#include "common/init.h"
#include "common/panic.h"
#include "05-vfs/tmpfs/memory_file.h"
#include "05-vfs/tmpfs/tmpfs.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

static struct mount *kernel_mount;

static void memory_files_init(void)
{
	struct super *s;

	mutex_lock(&mount_lock);
	s = super_mount_device(fs_type_find("tmpfs"), NULL, "tmpfs", 0, "size=0,nr_inodes=0");
	mutex_unlock(&mount_lock);
	kernel_mount = IS_ERR(s) ? NULL : mount_new(s, s->root_dentry, 0, "tmpfs");
	if (!kernel_mount)
		panic("no memory for the kernel's tmpfs");
}
INITCALL(45, memory_files_init);

/* Give i (reference consumed) a dentry; *p holds references. */
static int unnamed_path(struct inode *i, const char *name, struct path *p)
{
	struct dentry *d = dentry_unnamed(kernel_mount->root, i, name);

	if (!d) {
		inode_put(i);
		return -ENOMEM;
	}
	mount_get(kernel_mount);
	*p = (struct path){ kernel_mount, d };
	return 0;
}

/* Link count 0 from the start: the last close, or munmap, evicts it. */
struct file *memory_file(const char *name, u32 mode, loff_t size, int flags)
{
	struct inode *i = tmpfs_new_inode(kernel_mount->super, NULL, S_IFREG | mode, 0);
	struct path p;
	struct file *f;
	int error;

	if (IS_ERR(i))
		return (struct file *)i;
	i->nlink = 0;
	i->size = size;
	error = unnamed_path(i, name, &p);
	if (error)
		return ERR_PTR(error);
	f = file_open_checked(&p, flags);
	path_put(&p);
	return f;
}

