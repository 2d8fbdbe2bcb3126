/*
 * Mounting and unmounting ext2: the superblock, what it must be like, and the file system's state.
 *
 * The superblock and the group descriptors are held in buffers as long as it is mounted and
 * changed in place. While mounted for writing the state on the disk is "not clean", so that after
 * a crash e2fsck has a look; unmounting, or remounting read-only, restores what it was: a file
 * system that was mounted dirty stays dirty until e2fsck has seen it.
 *
 * The geometry is copied out of the superblock once it has been checked, and only the copy is used:
 * the buffer is a page of the device's cache, which root may write by way of /dev/vda at any time.
 * Copies of the superblock in other groups are not kept up to date; Linux's ext2 does not either.
 */
#include "05-vfs/ext2/ext2.h"
#include "05-vfs/printer.h"
#include "01-memory/kmem.h"
#include "common/abi/mount.h"
#include "common/abi/statfs.h"
#include "common/errno.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "05-vfs/ext2/options.h"

#define MAX_MESSAGES	20	/* a damaged disk should not flood the console */

int ext2_error(struct ext2_fs *fs, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (atomic_fetch_add(&fs->error_count, 1) < MAX_MESSAGES)
		printk("ext2 (%s): error: %s\n", fs->dev->name, text);
	/* mount(8), ext2: errors=; the default stands in the superblock (tune2fs -e). */
	if (fs->errors == EXT2_ERRORS_PANIC)
		panic("ext2 (%s): panic by option errors=panic", fs->dev->name);
	/* What is mounted read-only must not be written, not even to say that it is damaged. */
	if (fs->super->flags & MS_RDONLY)
		return -EUCLEAN;
	/* One bit that only ever gets set: no lock is needed, and the caller may hold any. */
	(void)atomic_fetch_or(&fs->es->s_state, (u16)EXT2_STATE_ERROR);
	buffer_dirty(&fs->super_buffer);
	if (fs->errors == EXT2_ERRORS_RO) {
		printk("ext2 (%s): remounting read-only\n", fs->dev->name);
		(void)atomic_fetch_or(&fs->super->flags, MS_RDONLY);
	}
	return -EUCLEAN;
}

void ext2_super_dirty(struct ext2_fs *fs)
{
	buffer_dirty(&fs->super_buffer);
}

/*
 * A file has grown over 2 GiB - 1: implementations that take i_size for a signed 32-bit number must
 * not write to this file system any more.
 */
void ext2_set_size_feature(struct ext2_fs *fs)
{
	if (READ_ONCE(fs->es->s_feature_ro_compat) & EXT2_RO_LARGE_FILE)
		return;
	mutex_lock(&fs->lock);
	fs->es->s_feature_ro_compat |= EXT2_RO_LARGE_FILE;
	ext2_super_dirty(fs);
	mutex_unlock(&fs->lock);
}

/* ---- checking the superblock --------------------------------------------------------------- */

/*
 * With SPARSE_SUPER copies of the superblock stand in groups 0, 1 and the powers of 3, 5 and 7:
 * seldom enough to be cheap, and where e2fsck -b finds them without knowing anything.
 */
static bool power_of(u32 n, u32 base)
{
	while (n > base && n % base == 0)
		n /= base;
	return n == base;
}

bool ext2_group_has_super(struct ext2_fs *fs, u32 group)
{
	return group <= 1 || !(fs->es->s_feature_ro_compat & EXT2_RO_SPARSE_SUPER) ||
	       power_of(group, 3) || power_of(group, 5) || power_of(group, 7);
}

/*
 * 0x40 is INCOMPAT_EXTENTS, which every ext4 has; 4, a journal that has to be replayed first, is
 * not known here either, so that an ext3 that crashed is refused.
 */
