/*
 * tmpfs: directories (tmpfs.h).
 *
 * The VFS has locked the directory for writing (for lookup and readdir: reading), has looked
 * whether the names exist, and gives the inodes that they lead to; so tmpfs_find() finds what it
 * is asked for in unlink, rmdir and rename. An operation that can fail fails before it has changed
 * anything.
 *
 * References: an entry owns one to its inode, and they move with the entries. Who calls unlink,
 * rmdir or rename has one of his own, so the inode is still there when the entry's is dropped.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/tmpfs/tmpfs.h"

#define ENTRY_SIZE	20	/* what an entry counts in a directory's st_size, as on Linux */
#define RENAME_EXCHANGE	2

static struct tmpfs_entry *entry_of(struct rb_node *n)
{
	return rb_entry(n, struct tmpfs_entry, node);
}

/* The order is for the tree alone: getdents goes by cookie. */
static int compare(const char *name, size_t len, const struct tmpfs_entry *e)
{
	int d = memcmp(name, e->name, MIN(len, (size_t)e->len));

	return d ? d : (int)len - (int)e->len;
}

struct tmpfs_entry *tmpfs_find(struct inode *dir, const char *name, size_t len)
{
	struct rb_node *n = tmpfs_i(dir)->names.node;

	while (n) {
		int d = compare(name, len, entry_of(n));

		if (!d)
			return entry_of(n);
		n = d < 0 ? n->left : n->right;
	}
	return NULL;
}

/*
 * A new entry in dir that refers to i (its reference is consumed on success): 0 or -ENOMEM. The
 * cookie is never used again, not even after the entry has gone: a reader who stands at it goes on
 * with the next larger one.
 */
static int add_entry(struct inode *dir, const char *name, size_t len, struct inode *i)
{
	struct tmpfs_inode *d = tmpfs_i(dir);
	struct rb_node **link = &d->names.node, *parent = NULL;
	struct tmpfs_entry *e = kmalloc(sizeof(*e) + len + 1, GFP_KERNEL);

	if (!e)
		return -ENOMEM;
	e->cookie = d->next_cookie++;
	e->inode = i;
	e->len = len;
	memcpy(e->name, name, len);
	e->name[len] = '\0';
	list_init(&e->link);
	if (radix_insert(&d->cookies, e->cookie, e)) {
		kfree(e);
		return -ENOMEM;
	}
	while (*link) {
		parent = *link;
		link = compare(name, len, entry_of(parent)) < 0 ? &parent->left : &parent->right;
	}
	rb_insert(&d->names, &e->node, parent, link);
	dir->size += ENTRY_SIZE;
	dir->version++;
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
	return 0;
}

/* Take e out of dir; its reference to the inode passes to the caller. */
static struct inode *remove_entry(struct inode *dir, struct tmpfs_entry *e)
{
	struct tmpfs_inode *d = tmpfs_i(dir);
	struct inode *i = e->inode;

	radix_remove(&d->cookies, e->cookie);
	rb_erase(&d->names, &e->node);
	kfree(e);
	dir->size -= ENTRY_SIZE;
	dir->version++;
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
	return i;
}

static struct inode *tmpfs_lookup(struct inode *dir, const char *name, size_t len)
{
	struct tmpfs_entry *e = tmpfs_find(dir, name, len);

	if (!e)
		return NULL;
	inode_get(e->inode);
	return e->inode;
}

/*
 * Enter the new i: it is returned with a reference for the caller besides the entry's, or ERR_PTR.
 */
static struct inode *enter(struct inode *dir, const char *name, size_t len, struct inode *i)
{
	if (IS_ERR(i))
		return i;
	if (add_entry(dir, name, len, i)) {
		i->nlink = 0;
		inode_put(i);
		return ERR_PTR(-ENOMEM);
	}
	inode_get(i);
	return i;
}

static struct inode *tmpfs_create(struct inode *dir, const char *name, size_t len, u32 mode,
				  dev_t rdev)
{
	return enter(dir, name, len, tmpfs_new_inode(dir->super, dir, mode, rdev));
}

static struct inode *tmpfs_mkdir(struct inode *dir, const char *name, size_t len, u32 mode)
{
	struct inode *i = enter(dir, name, len, tmpfs_new_inode(dir->super, dir, mode, 0));

	if (!IS_ERR(i))
		dir->nlink++;
	return i;
}

static struct inode *tmpfs_symlink(struct inode *dir, const char *name, size_t len,
				   const char *target)
{
	struct inode *i = tmpfs_new_inode(dir->super, dir, S_IFLNK | S_IRWXUGO, 0);

	if (IS_ERR(i))
		return i;
	i->link = kstrdup(target, GFP_KERNEL);
	if (!i->link) {
		i->nlink = 0;
		inode_put(i);
		return ERR_PTR(-ENOMEM);
	}
	i->size = strlen(target);
	return enter(dir, name, len, i);
}

static int tmpfs_link(struct inode *dir, const char *name, size_t len, struct inode *target)
{
	int error;

	inode_get(target);
	error = add_entry(dir, name, len, target);
	if (error) {
		inode_put(target);
		return error;
	}
	target->nlink++;
	inode_touch(target, ATTR_CTIME);
	return 0;
}

/*
 * The file itself goes with its last reference: then inode_put() evicts it, as its link count is
 * 0.
 */
