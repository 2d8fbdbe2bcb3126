/*
 * The kernel heap: slab caches of equal objects (Bonwick, "The Slab Allocator",
 * 1994), with a small stack of free objects per CPU in front, and kmalloc() by
 * size classes on top.
 *
 * Debug builds poison freed objects with 0x5a and check them when they are handed out
 * again ("use of freed memory").
 */
#pragma once

#include "01-memory/frame.h"

struct kmem_cache;

/*
 * A cache of objects of `size` bytes aligned to `align` (0: 8). ctor (may be NULL) is run on
 * each object when its slab is made, not on each allocation; such objects are returned
 * to the cache in constructed state. Never fails after boot with NULL unless memory is short.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     void (*ctor)(void *obj));

/* An object, or NULL. GFP_ZERO is allowed for caches without ctor. Any context with GFP_ATOMIC. */
void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *c, void *obj);

/*
 * Up to 2 MiB; larger than half a page comes straight from the frame allocator. NULL if short,
 * kmalloc(0) too is freed by kfree.
 */
void *kmalloc(size_t size, gfp_t gfp);
static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | GFP_ZERO);
}
/* n objects of size bytes, checked for overflow. */
void *kcalloc(size_t n, size_t size, gfp_t gfp);
/* NULL is allowed. Any context. */
void kfree(const void *p);
/* Copies of strings and memory: NULL if short. */
char *kstrdup(const char *s, gfp_t gfp);
void *kmemdup(const void *p, size_t n, gfp_t gfp);

/* Set up the caches that kmalloc uses; needs frame_init(). Also sets radix_allocator. */
void kmem_init(void);

struct kmem_stats {
	u64 objects, bytes;	/* handed out now, over all caches */
};
void kmem_stats(struct kmem_stats *s);
/* Calls fn for each cache: for /proc/slabinfo. */
void kmem_for_each_cache(void (*fn)(const char *name, u64 in_use, u64 total, size_t size,
				    void *arg), void *arg);
