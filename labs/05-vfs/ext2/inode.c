/*
 * Inodes: from the disk and back, and their end.
 *
 * An inode's life here: ext2_iget() reads one that has a name, ext2_new_inode() makes one; while
 * it is in memory struct inode and struct ext2_inode are the truth, and its place in the inode
 * table is brought up to date when it is written back, or by fsync. Two things go to the table
 * past the struct: the link of the chain of orphans (orphan.c) and extended attributes (xattr.c),
 * which lie behind the fields that are written here.
 *
 * When the last link and the last reference are gone, ext2_evict() frees, in this order: blocks,
 * the place in the chain of orphans, the number. A crash in between leaves an orphan that e2fsck
 * finishes.
 */
#include "05-vfs/ext2/ext2.h"
#include "common/abi/mount.h"
#include "common/errno.h"
#include "common/string.h"

/* Neighbours in the table are mostly files of one directory, which `ls -l` asks for next. */
#define TABLE_AHEAD	7	/* pages of the inode table read with one that is needed */

int ext2_inode_buffer(struct ext2_fs *fs, u32 ino, struct buffer *b, struct ext2_disk_inode **raw)
{
	u32 group = (ino - 1) / fs->inodes_per_group, index = (ino - 1) % fs->inodes_per_group;
	u64 offset = (u64)index * fs->inode_size;
	int err = buffer_read_ahead(fs->dev,
				    ext2_group(fs, group)->inode_table + (offset >> fs->block_bits),
				    fs->block_size, TABLE_AHEAD, b);

	if (err)
		return err;
	*raw = (struct ext2_disk_inode *)((u8 *)b->data + (offset & (fs->block_size - 1)));
	return 0;
}

/* ---- times --------------------------------------------------------------------------------- */

/*
 * The extra word of large inodes: two more bits of seconds (so that time ends in 2446, not in
 * 2038), and nanoseconds. The old word is signed; the two bits are added to it.
 */
static struct timespec decode_time(u32 seconds, u32 extra)
{
	struct timespec t = { (s32)seconds + ((s64)(extra & 3) << 32), extra >> 2 };

	return t;
}

static u32 encode_extra(struct timespec t)
{
	return (((u64)t.tv_sec - (s32)t.tv_sec) >> 32 & 3) | (u32)t.tv_nsec << 2;
}

/* Whether the extra part of an inode reaches to the end of field. */
#define HAS_EXTRA(ei, field) \
	((ei)->extra_isize >= offsetof(struct ext2_disk_inode, field) + 4 - EXT2_OLD_INODE_SIZE)

/* ---- reading ------------------------------------------------------------------------------- */

static void read_times(struct ext2_inode *ei, const struct ext2_disk_inode *raw)
{
	struct inode *i = &ei->vfs;

	i->ctime = decode_time(raw->i_ctime, HAS_EXTRA(ei, i_ctime_extra) ? raw->i_ctime_extra : 0);
	i->mtime = decode_time(raw->i_mtime, HAS_EXTRA(ei, i_mtime_extra) ? raw->i_mtime_extra : 0);
	i->atime = decode_time(raw->i_atime, HAS_EXTRA(ei, i_atime_extra) ? raw->i_atime_extra : 0);
	if (HAS_EXTRA(ei, i_crtime))
		ei->crtime = decode_time(raw->i_crtime,
					 HAS_EXTRA(ei, i_crtime_extra) ? raw->i_crtime_extra : 0);
}

/*
 * A device number, in one of the two forms Linux has used: 8 bits each, or all 32 in the second
 * word.
 */
static dev_t decode_rdev(const u32 *data)
{
	return data[0] ? MKDEV(data[0] >> 8 & 0xff, data[0] & 0xff) : (dev_t)data[1];
}

/*
 * What the code that uses an inode relies on: sizes within what pointers can reach; directories of
 * whole blocks; a link's text in one block (a page holds it, and its end); attributes in a data
 * block. Pointers are not looked at here but when they are used.
 */
static bool plausible(struct ext2_fs *fs, const struct ext2_inode *ei)
{
	const struct inode *i = &ei->vfs;

	if (i->size < 0 || i->size > i->super->max_size)
		return false;
	if (S_ISDIR(i->mode) && (i->size == 0 || i->size & (fs->block_size - 1)))
		return false;
	if (S_ISLNK(i->mode) && i->size >= (loff_t)fs->block_size)
		return false;
	return !ei->file_acl || ext2_data_blocks(fs, ei->file_acl, 1);
}

/*
 * -ESTALE: a deleted inode, or one that never was, as a crash may leave it behind a name. An inode
 * without links but with mode and without a time of deletion may be an orphan (Linux decides the
 * same).
 */
