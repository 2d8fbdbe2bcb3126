/*
 * FPU, SSE and AVX state: saved and restored eagerly at every switch between user threads, in
 * FXSAVE form or, where the CPU has it, XSAVE (SDM vol. 1, 13). The kernel itself
 * uses no such registers.
 */
#pragma once

#include "02-usermode/thread.h"

/* Enable on this CPU; on the boot CPU also find out which form and size. */
void fpu_init_cpu(void);
size_t fpu_size(void);			/* bytes of a thread's area */
u64 fpu_features(void);			/* XCR0, 0 without XSAVE */
void *fpu_alloc(void);			/* an area in initial state, or NULL */
void fpu_free(void *area);
void fpu_save(void *area);
/* Loads the area; a reserved bit in it has been refused before (fpu_validate). */
void fpu_restore(const void *area);
/* Copy to the child the state the current thread has right now. */
void fpu_clone(struct thread *child);
/* Initial state for exec. */
void fpu_reset(void);
/* Make an area from user memory (sigreturn) harmless: false if it cannot be. */
bool fpu_validate(void *area);
