/*
 * Opening, reading and writing files: what no exercise owns.
 */
#include "vfs_test.h"
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

UTEST(open_flags, "5.0", 0, "O_CREAT, O_EXCL, O_TRUNC, O_APPEND and O_DIRECTORY")
{
	struct stat st;
	int fd;

	in_new_directory();
	UT_ERRNO(open("f", O_RDWR), ENOENT);
	fd = UT_OK(open("f", O_RDWR | O_CREAT | O_EXCL, 0640));
	UT_EQ(write(fd, "hello", 5), 5);
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_mode, S_IFREG | 0640);
	UT_EQ(st.st_size, 5);
	UT_EQ(st.st_nlink, 1);
	UT_ERRNO(open("f", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
	fd = UT_OK(open("f", O_WRONLY | O_APPEND));
	UT_EQ(lseek(fd, 0, SEEK_SET), 0);
	UT_EQ(write(fd, "!", 1), 1);
	UT_EQ(lseek(fd, 0, SEEK_CUR), 6);
	UT_STREQ(text_of("f"), "hello!");
	UT_ERRNO(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	UT_OK(open("f", O_WRONLY | O_TRUNC));
	UT_STREQ(text_of("f"), "");
	UT_ERRNO(open(".", O_WRONLY), EISDIR);
	UT_ERRNO(open(".", O_RDONLY | O_CREAT, 0644), EISDIR);
	UT_EQ(fcntl(UT_OK(open("f", O_RDWR | O_APPEND | O_CREAT)), F_GETFL) &
		      (O_ACCMODE | O_APPEND | O_CREAT),
	      O_RDWR | O_APPEND);
}

UTEST(open_permissions, "5.0", 0, "mode bits bind users and not the superuser; umask takes bits away")
{
	struct stat st;

	in_new_directory();
	umask(027);
	UT_OK(close(UT_OK(open("f", O_CREAT | O_WRONLY, 0666))));
	UT_OK(stat("f", &st));
	UT_EQ(st.st_mode & 07777, 0640);
	UT_OK(chmod("f", 0));
	UT_OK(open("f", O_RDWR));
	UT_OK(mkdir("sticky", 0));
	UT_OK(chmod("sticky", 01777));
	make_file("sticky/mine", "x");
	UT_OK(chmod("sticky/mine", 0644));
	UT_OK(mkdir("group", 0));
	UT_OK(chown("group", 0, 1));
	UT_OK(chmod("group", 02777));
	umask(0);
	become_nobody();
	/* Inherited, but no way to run as that group. */
	UT_OK(open("group/program", O_CREAT | O_WRONLY, 02775));
	UT_OK(stat("group/program", &st));
	UT_EQ(st.st_gid, 1);
	UT_EQ(st.st_mode & 07777, 0775);
	UT_OK(mkdir("group/sub", 0755));
	UT_OK(stat("group/sub", &st));
	UT_EQ(st.st_mode & 07777, 02755);
	UT_ERRNO(open("f", O_RDONLY), EACCES);
	UT_OK(open("sticky/mine", O_RDONLY));
	UT_ERRNO(open("sticky/mine", O_WRONLY), EACCES);
	UT_ERRNO(unlink("sticky/mine"), EPERM);
	UT_ERRNO(rename("sticky/mine", "sticky/theirs"), EPERM);
	UT_ERRNO(chmod("sticky/mine", 0777), EPERM);
	UT_ERRNO(open("new", O_CREAT | O_WRONLY, 0644), EACCES);
	UT_OK(open("sticky/new", O_CREAT | O_RDWR, 0));
	UT_ERRNO(open("sticky/new", O_RDONLY), EACCES);
	UT_OK(unlink("sticky/new"));
}

UTEST(open_path_and_tmpfile, "5.0", 0, "O_PATH gives a place, O_TMPFILE a file without a name")
{
	char link[64], buf[8];
	struct stat st;
	int fd, dir;

	in_new_directory();
	make_file("f", "text");
	fd = UT_OK(open("f", O_PATH));
	UT_ERRNO(read(fd, buf, 1), EBADF);
	UT_ERRNO(fchmod(fd, 0600), EBADF);
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_size, 4);
	UT_OK(symlink("f", "l"));
	fd = UT_OK(open("l", O_PATH | O_NOFOLLOW));
	UT_OK(fstat(fd, &st));
	UT_ASSERT(S_ISLNK(st.st_mode));
	UT_EQ(readlinkat(fd, "", link, sizeof(link)), 1);
	dir = UT_OK(open(".", O_PATH | O_DIRECTORY));
	UT_OK(openat(dir, "f", O_RDONLY));
	UT_ERRNO(openat(fd, "f", O_RDONLY), ENOTDIR);
	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	if (fd < 0 && errno == EOPNOTSUPP)
		return;			/* not every host's file system has it */
	UT_ASSERT(fd >= 0);
	UT_EQ(write(fd, "unnamed", 7), 7);
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_nlink, 0);
	UT_EQ(pread(fd, buf, 7, 0), 7);
}

