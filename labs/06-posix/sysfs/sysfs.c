/*
 * The file system behind sysfs.h: at boot the table becomes a tree of nodes, which then never
 * changes; inodes are made from nodes when they are looked up. A file's text is made when it is
 * opened.
 *
 * As the tree never changes, nothing here takes a lock. A text that is made at open stays the same
 * for that file however it is read, byte by byte or by two readers; who wants to see news opens it
 * again (Linux makes it anew at position 0). st_size is a page for every file, as on Linux,
 * whatever is inside: programs must read to the end.
 */
#include "06-posix/sysfs/sysfs.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"

struct node {
	const char *name;		/* name_len bytes of an entry's name */
	size_t name_len;
	const struct sys_entry *entry;	/* of a file or link, else NULL */
	struct node *parent, *children, *next;
	u64 ino;
	unsigned subdirs;
};

static struct node root = { .name = "", .parent = &root, .ino = 1 };

struct sys_inode {
	struct inode vfs;
	struct node *node;
};

static struct node *node_of(struct inode *i)
{
	return container_of(i, struct sys_inode, vfs)->node;
}

static struct node *find(struct node *dir, const char *name, size_t len)
{
	struct node *n;

	for (n = dir->children; n; n = n->next)
		if (n->name_len == len && memcmp(n->name, name, len) == 0)
			return n;
	return NULL;
}

/* At the end, so that listings keep the table's order. At boot only: no memory is a panic. */
static struct node *add(struct node *dir, const char *name, size_t len,
			const struct sys_entry *entry)
{
	static u64 last_ino = 1;
	struct node *n = kzalloc(sizeof(*n), GFP_KERNEL), **end = &dir->children;

	if (!n)
		panic("no memory for /sys");
	n->name = name;
	n->name_len = len;
	n->entry = entry;
	n->parent = dir;
	n->ino = ++last_ino;
	if (!entry)
		dir->subdirs++;
	while (*end)
		end = &(*end)->next;
	*end = n;
	return n;
}

/*
 * Directories appear with the first name below them; an entry of its own for one adds nothing. e
 * stays.
 */
static void add_entry(const struct sys_entry *e)
{
	const char *name = e->name, *slash;
	struct node *dir = &root, *n;

	for (; (slash = strchr(name, '/')); name = slash + 1, dir = n) {
		n = find(dir, name, slash - name);
		if (!n)
			n = add(dir, name, slash - name, NULL);
	}
	if (!find(dir, name, strlen(name)))
		add(dir, name, strlen(name), e->print || e->link ? e : NULL);
}

static void sysfs_init(void)
{
	const struct sys_entry *e;

	linkset_for_each(sysfs_entries, const struct sys_entry, e)
		add_entry(e);
}
INITCALL(45, sysfs_init);

static void add_made(struct sys_entry e, const char *fmt, va_list ap)
{
	struct sys_entry *copy = kmemdup(&e, sizeof(e), GFP_KERNEL);
	char name[128];

	vsnprintf(name, sizeof(name), fmt, ap);
	if (!copy || !(copy->name = kstrdup(name, GFP_KERNEL)) ||
	    (e.link && !(copy->link = kstrdup(e.link, GFP_KERNEL))))
		panic("no memory for /sys");
	add_entry(copy);
}

void sysfs_add_file(int (*print)(struct printer *p, u64 arg), u64 arg, const char *name, ...)
{
	va_list ap;

	va_start(ap, name);
	add_made((struct sys_entry){ .mode = 0444, .print = print, .arg = arg }, name, ap);
	va_end(ap);
}

void sysfs_add_link(const char *link, const char *name, ...)
{
	va_list ap;

	va_start(ap, name);
	add_made((struct sys_entry){ .link = link }, name, ap);
	va_end(ap);
}

/* ---- files ---- */

static int sys_open(struct inode *i, struct file *f)
{
	struct printer *p;
	int error;

	if (!node_of(i)->entry)
		return 0;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	error = node_of(i)->entry->print(p, node_of(i)->entry->arg);
	if (!error && p->failed)
		error = -ENOMEM;
	if (error) {
		kfree(p->buf);
		kfree(p);
		return error;
	}
	f->private = p;
	return 0;
}

