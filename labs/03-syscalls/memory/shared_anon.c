/*
 * Shared memory without a file (MAP_SHARED | MAP_ANONYMOUS): an object whose pages appear as zeroes
 * when they are first touched and stay until the last mapping goes.
 *
 * It needs an object, unlike private memory, because parent and child must find the same page also
 * if it is first touched after fork: the page tables alone, which fork copies, cannot tell the
 * other one.
 *
 * The tree holds one reference of each frame, each page-table entry another. Areas hold references
 * of the object (open and close); with the last one the tree and its frames go, when no page table
 * shows them any more. There is no swap, so nothing else takes a page out.
 */
#include "03-syscalls/memory/memory.h"
#include "common/radix.h"
#include "01-memory/kmem.h"

struct shared_anon {
	struct vm_object object;
	refcount_t refs;		/* areas, and the creator */
	struct spinlock lock;		/* RANK_PAGE_CACHE; protects: */
	struct radix_tree frames;
	u64 pages;
};

static struct shared_anon *shared_of(struct vm_object *o)
{
	return container_of(o, struct shared_anon, object);
}

/*
 * The frame at index with a reference, or NULL. The reference is taken under the lock, like
 * everywhere; though here, where only the last put removes frames, none could go meanwhile.
 */
static struct frame *find(struct shared_anon *s, u64 index)
{
	struct frame *f;

	spin_lock(&s->lock);
	f = radix_lookup(&s->frames, index);
	if (f)
		frame_get(f);
	spin_unlock(&s->lock);
	return f;
}

static struct frame *shared_cached(struct vm_object *o, u64 index)
{
	return find(shared_of(o), index);
}

/*
 * An index beyond the end comes from mremap(2), which makes areas larger but not the object:
 * SIGBUS, as for a file that is too short. Two threads, or two processes, may touch a page at once
 * and both make one; the tree takes the first.
 */
static int shared_fault(struct vm_object *o, struct vm_area *a, u64 index, bool write,
			struct frame **frame)
{
	struct shared_anon *s = shared_of(o);
	struct frame *new, *f = find(s, index);
	int error;

	*frame = f;
	if (f)
		return 0;
	if (index >= s->pages)
		return -EFAULT;
	new = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_CACHE);
	if (!new)
		return -ENOMEM;
	new->object = o;
	new->index = index;
	frame_get(new);			/* for the caller */
	spin_lock(&s->lock);
	error = radix_insert(&s->frames, index, new);
	spin_unlock(&s->lock);
	if (!error) {
		*frame = new;
		return 0;
	}
	frame_put(new);
	frame_put(new);
	if (error == -EEXIST) {		/* another thread touched it at the same moment */
		*frame = find(s, index);
		return 0;
	}
	return error;
}

static void shared_open(struct vm_area *a)
{
	ref_get(&shared_of(a->object)->refs);
}

static void shared_close(struct vm_area *a)
{
	shared_anon_put(a->object);
}

static const struct vm_object_ops shared_ops = {
	.fault = shared_fault,
	.cached = shared_cached,
	.open = shared_open,
	.close = shared_close,
};

/* The first reference is the creator's. */
struct vm_object *shared_anon_create(u64 size)
{
	struct shared_anon *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	vm_object_init(&s->object, &shared_ops);
	ref_init(&s->refs, 1);
	spin_init(&s->lock, "shared memory", RANK_PAGE_CACHE);
	s->frames = RADIX_TREE_INIT;
	s->pages = size >> PAGE_SHIFT;
	return &s->object;
}

void shared_anon_put(struct vm_object *o)
{
	struct shared_anon *s = shared_of(o);
	struct frame *f;
	u64 index = 0;

	if (!ref_put(&s->refs))
		return;
	while ((f = radix_next(&s->frames, &index))) {
		radix_remove(&s->frames, index);
		frame_put(f);
	}
	kfree(s);
}
