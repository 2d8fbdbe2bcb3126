/* The table of calls, and the cursor over buffers. */
#include "common/ktest.h"
#include "03-syscalls/file.h"
#include "03-syscalls/syscall.h"

KTEST(syscall_table, "3.0", 0, "every call of the linker set is found by its number")
{
	const struct syscall *s;
	int n = 0;

	linkset_for_each(syscalls, const struct syscall, s) {
		KTEST_ASSERT(s->nr >= 0 && s->nr < SYSCALL_MAX && s->argc <= 6);
		KTEST_ASSERT(syscall_find(s->nr) == s);
		n++;
	}
	KTEST_ASSERT(n > 100);
	KTEST_ASSERT(!syscall_find(SYSCALL_MAX));
	KTEST_ASSERT(!syscall_find(~0UL));
}

KTEST(iov_iter_segments, "3.0", 0,
      "copying walks over segments, empty ones too, and stops at the end")
{
	char a[4], b[8], out[16] = { 0 };
	struct iovec iov[] = { { a, 3 }, { NULL, 0 }, { b, 5 }, { NULL, 0 } };
	struct iov_iter it = { .iov = iov, .segments = 4, .count = 8, .kernel = true };

	KTEST_EQ(copy_to_iter("abcdefghij", 2, &it), 2);
	KTEST_EQ(it.count, 6);
	KTEST_EQ(copy_to_iter("cdefghij", 8, &it), 6);
	KTEST_EQ(it.count, 0);
	KTEST_ASSERT(memcmp(a, "abc", 3) == 0 && memcmp(b, "defgh", 5) == 0);
	it = (struct iov_iter){ .iov = iov, .segments = 4, .count = 8, .kernel = true };
	iov_iter_advance(&it, 2);
	KTEST_EQ(copy_from_iter(out, 16, &it), 6);
	KTEST_STREQ(out, "cdefgh");
}
