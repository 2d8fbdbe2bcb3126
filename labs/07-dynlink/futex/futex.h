/*
 * Futexes (futex(2)): waiting for a word of user memory to change. User programs take and release
 * locks by themselves with atomic instructions; the kernel is asked only to sleep and to wake.
 *
 * A waiter is found by its key: what the word *is*, not where somebody sees it. For private
 * memory that is the address space and the address; for memory that may be mapped elsewhere
 * too, the object and the offset in it. Waiters hang in a hash table of buckets by their key.
 *
 * The race that matters: the waiter compares the word with the value it expects under the
 * bucket's lock, and queues itself before it lets go. A waker changes the word first, then
 * takes the bucket's lock to look for waiters. So either the waiter sees the new value, or the
 * waker sees the waiter.
 */
#pragma once

#include "common/abi/futex.h"
#include "common/list.h"
#include "common/spinlock.h"
#include "02-usermode/uaccess.h"

struct futex_key {
	const void *owner;	/* struct mm, or struct vm_object of a shared mapping */
	u64 offset;		/* address, or bytes into the object */
};

struct futex_bucket {
	struct spinlock lock;	/* RANK_FUTEX; protects: */
	struct list_head waiters;
} __aligned(64);

struct futex_waiter {
	struct list_head link;		/* the bucket's lock */
	struct futex_key key;		/* the bucket's lock: requeueing changes it */
	u32 bitset;			/* woken by wakes whose set has a bit in common */
	struct thread *thread;
	u8 priority;			/* its real-time priority when it was queued */
	/* where it hangs or was woken; changed under the locks of both */
	struct futex_bucket *bucket;
	bool woken;			/* taken out by a waker; the bucket's lock */
};

/* futex_key.c */

/*
 * The key of the word at uaddr: 0, -EINVAL (not a multiple of 4), -EFAULT (nothing mapped
 * there). shared: others may see the word at other addresses. May sleep.
 */
int futex_key_get(u32 __user *uaddr, bool shared, struct futex_key *key);
static inline bool futex_key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->owner == b->owner && a->offset == b->offset;
}
struct futex_bucket *futex_bucket(const struct futex_key *key);
/* The locks of two buckets, which may be the same, in a fixed order. */
void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b);
void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b);
/*
 * Read the word with a bucket's lock held, which forbids sleeping: 0 or -EFAULT (it has to be
 * fetched).
 */
int futex_read_locked(u32 __user *uaddr, u32 *value);

/* futex_wait.c: exercise 7.3 */

/*
 * Sleep until woken if *uaddr == expected: 0, -EAGAIN (it is not), -ETIMEDOUT, -ERESTARTSYS,
 * -EFAULT, -EINVAL. deadline: ns of the realtime or the monotonic clock, or WAIT_FOREVER.
 */
int futex_wait(u32 __user *uaddr, bool shared, u32 expected, u32 bitset, u64 deadline,
	       bool realtime);
/* Wake up to n waiters whose bitset has a bit in common: how many, or -EFAULT, -EINVAL. */
int futex_wake(u32 __user *uaddr, bool shared, int n, u32 bitset);

/* futex_sleep.c */

/*
 * Hang w, whose thread is set, into the bucket's list (locked): behind all that are as important.
 * So waiters are woken by their real-time priority (sched(7)), and equals in the order in which
 * they came.
 */
void futex_queue(struct futex_bucket *b, struct futex_waiter *w);
/* Wake one waiter, whose bucket's lock is held: takes it out and lets it run. */
void futex_wake_waiter(struct futex_waiter *w);
/*
 * Sleep while w is queued: 0 when it was woken, else -ETIMEDOUT or -ERESTARTSYS; it is queued
 * no longer.
 */
int futex_sleep(struct futex_waiter *w, u64 deadline, bool realtime);

/* futex_requeue.c */

/*
 * Wake `wake` waiters of the first word and let up to `requeue` others wait for the second word
 * instead; if expected is not NULL only while the first holds *expected: how many of both, or
 * -EAGAIN, -EFAULT, -EINVAL.
 */
int futex_requeue(u32 __user *uaddr, u32 __user *uaddr2, bool shared, int wake, int requeue,
		  const u32 *expected);
/*
 * Change the second word as op says, wake `wake` waiters of the first and, if the second's old
 * value compares as op says, wake2 of the second: how many, or -EFAULT, -EINVAL, -ENOSYS.
 */
int futex_wake_op(u32 __user *uaddr, u32 __user *uaddr2, bool shared, int wake, int wake2, u32 op);
