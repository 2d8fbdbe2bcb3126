/*
 * Names: the operations on directories that the VFS calls, with dir->lock held and permissions
 * checked.
 *
 * In memory an inode's link count is never smaller than the number of its names: it is raised
 * before a name is added and lowered after one is removed, and a rename adds the new name before
 * it takes the old one. So whatever fails half-way (a full disk, a read error) leaves a count that
 * is too high, which costs space, and never a name that leads to a freed inode. The disk follows
 * in any order (ext2.h): after a crash it is e2fsck that counts the names and corrects the links.
 *
 * A directory has two links and one for each subdirectory, whose ".." is a name of it; its own "."
 * is the second. EXT2_LINK_MAX therefore bounds subdirectories too (EMLINK, as mkdir(2) and
 * rename(2) say).
 */
#include "05-vfs/ext2/ext2.h"
#include "common/abi/mount.h"
#include "common/errno.h"
#include "common/string.h"

#define RENAME_EXCHANGE	2	/* renameat2(2) */

/*
 * With the options sync or dirsync (mount(8)) a change of a directory is on its way to the disk,
 * and acknowledged, before the call returns.
 */
static int sync_if_asked(struct inode *dir)
{
	if (dir->super->flags & (MS_SYNCHRONOUS | MS_DIRSYNC))
		return inode_sync(dir, true);
	return 0;
}

/*
 * The name of a deleted inode is damage, not absence: -EIO, so that nobody takes the name for
 * free.
 */
static struct inode *ext2_lookup(struct inode *dir, const char *name, size_t len)
{
	struct inode *i;
	u32 ino;
	int err = ext2_dir_find(dir, name, len, &ino);

	if (err == -ENOENT)
		return NULL;
	if (err)
		return ERR_PTR(err);
	/*
	 * A directory below itself would be locked twice by rmdir and rename, which take the
	 * parent's lock and then the child's. The root stands in no directory.
	 */
	if (ino == dir->ino || ino == EXT2_ROOT_INO)
		return ERR_PTR(ext2_error(EXT2_FS(dir->super), "directory %llu contains directory %u",
					  (unsigned long long)dir->ino, ino));
	i = ext2_iget(dir->super, ino);
	if (IS_ERR(i) && PTR_ERR(i) == -ESTALE) {
		ext2_error(EXT2_FS(dir->super), "directory %llu names inode %u, which is deleted",
			   (unsigned long long)dir->ino, ino);
		return ERR_PTR(-EIO);
	}
	return i;
}

static void set_link_count(struct inode *i, u32 n)
{
	i->nlink = n;
	inode_touch(i, ATTR_CTIME);
}

/*
 * A name is gone; without the last one the inode becomes an orphan until it is evicted, which is
 * when its last user has closed it. The name must be gone from the directory before.
 */
static void drop_link(struct inode *i)
{
	if (i->nlink == 0) {
		ext2_error(EXT2_FS(i->super), "inode %llu: link count is too low",
			   (unsigned long long)i->ino);
		return;
	}
	set_link_count(i, i->nlink - 1);
	if (i->nlink == 0)
		ext2_orphan_add(i);
}

/*
 * Making a new inode failed after all: unlock it and let it be evicted, which gives back its blocks
 * and its number. (It is in the hash already: somebody may be waiting for it.)
 */
static struct inode *give_up(struct inode *i, int err)
{
	i->nlink = 0;
	inode_unlock_new(i);
	inode_put(i);
	return ERR_PTR(err);
}

/*
 * Name a finished new inode; consumes nothing, returns it or an error. Unlocked only after it has a
 * name and everything in it is set: from then on others may find it by its number.
 */
static struct inode *add_new(struct inode *dir, const char *name, size_t len, struct inode *i)
{
	int err = ext2_dir_add(dir, name, len, i);

	if (err)
		return give_up(i, err);
	inode_unlock_new(i);
	err = sync_if_asked(dir);
	if (err) {
		inode_put(i);
		return ERR_PTR(err);
	}
	return i;
}

static struct inode *ext2_create(struct inode *dir, const char *name, size_t len, u32 mode,
				 dev_t rdev)
{
	struct inode *i = ext2_new_inode(dir, mode);

	if (IS_ERR(i))
		return i;
	if (S_ISCHR(mode) || S_ISBLK(mode)) {
		bool old = MAJOR(rdev) < 256 && MINOR(rdev) < 256;

		i->rdev = rdev;
		EXT2_I(i)->data[old ? 0 : 1] = old ? MAJOR(rdev) << 8 | MINOR(rdev) : rdev;
	}
	return add_new(dir, name, len, i);
}

/*
 * O_TMPFILE: an orphan from its birth. Its link count goes to 0 before it is unlocked, so that the
 * last close frees it.
 */