static int check_features(struct ext2_fs *fs, bool read_only)
{
	const struct ext2_super_block *es = fs->es;
	u32 unknown;

	if (es->s_rev_level == 0)
		return 0;
	if (es->s_rev_level > 1) {
		printk("ext2 (%s): revision %u is not known\n", fs->dev->name, es->s_rev_level);
		return -EINVAL;
	}
	unknown = es->s_feature_incompat & ~EXT2_INCOMPAT_KNOWN;
	if (unknown) {
		printk("ext2 (%s): not mounted: unsupported features (incompat %#x)%s\n",
		       fs->dev->name, unknown, unknown & 0x40 ? "; this looks like ext4" : "");
		return -EINVAL;
	}
	unknown = es->s_feature_ro_compat & ~EXT2_RO_KNOWN;
	if (unknown && !read_only) {
		printk("ext2 (%s): only to be mounted read-only: unsupported features (ro_compat "
		       "%#x)\n",
		       fs->dev->name, unknown);
		return -EROFS;
	}
	return 0;
}

/*
 * What everything else relies on: an inode does not cross blocks (sizes are powers of two), a
 * bitmap is one block and a multiple of 8 bits, shifts and divisions are by sound numbers, and the
 * whole file system lies on the device. 256 blocks per group is what mke2fs has as its smallest.
 */
static bool plausible(struct ext2_fs *fs)
{
	const struct ext2_super_block *es = fs->es;
	u32 bits = 8 * fs->block_size;
	u64 device_blocks = fs->dev->sectors >> (fs->block_bits - SECTOR_SHIFT);

	return fs->inode_size >= EXT2_OLD_INODE_SIZE && fs->inode_size <= fs->block_size &&
	       !(fs->inode_size & (fs->inode_size - 1)) && fs->inodes_per_group >= 8 &&
	       fs->inodes_per_group <= bits && fs->inodes_per_group % 8 == 0 &&
	       fs->blocks_per_group >= 256 && fs->blocks_per_group <= bits &&
	       fs->blocks_per_group % 8 == 0 && es->s_first_data_block == fs->super_block &&
	       fs->blocks_count > fs->first_data_block + 1 && fs->blocks_count <= device_blocks &&
	       fs->first_ino >= EXT2_OLD_FIRST_INO && fs->first_ino <= fs->inodes_per_group;
}

/*
 * A sound file system has as many inodes as its groups' bitmaps have room for, but for the last
 * group's.
 */
static int read_geometry(struct ext2_fs *fs)
{
	const struct ext2_super_block *es = fs->es;
	u64 inodes;

	if (es->s_log_block_size > 2)
		return -EINVAL;
	fs->block_bits = 10 + es->s_log_block_size;
	fs->block_size = 1u << fs->block_bits;
	fs->pointer_bits = fs->block_bits - 2;
	fs->super_block = EXT2_SUPER_OFFSET >> fs->block_bits;
	fs->inode_size = es->s_rev_level ? es->s_inode_size : EXT2_OLD_INODE_SIZE;
	fs->first_ino = es->s_rev_level ? es->s_first_ino : EXT2_OLD_FIRST_INO;
	fs->inodes_per_group = es->s_inodes_per_group;
	fs->blocks_per_group = es->s_blocks_per_group;
	fs->first_data_block = es->s_first_data_block;
	fs->blocks_count = es->s_blocks_count;
	fs->filetype = es->s_rev_level && es->s_feature_incompat & EXT2_INCOMPAT_FILETYPE;
	if (fs->block_size < fs->dev->block_size || !plausible(fs))
		return -EINVAL;
	fs->groups = DIV_ROUND_UP(fs->blocks_count - fs->first_data_block, fs->blocks_per_group);
	inodes = (u64)fs->groups * fs->inodes_per_group;
	if (es->s_inodes_count > inodes || es->s_inodes_count + fs->inodes_per_group <= inodes)
		return -EINVAL;
	fs->inodes_count = es->s_inodes_count;
	return 0;
}

/*
 * Whether the blocks lie in that group, behind the superblock and the descriptors that we use.
 * ext2_data_blocks() looks only at the group in which a block lies, so bitmaps and tables elsewhere
 * would not be protected from becoming a file's.
 */
static bool within_group(struct ext2_fs *fs, u32 group, u32 block, u32 count)
{
	u32 start = ext2_group_start(fs, group), size = ext2_group_blocks(fs, group);

	return block > fs->super_block + fs->group_buffer_count && block >= start &&
	       block - start < size && count <= size - (block - start);
}

