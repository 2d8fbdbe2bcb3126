/*
 * kmalloc: size classes over slab caches, and whole frames for what is larger than half a page.
 *
 * All classes use slabs of one page, so that kfree() finds the cache from the address alone: the
 * frame that an address lies in is its slab's first. A large block starts with its head frame,
 * which is not FRAME_SLAB.
 */
#include "01-memory/slab.h"
#include "common/panic.h"
#include "common/radix.h"
#include "common/string.h"

#define GRAIN		16
#define LARGEST_CLASS	2048
#define KMALLOC_MAX	(2UL << 20)

/* 576 is for the nodes of radix trees; the others are powers of two and what lies half-way. */
#define CLASS(size)	{ size, "kmalloc-" #size }
static const struct {
	u16 size;
	const char *name;
} classes[] = {
	CLASS(16), CLASS(32), CLASS(48), CLASS(64), CLASS(96), CLASS(128), CLASS(192), CLASS(256),
	CLASS(384), CLASS(512), CLASS(576), CLASS(768), CLASS(1024), CLASS(1344), CLASS(2048),
};

static struct kmem_cache caches[ARRAY_SIZE(classes)];
static u8 class_of[LARGEST_CLASS / GRAIN + 1];	/* by size in grains, rounded up */

static unsigned order_of(size_t size)
{
	return size <= PAGE_SIZE ? 0 : 64 - PAGE_SHIFT - __builtin_clzl(size - 1);
}

static __noinline void *alloc_frames(size_t size, gfp_t gfp)
{
	struct frame *f = NULL;

	if (size <= KMALLOC_MAX)
		f = frame_alloc(order_of(size), gfp, FRAME_KERNEL);
	return f ? frame_to_virt(f) : NULL;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	if (unlikely(size > LARGEST_CLASS))
		return alloc_frames(size, gfp);
	return kmem_cache_alloc(&caches[class_of[(size + GRAIN - 1) / GRAIN]], gfp);
}

void kfree(const void *p)
{
	struct frame *f;

	if (!p)
		return;
	f = virt_to_frame(p);
	if (likely(f && f->owner == FRAME_SLAB && f->object)) {
		kmem_cache_free(f->object, (void *)p);
		return;
	}
	if (!f || f->owner != FRAME_KERNEL || !IS_ALIGNED((u64)p, PAGE_SIZE))
		panic("kfree: %p did not come from kmalloc, or was freed before", p);
	frame_put(f);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kzalloc(bytes, gfp);
}

void *kmemdup(const void *p, size_t n, gfp_t gfp)
{
	void *copy = kmalloc(n, gfp);

	return copy ? memcpy(copy, p, n) : NULL;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return kmemdup(s, strlen(s) + 1, gfp);
}

static void *radix_node_alloc(size_t size)
{
	return kmalloc(size, GFP_ATOMIC | GFP_ZERO);
}

static void radix_node_free(void *node, size_t size)
{
	kfree(node);
}

void kmem_init(void)
{
	unsigned class = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(classes); i++)
		kmem_cache_init(&caches[i], classes[i].name, classes[i].size, GRAIN, NULL);
	for (unsigned grains = 0; grains <= LARGEST_CLASS / GRAIN; grains++) {
		if (grains * GRAIN > classes[class].size)
			class++;
		class_of[grains] = class;
	}
	radix_allocator = (struct radix_allocator){ radix_node_alloc, radix_node_free };
}
