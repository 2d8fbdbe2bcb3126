/*
 * Extended attributes (xattr(7)) in the end of large inodes and in a block that several inodes may
 * share.
 *
 * A change is made on copies of both areas and then put into place, so that an attribute that does
 * not fit, or memory that is short, changes nothing. A shared block is never changed: its
 * reference count goes down and a copy of our own is written. (We do not look for equal blocks to
 * share; Linux does, and so disks have them.) inode->lock, held by the VFS, keeps changes and
 * readers apart; fs->lock protects reference counts.
 *
 * Who may set what is decided before (calls/xattr.c); here a name space is a number in the entry.
 */
#include "05-vfs/ext2/ext2.h"
#include "01-memory/kmem.h"
#include "common/abi/xattr.h"
#include "common/errno.h"
#include "common/string.h"

#define HEADER	sizeof(struct ext2_xattr_header)

/* The numbers are the format's; 2 and 3 are POSIX access control lists, which we do not have. */
static const struct prefix {
	const char *text;
	int index;
} prefixes[] = {
	{ "user.", 1 }, { "trusted.", 4 }, { "security.", 6 },
};

/* "user.mime" -> 1, "mime"; -EOPNOTSUPP for name spaces that we do not keep. */
static int split_name(const char **name)
{
	for (unsigned n = 0; n < ARRAY_SIZE(prefixes); n++) {
		size_t len = strlen(prefixes[n].text);

		if (strncmp(*name, prefixes[n].text, len) == 0) {
			*name += len;
			return **name ? prefixes[n].index : -EINVAL;
		}
	}
	return -EOPNOTSUPP;
}

static const char *prefix_of(int index)
{
	for (unsigned n = 0; n < ARRAY_SIZE(prefixes); n++)
		if (prefixes[n].index == index)
			return prefixes[n].text;
	return NULL;
}

/* ---- the two areas ------------------------------------------------------------------------- */

/* Where the inode has room behind its fields, if it has. */
static bool inode_has_area(struct ext2_fs *fs, struct ext2_inode *ei)
{
	return fs->inode_size > EXT2_OLD_INODE_SIZE && ei->extra_isize &&
	       EXT2_OLD_INODE_SIZE + ei->extra_isize + 8 <= fs->inode_size;
}

/* The area in a raw inode; its magic number stands right before it. */
static struct ext2_xattr_area inode_area(struct ext2_fs *fs, struct ext2_inode *ei, void *raw)
{
	u8 *first = (u8 *)raw + EXT2_OLD_INODE_SIZE + ei->extra_isize + 4;

	return (struct ext2_xattr_area){ first, first, (u8 *)raw + fs->inode_size };
}

static struct ext2_xattr_area block_area(struct ext2_fs *fs, void *block)
{
	return (struct ext2_xattr_area){block, (u8 *)block + HEADER, (u8 *)block + fs->block_size};
}

/* Both areas of an inode, as copies in one allocation: a raw inode and a block. */
struct areas {
	u8 *memory;
	/* there is room in the inode; there is a block on the disk */
	bool have_inode, have_block;
	struct ext2_xattr_area in_inode, in_block;
};

/*
 * A new inode's place still shows its predecessor's attributes: write it first. Without the magic
 * number there are none yet, and the area is begun.
 */
static int copy_inode_area(struct ext2_fs *fs, struct ext2_inode *ei, struct areas *a)
{
	struct ext2_disk_inode *raw;
	struct buffer b;
	u32 *magic;
	int err;

	if (ei->fresh) {
		err = ext2_write_inode(&ei->vfs, false);
		if (err)
			return err;
	}
	err = ext2_inode_buffer(fs, ei->vfs.ino, &b, &raw);
	if (err)
		return err;
	memcpy(a->memory, raw, fs->inode_size);
	buffer_put(&b);
	a->in_inode = inode_area(fs, ei, a->memory);
	a->have_inode = true;
	magic = (u32 *)(a->in_inode.first - 4);
	if (*magic != EXT2_XATTR_MAGIC) {
		memset(magic, 0, a->in_inode.end - (u8 *)magic);
		*magic = EXT2_XATTR_MAGIC;
	}
	return ext2_xattr_check(&a->in_inode) ? 0 : -EUCLEAN;
}

