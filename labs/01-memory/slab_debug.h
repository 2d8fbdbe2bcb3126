/*
 * What the heap checks. Release builds look only at what costs nothing (the top of the magazine,
 * the head of a chain); debug builds fill free objects with 0x5a and look at them again. Objects
 * with a constructor stay as they are.
 */
#pragma once

#include "01-memory/slab.h"

#ifdef DEBUG
/* All objects of a new slab, chained. */
void slab_poison_new(const struct kmem_cache *c, struct frame *slab);
/* obj has become free, and will be in a magazine (whole) or on a chain. */
void slab_poison(const struct kmem_cache *c, void *obj);
/* obj is about to be handed out; panics if somebody wrote to it since. */
void slab_check_poison(const struct kmem_cache *c, const void *obj);
/* obj comes off a chain into a magazine. */
void slab_poison_link(const struct kmem_cache *c, void *obj);
/*
 * obj is given back: panics if it is free already, is not this cache's, or is not the start of
 * one.
 */
void slab_check_free(struct kmem_cache *c, void *obj);
#else
static inline void slab_poison_new(const struct kmem_cache *c, struct frame *slab) { }
static inline void slab_poison(const struct kmem_cache *c, void *obj) { }
static inline void slab_check_poison(const struct kmem_cache *c, const void *obj) { }
static inline void slab_poison_link(const struct kmem_cache *c, void *obj) { }
static inline void slab_check_free(struct kmem_cache *c, void *obj) { }
#endif
