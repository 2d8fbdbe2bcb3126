/*
 * Thread-local storage of each thread: its memory, its thread pointer, its DTV. See tls.h.
 *
 * A thread's memory is one mapping: the static blocks end where struct tcb begins. Who makes
 * threads (a C library) asks for it by _dl_allocate_tls() and gives it to clone(2) as the
 * thread pointer.
 */
#include "common/abi/mman.h"
#include "07-dynlink/ldso/tls.h"

struct lock tls_lock;
static struct tcb *threads;		/* tls_lock */
static struct tcb first_tcb;		/* until tls_setup() */

/* The mapping's size must be known when it is given back. */
struct block_head {
	u64 start, size;
};

static u64 map_anonymous(u64 size)
{
	s64 start = sys_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return start < 0 ? 0 : (u64)start;
}

/* ---- modules ------------------------------------------------------------------------------- */

struct object *tls_object(u64 module)
{
	for (struct object *o = objects; o; o = o->next)
		if (o->tls_module == module)
			return o;
	return NULL;
}

u64 tls_new_module(void)
{
	u64 module = 1;

	while (tls_object(module))
		module++;
	return module;
}

/* ---- blocks that are not static ------------------------------------------------------------ */

char *tls_allocate_block(const struct object *o)
{
	u64 size = ALIGN_UP(o->tls_size + o->tls_align + sizeof(struct block_head), PAGE_SIZE);
	u64 start = map_anonymous(size);
	char *block = (char *)ALIGN_UP(start + sizeof(struct block_head), o->tls_align);

	if (!start) {
		say("ld-trellis.so: no memory for thread-local storage\n", NULL);
		sys_exit(127);	/* who touches a variable cannot be told */
	}
	((struct block_head *)block)[-1] = (struct block_head){ start, size };
	return block;
}

static void free_block(struct tcb *t, u64 module)
{
	struct block_head *h = (struct block_head *)t->dtv[module];

	t->dtv[module] = NULL;
	if (h)
		sys_munmap(h[-1].start, h[-1].size);
}

void tls_grow_dtv(struct tcb *t, u64 module)
{
	u64 size = MAX(module + 1, t->dtv_size * 2);
	char **dtv;

	if (module < t->dtv_size)
		return;
	dtv = allocate(size * sizeof(*dtv));
	mem_copy(dtv, t->dtv, t->dtv_size * sizeof(*dtv));
	t->dtv = dtv;
	t->dtv_size = size;
}

void tls_forget(struct object *o)
{
	lock(&tls_lock);
	for (struct tcb *t = threads; t && o->tls_module; t = t->next)
		if (o->tls_module < t->dtv_size)
			free_block(t, o->tls_module);
	o->tls_module = 0;
	unlock(&tls_lock);
}

/* ---- threads ------------------------------------------------------------------------------- */

void tls_start(void)
{
	first_tcb.self = &first_tcb;
	sys_set_thread_pointer(&first_tcb);
}

/* A thread's memory, with its DTV; the static blocks are zero. NULL: there is none. */
static struct tcb *new_tcb(void)
{
	u64 below = ALIGN_UP(tls_static_size, tls_static_align);
	u64 size = ALIGN_UP(below + sizeof(struct tcb) + tls_static_align, PAGE_SIZE);
	u64 memory = map_anonymous(size);
	struct tcb *t = (struct tcb *)(ALIGN_UP(memory, tls_static_align) + below);

	if (!memory)
		return NULL;
	t->self = t;
	t->memory = memory;
	t->memory_size = size;
	lock(&tls_lock);
	tls_grow_dtv(t, tls_new_module());
	tls_fill_dtv(t);
	t->next = threads;
	threads = t;
	unlock(&tls_lock);
	return t;
}

static void copy_images(struct tcb *t)
{
	for (struct object *o = objects; o; o = o->next)
		if (o->tls_offset)
			mem_copy((char *)t - o->tls_offset, o->tls_image, o->tls_file_size);
}

void tls_setup(void)
{
	struct tcb *t = new_tcb();

	if (!t)
		fail("no memory for thread-local storage", NULL);
	t->canary = ((u64)t ^ (u64)new_tcb) * 0x9e3779b97f4a7c15UL & ~0xffUL;
	sys_set_thread_pointer(t);
}

void tls_copy_images(void)
{
	copy_images(current_thread());
}

void *_dl_allocate_tls(void)
{
	struct tcb *t;

	lock_recursive(&load_lock);
	t = new_tcb();
	if (t) {
		t->canary = current_thread()->canary;
		copy_images(t);
	}
	unlock_recursive(&load_lock);
	return t;
}

void _dl_deallocate_tls(void *tp)
{
	struct tcb *t = tp, **link = &threads;

	lock(&tls_lock);
	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	for (u64 m = 1; m < t->dtv_size; m++) {
		char *block = t->dtv[m];

		if (block && (u64)block - t->memory >= t->memory_size)
			free_block(t, m);
	}
	unlock(&tls_lock);
	sys_munmap(t->memory, t->memory_size);
}
