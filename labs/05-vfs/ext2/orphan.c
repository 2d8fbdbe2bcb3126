/*
 * Orphans: inodes that have no name any more but are still open.
 *
 * They are chained on the disk, from the superblock's s_last_orphan through i_dtime (which
 * otherwise says when an inode was deleted), so that e2fsck frees them after a crash. The newest
 * is first, so that adding changes only the new inode and the superblock. An older list that a
 * crash has left stays at the end of ours, for e2fsck. Linux's ext2 keeps no such list (ext3
 * does): there e2fsck has to search all inodes for those without names, as it does after a crash
 * anyway.
 *
 * fs->orphans is the same list in memory: of each inode the one before it has to be found.
 */
#include "05-vfs/ext2/ext2.h"
#include "common/errno.h"

/*
 * Write just the link of the chain; the rest of the inode has its own time. fs->lock held, which
 * also keeps ext2_write_inode() from writing an older link over it.
 */
static void write_link(struct ext2_fs *fs, struct ext2_inode *ei)
{
	struct ext2_disk_inode *raw;
	struct buffer b;

	if (ext2_inode_buffer(fs, ei->vfs.ino, &b, &raw))
		return;
	raw->i_dtime = ei->next_orphan;
	buffer_dirty(&b);
	buffer_put(&b);
}

/*
 * The last name is gone. The inode's link goes first, then the head in the superblock: in memory
 * the chain is whole at each moment. If the inode cannot be read, the chain on the disk ends
 * there.
 */
void ext2_orphan_add(struct inode *i)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	struct ext2_inode *ei = EXT2_I(i);

	if (ei->fresh)
		/* the chain must not lead to an old inode */
		(void)ext2_write_inode(i, false);
	mutex_lock(&fs->lock);
	if (list_empty(&ei->orphan_link)) {
		ei->next_orphan = fs->es->s_last_orphan;
		list_add(&ei->orphan_link, &fs->orphans);
		write_link(fs, ei);
		fs->es->s_last_orphan = i->ino;
		ext2_super_dirty(fs);
	}
	mutex_unlock(&fs->lock);
	inode_mark_dirty(i);
}

/*
 * The inode is being evicted or has got a name (an unnamed file, linked). Harmless for one that is
 * no orphan.
 */
void ext2_orphan_remove(struct inode *i)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	struct ext2_inode *ei = EXT2_I(i), *before;

	mutex_lock(&fs->lock);
	if (!list_empty(&ei->orphan_link)) {
		if (fs->orphans.next == &ei->orphan_link) {
			fs->es->s_last_orphan = ei->next_orphan;
			ext2_super_dirty(fs);
		} else {
			before = list_entry(ei->orphan_link.prev, struct ext2_inode, orphan_link);
			before->next_orphan = ei->next_orphan;
			write_link(fs, before);
		}
		list_del(&ei->orphan_link);
		ei->next_orphan = 0;
	}
	mutex_unlock(&fs->lock);
	inode_mark_dirty(i);
}