UTEST(read_write, "5.0", 0, "holes read as zeroes, positions move, vectors are one transfer")
{
	struct iovec iov[2] = { { "ab", 2 }, { "cd", 2 } };
	char buf[8192], zero[8192] = { 0 };
	char *volatile bad = (char *)8;
	struct stat st;
	int fd;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	UT_EQ(writev(fd, iov, 2), 4);
	UT_EQ(pwrite(fd, "end", 3, 10000), 3);
	UT_EQ(lseek(fd, 0, SEEK_CUR), 4);
	UT_EQ(lseek(fd, 0, SEEK_END), 10003);
	UT_EQ(pread(fd, buf, 4, 0), 4);
	UT_ASSERT(!memcmp(buf, "abcd", 4));
	UT_EQ(pread(fd, buf, 8192, 4), 8192);
	UT_ASSERT(!memcmp(buf, zero, 8192));
	UT_EQ(pread(fd, buf, 100, 9999), 4);
	UT_ASSERT(!memcmp(buf, "\0end", 4));
	UT_EQ(read(fd, buf, 10), 0);
	UT_OK(ftruncate(fd, 2));
	UT_OK(ftruncate(fd, 6));
	UT_EQ(pread(fd, buf, 100, 0), 6);
	UT_ASSERT(!memcmp(buf, "ab\0\0\0\0", 6));
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_size, 6);
	UT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	UT_ERRNO(pread(fd, buf, 1, -1), EINVAL);
	UT_ERRNO(read(UT_OK(open(".", O_RDONLY)), buf, 1), EISDIR);
	UT_ERRNO(truncate(".", 0), EISDIR);
	UT_ERRNO(write(fd, bad, 10), EFAULT);
}

UTEST(write_limits, "5.0", 0, "RLIMIT_FSIZE cuts a write short and then gives EFBIG")
{
	struct rlimit limit = { 10, 10 };
	int fd;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	UT_EQ(syscall(SYS_rt_sigaction, 25, (long[4]){1, 0, 0, 0}, NULL, 8) < 0 && errno != ENOSYS,
	      0);
	UT_OK(setrlimit(RLIMIT_FSIZE, &limit));
	UT_EQ(write(fd, "0123456", 7), 7);
	UT_EQ(write(fd, "789abc", 6), 3);
	UT_ERRNO(write(fd, "x", 1), EFBIG);
	UT_ERRNO(ftruncate(fd, 11), EFBIG);
	UT_OK(ftruncate(fd, 10));
}

UTEST(suid_cleared, "5.0", 0, "writing to a program by a user without privileges takes its set-user-id bit")
{
	struct stat st;
	int fd;

	in_new_directory();
	make_file("f", "x");
	UT_OK(chmod("f", 06777));
	fd = UT_OK(open("f", O_WRONLY));
	UT_EQ(write(fd, "y", 1), 1);
	UT_OK(stat("f", &st));
	UT_EQ(st.st_mode & 07777, 06777);
	become_nobody();
	UT_EQ(write(fd, "z", 1), 1);
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_mode & 07777, 0777);
}

UTEST(copies, "5.0", 0, "sendfile and copy_file_range copy between files")
{
	int in, out;
	off_t off = 2;

	in_new_directory();
	make_file("in", "0123456789");
	in = UT_OK(open("in", O_RDONLY));
	out = UT_OK(open("out", O_RDWR | O_CREAT, 0644));
	UT_EQ(sendfile(out, in, &off, 4), 4);
	UT_EQ(off, 6);
	UT_EQ(lseek(in, 0, SEEK_CUR), 0);
	UT_EQ(sendfile(out, in, NULL, 100), 10);
	UT_EQ(sendfile(out, in, NULL, 100), 0);
	UT_STREQ(text_of("out"), "23450123456789");
	UT_OK(ftruncate(out, 0));
	off = 0;
	UT_EQ(copy_file_range(in, &off, out, &(off_t){ 3 }, 5, 0), 5);
	UT_EQ(off, 5);
	UT_EQ(lseek(out, 0, SEEK_END), 8);
	UT_ERRNO(copy_file_range(in, NULL, out, NULL, 5, 1), EINVAL);
	/* The count may go beyond the end; only bytes that exist overlap. */
	UT_OK(ftruncate(out, 8));
	off = 0;
	UT_EQ(copy_file_range(out, &off, out, &(off_t){ 8 }, 1 << 20, 0), 8);
	UT_EQ(lseek(out, 0, SEEK_END), 16);
	off = 4;
	UT_ERRNO(copy_file_range(out, &off, out, &(off_t){ 8 }, 5, 0), EINVAL);
	off = 16;
	UT_EQ(copy_file_range(out, &off, out, &(off_t){ 0 }, 5, 0), 0);
	/* What kind of files they are is looked at before how they are open. */
	UT_ERRNO(copy_file_range(in, NULL, open(".", O_RDONLY), NULL, 5, 0), EISDIR);
	UT_ERRNO(copy_file_range(in, NULL, in, NULL, 5, 0), EBADF);
}

