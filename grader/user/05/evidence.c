/*
 * Exercise 5.5 from outside: what a program wrote to a disk is on the disk when the machine is off.
 *
 * @disk 16M -b 1024
 * @ask disk_evidence /a/b/answer
 * @host no it needs a disk of its own
 */
#include "disk.h"

/* Many names in a directory, most of which go again, so that entries are split and joined. */
static void crowd(void)
{
	char name[16];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "a/b/%d", i * 7919);
		UT_OK(close(UT_OK(open(name, O_CREAT | O_EXCL | O_WRONLY, 0644))));
	}
	for (int i = 1; i < 100; i++) {
		snprintf(name, sizeof(name), "a/b/%d", i * 7919);
		UT_OK(unlink(name));
	}
}

UTEST(disk_evidence, "5.5", 2, "a file made in a directory of its own is found on the disk after the end")
{
	unsigned long hash =
		ut_answer_add(ut_answer_add(UT_ANSWER_START, ut_asked()), "disk_evidence");
	char answer[32];
	int fd, n = snprintf(answer, sizeof(answer), "%016lx\n", hash);

	disk_mount();
	UT_OK(mkdir("a", 0755));
	UT_OK(mkdir("a/b", 0755));
	crowd();
	fd = UT_OK(open("a/b/answer", O_CREAT | O_EXCL | O_WRONLY, 0644));
	UT_EQ(write(fd, answer, n), n);
	UT_OK(close(fd));
	disk_unmount();
}

UTEST_MAIN(disk_evidence)
