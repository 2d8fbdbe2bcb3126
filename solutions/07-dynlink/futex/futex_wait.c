/*
 * Exercise 7.3, first part: waiting for a word of user memory, and waking those who wait.
 *
 * Goal: futex_wait() sleeps if the word holds the expected value; futex_wake() wakes up to n
 * waiters of the same word, in the order of the bucket's list (futex_queue()).
 * Invariants: reading the word and queueing happen under the bucket's lock, so that no wake-up
 * falls between them. User memory may have to be fetched from the disk, which sleeps, so it is
 * read by futex_read_locked(), which fails instead: then let go of the lock, fetch the page and
 * begin again. A waiter is woken only if its key is equal and its bitset has a bit in common
 * with the waker's.
 * Symptom when wrong: a program with threads hangs now and then (the wake-up was lost), or spins.
 * Read: futex.h; futex(2), FUTEX_WAIT and FUTEX_WAKE; Drepper, "Futexes Are Tricky".
 * Tests: futex_value, futex_pingpong, futex_count, futex_bitset, futex_timeout, futex_shared.
 */
#include "07-dynlink/futex/futex.h"

int futex_wait(u32 __user *uaddr, bool shared, u32 expected, u32 bitset, u64 deadline,
	       bool realtime)
{
	/* EXERCISE 7.3 BEGIN  blank: return -ENOSYS; */
	struct futex_waiter w = { .bitset = bitset, .thread = current };
	u32 value;
	int err;

	for (;;) {
		err = futex_key_get(uaddr, shared, &w.key);
		if (err)
			return err;
		w.bucket = futex_bucket(&w.key);
		spin_lock(&w.bucket->lock);
		err = futex_read_locked(uaddr, &value);
		if (!err && value == expected)
			futex_queue(w.bucket, &w);
		spin_unlock(&w.bucket->lock);
		if (!err)
			break;
		err = fault_in_readable(uaddr, sizeof(*uaddr));
		if (err)
			return err;
	}
	if (value != expected)
		return -EAGAIN;
	return futex_sleep(&w, deadline, realtime);
	/* EXERCISE 7.3 END */
}

int futex_wake(u32 __user *uaddr, bool shared, int n, u32 bitset)
{
	/* EXERCISE 7.3 BEGIN  blank: return -ENOSYS; */
	struct futex_key key;
	struct futex_waiter *w, *next;
	struct futex_bucket *b;
	int woken = 0, err = futex_key_get(uaddr, shared, &key);

	if (err)
		return err;
	b = futex_bucket(&key);
	spin_lock(&b->lock);
	list_for_each_entry_safe(w, next, &b->waiters, link) {
		if (!futex_key_equal(&w->key, &key) || !(w->bitset & bitset))
			continue;
		futex_wake_waiter(w);
		if (++woken >= n)
			break;
	}
	spin_unlock(&b->lock);
	return woken;
	/* EXERCISE 7.3 END */
}