/* Without a block the copy is all zeroes: an empty area, to which attributes can be added. */
static int copy_block_area(struct ext2_fs *fs, struct ext2_inode *ei, struct areas *a)
{
	u8 *copy = a->memory + fs->inode_size;
	const struct ext2_xattr_header *h = (const void *)copy;
	struct buffer b;
	int err;

	a->in_block = block_area(fs, copy);
	if (!ei->file_acl)
		return 0;
	err = buffer_read(fs->dev, ei->file_acl, fs->block_size, &b);
	if (err)
		return err;
	memcpy(copy, b.data, fs->block_size);
	buffer_put(&b);
	a->have_block = true;
	if (h->h_magic != EXT2_XATTR_MAGIC || h->h_blocks != 1 || !ext2_xattr_check(&a->in_block))
		return -EUCLEAN;
	return 0;
}

/* Read both; areas_put() afterwards, also on errors. */
static int areas_get(struct inode *i, struct areas *a)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	int err = 0;

	*a = (struct areas){ .memory = kzalloc(fs->inode_size + fs->block_size, GFP_KERNEL) };
	if (!a->memory)
		return -ENOMEM;
	if (inode_has_area(fs, EXT2_I(i)))
		err = copy_inode_area(fs, EXT2_I(i), a);
	if (!err)
		err = copy_block_area(fs, EXT2_I(i), a);
	if (err == -EUCLEAN)
		ext2_error(fs, "inode %llu: its extended attributes are damaged",
			   (unsigned long long)i->ino);
	return err;
}

