/*
 * The order in which locks are taken, from the outermost (taken first) to the
 * innermost. Sleeping locks (mutex, rwsem: 02-usermode/mutex.h) and spinlocks share one table:
 * a sleeping lock is never taken under a spinlock, so all of them come first.
 * docs/locking.md holds the same table with what each protects.
 */
#pragma once

enum lock_rank {
	RANK_NONE,		/* not checked (used by the checker's own tests) */

	/* sleeping locks */
	RANK_EXEC,		/* process: one exec at a time */
	RANK_TTY,		/* terminal: line discipline and settings */
	RANK_SOCKET,		/* sockets */
	RANK_FILE_POS,		/* struct file: position */
	RANK_SUPER,		/* mount and unmount, the mount tree's writers */
	RANK_RENAME,		/* one cross-directory rename per file system */
	RANK_INODE_DIR,		/* directory inodes, parents before children */
	RANK_INODE,		/* other inodes: contents and size */
	RANK_PIPE,		/* pipes */
	RANK_IPC,		/* System V IPC, POSIX queues */
	RANK_MM,		/* mm->lock: the tree of VM areas (rwsem) */
	RANK_OBJECT,		/* vm_object: areas that map it */
	RANK_PAGE,		/* the lock bit of a page-cache page: kept by hand, a bit is not checked */
	RANK_FS_ALLOC,		/* file systems: block and inode bitmaps, block maps */
	RANK_SLEEP_LEAF,	/* a sleeping lock under which no other is taken */

	/* spinlocks */
	RANK_PROCESS_TREE,	/* parents, children, groups, sessions */
	RANK_PROCESS,		/* one process: its threads, its state */
	RANK_SIGNAL,		/* signal handlers and pending queues */
	RANK_FILES,		/* a table of file descriptors */
	RANK_DCACHE,		/* dentries, the tree of mounts, roots and working directories */
	RANK_ICACHE,		/* inode hash */
	RANK_PAGE_CACHE,	/* a page cache's tree */
	RANK_LRU,		/* the lists of reclaimable pages */
	RANK_PAGE_TABLE,	/* the page tables of one mm */
	RANK_BLOCK_QUEUE,	/* block device request queues */
	RANK_FUTEX,		/* futex hash buckets */
	RANK_LEAF,		/* a subsystem's own small lock, held over no call that locks but wake-ups */
	RANK_WAIT_QUEUE,	/* a wait queue's list */
	RANK_TIMER,		/* a CPU's timer queue */
	RANK_PID,		/* the table of process and thread numbers */
	RANK_RUN_QUEUE,		/* a CPU's run queue (two: lower CPU number first) */
	RANK_KERNEL_MAP,	/* kernel virtual areas and the kernel's own page tables */
	RANK_KMEM,		/* slab caches */
	RANK_FRAME,		/* the frame allocator */
	RANK_CONSOLE,		/* the console's output: printk works under any lock */
	RANK_COUNT
};
