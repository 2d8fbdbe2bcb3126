/*
 * Files: descriptor slot -> struct file -> whatever implements it.
 *
 * A slot in a process's table has the close-on-exec flag. A struct file is an open file description
 * (POSIX 3.258): position, flags and operations, shared by dup and fork. What is behind it (an
 * inode, a pipe, a socket, a terminal) is known to its operations alone.
 *
 * Reads and writes go through an iov_iter; read(2) is the one-segment case.
 *
 * Who calls an operation holds a reference to the file and no spinlock. pos is the file's own,
 * under pos_lock, or the caller's (pread); what has no lseek ignores it. Several threads may be in
 * the operations of one file at once, so what `private` points to has a lock of its own. An
 * operation that is NULL means "not possible", and the comment says with which error.
 */
#pragma once

#include "common/abi/fcntl.h"
#include "common/abi/stat.h"
#include "02-usermode/process.h"

struct file;
struct inode;		/* 05-vfs/inode.h */
struct dentry;
struct mount;
struct vm_area;
struct vm_object;

/* A walk over buffers, in user memory or in the kernel. */
struct iovec {
	void *base;
	size_t len;
};

struct iov_iter {
	const struct iovec *iov;	/* current segment */
	int segments;			/* left, including the current one */
	size_t offset;			/* in the current one */
	size_t count;			/* bytes left in all */
	bool kernel;			/* segments are kernel memory */
	unsigned flags;			/* this call's own O_NONBLOCK, O_APPEND, O_(D)SYNC */
	struct iovec single;		/* for the one-segment case */
};

#define IOV_MAX		1024
#define IO_MAX		0x7ffff000UL	/* most bytes one call transfers, as Linux */

void iov_iter_user(struct iov_iter *it, void __user *buf, size_t n);
void iov_iter_kernel(struct iov_iter *it, void *buf, size_t n);
/*
 * Import a user's array; *allocated (initially NULL) must be kfree()d afterwards. 0, -EFAULT,
 * -EINVAL, -ENOMEM.
 */
int iov_iter_import(struct iov_iter *it, const struct iovec __user *iov, int n,
		    struct iovec **allocated);
/* Copy and advance: bytes copied, fewer than n only at a bad address (or at the iterator's end). */
size_t copy_to_iter(const void *src, size_t n, struct iov_iter *it);
size_t copy_from_iter(void *dst, size_t n, struct iov_iter *it);
size_t clear_iter(size_t n, struct iov_iter *it);
/* Touch the next n source bytes so that copying under pagefault_disable() works: 0 or -EFAULT. */
int iov_iter_fault_in(struct iov_iter *it, size_t n);
void iov_iter_advance(struct iov_iter *it, size_t n);

struct poll_table;	/* 06-posix/poll.h; NULL: only ask for the state */

/* getdents: one entry; false when the buffer is full (the entry is then not consumed). */
struct dir_context {
	bool (*emit)(struct dir_context *c, const char *name, size_t len, u64 ino, unsigned type,
		     loff_t next);
	loff_t pos;		/* read from here; updated to behind the last entry emitted */
};

struct file_ops {
	/*
	 * Transfer at *pos and advance it; bytes, or negative errno. -EAGAIN if io_flags() have
	 * O_NONBLOCK and there is nothing to do.
	 */
	ssize_t (*read)(struct file *f, struct iov_iter *it, loff_t *pos);
	ssize_t (*write)(struct file *f, struct iov_iter *it, loff_t *pos);
	/* New position, or -EINVAL. NULL: -ESPIPE, and pread / pwrite too. */
	loff_t (*lseek)(struct file *f, loff_t off, int whence);
	/* fstat(2). Fills *st, which is zeroed. */
	int (*stat)(struct file *f, struct stat *st);
	/* ioctl(2): -ENOTTY if unknown. NULL: -ENOTTY. FIONBIO, FIOCLEX ... are done before. */
	long (*ioctl)(struct file *f, unsigned cmd, u64 arg);
	/*
	 * POLL bits that hold now; registers f's wait queues with poll_wait(). NULL: always
	 * readable and writable.
	 */
	unsigned (*poll)(struct file *f, struct poll_table *pt);
	/* The object that holds the contents by page, for exec and mmap; NULL op: -ENODEV. */
	struct vm_object *(*object)(struct file *f);
	/* Device memory and the like: set up the area by itself instead of object(). 0 or errno. */
	int (*mmap)(struct file *f, struct vm_area *a);
	int (*readdir)(struct file *f, struct dir_context *c);
	int (*fsync)(struct file *f, bool data_only);
	/* A descriptor for f is closed (each time) by a process: posix locks go. */
	void (*flush)(struct file *f);
	/* The last reference is gone. May sleep. */
	void (*release)(struct file *f);
	/* F_SETFL changed flags (O_NONBLOCK, O_APPEND, O_ASYNC); may refuse. */
	int (*set_flags)(struct file *f, unsigned flags);
	/* Lines for /proc/PID/fdinfo. */
	void (*show)(struct file *f, struct printer *out);
	/* What readlink of /proc/PID/fd/N says for a file without a path: "pipe:[12]". */
	void (*name)(struct file *f, char *buf, size_t size);
	/*
	 * A file without a path is opened again through /proc/PID/fd/N: make `again`, whose flags
	 * say how, an open file of the same object (ops, private). 0 or errno. NULL: -ENXIO.
	 */
	int (*reopen)(struct file *f, struct file *again);
};

