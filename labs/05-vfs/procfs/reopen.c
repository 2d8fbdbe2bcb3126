/*
 * Opening again, by way of /proc/PID/fd/N, what has no path: a pipe ("/dev/stdin", bash's
 * "/dev/fd/63"), a terminal of the kernel's own.
 *
 * A walk has to end at a dentry. So such a file gets one, with an inode of a file system that is
 * mounted nowhere: the inode holds the file, and opening the inode asks the file's operations.
 */
#include "common/errno.h"
#include "common/init.h"
#include "common/panic.h"
#include "01-memory/kmem.h"
#include "05-vfs/procfs/procfs.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

struct reopen_inode {
	struct inode vfs;
	struct file *file;		/* referenced; NULL: the root */
};

static struct mount *reopen_mount;

static struct file **file_of(struct inode *i)
{
	return &container_of(i, struct reopen_inode, vfs)->file;
}

static struct inode *reopen_alloc_inode(struct super *s)
{
	struct reopen_inode *r = kzalloc(sizeof(*r), GFP_KERNEL);

	return r ? &r->vfs : NULL;
}

static void reopen_free_inode(struct inode *i)
{
	if (*file_of(i))
		file_put(*file_of(i));
	kfree(container_of(i, struct reopen_inode, vfs));
}

static const struct super_ops reopen_super_ops = {
	.alloc_inode = reopen_alloc_inode, .free_inode = reopen_free_inode,
};

/* A device is found by its number; everything else must know how. */
/*
 * `again` is the new open file. A pipe's end opens as fifo(7) says for its mode, by the pipe's own
 * function; a character device by its number, like a node of /dev.
 */
static int reopen_open(struct inode *i, struct file *again)
{
	struct file *f = *file_of(i);
	const struct char_device *c = S_ISCHR(i->mode) ? char_device_find(i->rdev) : NULL;

	if (f->ops->reopen)
		return f->ops->reopen(f, again);
	if (!c)
		return -ENXIO;
	again->ops = c->ops;
	return c->open ? c->open(i, again) : 0;
}

static int reopen_stat(struct inode *i, struct stat *st)
{
	return file_stat(*file_of(i), st);
}

static const struct inode_ops reopen_inode_ops = { .open = reopen_open, .stat = reopen_stat };
static const struct inode_ops reopen_root_ops;

/*
 * One inode for each walk: it holds a reference to the file, and goes with the path (link count 0,
 * in no hash). Its mode and owner are the file's, so that opening asks for the right permissions.
 */
int file_unnamed_path(struct file *f, struct path *p)
{
	struct stat st = { 0 };
	struct inode *i;
	int error = file_stat(f, &st);

	if (error)
		return error;
	i = inode_new(reopen_mount->super);
	if (!i)
		return -ENOMEM;
	i->ino = st.st_ino;
	i->mode = st.st_mode;
	i->uid = st.st_uid;
	i->gid = st.st_gid;
	i->rdev = st.st_rdev;
	i->ops = &reopen_inode_ops;
	i->nlink = 0;
	file_get(f);
	*file_of(i) = f;
	p->dentry = dentry_unnamed(reopen_mount->root, i, NULL);
	if (!p->dentry) {
		inode_put(i);
		return -ENOMEM;
	}
	p->mount = reopen_mount;
	mount_get(p->mount);
	return 0;
}

static int reopen_fill(struct super *s, const char *source, unsigned long flags, const char *data)
{
	s->ops = &reopen_super_ops;
	s->root = inode_new(s);
	if (!s->root)
		return -ENOMEM;
	s->root->mode = S_IFDIR;
	s->root->ops = &reopen_root_ops;
	return 0;
}

static void reopen_init(void)
{
	static const struct fs_type type = { .name = "reopen", .mount = reopen_fill };
	struct super *s;

	mutex_lock(&mount_lock);
	s = super_mount_device(&type, NULL, "none", 0, NULL);
	mutex_unlock(&mount_lock);
	reopen_mount = IS_ERR(s) ? NULL : mount_new(s, s->root_dentry, 0, "none");
	if (!reopen_mount)
		panic("no memory for the files of /proc/PID/fd");
}
INITCALL(45, reopen_init);