static bool descriptor_plausible(struct ext2_fs *fs, u32 g, u32 table)
{
	const struct ext2_group *d = ext2_group(fs, g);

	return within_group(fs, g, d->block_bitmap, 1) && within_group(fs, g, d->inode_bitmap, 1) &&
	       within_group(fs, g, d->inode_table, table);
}

static int read_groups(struct ext2_fs *fs)
{
	u32 table = DIV_ROUND_UP(fs->inodes_per_group * fs->inode_size, fs->block_size);
	u32 n = DIV_ROUND_UP((u64)fs->groups * sizeof(struct ext2_group), fs->block_size);

	fs->group_buffers = kcalloc(n, sizeof(struct buffer), GFP_KERNEL | GFP_ZERO);
	if (!fs->group_buffers)
		return -ENOMEM;
	for (; fs->group_buffer_count < n; fs->group_buffer_count++) {
		int err = buffer_read_ahead(fs->dev, fs->super_block + 1 + fs->group_buffer_count,
					    fs->block_size, 7,
					    &fs->group_buffers[fs->group_buffer_count]);

		if (err)
			return err;
	}
	fs->overhead = fs->first_data_block;
	for (u32 g = 0; g < fs->groups; g++) {
		if (!descriptor_plausible(fs, g, table)) {
			printk("ext2 (%s): the descriptor of group %u is damaged\n", fs->dev->name,
			       g);
			return -EINVAL;
		}
		fs->overhead += 2 + table + (ext2_group_has_super(fs, g) ? 1 + n : 0);
	}
	return 0;
}

/*
 * The largest file: what the pointers reach, and what i_blocks, a 32-bit count of sectors, can
 * count. With 1 KiB blocks that is 16 GiB by the pointers; with 4 KiB blocks nearly 2 TiB by the
 * count.
 */
static loff_t max_size(struct ext2_fs *fs)
{
	u64 p = 1UL << fs->pointer_bits, reach = EXT2_DIRECT + p + p * p + p * p * p;
	u64 blocks = 0xffffffffUL >> (fs->block_bits - SECTOR_SHIFT);

	if (fs->es->s_rev_level == 0)
		return 0x7fffffff;
	blocks -= blocks / p + blocks / p / p + 4;	/* the indirect ones */
	return MIN(reach, blocks) << fs->block_bits;
}

/* ---- state --------------------------------------------------------------------------------- */

static u32 now(void)
{
	return current_time().tv_sec;
}

/*
 * Begin to write: from now on the disk is not clean. That must be on the medium, not just in the
 * device's cache, before anything else is written: the device may write in another order, and a
 * power cut would leave a changed file system that calls itself clean.
 */
static int begin_writing(struct ext2_fs *fs)
{
	struct ext2_super_block *es = fs->es;
	int err;

	fs->was_valid = es->s_state & EXT2_STATE_VALID;
	if (!fs->was_valid)
		printk("ext2 (%s): it was not unmounted cleanly, e2fsck is recommended\n",
		       fs->dev->name);
	else if (es->s_state & EXT2_STATE_ERROR)
		printk("ext2 (%s): it has errors, e2fsck is recommended\n", fs->dev->name);
	es->s_state &= ~EXT2_STATE_VALID;
	es->s_mnt_count++;
	es->s_mtime = now();
	ext2_super_dirty(fs);
	err = buffer_sync(&fs->super_buffer);
	return err ? err : block_flush(fs->dev);
}

/*
 * All is written; say that it is clean if it was. Two passes: the mark goes to the disk after
 * everything that it vouches for is on the medium. If the first fails the disk stays "not clean".
 */
static int end_writing(struct ext2_fs *fs)
{
	int err = block_sync(fs->dev), e;

	if (fs->was_valid && !err)
		fs->es->s_state |= EXT2_STATE_VALID;
	fs->es->s_wtime = now();
	ext2_super_dirty(fs);
	e = block_sync(fs->dev);
	return err ? err : e;
}

/*
 * sync(2), after the inodes have been written to their buffers: everything that the device has
 * dirty, and a flush. Without `wait` there is nothing to do: the device's cache is on the list of
 * dirty caches that the write-back thread works off.
 */
