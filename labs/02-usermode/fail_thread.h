/*
 * Injected allocation failures of one thread.
 */
#pragma once

#include "02-usermode/thread.h"

/*
 * Make t's n-th allocation from now fail (0: none, and forget t). One thread at a time: a second
 * replaces the first.
 */
void alloc_fail_thread(struct thread *t, u64 n);
/* How many allocations are left until the failure; 0 if it has happened or none is armed for t. */
u64 alloc_fail_left(struct thread *t);
/* t ends: what was armed for it must not hit the next thread at the same address. */
void alloc_fail_forget(struct thread *t);
