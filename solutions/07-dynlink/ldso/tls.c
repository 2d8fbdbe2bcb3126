/*
 * Exercise 7.8, first part: thread-local variables. See tls.h for where the blocks are.
 *
 * Goal, tls_add(): if o has such variables (tls_size), give it a module number
 * (tls_new_module()) and, unless it is `dynamic`, a place: tls_offset is the sum of what is
 * nearer to the thread pointer and its own size, rounded up so that the block is aligned to
 * tls_align, which is a power of two. Keep tls_static_size (the sum) and tls_static_align (the
 * largest) up to date. A dynamic object that wants a static block (static_tls) cannot have one:
 * fail().
 * Goal, tls_fill_dtv(): t->dtv[number] is the block's address, for the objects with a
 * tls_offset.
 * Goal, __tls_get_addr(): the variable's address: the block of i->module in the current
 * thread's DTV, plus i->offset. If the DTV is too short (dtv_size) or has no block there, this
 * is the thread's first touch: make one (tls_allocate_block()) and copy the image
 * (tls_file_size bytes) into it.
 * Invariants: the program's block is the nearest, at the distance that was compiled into it. A
 * block is made once per thread and module, and never moves. The DTV is changed under tls_lock;
 * a thread reads its own without.
 * Symptom when wrong: variables of two libraries overlap; a thread sees another's errno.
 * Read: "ELF Handling For Thread-Local Storage" (Drepper), 3 and 4.1; tls_thread.c.
 * Tests: ldso_tls_layout, ldso_tls_threads, ldso_tls_dynamic.
 */
#include "07-dynlink/ldso/tls.h"

u64 tls_static_size;
u64 tls_static_align = 64;

void tls_add(struct object *o, bool dynamic)
{
	/* EXERCISE 7.8 BEGIN  blank: return; */
	if (!o->tls_size)
		return;
	o->tls_module = tls_new_module();
	if (dynamic && o->static_tls)
		fail(object_name(o), " must be loaded at the start: it has static TLS", NULL);
	if (dynamic)
		return;
	tls_static_size = ALIGN_UP(tls_static_size + o->tls_size, o->tls_align);
	tls_static_align = MAX(tls_static_align, o->tls_align);
	o->tls_offset = tls_static_size;
	/* EXERCISE 7.8 END */
}

void tls_fill_dtv(struct tcb *t)
{
	/* EXERCISE 7.8 BEGIN  blank: return; */
	for (struct object *o = objects; o; o = o->next)
		if (o->tls_offset)
			t->dtv[o->tls_module] = (char *)t - o->tls_offset;
	/* EXERCISE 7.8 END */
}

/* EXERCISE 7.8 BEGIN  blank-toplevel */
static char *first_touch(struct tcb *t, u64 module)
{
	const struct object *o;
	char *block;

	lock(&tls_lock);
	tls_grow_dtv(t, module);
	o = tls_object(module);
	block = tls_allocate_block(o);
	mem_copy(block, o->tls_image, o->tls_file_size);
	t->dtv[module] = block;
	unlock(&tls_lock);
	return block;
}
/* EXERCISE 7.8 END */

void *__tls_get_addr(struct tls_index *i)
{
	/* EXERCISE 7.8 BEGIN  blank: (void)i; return NULL; */
	struct tcb *t = current_thread();
	char *block = i->module < t->dtv_size ? t->dtv[i->module] : NULL;

	return (block ? block : first_touch(t, i->module)) + i->offset;
	/* EXERCISE 7.8 END */
}
