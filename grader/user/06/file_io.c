/*
 * Reading and writing at positions and in several pieces; advice about caching; waiting for the
 * disk.
 */
#include "05/vfs_test.h"

#include <sys/syscall.h>
#include <sys/uio.h>

static int new_file(int flags)
{
	in_new_directory();
	return UT_OK(open("f", O_CREAT | O_RDWR | flags, 0644));
}

UTEST(positions, "6.0", 0, "pread and pwrite leave the position alone; O_APPEND overrides the offset of pwrite")
{
	char buf[16] = { 0 };
	int fd = new_file(0), append;

	UT_EQ(pwrite(fd, "abcdef", 6, 2), 6);
	UT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	UT_EQ(pread(fd, buf, 16, 0), 8);
	UT_EQ(memcmp(buf, "\0\0abcdef", 8), 0);
	UT_EQ(pread(fd, buf, 16, 8), 0);
	UT_EQ(pread(fd, buf, 16, 1L << 40), 0);
	append = UT_OK(open("f", O_RDWR | O_APPEND));
	UT_EQ(pwrite(append, "!", 1, 0), 1);
	UT_EQ(lseek(fd, 0, SEEK_END), 9);
	UT_ERRNO(pread(fd, buf, 1, -1), EINVAL);
	UT_ERRNO(pwrite(fd, buf, 1, -1), EINVAL);
	UT_ERRNO(pread(-1, buf, 1, 0), EBADF);
	UT_ERRNO(pread(UT_OK(open("f", O_WRONLY)), buf, 1, 0), EBADF);
	UT_ERRNO(pwrite(UT_OK(open("f", O_RDONLY)), buf, 1, 0), EBADF);
	UT_ERRNO(pread(UT_OK(open(".", O_RDONLY)), buf, 1, 0), EISDIR);
	UT_ERRNO(pwrite(fd, buf, 2, INT64_MAX), EINVAL);
}

UTEST(vector_forms, "6.0", 0, "readv, preadv, preadv2 and their twins fill and empty pieces in order")
{
	char a[3], b[5], c[8];
	struct iovec in[3] = { { "ab", 2 }, { "", 0 }, { "cdefgh", 6 } };
	struct iovec out[3] = { { a, 3 }, { b, 4 }, { c, 8 } };
	int fd = new_file(0);

	UT_EQ(writev(fd, in, 3), 8);
	UT_EQ(pwritev(fd, in, 3, 8), 8);
	UT_EQ(lseek(fd, 0, SEEK_CUR), 8);
	UT_EQ(preadv(fd, out, 3, 1), 15);
	UT_EQ(memcmp(a, "bcd", 3) | memcmp(b, "efgh", 4) | memcmp(c, "abcdefgh", 8), 0);
	UT_EQ(lseek(fd, 6, SEEK_SET), 6);
	UT_EQ(readv(fd, out, 2), 7);
	UT_EQ(memcmp(a, "gha", 3) | memcmp(b, "bcde", 4), 0);
	UT_EQ(pwritev2(fd, in, 1, -1, 0), 2);		/* at the file's position, 13 */
	UT_EQ(lseek(fd, 0, SEEK_CUR), 15);
	UT_EQ(preadv2(fd, out, 1, 13, RWF_HIPRI), 3);
	UT_EQ(memcmp(a, "abh", 3), 0);
	UT_EQ(readv(fd, out, 0), 0);
}

UTEST(vector_errors, "6.0", 0, "too many pieces, negative lengths, bad addresses and flags are refused")
{
	static struct iovec many[1025];
	char buf[8];
	struct iovec bad = { buf, (size_t)-1 }, wild[2] = { { buf, 4 }, { (void *)8, 4 } };
	int fd = new_file(0);

	for (int i = 0; i < 1025; i++)
		many[i] = (struct iovec){ buf, 1 };
	UT_EQ(writev(fd, many, 1024), 1024);
	UT_ERRNO(writev(fd, many, 1025), EINVAL);
	UT_ERRNO(writev(fd, many, -1), EINVAL);
	UT_ERRNO(writev(fd, &bad, 1), EINVAL);
	UT_ERRNO(writev(fd, (struct iovec *)8, 1), EFAULT);
	UT_ERRNO(preadv(fd, many, 1, -1), EINVAL);
	UT_ERRNO(preadv2(fd, many, 1, -2, 0), EINVAL);
	UT_ERRNO(preadv2(fd, many, 1, 0, 0x40000000), EOPNOTSUPP);
	UT_ERRNO(writev(-1, many, 1), EBADF);
	UT_EQ(lseek(fd, 0, SEEK_SET), 0);
	UT_EQ(readv(fd, wild, 2), 4);		/* up to the bad one */
	UT_EQ(lseek(fd, 0, SEEK_CUR), 4);
	UT_ERRNO(readv(fd, wild + 1, 1), EFAULT);
}

UTEST(write_flags, "6.0", 0, "RWF_APPEND writes at the end, RWF_SYNC and RWF_DSYNC wait for the disk")
{
	struct iovec v = { "xyz", 3 };
	int fd = new_file(0);

	UT_EQ(write(fd, "12345", 5), 5);
	UT_EQ(pwritev2(fd, &v, 1, 0, RWF_APPEND), 3);
	UT_STREQ(text_of("f"), "12345xyz");
	UT_EQ(pwritev2(fd, &v, 1, 1, RWF_SYNC), 3);
	UT_EQ(pwritev2(fd, &v, 1, 1, RWF_DSYNC), 3);
	UT_STREQ(text_of("f"), "1xyz5xyz");
	UT_EQ(lseek(fd, 0, SEEK_CUR), 5);
}

