/*
 * devpts: the directory of slaves, one node per pseudo-terminal that exists right now.
 *
 * Nothing is stored: a node is made from struct pty when its name is looked up, and may leave the
 * inode cache as soon as nobody uses it. Owner and mode, which grantpt(3) and login(1) set,
 * therefore live in struct pty, and node_setattr() writes them there. All mounts show the same
 * terminals; on Linux each mount has its own since 4.7, for the sake of containers.
 *
 * Numbers are used again at once, so a cached name may lead to the inode of a pair that is gone.
 * It is good as long as its inode number is that of the pair that has the number now: these
 * numbers are never used again (pts_revalidate). The node `ptmx` opens a new pair as /dev/ptmx
 * does; its mode is 0 unless the mount says otherwise, so that nobody gets around /dev/ptmx's.
 * (Linux: Documentation/filesystems/devpts.rst; pts(4).)
 */
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"
#include "06-posix/tty/pty.h"

#define INO_ROOT	1
#define INO_PTMX	2

/* Mount options; the last mount's count. */
static struct {
	unsigned mode, ptmx_mode, gid;
	bool has_gid;
} options = { .mode = 0600 };

void devpts_defaults(unsigned *gid, unsigned *mode)
{
	*mode = options.mode;
	if (options.has_gid)
		*gid = options.gid;
}