static struct inode *ext2_tmpfile(struct inode *dir, u32 mode)
{
	struct inode *i = ext2_new_inode(dir, mode);

	if (IS_ERR(i))
		return i;
	i->nlink = 0;
	ext2_orphan_add(i);
	inode_unlock_new(i);
	return i;
}

/* The text is the contents of the file, in one block, through the page cache. Nobody else has i. */
static int write_long_link(struct inode *i, const char *target, size_t len)
{
	struct frame *p = page_write_begin(&i->pages, 0, 0, len);

	if (IS_ERR(p))
		return PTR_ERR(p);
	memcpy(frame_to_virt(p), target, len);
	page_write_end(&i->pages, p, 0, len, len);
	return 0;
}

static struct inode *ext2_symlink(struct inode *dir, const char *name, size_t len,
				  const char *target)
{
	struct ext2_fs *fs = EXT2_FS(dir->super);
	size_t n = strlen(target);
	struct inode *i;
	int err = 0;

	if (n >= fs->block_size)
		return ERR_PTR(-ENAMETOOLONG);
	i = ext2_new_inode(dir, S_IFLNK | 0777);
	if (IS_ERR(i))
		return i;
	i->link = NULL;
	if (n < sizeof(EXT2_I(i)->data)) {
		memcpy(EXT2_I(i)->data, target, n + 1);
		i->link = (const char *)EXT2_I(i)->data;
		i->size = n;
	} else {
		err = write_long_link(i, target, n);
	}
	if (err)
		return give_up(i, err);
	return add_new(dir, name, len, i);
}

/*
 * The parent's count is raised first (see above); on an error it is lowered again.
 * The new directory has both its links before it gets its name.
 */
static struct inode *ext2_mkdir(struct inode *dir, const char *name, size_t len, u32 mode)
{
	struct inode *i;
	int err;

	if (dir->nlink >= EXT2_LINK_MAX)
		return ERR_PTR(-EMLINK);
	i = ext2_new_inode(dir, S_IFDIR | mode);
	if (IS_ERR(i))
		return i;
	set_link_count(dir, dir->nlink + 1);
	i->nlink = 2;
	err = ext2_dir_make_empty(i, dir);
	i = err ? give_up(i, err) : add_new(dir, name, len, i);
	if (IS_ERR(i))
		set_link_count(dir, dir->nlink - 1);
	return i;
}

