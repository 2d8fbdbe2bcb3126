/*
 * What the tests of ext2 do on disks of different kinds: each mounts /dev/vda, works on it and
 * unmounts; when all are done the grader runs e2fsck.
 */
#pragma once

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "disk.h"

static unsigned long random_state;

static unsigned next_random(void)
{
	random_state = random_state * 6364136223846793005UL + 1442695040888963407UL;
	return random_state >> 33;
}

/* Random writes, reads and truncations, compared with a copy in memory. */
#define COPY_SIZE	(1 << 20)
static unsigned char copy[COPY_SIZE], buf[COPY_SIZE];

static void random_write(int fd, long *size)
{
	long off = next_random() % COPY_SIZE, n = next_random() % 20000;

	n = n > COPY_SIZE - off ? COPY_SIZE - off : n;
	for (long i = 0; i < n; i++)
		buf[i] = next_random();
	UT_EQ(pwrite(fd, buf, n, off), n);
	if (n && off > *size)
		memset(copy + *size, 0, off - *size);
	memcpy(copy + off, buf, n);
	if (n && off + n > *size)
		*size = off + n;
}

static void random_truncate(int fd, long *size)
{
	long to = next_random() % COPY_SIZE;

	UT_OK(ftruncate(fd, to));
	if (to > *size)
		memset(copy + *size, 0, to - *size);
	*size = to;
}

static void check_contents(int fd, long size)
{
	struct stat st;

	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_size, size);
	UT_EQ(pread(fd, buf, COPY_SIZE, 0), size);
	UT_EQ(memcmp(buf, copy, size), 0);
}

static void test_contents(void)
{
	long size = 0;
	int fd;

	random_state = 12345;
	disk_mount();
	fd = UT_OK(open("random", O_RDWR | O_CREAT | O_TRUNC, 0600));
	for (int i = 0; i < 400; i++) {
		if (next_random() % 4)
			random_write(fd, &size);
		else
			random_truncate(fd, &size);
		if (i % 50 == 49) {
			check_contents(fd, size);
			UT_OK(fsync(fd));
		}
	}
	close(fd);
	disk_unmount();
	disk_mount();		/* now from the disk */
	fd = UT_OK(open("random", O_RDONLY));
	check_contents(fd, size);
	close(fd);
	disk_unmount();
}

/* A byte at each power of two: most of the file is holes. */
static void test_sparse(long largest)
{
	struct stat st;
	char c;
	int fd;

	disk_mount();
	fd = UT_OK(open("sparse", O_RDWR | O_CREAT | O_TRUNC, 0600));
	for (long at = 1024; at <= largest; at *= 2)
		UT_EQ(pwrite(fd, "x", 1, at), 1);
	UT_OK(fsync(fd));
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_size, largest + 1);
	UT_ASSERT(st.st_blocks < 4096);
	close(fd);
	disk_unmount();
	disk_mount();
	fd = UT_OK(open("sparse", O_RDWR));
	for (long at = 1024; at <= largest; at *= 2) {
		UT_EQ(pread(fd, &c, 1, at), 1);
		UT_EQ(c, 'x');
		UT_EQ(pread(fd, &c, 1, at - 1), 1);
		UT_EQ(c, 0);
	}
	UT_OK(ftruncate(fd, 5000));
	UT_OK(fstat(fd, &st));
	UT_ASSERT(st.st_blocks <= 16);
	close(fd);
	disk_unmount();
}

/* Without space writes fail, what is there stays, and freed space can be used again. */
static void test_full(void)
{
	struct statfs before, after;
	char block[8192];
	long n, total = 0;
	int fd;

	memset(block, 7, sizeof(block));
	disk_mount();
	UT_OK(statfs(MNT, &before));
	fd = UT_OK(open("full", O_WRONLY | O_CREAT | O_TRUNC, 0600));
	while ((n = write(fd, block, sizeof(block))) > 0)
		total += n;
	UT_EQ(n, -1);
	UT_EQ(errno, ENOSPC);
	UT_ASSERT(total > 1 << 20);
	/* The last page may have room for some blocks still. */
	while ((n = write(fd, block, 1024)) > 0)
		;
	UT_ERRNO(mkdir("directory", 0755), ENOSPC);
	close(fd);
	UT_OK(unlink("full"));
	sync();
	UT_OK(statfs(MNT, &after));
	UT_EQ(after.f_bfree, before.f_bfree);
	UT_OK(mkdir("directory", 0755));
	UT_OK(rmdir("directory"));
	disk_unmount();
}

/* A deleted file lives as long as it is open. */
static void test_unlinked(void)
{
	struct stat st;
	char text[8] = "";
	int fd;

	disk_mount();
	fd = UT_OK(open("gone", O_RDWR | O_CREAT | O_EXCL, 0600));
	UT_OK(unlink("gone"));
	UT_EQ(write(fd, "still", 5), 5);
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_nlink, 0);
	UT_EQ(pread(fd, text, 5, 0), 5);
	UT_EQ(strcmp(text, "still"), 0);
	UT_ERRNO(umount(MNT), EBUSY);
	close(fd);
	disk_unmount();
}

static char *source;		/* a page that comes and goes */
static volatile int stop_flipping;

