/*
 * Directories: files of blocks full of entries (dirent.c), cached by page like other files.
 *
 * A page is checked when it is first used after it was read (PG_CHECKED, which goes with the page
 * when it is reclaimed); everything behind that trusts it. inode->lock, which the VFS holds, keeps
 * changes and readers apart. Changes are made without the page's lock: the reference we hold keeps
 * reclaim off the page, and directories are never truncated as long as they are in use. Write-back
 * may take a page in the middle of a change; it is marked dirty after the change, so it is written
 * once more.
 *
 * Names are searched from front to back: the dentry cache answers nearly all lookups, so that a
 * directory is searched mostly for names that are new. We keep no hash trees (ext3's dir_index): a
 * change clears the directory's index flag, and e2fsck -D can build the index again. Directories
 * do not shrink, as in Linux.
 */
#include "05-vfs/ext2/ext2.h"
#include "common/errno.h"
#include "common/string.h"

#define AHEAD	7	/* pages read with one that is needed */

/* One block of a directory; `page` is referenced. */
struct dir_block {
	struct frame *page;
	u8 *data;
};

/* From the disk's numbers (file_type) to those of getdents64(2). */
static const u8 dirent_types[] = {DT_UNKNOWN, DT_REG,  DT_DIR,	DT_CHR,
				  DT_BLK,     DT_FIFO, DT_SOCK, DT_LNK};

static u8 dirent_type(struct ext2_fs *fs, u32 mode)
{
	for (u8 t = 1; fs->filetype && t < ARRAY_SIZE(dirent_types); t++)
		if (dirent_types[t] == IFTODT(mode))
			return t;
	return 0;
}

static u32 block_count(struct inode *dir)
{
	return dir->size >> EXT2_FS(dir->super)->block_bits;
}

/* All blocks of the page at once, since the flag is the page's. */
static int check_page(struct inode *dir, struct frame *p)
{
	struct ext2_fs *fs = EXT2_FS(dir->super);
	u64 start = p->index << PAGE_SHIFT;

	for (unsigned off = 0; off < PAGE_SIZE && (loff_t)(start + off) < dir->size;
	     off += fs->block_size)
		if (!ext2_dirent_check((u8 *)frame_to_virt(p) + off, fs->block_size,
				       fs->inodes_count)) {
			ext2_error(fs, "directory %llu: the block at %llu is damaged",
				   (unsigned long long)dir->ino, (unsigned long long)start + off);
			return -EIO;
		}
	(void)atomic_fetch_or(&p->flags, PG_CHECKED);
	return 0;
}

static int get_block(struct inode *dir, u32 n, struct dir_block *b)
{
	u64 offset = (u64)n << EXT2_FS(dir->super)->block_bits;
	struct frame *p = page_read_uninterruptible(&dir->pages, offset >> PAGE_SHIFT, AHEAD);
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	if (!(READ_ONCE(p->flags) & PG_CHECKED)) {
		err = check_page(dir, p);
		if (err) {
			page_put(p);
			return err;
		}
	}
	b->page = p;
	b->data = (u8 *)frame_to_virt(p) + (offset & (PAGE_SIZE - 1));
	return 0;
}

/* The entry called name: 0 with *b held and *e in it, or -ENOENT, errno. */
static int find_entry(struct inode *dir, const char *name, size_t len, struct dir_block *b,
		      struct ext2_dirent **e, u32 *block)
{
	u32 size = EXT2_FS(dir->super)->block_size;

	if (len > EXT2_NAME_MAX)
		return -ENAMETOOLONG;
	for (u32 n = 0, count = block_count(dir); n < count; n++) {
		int err = get_block(dir, n, b);

		if (err)
			return err;
		*e = ext2_dirent_find(b->data, size, name, len);
		*block = n;
		if (*e)
			return 0;
		page_put(b->page);
	}
	return -ENOENT;
}

int ext2_dir_find(struct inode *dir, const char *name, size_t len, u32 *ino)
{
	struct dir_block b;
	struct ext2_dirent *e;
	u32 block;
	int err = find_entry(dir, name, len, &b, &e, &block);

	if (err)
		return err;
	*ino = e->inode;
	page_put(b.page);
	return 0;
}

