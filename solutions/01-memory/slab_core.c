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
	/* EXERCISE 1.3 BEGIN  blank: return NULL; */
	struct frame *slab = frame_alloc(c->order, gfp & ~GFP_ZERO, FRAME_SLAB);
	void *next = NULL;

	if (!slab)
		return NULL;
	for (int i = c->per_slab - 1; i >= 0; i--) {
		void *obj = (char *)frame_to_virt(slab) + i * c->stride;

		if (c->ctor)
			c->ctor(obj);
		*slab_link(c, obj) = next;
		next = obj;
	}
	slab->object = c;
	slab->index = (u64)next;
	slab->slab_used = 0;
	list_init(&slab->link);
	return slab;
	/* EXERCISE 1.3 END */
}

void *slab_take(struct kmem_cache *c)
{
	/* EXERCISE 1.3 BEGIN  blank: return NULL; */
	struct frame *slab;
	void *obj;

	if (list_empty(&c->partial))
		return NULL;
	slab = list_first_entry(&c->partial, struct frame, link);
	obj = (void *)slab->index;
	slab->index = (u64)*slab_link(c, obj);
	if (++slab->slab_used == c->per_slab)
		list_del(&slab->link);
	return obj;
	/* EXERCISE 1.3 END */
}

struct frame *slab_give(struct kmem_cache *c, void *obj)
{
	/* EXERCISE 1.3 BEGIN  blank: return NULL; */
	struct frame *slab = slab_of(c, obj);

	if (slab->slab_used == c->per_slab)
		list_add(&slab->link, &c->partial);
	*slab_link(c, obj) = (void *)slab->index;
	slab->index = (u64)obj;
	if (--slab->slab_used || c->partial.next == c->partial.prev)
		return NULL;
	list_del(&slab->link);
	return slab;
	/* EXERCISE 1.3 END */
}
