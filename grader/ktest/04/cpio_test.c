/* The ramdisk's format. No exercise owns it. */
#include "common/ktest.h"
#include "common/errno.h"
#include "common/printk.h"
#include "04-elf/cpio.h"

static char archive[2048];
static u64 length;

static void add(const char *name, unsigned mode, const char *data, unsigned ino, unsigned nlink)
{
	length += snprintf(archive + length, sizeof(archive) - length,
			   "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ino, mode,
			   0, 0, nlink, 0, (unsigned)strlen(data), 0, 0, 0, 0,
			   (unsigned)strlen(name) + 1, 0);
	strlcpy(archive + length, name, sizeof(archive) - length);
	length = (length + strlen(name) + 1 + 3) & ~3UL;
	memcpy(archive + length, data, strlen(data));
	length = (length + strlen(data) + 3) & ~3UL;
}

static void build(void)
{
	memset(archive, 0, sizeof(archive));
	length = 0;
	add(".", 040755, "", 1, 2);
	add("init", 0100755, "program", 2, 1);
	add("bin/a", 0100755, "", 3, 2);
	add("bin/b", 0100755, "linked", 3, 2);
	add("TRAILER!!!", 0, "", 0, 1);
	length += 512;
	add("second", 0100644, "x", 5, 1);
	add("TRAILER!!!", 0, "", 0, 1);
}

KTEST(cpio_reads, "4.0", 0, "entries of concatenated archives are found, links too")
{
	struct cpio_entry e;
	u64 offset = 0;
	int n = 0;

	build();
	while (cpio_next(archive, length, &offset, &e) == 1)
		n++;
	KTEST_EQ(n, 5);
	KTEST_EQ(cpio_find(archive, length, "/init", 5, &e), 1);
	KTEST_ASSERT(e.size == 7 && memcmp(e.data, "program", 7) == 0);
	KTEST_EQ(cpio_find(archive, length, "//bin/./a", 9, &e), 1);
	KTEST_ASSERT(e.size == 6 && memcmp(e.data, "linked", 6) == 0);
	KTEST_EQ(cpio_find(archive, length, "second", 6, &e), 1);
	KTEST_EQ(cpio_find(archive, length, "third", 5, &e), 0);
	KTEST_ASSERT(!cpio_compression(archive, length));
	KTEST_STREQ(cpio_compression("\x1f\x8b", 2), "gzip");
}

KTEST(cpio_damaged, "4.0", 0, "a damaged archive is refused, wherever it is cut or changed")
{
	struct cpio_entry e;

	build();
	for (u64 cut = 1; cut < length; cut++) {
		u64 offset = 0;
		int result;

		while ((result = cpio_next(archive, cut, &offset, &e)) == 1)
			KTEST_ASSERT((const char *)e.data + e.size <= archive + cut);
	}
	for (u64 at = 0; at < 400; at++) {
		u64 offset = 0;
		char was = archive[at];
		int steps = 0;

		archive[at] = 'F';
		while (cpio_next(archive, length, &offset, &e) == 1 && steps++ < 100)
			KTEST_ASSERT((const char *)e.data + e.size <= archive + length);
		KTEST_ASSERT(steps < 100);
		archive[at] = was;
	}
	build();
	archive[1] = 'x';
	u64 offset = 0;

	KTEST_EQ(cpio_next(archive, length, &offset, &e), -EINVAL);
}
