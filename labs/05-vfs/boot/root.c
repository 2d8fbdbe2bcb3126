/*
 * Mounting the root: root=, rootfstype=, rootflags=, ro, rw, rootwait, rootdelay=
 * (Linux: Documentation/admin-guide/kernel-parameters.txt).
 *
 * The new root is mounted over the first one (rootfs.c) and becomes root and working directory of
 * init, and so of everybody; the first one stays below, unreachable. A machine that cannot mount
 * its root has nothing to run: every way out is a panic, with what one needs to mend the command
 * line.
 */
#include "common/cmdline.h"
#include "common/errno.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "02-usermode/timer.h"
#include "05-vfs/block.h"
#include "05-vfs/boot/boot.h"
#include "05-vfs/vfs/fs.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

CMDLINE_WORD(root, "root");
CMDLINE_WORD(rootfstype, "rootfstype");
CMDLINE_WORD(rootflags, "rootflags");
CMDLINE_WORD(ro, "ro");
CMDLINE_WORD(rw, "rw");
CMDLINE_WORD(rootwait, "rootwait");
CMDLINE_WORD(rootdelay, "rootdelay");

/*
 * Which of ro and rw came last is what counts (both words lie in one command line, so their
 * addresses tell); default ro, so that e2fsck can look at the file system before it is written.
 */
static bool writable(void)
{
	const char *rw = cmdline_get("rw"), *ro = cmdline_get("ro");

	return rw && (!ro || rw > ro);
}

/*
 * Our drivers find all disks before this runs; rootwait and rootdelay are for those that find them
 * later. With rootwait a disk that is not there is waited for for ever, as on Linux.
 */
static struct block_device *find_device(const char *name)
{
	struct block_device *d;

	sleep_until(clock_monotonic() + cmdline_get_u64("rootdelay", 0) * NSEC_PER_SEC,
		    WAIT_UNINTERRUPTIBLE);
	d = block_find_name(name);
	if (!d && cmdline_has("rootwait")) {
		printk("Waiting for root device %s...\n", name);
		while (!d) {
			sleep_until(clock_monotonic() + 100 * NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
			d = block_find_name(name);
		}
	}
	return d;
}

/* Whether the comma-separated list has that word. */
static bool in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (list) {
		if (strncmp(list, word, n) == 0 && (list[n] == ',' || !list[n]))
			return true;
		list = strchr(list, ',');
		if (list)
			list++;
	}
	return false;
}

/* Try one type; read-only if the device does not allow more. */
static struct super *try_type(const struct fs_type *t, struct block_device *d, unsigned long flags)
{
	const char *data = cmdline_get("rootflags");
	struct super *s = super_mount_device(t, d, "/dev/root", flags, data);

	if (s == ERR_PTR(-EACCES) && !(flags & MS_RDONLY))
		s = super_mount_device(t, d, "/dev/root", flags | MS_RDONLY, data);
	return s;
}

/*
 * In the order of the linker set. A type answers -EINVAL if it does not recognise its own file
 * system; any other error is about this disk, and trying further would hide it.
 */
static struct super *try_types(struct block_device *d, unsigned long flags)
{
	const char *types = cmdline_get("rootfstype");
	struct super *s = ERR_PTR(-ENODEV);
	const struct fs_type *t;

	linkset_for_each(fs_types, const struct fs_type, t) {
		if (types ? !in_list(types, t->name) : !t->needs_device)
			continue;
		s = try_type(t, t->needs_device ? d : NULL, flags);
		if (!IS_ERR(s) || PTR_ERR(s) != -EINVAL)
			break;		/* -EINVAL: not of this type */
	}
	return s;
}

static void print_device(struct block_device *d, void *arg)
{
	printk("  %02x%02x  %10lu KiB  %s\n", (unsigned)MAJOR(d->dev), (unsigned)MINOR(d->dev),
	       d->sectors / 2, d->name);
}

static void give_up(const char *what, const char *name)
{
	const struct fs_type *t;

	printk("VFS: %s \"%s\"; please append a correct \"root=\" option.\n"
	       "Here are the available block devices:\n", what, name);
	block_for_each(print_device, NULL);
	printk("and the file systems:");
	linkset_for_each(fs_types, const struct fs_type, t)
		if (t->needs_device)
			printk(" %s", t->name);
	printk("\n");
}

/* The mount's reference passes to the tree, root's and cwd's are their own (fs_set_root()). */
void root_mount(void)
{
	unsigned long flags = writable() ? 0 : MS_RDONLY;
	const char *name = cmdline_get("root");
	struct path top, root;
	struct block_device *d;
	struct super *s;
	struct mount *m;

	if (!name || !*name) {
		give_up("no root device", "");
		panic("VFS: there is no initial ramdisk with an /init, and no root= on the command "
		      "line");
	}
	d = find_device(name);
	if (!d) {
		give_up("cannot open root device", name);
		panic("VFS: Unable to mount root fs on %s: there is no such device", name);
	}
	mutex_lock(&mount_lock);
	s = try_types(d, flags);
	if (IS_ERR(s)) {
		give_up("cannot mount root device", name);
		panic("VFS: Unable to mount root fs on %s: error %ld", name, PTR_ERR(s));
	}
	m = mount_new(s, s->root_dentry, s->flags & MS_RDONLY, "/dev/root");
	if (!m)
		panic("no memory to mount the root");
	mount_tree_root(&top);
	mount_attach(m, &top);
	mutex_unlock(&mount_lock);
	path_put(&top);
	root = (struct path){ m, m->root };
	fs_set_root(&root);
	fs_set_cwd(&root);
	pr_info("VFS: Mounted root (%s filesystem)%s.\n", s->type->name,
		s->flags & MS_RDONLY ? " readonly" : "");
}
