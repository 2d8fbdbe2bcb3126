/* The table of calls, and the cursor over buffers. */
#include "common/console.h"
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

/* From lab 06 on init's console is a terminal, which has buffers of its own. */
KTEST(console_full, "3.0", 0,
      "what is typed while nobody reads is kept up to the end of a full line; the rest is dropped")
{
	struct file *f = open_init_console();
	char got[256];
	ssize_t n;

	if (f->ops->ioctl) {
		file_put(f);
		return;
	}
	for (int i = 0; i < 300; i++)
		console_input('a');
	for (const char *s = "\nbb\n"; *s; s++)
		console_input(*s);
	n = file_read_kernel(f, got, sizeof(got), 0);
	file_put(f);
	KTEST_EQ(n, sizeof(got));
	KTEST_EQ(got[0], 'a');
	KTEST_EQ(got[254], 'a');
	KTEST_EQ(got[255], '\n');
}
