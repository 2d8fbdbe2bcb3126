/*
 * Atomic operations on plain integers and pointers, and reference counts.
 *
 * All are full-strength (acquire and release) on purpose: on x86 a locked
 * instruction orders everything anyway (SDM vol. 3, 9.2), so nothing is gained
 * by weaker forms.
 */
#pragma once

#include "common/types.h"

#define atomic_load(p)		__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_store(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define atomic_xchg(p, v)	__atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
/* These return the value from before the operation. */
#define atomic_fetch_add(p, v)	__atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_sub(p, v)	__atomic_fetch_sub((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_or(p, v)	__atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_and(p, v)	__atomic_fetch_and((p), (v), __ATOMIC_ACQ_REL)
#define atomic_inc(p)		((void)atomic_fetch_add((p), 1))
#define atomic_dec(p)		((void)atomic_fetch_sub((p), 1))
#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)

/* Store new_ in *p if it holds old_; true if it did. */
#define atomic_cmpxchg(p, old_, new_) ({				\
	__typeof__(*(p)) expected_ = (old_);				\
	__atomic_compare_exchange_n((p), &expected_, (new_), false,	\
				    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); })

/* What a spin loop does between two looks (SDM vol. 2, PAUSE). */
static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* A count of references; the object dies when ref_put() returns true. */
typedef struct {
	int n;
} refcount_t;

#define REF_INIT(v)	((refcount_t){ (v) })

static inline void ref_init(refcount_t *r, int n)
{
	r->n = n;
}

static inline int ref_read(const refcount_t *r)
{
	return atomic_load(&r->n);
}

static inline void ref_get(refcount_t *r)
{
	atomic_inc(&r->n);
}

/* Take a reference unless the object is already dying; true if taken. */
static inline bool ref_get_unless_zero(refcount_t *r)
{
	int n = atomic_load(&r->n);

	while (n != 0)
		if (__atomic_compare_exchange_n(&r->n, &n, n + 1, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return true;
	return false;
}

/* Drop a reference; true if it was the last one and the caller must free. */
static inline __must_check bool ref_put(refcount_t *r)
{
	return atomic_fetch_sub(&r->n, 1) == 1;
}
