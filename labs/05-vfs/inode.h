/*
 * Inodes and file systems: what a file is, as opposed to what it is called (dentry.h) and who has
 * it open (03's file.h).
 *
 * Life of an inode: inode_get_locked() finds it in the hash or makes it (INODE_NEW, filled by the
 * file system, then inode_unlock_new()); references are counted; without references it stays cached
 * on the LRU until memory is short, or is evicted at once when its link count is 0: evict() then
 * frees its blocks.
 *
 * Locks: inode->lock (rwsem) is held for writing by whoever changes a directory or a file's
 * size and contents, for reading by lookups in a directory; parents before children (RANK_INODE_DIR
 * before RANK_INODE).
 *
 * What the VFS does for a file system, so that this need not: names and their permission, "." and
 * "..", caches, locks on directories, counts of writers, mounts. What is left is struct inode_ops
 * and super_ops: find, make and remove an entry; read and write pages; write an inode. A table of
 * functions per type of file is all there is of "virtual".
 *
 * A reference to an inode keeps the struct, not the file: who needs the contents of a file or its
 * name to stay holds a lock or an open file.
 */
#pragma once

#include "common/abi/stat.h"
#include "02-usermode/mutex.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/file.h"
#include "05-vfs/page_cache.h"

struct dentry;
struct super;
struct inode;
struct path;
struct attr_change;
struct printer;
struct statfs;

/*
 * Device numbers are kept as stat(2) shows them (common/abi/stat.h: dev_t, MAJOR, MINOR); they fit
 * 32 bits.
 */
#define MKDEV(ma, mi)	MAKEDEV(ma, mi)

struct inode_ops {
	/*
	 * Directories. dir->lock is held (write; lookup: read), names are valid and not "." or
	 * "..", the VFS has checked permissions and that the target (does not) exist(s).
	 */
	/* The inode called name, with a reference; NULL if there is none; ERR_PTR on I/O errors. */
	struct inode *(*lookup)(struct inode *dir, const char *name, size_t len);
	/*
	 * Make a file of the type in mode; rdev for devices. The new inode with a reference, or
	 * ERR_PTR.
	 */
	struct inode *(*create)(struct inode *dir, const char *name, size_t len, u32 mode,
				dev_t rdev);
	struct inode *(*mkdir)(struct inode *dir, const char *name, size_t len, u32 mode);
	struct inode *(*symlink)(struct inode *dir, const char *name, size_t len,
				 const char *target);
	int (*link)(struct inode *dir, const char *name, size_t len, struct inode *target);
	int (*unlink)(struct inode *dir, const char *name, size_t len, struct inode *target);
	/* -ENOTEMPTY if entries are left. */
	int (*rmdir)(struct inode *dir, const char *name, size_t len,
		     struct inode *target);
	/*
	 * Replace an existing target, or with RENAME_EXCHANGE swap; target may be NULL. Both
	 * directories are locked.
	 */
	int (*rename)(struct inode *old_dir, const char *old_name, size_t old_len,
		      struct inode *inode, struct inode *new_dir, const char *new_name,
		      size_t new_len, struct inode *target, unsigned flags);
	/* An unnamed file (O_TMPFILE), link count 0. */
	struct inode *(*tmpfile)(struct inode *dir, u32 mode);

	/*
	 * Symbolic links: the target, at most size bytes without terminator; its length. May sleep.
	 * NULL op: not a link.
	 */
	ssize_t (*readlink)(struct inode *i, char *buf, size_t size);
	/*
	 * Magic links of /proc: jump to a path (references taken) instead of walking a string; 0 or
	 * errno.
	 */
	int (*follow)(struct inode *i, struct path *p);

