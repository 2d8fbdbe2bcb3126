/*
 * The dentry cache: which name in which directory is which inode, or is known to be none
 * (negative). It is what makes path lookup fast: openat, newfstatat, readlink and access are over
 * a third of all calls of real programs, and most of them ask for names that were asked for before.
 *
 * A dentry holds a reference to its parent and to its inode. Unreferenced dentries stay in the
 * hash and on an LRU list until memory is short. One spinlock, dcache_lock, protects the hash, the
 * tree of dentries, the tree of mounts, and every thread's root and working directory: so a walk
 * over cached names takes that lock once and no references on its way (namei.h).
 *
 * A positive dentry to which somebody else has a reference never changes its inode; negative ones
 * become positive under dcache_lock.
 *
 * Three kinds of things have a place in the tree: dentries (names within one file system), mounts
 * (which file system sits where) and struct path, a pair of both, because a dentry alone does not
 * say through which mount one has come to it: the flags of the mount, and what ".." means at its
 * root, depend on that.
 */
#pragma once

#include "common/atomic.h"
#include "common/list.h"
#include "common/spinlock.h"

struct inode;
struct super;
struct mount;
struct printer;
struct thread;
struct file;

#define DENTRY_INLINE_NAME	40
#define NAME_MAX		255
#define PATH_MAX		4096

struct dentry {
	refcount_t refs;
	u32 hash;			/* of the name: name_hash_step() over its bytes */
	u32 flags;			/* DENTRY_; dcache_lock */
	u16 name_len;
	int mounted;			/* how many mounts sit on it; dcache_lock */
	struct dentry *parent;		/* itself for a root; dcache_lock */
	struct inode *inode;		/* NULL: negative */
	struct super *super;
	struct list_head hash_link, child_link, children, lru_link;	/* dcache_lock */
	const char *name;		/* inline_name or allocated; dcache_lock */
	char inline_name[DENTRY_INLINE_NAME];
};
#define DENTRY_HASHED		BIT(0)
#define DENTRY_UNLINKED		BIT(1)	/* deleted while open: " (deleted)" */
#define DENTRY_ON_LRU		BIT(2)	/* on the list, perhaps referenced again meanwhile */
#define DENTRY_USED		BIT(3)	/* found since the shrinker last looked */

/* A component of a path, with its hash: struct names are made while the path is scanned. */
struct name {
	const char *s;			/* not terminated */
	u32 len;
	u32 hash;			/* of the bytes: name_hash_step() over all, from 0 */
};

static inline u32 name_hash_step(u32 hash, u8 c)
{
	return (hash + c) * 0x01000193u;
}
struct name name_of(const char *s, size_t len);

/* A place in the tree of mounts; both held. */
struct path {
	struct mount *mount;
	struct dentry *dentry;
};
void path_get(const struct path *p);
void path_put(struct path *p);

extern struct spinlock dcache_lock;	/* RANK_DCACHE */

/*
 * The hash table itself (exercise 5.2); dcache_lock is held. dcache_find() gives the dentry of n
 * in parent, without a reference, or NULL; dcache_insert() makes d, whose parent, name and hash
 * are set, findable; dcache_remove() undoes that. They also keep DENTRY_HASHED.
 */
struct dentry *dcache_find(struct dentry *parent, const struct name *n);
void dcache_insert(struct dentry *d);
void dcache_remove(struct dentry *d);
/* How often dcache_find() has found something, or not: for tests and /proc. */
extern u64 dcache_hits, dcache_misses;
u64 dentry_count(void);

struct dentry *dentry_root(struct inode *root);		/* consumes nothing; NULL: no memory */
/*
 * For a file without a name (O_TMPFILE, memfd), to be found nowhere; consumes i's reference. text:
 * what is shown as its name (NULL: its number). NULL: no memory.
 */
struct dentry *dentry_unnamed(struct dentry *parent, struct inode *i, const char *text);
void dentry_get(struct dentry *d);
void dentry_put(struct dentry *d);	/* may sleep */
/*
 * Cache or file system: a dentry, perhaps negative, with a reference, or ERR_PTR. parent's inode
 * lock is taken for reading unless `locked` says that the caller holds it.
 */
