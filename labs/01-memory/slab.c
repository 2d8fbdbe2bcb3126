/*
 * Caches of objects: magazines, growing, statistics (contract in kmem.h, structure in slab.h).
 *
 * The hot path is a pop from, or a push to, this CPU's magazine with interrupts off. The lock is
 * taken once per batch. A cache grows when its slabs are empty, outside the lock, because
 * the frame allocator may sleep and reclaim.
 */
#include "01-memory/slab_debug.h"
#include "common/cpu.h"
#include "common/panic.h"
#include "common/string.h"

#define MAX_SLAB_ORDER	3
#define LARGE_OBJECT	512	/* from here on magazines are half as large */

/* Guards only the growth of the list of caches; readers need nothing. */
static DEFINE_SPINLOCK(caches_lock, RANK_KMEM);
static struct kmem_cache *caches, **last_cache = &caches;

_Static_assert(sizeof(struct kmem_cache) <= PAGE_SIZE, "kmem_cache_create() takes one frame");

/* ---- making caches ------------------------------------------------------------------------- */

/* The smallest block of which at most an eighth is wasted, if there is one. */
static unsigned slab_order(u32 stride)
{
	for (unsigned order = 0; order < MAX_SLAB_ORDER; order++) {
		u64 bytes = PAGE_SIZE << order;

		if (stride <= bytes && bytes % stride <= bytes / 8)
			return order;
	}
	return MAX_SLAB_ORDER;
}

void kmem_cache_init(struct kmem_cache *c, const char *name, size_t size, size_t align,
		     void (*ctor)(void *obj))
{
	align = MAX(align, sizeof(void *));
	c->name = name;
	c->ctor = ctor;
	c->size = size;
	/* Constructed objects keep their contents while free: the chain goes behind them. */
	c->link = ctor ? ALIGN_UP(size, sizeof(void *)) : 0;
	c->stride = ALIGN_UP(MAX(size, c->link + sizeof(void *)), align);
	c->order = slab_order(c->stride);
	c->per_slab = (PAGE_SIZE << c->order) / c->stride;
	c->batch = size < LARGE_OBJECT ? MAGAZINE_SIZE / 2 : MAGAZINE_SIZE / 4;
	spin_init(&c->lock, name, RANK_KMEM);
	list_init(&c->partial);
	spin_lock(&caches_lock);
	*last_cache = c;
	last_cache = &c->next;
	spin_unlock(&caches_lock);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     void (*ctor)(void *obj))
{
	struct frame *f;

	if (!size || size > (PAGE_SIZE << MAX_SLAB_ORDER) - sizeof(void *) || align > PAGE_SIZE)
		panic("kmem_cache_create: %s: size %zu, align %zu", name, size, align);
	f = frame_alloc(0, GFP_ATOMIC | GFP_ZERO, FRAME_SLAB);
	if (!f)
		return NULL;
	kmem_cache_init(frame_to_virt(f), name, size, align, ctor);
	return frame_to_virt(f);
}

/* ---- slabs behind the magazines ------------------------------------------------------------ */

/* With c->lock. The chain's head is the likeliest victim of a write to a freed object. */
static void *take(struct kmem_cache *c)
{
	void *obj = slab_take(c);
	u64 head;

	if (!obj)
		return NULL;
	head = slab_of(c, obj)->index;
	if (head && (head ^ (u64)obj) >> PAGE_SHIFT >> c->order)
		panic("use of freed memory: object %p of cache %s was written after it was freed: "
		      "its link is %#llx", obj, c->name, (unsigned long long)head);
	c->taken++;
	slab_poison_link(c, obj);
	return obj;
}

/* With c->lock. */
static void give(struct kmem_cache *c, void *obj)
{
	struct frame *slab = slab_give(c, obj);

	c->taken--;
	if (!slab)
		return;
	c->slabs--;
	frame_put(slab);
}

/*
 * Interrupts are off. The object first, then the count: other CPUs' debug checks read both, and
 * must not find here what was in this place before.
 */
static void push(struct magazine *m, void *obj)
{
	m->objects[m->count] = obj;
	barrier();
	m->count++;
}

