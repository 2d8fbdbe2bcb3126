/*
 * Allocating inodes: where a new file or directory goes.
 *
 * A file's inode goes to its directory's group, so that what is used together lies together: its
 * blocks follow it there (find_goal() in map_alloc.c). Directories in the root are spread over the
 * groups, to start regions of their own; others stay near their parent as long as its group has no
 * fewer free inodes and blocks than a quarter of the average. (Orlov's idea, as in Linux and the
 * BSDs.)
 *
 * A number is taken in the bitmap before its inode exists in memory, and given back as the last
 * step of eviction: at any time each number has one owner.
 */
#include "05-vfs/ext2/ext2.h"
#include "common/errno.h"
#include "common/string.h"

static u32 group_of(struct ext2_fs *fs, u64 ino)
{
	return (ino - 1) / fs->inodes_per_group;
}

/* Of the groups with at least the average of free inodes, the one with the most free blocks. */
static u32 find_spread_group(struct ext2_fs *fs)
{
	u32 average = fs->es->s_free_inodes_count / fs->groups, best = 0;
	int best_blocks = -1;

	for (u32 g = 0; g < fs->groups; g++) {
		const struct ext2_group *d = ext2_group(fs, g);

		if (d->free_inodes && d->free_inodes >= average && d->free_blocks > best_blocks) {
			best = g;
			best_blocks = d->free_blocks;
		}
	}
	return best;
}

/*
 * The parent's group or the next one behind it that will do; for want of one with room to spare,
 * any with a free inode.
 */
static u32 find_near_group(struct ext2_fs *fs, u32 parent, bool directory)
{
	u32 inodes = directory ? fs->es->s_free_inodes_count / fs->groups / 4 : 0;
	u32 blocks = directory ? fs->es->s_free_blocks_count / fs->groups / 4 : 0;

	for (int strict = 1; strict >= 0; strict--)
		for (u32 n = 0; n < fs->groups; n++) {
			u32 g = (parent + n) % fs->groups;
			const struct ext2_group *d = ext2_group(fs, g);

			if (d->free_inodes &&
			    (!strict || (d->free_inodes > inodes && d->free_blocks > blocks)))
				return g;
		}
	return parent;
}

/*
 * Take a free number from group g: 0, -ENOSPC if its bitmap has none, -EIO. Numbers below
 * s_first_ino are reserved (2 is the root, 7 holds blocks for resize2fs). fs->lock held.
 */
static int take_number(struct ext2_fs *fs, u32 g, bool directory, u32 *ino)
{
	struct ext2_group *d = ext2_group(fs, g);
	u32 first = g * fs->inodes_per_group, from = 0, bit, end = fs->inodes_per_group;
	struct buffer b;
	int err = buffer_read(fs->dev, d->inode_bitmap, fs->block_size, &b);

	if (err)
		return err;
	if (first + 1 < fs->first_ino)
		from = fs->first_ino - 1 - first;
	if (end > fs->inodes_count - first)
		end = fs->inodes_count - first;
	bit = ext2_find_zero(b.data, from, end);
	if (bit < end) {
		ext2_set_bits(b.data, bit, 1);
		buffer_dirty(&b);
		d->free_inodes -= d->free_inodes > 0;
		d->used_dirs += directory;
		ext2_group_dirty(fs, g);
		fs->es->s_free_inodes_count -= fs->es->s_free_inodes_count > 0;
		ext2_super_dirty(fs);
		*ino = first + bit + 1;
	}
	buffer_put(&b);
	return bit < end ? 0 : -ENOSPC;
}

/* Starting where the policy says; the counts may lie, so all groups get their chance. */
static int allocate_number(struct ext2_fs *fs, struct inode *dir, bool directory, u32 *ino)
{
	bool spread = directory && dir->ino == EXT2_ROOT_INO;
	u32 start;
	int err = -ENOSPC;

	mutex_lock(&fs->lock);
	start = spread ? find_spread_group(fs)
		       : find_near_group(fs, group_of(fs, dir->ino), directory);
	for (u32 n = 0; n < fs->groups && err == -ENOSPC; n++) {
		u32 g = (start + n) % fs->groups;

		if (ext2_group(fs, g)->free_inodes)
			err = take_number(fs, g, directory, ino);
	}
	mutex_unlock(&fs->lock);
	return err;
}

