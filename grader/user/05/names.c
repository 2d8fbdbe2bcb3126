/*
 * Names: making, linking, renaming, removing, listing.
 */
#include "vfs_test.h"
#include <dirent.h>
#include <sys/syscall.h>

UTEST(link_unlink, "5.0", 0, "a file lives as long as it has a name or is open")
{
	struct stat st;
	char buf[8];
	int fd;

	in_new_directory();
	make_file("a", "data");
	UT_OK(link("a", "b"));
	UT_OK(stat("a", &st));
	UT_EQ(st.st_nlink, 2);
	UT_EQ(ino_of("b"), st.st_ino);
	UT_ERRNO(link("a", "b"), EEXIST);
	UT_ERRNO(link("none", "c"), ENOENT);
	UT_OK(mkdir("d", 0755));
	UT_ERRNO(link("d", "e"), EPERM);
	fd = UT_OK(open("b", O_RDONLY));
	UT_OK(unlink("a"));
	UT_OK(unlink("b"));
	UT_ERRNO(unlink("b"), ENOENT);
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_nlink, 0);
	UT_EQ(read(fd, buf, 8), 4);
	UT_ERRNO(unlink("d"), EISDIR);
	UT_ERRNO(rmdir("none"), ENOENT);
	make_file("d/x", "");
	UT_ERRNO(rmdir("d"), ENOTEMPTY);
	UT_OK(unlink("d/x"));
	UT_OK(rmdir("d"));
	make_file("f", "");
	UT_ERRNO(rmdir("f"), ENOTDIR);
	UT_ERRNO(unlink("f/"), ENOTDIR);
	UT_ERRNO(unlinkat(AT_FDCWD, "f", 0x1000), EINVAL);
}

UTEST(directory_links, "5.0", 0, "a directory's link count is two and one for each subdirectory")
{
	struct stat st;

	in_new_directory();
	UT_OK(mkdir("d", 0755));
	UT_OK(stat("d", &st));
	if (st.st_nlink == 1)
		return;			/* btrfs and overlays count differently */
	UT_EQ(st.st_nlink, 2);
	UT_OK(mkdir("d/a", 0755));
	UT_OK(mkdir("d/b", 0755));
	UT_OK(stat("d", &st));
	UT_EQ(st.st_nlink, 4);
	UT_OK(rename("d/a", "e"));
	UT_OK(rmdir("d/b"));
	UT_OK(stat("d", &st));
	UT_EQ(st.st_nlink, 2);
	UT_OK(chmod("d", 02755));
	UT_OK(chown("d", -1, 77));
	UT_OK(mkdir("d/sub", 0755));
	make_file("d/file", "");
	UT_OK(stat("d/sub", &st));
	UT_EQ(st.st_gid, 77);
	UT_ASSERT(st.st_mode & S_ISGID);
	UT_OK(stat("d/file", &st));
	UT_EQ(st.st_gid, 77);
}

UTEST(rename_replaces, "5.0", 0, "rename replaces what stands at the new name, if it fits")
{
	char buf[8];
	int fd;

	in_new_directory();
	make_file("a", "A");
	make_file("b", "B");
	fd = UT_OK(open("b", O_RDONLY));
	UT_OK(rename("a", "b"));
	UT_ASSERT(!exists("a"));
	UT_STREQ(text_of("b"), "A");
	UT_EQ(read(fd, buf, 8), 1);
	UT_EQ(buf[0], 'B');
	UT_OK(mkdir("d", 0755));
	UT_OK(mkdir("e", 0755));
	UT_ERRNO(rename("b", "d"), EISDIR);
	UT_ERRNO(rename("d", "b"), ENOTDIR);
	make_file("e/x", "X");
	UT_ERRNO(rename("d", "e"), ENOTEMPTY);
	UT_OK(rename("e", "d"));
	UT_STREQ(text_of("d/x"), "X");
	UT_ERRNO(rename("none", "n"), ENOENT);
	UT_ERRNO(rename("d", "d/sub"), EINVAL);
	UT_OK(mkdir("d/sub", 0755));
	UT_ERRNO(rename("d", "d/sub/x"), EINVAL);
	UT_ERRNO(rename("d/sub", "d"), ENOTEMPTY);
	UT_ERRNO(rename("d/.", "y"), EBUSY);
	UT_OK(link("b", "c"));
	UT_OK(rename("b", "c"));
	UT_ASSERT(exists("b") && exists("c"));
	UT_OK(rename("d/", "f/"));
	UT_ERRNO(rename("b", "new/"), ENOTDIR);
}

UTEST(rename_flags, "5.0", 0, "renameat2 exchanges, or refuses to replace")
{
	in_new_directory();
	make_file("a", "A");
	UT_OK(mkdir("d", 0755));
	make_file("d/b", "B");
	UT_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "d/b", 1), EEXIST);
	UT_OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "new", 1));
	UT_OK(renameat2(AT_FDCWD, "new", AT_FDCWD, "d/b", 2));
	UT_STREQ(text_of("new"), "B");
	UT_STREQ(text_of("d/b"), "A");
	UT_OK(renameat2(AT_FDCWD, "new", AT_FDCWD, "d", 2));
	UT_STREQ(text_of("d"), "B");
	UT_STREQ(text_of("new/b"), "A");
	UT_ERRNO(renameat2(AT_FDCWD, "d", AT_FDCWD, "none", 2), ENOENT);
	UT_ERRNO(renameat2(AT_FDCWD, "d", AT_FDCWD, "x", 3), EINVAL);
	UT_ERRNO(renameat2(AT_FDCWD, "new", AT_FDCWD, "new/x", 0), EINVAL);
}

