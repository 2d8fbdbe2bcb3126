/*
 * Exercise 7.2: files in memory.
 *
 * @disk 16M -b 1024
 */
#define _GNU_SOURCE 1
#include "ktap_user.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PAGE 4096L

/* A file of three pages and a bit: page i is full of 'a' + i; on the disk if there is one. */
static int make_file(int flags)
{
	static char buf[3 * 4096 + 100];
	const char *path = "/tmp/mmap.test";
	int fd;

	if (getpid() != 1 && access("/dev/vda", F_OK) == 0 && access("/t", F_OK) == 0) {
		mount("/dev/vda", "/mnt", "ext2", 0, NULL);
		path = "/mnt/mmap.test";
	}
	for (int i = 0; i < (int)sizeof(buf); i++)
		buf[i] = (char)('a' + i / PAGE);
	unlink(path);
	fd = (int)UT_OK(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
	UT_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	if (flags != O_RDWR) {
		close(fd);
		fd = (int)UT_OK(open(path, flags));
	}
	return fd;
}

static char *map(int fd, long size, int prot, int flags, long offset)
{
	char *p = mmap(NULL, (size_t)size, prot, flags, fd, offset);

	UT_MSG(p != MAP_FAILED, "mmap: expected success, got %s", strerrorname_np(errno));
	return p;
}

static sigjmp_buf jump;

static void on_fault(int sig)
{
	siglongjmp(jump, sig);
}

/* The signal that reading (or, with write, writing) the byte raises; 0: none. */
static int touch(volatile char *p, int write)
{
	int sig;

	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	sig = sigsetjmp(jump, 1);
	if (sig)
		return sig;
	if (write)
		*p = 'X';
	else
		(void)*p;
	return 0;
}

static char byte_at(int fd, long at)
{
	char c = 0;

	UT_EQ(pread(fd, &c, 1, at), 1);
	return c;
}

UTEST(mmap_private, "7.2", 3, "a private mapping shows the file; writing to it does not change the file")
{
	int fd = make_file(O_RDONLY);
	char *p = map(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);

	UT_EQ(p[0], 'a');
	UT_EQ(p[2 * PAGE + 5], 'c');
	p[PAGE] = 'X';
	UT_EQ(p[PAGE], 'X');
	UT_EQ(p[PAGE + 1], 'b');
	UT_EQ(byte_at(fd, PAGE), 'b');
}

UTEST(mmap_shared, "7.2", 2, "a shared mapping and read(2), write(2) of the file see each other's changes")
{
	int fd = make_file(O_RDWR), status;
	char *p = map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	char *q = map(fd, 2 * PAGE, PROT_READ, MAP_SHARED, 0);
	pid_t child;

	p[10] = 'X';
	UT_EQ(q[10], 'X');
	UT_EQ(byte_at(fd, 10), 'X');
	UT_EQ(pwrite(fd, "Y", 1, PAGE + 3), 1);
	UT_EQ(p[PAGE + 3], 'Y');
	child = fork();
	if (child == 0) {
		p[20] = 'Z';
		_exit(0);
	}
	UT_EQ(waitpid(child, &status, 0), child);
	UT_EQ(q[20], 'Z');
	UT_OK(msync(p, 2 * PAGE, MS_SYNC));
	UT_EQ(byte_at(fd, 20), 'Z');
}

UTEST(mmap_offset, "7.2", 1, "a mapping can begin at any page of the file")
{
	int fd = make_file(O_RDONLY);
	char *p = map(fd, PAGE, PROT_READ, MAP_PRIVATE, 2 * PAGE);

	UT_EQ(p[0], 'c');
	p = map(fd, 2 * PAGE, PROT_READ, MAP_SHARED, PAGE);
	UT_EQ(p[0], 'b');
	UT_EQ(p[PAGE], 'c');
	UT_ASSERT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1) == MAP_FAILED);
	UT_EQ(errno, EINVAL);
}