	/* Any file. Fills *st from the inode; NULL: inode_stat(). */
	int (*stat)(struct inode *i, struct stat *st);
	/*
	 * Change attributes (already permitted); NULL: inode_setattr(). Truncation goes through
	 * here too.
	 */
	int (*setattr)(struct inode *i, const struct attr_change *a);
	/*
	 * Whether the mode bits are not the whole truth (procfs): 0 or -EACCES; NULL:
	 * inode_permission_generic().
	 */
	int (*permission)(struct inode *i, int mask);
	/*
	 * A dentry of this inode is about to be used from the cache: false makes lookup ask again
	 * (procfs). NULL: always true.
	 */
	bool (*revalidate)(struct inode *dir, struct dentry *d);
	/* Opening: fill f->ops (already the inode's default) and f->private; 0 or errno. */
	int (*open)(struct inode *i, struct file *f);
	/* Extended attributes; NULL: -EOPNOTSUPP. */
	ssize_t (*getxattr)(struct inode *i, const char *name, void *buf, size_t size);
	int (*setxattr)(struct inode *i, const char *name, const void *value, size_t size,
			int flags);
	ssize_t (*listxattr)(struct inode *i, char *buf, size_t size);
	int (*removexattr)(struct inode *i, const char *name);
	/* fallocate(2); NULL: -EOPNOTSUPP. */
	int (*fallocate)(struct inode *i, int mode, loff_t off, loff_t len);
	/* F_SEAL_ bits: what may not be done to the contents; NULL: none. */
	u32 (*seals)(struct inode *i);
};

#define INODE_NEW	BIT(0)	/* being filled by the file system */
#define INODE_DIRTY	BIT(1)	/* attributes differ from the disk */
#define INODE_HASHED	BIT(2)
#define INODE_EVICTING	BIT(3)
#define INODE_NO_CACHE	BIT(4)	/* evict when unreferenced (procfs) */
#define INODE_ON_LRU	BIT(5)	/* on the icache's list, perhaps referenced again meanwhile */
#define INODE_FAILED	BIT(6)	/* could not be filled; gone with its last reference */
#define INODE_LINKABLE	BIT(7)	/* made by O_TMPFILE: link(2) may give it its first name */

struct inode {
	/*
	 * Set before anybody else can find the inode, and then constant; ops and file_ops as well.
	 */
	struct super *super;
	u64 ino;
	const struct inode_ops *ops;
	const struct file_ops *file_ops;
	refcount_t refs;
	u32 state;			/* INODE_ bits; atomic */

	struct rwsem lock; /* RANK_INODE_DIR for directories, RANK_INODE others; protects: */
	u32 mode;			/* type and permissions */
	u32 nlink;
	uid_t uid;
	gid_t gid;
	loff_t size;			/* read without the lock by READ_ONCE */
	u64 blocks;			/* of 512 bytes, for stat */
	struct timespec atime, mtime, ctime;
	dev_t rdev;
	u32 generation;
	u64 version;			/* of a directory: changes with every change */

	/* Each with locks of its own: page_cache.h, atomics. */
	struct page_cache pages; /* contents; regular files, links, and directories of ext2 */
	const char *link;	 /* symbolic links: target in memory, or NULL; the file system's */
	s32 write_count;		/* atomic: > 0 open for writing, < 0 executed (ETXTBSY) */

	/* icache_lock: hash_link, lru_link, super_link. super->lock: dirty_link, dirtied_at. */
	struct list_head hash_link;	/* icache */
	struct list_head lru_link;	/* icache: unreferenced */
	struct list_head super_link;	/* all inodes of the file system; icache lock */
	struct list_head dirty_link;	/* super->dirty */
	u64 dirtied_at;			/* clock_monotonic() ns */
	void *private;			/* the file system's */
	/* extension slots: pipe of a FIFO, socket bound here, file locks (locks.c), watches */
	void *fifo, *socket, *locks, *watches;
};

struct attr_change {
	unsigned valid;			/* ATTR_ bits */
	u32 mode;
	uid_t uid;
	gid_t gid;
	loff_t size;
	struct timespec atime, mtime;
};
#define ATTR_MODE	BIT(0)
#define ATTR_UID	BIT(1)
#define ATTR_GID	BIT(2)
#define ATTR_SIZE	BIT(3)
#define ATTR_ATIME	BIT(4)
#define ATTR_MTIME	BIT(5)
#define ATTR_CTIME	BIT(6)
#define ATTR_OWNERS	BIT(7)	/* chown(2), perhaps of nothing: the set-id bits go */