static int read_inode(struct ext2_fs *fs, struct ext2_inode *ei, const struct ext2_disk_inode *raw)
{
	struct inode *i = &ei->vfs;

	i->mode = raw->i_mode;
	i->nlink = raw->i_links_count;
	i->uid = raw->i_uid | (u32)raw->i_uid_high << 16;
	i->gid = raw->i_gid | (u32)raw->i_gid_high << 16;
	i->size = raw->i_size;
	if (S_ISREG(i->mode))
		i->size |= (u64)raw->i_size_high << 32;
	i->blocks = raw->i_blocks;
	i->generation = ei->generation = raw->i_generation;
	ei->flags = raw->i_flags;
	ei->file_acl = raw->i_file_acl;
	memcpy(ei->data, raw->i_block, sizeof(ei->data));
	if (i->nlink == 0 && (i->mode == 0 || raw->i_dtime))
		return -ESTALE;
	if (fs->inode_size > EXT2_OLD_INODE_SIZE) {
		ei->extra_isize = raw->i_extra_isize;
		if (ei->extra_isize > fs->inode_size - EXT2_OLD_INODE_SIZE || ei->extra_isize & 3)
			return -EUCLEAN;
	}
	read_times(ei, raw);
	if (!plausible(fs, ei))
		return -EUCLEAN;
	if (S_ISCHR(i->mode) || S_ISBLK(i->mode))
		i->rdev = decode_rdev(ei->data);
	return 0;
}

/*
 * A symbolic link of less than 60 bytes stands in the inode itself, in place of the pointers,
 * where no block is counted for it. An attribute block is counted, so it has to be taken off
 * first.
 */
static bool is_fast_link(struct ext2_fs *fs, struct ext2_inode *ei)
{
	u64 acl_sectors = ei->file_acl ? fs->block_size >> SECTOR_SHIFT : 0;

	return S_ISLNK(ei->vfs.mode) && ei->vfs.blocks <= acl_sectors &&
	       ei->vfs.size < (loff_t)sizeof(ei->data);
}

/*
 * By the type; the inode is locked new, or nobody knows it yet. Devices, FIFOs and sockets keep the
 * file_ops that the VFS gives them when opened.
 */
void ext2_set_ops(struct inode *i)
{
	struct ext2_inode *ei = EXT2_I(i);

	page_cache_init(&i->pages, i, S_ISDIR(i->mode) ? &ext2_dir_cache_ops : &ext2_cache_ops);
	switch (i->mode & S_IFMT) {
	case S_IFREG:
		i->ops = &ext2_file_inode_ops;
		i->file_ops = &ext2_file_ops;
		break;
	case S_IFDIR:
		i->ops = &ext2_dir_inode_ops;
		i->file_ops = &ext2_dir_file_ops;
		break;
	case S_IFLNK:
		i->ops = &ext2_link_inode_ops;
		if (is_fast_link(EXT2_FS(i->super), ei)) {
			((char *)ei->data)[i->size] = '\0';
			i->link = (const char *)ei->data;
		}
		break;
	default:
		i->ops = &ext2_special_inode_ops;
	}
}

static bool known_type(u32 mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISCHR(mode) || S_ISBLK(mode) ||
	       S_ISFIFO(mode) || S_ISSOCK(mode);
}

/*
 * Two lookups of one number at the same time: the first gets INODE_NEW and fills it, the second
 * waits in inode_get_locked(). Of the reserved inodes only the root is ever a file with a name.
 */
struct inode *ext2_iget(struct super *s, u32 ino)
{
	struct ext2_fs *fs = EXT2_FS(s);
	struct ext2_disk_inode *raw;
	struct buffer b;
	struct inode *i;
	int err;

