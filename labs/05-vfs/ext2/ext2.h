/*
 * ext2, the kernel's side: what a mounted file system and its inodes keep in memory.
 *
 * Where things are cached. A file's or directory's contents: pages of its own inode's cache. All
 * metadata (superblock, descriptors, bitmaps, inode tables, indirect blocks, attribute blocks):
 * pages of the *device's* cache, by way of struct buffer. An inode's fields: struct inode, copied
 * into its place in the inode table by ext2_write_inode(). So one block of the disk may change its
 * cache in the course of time, from a file's to the device's or back; buffer_forget() and
 * buffer_zero() see to it that no old contents come along.
 *
 * Crashes. ext2 has no journal, and nothing here orders writes: the flusher writes what is oldest.
 * What is on the disk after a power cut may be any mixture of states between the last two syncs,
 * and it takes e2fsck to make one file system of it. What is promised: the disk says that it is
 * not clean as long as it is mounted for writing (super.c); after fsync(2) the file's contents,
 * size and pointers are there (file.c), though for a new file its name only after fsync of the
 * directory too, as fsync(2) says; bitmaps and counts need not be right, since e2fsck computes
 * them from the inodes.
 *
 * Hostile disks. Everything read from the disk is checked before it is used as an index, a length
 * or the address of a block: the superblock and the descriptors when mounting, an inode when it is
 * read, a directory page when it is first used, a block pointer each time it is followed. So a lie
 * costs an error, and damages at most the image that tells it.
 *
 * Locks, outermost first:
 *	inode->lock	by the VFS: contents and size of files and directories
 *	page lock	reserve() is called under it
 *	fs->lock	RANK_FS_ALLOC: bitmaps, group descriptors, superblock, orphan list,
 *			windows, every inode's block pointers. A mutex: metadata is read under it.
 * Block pointers are *read* without fs->lock: a pointer is a word that appears once its block is
 * ready, and that goes only after all pages of the part of the file it maps are gone.
 *
 * Memory is allocated with GFP_NOFS wherever a lock of ours is held: an allocation that reclaims
 * may free an inode, and that takes fs->lock (ext2_free_inode(), ext2_evict()).
 */
#pragma once

#include "05-vfs/block.h"
#include "05-vfs/inode.h"
#include "05-vfs/ext2/ext2_disk.h"

/* A stretch of blocks that one file is likely to get next; others avoid it. Only in memory. */
struct ext2_window {
	struct list_head link;		/* fs->windows */
	u32 start, end;
};

struct ext2_inode {
	struct inode vfs;
	/* block pointers, short link, device number; changed under fs->lock */
	u32 data[EXT2_POINTERS];
	u32 flags, file_acl, generation;
	u16 extra_isize;
	/*
	 * Set by the allocator of inodes, cleared by the first ext2_write_inode(). Until then the
	 * place on the disk shows the number's former owner.
	 */
	bool fresh;			/* its place on the disk holds an older inode: clear it */
	bool indirect_dirty;		/* an indirect block changed since the last fsync */
	struct timespec crtime;
	/* fs->lock: */
	struct ext2_window window;
	u32 window_size;
	u64 last_block;			/* what was allocated last: block of the file, */
	u32 last_place;			/* and where it is; 0: nothing */
	struct list_head orphan_link;	/* fs->orphans */
	/*
	 * Directories: the block where the last entry went, and the next will be tried first; a
	 * removal sets it back. Without it, filling a directory would take time by the square of
	 * its size. vfs.lock
	 */
	u32 add_hint;
	/* fs->lock; what i_dtime holds while the inode is an orphan */
	u32 next_orphan;		/* the number behind it in the list on the disk */
};

static inline struct ext2_inode *EXT2_I(struct inode *i)
{
	return container_of(i, struct ext2_inode, vfs);
}

struct ext2_fs {
	/* Set when mounting, then never changed: no lock. */
	struct super *super;
	struct block_device *dev;
	u32 block_size;
	unsigned block_bits, pointer_bits;	/* log2: bytes, and pointers, of a block */
	u32 inode_size, inodes_per_group, blocks_per_group, groups;
	u32 first_data_block, blocks_count, inodes_count, first_ino;
	u32 super_block;			/* where the superblock is, in blocks */
	u32 overhead;				/* blocks of metadata, for statfs */
	/* entries of directories tell the type of the file (EXT2_INCOMPAT_FILETYPE) */
	bool filetype;
	/* what remounting may change; error_count: atomic */
	int errors;				/* EXT2_ERRORS_ */
	u32 error_count;
	unsigned options;			/* EXT2_OPT_ */

	struct mutex lock;			/* RANK_FS_ALLOC; protects: */
	struct buffer super_buffer;
	struct ext2_super_block *es;		/* in it */
	struct buffer *group_buffers;		/* held while mounted */
	u32 group_buffer_count;
	struct list_head windows;
	struct list_head orphans;		/* newest first, as on the disk */
	u32 next_generation;
	bool was_valid;				/* state when we mounted for writing */
};
#define EXT2_OPT_NO_XATTR	BIT(0)
#define EXT2_OPT_GRPID		BIT(1)