UTEST(sync_calls, "6.0", 0, "fsync and its relatives take files, and refuse what cannot be synced")
{
	int fd = new_file(0), p[2];

	UT_EQ(pipe(p), 0);
	UT_EQ(write(fd, "x", 1), 1);
	UT_OK(fsync(fd));
	UT_OK(fdatasync(fd));
	UT_OK(syncfs(fd));
	UT_OK(fsync(UT_OK(open(".", O_RDONLY))));
	sync();
	UT_ERRNO(fsync(-1), EBADF);
	UT_ERRNO(fdatasync(-1), EBADF);
	UT_ERRNO(syncfs(-1), EBADF);
	UT_ERRNO(fsync(p[0]), EINVAL);
	UT_ERRNO(fdatasync(p[1]), EINVAL);
	UT_OK(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
	UT_ERRNO(sync_file_range(fd, -1, 1, SYNC_FILE_RANGE_WRITE), EINVAL);
	UT_ERRNO(sync_file_range(fd, 0, -1, SYNC_FILE_RANGE_WRITE), EINVAL);
	UT_ERRNO(sync_file_range(fd, 0, 1, 8), EINVAL);
	UT_ERRNO(sync_file_range(p[0], 0, 1, SYNC_FILE_RANGE_WRITE), ESPIPE);
	UT_ERRNO(sync_file_range(-1, 0, 1, 0), EBADF);
}

UTEST(cache_advice, "6.0", 0, "readahead and posix_fadvise take ranges of files only")
{
	int fd = new_file(0), p[2], write_only = UT_OK(open("f", O_WRONLY));

	UT_EQ(pipe(p), 0);
	for (int advice = POSIX_FADV_NORMAL; advice <= POSIX_FADV_NOREUSE; advice++)
		UT_EQ(posix_fadvise(fd, 0, 0, advice), 0);
	UT_EQ(posix_fadvise(fd, 0, 10, 6), EINVAL);
	UT_EQ(posix_fadvise(fd, 0, -1, POSIX_FADV_NORMAL), EINVAL);
	UT_EQ(posix_fadvise(p[0], 0, 10, POSIX_FADV_NORMAL), ESPIPE);
	UT_EQ(posix_fadvise(-1, 0, 10, POSIX_FADV_NORMAL), EBADF);
	UT_EQ(readahead(fd, 0, 4096), 0);
	UT_ERRNO(readahead(write_only, 0, 4096), EBADF);
	UT_ERRNO(readahead(p[0], 0, 4096), EINVAL);
	UT_ERRNO(readahead(-1, 0, 4096), EBADF);
}

UTEST(sizes, "6.0", 0, "truncate grows with zeroes and shrinks, within its limits and on the right files")
{
	char buf[8];
	int fd = new_file(0), p[2];

	UT_EQ(pipe(p), 0);
	UT_EQ(write(fd, "abcdef", 6), 6);
	UT_OK(ftruncate(fd, 3));
	UT_OK(ftruncate(fd, 5));
	UT_EQ(pread(fd, buf, 8, 0), 5);
	UT_EQ(memcmp(buf, "abc\0\0", 5), 0);
	UT_OK(truncate("f", 0));
	UT_EQ(pread(fd, buf, 8, 0), 0);
	UT_ERRNO(ftruncate(fd, -1), EINVAL);
	UT_ERRNO(truncate("f", -1), EINVAL);
	UT_ERRNO(truncate(".", 0), EISDIR);
	UT_ERRNO(truncate("none", 0), ENOENT);
	UT_ERRNO(ftruncate(p[1], 0), EINVAL);
	UT_ERRNO(ftruncate(UT_OK(open("f", O_RDONLY)), 0), EINVAL);
	UT_ERRNO(ftruncate(-1, 0), EBADF);
}

UTEST(seeking, "6.0", 0, "lseek moves within what an offset can say; pipes and bad words are refused")
{
	int fd = new_file(0), p[2];

	UT_EQ(pipe(p), 0);
	UT_EQ(write(fd, "abcdef", 6), 6);
	UT_EQ(lseek(fd, -2, SEEK_CUR), 4);
	UT_EQ(lseek(fd, 10, SEEK_END), 16);
	UT_ERRNO(lseek(fd, -17, SEEK_CUR), EINVAL);
	UT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	UT_ERRNO(lseek(fd, 0, 5), EINVAL);
	UT_ERRNO(lseek(p[0], 0, SEEK_CUR), ESPIPE);
	UT_ERRNO(lseek(-1, 0, SEEK_CUR), EBADF);
	UT_EQ(lseek(fd, 0, SEEK_CUR), 16);
	UT_EQ(lseek(fd, 2, SEEK_DATA), 2);
	UT_EQ(lseek(fd, 2, SEEK_HOLE), 6);
	UT_ERRNO(lseek(fd, 6, SEEK_DATA), ENXIO);
	UT_ERRNO(lseek(fd, 7, SEEK_HOLE), ENXIO);
	UT_ERRNO(lseek(fd, -1, SEEK_DATA), ENXIO);
}

UTEST_MAIN(positions, vector_forms, vector_errors, write_flags, sync_calls, cache_advice, sizes, seeking)