/*
 * Every change ends here; consumes the reference. The page is marked after it was changed, never
 * before: write-back could clean it in between. Times as POSIX demands of whoever changes a
 * directory.
 */
static void changed(struct inode *dir, struct dir_block *b)
{
	page_mark_dirty(&dir->pages, b->page);
	page_put(b->page);
	EXT2_I(dir)->flags &= ~EXT2_INDEX_FL;
	dir->version++;
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
}

/*
 * Append a block without entries: 0 with *b held, or errno. The block is allocated before the size
 * grows, and the size grows when the block is valid: whoever reads up to the size finds only
 * checked entries. An empty entry that fills the block is made before the page can be written.
 */
static int append_block(struct inode *dir, struct dir_block *b)
{
	struct ext2_fs *fs = EXT2_FS(dir->super);
	u64 offset = dir->size, index = offset >> PAGE_SHIFT;
	unsigned within = offset & (PAGE_SIZE - 1);
	struct frame *p;
	int err;

	/* i_size_high means something else for directories (ext2_disk.h). */
	if (dir->size + fs->block_size > 0x7fffffff)
		return -ENOSPC;
	if (within) {
		/*
		 * The page has blocks already; it is up to date once read, and stays so while
		 * referenced.
		 */
		p = page_read_uninterruptible(&dir->pages, index, 0);
		if (IS_ERR(p))
			return PTR_ERR(p);
		page_put(p);
	}
	p = page_grab(&dir->pages, index);
	if (!p)
		return -ENOMEM;
	err = within && !(READ_ONCE(p->flags) & PG_UPTODATE) ? -EIO :
	      ext2_map_alloc(dir, offset >> fs->block_bits, 1);
	if (err) {
		page_unlock(p);
		page_put(p);
		return err;
	}
	b->page = p;
	b->data = (u8 *)frame_to_virt(p) + within;
	memset(b->data, 0, PAGE_SIZE - within);
	ext2_dirent_init(b->data, fs->block_size);
	(void)atomic_fetch_or(&p->flags, PG_UPTODATE | PG_CHECKED);
	WRITE_ONCE(dir->size, offset + fs->block_size);
	page_mark_dirty(&dir->pages, p);
	page_unlock(p);
	return 0;
}

/* From the hint on and around once; only when no block has room does the directory grow. */
int ext2_dir_add(struct inode *dir, const char *name, size_t len, struct inode *target)
{
	struct ext2_fs *fs = EXT2_FS(dir->super);
	struct ext2_inode *ei = EXT2_I(dir);
	u32 count = block_count(dir), n = ei->add_hint < count ? ei->add_hint : 0;
	u8 type = dirent_type(fs, target->mode);
	struct dir_block b;
	int err;

	if (len > EXT2_NAME_MAX)
		return -ENAMETOOLONG;
	for (u32 tried = 0; tried < count; tried++, n = n + 1 < count ? n + 1 : 0) {
		err = get_block(dir, n, &b);
		if (err)
			return err;
		if (ext2_dirent_add(b.data, fs->block_size, name, len, target->ino, type) == 0) {
			ei->add_hint = n;
			changed(dir, &b);
			return 0;
		}
		page_put(b.page);
	}
	err = append_block(dir, &b);
	if (err)
		return err;
	err = ext2_dirent_add(b.data, fs->block_size, name, len, target->ino, type);
	ei->add_hint = count;
	changed(dir, &b);
	return err;
}

int ext2_dir_remove(struct inode *dir, const char *name, size_t len)
{
	struct dir_block b;
	struct ext2_dirent *e;
	u32 block;
	int err = find_entry(dir, name, len, &b, &e, &block);

	if (err)
		return err;
	ext2_dirent_remove(b.data, e);
	EXT2_I(dir)->add_hint = MIN(EXT2_I(dir)->add_hint, block);
	changed(dir, &b);
	return 0;
}

/*
 * One word changes: at each moment the name leads to the old inode or to the new one. That is what
 * makes rename(2) over an existing name atomic for whoever looks the name up.
 */