static int ext2_sync(struct super *s, bool wait)
{
	struct ext2_fs *fs = EXT2_FS(s);

	if (!wait || s->flags & MS_RDONLY)
		return 0;
	mutex_lock(&fs->lock);
	if (READ_ONCE(fs->dev->inode->pages.dirty_count)) {
		fs->es->s_wtime = now();
		ext2_super_dirty(fs);
	}
	mutex_unlock(&fs->lock);
	return block_sync(fs->dev);
}

/*
 * An orphan's blocks go when it is closed, and that could not be written any more; so a file system
 * with orphans stays writable, as on Linux (-EBUSY).
 */
static int ext2_remount(struct super *s, unsigned long flags, const char *data)
{
	struct ext2_fs *fs = EXT2_FS(s);
	int err = ext2_parse_options(fs, data);

	if (err || ((flags ^ s->flags) & MS_RDONLY) == 0)
		return err;
	if (flags & MS_RDONLY) {
		if (!list_empty(&fs->orphans))
			return -EBUSY;		/* deleted files are still open */
		return end_writing(fs);
	}
	err = check_features(fs, false);
	return err ? err : begin_writing(fs);
}

/*
 * statfs(2). bavail leaves out root's reserve; f_blocks counts no metadata ("bsddf"), except the
 * indirect blocks, which nobody knows in advance.
 */
static int ext2_statfs(struct super *s, struct statfs *st)
{
	struct ext2_fs *fs = EXT2_FS(s);
	const struct ext2_super_block *es = fs->es;

	st->f_type = EXT2_SUPER_MAGIC;
	st->f_bsize = fs->block_size;
	st->f_blocks = fs->blocks_count - fs->overhead;
	st->f_bfree = READ_ONCE(es->s_free_blocks_count);
	st->f_bavail = st->f_bfree > es->s_r_blocks_count ? st->f_bfree - es->s_r_blocks_count : 0;
	st->f_files = fs->inodes_count;
	st->f_ffree = READ_ONCE(es->s_free_inodes_count);
	st->f_namelen = EXT2_NAME_MAX;
	st->f_frsize = fs->block_size;
	for (int n = 0; n < 16; n++)
		((u8 *)st->f_fsid)[n % 8] ^= es->s_uuid[n];
	return 0;
}

/* Also for what a failed mount has got so far: buffer_put() and kfree() take empty ones. */
static void fs_free(struct ext2_fs *fs)
{
	for (u32 n = 0; n < fs->group_buffer_count; n++)
		buffer_put(&fs->group_buffers[n]);
	kfree(fs->group_buffers);
	buffer_put(&fs->super_buffer);
	(void)atomic_fetch_sub(&fs->dev->openers, 1);
	kfree(fs);
}

static void ext2_unmount(struct super *s)
{
	struct ext2_fs *fs = EXT2_FS(s);

	if (!(s->flags & MS_RDONLY))
		end_writing(fs);
	fs_free(fs);
}

static void ext2_show_options(struct super *s, struct printer *out)
{
	struct ext2_fs *fs = EXT2_FS(s);

	if (fs->options & EXT2_OPT_GRPID)
		print(out, ",grpid");
	if (fs->options & EXT2_OPT_NO_XATTR)
		print(out, ",nouser_xattr");
	if (fs->errors == EXT2_ERRORS_RO)
		print(out, ",errors=remount-ro");
	else if (fs->errors == EXT2_ERRORS_PANIC)
		print(out, ",errors=panic");
}

/* ---- memory of inodes ---------------------------------------------------------------------- */

static struct kmem_cache *inode_cache;

/* The VFS fills .vfs; a zeroed rest is what a new inode needs. */
static struct inode *ext2_alloc_inode(struct super *s)
{
	struct ext2_inode *ei = kmem_cache_alloc(inode_cache, GFP_KERNEL);

	if (!ei)
		return NULL;
	memset(ei, 0, sizeof(*ei));
	list_init(&ei->window.link);
	list_init(&ei->orphan_link);
	return &ei->vfs;
}

/*
 * The two lists of fs that an inode may be on: its window if it was written lately, and the
 * orphans if its file system has become read-only, so that ext2_evict() did nothing. The look
 * without the lock is safe: nobody else has this inode any more, and only drop_all_windows() takes
 * one off.
 */
