/*
 * Opening files: open(2) with all its flags and errors, up to a struct file.
 *
 * Order of checks, as in Linux: resolve the path; what the type of the file forbids; permission;
 * writability of mount and file system; ETXTBSY; the file's own open operation; O_TRUNC.
 *
 * A file open for writing counts in mount->writers (nobody may make the mount read-only) and in
 * inode->write_count (nobody may execute it). release_path() gives all of that back.
 *
 * Creation is a loop, because a name can appear or vanish between looking and locking: look
 * without locks, as most files exist; if there is nothing, lock the directory, look again, create.
 * Only the directory's lock makes O_EXCL the guarantee that programs use it for.
 */
#include "common/errno.h"
#include "common/init.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/namei.h"
#include "05-vfs/vfs/open.h"

int (*fifo_open)(struct inode *i, struct file *f);
int (*block_open)(struct inode *i, struct file *f);

/* What is left of an O_PATH file, and of one whose open failed: a place. */
static const struct file_ops no_ops;

static bool counts_as_writer(const struct file *f)
{
	return S_ISREG(f->inode->mode) && FILE_WRITABLE(f);
}

static int stat_path(struct file *f, struct stat *st)
{
	struct inode *i = f->inode;

	return i->ops->stat ? i->ops->stat(i, st) : inode_stat(i, st);
}

/*
 * With the last reference. What the open counted is given back by what f->flags still say;
 * fcntl(F_SETFL) cannot change the access mode.
 */
static void release_path(struct file *f)
{
	struct path p = { f->mount, f->dentry };

	locks_file_released(f);
	if (counts_as_writer(f)) {
		inode_put_write(f->inode);
		mount_end_write(f->mount);
	}
	if (f->flags & FILE_DENY_WRITE)
		inode_allow_write(f->inode);
	path_put(&p);
}

static const struct path_file_ops path_ops = {
	.stat = stat_path, .close = locks_file_closed, .release = release_path,
};

static void open_init(void)
{
	path_file_ops = &path_ops;
}
INITCALL(40, open_init);

/*
 * The operations of a special file, and its driver's part of opening it. The node on the disk has
 * no data: its device number leads to the driver. A socket's node cannot be opened (ENXIO,
 * open(2)).
 */
static int open_special(struct inode *i, struct file *f)
{
	const struct char_device *c;

	switch (i->mode & S_IFMT) {
	case S_IFCHR:
		c = char_device_find(i->rdev);
		if (!c)
			return -ENXIO;
		f->ops = c->ops;
		return c->open ? c->open(i, f) : 0;
	case S_IFBLK:
		return block_open ? block_open(i, f) : -ENXIO;
	case S_IFIFO:
		return fifo_open ? fifo_open(i, f) : -ENXIO;
	default:
		return -ENXIO;		/* sockets are connected, not opened */
	}
}

static int open_inode(struct inode *i, struct file *f)
{
	f->ops = i->file_ops ? i->file_ops : &no_ops;
	if (i->ops->open)
		return i->ops->open(i, f);
	return S_ISREG(i->mode) || S_ISDIR(i->mode) ? 0 : open_special(i, f);
}

/* Count f as a writer of its file. */
static int begin_writing(struct file *f)
{
	int error = mount_begin_write(f->mount);

	if (error)
		return error;
	error = inode_get_write(f->inode);
	if (error)
		mount_end_write(f->mount);
	return error;
}

/*
 * No permission is looked at here: the caller has done so, or need not (the file was just created,
 * exec has looked at MAY_EXEC). f->dentry is set once f is counted as a writer, and not before:
 * the release of a file without one does not call release_path(). O_PATH opens the place and not
 * the file: no driver, no counts (open(2)).
 */
struct file *file_open_checked(const struct path *p, int flags)
{
	struct file *f = file_alloc(&no_ops, 0, NULL);
	int error = 0;

	if (!f || IS_ERR(f))
		return f ? f : ERR_PTR(-ENOMEM);
	f->flags = flags;
	f->inode = p->dentry->inode;
	f->mount = p->mount;
	if (counts_as_writer(f))
		error = begin_writing(f);
	if (error) {
		file_put(f);		/* without a path yet */
		return ERR_PTR(error);
	}
	path_get(p);
	f->dentry = p->dentry;
	if (!(flags & O_PATH)) {
		error = open_inode(f->inode, f);
		if (error) {
			f->ops = &no_ops;
			file_put(f);
			return ERR_PTR(error);
		}
	}
	atomic_fetch_and(&f->flags, ~(unsigned)O_CREATION_FLAGS);
	return f;
}

