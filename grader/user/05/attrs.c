/*
 * Attributes: stat and statx, modes, owners, times, access, extended attributes.
 */
#include "vfs_test.h"
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <time.h>
#include <utime.h>

UTEST(stat_forms, "5.0", 0, "stat, lstat, fstat, fstatat and statx agree")
{
	struct stat a, b;
	struct statx x;
	int fd;

	in_new_directory();
	make_file("f", "12345");
	UT_OK(symlink("f", "l"));
	fd = UT_OK(open("f", O_RDONLY));
	UT_OK(stat("l", &a));
	UT_OK(fstat(fd, &b));
	UT_ASSERT(a.st_ino == b.st_ino && a.st_dev == b.st_dev && b.st_size == 5);
	UT_OK(lstat("l", &a));
	UT_EQ(a.st_size, 1);
	UT_OK(fstatat(fd, "", &b, AT_EMPTY_PATH));
	UT_EQ(b.st_size, 5);
	UT_OK(statx(AT_FDCWD, "l", 0, STATX_BASIC_STATS, &x));
	UT_ASSERT(x.stx_size == 5 && x.stx_ino == b.st_ino &&
		  (x.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
	UT_EQ(makedev(x.stx_dev_major, x.stx_dev_minor), b.st_dev);
	UT_OK(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x));
	UT_EQ(x.stx_size, 5);
	UT_ERRNO(fstatat(fd, "", &b, 0), ENOENT);
	UT_ERRNO(fstatat(AT_FDCWD, "f", &b, 0x40000), EINVAL);
	UT_ERRNO(statx(AT_FDCWD, "f", 0, 0x80000000, &x), EINVAL);
	UT_ERRNO(fstatat(99, "f", &b, 0), EBADF);
	UT_ERRNO(fstatat(fd, "f", &b, 0), ENOTDIR);
	UT_ERRNO(syscall(SYS_newfstatat, AT_FDCWD, "f", (void *)8, 0), EFAULT);
}

UTEST(chmod_rules, "5.0", 0, "chmod and chown: who may, and which bits go")
{
	struct stat st;
	int fd;

	in_new_directory();
	make_file("f", "");
	UT_OK(chmod("f", 06755));
	UT_OK(stat("f", &st));
	UT_EQ(st.st_mode & 07777, 06755);
	UT_OK(chown("f", 1000, 1000));
	UT_OK(stat("f", &st));
	UT_EQ(st.st_mode & 07777, 0755);
	UT_ASSERT(st.st_uid == 1000 && st.st_gid == 1000);
	UT_OK(chmod("f", 0644));
	UT_OK(symlink("f", "l"));
	UT_OK(lchown("l", 7, 8));
	UT_OK(lstat("l", &st));
	UT_EQ(st.st_uid, 7);
	UT_OK(stat("l", &st));
	UT_EQ(st.st_uid, 1000);
	fd = UT_OK(open("f", O_RDONLY));
	UT_OK(fchmod(fd, 0600));
	UT_OK(fchown(fd, -1, 9));
	UT_OK(stat("f", &st));
	UT_ASSERT(st.st_uid == 1000 && st.st_gid == 9 && (st.st_mode & 0777) == 0600);
	UT_OK(chown("f", -1, 2000));
	UT_OK(setgid(2000));
	UT_OK(setuid(1000));
	UT_OK(chmod("f", 0640));
	UT_ERRNO(chown("f", 1001, -1), EPERM);
	UT_ERRNO(chown("f", -1, 3000), EPERM);
	UT_OK(chown("f", 1000, 2000));
	UT_ERRNO(chmod("l", 0777) < 0 ? -1 : chmod(".", 0777), EPERM);
}

UTEST(times, "5.0", 0, "utimensat sets, omits and takes the time of now; changes mark ctime")
{
	struct timespec t[2] = { { 1000, 123456789 }, { 2000, 5 } }, now;
	struct utimbuf u = { 11, 22 };
	struct stat st, before;

	in_new_directory();
	make_file("f", "");
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	UT_OK(utimensat(AT_FDCWD, "f", t, 0));
	UT_OK(stat("f", &st));
	UT_ASSERT(st.st_atim.tv_sec == 1000 && st.st_atim.tv_nsec == 123456789);
	UT_ASSERT(st.st_mtim.tv_sec == 2000 && st.st_mtim.tv_nsec == 5);
	UT_ASSERT(st.st_ctim.tv_sec >= now.tv_sec - 1);
	t[0].tv_nsec = UTIME_OMIT;
	t[1].tv_nsec = UTIME_NOW;
	UT_OK(utimensat(AT_FDCWD, "f", t, 0));
	UT_OK(stat("f", &st));
	UT_EQ(st.st_atim.tv_sec, 1000);
	UT_ASSERT(st.st_mtim.tv_sec >= now.tv_sec - 1);
	UT_OK(utime("f", &u));
	UT_OK(stat("f", &st));
	UT_ASSERT(st.st_atime == 11 && st.st_mtime == 22);
	UT_OK(symlink("f", "l"));
	t[0] = t[1] = (struct timespec){ 77, 0 };
	UT_OK(utimensat(AT_FDCWD, "l", t, AT_SYMLINK_NOFOLLOW));
	UT_OK(lstat("l", &st));
	UT_EQ(st.st_mtime, 77);
	UT_OK(stat("f", &before));
	UT_EQ(before.st_mtime, 22);
	t[0].tv_nsec = 1000000000;
	UT_ERRNO(utimensat(AT_FDCWD, "f", t, 0), EINVAL);
	UT_OK(chmod("f", 0666));
	become_nobody();
	UT_OK(utimensat(AT_FDCWD, "f", NULL, 0));
	t[0].tv_nsec = 0;
	UT_ERRNO(utimensat(AT_FDCWD, "f", t, 0), EPERM);
}

UTEST(access_checks, "5.0", 0, "access asks for the real user, faccessat with AT_EACCESS for the effective one")
{
	in_new_directory();
	make_file("f", "");
	UT_OK(chmod("f", 0600));
	UT_OK(access("f", R_OK | W_OK));
	UT_ERRNO(access("f", X_OK), EACCES);
	UT_ERRNO(access("none", F_OK), ENOENT);
	UT_ERRNO(access("f", 8), EINVAL);
	UT_OK(setresuid(65534, 0, 0));
	UT_ERRNO(access("f", R_OK), EACCES);
	UT_OK(access("f", F_OK));
	UT_OK(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, AT_EACCESS));
	UT_OK(setresuid(0, 65534, 0));
	UT_OK(access("f", R_OK));
	UT_ERRNO(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, AT_EACCESS), EACCES);
}