int ext2_dir_replace(struct inode *dir, const char *name, size_t len, struct inode *target)
{
	struct dir_block b;
	struct ext2_dirent *e;
	u32 block;
	int err = find_entry(dir, name, len, &b, &e, &block);

	if (err)
		return err;
	e->inode = target->ino;
	e->file_type = dirent_type(EXT2_FS(dir->super), target->mode);
	changed(dir, &b);
	return 0;
}

/* The directory is new, nobody can find it yet: no lock, and no times to be changed. */
int ext2_dir_make_empty(struct inode *dir, struct inode *parent)
{
	struct ext2_fs *fs = EXT2_FS(dir->super);
	struct dir_block b;
	int err = append_block(dir, &b);

	if (err)
		return err;
	err = ext2_dirent_add(b.data, fs->block_size, ".", 1, dir->ino, dirent_type(fs, S_IFDIR));
	if (!err)
		err = ext2_dirent_add(b.data, fs->block_size, "..", 2, parent->ino,
				      dirent_type(fs, S_IFDIR));
	page_mark_dirty(&dir->pages, b.page);
	page_put(b.page);
	return err;
}

/* Entries that every directory has; a name of one or two bytes is enough to look at. */
static bool is_dot(const struct ext2_dirent *e)
{
	return e->name[0] == '.' && (e->name_len == 1 || (e->name_len == 2 && e->name[1] == '.'));
}

int ext2_dir_empty(struct inode *dir)
{
	u32 size = EXT2_FS(dir->super)->block_size;

	for (u32 n = 0, count = block_count(dir); n < count; n++) {
		struct dir_block b;
		bool used = false;
		int err = get_block(dir, n, &b);

		if (err)
			return err;
		for (unsigned off = 0; off < size && !used;) {
			struct ext2_dirent *e = (struct ext2_dirent *)(b.data + off);

			used = e->inode && !is_dot(e);
			off += e->rec_len;
		}
		page_put(b.page);
		if (used)
			return 0;
	}
	return 1;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Emit the entries of one block from position `from` in it on; false when the buffer is full. */
static bool emit_block(struct inode *dir, struct dir_context *c, const u8 *data, unsigned from)
{
	struct ext2_fs *fs = EXT2_FS(dir->super);
	loff_t start = ALIGN_DOWN(c->pos, (loff_t)fs->block_size);
	const struct ext2_dirent *e;

	/* The position may point into what was an entry once: walk from the block's start. */
	for (unsigned off = 0; off < fs->block_size; off += e->rec_len) {
		u8 type;

		e = (const struct ext2_dirent *)(data + off);
		if (off < from || !e->inode)
			continue;
		type = fs->filetype && e->file_type < ARRAY_SIZE(dirent_types) ?
		       dirent_types[e->file_type] : DT_UNKNOWN;
		c->pos = start + off;
		if (!c->emit(c, e->name, e->name_len, e->inode, type, start + off + e->rec_len))
			return false;
		c->pos = start + off + e->rec_len;
	}
	c->pos = start + fs->block_size;
	return true;
}

/*
 * getdents64(2); dir->lock held for reading. A position is a byte offset in the directory: it stays
 * meaningful while others add and remove names, because entries never move (dirent.c).
 */
static int ext2_readdir(struct file *f, struct dir_context *c)
{
	struct inode *dir = f->inode;
	struct ext2_fs *fs = EXT2_FS(dir->super);

	while (c->pos < dir->size) {
		struct dir_block b;
		bool room;
		int err = get_block(dir, c->pos >> fs->block_bits, &b);

		if (err)
			return err;
		room = emit_block(dir, c, b.data, c->pos & (fs->block_size - 1));
		page_put(b.page);
		if (!room)
			break;
	}
	return 0;
}

static int ext2_dir_fsync(struct file *f, bool data_only)
{
	return ext2_file_ops.fsync(f, data_only);
}

const struct file_ops ext2_dir_file_ops = {
	.read = generic_read_dir,
	.lseek = generic_file_lseek,
	.readdir = ext2_readdir,
	.fsync = ext2_dir_fsync,
};