/*
 * O_ACCMODE itself, the value 3, asks for both permissions on Linux. O_TRUNC writes, whatever the
 * mode says.
 */
static int open_mask(int flags)
{
	static const int masks[] = {
		[O_RDONLY] = MAY_READ, [O_WRONLY] = MAY_WRITE, [O_RDWR] = MAY_READ | MAY_WRITE,
		[O_ACCMODE] = MAY_READ | MAY_WRITE,
	};

	return masks[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

/* Whether an existing file may be opened in that way. */
static int may_open(const struct path *p, int flags)
{
	struct inode *i = p->dentry->inode;
	int mask = open_mask(flags), error;

	switch (i->mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if ((mask & MAY_WRITE) || (flags & O_CREAT))
			return -EISDIR;
		break;
	/*
	 * Under MS_NODEV a node leads to no device: on what somebody brings along anybody could
	 * have made it.
	 */
	case S_IFCHR:
	case S_IFBLK:
		if (p->mount->flags & MS_NODEV)
			return -EACCES;
		break;
	}
	if ((mask & MAY_WRITE) && (p->mount->flags & MS_RDONLY) && S_ISREG(i->mode))
		return -EROFS;
	error = inode_permission(i, mask);
	if (error)
		return error;
	if ((flags & O_NOATIME) && current_cred()->fsuid != i->uid && !capable(CAP_FOWNER))
		return -EPERM;
	return 0;
}

/* O_TRUNC comes after the open has succeeded: whoever may not open a file must not empty it. */
static int truncate_opened(struct file *f)
{
	int error = mount_begin_write(f->mount);

	if (error)
		return error;
	error = inode_get_write(f->inode);	/* f may be open for reading only */
	if (!error) {
		down_write(&f->inode->lock);
		error = inode_truncate(f->inode, 0);
		up_write(&f->inode->lock);
		inode_put_write(f->inode);
	}
	mount_end_write(f->mount);
	return error;
}

/* Open what p is, after all checks. */
static struct file *open_existing(const struct path *p, int flags)
{
	struct inode *i = p->dentry->inode;
	struct file *f;
	int error;

	if ((flags & O_DIRECTORY) && !S_ISDIR(i->mode))
		return ERR_PTR(-ENOTDIR);
	if (flags & O_PATH)
		return file_open_checked(p, flags);
	error = may_open(p, flags);
	if (error)
		return ERR_PTR(error);
	f = file_open_checked(p, flags);
	if (IS_ERR(f) || !(flags & O_TRUNC) || !S_ISREG(i->mode))
		return f;
	error = truncate_opened(f);
	if (error) {
		file_put(f);
		return ERR_PTR(error);
	}
	return f;
}

/* ---- creation ---- */

/* Outcomes of create_last() besides a file: look again, or go on at a symbolic link's target. */
#define AGAIN	((struct file *)1)
#define LINK	((struct file *)2)

/*
 * dir is locked, d is its entry: create it, or say what is there. link receives the target of a
 * symbolic link that is to be followed.
 */
static struct file *create_last(const struct path *dir, struct dentry *d, int flags, u32 mode,
				char *link)
{
	struct path p = { dir->mount, d };
	int error;

	if (d->inode) {
		if (flags & O_EXCL)
			return ERR_PTR(-EEXIST);
		if (!S_ISLNK(d->inode->mode))
			return AGAIN;
		if (flags & O_NOFOLLOW)
			return ERR_PTR(-ELOOP);
		error = inode_read_link(d->inode, link, PATH_MAX);
		return error < 0 ? ERR_PTR(error) : LINK;
	}
	error = mount_begin_write(dir->mount);
	if (error)
		return ERR_PTR(error);
	error = create_in(dir, d, S_IFREG | (mode & S_IALLUGO & ~fs_umask()), 0);
	mount_end_write(dir->mount);
	if (error)
		return ERR_PTR(error);
	return file_open_checked(&p, flags & ~O_TRUNC);	/* its mode does not bind who made it */
}

/*
 * The new file is opened before the directory's lock is dropped: nobody can have removed or
 * replaced it.
 */
static struct file *create_at(const struct path *dir, const struct name *last, int flags, u32 mode,
			      char *link)
{
	struct inode *i = dir->dentry->inode;
	struct dentry *d;
	struct file *f;

	down_write(&i->lock);
	d = dentry_lookup(dir->dentry, last->s, last->len, true);
	f = IS_ERR(d) ? (struct file *)d : create_last(dir, d, flags, mode, link);
	up_write(&i->lock);
	if (!IS_ERR(d))
		dentry_put(d);
	return f;
}

/*
 * Create name, following dangling links; AGAIN if it exists by now. O_CREAT through a link that
 * leads nowhere makes the file it names (POSIX); O_EXCL does not follow it, so that nobody can be
 * tricked by a link in /tmp.
 */
static struct file *open_create(int dirfd, const char *name, unsigned lookup, int flags, u32 mode)
{
	char *link = kmalloc(2 * PATH_MAX, GFP_KERNEL);	/* one to walk, one to read into */
	struct path base = { NULL, NULL }, dir;
	struct file *f = LINK;
	struct name last;
	bool trailing;
	int error, links = 0;

	if (!link)
		return ERR_PTR(-ENOMEM);
	while (f == LINK) {
		error = path_lookup_parent_from(base.dentry ? &base : NULL, dirfd, name, lookup,
						&dir, &last, &trailing);
		path_put(&base);
		if (error) {
			f = ERR_PTR(error);
			break;
		}
		if (trailing)
			f = ERR_PTR(-EISDIR);
		else if (name_is_special(&last))	/* ".", ".." or "/" is there */
			f = ERR_PTR(flags & O_EXCL ? -EEXIST : -EISDIR);
		else
			f = create_at(&dir, &last, flags, mode, link + (links % 2) * PATH_MAX);
		base = dir;		/* what a relative target starts from */
		if (f != LINK)
			break;
		name = link + (links++ % 2) * PATH_MAX;
		if (links > MAX_LINKS)
			f = ERR_PTR(-ELOOP);
	}
	path_put(&base);
	kfree(link);
	return f;
}

/*
 * The directory only says which file system, and whether one may write there. O_EXCL means that
 * the file shall never get a name (open(2)).
 */
static struct file *open_tmpfile(const struct path *dir, int flags, u32 mode)
{
	struct inode *i = dir->dentry->inode, *made;
	struct path p = { dir->mount, NULL };
	struct file *f;
	int error;

	if (!i->ops->tmpfile)
		return ERR_PTR(-EOPNOTSUPP);
	error = inode_permission(i, MAY_WRITE | MAY_EXEC);
	if (!error)
		error = mount_begin_write(dir->mount);
	if (error)
		return ERR_PTR(error);
	down_write(&i->lock);
	made = i->ops->tmpfile(i, S_IFREG | (mode & S_IALLUGO & ~fs_umask()));
	up_write(&i->lock);
	mount_end_write(dir->mount);
	if (IS_ERR(made))
		return (struct file *)made;
	if (!(flags & O_EXCL))
		atomic_fetch_or(&made->state, INODE_LINKABLE);
	p.dentry = dentry_unnamed(dir->dentry, made, NULL);
	if (!p.dentry) {
		inode_put(made);
		return ERR_PTR(-ENOMEM);
	}
	f = file_open_checked(&p, flags);
	dentry_put(p.dentry);
	return f;
}

/* It may go round more than once: a file that is there when we create, and gone when we open. */
struct file *file_open_how(int dirfd, const char *name, int flags, u32 mode, unsigned lookup)
{
	struct path p;
	struct file *f;
	int error;

	if (!(flags & O_NOFOLLOW))
		lookup |= LOOKUP_FOLLOW;
	if (flags & O_DIRECTORY)
		lookup |= LOOKUP_DIRECTORY;
	for (;;) {
		if ((flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL)) {
			error = path_lookup(dirfd, name, lookup, &p);
			if (!error) {
				f = flags & O_TMPFILE_ ? open_tmpfile(&p, flags, mode)
						       : open_existing(&p, flags);
				path_put(&p);
				return f;
			}
			if (error != -ENOENT || !(flags & O_CREAT))
				return ERR_PTR(error);
		}
		f = open_create(dirfd, name, lookup & ~(LOOKUP_FOLLOW | LOOKUP_DIRECTORY), flags,
				mode);
		if (f != AGAIN)
			return f;
	}
}

struct file *file_open(int dirfd, const char *name, int flags, u32 mode)
{
	return file_open_how(dirfd, name, flags, mode, 0);
}
