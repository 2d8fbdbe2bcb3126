/*
 * From a place back to its path: getcwd(2), /proc/PID/maps, /proc/mounts.
 *
 * From the end to the beginning, since only upwards the way is known: each dentry has one parent,
 * each mount one mount point. The text is built at the buffer's end for that reason. All is read
 * under one hold of dcache_lock: with a rename in the middle it would be a path that never was.
 */
#include "common/errno.h"
#include "common/string.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/path_name.h"

/* Put n bytes before *at, if there is room behind start. */
static bool prepend(char *start, char **at, const char *s, size_t n)
{
	if ((size_t)(*at - start) < n)
		return false;
	*at -= n;
	memcpy(*at, s, n);
	return true;
}

/*
 * Write the components between root and p before *at. *reached: whether root was met. dcache_lock
 * held. False: no room.
 */
static bool prepend_components(const struct path *p, const struct path *root, char *start,
			       char **at, bool *reached)
{
	struct mount *m = p->mount;
	struct dentry *d = p->dentry;

	for (;;) {
		*reached = m == root->mount && d == root->dentry;
		if (*reached)
			return true;
		if (d == m->root) {
			if (!m->parent)
				return true;
			d = m->point;
			m = m->parent;
			continue;
		}
		if (d->parent == d)
			return true;	/* a bind mount's root was moved away from above it */
		if (!prepend(start, at, d->name, d->name_len) || !prepend(start, at, "/", 1))
			return false;
		d = d->parent;
	}
}

/*
 * The root itself has no component and is shown as "/". " (deleted)" is Linux's convention
 * (proc(5)); a file may be called so, and programs that care compare inode numbers.
 */
char *path_name_from(const struct path *p, const struct path *root, char *buf, size_t size,
		     bool *reached)
{
	char *at = buf + size - 1, *end = at;
	bool deleted, fits;

	*at = '\0';
	spin_lock(&dcache_lock);
	deleted = p->dentry->flags & DENTRY_UNLINKED;
	if (deleted && prepend(buf, &at, " (deleted)", 10))
		end = at;
	fits = prepend_components(p, root, buf, &at, reached);
	spin_unlock(&dcache_lock);
	if (fits && at == end)
		fits = prepend(buf, &at, "/", 1);
	return fits ? at : ERR_PTR(-ENAMETOOLONG);
}

char *path_name(const struct path *p, char *buf, size_t size)
{
	struct path root;
	bool reached;
	char *s;

	fs_root(&root);
	s = path_name_from(p, &root, buf, size, &reached);
	path_put(&root);
	return s;
}

/* For /proc/PID/mountinfo: which directory of the file system is seen at a mount. */
char *dentry_name(struct dentry *d, char *buf, size_t size)
{
	char *at = buf + size - 1;
	bool fits = true;

	*at = '\0';
	spin_lock(&dcache_lock);
	while (fits && d->parent != d) {
		fits = prepend(buf, &at, d->name, d->name_len) && prepend(buf, &at, "/", 1);
		d = d->parent;
	}
	spin_unlock(&dcache_lock);
	if (fits && !*at)
		fits = prepend(buf, &at, "/", 1);
	return fits ? at : ERR_PTR(-ENAMETOOLONG);
}
