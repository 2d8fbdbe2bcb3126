/*
 * tmpfs: mounting, and the life of inodes (tmpfs.h).
 *
 * An inode goes with its last reference. The reference of a name is its entry's, so unmounting is
 * nothing but dropping the root: its entries drop their inodes, and so on down the tree. A tree
 * may be deeper than the kernel's stack, hence the list `drain`.
 */
#include "common/abi/mount.h"
#include "common/abi/statfs.h"
#include "common/errno.h"
#include "common/init.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/printer.h"
#include "05-vfs/tmpfs/tmpfs.h"

static struct kmem_cache *inode_cache;

static struct inode *tmpfs_alloc_inode(struct super *s)
{
	struct tmpfs_inode *t = kmem_cache_alloc(inode_cache, GFP_KERNEL | GFP_ZERO);

	return t ? &t->vfs : NULL;
}

/* Drop the entries of directories freed by unmount: one after another, however deep the tree. */
static void drain(struct tmpfs_super *ts)
{
	ts->draining = true;
	while (!list_empty(&ts->drain)) {
		struct tmpfs_entry *e = list_first_entry(&ts->drain, struct tmpfs_entry, link);

		list_del(&e->link);
		inode_put(e->inode);
		kfree(e);
	}
	ts->draining = false;
}

/*
 * The inode's memory goes, and what hangs on it. A directory has entries only while unmounting:
 * rmdir wants it empty. The outermost call works the list off; calls from within it only add to
 * it.
 */
static void tmpfs_free_inode(struct inode *i)
{
	struct tmpfs_super *ts = tmpfs_s(i->super);
	struct tmpfs_inode *t = tmpfs_i(i);
	struct tmpfs_entry *e;
	u64 cookie = 0;

	while ((e = radix_next(&t->cookies, &cookie))) {	/* only while unmounting */
		radix_remove(&t->cookies, cookie);
		list_add_tail(&e->link, &ts->drain);
	}
	spin_lock(&ts->lock);
	ts->used_pages -= t->charged_pages;
	ts->used_inodes--;
	spin_unlock(&ts->lock);
	tmpfs_free_xattrs(i);
	kfree(i->link);
	kmem_cache_free(inode_cache, t);
	if (!list_empty(&ts->drain) && !ts->draining)
		drain(ts);
}

static int tmpfs_statfs(struct super *s, struct statfs *st)
{
	struct tmpfs_super *ts = tmpfs_s(s);

	spin_lock(&ts->lock);
	st->f_type = TMPFS_MAGIC;
	if (ts->max_pages) {
		st->f_blocks = ts->max_pages;
		st->f_bfree = st->f_bavail = ts->max_pages - MIN(ts->used_pages, ts->max_pages);
	}
	if (ts->max_inodes) {
		st->f_files = ts->max_inodes;
		st->f_ffree = ts->max_inodes - ts->used_inodes;
	}
	spin_unlock(&ts->lock);
	return 0;
}

static void tmpfs_unmount(struct super *s)
{
	kfree(s->private);
}

static const struct super_ops tmpfs_super_ops = {
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.statfs = tmpfs_statfs,
	.remount = tmpfs_remount,
	.unmount = tmpfs_unmount,
	.show_options = tmpfs_show_options,
};

/* nr_inodes: counted from here until tmpfs_free_inode(). */
static bool take_inode(struct tmpfs_super *ts)
{
	bool ok;

	spin_lock(&ts->lock);
	ok = !ts->max_inodes || ts->used_inodes < ts->max_inodes;
	if (ok)
		ts->used_inodes++;
	spin_unlock(&ts->lock);
	return ok;
}

struct inode *tmpfs_new_inode(struct super *s, struct inode *dir, u32 mode, dev_t rdev)
{
	struct tmpfs_super *ts = tmpfs_s(s);
	struct inode *i;

	if (!take_inode(ts))
		return ERR_PTR(-ENOSPC);
	i = inode_new(s);
	if (!i) {
		spin_lock(&ts->lock);
		ts->used_inodes--;
		spin_unlock(&ts->lock);
		return ERR_PTR(-ENOMEM);
	}
	list_init(&tmpfs_i(i)->xattrs);
	tmpfs_i(i)->seals = F_SEAL_SEAL;
	i->ino = inode_next_number();
	inode_init_owner(i, dir, mode);
	i->rdev = rdev;
	i->ops = S_ISDIR(mode) ? &tmpfs_dir_ops : &tmpfs_file_ops;
	i->pages.ops = &tmpfs_page_ops;
	if (S_ISREG(mode))
		i->file_ops = &generic_file_ops;
	if (S_ISDIR(mode)) {
		i->file_ops = &tmpfs_dir_file_ops;
		i->nlink = 2;
		tmpfs_i(i)->next_cookie = 2;	/* 0 and 1 are "." and ".." */
		tmpfs_i(i)->parent_ino = dir ? dir->ino : i->ino;
	}
	return i;
}

/*
 * Also devtmpfs's: the options as tmpfs(5) has them, or the defaults. The root belongs to who
 * mounts.
 */
int tmpfs_mount(struct super *s, const char *source, unsigned long flags, const char *data)
{
	struct tmpfs_super *ts = kzalloc(sizeof(*ts), GFP_KERNEL);
	int error;

	if (!ts)
		return -ENOMEM;
	spin_init(&ts->lock, "tmpfs", RANK_LEAF);
	list_init(&ts->drain);
	ts->max_pages = ts->max_inodes = frame_count / 2;
	ts->root_mode = 01777;
	ts->uid = current_cred()->fsuid;
	ts->gid = current_cred()->fsgid;
	error = tmpfs_parse_options(ts, data);
	if (error)
		goto fail;
	s->ops = &tmpfs_super_ops;
	s->private = ts;
	s->root = tmpfs_new_inode(s, NULL, S_IFDIR | ts->root_mode, 0);
	error = PTR_ERR(s->root);
	if (IS_ERR(s->root))
		goto fail;
	s->root->uid = ts->uid;
	s->root->gid = ts->gid;
	return 0;
fail:
	kfree(ts);
	return error;
}

FS_TYPE(tmpfs, .name = "tmpfs", .mount = tmpfs_mount);

static void tmpfs_init(void)
{
	inode_cache = kmem_cache_create("tmpfs_inode", sizeof(struct tmpfs_inode), 0, NULL);
}
INITCALL(39, tmpfs_init);
