/* Exercise 1.3: slabs, first the three operations on a cache that has only them, then the heap. */
#include "01-memory/slab.h"
#include "common/ktest.h"

struct thing {
	u64 number, constructed, payload[5];
};

static int constructions;

static void construct(void *obj)
{
	((struct thing *)obj)->constructed = 0xc0ffee;
	constructions++;
}

/* Two caches that nothing else uses. Only their slabs are used here, never their magazines. */
static struct kmem_cache *plain_cache(void)
{
	static struct kmem_cache *c;

	if (!c)
		c = kmem_cache_create("ktest-plain", sizeof(struct thing), 0, NULL);
	return c;
}

static struct kmem_cache *constructed_cache(void)
{
	static struct kmem_cache *c;

	if (!c)
		c = kmem_cache_create("ktest-constructed", sizeof(struct thing), 0, construct);
	return c;
}

static void add_slab(struct kmem_cache *c, struct frame **slab)
{
	KTEST_ASSERT(c);
	*slab = slab_new(c, GFP_KERNEL);
	KTEST_ASSERT(*slab);
	list_add_tail(&(*slab)->link, &c->partial);
}

/* Which object of the slab; a slab of these has at most 256. */
static unsigned slot(const struct kmem_cache *c, struct frame *slab, const void *object)
{
	return (unsigned)(((char *)object - (char *)frame_to_virt(slab)) / c->stride) % 256;
}

static void drop_slab(struct frame *slab)
{
	list_del(&slab->link);
	frame_put(slab);
}

KTEST(slab_new_chain, "1.3", 4,
      "a new slab has all its objects on the chain, once, in ascending order")
{
	struct kmem_cache *c = plain_cache();
	struct frame *slab;
	char *expected;
	void *o;

	KTEST_ASSERT(c);
	slab = slab_new(c, GFP_KERNEL);
	KTEST_ASSERT(slab);
	KTEST_EQ(slab->owner, FRAME_SLAB);
	KTEST_ASSERT(slab->object == c);
	KTEST_EQ(slab->slab_used, 0);
	KTEST_EQ(slab->order, c->order);
	expected = frame_to_virt(slab);
	o = (void *)slab->index;
	for (int i = 0; i < c->per_slab; i++, expected += c->stride, o = *slab_link(c, o))
		KTEST_MSG(o == expected, "object %d of the chain is %p, expected %p", i, o,
			  expected);
	KTEST_MSG(!o, "the chain does not end after %d objects", c->per_slab);
	frame_put(slab);
}

KTEST(slab_constructor, "1.3", 3,
      "the constructor runs once on each object, and free objects stay constructed")
{
	struct kmem_cache *c = constructed_cache();
	struct frame *slab;
	struct thing *t = NULL;

	constructions = 0;
	KTEST_CALL(add_slab(c, &slab));
	KTEST_EQ(constructions, c->per_slab);
	for (int i = 0; i < c->per_slab; i++) {
		t = slab_take(c);
		KTEST_ASSERT(t);
		KTEST_EQ(t->constructed, 0xc0ffee);
	}
	KTEST_ASSERT(t);
	t->number = 77;
	KTEST_ASSERT(!slab_give(c, t));
	KTEST_ASSERT(slab_take(c) == t);
	KTEST_EQ(t->constructed, 0xc0ffee);
	KTEST_EQ(t->number, 77);
	KTEST_EQ(constructions, c->per_slab);
	frame_put(slab);
}

KTEST(slab_take_all, "1.3", 4,
      "every object is handed out once; a full slab leaves the list and the next one is used")
{
	struct kmem_cache *c = plain_cache();
	struct frame *first, *second;
	struct thing *t;
	bool seen[256] = { false };

	KTEST_CALL(add_slab(c, &first));
	KTEST_CALL(add_slab(c, &second));
	for (int i = 0; i < c->per_slab; i++) {
		t = slab_take(c);
		KTEST_ASSERT(t);
		KTEST_ASSERT(slab_of(c, t) == first);
		KTEST_MSG(!seen[slot(c, first, t)], "an object was handed out twice");
		seen[slot(c, first, t)] = true;
		memset(t, 0xee, sizeof(*t));		/* no link may be in here */
		KTEST_EQ(first->slab_used, i + 1);
	}
	KTEST_ASSERT(c->partial.next == &second->link);
	for (int i = 0; i < c->per_slab; i++) {
		t = slab_take(c);
		KTEST_ASSERT(t);
		KTEST_ASSERT(slab_of(c, t) == second);
	}
	KTEST_ASSERT(list_empty(&c->partial));
	KTEST_ASSERT(!slab_take(c));
	frame_put(first);
	frame_put(second);
}