struct file {
	refcount_t refs;
	unsigned flags;			/* O_ flags without creation flags; atomic */
	const struct file_ops *ops;
	struct inode *inode;		/* NULL for files that are not in the VFS */
	struct mutex pos_lock;		/* RANK_FILE_POS; read, write, lseek of seekable files: */
	loff_t pos;
	/* set when the file is opened, then constant, like ops and inode */
	void *private;			/* the implementation's */
	struct dentry *dentry;		/* 05: where it was opened, held */
	struct mount *mount;
	struct list_head epoll_items;	/* 06: who watches it */
	struct spinlock lock;		/* RANK_LEAF: owner, epoll_items */
	s32 owner;			/* F_SETOWN: pid, or -pgid */
	bool owner_is_thread;		/* F_SETOWN_EX with F_OWNER_TID */
	int owner_signal;		/* F_SETSIG */
	/* only guesses: readers race for them without a lock */
	u64 ra_next, ra_size;		/* read-ahead state, page numbers */
	void *lock_owner;		/* flock's identity */
	struct file *put_next;		/* 05: waiting for its last file_put() in another thread */
};

#define FILE_READABLE(f)	(((f)->flags & O_ACCMODE) != O_WRONLY && !((f)->flags & O_PATH))
#define FILE_WRITABLE(f)	(((f)->flags & O_ACCMODE) != O_RDONLY && !((f)->flags & O_PATH))

/* The flags that a transfer has to obey. */
static inline unsigned io_flags(const struct file *f, const struct iov_iter *it)
{
	return f->flags | it->flags;
}

/* A new file with one reference, or NULL / -ENFILE as ERR_PTR. */
struct file *file_alloc(const struct file_ops *ops, unsigned flags, void *private);
static inline void file_get(struct file *f)
{
	ref_get(&f->refs);
}
/* What the last file_put() does. */
void file_release(struct file *f);
/* Drop a reference; the last one releases. May sleep. */
static inline void file_put(struct file *f)
{
	if (ref_put(&f->refs))
		file_release(f);
}
/*
 * Weak hook: f is about to be released while epoll instances watch it; take them off epoll_items.
 * 06.
 */
void file_unwatch(struct file *f);

/*
 * What lab 05 does for files that were opened by a path (f->dentry is set), whatever their
 * operations: fstat(2) tells about the inode, a close ends the process's record locks, the last
 * reference gives up dentry and mount. NULL before lab 05.
 */
struct path_file_ops {
	int (*stat)(struct file *f, struct stat *st);
	void (*close)(struct file *f, const void *table);
	void (*release)(struct file *f);	/* after f->ops->release */
};
extern const struct path_file_ops *path_file_ops;
/* Status of any open file, as fstat(2) shows it: 0 or errno. *st is zeroed. */
int file_stat(struct file *f, struct stat *st);

/* Change those flags of an open file that mask names, asking its set_flags: 0 or what that says. */
long file_set_flags(struct file *f, unsigned mask, unsigned flags);

/* Open files in all, for /proc/sys/fs/file-nr. */
u64 file_count_open(void);

/* Read or write as the calls do, with checks of mode and position. For kernel users too. */
ssize_t file_read(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t file_write(struct file *f, struct iov_iter *it, loff_t *pos);
/* size bytes at pos into kernel memory; fewer only at the end. */
ssize_t file_read_kernel(struct file *f, void *buf, size_t size, loff_t pos);

/* Descriptors of the current thread's table. */

/* The file behind fd with a reference, or NULL (EBADF). Also refuses O_PATH files. */
struct file *fd_get(int fd);
struct file *fd_get_path(int fd);	/* O_PATH files too */
/*
 * Reserve the lowest free descriptor >= min: number, -EMFILE or -ENOMEM. fd_install() or
 * fd_release() must follow.
 */
int fd_reserve(int min, bool cloexec);
void fd_install(int fd, struct file *f);	/* consumes the reference */
void fd_release(int fd);
/* Both in one; consumes the reference also on failure. */
int fd_open(struct file *f, bool cloexec);
int fd_close(int fd);
/* Set or clear close-on-exec of a descriptor, if it is in use. 0. */
int fd_set_cloexec(int fd, bool on);

/* The table itself, for /proc/PID/fd: the file with a reference or NULL; next used fd >= *fd. */
struct file *process_fd_get(struct process *p, int fd, bool *cloexec);
struct file *process_fd_next(struct process *p, int *fd, bool *cloexec);
/* Slots of p's table, in use or not; 0 without one. */
unsigned process_fd_slots(struct process *p);

/*
 * Weak hook: file for init's fds 0 to 2. 03: the console as a file; 06: /dev/console's terminal.
 * One reference, or ERR_PTR.
 */
struct file *open_init_console(void);

/* Weak hook: mmap of a file. 03: -ENODEV; 07: private and shared file mappings. */
s64 mmap_file(struct file *f, vaddr_t addr, u64 size, u32 vm_flags, u32 map_flags, u64 offset);

/*
 * fcntl(2) commands of other modules (record locks, pipe sizes, seals ...): linker set. arg is the
 * call's third argument.
 */
struct fcntl_command {
	int cmd;
	long (*fn)(struct file *f, int cmd, u64 arg);
};
#define FCNTL_COMMAND(ident, cmd, fn)						\
	static LINKSET(fcntl_commands, 50, const struct fcntl_command,		\
		       fcntl_command_##ident) = { cmd, fn }

/*
 * Give the first process, not yet started, its descriptors: 0 to 2 from open_init_console(), and 3
 * for the grader's stream on the second serial port if `ktap=` asks for it. 0 or errno.
 */
int files_open_init(struct thread *init);