static inline struct ext2_fs *EXT2_FS(struct super *s)
{
	return s->private;
}

/*
 * The disk is not what it should be: says so, marks the file system, acts by errors=. Returns
 * -EUCLEAN.
 */
int ext2_error(struct ext2_fs *fs, const char *fmt, ...) __printf(2, 3);
void ext2_super_dirty(struct ext2_fs *fs);		/* fs->lock held */

/* Group descriptors; fs->lock for changes. */
struct ext2_group *ext2_group(struct ext2_fs *fs, u32 group);
void ext2_group_dirty(struct ext2_fs *fs, u32 group);
static inline u32 ext2_group_start(struct ext2_fs *fs, u32 group)
{
	return fs->first_data_block + group * fs->blocks_per_group;
}
/* How many blocks a group has: the last may be shorter. */
u32 ext2_group_blocks(struct ext2_fs *fs, u32 group);
bool ext2_group_has_super(struct ext2_fs *fs, u32 group);

/* balloc.c; fs->lock held. */
/*
 * Allocate up to `want` consecutive blocks, near goal if that is not 0: 0 with *place and *count,
 * or -ENOSPC, -EIO, -EUCLEAN. ei (may be NULL) has its window respected.
 */
int ext2_alloc_blocks(struct ext2_fs *fs, struct ext2_inode *ei, u32 goal, u32 want, u32 *place,
		      u32 *count);
void ext2_free_blocks(struct ext2_fs *fs, u32 place, u32 count);
void ext2_window_drop(struct ext2_fs *fs, struct ext2_inode *ei);
/*
 * Whether [place, place + count) may belong to a file: not outside, no superblock or group
 * descriptor that we use, no bitmap, no inode table. No lock needed.
 */
bool ext2_data_blocks(struct ext2_fs *fs, u32 place, u32 count);

/* ialloc.c */
/* A new inode of this mode in dir, locked new (INODE_NEW) with nlink 1, or ERR_PTR. */
struct inode *ext2_new_inode(struct inode *dir, u32 mode);
/* Its number goes back (in evict). */
void ext2_free_inode_number(struct inode *i);

/* inode.c */
struct inode *ext2_iget(struct super *s, u32 ino);	/* or ERR_PTR */
int ext2_write_inode(struct inode *i, bool wait);	/* fs->lock not held */
void ext2_evict(struct inode *i);
/* The place of an inode on the disk; *raw points into the buffer, which the caller puts. */
int ext2_inode_buffer(struct ext2_fs *fs, u32 ino, struct buffer *b, struct ext2_disk_inode **raw);
void ext2_set_ops(struct inode *i);
void ext2_set_size_feature(struct ext2_fs *fs);

/* map.c and map_alloc.c */
/*
 * Where block `block` lies: *place (0: a hole) and how many blocks go on from there, at most max.
 * 0, -EIO, -EUCLEAN, -EFBIG.
 */
int ext2_map(struct inode *i, u64 block, u32 max, u64 *place, u32 *count);
/* The same, allocating what is missing of [block, block + count): 0 or errno. Locks fs->lock. */
int ext2_map_alloc(struct inode *i, u64 block, u32 count);

/* truncate.c: free the blocks from byte `size` on. Pages behind it are gone. */
void ext2_free_tail(struct inode *i, u64 size);

/* orphan.c: inodes without links that are still in use. */
void ext2_orphan_add(struct inode *i);
void ext2_orphan_remove(struct inode *i);

/* dir.c. Directories hold inode->lock; numbers are checked. */
/* 0, -ENOENT, errno */
/*
 * Each searches the blocks one after another. remove and replace: -ENOENT if there is no such
 * name. add does not look whether there is one already; -ENOSPC if the directory would have to
 * grow and cannot.
 */
int ext2_dir_find(struct inode *dir, const char *name, size_t len, u32 *ino);
int ext2_dir_add(struct inode *dir, const char *name, size_t len, struct inode *target);
int ext2_dir_remove(struct inode *dir, const char *name, size_t len);
/* Make the entry name mean another inode; ".." too. */
int ext2_dir_replace(struct inode *dir, const char *name, size_t len, struct inode *target);
int ext2_dir_make_empty(struct inode *dir, struct inode *parent);
int ext2_dir_empty(struct inode *dir);		/* 1, 0 or errno */

/* xattr.c */
/* As inode.h's operations: inode->lock is held, for writing where something changes. */
ssize_t ext2_getxattr(struct inode *i, const char *name, void *buf, size_t size);
int ext2_setxattr(struct inode *i, const char *name, const void *value, size_t size, int flags);
ssize_t ext2_listxattr(struct inode *i, char *buf, size_t size);
int ext2_removexattr(struct inode *i, const char *name);
void ext2_xattr_free(struct inode *i);		/* eviction: the block goes; fs->lock not held */

extern const struct page_cache_ops ext2_cache_ops, ext2_dir_cache_ops;
extern const struct inode_ops ext2_dir_inode_ops, ext2_file_inode_ops, ext2_link_inode_ops,
	ext2_special_inode_ops;
extern const struct file_ops ext2_file_ops, ext2_dir_file_ops;
int ext2_setattr(struct inode *i, const struct attr_change *a);