static ssize_t sys_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct printer *p = f->private;
	size_t n;

	if (*pos < 0 || (size_t)*pos >= p->len || !it->count)
		return 0;
	n = copy_to_iter(p->buf + *pos, MIN(it->count, p->len - (size_t)*pos), it);
	*pos += n;
	return n ? (ssize_t)n : -EFAULT;
}

static void sys_release(struct file *f)
{
	struct printer *p = f->private;

	if (p)
		kfree(p->buf);
	kfree(p);
}

static const struct file_ops file_ops = {
	.read = sys_read,
	.lseek = generic_file_lseek,
	.release = sys_release,
};

/* ---- directories ---- */

static const struct inode_ops dir_inode_ops, file_inode_ops, link_inode_ops;
static const struct file_ops dir_file_ops;

static unsigned type_of(const struct node *n)
{
	return !n->entry ? DT_DIR : n->entry->link ? DT_LNK : DT_REG;
}

static struct inode *get_inode(struct super *s, struct node *n)
{
	struct inode *i = inode_get_locked(s, n->ino);

	if (!i)
		return ERR_PTR(-ENOMEM);
	if (!(i->state & INODE_NEW))
		return i;
	container_of(i, struct sys_inode, vfs)->node = n;
	i->nlink = 1;
	switch (type_of(n)) {
	case DT_DIR:
		i->mode = S_IFDIR | 0755;
		i->nlink = 2 + n->subdirs;
		i->ops = &dir_inode_ops;
		i->file_ops = &dir_file_ops;
		break;
	case DT_LNK:
		i->mode = S_IFLNK | 0777;
		i->ops = &link_inode_ops;
		break;
	default:
		i->mode = S_IFREG | n->entry->mode;
		i->size = PAGE_SIZE;
		i->ops = &file_inode_ops;
		i->file_ops = &file_ops;
	}
	i->atime = i->mtime = i->ctime = current_time();
	inode_unlock_new(i);
	return i;
}

static struct inode *sys_lookup(struct inode *dir, const char *name, size_t len)
{
	struct node *n = find(node_of(dir), name, len);

	return n ? get_inode(dir->super, n) : NULL;
}

/* Positions: 0 ".", 1 "..", then the children in order. */
static int sys_readdir(struct file *f, struct dir_context *c)
{
	struct node *dir = node_of(f->inode), *n = dir->children;

	if (c->pos == 0 && !c->emit(c, ".", 1, dir->ino, DT_DIR, ++c->pos))
		return c->pos--, 0;
	if (c->pos == 1 && !c->emit(c, "..", 2, dir->parent->ino, DT_DIR, ++c->pos))
		return c->pos--, 0;
	for (loff_t skip = c->pos - 2; n && skip > 0; skip--)
		n = n->next;
	for (; n; n = n->next, c->pos++)
		if (!c->emit(c, n->name, n->name_len, n->ino, type_of(n), c->pos + 1))
			break;
	return 0;
}

static const struct inode_ops dir_inode_ops = { .lookup = sys_lookup };
static const struct inode_ops file_inode_ops = { .open = sys_open };

static ssize_t sys_readlink(struct inode *i, char *buf, size_t size)
{
	const char *text = node_of(i)->entry->link;
	size_t n = MIN(strlen(text), size);

	memcpy(buf, text, n);
	return n;
}

static const struct inode_ops link_inode_ops = { .readlink = sys_readlink };
static const struct file_ops dir_file_ops = { .readdir = sys_readdir, .lseek = generic_file_lseek };

static struct inode *sys_alloc_inode(struct super *s)
{
	struct sys_inode *i = kzalloc(sizeof(*i), GFP_KERNEL);

	return i ? &i->vfs : NULL;
}

static void sys_free_inode(struct inode *i)
{
	kfree(container_of(i, struct sys_inode, vfs));
}

static const struct super_ops sys_super_ops = {
	.alloc_inode = sys_alloc_inode,
	.free_inode = sys_free_inode,
};

static int sys_mount(struct super *s, const char *source, unsigned long flags, const char *data)
{
	struct inode *i;

	s->ops = &sys_super_ops;
	i = get_inode(s, &root);
	if (IS_ERR(i))
		return PTR_ERR(i);
	s->root = i;
	return 0;
}

FS_TYPE(sysfs, .name = "sysfs", .single = true, .mount = sys_mount);
