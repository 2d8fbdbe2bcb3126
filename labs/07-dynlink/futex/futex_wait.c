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
	/* EXERCISE 7.3: your code here. */
	exercise_blank("7.3");
	return -ENOSYS;
}

int futex_wake(u32 __user *uaddr, bool shared, int n, u32 bitset)
{
	/* EXERCISE 7.3: your code here. */
	exercise_blank("7.3");
	return -ENOSYS;
}
