/*
 * Inside the heap: what a cache of objects looks like.
 *
 * A slab is a block of 2^order frames cut into objects of one cache. Its first frame carries the
 * book- keeping: object is the cache, slab_used counts the objects handed out, index is the
 * address of the first free object (0: none), link is on the cache's list `partial` as long as
 * the slab has a free object. Free objects are chained by a pointer inside them, at offset
 * `link`.
 *
 * In front of the slabs each CPU has a magazine, a stack of free objects that it fills and empties
 * in batches; the slabs count those as handed out. (Bonwick and Adams, "Magazines and
 * Vmem", 2001.)
 */
#pragma once

#include "01-memory/kmem.h"
#include "common/spinlock.h"

#define MAGAZINE_SIZE	16

struct magazine {
	unsigned count;
	void *objects[MAGAZINE_SIZE];
} __aligned(64);

struct kmem_cache {
	/* never changes after creation */
	const char *name;
	void (*ctor)(void *obj);
	u32 size;			/* of an object, as its user sees it */
	u32 stride;			/* from one object to the next */
	u32 link;			/* where in a free object the pointer to the next one is */
	u16 per_slab;			/* objects in a slab */
	u8 order;			/* of a slab's block of frames */
	u8 batch;			/* objects moved at once; a magazine holds twice as many */
	struct kmem_cache *next;	/* all caches, in the order of their creation */

	struct spinlock lock;		/* RANK_KMEM; protects the slabs and: */
	struct list_head partial;	/* slabs with free objects */
	u64 slabs, taken;		/* slabs in existence; objects taken out of them */

	struct magazine magazines[MAX_CPUS];	/* own CPU, interrupts off */
};

/* The first frame of the slab that obj lies in: slabs are aligned to their size. */
static inline struct frame *slab_of(const struct kmem_cache *c, const void *obj)
{
	return virt_to_frame((void *)((u64)obj & ~((PAGE_SIZE << c->order) - 1)));
}

/* Where a free object keeps the address of the next one. */
static inline void **slab_link(const struct kmem_cache *c, void *obj)
{
	return (void **)((char *)obj + c->link);
}

/* Set up a cache in memory of the caller's, which is cleared. */
void kmem_cache_init(struct kmem_cache *c, const char *name, size_t size, size_t align,
		     void (*ctor)(void *obj));

/*
 * The three operations on slabs (slab_core.c).
 *
 * slab_new() makes a slab: per_slab objects, constructed if there is a ctor, all free and chained
 * in ascending order; on no list yet. NULL if short. No lock held; sleeps as gfp allows.
 */
struct frame *slab_new(struct kmem_cache *c, gfp_t gfp);
/* A free object from the first slab on `partial`, or NULL. With c->lock. */
void *slab_take(struct kmem_cache *c);
/*
 * Give an object back. Returns its slab, taken off the list, if that is empty now and other
 * slabs have free objects: the caller frees it; else NULL. With c->lock.
 */
struct frame *slab_give(struct kmem_cache *c, void *obj);