UTEST(xattrs, "5.0", 0, "extended attributes: set, get, list, remove, and their errors")
{
	char buf[256];
	int error;

	in_new_directory();
	make_file("f", "");
	error = setxattr("f", "trusted.a", "value", 5, 0);
	if (error < 0) {
		UT_ASSERT(errno == EOPNOTSUPP || errno == EPERM);
		return;
	}
	UT_EQ(getxattr("f", "trusted.a", buf, sizeof(buf)), 5);
	UT_ASSERT(!memcmp(buf, "value", 5));
	UT_EQ(getxattr("f", "trusted.a", NULL, 0), 5);
	UT_ERRNO(getxattr("f", "trusted.a", buf, 3), ERANGE);
	UT_ERRNO(getxattr("f", "trusted.none", buf, 3), ENODATA);
	UT_ERRNO(setxattr("f", "trusted.a", "x", 1, XATTR_CREATE), EEXIST);
	UT_ERRNO(setxattr("f", "trusted.b", "x", 1, XATTR_REPLACE), ENODATA);
	UT_OK(setxattr("f", "trusted.a", "", 0, XATTR_REPLACE));
	UT_EQ(getxattr("f", "trusted.a", buf, 10), 0);
	UT_ASSERT(listxattr("f", buf, sizeof(buf)) >= 10);
	UT_OK(removexattr("f", "trusted.a"));
	UT_ERRNO(removexattr("f", "trusted.a"), ENODATA);
	UT_ERRNO(setxattr("f", "nonsense", "x", 1, 0), EOPNOTSUPP);
}

UTEST(statfs_works, "5.0", 0, "statfs tells type, sizes and flags")
{
	struct statfs s, f;

	in_new_directory();
	UT_OK(statfs(".", &s));
	UT_ASSERT(s.f_bsize > 0 && s.f_namelen == 255 && (s.f_flags & 0x20));
	UT_OK(fstatfs(UT_OK(open(".", O_RDONLY)), &f));
	UT_ASSERT(f.f_type == s.f_type && f.f_blocks == s.f_blocks);
	UT_ERRNO(statfs("none", &s), ENOENT);
	UT_ERRNO(fstatfs(99, &s), EBADF);
}

UTEST_MAIN(stat_forms, chmod_rules, times, access_checks, xattrs, statfs_works)
