/*
 * procfs: the part that is the same for everybody, a tree made from the linker set proc_entries.
 *
 * A table entry names its whole path ("sys/kernel/osrelease"); directories come to be where a path
 * needs them. So each module declares its files where their contents are known, and procfs knows
 * none of them (DESIGN: later labs only add). Names must not repeat: each entry becomes a node.
 */
#include "common/errno.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/procfs/procfs.h"

/* Behind the positions of the tree's own entries, of which there are fewer. */
#define FIRST_PID_POS	0x10000		/* readdir positions of processes: this + number */

struct proc_node proc_root_node = { .ino = 1, .links = 2 };

/* ---- building the tree ---- */

struct proc_node *proc_node_find(const struct proc_node *dir, const char *name, size_t len)
{
	struct proc_node *n;

	for (n = dir->children; n; n = n->next)
		if (n->name_len == len && memcmp(n->name, name, len) == 0)
			return n;
	return NULL;
}

/* At the end, so that a directory lists its entries in the order of the set. */
static struct proc_node *add_node(struct proc_node *dir, const char *name, size_t len,
				  const struct proc_entry *entry)
{
	struct proc_node *n = kzalloc(sizeof(*n), GFP_KERNEL), **end = &dir->children;

	if (!n)
		panic("no memory for /proc");
	*n = (struct proc_node){ .name = name, .name_len = len, .entry = entry, .parent = dir,
				 .ino = inode_next_number(), .links = entry ? 1 : 2 };
	while (*end)
		end = &(*end)->next;
	*end = n;
	if (!entry)
		dir->links++;
	return n;
}

/* A directory may come from several entries; the files in it from one each. */
static void add_entry(const struct proc_entry *e)
{
	struct proc_node *dir = &proc_root_node, *n;
	const char *name = e->name, *slash;

	while ((slash = strchr(name, '/'))) {
		n = proc_node_find(dir, name, slash - name);
		dir = n ? n : add_node(dir, name, slash - name, NULL);
		name = slash + 1;
	}
	if (!e->mode || S_ISDIR(e->mode))	/* an empty directory, to mount something on */
		e = NULL;
	if (*name)
		add_node(dir, name, strlen(name), e);
}

static void build_tree(void)
{
	const struct proc_entry *e;

	proc_root_node.parent = &proc_root_node;
	linkset_for_each(proc_entries, const struct proc_entry, e)
		add_entry(e);
}
INITCALL(40, build_tree);

/* ---- inodes ---- */

/*
 * Found in the inode cache, or made. The files belong to root; that not everybody may write is in
 * their mode, and some of the writing functions ask for a capability besides.
 */
static struct inode *node_inode(struct super *s, const struct proc_node *n)
{
	u32 mode = n->entry ? n->entry->mode : S_IFDIR | 0555;
	struct inode *i = inode_get_locked(s, n->ino);

	if (!i)
		return ERR_PTR(-ENOMEM);
	if (!(i->state & INODE_NEW))
		return i;
	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	if (S_ISLNK(mode))
		mode |= 0777;
	inode_init_owner(i, NULL, mode);
	i->uid = i->gid = 0;
	i->nlink = n->links;
	proc_i(i)->node = n;
	if (S_ISDIR(mode)) {
		i->ops = &proc_static_dir_ops;
		i->file_ops = &proc_static_dir_file_ops;
	} else if (S_ISLNK(mode)) {
		i->ops = &proc_static_link_ops;
	} else {
		i->ops = &proc_file_inode_ops;
		i->file_ops = &proc_file_ops;
	}
	inode_unlock_new(i);
	return i;
}

/*
 * A name that is not there is an error of the lookup, not a negative dentry: it may come to be at
 * any time without anybody creating it here.
 */
static struct inode *found(struct inode *i)
{
	return i ? i : ERR_PTR(-ENOENT);
}

/* NULL if there is none of that name. */
static struct inode *find_node(struct inode *dir, const char *name, size_t len)
{
	const struct proc_node *n = proc_node_find(proc_i(dir)->node, name, len);

	return n ? node_inode(dir->super, n) : NULL;
}

static struct inode *static_lookup(struct inode *dir, const char *name, size_t len)
{
	return found(find_node(dir, name, len));
}

static struct inode *root_lookup(struct inode *dir, const char *name, size_t len)
{
	struct inode *i = find_node(dir, name, len);

	return found(i ? i : proc_pid_lookup(dir->super, name, len));
}

/*
 * Processes come and go: a dentry of one that has ended must not be found any more, and its number
 * may be another's by now. The links self and thread-self are no problem, being read anew each
 * time.
 */
static bool root_revalidate(struct inode *dir, struct dentry *d)
{
	struct proc_task t;

	if (!proc_i(d->inode)->pid)
		return true;
	if (proc_task_get(proc_i(d->inode), &t))
		return false;
	proc_task_put(&t);
	return true;
}

static ssize_t static_readlink(struct inode *i, char *buf, size_t size)
{
	struct printer p = { 0 };
	ssize_t len;
	int error = proc_i(i)->node->entry->print(&p);

	len = error ? error : p.failed ? -ENOMEM : (ssize_t)MIN(p.len, size);
	if (len > 0)
		memcpy(buf, p.buf, len);
	printer_free(&p);
	return len;
}

const struct inode_ops proc_static_dir_ops = { .lookup = static_lookup };
const struct inode_ops proc_root_ops = { .lookup = root_lookup, .revalidate = root_revalidate };
const struct inode_ops proc_static_link_ops = { .readlink = static_readlink };

/* ---- reading directories ---- */

static unsigned node_type(const struct proc_node *n)
{
	u32 mode = n->entry ? n->entry->mode : S_IFDIR;

	return mode & S_IFMT ? IFTODT(mode) : DT_REG;
}

/* Positions: 0 ".", 1 "..", then the children by their place in the list, then the processes. */
static int static_readdir(struct file *f, struct dir_context *c)
{
	const struct proc_node *dir = proc_i(f->inode)->node, *n;
	loff_t at = 2;

	if (c->pos == 0) {
		if (!c->emit(c, ".", 1, dir->ino, DT_DIR, 1))
			return 0;
		c->pos = 1;
	}
	if (c->pos == 1) {
		if (!c->emit(c, "..", 2, dir->parent->ino, DT_DIR, 2))
			return 0;
		c->pos = 2;
	}
	for (n = dir->children; n; n = n->next, at++) {
		if (at < c->pos)
			continue;
		if (!c->emit(c, n->name, n->name_len, n->ino, node_type(n), at + 1))
			return 0;
		c->pos = at + 1;
	}
	return dir == &proc_root_node ? proc_pid_readdir(c, FIRST_PID_POS) : 0;
}

const struct file_ops proc_static_dir_file_ops = {
	.read = generic_read_dir, .lseek = generic_file_lseek, .readdir = static_readdir,
};