UTEST(fallocate_works, "5.0", 0, "fallocate extends a file, and punches holes where the file system can")
{
	char buf[4], text[12289];
	struct stat st;
	int fd;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	if (fallocate(fd, 0, 0, 10000) < 0) {
		UT_EQ(errno, EOPNOTSUPP);
		return;
	}
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_size, 10000);
	UT_ASSERT(st.st_blocks >= 20);
	memset(text, 'x', sizeof(text));
	UT_EQ(pwrite(fd, text, 12288, 0), 12288);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4000, 5000) < 0)
		return;
	UT_EQ(pread(fd, buf, 4, 3998), 4);
	UT_ASSERT(!memcmp(buf, "xx\0\0", 4));
	UT_EQ(pread(fd, buf, 4, 8998), 4);
	UT_ASSERT(!memcmp(buf, "\0\0xx", 4));
	UT_ERRNO(fallocate(fd, 0, -1, 10), EINVAL);
	UT_ERRNO(fallocate(fd, 0, 0, 0), EINVAL);
}

/* Let the n-th allocation from here on fail, where the kernel can do that. */
static void fail_allocation(int n)
{
	char text[16];
	int fd = open("/proc/thread-self/fail-nth", O_WRONLY);

	snprintf(text, sizeof(text), "%d", n);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		errno = 0;
	close(fd);
}

UTEST(fallocate_undone, "5.0", 0, "fallocate that runs out of memory leaves no blocks behind the file's end")
{
	struct stat st;
	int fd;

	in_new_directory();
	mkdir("/proc", 0555);
	if (!exists("/proc/self"))
		UT_OK(mount("proc", "/proc", "proc", 0, NULL));
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	for (int n = 1; n < 40; n++) {
		int result, error;

		fail_allocation(n);
		result = fallocate(fd, 0, 0, 10 * 4096);
		error = errno;
		fail_allocation(0);
		if (result == 0)
			UT_OK(ftruncate(fd, 0));
		else
			UT_ASSERT(error == ENOMEM || error == EOPNOTSUPP);
		UT_OK(fstat(fd, &st));
		UT_EQ(st.st_size, 0);
		UT_EQ(st.st_blocks, 0);
	}
}

UTEST(openat2_scopes, "5.0", 0, "openat2 keeps a walk below its directory if asked to")
{
	struct {
		unsigned long flags, mode, resolve;
	} how = { O_RDONLY, 0, 8 };	/* RESOLVE_BENEATH */
	int dir;

	in_new_directory();
	make_file("outside", "x");
	UT_OK(mkdir("d", 0755));
	make_file("d/inside", "x");
	UT_OK(symlink("../outside", "d/up"));
	UT_OK(symlink("inside", "d/link"));
	dir = UT_OK(open("d", O_RDONLY));
	UT_OK(syscall(SYS_openat2, dir, "inside", &how, sizeof(how)));
	UT_OK(syscall(SYS_openat2, dir, "link", &how, sizeof(how)));
	UT_ERRNO(syscall(SYS_openat2, dir, "../outside", &how, sizeof(how)), EXDEV);
	UT_ERRNO(syscall(SYS_openat2, dir, "up", &how, sizeof(how)), EXDEV);
	UT_ERRNO(syscall(SYS_openat2, dir, "/", &how, sizeof(how)), EXDEV);
	how.resolve = 4;		/* RESOLVE_NO_SYMLINKS */
	UT_ERRNO(syscall(SYS_openat2, dir, "link", &how, sizeof(how)), ELOOP);
	how.resolve = 16;		/* RESOLVE_IN_ROOT */
	UT_OK(syscall(SYS_openat2, dir, "/../inside", &how, sizeof(how)));
	/* A link to nothing yet is followed to where the file is made, within the same limits. */
	UT_OK(mkdir("d/sub", 0755));
	UT_OK(symlink("../made", "d/sub/dangling"));
	UT_OK(symlink("../../../rooted", "d/sub/far"));
	how.flags = O_CREAT | O_WRONLY;
	how.mode = 0644;
	how.resolve = 8;
	UT_ERRNO(syscall(SYS_openat2, dir, "sub/far", &how, sizeof(how)), EXDEV);
	UT_OK(syscall(SYS_openat2, dir, "sub/dangling", &how, sizeof(how)));
	UT_ASSERT(exists("d/made"));
	how.resolve = 16;
	UT_OK(syscall(SYS_openat2, dir, "sub/far", &how, sizeof(how)));
	UT_ASSERT(exists("d/rooted"));
	how.flags = O_RDONLY;
	how.mode = 0;
	how.resolve = 1 << 20;
	UT_ERRNO(syscall(SYS_openat2, dir, "inside", &how, sizeof(how)), EINVAL);
}

UTEST_MAIN(open_flags, open_permissions, open_path_and_tmpfile, read_write, write_limits, suid_cleared,
	   copies, fallocate_works, fallocate_undone, openat2_scopes)