static void ext2_free_inode(struct inode *i)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	struct ext2_inode *ei = EXT2_I(i);

	if (!list_empty(&ei->window.link) || !list_empty(&ei->orphan_link)) {
		mutex_lock(&fs->lock);
		list_del(&ei->window.link);
		list_del(&ei->orphan_link);
		mutex_unlock(&fs->lock);
	}
	kmem_cache_free(inode_cache, ei);
}

static const struct super_ops ext2_super_ops = {
	.alloc_inode = ext2_alloc_inode,
	.free_inode = ext2_free_inode,
	.write_inode = ext2_write_inode,
	.evict = ext2_evict,
	.sync = ext2_sync,
	.statfs = ext2_statfs,
	.remount = ext2_remount,
	.unmount = ext2_unmount,
	.show_options = ext2_show_options,
};

/* ---- mounting ------------------------------------------------------------------------------ */

/*
 * Mounting fails: the root must not stay cached, since the struct super it points to is about to
 * go. Nothing else has been read yet that would stay.
 */
static void drop_root(struct inode *root)
{
	(void)atomic_fetch_or(&root->state, INODE_NO_CACHE);
	inode_put(root);
}

static int get_root(struct ext2_fs *fs)
{
	struct inode *root = ext2_iget(fs->super, EXT2_ROOT_INO);

	if (IS_ERR(root))
		return PTR_ERR(root);
	if (!S_ISDIR(root->mode)) {
		printk("ext2 (%s): the root inode is not a directory\n", fs->dev->name);
		drop_root(root);
		return -EINVAL;
	}
	fs->super->root = root;
	return 0;
}

/*
 * Everything that can go wrong after the memory is there. The order: nothing is used before it has
 * been checked, and nothing is written before all checks have passed.
 */
static int fill(struct ext2_fs *fs, const char *data)
{
	struct super *s = fs->super;
	int err = buffer_read(fs->dev, EXT2_SUPER_OFFSET / 1024, 1024, &fs->super_buffer);

	if (err)
		return err;
	fs->es = fs->super_buffer.data;
	if (fs->es->s_magic != EXT2_MAGIC) {
		if (!(s->flags & MS_SILENT))
			printk("ext2 (%s): there is no ext2 file system on it\n", fs->dev->name);
		return -EINVAL;
	}
	fs->errors = fs->es->s_errors == EXT2_ERRORS_RO || fs->es->s_errors == EXT2_ERRORS_PANIC ?
		     fs->es->s_errors : EXT2_ERRORS_CONTINUE;
	err = ext2_parse_options(fs, data);
	if (!err)
		err = check_features(fs, s->flags & MS_RDONLY);
	if (err)
		return err;
	err = read_geometry(fs);
	if (err) {
		printk("ext2 (%s): the superblock is damaged\n", fs->dev->name);
		return err;
	}
	err = read_groups(fs);
	if (err)
		return err;
	s->block_size = fs->block_size;
	s->max_size = max_size(fs);
	/* i_generation tells files apart that have the same number one after another. */
	fs->next_generation = (u32)now() ^ fs->es->s_hash_seed[0];
	err = get_root(fs);
	if (!err && !(s->flags & MS_RDONLY)) {
		err = begin_writing(fs);
		if (err)
			drop_root(s->root);
	}
	return err;
}

static int ext2_mount(struct super *s, const char *source, unsigned long flags, const char *data)
{
	struct ext2_fs *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
	int err;

	if (!fs)
		return -ENOMEM;
	if (!inode_cache)
		inode_cache = kmem_cache_create("ext2_inode", sizeof(struct ext2_inode), 0, NULL);
	fs->super = s;
	fs->dev = s->bdev;
	mutex_init(&fs->lock, "ext2", RANK_FS_ALLOC);
	list_init(&fs->windows);
	list_init(&fs->orphans);
	(void)atomic_fetch_add(&fs->dev->openers, 1);
	s->private = fs;
	s->ops = &ext2_super_ops;
	err = inode_cache ? fill(fs, data) : -ENOMEM;
	if (err)
		fs_free(fs);
	return err;
}

FS_TYPE(ext2, .name = "ext2", .needs_device = true, .mount = ext2_mount);
