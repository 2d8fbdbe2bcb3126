/*
 * tmpfs: files and directories that live in memory alone (tmpfs(5)). Also what the initial root
 * ("rootfs") and devtmpfs are made of, and memfd_create(2) and shared memory in later labs.
 *
 * A directory is a red-black tree of entries by name, and for getdents a radix tree of the same
 * entries by a cookie that grows with each new entry: so a reader's place survives insertions and
 * deletions. Both are protected by the directory's inode->lock. An entry holds a reference to its
 * inode: that is what keeps a file without users alive; on a disk its blocks would. Contents are
 * pages of a page cache that has no disk behind it: they are never reclaimed (there is no swap),
 * so the limit of the mount is what keeps tmpfs from eating all memory; it is half of it by
 * default, as on Linux.
 *
 * Inodes stand in no hash: nobody looks for them by number.
 */
#pragma once

#include "common/radix.h"
#include "common/rbtree.h"
#include "05-vfs/inode.h"

/* max 0: no limit. What the kernel itself mounts has none. */
struct tmpfs_super {
	struct spinlock lock;		/* RANK_LEAF; protects: */
	u64 max_pages, used_pages;	/* max 0: no limit */
	u64 max_inodes, used_inodes;
	struct list_head drain;		/* entries of directories that unmount has freed */
	bool draining;
	u32 root_mode;			/* options */
	uid_t uid;
	gid_t gid;
};

struct tmpfs_inode {
	struct inode vfs;
	/* super's lock */
	u64 charged_pages;		/* counted in the super's used_pages */
	/* the rest: inode->lock */
	struct rb_root names;		/* directories */
	struct radix_tree cookies;
	u64 next_cookie, parent_ino;
	struct list_head xattrs;	/* inode->lock */
	u32 seals;			/* F_SEAL_; inode->lock; read by READ_ONCE */
};

/* In one allocation with its name, which is terminated too. */
struct tmpfs_entry {
	struct rb_node node;
	struct list_head link;		/* drain */
	u64 cookie;
	struct inode *inode;
	u16 len;
	char name[];
};

static inline struct tmpfs_inode *tmpfs_i(struct inode *i)
{
	return container_of(i, struct tmpfs_inode, vfs);
}

static inline struct tmpfs_super *tmpfs_s(struct super *s)
{
	return s->private;
}

/* Set up s as an empty tmpfs with these options (mount(8)): 0, -EINVAL or -ENOMEM. */
int tmpfs_mount(struct super *s, const char *source, unsigned long flags, const char *data);
/* Options into ts: 0 or -EINVAL. */
int tmpfs_parse_options(struct tmpfs_super *ts, const char *data);
void tmpfs_show_options(struct super *s, struct printer *out);
int tmpfs_remount(struct super *s, unsigned long flags, const char *data);

/*
 * A new inode, in no directory, with link count 1 (2 for directories), or ERR_PTR(-ENOSPC,
 * -ENOMEM).
 */
struct inode *tmpfs_new_inode(struct super *s, struct inode *dir, u32 mode, dev_t rdev);

/*
 * Bring the charge up to date with the pages the file has: 0, or -ENOSPC if that is over the limit.
 */
int tmpfs_charge(struct inode *i);
int tmpfs_fallocate(struct inode *i, int mode, loff_t offset, loff_t length);
int tmpfs_setattr(struct inode *i, const struct attr_change *a);

/* Seals (seals.c): which there are; may the size become that (0 or -EPERM); none from here on. */
u32 tmpfs_seals(struct inode *i);
int tmpfs_check_size(struct inode *i, loff_t size);
void tmpfs_allow_seals(struct inode *i);

/* The entry called name, or NULL. dir->lock held. */
struct tmpfs_entry *tmpfs_find(struct inode *dir, const char *name, size_t len);
extern const struct inode_ops tmpfs_dir_ops, tmpfs_file_ops;
extern const struct file_ops tmpfs_dir_file_ops;
extern const struct page_cache_ops tmpfs_page_ops;

ssize_t tmpfs_getxattr(struct inode *i, const char *name, void *buf, size_t size);
int tmpfs_setxattr(struct inode *i, const char *name, const void *value, size_t size, int flags);
ssize_t tmpfs_listxattr(struct inode *i, char *buf, size_t size);
int tmpfs_removexattr(struct inode *i, const char *name);
void tmpfs_free_xattrs(struct inode *i);