static int tmpfs_unlink(struct inode *dir, const char *name, size_t len, struct inode *target)
{
	remove_entry(dir, tmpfs_find(dir, name, len));
	target->nlink--;
	inode_touch(target, ATTR_CTIME);
	inode_put(target);		/* the entry's; the caller has another */
	return 0;
}

/* "." and ".." are no entries; readdir makes them up. */
static bool is_empty(struct inode *dir)
{
	return !tmpfs_i(dir)->names.node;
}

static int tmpfs_rmdir(struct inode *dir, const char *name, size_t len, struct inode *target)
{
	if (!is_empty(target))
		return -ENOTEMPTY;
	remove_entry(dir, tmpfs_find(dir, name, len));
	target->nlink = 0;
	dir->nlink--;
	inode_put(target);
	return 0;
}

/* i, if it is a directory, moves from one directory to another. */
static void reparent(struct inode *i, struct inode *from, struct inode *to)
{
	if (S_ISDIR(i->mode) && from != to) {
		tmpfs_i(i)->parent_ino = to->ino;
		from->nlink--;
		to->nlink++;
	}
}

/* The entries stay where they are, with their cookies; what they refer to is swapped. */
static int exchange(struct inode *old_dir, struct tmpfs_entry *a, struct inode *new_dir,
		    struct tmpfs_entry *b)
{
	struct inode *t = a->inode;

	a->inode = b->inode;
	b->inode = t;
	reparent(b->inode, old_dir, new_dir);
	reparent(a->inode, new_dir, old_dir);
	inode_touch(a->inode, ATTR_CTIME);
	inode_touch(b->inode, ATTR_CTIME);
	inode_touch(old_dir, ATTR_MTIME | ATTR_CTIME);
	inode_touch(new_dir, ATTR_MTIME | ATTR_CTIME);
	return 0;
}

/*
 * An existing target's entry is reused: whoever looks the new name up finds the old file or the
 * new one, never nothing (rename(2)). Only without one memory is needed, and that comes first.
 */
static int tmpfs_rename(struct inode *old_dir, const char *old_name, size_t old_len,
			struct inode *i, struct inode *new_dir, const char *new_name,
			size_t new_len, struct inode *target, unsigned flags)
{
	struct tmpfs_entry *from = tmpfs_find(old_dir, old_name, old_len);
	struct tmpfs_entry *to = target ? tmpfs_find(new_dir, new_name, new_len) : NULL;
	int error;

	if (flags & RENAME_EXCHANGE)
		return exchange(old_dir, from, new_dir, to);
	if (target && S_ISDIR(target->mode) && !is_empty(target))
		return -ENOTEMPTY;
	if (to) {
		to->inode = i;
		if (S_ISDIR(target->mode)) {
			target->nlink = 0;
			new_dir->nlink--;
		} else {
			target->nlink--;
		}
		inode_touch(target, ATTR_CTIME);
		inode_touch(new_dir, ATTR_MTIME | ATTR_CTIME);
		inode_put(target);
	} else {
		error = add_entry(new_dir, new_name, new_len, i);
		if (error)
			return error;
	}
	remove_entry(old_dir, from);	/* its reference belongs to the new entry now */
	reparent(i, old_dir, new_dir);
	inode_touch(i, ATTR_CTIME);
	return 0;
}

/* O_TMPFILE: nothing but the open file keeps it. */
static struct inode *tmpfs_tmpfile(struct inode *dir, u32 mode)
{
	struct inode *i = tmpfs_new_inode(dir->super, dir, mode, 0);

	if (!IS_ERR(i))
		i->nlink = 0;
	return i;
}

const struct inode_ops tmpfs_dir_ops = {
	.lookup = tmpfs_lookup,
	.create = tmpfs_create,
	.mkdir = tmpfs_mkdir,
	.symlink = tmpfs_symlink,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.rmdir = tmpfs_rmdir,
	.rename = tmpfs_rename,
	.tmpfile = tmpfs_tmpfile,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
	.removexattr = tmpfs_removexattr,
};

/*
 * Offsets are cookies: that of the first entry not yet returned. emit() returns false when the
 * caller's buffer is full; the position then is that of the entry that did not fit. dir->lock held
 * for reading.
 */
static int tmpfs_readdir(struct file *f, struct dir_context *c)
{
	struct tmpfs_inode *d = tmpfs_i(f->inode);
	struct tmpfs_entry *e;
	u64 cookie;

	if (c->pos == 0) {
		if (!c->emit(c, ".", 1, f->inode->ino, DT_DIR, 1))
			return 0;
		c->pos = 1;
	}
	if (c->pos == 1) {
		if (!c->emit(c, "..", 2, d->parent_ino, DT_DIR, 2))
			return 0;
		c->pos = 2;
	}
	for (cookie = c->pos; (e = radix_next(&d->cookies, &cookie)); cookie++) {
		if (!c->emit(c, e->name, e->len, e->inode->ino, IFTODT(e->inode->mode), cookie + 1))
			return 0;
		c->pos = cookie + 1;
	}
	return 0;
}

const struct file_ops tmpfs_dir_file_ops = {
	.read = generic_read_dir,
	.lseek = generic_file_lseek,
	.readdir = tmpfs_readdir,
	.fsync = generic_fsync,
	.ioctl = generic_file_ioctl,
};