struct super_ops {
	/*
	 * Allocate / free the memory of an inode (which the file system embeds in its own struct).
	 */
	struct inode *(*alloc_inode)(struct super *s);
	void (*free_inode)(struct inode *i);
	/* Write the attributes back. wait: until on disk. */
	int (*write_inode)(struct inode *i, bool wait);
	/*
	 * Link count 0 and no references: free blocks and number. The pages are gone already. May
	 * be NULL.
	 */
	void (*evict)(struct inode *i);
	/* Write superblock, bitmaps and other metadata. */
	int (*sync)(struct super *s, bool wait);
	int (*statfs)(struct super *s, struct statfs *st);
	/* Change options and read-only state: flags are MS_. */
	int (*remount)(struct super *s, unsigned long flags, const char *data);
	/* The last mount is gone, all inodes are evicted. */
	void (*unmount)(struct super *s);
	/* Extra text for /proc/mounts. */
	void (*show_options)(struct super *s, struct printer *out);
};

struct fs_type {
	const char *name;
	bool needs_device; /* source is a block device; else "nodev" in /proc/filesystems */
	bool single;			/* every mount shows the same instance (devtmpfs, sysfs) */
	/* Fill s (ops, root, ...). 0 or errno; data is the option string or NULL. */
	int (*mount)(struct super *s, const char *source, unsigned long flags, const char *data);
};
#define FS_TYPE(ident, ...)							\
	static LINKSET(fs_types, 50, const struct fs_type, fs_type_##ident) = { __VA_ARGS__ }

struct super {
	const struct fs_type *type;
	const struct super_ops *ops;
	struct inode *root;		/* one reference */
	dev_t dev;			/* st_dev: the device's, or an anonymous one (major 0) */
	struct block_device *bdev;	/* or NULL */
	unsigned long flags;		/* MS_RDONLY, MS_SYNCHRONOUS */
	bool no_writers;		/* MS_RDONLY is about to be set: super_stop_writers() */
	s32 writers;			/* who writes through any mount, detached or not; atomic */
	u32 block_size;
	loff_t max_size;
	refcount_t refs;		/* mounts */
	struct mutex rename_lock;	/* RANK_RENAME */
	struct spinlock lock;		/* RANK_LEAF; protects: */
	struct list_head dirty;		/* inodes by dirty_link, oldest first */
	struct list_head inodes;	/* all, by super_link; icache lock */
	struct list_head super_link;	/* all file systems */
	void *private;
	struct dentry *root_dentry;
	char *source;			/* what was mounted, for /proc/mounts */
};

/*
 * Find in the hash, or make. A new one has INODE_NEW: fill it, then inode_unlock_new(); or
 * inode_fail_new() on errors. NULL: no memory.
 */
struct inode *inode_get_locked(struct super *s, u64 ino);
/* One that is not hashed (tmpfs, processes in /proc): filled by the caller. */
struct inode *inode_new(struct super *s);
void inode_unlock_new(struct inode *i);
void inode_fail_new(struct inode *i);
void inode_get(struct inode *i);
void inode_put(struct inode *i);		/* may sleep: evict */
void inode_mark_dirty(struct inode *i);		/* attributes */
/*
 * Put i on its file system's dirty list (attributes or pages changed), where sync and the flusher
 * thread (sync.c) find it. inode_mark_dirty() does it; page_mark_dirty() must. Any context that
 * may take a RANK_LEAF lock.
 */
void inode_queue_dirty(struct inode *i);
/* Write pages and attributes of one inode; wait: until on disk. First error. May sleep. */
int inode_sync(struct inode *i, bool wait);
/*
 * Evict up to n unreferenced inodes with their pages, oldest first: frames freed. For the shrinker.
 */
u64 icache_shrink(u64 n);
u64 inode_next_number(void);			/* for file systems without numbers of their own */

/*
 * Mode, owner, times of a new inode in dir, with set-group-id inheritance (mknod(2)); the caller
 * has applied umask.
 */
void inode_init_owner(struct inode *i, struct inode *dir, u32 mode);
struct timespec current_time(void);		/* realtime */
void inode_touch(struct inode *i, unsigned attr_times);	/* set ATTR_*TIME to now and mark dirty */

/* MAY_ bits as access(2): 0, -EACCES, -EROFS (write to a read-only file system's file). */
#define MAY_EXEC	1
#define MAY_WRITE	2
#define MAY_READ	4
int inode_permission(struct inode *i, int mask);
int inode_permission_generic(struct inode *i, int mask);
/* Deleting name `victim` from dir: write+exec and the sticky bit. */
int inode_may_delete(struct inode *dir, struct inode *victim, bool isdir);
int inode_stat(struct inode *i, struct stat *st);
/* Plain copying, no truncation of data. */
int inode_setattr(struct inode *i, const struct attr_change *a);
/* What may not be done to the contents: F_SEAL_ bits. */
static inline u32 inode_seals(struct inode *i)
{
	return i->ops->seals ? i->ops->seals(i) : 0;
}
/* May bytes up to end be written, or do seals forbid it: 0 or -EPERM. i->lock held. */
int inode_check_write(struct inode *i, loff_t end);
/*
 * attr_change as chmod, chown, truncate make it: permissions, set-id bits; dir lock rules as
 * setattr. 0 or errno.
 */
int inode_change(struct inode *i, struct attr_change *a);
/*
 * Set the size, cutting or extending the contents: the truncation of setattr. i->lock held for
 * writing.
 */
int inode_truncate(struct inode *i, loff_t size);
/*
 * Before a write: drop set-user-id and set-group-id bits as write(2) does. i->lock held for
 * writing.
 */
int inode_kill_suid(struct inode *i);
/* Note a read in atime, as the mount's flags say (relatime). */
void file_accessed(struct file *f);

/* RLIMIT_FSIZE has stopped the current thread: 06 sends SIGXFSZ. NULL: nothing but -EFBIG happens.
 */
extern void (*file_too_big)(void);

/* Who writes and who executes: 0 or -ETXTBSY. */
int inode_get_write(struct inode *i);
void inode_put_write(struct inode *i);
int inode_deny_write(struct inode *i);
void inode_allow_write(struct inode *i);

/* File systems. */
struct super *super_mount(const struct fs_type *t, const char *source, unsigned long flags,
			  const char *data);	/* or ERR_PTR */
void super_put(struct super *s);
const struct fs_type *fs_type_find(const char *name);
int super_sync(struct super *s, bool wait);
void sync_all(void);

/* Ready-made operations for files whose contents are in the page cache. */
extern const struct file_ops generic_file_ops;
ssize_t generic_file_read(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t generic_file_write(struct file *f, struct iov_iter *it, loff_t *pos);
loff_t generic_file_lseek(struct file *f, loff_t off, int whence);
long generic_file_ioctl(struct file *f, unsigned cmd, u64 arg);
/* read() of directories: -EISDIR. */
ssize_t generic_read_dir(struct file *f, struct iov_iter *it, loff_t *pos);
int generic_fsync(struct file *f, bool data_only);
struct vm_object *generic_file_object(struct file *f);

/*
 * Simple in-memory directories and files built from tables (procfs, sysfs, devfs) use tmpfs.h and
 * printer.h.
 */

/* Character and block devices by number: linker set "char_devices". */
struct char_device {
	unsigned major, first_minor, count;
	const char *name;	/* in devtmpfs: "tty%d": minor minus first; NULL: no node */
	u32 mode;
	const struct file_ops *ops;
	/* May replace f->ops and set f->private; NULL: nothing to do. */
	int (*open)(struct inode *i, struct file *f);
};
#define CHAR_DEVICE(ident, ...)		\
	static LINKSET(char_devices, 50, const struct char_device,		\
		       char_device_##ident) = { __VA_ARGS__ }
const struct char_device *char_device_find(dev_t dev);

/*
 * Opening special files that others implement: 0 or errno. NULL: -ENXIO. 06 sets fifo_open; block.c
 * block_open.
 */
extern int (*fifo_open)(struct inode *i, struct file *f);
extern int (*block_open)(struct inode *i, struct file *f);

/*
 * Make, or remove, a node in every devtmpfs: "vda1", "pts/0"; mode includes the type. 0 or errno.
 */
int devtmpfs_node(const char *name, u32 mode, dev_t dev);
void devtmpfs_remove(const char *name);
