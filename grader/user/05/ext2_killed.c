/*
 * A process that is killed while it has a deleted file open: its end gives the file's blocks and its
 * number back, although the bitmaps have to be read for it. And dropping the cache of a mounted disk.
 *
 * @disk 16M -b 1024
 * @host no it writes to /dev/vda
 */
#include "disk.h"

#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/wait.h>

static void delete_and_crash(void)
{
	static char bytes[300 << 10];
	int fd = UT_OK(open("file", O_CREAT | O_RDWR, 0644)), disk;

	UT_EQ(write(fd, bytes, sizeof(bytes)), (long)sizeof(bytes));
	UT_OK(unlink("file"));
	sync();
	disk = UT_OK(open("/dev/vda", O_RDONLY));
	UT_OK(ioctl(disk, BLKFLSBUF, 0));	/* now the bitmaps are only on the disk */
	*(volatile int *)0 = 1;
}

UTEST(ext2_killed, "5.0", 0, "a killed process gives back the blocks of a deleted file that it had open")
{
	struct statfs before, after;
	int status;
	pid_t pid;

	disk_mount();
	sync();
	UT_OK(statfs(".", &before));
	pid = UT_OK(fork());
	if (pid == 0) {
		delete_and_crash();
		_exit(1);
	}
	UT_EQ(waitpid(pid, &status, 0), pid);
	UT_ASSERT(WIFSIGNALED(status));
	UT_OK(statfs(".", &after));
	UT_EQ(after.f_bfree, before.f_bfree);
	UT_EQ(after.f_ffree, before.f_ffree);
	disk_unmount();
}

UTEST(ext2_flushed, "5.0", 0, "dropping the clean pages of a mounted disk loses no later change")
{
	int disk = -1;

	disk_mount();
	disk = UT_OK(open("/dev/vda", O_RDONLY));
	for (int i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d", i);
		UT_OK(mkdir(name, 0755));
		sync();
		UT_OK(ioctl(disk, BLKFLSBUF, 0));
		UT_OK(posix_fadvise(disk, 0, 0, POSIX_FADV_DONTNEED));
	}
	close(disk);
	disk_unmount();		/* and e2fsck compares the descriptors' counts with the bitmaps */
}

UTEST_MAIN(ext2_killed, ext2_flushed)
