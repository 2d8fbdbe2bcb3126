/*
 * Unpacking the initial ramdisk: a cpio archive into the root (Linux: Documentation/driver-api/
 * early-userspace/buffer-format.rst). An entry that cannot be made is reported and left out.
 *
 * It is done by ordinary means, as a process would (path walk, create, write), in a thread that
 * has all privileges: so there is no second way to make files. The archive is memory that the boot
 * loader filled; its pages are given to the allocator afterwards, so nothing may point into it any
 * more: link targets and names are copied, the list of hard links is dropped.
 *
 * Lab 04 reads programs out of the same archive without unpacking it (initrd.h).
 */
#include "common/boot_info.h"
#include "common/errno.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "04-elf/initrd.h"
#include "05-vfs/boot/boot.h"
#include "05-vfs/vfs/internal.h"

#define MAX_REPORTS	10	/* errors that are printed */

/* Files with several links: the first name of each, so that the others become links to it. */
struct seen {
	struct list_head link;
	u32 ino, dev_major, dev_minor;
	const char *name;		/* in the archive */
};
static LIST_HEAD(seen);

/* The name under which e's file was made before, or NULL; then e's own name is noted. */
static const char *first_name(const struct cpio_entry *e)
{
	struct seen *s;

	list_for_each_entry(s, &seen, link)
		if (s->ino == e->ino && s->dev_major == e->dev_major &&
		    s->dev_minor == e->dev_minor)
			return s->name;
	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (s) {
		*s = (struct seen){ .ino = e->ino, .dev_major = e->dev_major,
				    .dev_minor = e->dev_minor, .name = e->name };
		list_add(&s->link, &seen);
	}
	return NULL;
}

static void forget_seen(void)
{
	while (!list_empty(&seen)) {
		struct seen *s = list_first_entry(&seen, struct seen, link);

		list_del(&s->link);
		kfree(s);
	}
}

/*
 * Owner, mode and time as in the archive. After the contents again, since writing changes the time
 * and may take set-user-id bits.
 */
static void set_attributes(struct inode *i, const struct cpio_entry *e)
{
	struct attr_change a = {
		.valid = ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME | ATTR_MTIME,
		.mode = e->mode & S_IALLUGO, .uid = e->uid, .gid = e->gid,
		.atime = { e->mtime, 0 }, .mtime = { e->mtime, 0 },
	};

	if (S_ISLNK(i->mode))
		a.valid &= ~ATTR_MODE;
	down_write(&i->lock);
	inode_setattr(i, &a);
	up_write(&i->lock);
}

/* Make what e is at its (new) name. */
static int make_new(const struct cpio_entry *e)
{
	dev_t dev = MKDEV(e->rdev_major, e->rdev_minor);
	struct inode *i = NULL;
	char *target = NULL;
	struct entry at;
	int error;

	if (S_ISLNK(e->mode)) {
		target = kzalloc(e->size + 1, GFP_KERNEL);
		if (!target)
			return -ENOMEM;
		memcpy(target, e->data, e->size);
	}
	error = entry_get_new(&at, AT_FDCWD, e->name, S_ISDIR(e->mode));
	if (!error) {
		struct inode *dir = at.dir.dentry->inode, *made;

		if (target) {
			made = dir->ops->symlink(dir, at.last.s, at.last.len, target);
			error = IS_ERR(made) ? PTR_ERR(made) : 0;
			if (!error)
				dentry_instantiate(at.d, made);
		} else {
			error = create_in(&at.dir, at.d, e->mode, dev);
		}
		if (!error) {
			i = at.d->inode;
			inode_get(i);
		}
		entry_put(&at);
	}
	if (i) {
		set_attributes(i, e);
		inode_put(i);
	}
	kfree(target);
	return error;
}

/*
 * In this format only the last of a file's names carries its contents; they are written by way of
 * that name, whichever.
 */
static int make_link(const char *old, const char *name)
{
	struct entry at;
	struct path p;
	int error = path_lookup(AT_FDCWD, old, 0, &p);

	if (error)
		return error;
	error = entry_get_new(&at, AT_FDCWD, name, false);
	if (!error) {
		struct inode *dir = at.dir.dentry->inode;

		error = dir->ops->link(dir, at.last.s, at.last.len, p.dentry->inode);
		if (!error) {
			inode_get(p.dentry->inode);
			dentry_instantiate(at.d, p.dentry->inode);
		}
		entry_put(&at);
	}
	path_put(&p);
	return error;
}

static int write_contents(const struct cpio_entry *e)
{
	struct file *f = file_open(AT_FDCWD, e->name, O_WRONLY, 0);
	struct iov_iter it;
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(f))
		return PTR_ERR(f);
	iov_iter_kernel(&it, (void *)e->data, e->size);
	n = file_write(f, &it, &pos);
	set_attributes(f->inode, e);
	file_put(f);
	return n < 0 ? n : (u64)n < e->size ? -ENOSPC : 0;
}

/* A directory before what is in it: the archive's order, which cpio(1) and find(1) keep. */
static int unpack(const struct cpio_entry *e)
{
	const char *old = S_ISREG(e->mode) && e->nlink > 1 ? first_name(e) : NULL;
	int error = old ? make_link(old, e->name) : make_new(e);

	if (error == -EEXIST) {		/* a directory twice, or a file in a second archive */
		struct path p;

		error = path_lookup(AT_FDCWD, e->name, 0, &p);
		if (!error) {
			set_attributes(p.dentry->inode, e);
			path_put(&p);
		}
	}
	if (!error && S_ISREG(e->mode) && e->size)
		error = write_contents(e);
	return error;
}

static bool is_root(const char *name)
{
	return !*name || strcmp(name, ".") == 0 || strcmp(name, "/") == 0;
}

/*
 * Damage is found when it is reached: what stood before it has been unpacked, but we do not go on.
 */
void initramfs_unpack(void)
{
	u64 size, offset = 0;
	const void *archive = initrd_archive(&size);
	const char *compression;
	struct cpio_entry e;
	int result, failed = 0;

	if (!archive)
		return;
	compression = cpio_compression(archive, size);
	if (compression)
		panic("The initial ramdisk is compressed with %s, which this kernel cannot unpack: "
		      "give it the archive as cpio wrote it", compression);
	while ((result = cpio_next(archive, size, &offset, &e)) == 1) {
		int error = is_root(e.name) ? 0 : unpack(&e);

		if (error && failed++ < MAX_REPORTS)
			printk("initramfs: %s: error %d\n", e.name, error);
	}
	forget_seen();
	if (failed > MAX_REPORTS)
		printk("initramfs: ... and %d more errors\n", failed - MAX_REPORTS);
	if (result < 0)
		panic("The initial ramdisk is no cpio archive (newc), or damaged at byte %lu",
		      offset);
	frame_free_reserved(boot_info.initrd_start, boot_info.initrd_end);
	boot_info.initrd_start = boot_info.initrd_end = 0;
}