/* Interrupts are off. The last one is the result, the others fill the magazine. */
static __noinline void *refill(struct kmem_cache *c, struct magazine *m)
{
	void *obj;

	spin_lock(&c->lock);
	obj = take(c);
	while (obj && m->count < c->batch - 1) {
		push(m, obj);
		obj = take(c);
	}
	spin_unlock(&c->lock);
	if (!obj && m->count)
		obj = m->objects[--m->count];
	return obj;
}

static void drain(struct kmem_cache *c, struct magazine *m, unsigned keep)
{
	spin_lock(&c->lock);
	while (m->count > keep)
		give(c, m->objects[--m->count]);
	spin_unlock(&c->lock);
}

/* Add a slab and take an object from it. */
static __noinline void *grow(struct kmem_cache *c, gfp_t gfp)
{
	struct frame *slab = slab_new(c, gfp);
	void *obj;

	if (!slab)
		return NULL;
	slab_poison_new(c, slab);
	spin_lock(&c->lock);
	list_add(&slab->link, &c->partial);
	c->slabs++;
	obj = take(c);
	spin_unlock(&c->lock);
	return obj;
}

/* ---- objects ------------------------------------------------------------------------------- */

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	struct magazine *m;
	void *obj;

	alloc_check_context(gfp);
	if (unlikely(READ_ONCE(alloc_fail_armed)) && alloc_should_fail(gfp))
		return NULL;
	irq_disable();
	m = &c->magazines[cpu_id()];
	obj = likely(m->count) ? m->objects[--m->count] : refill(c, m);
	irq_enable();
	if (unlikely(!obj))
		obj = grow(c, gfp);
	if (unlikely(!obj))
		return NULL;
	slab_check_poison(c, obj);
	if (gfp & GFP_ZERO)
		memset(obj, 0, c->size);
	return obj;
}

void kmem_cache_free(struct kmem_cache *c, void *obj)
{
	struct magazine *m;

	slab_check_free(c, obj);
	slab_poison(c, obj);
	irq_disable();
	m = &c->magazines[cpu_id()];
	if (unlikely(m->count && m->objects[m->count - 1] == obj))
		panic("double free of object %p of cache %s", obj, c->name);
	if (unlikely(m->count == 2u * c->batch))
		drain(c, m, c->batch);
	push(m, obj);
	irq_enable();
}

/* ---- giving back, counting ----------------------------------------------------------------- */

/* This CPU's spare objects, and the one empty slab that a cache may keep. */
static u64 shrink_caches(u64 want)
{
	u64 before = frame_free_count(), after;

	for (struct kmem_cache *c = READ_ONCE(caches); c; c = c->next) {
		struct frame *slab = NULL;

		irq_disable();
		drain(c, &c->magazines[cpu_id()], 0);
		spin_lock(&c->lock);
		if (!list_empty(&c->partial))
			slab = list_last_entry(&c->partial, struct frame, link);
		if (slab && !slab->slab_used) {
			list_del(&slab->link);
			c->slabs--;
			frame_put(slab);
		}
		spin_unlock(&c->lock);
		irq_enable();
	}
	after = frame_free_count();
	return after > before ? after - before : 0;
}
SHRINKER(90, heap, shrink_caches);

static u64 in_use(const struct kmem_cache *c)
{
	u64 n = READ_ONCE(c->taken);

	for (int cpu = 0; cpu < MAX_CPUS; cpu++)
		n -= READ_ONCE(c->magazines[cpu].count);
	return (s64)n < 0 ? 0 : n;
}

void kmem_for_each_cache(void (*fn)(const char *name, u64 in_use, u64 total, size_t size,
				    void *arg), void *arg)
{
	for (struct kmem_cache *c = READ_ONCE(caches); c; c = c->next)
		fn(c->name, in_use(c), READ_ONCE(c->slabs) * c->per_slab, c->size, arg);
}

static void add_up(const char *name, u64 used, u64 total, size_t size, void *arg)
{
	struct kmem_stats *s = arg;

	s->objects += used;
	s->bytes += used * size;
}

void kmem_stats(struct kmem_stats *s)
{
	*s = (struct kmem_stats){ 0, 0 };
	kmem_for_each_cache(add_up, s);
}
