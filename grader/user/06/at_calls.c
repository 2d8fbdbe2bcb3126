/*
 * Calls that take a directory's descriptor, with their flags and errors; old forms of newer calls.
 */
#include "05/vfs_test.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <utime.h>

static int directory(void)
{
	in_new_directory();
	UT_OK(mkdir("d", 0755));
	return UT_OK(open("d", O_RDONLY | O_DIRECTORY));
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	UT_OK(lstat(path, &st));
	return st.st_mode;
}

UTEST(at_create, "6.0", 0, "mkdirat, mknodat, symlinkat, linkat make names below a descriptor")
{
	int d = directory(), file;
	char text[8];
	struct stat st;

	umask(0);
	UT_OK(mkdirat(d, "sub", 0751));
	UT_EQ(mode_of("d/sub"), S_IFDIR | 0751);
	UT_OK(mknodat(d, "fifo", S_IFIFO | 0640, 0));
	UT_EQ(mode_of("d/fifo"), S_IFIFO | 0640);
	UT_OK(mknodat(d, "file", S_IFREG | 0600, 0));
	UT_OK(mknodat(d, "plain", 0600, 0));
	UT_EQ(mode_of("d/plain"), S_IFREG | 0600);
	UT_OK(symlinkat("file", d, "link"));
	UT_EQ(readlinkat(d, "link", text, sizeof(text)), 4);
	UT_EQ(readlinkat(d, "link", text, 2), 2);
	UT_OK(linkat(d, "file", d, "hard", 0));
	UT_OK(linkat(d, "link", d, "hardlink", 0));
	UT_EQ(mode_of("d/hardlink") & S_IFMT, S_IFLNK);
	UT_OK(linkat(d, "link", d, "followed", AT_SYMLINK_FOLLOW));
	UT_EQ(ino_of("d/followed"), ino_of("d/file"));
	file = UT_OK(openat(d, "file", O_RDONLY));
	UT_OK(linkat(file, "", d, "byfd", AT_EMPTY_PATH));
	UT_OK(fstat(file, &st));
	UT_EQ(st.st_nlink, 4);
	UT_OK(mkdirat(d, "trailing/", 0700));
	UT_ERRNO(mkdirat(d, "sub", 0700), EEXIST);
	UT_ERRNO(mkdirat(file, "x", 0700), ENOTDIR);
	UT_ERRNO(mkdirat(-1, "x", 0700), EBADF);
	UT_ERRNO(mkdirat(d, "", 0700), ENOENT);
	UT_ERRNO(mknodat(d, "x", S_IFDIR | 0700, 0), EPERM);
	UT_ERRNO(mknodat(d, "x", S_IFLNK | 0700, 0), EINVAL);
	UT_ERRNO(mknodat(d, "new/", S_IFREG | 0600, 0), ENOENT);
	UT_ERRNO(symlinkat("", d, "x"), ENOENT);
	UT_ERRNO(symlinkat("a", d, "link"), EEXIST);
	UT_ERRNO(linkat(d, "sub", d, "x", 0), EPERM);
	UT_ERRNO(linkat(d, "file", d, "x", 0x8000), EINVAL);
	UT_ERRNO(readlinkat(d, "file", text, 8), EINVAL);
	UT_ERRNO(readlinkat(d, "link", text, 0), EINVAL);
}

UTEST(at_remove, "6.0", 0, "unlinkat removes files, and directories only if told so; renameat moves between descriptors")
{
	int d = directory(), e;

	UT_OK(mkdirat(d, "sub", 0755));
	e = UT_OK(openat(d, "sub", O_RDONLY));
	make_file("d/f", "x");
	UT_OK(renameat(d, "f", e, "g"));
	UT_STREQ(text_of("d/sub/g"), "x");
	UT_ERRNO(unlinkat(d, "sub", 0), EISDIR);
	UT_ERRNO(unlinkat(d, "sub", AT_REMOVEDIR), ENOTEMPTY);
	UT_ERRNO(unlinkat(e, "g", AT_REMOVEDIR), ENOTDIR);
	UT_ERRNO(unlinkat(e, "g/", 0), ENOTDIR);
	UT_ERRNO(unlinkat(e, "g", 1), EINVAL);
	UT_ERRNO(unlinkat(e, ".", AT_REMOVEDIR), EINVAL);
	UT_ERRNO(unlinkat(e, "..", AT_REMOVEDIR), ENOTEMPTY);
	UT_ERRNO(unlinkat(e, ".", 0), EISDIR);
	UT_ERRNO(renameat(d, "sub", e, "into-itself"), EINVAL);
	UT_ERRNO(renameat(e, "g", d, "none/x"), ENOENT);
	UT_ERRNO(renameat(e, "g", d, "new/"), ENOTDIR);
	UT_ERRNO(renameat(d, "sub/.", d, "x"), EBUSY);
	UT_ERRNO(renameat(e, "g", d, "sub"), ENOTEMPTY);	/* the directory it is in */
	UT_OK(mkdirat(d, "other", 0755));
	UT_ERRNO(renameat(e, "g", d, "other"), EISDIR);
	UT_ERRNO(renameat(d, "other", e, "g"), ENOTDIR);
	UT_ERRNO(renameat2(e, "g", d, "x", 0x80), EINVAL);
	UT_ERRNO(renameat2(e, "g", d, "x", RENAME_NOREPLACE | RENAME_EXCHANGE), EINVAL);
	UT_OK(unlinkat(e, "g", 0));
	UT_OK(unlinkat(d, "sub/", AT_REMOVEDIR));
	UT_ERRNO(mkdirat(e, "x", 0755), ENOENT);		/* a removed directory */
	UT_ERRNO(openat(e, "x", O_CREAT | O_RDWR, 0644), ENOENT);
}