/* target->lock is held by the VFS, which has looked that the file was not deleted meanwhile. */
static int ext2_link(struct inode *dir, const char *name, size_t len, struct inode *target)
{
	int err;

	if (target->nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	set_link_count(target, target->nlink + 1);
	err = ext2_dir_add(dir, name, len, target);
	if (err) {
		set_link_count(target, target->nlink - 1);
		return err;
	}
	ext2_orphan_remove(target);	/* it may have been an unnamed file */
	return sync_if_asked(dir);
}

static int ext2_unlink(struct inode *dir, const char *name, size_t len, struct inode *target)
{
	int err = ext2_dir_remove(dir, name, len);

	if (err)
		return err;
	drop_link(target);
	return sync_if_asked(dir);
}

/*
 * A directory that has lost its name: its own "." and its ".." go with it. Its blocks stay until
 * nobody has it open or as working directory. The test for 2 is for damaged disks: a count of 0
 * would have the parent evicted while it has names.
 */
static void drop_directory(struct inode *parent, struct inode *d)
{
	set_link_count(d, 0);
	ext2_orphan_add(d);
	if (parent->nlink > 2)
		set_link_count(parent, parent->nlink - 1);
}

static int ext2_rmdir(struct inode *dir, const char *name, size_t len, struct inode *target)
{
	int empty = ext2_dir_empty(target), err;

	if (empty <= 0)
		return empty ? empty : -ENOTEMPTY;
	err = ext2_dir_remove(dir, name, len);
	if (err)
		return err;
	drop_directory(dir, target);
	return sync_if_asked(dir);
}

/* ---- rename -------------------------------------------------------------------------------- */

/*
 * Before d moves to another directory: whether it has a ".." that can be changed. Found out
 * afterwards it would be too late, since the caller takes an error to mean that nothing has
 * changed, and keeps the old names in the dentry cache.
 */
static int check_parent(struct inode *d)
{
	u32 ino;
	int err = S_ISDIR(d->mode) ? ext2_dir_find(d, "..", 2, &ino) : 0;

	if (err == -ENOENT)
		return ext2_error(EXT2_FS(d->super), "directory %llu has no \"..\"",
				  (unsigned long long)d->ino);
	return err;
}

/* d has moved from one directory to another: its ".." and both link counts. */
static int change_parent(struct inode *d, struct inode *from, struct inode *to)
{
	int err;

	if (!S_ISDIR(d->mode) || from == to)
		return 0;
	err = ext2_dir_replace(d, "..", 2, to);
	if (err)
		return err;
	set_link_count(to, to->nlink + 1);
	if (from->nlink > 2)
		set_link_count(from, from->nlink - 1);
	return 0;
}

/*
 * renameat2(2), RENAME_EXCHANGE: both names exist all the time, and each leads to one of the two.
 */
static int exchange(struct inode *old_dir, const char *old_name, size_t old_len, struct inode *a,
		    struct inode *new_dir, const char *new_name, size_t new_len, struct inode *b)
{
	int err;

	if (old_dir != new_dir && S_ISDIR(a->mode) != S_ISDIR(b->mode) &&
	    (S_ISDIR(a->mode) ? new_dir : old_dir)->nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	err = ext2_dir_replace(old_dir, old_name, old_len, b);
	if (!err)
		err = ext2_dir_replace(new_dir, new_name, new_len, a);
	if (!err)
		err = change_parent(a, old_dir, new_dir);
	if (!err)
		err = change_parent(b, new_dir, old_dir);
	inode_touch(a, ATTR_CTIME);
	inode_touch(b, ATTR_CTIME);
	return err;
}

/*
 * Give `inode` the new name, in place of target if there is one. The VFS has checked that both are
 * directories or neither is; only we know whether the target is empty.
 */
static int take_name(struct inode *inode, struct inode *dir, const char *name, size_t len,
		     struct inode *target)
{
	int err;

	if (!target)
		return ext2_dir_add(dir, name, len, inode);
	if (S_ISDIR(target->mode)) {
		int empty = ext2_dir_empty(target);

		if (empty <= 0)
			return empty ? empty : -ENOTEMPTY;
	}
	err = ext2_dir_replace(dir, name, len, inode);
	if (err)
		return err;
	if (S_ISDIR(target->mode))
		drop_directory(dir, target);
	else
		drop_link(target);
	return 0;
}

static int ext2_rename(struct inode *old_dir, const char *old_name, size_t old_len,
		       struct inode *inode, struct inode *new_dir, const char *new_name,
		       size_t new_len, struct inode *target, unsigned flags)
{
	int err = 0;

	if (old_dir != new_dir)
		err = check_parent(inode);
	if (!err && flags & RENAME_EXCHANGE && old_dir != new_dir)
		err = check_parent(target);
	if (err)
		return err;
	if (flags & RENAME_EXCHANGE)
		return exchange(old_dir, old_name, old_len, inode, new_dir, new_name, new_len,
				target);
	if (S_ISDIR(inode->mode) && old_dir != new_dir && !target &&
	    new_dir->nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	err = take_name(inode, new_dir, new_name, new_len, target);
	if (!err)
		err = ext2_dir_remove(old_dir, old_name, old_len);
	if (!err)
		err = change_parent(inode, old_dir, new_dir);
	if (err)
		return err;
	inode_touch(inode, ATTR_CTIME);
	err = sync_if_asked(new_dir);
	return err ? err : sync_if_asked(old_dir);
}

/* ---- symbolic links ------------------------------------------------------------------------ */

/* A text with a zero byte in it, which only a damaged disk has, ends there. */
static ssize_t ext2_readlink(struct inode *i, char *buf, size_t size)
{
	size_t n = MIN((size_t)i->size, size);
	struct frame *p;

	if (i->link) {
		n = MIN(strlen(i->link), size);
		memcpy(buf, i->link, n);
		return n;
	}
	p = page_read(&i->pages, 0, 0);
	if (IS_ERR(p))
		return PTR_ERR(p);
	memcpy(buf, frame_to_virt(p), n);
	page_put(p);
	return strnlen(buf, n);
}

#define COMMON_OPS								\
	.setattr = ext2_setattr, .getxattr = ext2_getxattr, .setxattr = ext2_setxattr,	\
	.listxattr = ext2_listxattr, .removexattr = ext2_removexattr

const struct inode_ops ext2_dir_inode_ops = {
	.lookup = ext2_lookup,
	.create = ext2_create,
	.mkdir = ext2_mkdir,
	.symlink = ext2_symlink,
	.link = ext2_link,
	.unlink = ext2_unlink,
	.rmdir = ext2_rmdir,
	.rename = ext2_rename,
	.tmpfile = ext2_tmpfile,
	COMMON_OPS,
};

const struct inode_ops ext2_file_inode_ops = { COMMON_OPS };
const struct inode_ops ext2_special_inode_ops = { COMMON_OPS };
const struct inode_ops ext2_link_inode_ops = { .readlink = ext2_readlink, COMMON_OPS };