UTEST(mmap_tail, "7.2", 1, "behind the end of the file its last page is zero; pages beyond give SIGBUS")
{
	int fd = make_file(O_RDWR);
	char *p = map(fd, 6 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	UT_EQ(p[3 * PAGE + 99], 'd');
	UT_EQ(p[3 * PAGE + 100], 0);
	UT_EQ(p[4 * PAGE - 1], 0);
	UT_EQ(touch(p + 4 * PAGE, 0), SIGBUS);
	UT_OK(ftruncate(fd, PAGE));
	UT_EQ(touch(p + 2 * PAGE, 0), SIGBUS);
	UT_EQ(touch(p, 1), 0);
}

UTEST(mmap_cut, "7.0", 0, "when a file is truncated, private copies of the pages behind its end go as well")
{
	int fd = make_file(O_RDWR);
	char *p = map(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);

	memset(p, 'X', 3 * PAGE);
	UT_OK(ftruncate(fd, PAGE + 1));
	UT_EQ(p[0], 'X');
	UT_EQ(p[2 * PAGE - 1], 'X');
	UT_EQ(touch(p + 2 * PAGE, 0), SIGBUS);
	UT_OK(ftruncate(fd, 3 * PAGE));
	UT_EQ(p[2 * PAGE], 0);
	UT_EQ(p[PAGE], 'X');
}

UTEST(mmap_grow, "7.0", 0, "a file mapping grows where it is, if there is room, and is one mapping then")
{
	int fd = make_file(O_RDONLY);
	char *p = map(fd, 3 * PAGE, PROT_READ, MAP_PRIVATE, 0);

	UT_OK(munmap(p + PAGE, 2 * PAGE));
	UT_ASSERT(mremap(p, PAGE, 3 * PAGE, 0) == p);
	UT_EQ(p[2 * PAGE], 'c');
	UT_OK(mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE));
	UT_OK(mprotect(p + PAGE, PAGE, PROT_READ));
	UT_ASSERT(mremap(p, 3 * PAGE, 2 * PAGE, 0) == p);
	UT_EQ(touch(p + 2 * PAGE, 0), SIGSEGV);
}

UTEST(mmap_file_fixed, "7.2", 1, "MAP_FIXED replaces what was there, and only that")
{
	int fd = make_file(O_RDONLY);
	char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	UT_ASSERT(p != MAP_FAILED);
	memset(p, 'x', 3 * PAGE);
	UT_ASSERT(mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == p + PAGE);
	UT_EQ(p[PAGE - 1], 'x');
	UT_EQ(p[PAGE], 'a');
	UT_EQ(p[2 * PAGE], 'x');
	UT_EQ(touch(p + PAGE, 1), SIGSEGV);
	UT_ASSERT(mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0) == MAP_FAILED);
	UT_EQ(errno, EEXIST);
}

UTEST(mmap_close, "7.2", 1, "a mapping lives on when the file is closed and deleted")
{
	int fd = make_file(O_RDWR);
	char *p = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	unlink("/tmp/mmap.test");
	unlink("/mnt/mmap.test");
	close(fd);
	UT_EQ(p[5], 'a');
	p[5] = 'X';
	UT_EQ(p[5], 'X');
	UT_OK(munmap(p, PAGE));
	UT_EQ(touch(p, 0), SIGSEGV);
}

UTEST(mmap_access, "7.2", 2, "a shared writable mapping needs a file open for reading and writing, any needs reading")
{
	int rd = make_file(O_RDONLY), wr;

	map(rd, PAGE, PROT_READ, MAP_SHARED, 0);
	map(rd, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	UT_ASSERT(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rd, 0) == MAP_FAILED);
	UT_EQ(errno, EACCES);
	wr = make_file(O_WRONLY);
	UT_ASSERT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wr, 0) == MAP_FAILED);
	UT_EQ(errno, EACCES);
	UT_ASSERT(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, wr, 0) == MAP_FAILED);
	UT_EQ(errno, EACCES);
}