/* The number that a name stands for, -1 if it is none. */
static int parse_index(const char *name, size_t len)
{
	int n = 0;

	if (!len || len > 5 || (len > 1 && name[0] == '0'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		n = n * 10 + name[i] - '0';
	}
	return n;
}

/*
 * Is the cached dentry still true? A name without an inode is asked for anew each time: the
 * terminal may have been made since.
 */
static bool pts_revalidate(struct inode *dir, struct dentry *d)
{
	struct pty *p;
	bool good;

	if (!d->inode)
		return false;
	if (d->inode->ino < DEVPTS_INO_FIRST)
		return true;
	p = pty_find(MINOR(d->inode->rdev));
	good = p && p->ino == d->inode->ino;
	if (p)
		tty_put(&p->tty);
	return good;
}

/*
 * chmod(2), chown(2). The inode may be that of a pair that is gone; then the number may be
 * another's, whose owner must not change.
 */
static int node_setattr(struct inode *i, const struct attr_change *a)
{
	struct pty *p = pty_find(MINOR(i->rdev));
	int error = inode_setattr(i, a);

	if (p && p->ino == i->ino) {
		p->mode = i->mode & S_IALLUGO;
		p->uid = i->uid;
		p->gid = i->gid;
	}
	if (p)
		tty_put(&p->tty);
	return error;
}

static const struct inode_ops node_ops = { .setattr = node_setattr };
static const struct inode_ops ptmx_node_ops;

static void fill_node(struct inode *i, dev_t rdev, u32 mode)
{
	i->mode = S_IFCHR | mode;
	i->nlink = 1;
	i->rdev = rdev;
	i->atime = i->mtime = i->ctime = current_time();
}

/* The inode of p's slave, or of ptmx if p is NULL; with a reference, or ERR_PTR. */
static struct inode *node(struct super *s, struct pty *p)
{
	struct inode *i = inode_get_locked(s, p ? p->ino : INO_PTMX);

	if (!i)
		return ERR_PTR(-ENOMEM);
	/* Cached: its owner and mode are p's, because only node_setattr() changes either. */
	if (!(i->state & INODE_NEW))
		return i;
	if (p) {
		fill_node(i, p->tty.rdev, p->mode);
		i->uid = p->uid;
		i->gid = p->gid;
		i->ops = &node_ops;
		atomic_fetch_or(&i->state, INODE_NO_CACHE);	/* the number never comes back */
	} else {
		fill_node(i, MKDEV(5, 2), options.ptmx_mode);
		i->ops = &ptmx_node_ops;
	}
	inode_unlock_new(i);
	return i;
}

static struct inode *pts_lookup(struct inode *dir, const char *name, size_t len)
{
	int index = parse_index(name, len);
	struct pty *p;
	struct inode *i;

	if (len == 4 && memcmp(name, "ptmx", 4) == 0)
		return node(dir->super, NULL);
	p = index >= 0 ? pty_find(index) : NULL;
	if (!p)
		return NULL;
	i = node(dir->super, p);
	tty_put(&p->tty);
	return i;
}

static const struct inode_ops root_ops = {
	.lookup = pts_lookup,
	.revalidate = pts_revalidate,
};

/* Positions: 0 ".", 1 "..", 2 "ptmx", 3 + n slave n. */
static int pts_readdir(struct file *f, struct dir_context *c)
{
	static const char *const fixed[] = { ".", "..", "ptmx" };
	struct pty *p;
	char name[12];

	for (; c->pos < 3; c->pos++)
		if (!c->emit(c, fixed[c->pos], strlen(fixed[c->pos]),
			     c->pos == 2 ? INO_PTMX : INO_ROOT,
			     c->pos == 2 ? DT_CHR : DT_DIR, c->pos + 1))
			return 0;
	/*
	 * By number, not by place: pairs that come and go between two calls disturb nobody's
	 * listing.
	 */
	while ((p = pty_next(c->pos - 3))) {
		int n = snprintf(name, sizeof(name), "%d", p->index);
		loff_t next = p->index + 4;
		bool ok = c->emit(c, name, n, p->ino, DT_CHR, next);

		tty_put(&p->tty);
		if (!ok)
			return 0;
		c->pos = next;
	}
	return 0;
}

static const struct file_ops root_file_ops = {
	.readdir = pts_readdir,
	.lseek = generic_file_lseek,
};

static struct inode *pts_alloc_inode(struct super *s)
{
	return kzalloc(sizeof(struct inode), GFP_KERNEL);
}

static void pts_free_inode(struct inode *i)
{
	kfree(i);
}

static const struct super_ops pts_super_ops = {
	.alloc_inode = pts_alloc_inode,
	.free_inode = pts_free_inode,
};

/* "gid=5,mode=620,ptmxmode=666": 0 or -EINVAL. */
static int parse_options(const char *s)
{
	while (s && *s) {
		const char *value = strchr(s, '='), *end;

		if (strncmp(s, "newinstance", 11) == 0) {
			end = s + 11;
		} else if (!value) {
			return -EINVAL;
		} else if (strncmp(s, "gid=", 4) == 0) {
			options.gid = parse_u64(value + 1, &end, 10);
			options.has_gid = true;
		} else if (strncmp(s, "mode=", 5) == 0) {
			options.mode = parse_u64(value + 1, &end, 8) & S_IRWXUGO;
		} else if (strncmp(s, "ptmxmode=", 9) == 0) {
			options.ptmx_mode = parse_u64(value + 1, &end, 8) & S_IRWXUGO;
		} else if (strncmp(s, "uid=", 4) == 0 || strncmp(s, "max=", 4) == 0) {
			parse_u64(value + 1, &end, 10);
		} else {
			return -EINVAL;
		}
		if (*end && *end != ',')
			return -EINVAL;
		s = *end ? end + 1 : end;
	}
	return 0;
}

static int pts_mount(struct super *s, const char *source, unsigned long flags, const char *data)
{
	int error = parse_options(data);
	struct inode *i;

	if (error)
		return error;
	s->ops = &pts_super_ops;
	i = inode_get_locked(s, INO_ROOT);
	if (!i)
		return -ENOMEM;
	i->mode = S_IFDIR | 0755;
	i->nlink = 2;
	i->ops = &root_ops;
	i->file_ops = &root_file_ops;
	i->atime = i->mtime = i->ctime = current_time();
	inode_unlock_new(i);
	s->root = i;
	return 0;
}

FS_TYPE(devpts, .name = "devpts", .single = true, .mount = pts_mount);
