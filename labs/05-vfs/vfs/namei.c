/*
 * Name lookup: the steps of a walk (namei.h), and from names to places for everybody else.
 *
 * The specification is path_resolution(7), with symlink(7) and openat2(2). Each step exists in two
 * forms in one function: with dcache_lock held, when w->path is only borrowed, and without, when
 * it holds references. A step that finds that it must sleep calls walk_hold() and goes on in the
 * second form; a walk never goes back to the first. What a walk has found may be renamed, unlinked
 * or unmounted by the time the caller uses it: a path is a place that existed, not one that stays.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/namei.h"

void path_get(const struct path *p)
{
	mount_get(p->mount);
	dentry_get(p->dentry);
}

/* The dentry first: its file system must not be unmounted before its dentries are gone. */
void path_put(struct path *p)
{
	struct path old = *p;

	*p = (struct path){ NULL, NULL };
	dentry_put(old.dentry);
	if (old.mount)
		mount_put(old.mount);
}

/* ---- the steps of a walk ---- */

/*
 * What is borrowed is alive: the lock has been held since the root or working directory, which the
 * thread holds, was read. So taking references now is safe, and after it the lock may go.
 */
void walk_hold(struct walk *w)
{
	if (!w->fast)
		return;
	path_get(&w->path);
	path_get(&w->root);
	w->fast = false;
	spin_unlock(&dcache_lock);
}

/*
 * Almost every directory on the way to a file may be searched by everybody; one test of three bits
 * settles that. A file system's own permission() may sleep. The inode's mode is read without its
 * lock: a chmod at the same moment is seen or not, as if it came before or after.
 */
