/*
 * What the files of vfs/ and calls/ share among themselves and nobody else needs.
 *
 * vfs/ is the machinery: names, inodes, mounts, opening. calls/ are the system calls on top, one
 * file for each family: they copy arguments from the user, find the file, check what the man page
 * demands, take the locks and call an operation of inode.h. A file system sees neither.
 */
#pragma once

#include "common/abi/mount.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"

/* Boot, in this order, before any file system is mounted. */
void dcache_init(void);
void icache_init(void);

/*
 * Unmount: wait until no thread is between taking a dentry out of the cache and dropping its inode.
 */
void dentry_wait_freed(void);
/* Whether only the caller holds d, which has no children. */
bool dentry_is_alone(struct dentry *d);
/* Unmount: evict all inodes of s, none of which is referenced. May sleep. */
void icache_evict_all(struct super *s);

/*
 * The inode of s that has been dirty longest, if that was before `before` (ns): referenced and off
 * the dirty list, or NULL. For the flusher and sync.
 */
struct inode *icache_next_dirty(struct super *s, u64 before);
/*
 * Have the flusher write all dirty inodes now, not only old ones. Any context without spinlocks of
 * rank LEAF.
 */
void flusher_wake(void);

/* RLIMIT_FSIZE is in the way: tells the thread (SIGXFSZ) and returns -EFBIG. */
int file_limit_error(void);

/* An absolute time in ns as a timespec. */
struct timespec timespec_of_ns(u64 ns);

/*
 * Mounts (mount.c). mount_lock: RANK_SUPER, serialises all changes of the tree.
 */
extern struct mutex mount_lock;
/* The mount that sits on p, or NULL. dcache_lock held. No reference. */
struct mount *mount_on(const struct path *p);
/* A detached mount of root (a dentry of s): takes over the reference to s; NULL: no memory. */
struct mount *mount_new(struct super *s, struct dentry *root, unsigned long flags,
			const char *source);
/*
 * Put m (whose reference passes to the tree) at p: 0, -ENOENT if p's dentry is gone. mount_lock
 * held; the lock of p's inode is taken.
 */
int mount_attach(struct mount *m, const struct path *p);
/*
 * Take m, which has a parent, out of the tree; the tree's reference passes to the caller.
 * mount_lock held.
 */
void mount_detach(struct mount *m);
/*
 * The same if nothing is mounted on m and nobody uses it but the tree and the caller, each with one
 * reference: whether it was done.
 */
bool mount_detach_unused(struct mount *m);
/*
 * Whether m hangs, over however many others, on the tree's root. Others, whose last user is going
 * away, must have nothing mounted on them. mount_lock held.
 */
bool mount_is_attached(const struct mount *m);
/* Every attached mount, in order of mounting, under dcache_lock. */
void mount_for_each(void (*fn)(struct mount *m, void *arg), void *arg);
/* 0, or -EROFS if m or its file system is read-only; pairs with mount_end_write(). */
int mount_begin_write(struct mount *m);
void mount_end_write(struct mount *m);
/*
 * Let nobody begin to write through any mount of s, until s->no_writers is cleared again: 0, or
 * -EBUSY, with nothing changed, if somebody is writing.
 */
int super_stop_writers(struct super *s);
/* Set m's flags: 0, or -EBUSY if MS_RDONLY is new and somebody writes through m. */
int mount_set_flags(struct mount *m, unsigned long flags);
/* The whole tree's root, with references. */
void mount_tree_root(struct path *p);
void mount_set_tree_root(struct mount *m);

/*
 * Resolve all but the last component, from base or, if that is NULL, from dirfd: 0 with *parent
 * held, or errno. *last is the last component ("" for the root; perhaps "." or ".."), a part of
 * `name` and without the slashes behind it; *trailing tells whether there were some. May sleep.
 */
int path_lookup_parent_from(const struct path *base, int dirfd, const char *name, unsigned flags,
			    struct path *parent, struct name *last, bool *trailing);
/*
 * The target of a symbolic link, terminated: its length or errno. -ENAMETOOLONG if it does not fit.
 */
ssize_t inode_read_link(struct inode *i, char *buf, size_t size);

/* Files of the VFS (open.c). */
/* In file->flags: nobody may open it for writing meanwhile (exec). A bit that no O_ flag uses. */
#define FILE_DENY_WRITE	0x80000000u

/*
 * A user's path as system calls take it, usually on the caller's stack.
 */
#define PATHNAME_INLINE	160
struct pathname {
	char *s;
	char small[PATHNAME_INLINE];
};
/* 0, -EFAULT, -ENAMETOOLONG, -ENOMEM, -ENOENT (empty). pathname_put() only after success. */
int pathname_get(struct pathname *n, const char __user *user, bool empty_ok);
void pathname_put(struct pathname *n);

/*
 * Names that cannot be created or removed: "" (the root), "." and "..".
 */
static inline bool name_is_special(const struct name *n)
{
	return n->len == 0 || (n->s[0] == '.' && (n->len == 1 || (n->len == 2 && n->s[1] == '.')));
}

/*
 * The place of a name that is to be created or removed: its directory, locked for writing, and its
 * dentry (create.c).
 */
struct entry {
	struct path dir;
	struct dentry *d;
	struct name last;		/* points into the path */
	bool trailing;			/* slashes followed */
	struct inode *victim;		/* kept alive until the directory is unlocked, or NULL */
};
/*
 * Find the directory of path and lock it: 0, and entry_put() must follow; or errno. special: the
 * error if the last component is none that can be created or removed (".", "..", the root).
 */
int entry_get(struct entry *e, int dirfd, const char *path, int special);
void entry_put(struct entry *e);
/*
 * entry_get() for something new: also -EEXIST if it exists, -ENOENT for a file's name with slashes
 * behind.
 */
int entry_get_new(struct entry *e, int dirfd, const char *path, bool is_dir);

/*
 * Create in a locked directory; d is negative: 0 or errno. Permission is checked here, umask
 * applied by the caller. rdev: for device nodes.
 */
int create_in(const struct path *dir, struct dentry *d, u32 mode, dev_t rdev);

/*
 * A new file object for path p and its inode, opened; or ERR_PTR. Nothing is asked about
 * permission: file_open() does that.
 */
struct file *file_open_checked(const struct path *p, int flags);

/* Locks on files (locks.c, flock.c). */
/* A descriptor of that table goes: with it the record locks, but not by O_PATH. */
void locks_file_closed(struct file *f, const void *table);
void locks_file_released(struct file *f);	/* the last reference goes: flock and OFD locks */
void locks_inode_freed(struct inode *i);
