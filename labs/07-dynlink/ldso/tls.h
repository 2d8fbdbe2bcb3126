/*
 * Thread-local storage: what is in front of and behind the thread pointer (fs base). Variant II
 * of "ELF Handling For Thread-Local Storage" (Drepper), 3.4.6 and 4.1:
 *
 *	   tp - offset[2]   tp - offset[1]   tp
 *	   v                v                v
 *	   | module 2       | module 1       | struct tcb
 *
 * The modules loaded at the start, the program first, have their blocks there in every thread:
 * the static blocks. A library from dlopen() gets a block in each thread that first touches it,
 * anywhere in memory. The dynamic thread vector (DTV) has the address of each module's block,
 * and __tls_get_addr() reads it there.
 */
#pragma once

#include "07-dynlink/ldso/ldso.h"

#pragma GCC visibility push(hidden)

/*
 * What the thread pointer points to. The first word is the ABI's: code gets its own thread
 * pointer by reading fs:0. So is the canary's place, fs:0x28 (-fstack-protector).
 */
struct tcb {
	struct tcb *self;
	char **dtv;		/* by module number: its block or NULL; grows under tls_lock */
	u64 dtv_size;		/* 0: the linker starts and there is none yet */
	struct tcb *next;	/* of all threads; tls_lock */
	void *catch_frame;	/* of catch(), or NULL */
	u64 canary;
	const char *error;	/* what dlerror() will say, or NULL */
	u64 memory, memory_size;	/* what holds the static blocks and this */
};
_Static_assert(offsetof(struct tcb, canary) == 0x28, "the compiler knows this place");

static inline struct tcb *current_thread(void)
{
	struct tcb *self;

	__asm__ volatile("movq %%fs:0, %0" : "=r"(self));
	return self;
}

/* What code for the general dynamic model passes: two words of its GOT (DTPMOD64, DTPOFF64). */
struct tls_index {
	u64 module, offset;
};

extern struct lock tls_lock;

/* ---- tls_thread.c ---- */

void tls_start(void);		/* a thread pointer to begin with; nothing may fail() before */
/* Lay out the static blocks of the program's thread, without the images; and load the pointer. */
void tls_setup(void);
void tls_copy_images(void);	/* and now with them: after relocation */
u64 tls_new_module(void);	/* a number that no loaded object has; from 1 */
struct object *tls_object(u64 module);
/* Zeroed memory for a block of o outside the static ones; fail()s. */
char *tls_allocate_block(const struct object *o);
/* Make room in t's DTV for this module number. Hold tls_lock. */
void tls_grow_dtv(struct tcb *t, u64 module);
/* Free the blocks that threads have of o, which is being unloaded. */
void tls_forget(struct object *o);

/* ---- tls.c: exercise 7.8 ---- */

extern u64 tls_static_size;	/* what the static blocks need below the thread pointer */
extern u64 tls_static_align;

/* Give o, if it has thread-local variables, a module number and, unless `dynamic`, an offset. */
void tls_add(struct object *o, bool dynamic);
/* Note in the new thread's DTV where the static blocks are. */
void tls_fill_dtv(struct tcb *t);

#pragma GCC visibility pop

#pragma GCC visibility push(default)

/* Exported: the address of a thread-local variable, for the thread that asks. */
void *__tls_get_addr(struct tls_index *i);
/*
 * Exported, for libraries that make threads (glibc's linker has them too): a thread pointer
 * with its static blocks for a new thread, or NULL; and the end of one that has ended.
 */
void *_dl_allocate_tls(void);
void _dl_deallocate_tls(void *tp);

#pragma GCC visibility pop
