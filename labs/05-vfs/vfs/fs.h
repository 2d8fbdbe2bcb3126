/*
 * A thread's root, working directory and umask (fs.c).
 */
#pragma once

#include "05-vfs/dentry.h"

struct fs {
	refcount_t refs;
	struct path root, cwd;		/* dcache_lock */
	u32 umask;			/* atomic */
};

/*
 * What kernel threads use and the first process copies; its paths are set when the root is mounted.
 */
extern struct fs init_fs;

/* Set the umask; the old one. */
u32 fs_set_umask(u32 mask);
u32 thread_fs_umask(struct thread *t);
/* A copy of its own for the current thread (unshare(2), CLONE_FS): 0 or -ENOMEM. */
int fs_unshare(void);
/* Change root and working directory of every thread where they are `from` (pivot_root(2)). */
void fs_replace_everywhere(const struct path *from, const struct path *to);
