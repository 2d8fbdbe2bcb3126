/*
 * Slabs: cutting frames into objects, taking one and giving it back (contract in slab.h).
 *
 * Exercise 1.3.
 *
 * Goal: many small objects of one size from few frames, without searching and without a header per
 * object.
 *
 * Invariant: an object is either handed out or on its slab's chain, never both; slab_used is the
 * number of the first kind. A slab is on `partial` exactly while it has a free object. The chain's
 * pointer is written only into free objects, at offset link: a cache with a constructor
 * keeps it behind the object, because free objects stay constructed.
 *
 * When it is wrong: an object handed out twice; or a slab that is full and still on the list:
 * taking from it gives NULL although other slabs have room; or a slab that was full and is not
 * put back on the list: its free objects are lost.
 *
 * Read first: slab.h, kmem.h, Bonwick's paper (section 3).
 */
#include "01-memory/slab.h"
#include "common/exercise.h"

struct frame *slab_new(struct kmem_cache *c, gfp_t gfp)
{
	/* EXERCISE 1.3: your code here. */
	exercise_blank("1.3");
	return NULL;
}

void *slab_take(struct kmem_cache *c)
{
	/* EXERCISE 1.3: your code here. */
	exercise_blank("1.3");
	return NULL;
}

struct frame *slab_give(struct kmem_cache *c, void *obj)
{
	/* EXERCISE 1.3: your code here. */
	exercise_blank("1.3");
	return NULL;
}
