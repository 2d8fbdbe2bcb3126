/*
 * A file system of the test's own: what reaches its write_inode() and sync(), and when.
 */
#include "common/errno.h"
#include "common/ktest.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/cache/cache_internal.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

static struct super fs;
static struct mount m;
static struct inode *file;
static int writes;			/* pages written */
static loff_t size_on_disk;
static int sync_write;			/* what beginning to write said during sync() */

static int fake_write_inode(struct inode *i, bool wait)
{
	size_on_disk = i->size;
	return 0;
}

static int fake_sync(struct super *s, bool wait)
{
	sync_write = mount_begin_write(&m);
	if (!sync_write)
		mount_end_write(&m);
	return 0;
}

static const struct super_ops fake_super_ops = {
	.write_inode = fake_write_inode, .sync = fake_sync,
};

static int fake_read(struct page_cache *c, struct frame **pages, int n)
{
	for (int i = 0; i < n; i++)
		page_end_read(pages[i], 0);
	return 0;
}

static void fake_write(struct page_cache *c, struct frame **pages, int n)
{
	for (int i = 0; i < n; i++) {
		writes++;
		page_end_write(pages[i], 0);
	}
}

/* The flusher comes while a write has marked the inode and not yet made the file longer. */
static int fake_reserve(struct page_cache *c, u64 index, unsigned from, unsigned to)
{
	return super_sync(&fs, false);
}

static const struct page_cache_ops fake_cache_ops = {
	.read_pages = fake_read, .write_pages = fake_write, .reserve = fake_reserve,
};

static bool begin(void)
{
	memset(&fs, 0, sizeof(fs));
	memset(&m, 0, sizeof(m));
	fs.ops = &fake_super_ops;
	fs.max_size = INT64_MAX;
	spin_init(&fs.lock, "test super", RANK_LEAF);
	list_init(&fs.dirty);
	list_init(&fs.inodes);
	m.super = &fs;
	writes = 0;
	size_on_disk = 0;
	file = inode_new(&fs);
	if (!file)
		return false;
	file->mode = S_IFREG | 0644;
	page_cache_init(&file->pages, file, &fake_cache_ops);
	return true;
}

static void end(void)
{
	inode_put(file);
}

/* Write a byte into page n. */
static bool write_byte(u64 n)
{
	struct frame *p = page_write_begin(&file->pages, n, 0, 1);

	if (IS_ERR(p))
		return false;
	*(u8 *)frame_to_virt(p) = 1;
	return page_write_end(&file->pages, p, 0, 1, 1) == 1;
}

KTEST(remount_stops_writers, "5.0", 0, "nobody begins to write while a file system becomes read-only")
{
	int error, before, during;

	KTEST_ASSERT(begin());
	before = mount_begin_write(&m);
	error = super_remount(&fs, MS_RDONLY, NULL);
	mount_end_write(&m);
	sync_write = 1;
	if (!before && error == -EBUSY)
		before = super_remount(&fs, MS_RDONLY, NULL);
	during = sync_write;
	end();
	KTEST_EQ(error, -EBUSY);
	KTEST_EQ(before, 0);
	KTEST_EQ(during, -EROFS);
	KTEST_EQ(mount_begin_write(&m), -EROFS);
	KTEST_EQ(super_remount(&fs, 0, NULL), 0);
	KTEST_EQ(mount_begin_write(&m), 0);
	mount_end_write(&m);
	KTEST_EQ(m.writers, 0);
	KTEST_EQ(fs.writers, 0);
}

KTEST(sync_finds_dirtied_again, "5.0", 0,
      "a page that became dirty again while it was written is found by the next sync")
{
	struct frame *p;
	bool began, wrote;
	int synced;

	KTEST_ASSERT(begin());
	wrote = write_byte(0);
	p = page_find(&file->pages, 0);
	page_lock(p);
	began = page_begin_writeback(&file->pages, p);
	page_mark_dirty(&file->pages, p);
	page_unlock(p);
	synced = super_sync(&fs, false);	/* must leave it alone */
	page_end_write(p, 0);
	page_put(p);
	if (!synced && writes == 0)
		synced = super_sync(&fs, true);
	end();
	KTEST_ASSERT(wrote && began);
	KTEST_EQ(synced, 0);
	KTEST_MSG(writes == 1, "the page is still dirty: unmounting now would lose it");
}

KTEST(sync_writes_new_size, "5.0", 0,
      "a size that grows just after the inode was written is written by the next sync")
{
	bool wrote;
	int synced;

	KTEST_ASSERT(begin());
	inode_touch(file, ATTR_MTIME);
	wrote = write_byte(2);
	synced = super_sync(&fs, true);
	end();
	KTEST_ASSERT(wrote);
	KTEST_EQ(synced, 0);
	KTEST_EQ(size_on_disk, 2 * PAGE_SIZE + 1);
}
