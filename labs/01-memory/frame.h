/*
 * Physical memory: frames of 4 KiB, handed out by a buddy allocator.
 *
 * Every frame of RAM has a struct frame in one array, so that anybody who finds
 * a physical address (in a page table, say) finds its count, its owner and its
 * place there. A frame is allocated with one reference; the last frame_put() frees it.
 */
#pragma once

#include "common/atomic.h"
#include "common/layout.h"
#include "common/list.h"
#include "common/linkset.h"

/* What an allocation may do when memory is short. */
typedef unsigned gfp_t;
#define GFP_ATOMIC	0u		/* must not sleep: interrupts, spinlocks */
#define GFP_MAY_SLEEP	1u
#define GFP_MAY_RECLAIM	2u		/* may call the shrinkers (which take locks, write) */
#define GFP_ZERO	4u		/* cleared memory */
#define GFP_NOFS	(GFP_MAY_SLEEP)			/* for code that holds file-system locks */
#define GFP_KERNEL	(GFP_MAY_SLEEP | GFP_MAY_RECLAIM)	/* the usual */

enum frame_owner {
	FRAME_FREE,
	FRAME_RESERVED,		/* firmware, kernel image, initial ramdisk */
	FRAME_KERNEL,		/* stacks and whatever has no better name */
	FRAME_SLAB,
	FRAME_PAGE_TABLE,
	FRAME_ANON,		/* private user memory */
	FRAME_CACHE,		/* page cache: object and index say whose and where */
};

/*
 * Bits of frame.flags, changed atomically. The PG_ ones belong to the page cache
 * (05-vfs/page_cache.h).
 */
#define FRAME_BUDDY	BIT(0)	/* head of a free block, on a free list */
#define PG_LOCKED	BIT(1)
#define PG_UPTODATE	BIT(2)
#define PG_DIRTY	BIT(3)
#define PG_WRITEBACK	BIT(4)
#define PG_REFERENCED	BIT(5)
#define PG_ERROR	BIT(6)
#define PG_WAITERS	BIT(7)
#define PG_MAPPED	BIT(8)	/* may be in some page table: reclaim must look */
#define FRAME_POISONED	BIT(63)	/* debug builds: freed and filled with 0x5a since */

struct frame {
	refcount_t refs;
	u8 order;		/* of the block this frame heads, free or allocated */
	u8 owner;		/* enum frame_owner */
	u16 slab_used;		/* FRAME_SLAB: objects in use */
	u64 flags;
	void *object;		/* FRAME_CACHE: struct vm_object; FRAME_SLAB: struct kmem_cache */
	u64 index;		/* FRAME_CACHE: page number in the object; FRAME_SLAB: free list */
	struct list_head link;	/* free list, slab list, or LRU list */
	void *private;		/* owner's own */
};

extern struct frame *frames;	/* indexed by physical page number */
extern u64 frame_count;		/* length of that array */

#define MAX_ORDER	10	/* largest block: 2^10 frames, 4 MiB */

/*
 * Take over the memory map of boot_info, build the array and free all usable
 * memory to the allocator. Once, on the boot CPU. Panics without enough memory.
 */
void frame_init(void);

/*
 * 2^order contiguous frames, aligned to their size, with one reference held by the caller on the
 * head. NULL when there are none. Sleeps only with GFP_MAY_SLEEP; calls the shrinkers
 * only with GFP_MAY_RECLAIM. `owner` is recorded.
 */
struct frame *frame_alloc(unsigned order, gfp_t gfp, enum frame_owner owner);

/*
 * One more, or one less reference to an allocated block, by its head; the last put frees it. Any
 * context.
 */
void frame_get(struct frame *f);
void frame_put(struct frame *f);
/*
 * Change what an allocated block is counted as (frame.owner must not be written directly). Any
 * context.
 */
void frame_set_owner(struct frame *f, enum frame_owner owner);

/*
 * Give memory that frame_init() reserved (the initial ramdisk) to the allocator: [start, end),
 * bytes.
 */
void frame_free_reserved(paddr_t start, paddr_t end);

static inline paddr_t frame_to_phys(const struct frame *f)
{
	return (paddr_t)(f - frames) << PAGE_SHIFT;
}

static inline void *frame_to_virt(const struct frame *f)
{
	return phys_to_virt(frame_to_phys(f));
}

/* NULL for an address that is not RAM (device memory). */
static inline struct frame *phys_to_frame(paddr_t pa)
{
	u64 n = pa >> PAGE_SHIFT;

	return n < frame_count ? &frames[n] : NULL;
}

static inline struct frame *virt_to_frame(const void *va)
{
	return phys_to_frame(virt_to_phys(va));
}

struct frame_stats {
	u64 total, free;		/* frames under the allocator's rule; of them free */
	u64 by_owner[FRAME_CACHE + 1];	/* FRAME_RESERVED: RAM that is not in total */
};
void frame_stats(struct frame_stats *s);
u64 frame_free_count(void);	/* cheap and approximate under concurrency */
u64 frames_total(void);		/* frames under the allocator's rule */

/*
 * Shrinkers: who can give memory back. Called without locks from an allocation
 * that may reclaim, and from the background reclaimer.
 */
struct shrinker {
	const char *name;
	/*
	 * Try to free about `frames` frames; returns how many were freed. May sleep; allocates, if
	 * it must, without GFP_MAY_RECLAIM.
	 */
	u64 (*shrink)(u64 frames);
};
#define SHRINKER(order, ident, fn)						\
	static LINKSET(shrinkers, order, const struct shrinker, shrinker_##ident) = { #ident, fn }

/* Ask the shrinkers in turn for about `want` frames; returns how many they freed. May sleep. */
u64 reclaim_frames(u64 want);

/*
 * Debugging: make the n-th allocation from now (1 = the next) by the current thread's test fail;
 * 0 stops.
 */
void alloc_fail_after(u64 n);
/* True if an allocation is to fail now; asked by frame_alloc() and kmem_cache_alloc(). */
bool alloc_should_fail(gfp_t gfp);
/* Not 0 while a failure is armed: what hot paths look at before they ask. */
extern u64 alloc_fail_armed;
/* Debug builds panic when an allocation that may sleep happens where nobody may. */
#ifdef DEBUG
void alloc_check_context(gfp_t gfp);
#else
static inline void alloc_check_context(gfp_t gfp) { }
#endif
/* Whether the armed failure has happened. */
bool alloc_failed(void);
/*
 * Which allocations count towards the n-th: by default all (lab 01); lab 02 narrows it to those
 * of one thread. Weak: returns true.
 */
bool alloc_fail_applies(void);