/*
 * A number that is free already is not given back twice: the next allocation would hand it to two
 * files.
 */
static void release_number(struct ext2_fs *fs, u32 ino, bool directory)
{
	u32 g = group_of(fs, ino), bit = (ino - 1) % fs->inodes_per_group;
	struct ext2_group *d = ext2_group(fs, g);
	struct buffer b;

	mutex_lock(&fs->lock);
	if (buffer_read(fs->dev, d->inode_bitmap, fs->block_size, &b) == 0) {
		if (ext2_clear_bits(b.data, bit, 1)) {
			ext2_error(fs, "inode %u was free already", ino);
		} else {
			buffer_dirty(&b);
			d->free_inodes++;
			d->used_dirs -= directory && d->used_dirs;
			ext2_group_dirty(fs, g);
			fs->es->s_free_inodes_count++;
			ext2_super_dirty(fs);
		}
		buffer_put(&b);
	}
	mutex_unlock(&fs->lock);
}

void ext2_free_inode_number(struct inode *i)
{
	release_number(EXT2_FS(i->super), i->ino, S_ISDIR(i->mode));
}

/* What a new inode inherits from its directory's flags. */
static u32 inherited_flags(u32 flags, u32 mode)
{
	flags &= EXT2_INHERITED_FL;
	if (S_ISDIR(mode))
		return flags;
	if (S_ISREG(mode))
		return flags & ~EXT2_DIRSYNC_FL;
	return flags & (EXT2_NODUMP_FL | EXT2_NOATIME_FL);
}

/*
 * Owner and mode by the directory's set-group-id bit, or with the option grpid by its group
 * (mount(8)). The link count is set before anybody can see the inode: one with 0 would be evicted.
 */
static void fill_new(struct ext2_fs *fs, struct inode *dir, struct inode *i, u32 mode)
{
	struct ext2_inode *ei = EXT2_I(i);

	inode_init_owner(i, dir, mode);
	if (fs->options & EXT2_OPT_GRPID) {
		i->gid = dir->gid;
		i->mode = mode;
	}
	i->nlink = 1;
	i->size = 0;
	i->blocks = 0;
	ei->flags = inherited_flags(EXT2_I(dir)->flags, mode);
	ei->fresh = true;
	ei->crtime = i->mtime;
	if (fs->inode_size > EXT2_OLD_INODE_SIZE)
		ei->extra_isize = MIN((u32)EXT2_EXTRA_ISIZE, fs->inode_size - EXT2_OLD_INODE_SIZE);
	mutex_lock(&fs->lock);
	ei->generation = i->generation = fs->next_generation++;
	mutex_unlock(&fs->lock);
	ext2_set_ops(i);
}

struct inode *ext2_new_inode(struct inode *dir, u32 mode)
{
	struct ext2_fs *fs = EXT2_FS(dir->super);
	struct inode *i;
	u32 ino = 0;
	int err = allocate_number(fs, dir, S_ISDIR(mode), &ino);

	if (err)
		return ERR_PTR(err);
	i = inode_get_locked(dir->super, ino);
	/*
	 * inode_get_locked() waits while a former owner of the number is being evicted; so whoever
	 * is found here is in use.
	 */
	if (i && !IS_ERR(i) && !(i->state & INODE_NEW)) {
		/* Somebody uses the inode, so its bitmap is wrong; the number stays taken. */
		inode_put(i);
		return ERR_PTR(ext2_error(fs, "inode %u is in use but was free", ino));
	}
	if (!i || IS_ERR(i)) {
		release_number(fs, ino, S_ISDIR(mode));
		return i ? i : ERR_PTR(-ENOMEM);
	}
	fill_new(fs, dir, i, mode);
	inode_mark_dirty(i);
	return i;
}