static void areas_put(struct areas *a)
{
	kfree(a->memory);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Nothing to read in most inodes: say so without allocating. */
static bool has_none(struct inode *i)
{
	return !EXT2_I(i)->file_acl && !inode_has_area(EXT2_FS(i->super), EXT2_I(i));
}

/*
 * size 0 asks for the length alone, a buffer that is too small is ERANGE, an unknown name ENODATA
 * (getxattr(2)).
 */
ssize_t ext2_getxattr(struct inode *i, const char *name, void *buf, size_t size)
{
	int index = split_name(&name);
	struct ext2_xattr_area *area;
	struct ext2_xattr_entry *e = NULL;
	struct areas a;
	ssize_t n;

	if (index < 0)
		return index;
	if (EXT2_FS(i->super)->options & EXT2_OPT_NO_XATTR && index == 1)
		return -EOPNOTSUPP;
	if (has_none(i))
		return -ENODATA;
	n = areas_get(i, &a);
	area = &a.in_inode;
	if (!n && a.have_inode)
		e = ext2_xattr_find(area, index, name, strlen(name));
	if (!n && !e && a.have_block) {
		area = &a.in_block;
		e = ext2_xattr_find(area, index, name, strlen(name));
	}
	if (!n && !e)
		n = -ENODATA;
	if (!n) {
		n = e->e_value_size;
		if (size && size < e->e_value_size)
			n = -ERANGE;
		else if (size)
			memcpy(buf, area->base + e->e_value_offs, e->e_value_size);
	}
	areas_put(&a);
	return n;
}

/*
 * Append the names of one area to buf (if size): the length they have in all, or -ERANGE.
 * "trusted." ones are shown only to who may read them (xattr(7)); name spaces unknown to us to
 * nobody.
 */
static ssize_t list_area(const struct ext2_xattr_area *area, char *buf, size_t size)
{
	bool root = capable(CAP_SYS_ADMIN);
	size_t used = 0;

	for (struct ext2_xattr_entry *e = NULL; (e = ext2_xattr_next(area, e)) != NULL;) {
		const char *prefix = prefix_of(e->e_name_index);
		size_t len;

		if (!prefix || (e->e_name_index == 4 && !root))
			continue;
		len = strlen(prefix);
		if (size) {
			if (used + len + e->e_name_len + 1 > size)
				return -ERANGE;
			memcpy(buf + used, prefix, len);
			memcpy(buf + used + len, e->e_name, e->e_name_len);
			buf[used + len + e->e_name_len] = '\0';
		}
		used += len + e->e_name_len + 1;
	}
	return used;
}

/*
 * A buffer that the first area has just filled must not look like size 0, "only count", to the
 * second.
 */
ssize_t ext2_listxattr(struct inode *i, char *buf, size_t size)
{
	struct areas a;
	ssize_t n, m = 0;

	if (has_none(i))
		return 0;
	n = areas_get(i, &a);
	if (!n && a.have_inode)
		n = list_area(&a.in_inode, buf, size);
	if (n >= 0 && a.have_block) {
		if (size && (size_t)n == size && !ext2_xattr_empty(&a.in_block))
			m = -ERANGE;
		else
			m = list_area(&a.in_block, size ? buf + n : NULL, size ? size - n : 0);
	}
	areas_put(&a);
	return n < 0 ? n : m < 0 ? m : n + m;
}

/* ---- changing ------------------------------------------------------------------------------ */

static u64 sectors_of_block(struct ext2_fs *fs)
{
	return fs->block_size >> SECTOR_SHIFT;
}

/*
 * Give up the block that the inode has: it is freed with its last user. One that holds no
 * attributes stays: on a damaged disk it may be a block of another file. fs->lock held.
 */
static void drop_block(struct ext2_fs *fs, struct ext2_inode *ei)
{
	struct ext2_xattr_header *h;
	struct buffer b;

	if (!ei->file_acl || buffer_read(fs->dev, ei->file_acl, fs->block_size, &b))
		return;
	h = b.data;
	if (h->h_magic != EXT2_XATTR_MAGIC) {
		buffer_put(&b);
		ext2_error(fs, "inode %llu: block %u holds no attributes",
			   (unsigned long long)ei->vfs.ino, ei->file_acl);
	} else if (h->h_refcount > 1) {
		h->h_refcount--;
		buffer_dirty(&b);
		buffer_put(&b);
	} else {
		buffer_put(&b);
		buffer_forget(fs->dev, ei->file_acl, fs->block_size);
		ext2_free_blocks(fs, ei->file_acl, 1);
	}
	ei->vfs.blocks -= MIN(ei->vfs.blocks, sectors_of_block(fs));
	ei->file_acl = 0;
}

/*
 * Write the copy of the block's area to a block that is ours alone, or give the block up if
 * nothing is left in it. fs->lock held. The new block is complete before the inode names it.
 */
static int put_block(struct ext2_fs *fs, struct ext2_inode *ei, struct areas *a)
{
	struct ext2_xattr_header *h = (void *)a->in_block.base;
	u32 place = ei->file_acl, count, goal;
	struct buffer b;
	int err;

	if (ext2_xattr_empty(&a->in_block)) {
		drop_block(fs, ei);
		return 0;
	}
	if (!a->have_block || h->h_refcount != 1) {
		goal = ext2_group_start(fs, (ei->vfs.ino - 1) / fs->inodes_per_group);
		err = ext2_alloc_blocks(fs, NULL, goal, 1, &place, &count);
		if (err)
			return err;
	}
	err = buffer_zero(fs->dev, place, fs->block_size, &b);
	if (err) {
		if (place != ei->file_acl)
			ext2_free_blocks(fs, place, 1);
		return err;
	}
	memset(h, 0, sizeof(*h));
	h->h_magic = EXT2_XATTR_MAGIC;
	h->h_refcount = 1;
	h->h_blocks = 1;
	h->h_hash = ext2_xattr_hash(&a->in_block);
	memcpy(b.data, h, fs->block_size);
	buffer_dirty(&b);
	buffer_put(&b);
	if (place != ei->file_acl) {
		drop_block(fs, ei);
		ei->file_acl = place;
		ei->vfs.blocks += sectors_of_block(fs);
	}
	return 0;
}

/*
 * From the magic number on: what the inode's fields are on the disk is ext2_write_inode()'s
 * business.
 */
static int put_inode_area(struct ext2_fs *fs, struct ext2_inode *ei, struct areas *a)
{
	u8 *from = a->in_inode.first - 4;
	struct ext2_disk_inode *raw;
	struct buffer b;
	int err = ext2_inode_buffer(fs, ei->vfs.ino, &b, &raw);

	if (err)
		return err;
	memcpy((u8 *)raw + (from - a->memory), from, a->in_inode.end - from);
	buffer_dirty(&b);
	buffer_put(&b);
	return 0;
}

/*
 * Put the changed copies into their places. The block first: it is the one that can fail (ENOSPC).
 */
static int areas_commit(struct inode *i, struct areas *a)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	int err;

	mutex_lock(&fs->lock);
	if (!(fs->es->s_feature_compat & EXT2_COMPAT_EXT_ATTR)) {
		fs->es->s_feature_compat |= EXT2_COMPAT_EXT_ATTR;
		ext2_super_dirty(fs);
	}
	err = put_block(fs, EXT2_I(i), a);
	if (!err && a->have_inode)
		err = put_inode_area(fs, EXT2_I(i), a);
	mutex_unlock(&fs->lock);
	if (!err)
		inode_touch(i, ATTR_CTIME);
	return err;
}