int walk_may_search(struct walk *w)
{
	struct inode *i = w->path.dentry->inode;

	if (!S_ISDIR(i->mode))
		return -ENOTDIR;
	if (!i->ops->permission) {
		if ((i->mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == (S_IXUSR | S_IXGRP | S_IXOTH))
			return 0;
		return inode_permission_generic(i, MAY_EXEC);
	}
	walk_hold(w);
	return i->ops->permission(i, MAY_EXEC);
}

static bool only_slashes(const char *s)
{
	while (*s == '/')
		s++;
	return !*s;
}

/* "a/link/" with the text "b//" is at its end behind b: two texts are left, of slashes only. */
bool walk_at_end(const struct walk *w)
{
	const struct link_text *l;

	if (!only_slashes(w->rest))
		return false;
	for (l = w->link; l; l = l->below)
		if (!only_slashes(l->rest))
			return false;
	return true;
}

bool walk_pop_link(struct walk *w)
{
	struct link_text *l = w->link;

	if (!l)
		return false;
	w->rest = l->rest;
	w->link = l->below;
	kfree(l);
	return true;
}

/* Stand at `to` (borrowed in fast mode; else its references are consumed). */
static void walk_move(struct walk *w, struct path to)
{
	if (!w->fast)
		path_put(&w->path);
	w->path = to;
}

/*
 * From a place to what is mounted on it, on that, ... dcache_lock held. The count in the dentry
 * saves looking in the table for nearly all; it may belong to a mount of the same dentry as seen
 * through another bind mount, which is why mount_on() may yet say no.
 */
static int cross_mounts(struct walk *w, struct path *p)
{
	struct mount *m;

	while (p->dentry->mounted && (m = mount_on(p))) {
		if (w->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		*p = (struct path){ m, m->root };
	}
	return 0;
}

static bool same_path(const struct path *a, const struct path *b)
{
	return a->mount == b->mount && a->dentry == b->dentry;
}

/*
 * The parent of p within root. dcache_lock held. The root of a mount has its parent in another
 * mount: first step from the root to the mount point, perhaps several times, then one directory
 * up, and then into what is mounted there. The process's root is compared before each step: that
 * is all that keeps a chroot closed. It does not help against a process that stands outside, which
 * is why chroot(2) is no security.
 */
static int parent_of(struct walk *w, struct path *p)
{
	for (;;) {
		if (same_path(p, &w->root))
			return w->flags & LOOKUP_BENEATH ? -EXDEV : 0;
		if (p->dentry != p->mount->root)
			break;
		if (!p->mount->parent)
			return 0;	/* the top of all, or a detached mount */
		if (w->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		*p = (struct path){ p->mount->parent, p->mount->point };
	}
	p->dentry = p->dentry->parent;
	return cross_mounts(w, p);
}

int walk_up(struct walk *w)
{
	struct path p;
	int error;

	if (!w->fast)
		spin_lock(&dcache_lock);
	p = w->path;
	error = parent_of(w, &p);
	if (w->fast) {
		if (!error)
			w->path = p;
		return error;
	}
	if (!error)
		path_get(&p);
	spin_unlock(&dcache_lock);
	if (!error)
		walk_move(w, p);
	return error;
}

/*
 * Outside fast mode the dentry comes with a reference, in it without: that is why walk_drop(),
 * walk_into() and walk_link() must know the mode, and each consumes the dentry.
 */
struct dentry *walk_child(struct walk *w, const struct name *n)
{
	struct dentry *dir = w->path.dentry, *d;

	if (w->fast && !dir->inode->ops->revalidate) {
		d = dcache_find(dir, n);
		if (d)
			return d;
	}
	walk_hold(w);
	return dentry_lookup(dir, n->s, n->len, false);
}

void walk_drop(struct walk *w, struct dentry *d)
{
	if (!w->fast)
		dentry_put(d);
}

int walk_into(struct walk *w, struct dentry *d)
{
	struct path p = { w->path.mount, d };
	int error = 0;

	if (w->fast) {
		if (d->mounted)
			error = cross_mounts(w, &p);
		if (!error)
			w->path = p;
		return error;
	}
	spin_lock(&dcache_lock);
	error = cross_mounts(w, &p);
	if (!error)
		path_get(&p);
	spin_unlock(&dcache_lock);
	dentry_put(d);
	if (!error)
		walk_move(w, p);
	return error;
}

/*
 * Push text of len bytes, of which the struct has room for; it ends up terminated. An absolute
 * text starts again at the root of the walk, not at that of the system. An empty text would mean
 * the directory it stands in; Linux refuses it (ENOENT), and so do we.
 */
static int push_link(struct walk *w, struct link_text *l, size_t len, bool last)
{
	l->text[len] = '\0';
	if (!len) {
		kfree(l);
		return -ENOENT;
	}
	if (last && l->text[len - 1] == '/')
		w->flags |= LOOKUP_DIRECTORY;
	l->below = w->link;
	l->rest = w->rest;
	w->link = l;
	w->rest = l->text;
	if (l->text[0] != '/')
		return 0;
	if (w->flags & LOOKUP_BENEATH)
		return -EXDEV;
	if ((w->flags & LOOKUP_NO_XDEV) && w->path.mount != w->root.mount)
		return -EXDEV;
	if (!w->fast)
		path_get(&w->root);
	walk_move(w, w->root);
	return 0;
}

/* A link whose target is in memory. GFP_ATOMIC in fast mode; then -ENOMEM means: try slowly. */
static int link_in_memory(struct walk *w, struct inode *i, bool last)
{
	size_t len = strlen(i->link);
	struct link_text *l = kmalloc(sizeof(*l) + len + 1, w->fast ? GFP_ATOMIC : GFP_KERNEL);

	if (!l)
		return -ENOMEM;
	memcpy(l->text, i->link, len);
	return push_link(w, l, len, last);
}

/*
 * The text is read into memory of the walk's: nothing of the link need be held while it is walked.
 */
static int link_from_fs(struct walk *w, struct inode *i, bool last)
{
	struct link_text *l = kmalloc(sizeof(*l) + PATH_MAX, GFP_KERNEL);
	ssize_t len;

	if (!l)
		return -ENOMEM;
	len = i->ops->readlink(i, l->text, PATH_MAX - 1);
	if (len < 0) {
		kfree(l);
		return len;
	}
	return push_link(w, l, len, last);
}

/*
 * A magic link of /proc leads straight to a place. There is no text: /proc/PID/fd/3 leads to a
 * file that may have no name any more, or a name in another root. So the limits of openat2(2) are
 * checked on the place itself.
 */
static int link_magic(struct walk *w, struct inode *i)
{
	struct path p;
	int error;

	if (w->flags & LOOKUP_NO_MAGICLINKS)
		return -ELOOP;
	if (w->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT))
		return -EXDEV;
	error = i->ops->follow(i, &p);
	if (error)
		return error;
	if ((w->flags & LOOKUP_NO_XDEV) && p.mount != w->path.mount) {
		path_put(&p);
		return -EXDEV;
	}
	walk_move(w, p);
	return 0;
}

/*
 * MAX_LINKS counts the links of the whole walk, so that a loop ends; POSIX asks for ELOOP. The
 * link's own dentry is kept until its text has been copied, and its mount as well: a magic link
 * moves the walk away, and the link must not be the last thing that kept its file system mounted.
 */
int walk_link(struct walk *w, struct dentry *d)
{
	struct inode *i = d->inode;
	struct mount *m;
	bool last = walk_at_end(w), was_fast = w->fast;
	int error = -ENOMEM;

	if (++w->links > MAX_LINKS || (w->flags & LOOKUP_NO_SYMLINKS) ||
	    (w->path.mount->flags & MS_NOSYMFOLLOW)) {
		walk_drop(w, d);
		return -ELOOP;
	}
	/* A slash behind it asks for the directory it leads to, over however many further links. */
	if (last && *w->rest)
		w->flags |= LOOKUP_FOLLOW;
	if (i->link && was_fast)
		error = link_in_memory(w, i, last);
	if (was_fast && error != -ENOMEM)
		return error;
	if (was_fast) {
		dentry_get(d);
		walk_hold(w);
	}
	m = w->path.mount;		/* stays until d is gone, wherever the walk goes */
	mount_get(m);
	if (i->link)
		error = link_in_memory(w, i, last);
	else if (i->ops->follow)
		error = link_magic(w, i);
	else
		error = link_from_fs(w, i, last);
	dentry_put(d);
	mount_put(m);
	return error;
}

/* ---- whole walks ---- */

/*
 * From here the lock is held until walk_end() or the first walk_hold(). The directory of dirfd is
 * kept by its file, since another thread may close the descriptor meanwhile.
 */
int walk_begin(struct walk *w, const struct path *base, int dirfd, const char *name, unsigned flags)
{
	bool absolute = name[0] == '/', scoped = flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT);
	struct file *f = NULL;
	struct path start;

	*w = (struct walk){ .rest = name, .flags = flags };
	if (absolute && (flags & LOOKUP_BENEATH))
		return -EXDEV;
	if (dirfd != AT_FDCWD && (scoped || (!base && !absolute))) {
		f = fd_get_path(dirfd);
		if (!f)
			return -EBADF;
		if (!f->dentry) {
			file_put(f);
			return -ENOTDIR;
		}
	}
	w->start = f;
	spin_lock(&dcache_lock);
	w->fast = true;
	w->root = *fs_root_locked();
	if (f)
		start = (struct path){ f->mount, f->dentry };
	else
		start = absolute && !scoped ? w->root : *fs_cwd_locked();
	/* openat2(2): dirfd is root and ceiling of this walk, wherever it begins. */
	if (scoped)
		w->root = start;
	w->path = base && !absolute ? *base : start;
	return 0;
}

void walk_end(struct walk *w, struct path *result)
{
	while (walk_pop_link(w))
		;
	if (w->fast) {
		if (result) {
			*result = w->path;
			path_get(result);
		}
		spin_unlock(&dcache_lock);
	} else {
		if (result)
			*result = w->path;
		else
			path_put(&w->path);
		path_put(&w->root);
	}
	if (w->start)
		file_put(w->start);
}

/*
 * POSIX: a path that ends in a slash resolves as if "." followed. So "file/" is ENOTDIR, and that
 * is told from the last character read: the walk ends at the end of the name, not of a link's
 * text.
 */
int path_lookup(int dirfd, const char *name, unsigned flags, struct path *result)
{
	struct walk w;
	int error;

	if (!*name && !(flags & LOOKUP_EMPTY))
		return -ENOENT;
	error = walk_begin(&w, NULL, dirfd, name, flags);
	if (error)
		return error;
	error = walk_components(&w);
	if (!error && w.rest > name && w.rest[-1] == '/') /* the walk has ended at the name's end */
		w.flags |= LOOKUP_DIRECTORY;
	if (!error && (w.flags & LOOKUP_DIRECTORY) && !S_ISDIR(w.path.dentry->inode->mode))
		error = -ENOTDIR;
	walk_end(&w, error ? NULL : result);
	return error;
}

/*
 * For create, remove and rename, which work on a name in a directory and not on a file. A link as
 * the last component is not followed then (open with O_CREAT does that itself). "." and ".." are
 * left to the caller too: each call has an errno of its own for them.
 */
int path_lookup_parent_from(const struct path *base, int dirfd, const char *name, unsigned flags,
			    struct path *parent, struct name *last, bool *trailing)
{
	struct walk w;
	int error;

	if (!*name)
		return -ENOENT;
	error = walk_begin(&w, base, dirfd, name, flags | LOOKUP_PARENT);
	if (error)
		return error;
	error = walk_components(&w);
	*last = w.last.len ? w.last : (struct name){ "", 0, 0 };	/* "/" alone has none */
	*trailing = w.last.len && w.last.s[w.last.len] == '/';
	walk_end(&w, error ? NULL : parent);
	return error;
}

int path_lookup_user(int dirfd, const char __user *name, unsigned flags, struct path *result)
{
	struct pathname n;
	int error = pathname_get(&n, name, flags & LOOKUP_EMPTY);

	if (error)
		return error;
	error = path_lookup(dirfd, n.s, flags, result);
	pathname_put(&n);
	return error;
}

/* ---- names from user memory ---- */

/*
 * Nearly all paths fit the buffer on the caller's stack: no allocation. A longer one is copied
 * anew from the start; if another thread changes it meanwhile, that copy is the one that counts.
 * PATH_MAX includes the terminating zero (limits.h), so 4095 bytes is the longest path.
 */
int pathname_get(struct pathname *n, const char __user *user, bool empty_ok)
{
	ssize_t len = strncpy_from_user(n->small, user, sizeof(n->small));

	n->s = n->small;
	if (len < 0)
		return len;
	if (len == sizeof(n->small)) {
		n->s = kmalloc(PATH_MAX, GFP_KERNEL);
		if (!n->s)
			return -ENOMEM;
		len = strncpy_from_user(n->s, user, PATH_MAX);
		if (len < 0 || len == PATH_MAX) {
			pathname_put(n);
			return len < 0 ? len : -ENAMETOOLONG;
		}
	}
	return len || empty_ok ? 0 : -ENOENT;
}

void pathname_put(struct pathname *n)
{
	if (n->s != n->small)
		kfree(n->s);
	n->s = n->small;
}
