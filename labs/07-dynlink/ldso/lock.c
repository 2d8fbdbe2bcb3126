/*
 * Locks of the linker's own data: see sys.h. Taken by one atomic instruction when nobody else
 * wants them; the kernel is asked only to sleep and to wake (exercise 7.3 is its side of this).
 */
#include "07-dynlink/ldso/tls.h"

void lock(struct lock *l)
{
	u32 expected = 0;

	if (__atomic_compare_exchange_n(&l->word, &expected, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&l->word, 2, __ATOMIC_ACQUIRE) != 0)
		sys_futex_wait(&l->word, 2);
}

void unlock(struct lock *l)
{
	if (__atomic_exchange_n(&l->word, 0, __ATOMIC_RELEASE) == 2)
		sys_futex_wake_one(&l->word);
}

void lock_recursive(struct lock *l)
{
	void *me = current_thread();

	if (__atomic_load_n(&l->owner, __ATOMIC_RELAXED) != me) {
		lock(l);
		__atomic_store_n(&l->owner, me, __ATOMIC_RELAXED);
	}
	l->depth++;
}

void unlock_recursive(struct lock *l)
{
	if (--l->depth)
		return;
	__atomic_store_n(&l->owner, NULL, __ATOMIC_RELAXED);
	unlock(l);
}
