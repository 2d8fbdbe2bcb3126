/* The debug build's checks on heap objects (contract in slab_debug.h). */
#include "01-memory/slab_debug.h"
#include "common/cpu.h"
#include "common/panic.h"
#include "common/string.h"

#ifdef DEBUG
#define POISON	0x5a

void slab_poison(const struct kmem_cache *c, void *obj)
{
	if (!c->ctor)
		memset(obj, POISON, c->stride);
}

void slab_poison_new(const struct kmem_cache *c, struct frame *slab)
{
	for (u32 i = 0; i < c->per_slab; i++) {
		void *obj = (char *)frame_to_virt(slab) + i * c->stride;
		void *next = *slab_link(c, obj);

		slab_poison(c, obj);
		*slab_link(c, obj) = next;
	}
}

void slab_poison_link(const struct kmem_cache *c, void *obj)
{
	if (!c->ctor)
		memset(slab_link(c, obj), POISON, sizeof(void *));
}

void slab_check_poison(const struct kmem_cache *c, const void *obj)
{
	const u8 *byte = obj;
	u32 i = 0;

	while (!c->ctor && i < c->stride && byte[i] == POISON)
		i++;
	if (!c->ctor && i < c->stride)
		panic("use of freed memory: object %p of cache %s was written after it was freed: "
		      "offset %u holds %#x", obj, c->name, i, byte[i]);
}

static bool is_free(struct kmem_cache *c, const void *obj)
{
	bool found = false;

	for (int cpu = 0; cpu < cpu_count; cpu++)
		for (unsigned i = 0; i < READ_ONCE(c->magazines[cpu].count); i++)
			found |= READ_ONCE(c->magazines[cpu].objects[i]) == obj;
	spin_lock(&c->lock);
	for (void *o = (void *)slab_of(c, obj)->index; o && !found; o = *slab_link(c, o))
		found = o == obj;
	spin_unlock(&c->lock);
	return found;
}

/* Searching all free objects is slow, so only for what looks like one. */
static bool looks_free(const struct kmem_cache *c, const void *obj)
{
	return c->ctor || c->stride <= sizeof(void *) ||
	       ((const u8 *)obj)[c->stride - 1] == POISON;
}

void slab_check_free(struct kmem_cache *c, void *obj)
{
	const struct frame *slab = slab_of(c, obj);
	u64 offset;

	if (!slab || slab->owner != FRAME_SLAB || slab->object != c)
		panic("kmem_cache_free: %p is not an object of cache %s", obj, c->name);
	offset = (char *)obj - (char *)frame_to_virt(slab);
	if (offset % c->stride)
		panic("kmem_cache_free: %p is not the start of an object of cache %s, but %llu "
		      "bytes into one", obj, c->name, (unsigned long long)(offset % c->stride));
	if (looks_free(c, obj) && is_free(c, obj))
		panic("double free of object %p of cache %s", obj, c->name);
}
#endif