/* Take the attribute out of the copies; true if it was there. */
static bool take_out(struct areas *a, int index, const char *name)
{
	struct ext2_xattr_entry *e = NULL;

	if (a->have_inode && (e = ext2_xattr_find(&a->in_inode, index, name, strlen(name))) != NULL)
		ext2_xattr_remove(&a->in_inode, e);
	else if ((e = ext2_xattr_find(&a->in_block, index, name, strlen(name))) != NULL)
		ext2_xattr_remove(&a->in_block, e);
	return e != NULL;
}

/*
 * value NULL: remove. XATTR_CREATE and XATTR_REPLACE as in setxattr(2). The inode's own area is
 * tried first, since it costs no block and no further read.
 */
static int change(struct inode *i, const char *name, const void *value, size_t size, int flags)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	int index = split_name(&name), err;
	struct areas a;
	bool existed;

	if (index < 0)
		return index;
	if (fs->es->s_rev_level == 0 || (fs->options & EXT2_OPT_NO_XATTR && index == 1))
		return -EOPNOTSUPP;
	if (strlen(name) > 255)
		return -ERANGE;
	err = areas_get(i, &a);
	if (!err) {
		existed = take_out(&a, index, name);
		if (!existed && (!value || flags & XATTR_REPLACE))
			err = -ENODATA;
		else if (existed && flags & XATTR_CREATE)
			err = -EEXIST;
	}
	if (!err && value) {
		err = a.have_inode
			      ? ext2_xattr_add(&a.in_inode, index, name, strlen(name), value, size)
			      : -ENOSPC;
		if (err)
			err = ext2_xattr_add(&a.in_block, index, name, strlen(name), value, size);
	}
	if (!err)
		err = areas_commit(i, &a);
	areas_put(&a);
	return err;
}

int ext2_setxattr(struct inode *i, const char *name, const void *value, size_t size, int flags)
{
	return change(i, name, value ? value : "", size, flags);
}

int ext2_removexattr(struct inode *i, const char *name)
{
	return change(i, name, NULL, 0, 0);
}

/* The inode is being evicted: its part of a shared block is given up, or the block freed. */
void ext2_xattr_free(struct inode *i)
{
	struct ext2_fs *fs = EXT2_FS(i->super);

	if (!EXT2_I(i)->file_acl)
		return;
	mutex_lock(&fs->lock);
	drop_block(fs, EXT2_I(i));
	mutex_unlock(&fs->lock);
}