UTEST(rename_stays_found, "5.0", 0, "after a rename the old name is gone and the new one leads to the same file")
{
	struct stat st;
	char name[80];
	ino_t ino;

	in_new_directory();
	UT_OK(mkdir("d1", 0755));
	UT_OK(mkdir("d2", 0755));
	UT_OK(mkdir("d1/tree", 0755));
	make_file("d1/tree/leaf", "L");
	ino = ino_of("d1/tree/leaf");
	memset(name, 'n', sizeof(name) - 1);	/* longer than a dentry has room for */
	name[sizeof(name) - 1] = '\0';
	memcpy(name, "d2/", 3);
	UT_OK(rename("d1/tree", name));
	UT_ERRNO(stat("d1/tree/leaf", &st), ENOENT);
	UT_OK(chdir(name));
	UT_EQ(ino_of("leaf"), ino);
	UT_EQ(ino_of("../../d2"), ino_of(".."));
	UT_OK(chdir("../.."));
	UT_OK(rename(name, "d1/tree"));
	UT_EQ(ino_of("d1/tree/leaf"), ino);
	UT_ERRNO(stat(name, &st), ENOENT);
}

UTEST(getdents_complete, "5.0", 0, "getdents64 with any buffer loses no entry and repeats none")
{
	enum { COUNT = 300 };
	static char seen[COUNT];
	char buf[64], name[32];
	int fd, total = 0;
	long n;

	in_new_directory();
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		make_file(name, "");
	}
	fd = UT_OK(open(".", O_RDONLY | O_DIRECTORY));
	while ((n = UT_OK(syscall(SYS_getdents64, fd, buf, sizeof(buf)))) > 0) {
		for (long at = 0; at < n;) {
			struct dirent64 *d = (void *)(buf + at);
			int i;

			at += d->d_reclen;
			UT_EQ(d->d_reclen % 8, 0);
			if (sscanf(d->d_name, "file-%d", &i) != 1) {
				UT_ASSERT(!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."));
				continue;
			}
			UT_ASSERT(i >= 0 && i < COUNT && !seen[i]);
			UT_ASSERT(d->d_type == DT_REG || d->d_type == DT_UNKNOWN);
			seen[i] = 1;
			total++;
		}
	}
	UT_EQ(total, COUNT);
	UT_EQ(lseek(fd, 0, SEEK_SET), 0);
	UT_ERRNO(syscall(SYS_getdents64, fd, buf, 10), EINVAL);
	UT_ERRNO(syscall(SYS_getdents64, UT_OK(open("file-0", O_RDONLY)), buf, 64), ENOTDIR);
}

UTEST(readdir_while_deleting, "5.0", 0, "a directory can be emptied while it is read")
{
	char name[32];
	struct dirent *d;
	int deleted = 0;
	DIR *dir;

	in_new_directory();
	UT_OK(mkdir("d", 0755));
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		make_file(name, "");
	}
	dir = opendir("d");
	UT_ASSERT(dir != NULL);
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "d/%.20s", d->d_name);
		UT_OK(unlink(name));
		deleted++;
	}
	closedir(dir);
	UT_EQ(deleted, 500);
	UT_OK(rmdir("d"));
}

UTEST(removed_cwd, "5.0", 0, "a removed working directory has no entries and no name")
{
	char buf[PATH_MAX];
	struct stat st;

	in_new_directory();
	UT_OK(mkdir("d", 0755));
	UT_OK(chdir("d"));
	UT_OK(rmdir("../d"));
	UT_OK(stat(".", &st));
	UT_ERRNO(open("x", O_CREAT | O_WRONLY, 0644), ENOENT);
	UT_ERRNO(mkdir("x", 0755), ENOENT);
	UT_ERRNO(syscall(SYS_getcwd, buf, sizeof(buf)), ENOENT);
	UT_OK(chdir(".."));
	UT_ERRNO(stat("d", &st), ENOENT);
}

UTEST(special_files, "5.0", 0, "device nodes, FIFOs and sockets can be made; a device node leads to its device")
{
	struct stat st;
	char buf[4];

	in_new_directory();
	UT_OK(mknod("null", S_IFCHR | 0666, 1 << 8 | 3));
	UT_OK(stat("null", &st));
	UT_ASSERT(S_ISCHR(st.st_mode));
	UT_EQ(st.st_rdev, 1 << 8 | 3);
	UT_EQ(read(UT_OK(open("null", O_RDWR)), buf, 4), 0);
	UT_OK(mknod("zero", S_IFCHR | 0666, 1 << 8 | 5));
	UT_EQ(read(UT_OK(open("zero", O_RDWR)), buf, 4), 4);
	UT_OK(mknod("full", S_IFCHR | 0666, 1 << 8 | 7));
	UT_ERRNO(write(UT_OK(open("full", O_RDWR)), buf, 4), ENOSPC);
	UT_OK(mknod("none", S_IFCHR | 0666, 0xeff << 8 | 3));
	UT_ERRNO(open("none", O_RDONLY), ENXIO);
	UT_OK(mkfifo("fifo", 0600));
	UT_OK(stat("fifo", &st));
	UT_ASSERT(S_ISFIFO(st.st_mode));
	UT_OK(mknod("sock", S_IFSOCK | 0600, 0));
	UT_ERRNO(open("sock", O_RDWR), ENXIO);
	UT_OK(mknod("plain", 0600, 0));
	UT_OK(stat("plain", &st));
	UT_ASSERT(S_ISREG(st.st_mode));
	UT_OK(chmod(".", 0777));
	become_nobody();
	UT_ERRNO(mknod("more", S_IFCHR | 0666, 1 << 8 | 3), EPERM);
}

UTEST_MAIN(link_unlink, directory_links, rename_replaces, rename_flags, rename_stays_found,
	   getdents_complete, readdir_while_deleting, removed_cwd, special_files)
