/*
 * Thread-local storage of the program and the libraries it starts with: variant II of "ELF
 * Handling For Thread-Local Storage" (Drepper). The thread pointer (fs base) points to a word
 * that holds its own address; the blocks of all modules lie below it, the program's nearest,
 * each at an offset that is known before relocation:
 *
 *	... | module 2 | module 1 | TCB
 *	    ^ tp - offset[2]      ^ tp
 */
#include "common/abi/mman.h"
#include "07-dynlink/ldso/ldso.h"

#define TCB_SIZE	256	/* self pointer, canary at 0x28, and room that compilers may know of */

struct tcb {
	struct tcb *self;
	u64 reserved[4];
	u64 canary;		/* fs:0x28, checked by -fstack-protector */
};

static u64 static_size;		/* of all blocks */
static u64 max_align = 64;
static u64 modules;
static char *thread_pointer;

void tls_add(struct object *o)
{
	u64 align = MAX(o->tls_align, 1UL);

	if (!o->tls_size)
		return;
	o->tls_module = ++modules;
	/* The address of the block must be congruent to that of its image modulo the alignment. */
	static_size = ALIGN_UP(static_size + o->tls_size, align);
	o->tls_offset = static_size;
	max_align = MAX(max_align, align);
}

void tls_setup(void)
{
	u64 below = ALIGN_UP(static_size, max_align);
	u64 size = ALIGN_UP(below + TCB_SIZE + max_align, PAGE_SIZE);
	s64 block = sys_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tcb *tcb;

	if (block < 0)
		die("no memory for thread-local storage", NULL);
	thread_pointer = (char *)ALIGN_UP((u64)block, max_align) + below;
	tcb = (struct tcb *)thread_pointer;
	tcb->self = tcb;
	tcb->canary = (u64)&tcb->canary * 0x9e3779b97f4a7c15UL & ~0xffUL;
	sys_set_thread_pointer(tcb);
}

void tls_copy_images(void)
{
	for (struct object *o = objects; o; o = o->next)
		if (o->tls_module)
			mem_copy(thread_pointer - o->tls_offset, o->tls_image, o->tls_file_size);
}

/* What code compiled for the general dynamic model calls: module and offset, from two GOT words. */
struct tls_index {
	u64 module, offset;
};

__attribute__((visibility("default"))) void *__tls_get_addr(struct tls_index *i);

void *__tls_get_addr(struct tls_index *i)
{
	for (struct object *o = objects; o; o = o->next)
		if (o->tls_module == i->module)
			return thread_pointer - o->tls_offset + i->offset;
	die("a reference to a TLS module that does not exist", NULL);
}
