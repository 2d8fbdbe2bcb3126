/*
 * devtmpfs: a tmpfs, the same one at every mount, in which the kernel makes a node for each device
 * it has. It exists from boot, whether it is mounted or not, so that init finds its devices without
 * help by a program (udev, which Debian has, only adds links and permissions).
 *
 * The kernel works on it like a process would: through the dentry cache and with directories
 * locked, but from a mount that is in no tree, so that neither chroot nor mounts over it get in
 * the way, and without asking for permissions. Users may remove nodes and make others; the kernel
 * does not mind.
 */
#include "common/errno.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "05-vfs/devfs/devtmpfs.h"
#include "05-vfs/tmpfs/tmpfs.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

static struct mount *devtmpfs;		/* in no tree: what the kernel works on */

/* No limit on size: it holds nodes, and only root can write to it. */
static int devtmpfs_mount(struct super *s, const char *source, unsigned long flags,
			  const char *data)
{
	int error = tmpfs_mount(s, source, flags, "mode=0755,size=0,nr_inodes=0");

	return error ? error : 0;
}
FS_TYPE(devtmpfs, .name = "devtmpfs", .single = true, .mount = devtmpfs_mount);

/*
 * The locked directory of name, and its dentry there (negative if there is no such name): 0, then
 * entry_put(), or errno.
 */
static int find_entry(struct entry *e, const char *name)
{
	struct path base = { devtmpfs, devtmpfs->root };
	int error =
		path_lookup_parent_from(&base, AT_FDCWD, name, 0, &e->dir, &e->last, &e->trailing);

	e->victim = NULL;
	if (error)
		return error;
	down_write(&e->dir.dentry->inode->lock);
	e->d = dentry_lookup(e->dir.dentry, e->last.s, e->last.len, true);
	if (!IS_ERR(e->d))
		return 0;
	up_write(&e->dir.dentry->inode->lock);
	path_put(&e->dir);
	return PTR_ERR(e->d);
}

static int make(const char *name, u32 mode, dev_t dev)
{
	struct entry e;
	int error = find_entry(&e, name);

	if (error)
		return error;
	error = e.d->inode ? -EEXIST : create_in(&e.dir, e.d, mode, dev);
	entry_put(&e);
	return error;
}

/* Make the directories that name lies in. */
static int make_directories(const char *name)
{
	char dir[NAME_MAX + 1];
	const char *slash = name;
	int error;

	while ((slash = strchr(slash, '/'))) {
		if (slash - name > NAME_MAX)
			return -ENAMETOOLONG;
		strlcpy(dir, name, slash - name + 1);
		error = make(dir, S_IFDIR | 0755, 0);
		if (error && error != -EEXIST)
			return error;
		slash++;
	}
	return 0;
}

int devtmpfs_node(const char *name, u32 mode, dev_t dev)
{
	int error = make_directories(name);

	return error ? error : make(name, mode, dev);
}

int devtmpfs_link(const char *name, const char *target)
{
	struct inode *dir, *made;
	struct entry e;
	int error = find_entry(&e, name);

	if (error)
		return error;
	dir = e.dir.dentry->inode;
	made = e.d->inode ? ERR_PTR(-EEXIST) : dir->ops->symlink(dir, e.last.s, e.last.len, target);
	error = IS_ERR(made) ? PTR_ERR(made) : 0;
	if (!error)
		dentry_instantiate(e.d, made);
	entry_put(&e);
	return error;
}

/* A node that is open keeps working: the inode stays, and its number is what was opened by. */
void devtmpfs_remove(const char *name)
{
	struct inode *victim;
	struct entry e;

	if (find_entry(&e, name))
		return;
	victim = e.d->inode;
	if (victim && !S_ISDIR(victim->mode)) {
		struct inode *dir = e.dir.dentry->inode;

		e.victim = victim;
		inode_get(victim);
		down_write(&victim->lock);
		dir->ops->unlink(dir, e.last.s, e.last.len, victim);
		up_write(&victim->lock);
		dentry_deleted(e.d);
	}
	entry_put(&e);
}

/* One node, or one per minor number. A device without a name has none. */
static void make_device_nodes(const struct char_device *c)
{
	char name[64];

	for (unsigned n = 0; c->name && n < c->count; n++) {
		if (!strchr(c->name, '%'))
			strlcpy(name, c->name, sizeof(name));
		else
			device_node_name(name, sizeof(name), c->name, n);
		(void)devtmpfs_node(name, S_IFCHR | c->mode, MKDEV(c->major, c->first_minor + n));
	}
}

/*
 * "tty%d" with its number. Not by snprintf(format): the compiler could not check the arguments of a
 * format it does not see. It is the kernel's own and has no other directive.
 */
void device_node_name(char *buf, size_t size, const char *format, unsigned n)
{
	const char *percent = strchr(format, '%');

	snprintf(buf, size, "%.*s%u%s", (int)(percent - format), format, n, percent + 2);
}

/*
 * After the drivers' tables are linked in and before disks are found (INITCALL 60), which add
 * nodes.
 */
static void devtmpfs_init(void)
{
	const struct fs_type *t = fs_type_find("devtmpfs");
	const struct char_device *c;
	struct super *s;

	mutex_lock(&mount_lock);
	s = super_mount_device(t, NULL, "devtmpfs", 0, NULL);
	mutex_unlock(&mount_lock);
	if (IS_ERR(s))
		panic("cannot make devtmpfs: error %ld", PTR_ERR(s));
	devtmpfs = mount_new(s, s->root_dentry, 0, "devtmpfs");
	if (!devtmpfs)
		panic("no memory for devtmpfs");
	linkset_for_each(char_devices, const struct char_device, c)
		make_device_nodes(c);
	(void)devtmpfs_link("fd", "/proc/self/fd");
	(void)devtmpfs_link("stdin", "/proc/self/fd/0");
	(void)devtmpfs_link("stdout", "/proc/self/fd/1");
	(void)devtmpfs_link("stderr", "/proc/self/fd/2");
}
INITCALL(45, devtmpfs_init);
