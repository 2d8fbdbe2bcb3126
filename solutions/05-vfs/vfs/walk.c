/*
 * Exercise 5.1: walking a path, component by component.
 *
 * Goal: from a path such as "/usr//lib/../bin/./sh" to the file it names, as path_resolution(7)
 * describes: slashes separate, "." stays, ".." goes up, everything else is looked up in the
 * directory that has been reached, and a symbolic link goes on with the link's text.
 * Invariant: before each component w->path is a directory that the caller may search, w->rest
 * points at what has not been walked yet, and no component is looked at twice.
 * Symptoms when wrong: "a//b" or "a/" is ENOENT (slashes not skipped); "file/x" is ENOENT instead
 * of ENOTDIR, or a directory without the x bit can be crossed (not checked before the component);
 * "link" or "link/" is opened as a link although "link/x" works (the last component); the
 * rest of the path behind a link is lost (texts not popped); mkdir finds no directory to work in
 * (LOOKUP_PARENT); a loop of links never ends (the count belongs to walk_link()).
 * Reading: vfs/namei.h, which has the steps; path_resolution(7), symlink(7).
 */
#include "common/errno.h"
#include "05-vfs/vfs/namei.h"

/* EXERCISE 5.1 BEGIN  blank-toplevel */
/* Cut the next component off w->rest, computing its hash on the way. */
static struct name next_component(struct walk *w)
{
	const char *s = w->rest;
	u32 hash = 0;
	struct name n;

	while (*s && *s != '/')
		hash = name_hash_step(hash, *s++);
	n = (struct name){ w->rest, s - w->rest, hash };
	w->rest = s;
	return n;
}

static bool is_dot(const struct name *n)
{
	return n->len == 1 && n->s[0] == '.';
}

static bool is_dot_dot(const struct name *n)
{
	return n->len == 2 && n->s[0] == '.' && n->s[1] == '.';
}

/* Look n up and go there; last: nothing follows it. */
static int walk_name(struct walk *w, const struct name *n, bool last)
{
	struct dentry *d = walk_child(w, n);

	if (IS_ERR(d))
		return PTR_ERR(d);
	if (!d->inode) {
		walk_drop(w, d);
		return -ENOENT;
	}
	/* A slash behind the last component asks for the directory that the link leads to. */
	if (S_ISLNK(d->inode->mode) && (!last || *w->rest || (w->flags & LOOKUP_FOLLOW)))
		return walk_link(w, d);
	return walk_into(w, d);
}
/* EXERCISE 5.1 END */

int walk_components(struct walk *w)
{
	/* EXERCISE 5.1 BEGIN  blank: return -ENOSYS; */
	for (;;) {
		struct name n;
		bool last;
		int error;

		while (*w->rest == '/')
			w->rest++;
		if (!*w->rest) {
			if (!walk_pop_link(w))
				return 0;
			continue;
		}
		error = walk_may_search(w);
		if (error)
			return error;
		n = next_component(w);
		last = walk_at_end(w);
		if (last && (w->flags & LOOKUP_PARENT)) {
			w->last = n;
			return 0;
		}
		if (is_dot(&n))
			continue;
		error = is_dot_dot(&n) ? walk_up(w) : walk_name(w, &n, last);
		if (error)
			return error;
	}
	/* EXERCISE 5.1 END */
}