UTEST(at_attributes, "6.0", 0, "fchmodat, fchownat and utimensat reach files, links and descriptors")
{
	struct timespec ts[2] = { { 100, 5 }, { 200, 7 } };
	int d = directory(), file;
	struct stat st;

	make_file("d/f", "x");
	UT_OK(symlinkat("f", d, "l"));
	file = UT_OK(openat(d, "f", O_RDONLY));
	UT_OK(fchmodat(d, "l", 0604, 0));
	UT_EQ(mode_of("d/f"), S_IFREG | 0604);
	UT_OK(fchmod(file, 0640));
	UT_EQ(mode_of("d/f"), S_IFREG | 0640);
	UT_OK(fchownat(d, "l", 7, 8, AT_SYMLINK_NOFOLLOW));
	UT_OK(lstat("d/l", &st));
	UT_EQ(st.st_uid, 7);
	UT_OK(fchownat(d, "f", 3, (gid_t)-1, 0));
	UT_OK(fchownat(file, "", (uid_t)-1, 4, AT_EMPTY_PATH));
	UT_OK(fstat(file, &st));
	UT_EQ(st.st_uid * 10 + st.st_gid, 34);
	UT_OK(utimensat(d, "l", ts, AT_SYMLINK_NOFOLLOW));
	UT_OK(lstat("d/l", &st));
	UT_EQ(st.st_mtime, 200);
	UT_OK(futimens(file, ts));
	UT_OK(fstat(file, &st));
	UT_EQ(st.st_atime, 100);
	ts[0].tv_nsec = 1000000000;
	UT_ERRNO(utimensat(d, "f", ts, 0), EINVAL);
	UT_ERRNO(utimensat(d, "f", NULL, 0x8000), EINVAL);
	UT_ERRNO(utimensat(d, "none", NULL, 0), ENOENT);
	UT_ERRNO(fchownat(d, "f", 1, 1, 0x8000), EINVAL);
	UT_ERRNO(fchownat(d, "", 1, 1, 0), ENOENT);
	UT_ERRNO(fchmodat(d, "none", 0600, 0), ENOENT);
	UT_ERRNO(fchmod(UT_OK(openat(d, "f", O_PATH)), 0600), EBADF);
}

UTEST(at_old_forms, "6.0", 0, "creat, utime, utimes, futimesat, getdents, access and chdir by descriptor")
{
	struct timeval tv[2] = { { 300, 1 }, { 400, 2 } };
	struct utimbuf times = { 500, 600 };
	char buf[1024];
	struct stat st;
	int d = directory(), here, found = 0;

	UT_OK(close(UT_OK(creat("d/f", 0600))));
	UT_OK(utimes("d/f", tv));
	UT_OK(stat("d/f", &st));
	UT_EQ(st.st_mtime, 400);
	UT_OK(utime("d/f", &times));
	UT_OK(stat("d/f", &st));
	UT_EQ(st.st_atime, 500);
	UT_OK(syscall(SYS_futimesat, d, "f", tv));
	UT_OK(stat("d/f", &st));
	UT_EQ(st.st_atime, 300);
	tv[0].tv_usec = 1000000;
	UT_ERRNO(utimes("d/f", tv), EINVAL);
	/* struct linux_dirent: ino, off, reclen, the name; the type is the record's last byte */
	for (long n; (n = UT_OK(syscall(SYS_getdents, d, buf, sizeof(buf)))) > 0; )
		for (char *p = buf; p < buf + n; p += *(unsigned short *)(p + 16))
			if (strcmp(p + 18, "f") == 0)
				found += p[*(unsigned short *)(p + 16) - 1] == 8;
	UT_EQ(found, 1);
	UT_EQ(lseek(d, 0, SEEK_SET), 0);
	UT_ERRNO(syscall(SYS_getdents, d, buf, 10), EINVAL);
	here = UT_OK(open(".", O_RDONLY));
	UT_OK(fchdir(d));
	UT_OK(access("f", R_OK | W_OK));
	UT_ERRNO(access("f", X_OK), EACCES);
	UT_ERRNO(access("f", 8), EINVAL);
	UT_OK(fchdir(here));
	UT_ERRNO(fchdir(UT_OK(open("d/f", O_RDONLY))), ENOTDIR);
	UT_ERRNO(fchdir(-1), EBADF);
	UT_ERRNO(faccessat(d, "none", F_OK, 0), ENOENT);
	UT_ERRNO(chdir("d/f"), ENOTDIR);
}

UTEST(path_limits, "6.0", 0, "names and paths have their limits, and bad addresses are told")
{
	static char name[300], path[5000];

	in_new_directory();
	memset(name, 'n', 255);
	UT_OK(close(UT_OK(open(name, O_CREAT | O_RDWR, 0600))));
	name[255] = 'n';
	UT_ERRNO(open(name, O_CREAT | O_RDWR, 0600), ENAMETOOLONG);
	UT_ERRNO(mkdir(name, 0700), ENAMETOOLONG);
	UT_ERRNO(symlink("x", name), ENAMETOOLONG);
	memset(path, '/', sizeof(path) - 1);
	UT_ERRNO(open(path, O_RDONLY), ENAMETOOLONG);
	path[4095] = '\0';
	UT_OK(close(UT_OK(open(path, O_RDONLY))));
	UT_ERRNO(open((char *)8, O_RDONLY), EFAULT);
	UT_ERRNO(open("", O_RDONLY), ENOENT);
	UT_ERRNO(rename("", "x"), ENOENT);
	UT_ERRNO(truncate((char *)8, 0), EFAULT);
}

UTEST_MAIN(at_create, at_remove, at_attributes, at_old_forms, path_limits)
