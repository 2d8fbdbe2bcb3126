/*
 * What the two kinds of file locks (records.c, flock.c) share: a struct per inode that has ever
 * been locked, in inode->locks.
 *
 * The struct is reached from an inode that the caller holds (by an open file), so it needs no
 * count.
 */
#pragma once

#include "common/list.h"
#include "02-usermode/wait.h"
#include "05-vfs/inode.h"

struct inode_locks {
	struct list_head records, flocks;	/* locks_lock */
	struct wait_queue wait;			/* woken whenever a lock goes or weakens */
};

extern struct spinlock locks_lock; /* RANK_LEAF: all lists of all inodes, and who waits for whom */

/* i's, made if there is none; NULL: no memory. */
struct inode_locks *inode_locks(struct inode *i);

/* What close and the last reference do for each kind. */
void records_drop(struct inode *i, const void *owner);
void flock_drop(struct file *f);
