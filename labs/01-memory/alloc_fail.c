/*
 * Failure on demand: a test arms the n-th allocation, runs the code under test, and sees whether it
 * reports -ENOMEM and leaves nothing behind; then n + 1, until nothing failed any more.
 */
#include "01-memory/frame.h"

u64 alloc_fail_armed;		/* allocations that count until one fails, that one included */
static bool happened;

bool __weak alloc_fail_applies(void)
{
	return true;
}

void alloc_fail_after(u64 n)
{
	atomic_store(&happened, false);
	atomic_store(&alloc_fail_armed, n);
}

bool alloc_should_fail(gfp_t gfp)
{
	u64 left = atomic_load(&alloc_fail_armed);

	if (!left || !alloc_fail_applies())
		return false;
	while (left && !atomic_cmpxchg(&alloc_fail_armed, left, left - 1))
		left = atomic_load(&alloc_fail_armed);
	if (left != 1)
		return false;
	atomic_store(&happened, true);
	return true;
}

bool alloc_failed(void)
{
	return atomic_load(&happened);
}