	if ((ino != EXT2_ROOT_INO && ino < fs->first_ino) || ino > fs->inodes_count)
		return ERR_PTR(ext2_error(fs, "inode number %u is not possible", ino));
	i = inode_get_locked(s, ino);
	if (!i)
		return ERR_PTR(-ENOMEM);
	if (IS_ERR(i) || !(i->state & INODE_NEW))
		return i;
	err = ext2_inode_buffer(fs, ino, &b, &raw);
	if (!err) {
		err = read_inode(fs, EXT2_I(i), raw);
		if (!err && !known_type(i->mode))
			err = -EUCLEAN;
		buffer_put(&b);
	}
	if (err) {
		if (err == -EUCLEAN)
			ext2_error(fs, "inode %u is damaged", ino);
		inode_fail_new(i);
		return ERR_PTR(err);
	}
	ext2_set_ops(i);
	inode_unlock_new(i);
	return i;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void write_times(const struct ext2_inode *ei, struct ext2_disk_inode *raw)
{
	const struct inode *i = &ei->vfs;

	raw->i_atime = i->atime.tv_sec;
	raw->i_ctime = i->ctime.tv_sec;
	raw->i_mtime = i->mtime.tv_sec;
	if (HAS_EXTRA(ei, i_ctime_extra))
		raw->i_ctime_extra = encode_extra(i->ctime);
	if (HAS_EXTRA(ei, i_mtime_extra))
		raw->i_mtime_extra = encode_extra(i->mtime);
	if (HAS_EXTRA(ei, i_atime_extra))
		raw->i_atime_extra = encode_extra(i->atime);
	if (HAS_EXTRA(ei, i_crtime))
		raw->i_crtime = ei->crtime.tv_sec;
	if (HAS_EXTRA(ei, i_crtime_extra))
		raw->i_crtime_extra = encode_extra(ei->crtime);
}

/* i_dtime: the next orphan's number, or when it was deleted, or 0 as long as it has a name. */
static u32 dtime_of(const struct ext2_inode *ei)
{
	if (!list_empty(&ei->orphan_link))
		return ei->next_orphan;
	return ei->vfs.nlink ? 0 : current_time().tv_sec;
}

/*
 * fs->lock held: several may write one inode at the same time (the flusher, fsync, whoever needs a
 * new inode's place cleared), and neither the block pointers nor the link of the chain of orphans
 * may be replaced by what they were before.
 */
static void fill_raw(struct ext2_fs *fs, struct ext2_inode *ei, struct ext2_disk_inode *raw)
{
	const struct inode *i = &ei->vfs;

	if (ei->fresh) {
		memset(raw, 0, fs->inode_size);
		ei->fresh = false;
	}
	raw->i_mode = i->mode;
	raw->i_uid = i->uid;
	raw->i_uid_high = i->uid >> 16;
	raw->i_gid = i->gid;
	raw->i_gid_high = i->gid >> 16;
	raw->i_links_count = i->nlink;
	raw->i_size = i->size;
	if (S_ISREG(i->mode))
		raw->i_size_high = (u64)i->size >> 32;
	raw->i_blocks = i->blocks;
	raw->i_flags = ei->flags;
	raw->i_generation = ei->generation;
	raw->i_file_acl = ei->file_acl;
	raw->i_dtime = dtime_of(ei);
	if (fs->inode_size > EXT2_OLD_INODE_SIZE)
		raw->i_extra_isize = ei->extra_isize;
	write_times(ei, raw);
	memcpy(raw->i_block, ei->data, sizeof(raw->i_block));
}

/*
 * To the inode's block, in the device's cache; with `wait` also to the disk (that block alone).
 * Blocks of data that the pointers name may not be there yet: who needs that syncs them first
 * (ext2_fsync()).
 */
int ext2_write_inode(struct inode *i, bool wait)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	struct ext2_disk_inode *raw;
	struct buffer b;
	int err = ext2_inode_buffer(fs, i->ino, &b, &raw);

	if (err)
		return err;
	mutex_lock(&fs->lock);
	fill_raw(fs, EXT2_I(i), raw);
	buffer_dirty(&b);
	mutex_unlock(&fs->lock);
	if (S_ISREG(i->mode) && i->size > 0x7fffffff)
		ext2_set_size_feature(fs);
	if (wait)
		err = buffer_sync(&b);
	buffer_put(&b);
	return err;
}

/* ---- the end ------------------------------------------------------------------------------- */

/* Elsewhere the pointers hold a short link's text or a device number. */
static bool has_blocks(struct ext2_fs *fs, struct ext2_inode *ei)
{
	u32 mode = ei->vfs.mode;

	return S_ISREG(mode) || S_ISDIR(mode) || (S_ISLNK(mode) && !is_fast_link(fs, ei));
}

/*
 * No lock of the inode is needed: nobody refers to it. It stays in the inode hash until this is
 * done, so that the number is not met again before it is free (vfs/icache.c). What fails here
 * leaves blocks or a number taken that nobody uses: lost space, which e2fsck finds.
 */
void ext2_evict(struct inode *i)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	struct ext2_inode *ei = EXT2_I(i);

	if (i->super->flags & MS_RDONLY)
		return;
	if (has_blocks(fs, ei))
		ext2_free_tail(i, 0);
	ext2_xattr_free(i);
	i->size = 0;
	ext2_orphan_remove(i);
	if (ext2_write_inode(i, false) == 0)
		ext2_free_inode_number(i);
}
