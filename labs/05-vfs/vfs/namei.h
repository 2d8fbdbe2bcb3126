/*
 * Walking a path: the state of a walk, and the steps of which walk.c (exercise 5.1) puts it
 * together.
 *
 * A walk is fast as long as everything it needs is in the dentry cache: it holds dcache_lock, so
 * that nothing it looks at can change or go away, and takes no references. When it has to sleep (to
 * ask the file system, to read a symbolic link from disk) walk_hold() takes references to where it
 * stands and drops the lock; from then on every step moves the references along. The steps below
 * know both modes, and their caller need not care.
 *
 * The locked walk is this kernel's answer to a question that all kernels face: a path of five
 * components would cost ten atomic counts and five locks if each step took and dropped references.
 * Linux walks without any lock (RCU) and begins again if something has changed. One spinlock for
 * all walks is simpler to get right, and short: the steps do no more than compare names and mode
 * bits.
 */
#pragma once

#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"

#define MAX_LINKS	40	/* symbolic links in one walk; then ELOOP */

/* The text of a symbolic link being walked, and where to go on when it is used up. */
struct link_text {
	struct link_text *below;
	const char *rest;
	char text[];
};

struct walk {
	struct path path;		/* where the walk stands */
	struct path root;		/* what "/" is, and where ".." stops */
	const char *rest;		/* what is still to be walked of the current text */
	/*
	 * Texts that are not finished form a stack, since a link's text may contain links again. A
	 * recursive walk would need as much kernel stack as somebody cares to nest links.
	 */
	struct link_text *link;		/* whose text that is; NULL: the path itself */
	unsigned flags;			/* LOOKUP_ */
	int links;			/* followed so far */
	bool fast;			/* dcache_lock held, no references; else references held */
	struct name last; /* LOOKUP_PARENT: the component not walked; len 0: there is none */
	struct file *start;		/* the directory file the walk began at, or NULL */
};

/*
 * Walk all of w->rest (exercise 5.1): 0 with w->path where it leads; with LOOKUP_PARENT the last
 * component is left in w->last. Or -ENOENT, -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG and what
 * reading a directory gives. The references are walk_end()'s business.
 */
int walk_components(struct walk *w);

/* Steps. Each returns 0 or errno unless said otherwise. */

/* The place must be a directory (-ENOTDIR) in which the caller may search (-EACCES). */
int walk_may_search(struct walk *w);
/* True if only slashes are left, here and in all texts that wait below. */
bool walk_at_end(const struct walk *w);
/* The current text is used up: go on where the link stood; false if this was the path itself. */
bool walk_pop_link(struct walk *w);
/* "..": to the parent, out of a mounted file system if need be, but never above the root. */
int walk_up(struct walk *w);
/*
 * The dentry of name n here, from the cache or from the file system; perhaps negative; ERR_PTR on
 * errors. Exactly one of the next three must be called with it.
 */
struct dentry *walk_child(struct walk *w, const struct name *n);
/* Step onto d, and onto what is mounted on it. */
int walk_into(struct walk *w, struct dentry *d);
/*
 * d is a symbolic link: go on with its text, from here or from the root. -ELOOP if it is one too
 * many.
 */
int walk_link(struct walk *w, struct dentry *d);
/* Do not use d after all. */
void walk_drop(struct walk *w, struct dentry *d);

/* Below: namei.c's own. */

/* Leave fast mode. */
void walk_hold(struct walk *w);
/*
 * Begin at base or, if that is NULL, at dirfd (as in openat(2)), or for an absolute name at the
 * root: 0, -EBADF, -ENOTDIR, -EXDEV. After 0, walk_end() must follow.
 */
int walk_begin(struct walk *w, const struct path *base, int dirfd, const char *name,
	       unsigned flags);
/* End: with result, w->path goes there with references. */
void walk_end(struct walk *w, struct path *result);

/* Root and working directory of the current thread, without references; dcache_lock is held. */
const struct path *fs_root_locked(void);
const struct path *fs_cwd_locked(void);
