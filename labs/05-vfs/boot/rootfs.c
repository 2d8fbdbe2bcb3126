/*
 * The first root: an empty tmpfs at the top of the tree of mounts. The initial ramdisk is unpacked
 * into it; without one the real root is mounted over it. It is never unmounted: so the tree always
 * has a top, and no walk has to ask whether there is one.
 */
#include "common/init.h"
#include "common/panic.h"
#include "05-vfs/vfs/fs.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

static void rootfs_init(void)
{
	const struct fs_type *t = fs_type_find("tmpfs");
	struct super *s;
	struct mount *m;

	mutex_lock(&mount_lock);
	s = super_mount_device(t, NULL, "rootfs", 0, "mode=755,size=0,nr_inodes=0");
	mutex_unlock(&mount_lock);
	if (IS_ERR(s))
		panic("cannot make the first root file system: error %ld", PTR_ERR(s));
	m = mount_new(s, s->root_dentry, 0, "rootfs");
	if (!m)
		panic("no memory for the first mount");
	mount_set_tree_root(m);
	init_fs.root = init_fs.cwd = (struct path){ m, m->root };
	path_get(&init_fs.root);
	path_get(&init_fs.cwd);
}
INITCALL(44, rootfs_init);

static void caches_init(void)
{
	dcache_init();
	icache_init();
}
INITCALL(38, caches_init);