UTEST(mmap_mprotect, "7.2", 1, "mprotect cannot add writing to a shared mapping of a file open for reading")
{
	int fd = make_file(O_RDONLY);
	char *p = map(fd, PAGE, PROT_READ, MAP_SHARED, 0);
	char *q = map(fd, PAGE, PROT_READ, MAP_PRIVATE, 0);

	UT_OK(mprotect(q, PAGE, PROT_READ | PROT_WRITE));
	UT_EQ(touch(q, 1), 0);
	UT_ERRNO(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
	UT_EQ(byte_at(fd, 0), 'a');
}

UTEST(mmap_errors, "7.2", 2, "what cannot be mapped is refused: pipes, directories, unknown flags, far offsets")
{
	int fd = make_file(O_RDWR), p[2], dir = (int)UT_OK(open("/tmp", O_RDONLY | O_DIRECTORY));

	map(fd, PAGE, PROT_READ, MAP_SHARED_VALIDATE, 0);
	UT_OK(pipe(p));
	UT_ASSERT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, p[0], 0) == MAP_FAILED);
	UT_EQ(errno, ENODEV);
	UT_ASSERT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0) == MAP_FAILED);
	UT_EQ(errno, ENODEV);
	UT_ASSERT(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x200000, fd, 0) == MAP_FAILED);
	UT_EQ(errno, EOPNOTSUPP);
	UT_ASSERT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0x7ffffffffffff000) == MAP_FAILED);
	UT_EQ(errno, EOVERFLOW);
	UT_ASSERT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED);
	UT_EQ(errno, EBADF);
}

UTEST(mmap_tmpfs_limit, "7.0", 0, "a mapping of a file on tmpfs cannot exceed the file system's size")
{
	const long pages = 256;		/* of the file system; the file has four times as many */
	struct stat st;
	long done = 0;
	char *p;
	int fd;

	mkdir("/tmp", 0777);
	mkdir("/tmp/limited", 0700);
	if (mount("none", "/tmp/limited", "tmpfs", 0, "size=1m") != 0 && errno == EPERM)
		return;			/* on a host that does not allow it */
	fd = (int)UT_OK(open("/tmp/limited/f", O_RDWR | O_CREAT, 0600));
	UT_EQ(ftruncate(fd, 4 * pages * PAGE), 0);
	p = mmap(NULL, 4 * pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	UT_ASSERT(p != MAP_FAILED);
	while (done < 4 * pages && touch(p + done * PAGE, 1) == 0)
		done++;
	UT_EQ(done, pages);
	UT_EQ(touch(p + done * PAGE, 1), SIGBUS);
	UT_EQ(fstat(fd, &st), 0);
	UT_EQ(st.st_blocks * 512, pages * PAGE);
	UT_EQ(p[(pages - 1) * PAGE], 'X');
	munmap(p, 4 * pages * PAGE);
	close(fd);
	UT_EQ(umount("/tmp/limited"), 0);
}

UTEST(mmap_major, "7.0", 0, "a fault that reads from the disk is a major one, all others are minor")
{
	int fd = make_file(O_RDWR);
	struct rusage before, after;
	unsigned char in_memory;
	char *p;

	UT_EQ(fsync(fd), 0);
	UT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	UT_ASSERT(p != MAP_FAILED);
	UT_EQ(mincore(p, PAGE, &in_memory), 0);
	UT_EQ(getrusage(RUSAGE_SELF, &before), 0);
	UT_EQ(((volatile char *)p)[0], 'a');
	UT_EQ(getrusage(RUSAGE_SELF, &after), 0);
	UT_EQ(after.ru_majflt - before.ru_majflt, !(in_memory & 1));	/* tmpfs keeps it */
	UT_EQ(munmap(p, 4 * PAGE), 0);
	p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	UT_ASSERT(p != MAP_FAILED);
	UT_EQ(((volatile char *)p)[0], 'a');
	UT_EQ(getrusage(RUSAGE_SELF, &before), 0);
	UT_EQ(before.ru_majflt, after.ru_majflt);
	UT_ASSERT(before.ru_minflt > after.ru_minflt);
}

UTEST_MAIN(mmap_private, mmap_shared, mmap_offset, mmap_tail, mmap_cut, mmap_grow, mmap_file_fixed,
	   mmap_close, mmap_access, mmap_mprotect, mmap_errors, mmap_tmpfs_limit, mmap_major)
