/*
 * User memory: the only functions that touch it. A bad address makes them stop and say so;
 * it never hurts the kernel. All may sleep (a page may have to be fetched), unless the thread is
 * under pagefault_disable(). None may be called with a spinlock or mm->lock held.
 */
#pragma once

#include "common/errno.h"
#include "common/layout.h"
#include "02-usermode/thread.h"

/* Copy n bytes; return how many were NOT copied (0: all), as Linux's functions do. */
size_t copy_from_user(void *dst, const void __user *src, size_t n) __must_check;
size_t copy_to_user(void __user *dst, const void *src, size_t n) __must_check;
size_t clear_user(void __user *dst, size_t n) __must_check;

/*
 * Copy a terminated string of at most size bytes with its terminator: its length without it,
 * -EFAULT, or size if no terminator was found in it (then dst is not terminated).
 */
ssize_t strncpy_from_user(char *dst, const char __user *src, size_t size) __must_check;
/* Length with terminator; 0 on a bad address; > max if longer. */
size_t strnlen_user(const char __user *src, size_t max);

/* One object: 0 or -EFAULT. */
#define get_user(var, uptr) \
	(copy_from_user(&(var), (uptr), sizeof(var)) ? -EFAULT : 0)
#define put_user(val, uptr) ({							\
	__typeof__(*(uptr)) val_ = (val);					\
	copy_to_user((uptr), &val_, sizeof(val_)) ? -EFAULT : 0; })

/* Atomic on a user word: 0 or -EFAULT; *old gets what was there. For futexes and robust lists. */
int user_cmpxchg32(u32 __user *p, u32 expected, u32 new_value, u32 *old);

/*
 * Between these, faults on user memory are not served: the copy stops early. For code that holds a
 * lock the fault handler needs (a locked page, a futex bucket).
 */
static inline void pagefault_disable(void)
{
	current->nofault++;
}

static inline void pagefault_enable(void)
{
	current->nofault--;
}

/* Touch the pages so that a copy under pagefault_disable() will likely succeed: 0 or -EFAULT. */
int fault_in_readable(const void __user *p, size_t n);
int fault_in_writable(void __user *p, size_t n);