static int flip(void *arg)
{
	while (!stop_flipping) {
		mprotect(source, 4096, PROT_NONE);
		mprotect(source, 4096, PROT_READ | PROT_WRITE);
	}
	return 0;
}

/* Writes into holes while another thread takes their source away: what was deleted stays hidden. */
static void test_short_copy(void)
{
	static char stack[65536];
	int fd, status;
	pid_t pid;

	source = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	UT_ASSERT(source != MAP_FAILED);
	memset(source, 'x', 4096);
	disk_mount();
	fd = UT_OK(open("secret", O_WRONLY | O_CREAT, 0600));
	memset(buf, 'S', COPY_SIZE);
	while (write(fd, buf, COPY_SIZE) > 0)	/* all of the disk */
		;
	UT_EQ(fsync(fd), 0);
	close(fd);
	UT_EQ(unlink("secret"), 0);
	sync();
	stop_flipping = 0;
	pid = clone(flip, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	UT_ASSERT(pid > 0);
	for (int round = 0; round < 20; round++) {
		fd = UT_OK(open("hole", O_RDWR | O_CREAT | O_TRUNC, 0600));
		UT_EQ(ftruncate(fd, COPY_SIZE), 0);
		for (long i = 0; i < COPY_SIZE; i += 4096) {
			ssize_t n = pwrite(fd, source, 4096, i);

			UT_MSG((n > 0 && n <= 4096) || (n == -1 && errno == EFAULT), "wrote %zd", n);
		}
		UT_EQ(fsync(fd), 0);
		UT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
		UT_EQ(pread(fd, buf, COPY_SIZE, 0), COPY_SIZE);
		UT_MSG(!memchr(buf, 'S', COPY_SIZE), "what was deleted shows in round %d", round);
		close(fd);
	}
	stop_flipping = 1;
	UT_EQ(waitpid(pid, &status, 0), pid);
	UT_EQ(unlink("hole"), 0);
	disk_unmount();
}

static void test_attributes(void)
{
	char name[16], value[600], got[600];

	disk_mount();
	close(UT_OK(open("attributes", O_WRONLY | O_CREAT, 0600)));
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "user.n%d", i);
		memset(value, 'a' + i, sizeof(value));
		UT_OK(setxattr("attributes", name, value, i * 25, 0));
	}
	UT_ERRNO(setxattr("attributes", "user.n1", "", 0, XATTR_CREATE), EEXIST);
	UT_ERRNO(setxattr("attributes", "user.none", "", 0, XATTR_REPLACE), ENODATA);
	UT_OK(removexattr("attributes", "user.n2"));
	disk_unmount();
	disk_mount();
	UT_EQ(listxattr("attributes", got, sizeof(got)), 5 * 8);
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "user.n%d", i);
		if (i == 2) {
			UT_ERRNO(getxattr("attributes", name, got, sizeof(got)), ENODATA);
			continue;
		}
		UT_EQ(getxattr("attributes", name, got, sizeof(got)), i * 25);
		memset(value, 'a' + i, sizeof(value));
		UT_EQ(memcmp(got, value, i * 25), 0);
	}
	UT_ERRNO(getxattr("attributes", "user.n5", got, 10), ERANGE);
	disk_unmount();
}

/* A directory of many entries and several blocks; moving directories. */
static void test_directories(void)
{
	struct stat st;
	char name[300];

	disk_mount();
	UT_OK(mkdir("many", 0755));
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many/%0*d", 3 + i % 200, i);
		close(UT_OK(open(name, O_WRONLY | O_CREAT | O_EXCL, 0600)));
	}
	for (int i = 0; i < 300; i += 2) {
		snprintf(name, sizeof(name), "many/%0*d", 3 + i % 200, i);
		UT_OK(unlink(name));
	}
	UT_OK(mkdir("many/below", 0755));
	UT_OK(mkdir("other", 0755));
	UT_OK(rename("many/below", "other/moved"));
	UT_OK(stat("many", &st));
	UT_EQ(st.st_nlink, 2);
	UT_OK(stat("other", &st));
	UT_EQ(st.st_nlink, 3);
	UT_ERRNO(rmdir("many"), ENOTEMPTY);
	disk_unmount();
	disk_mount();
	for (int i = 1; i < 300; i += 2) {
		snprintf(name, sizeof(name), "many/%0*d", 3 + i % 200, i);
		UT_OK(unlink(name));
	}
	UT_OK(rmdir("many"));
	UT_OK(rmdir("other/moved"));
	UT_OK(rmdir("other"));
	disk_unmount();
}

/* Times keep as many digits as the inode has room for. */
static void test_times(long nanoseconds)
{
	struct timespec set[2] = { { 1000000000, 123456789 }, { 1234567890, 987654321 } };
	struct stat st;

	disk_mount();
	close(UT_OK(open("times", O_WRONLY | O_CREAT, 0600)));
	UT_OK(utimensat(AT_FDCWD, "times", set, 0));
	disk_unmount();
	disk_mount();
	UT_OK(stat("times", &st));
	UT_EQ(st.st_atim.tv_sec, 1000000000);
	UT_EQ(st.st_mtim.tv_sec, 1234567890);
	UT_EQ(st.st_mtim.tv_nsec, nanoseconds);
	disk_unmount();
}