KTEST(slab_give_back, "1.3", 4, "a full slab that gets an object back can be used again at once")
{
	struct kmem_cache *c = plain_cache();
	struct frame *slab;
	void *t = NULL, *again;

	KTEST_CALL(add_slab(c, &slab));
	for (int i = 0; i < c->per_slab; i++) {
		t = slab_take(c);
		KTEST_ASSERT(t);
	}
	KTEST_ASSERT(list_empty(&c->partial));
	KTEST_ASSERT(!slab_give(c, t));
	KTEST_EQ(slab->slab_used, c->per_slab - 1);
	KTEST_ASSERT(c->partial.next == &slab->link);
	again = slab_take(c);
	KTEST_ASSERT(again == t);
	KTEST_ASSERT(list_empty(&c->partial));
	frame_put(slab);
}

KTEST(slab_empty, "1.3", 3,
      "an empty slab is handed back if others have free objects, and kept if it is the only one")
{
	struct kmem_cache *c = plain_cache();
	struct frame *first, *second;
	void *a, *b;

	KTEST_CALL(add_slab(c, &first));
	a = slab_take(c);
	KTEST_ASSERT(a);
	KTEST_ASSERT(!slab_give(c, a));			/* the only one */
	KTEST_ASSERT(c->partial.next == &first->link);
	a = slab_take(c);
	b = slab_take(c);
	KTEST_ASSERT(a && b);
	KTEST_CALL(add_slab(c, &second));
	KTEST_ASSERT(!slab_give(c, b));			/* not empty yet */
	KTEST_ASSERT(slab_give(c, a) == first);
	KTEST_ASSERT(c->partial.next == &second->link && c->partial.prev == &second->link);
	frame_put(first);
	drop_slab(second);
}

/* ---- the heap ------------------------------------------------------------------------------ */

KTEST(heap_sizes, "1.3", 1,
      "blocks of all sizes are aligned, do not overlap, and keep what was written")
{
	static struct {
		u8 *p;
		u32 size;
	} block[400];
	struct kmem_stats before, after;

	kmem_stats(&before);
	for (int i = 0; i < ARRAY_SIZE(block); i++) {
		block[i].size = i < 300 ? i * 7 : i * 31;
		block[i].p = kmalloc(block[i].size, GFP_KERNEL);
		KTEST_ASSERT(block[i].p);
		KTEST_ASSERT(IS_ALIGNED((u64)block[i].p, 16));
		memset(block[i].p, i, block[i].size);
	}
	for (int i = 0; i < ARRAY_SIZE(block); i++) {
		for (u32 at = 0; at < block[i].size; at++)
			KTEST_EQ(block[i].p[at], (u8)i);
		kfree(block[i].p);
	}
	kmem_stats(&after);
	KTEST_EQ(after.objects, before.objects);
	KTEST_ASSERT(!kmalloc((2UL << 20) + 1, GFP_KERNEL));
	KTEST_ASSERT(!kcalloc(1UL << 62, 8, GFP_KERNEL));
}

KTEST(heap_returns, "1.3", 1, "memory of freed objects goes back to the frame allocator")
{
	struct kmem_cache *c = constructed_cache();
	u64 before = frame_free_count();
	struct thing *chain = NULL, *t;

	KTEST_ASSERT(c);
	for (int i = 0; i < 5000; i++) {
		t = kmem_cache_alloc(c, GFP_KERNEL);
		KTEST_ASSERT(t);
		KTEST_EQ(t->constructed, 0xc0ffee);
		t->payload[0] = (u64)chain;
		chain = t;
	}
	KTEST_ASSERT(frame_free_count() < before - 5000 * sizeof(*t) / PAGE_SIZE + 1);
	while (chain) {
		t = chain;
		chain = (void *)t->payload[0];
		kmem_cache_free(c, t);
	}
	KTEST_ASSERT(frame_free_count() + 4 >= before);
}