struct dentry *dentry_lookup(struct dentry *parent, const char *name, size_t len, bool locked);
/* Results of create, unlink, rename; the directory's lock is held for writing. */
/* Negative becomes positive; consumes i's reference. */
void dentry_instantiate(struct dentry *d, struct inode *i);
void dentry_deleted(struct dentry *d);
/* d takes the name and place of target, a dentry of the new parent which is deleted by that. */
void dentry_moved(struct dentry *d, struct dentry *target);
void dentry_exchanged(struct dentry *a, struct dentry *b);
/* Drop d from the hash so that the next lookup asks the file system; d lives while referenced. */
void dentry_invalidate(struct dentry *d);
/* Forget all unreferenced dentries below d. */
void dentry_prune(struct dentry *d);
/* Free up to n unreferenced dentries, oldest first; how many. May sleep. */
u64 dentry_shrink(u64 n);
/* Whether a is d or lies above it. dcache_lock is taken. */
bool dentry_is_above(struct dentry *a, struct dentry *d);

/* Mounts: the tree is changed under mount_lock (RANK_SUPER) and dcache_lock, read under either. */
struct mount {
	refcount_t refs;
	struct super *super;		/* one reference */
	struct dentry *root;		/* what is seen here (bind mounts: any directory or file) */
	/* The tree: mount_lock and dcache_lock. */
	struct mount *parent;		/* NULL: root or detached */
	struct dentry *point;		/* where, in parent */
	struct list_head hash_link;	/* by (parent, point) */
	struct list_head children, sibling, all;
	/* Read without a lock. */
	unsigned long flags;		/* MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_NOATIME ... */
	int id;
	s32 writers;			/* files open for writing through it; atomic */
	char *source;			/* for /proc/mounts */
};
void mount_get(struct mount *m);
void mount_put(struct mount *m);	/* may sleep: unmounts the file system */

/* Name lookup. dirfd and flags as in openat(2). */
#define LOOKUP_FOLLOW		BIT(0)	/* follow a symbolic link at the end */
#define LOOKUP_DIRECTORY	BIT(1)	/* result must be a directory */
#define LOOKUP_EMPTY		BIT(2)	/* AT_EMPTY_PATH */
#define LOOKUP_PARENT		BIT(3)	/* stop before the last component */
#define LOOKUP_NO_SYMLINKS	BIT(4)	/* openat2's RESOLVE_ flags */
#define LOOKUP_NO_MAGICLINKS	BIT(5)
#define LOOKUP_NO_XDEV		BIT(6)
#define LOOKUP_BENEATH		BIT(7)
#define LOOKUP_IN_ROOT		BIT(8)

/* Resolve a user's or a kernel's path: 0 (with *result held) or errno. May sleep. */
int path_lookup_user(int dirfd, const char __user *name, unsigned flags, struct path *result);
int path_lookup(int dirfd, const char *name, unsigned flags, struct path *result);

/*
 * Text of a path as seen from the current root into buf's end: pointer into buf, or
 * ERR_PTR(-ENAMETOOLONG). An unlinked one ends in " (deleted)"; one that cannot be reached from
 * the root is shown from the top of its own tree.
 */
char *path_name(const struct path *p, char *buf, size_t size);

/* Open a path in the kernel: file with reference or ERR_PTR. flags: O_, mode for creation. */
struct file *file_open(int dirfd, const char *name, int flags, u32 mode);

/* Root and working directory: a thread part shared with CLONE_FS; also umask. */
void fs_root(struct path *p);		/* with references */
void fs_cwd(struct path *p);
void fs_set_root(const struct path *p);
void fs_set_cwd(const struct path *p);
u32 fs_umask(void);
/* Another's, for /proc: with references; {NULL, NULL} if it has none any more. */
void thread_fs_path(struct thread *t, bool root, struct path *p);
