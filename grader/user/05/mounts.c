/*
 * Mounting: mount, umount2, bind mounts, remounting, chroot, pivot_root. Needs privileges, and on a
 * host a mount name space of its own: without them the tests do nothing.
 */
#include "vfs_test.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

/* A new directory on which things may be mounted; false if this system does not let us. */
static bool may_mount(void)
{
	in_new_directory();
	UT_OK(mkdir("m", 0755));
	if (unshare(CLONE_NEWNS) == 0)
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	else if (errno != ENOSYS && errno != EINVAL)
		return false;
	return mount("tmpfs", "m", "tmpfs", 0, NULL) == 0;
}

UTEST(mount_umount, "5.0", 0, "a mounted file system covers the directory until it is unmounted")
{
	struct stat outer, inner;
	int fd;

	if (!may_mount())
		return;
	UT_OK(stat(".", &outer));
	UT_OK(stat("m", &inner));
	UT_ASSERT(outer.st_dev != inner.st_dev);
	make_file("m/f", "inside");
	UT_EQ(ino_of("m/.."), outer.st_ino);
	UT_ERRNO(rmdir("m"), EBUSY);
	UT_ERRNO(rename("m", "n"), EBUSY);
	UT_ERRNO(link("m/f", "outside"), EXDEV);
	UT_ERRNO(rename("m/f", "outside"), EXDEV);
	fd = UT_OK(open("m/f", O_RDONLY));
	UT_ERRNO(umount("m"), EBUSY);
	close(fd);
	UT_OK(umount("m"));
	UT_ASSERT(!exists("m/f"));
	UT_ERRNO(umount("m"), EINVAL);
	UT_ERRNO(mount("x", "none", "tmpfs", 0, NULL), ENOENT);
	UT_ERRNO(mount("x", "m", "nosuchfs", 0, NULL), ENODEV);
	UT_OK(rmdir("m"));
}

UTEST(mount_options, "5.0", 0, "a read-only mount refuses writers; size bounds a tmpfs; nodev hides devices")
{
	static char block[65536];
	struct statfs s;
	int fd;

	if (!may_mount())
		return;
	make_file("m/f", "x");
	fd = UT_OK(open("m/f", O_WRONLY));
	UT_ERRNO(mount("x", "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY);
	close(fd);
	/* A writer counts even where he came from a mount that is gone. */
	UT_OK(mkdir("bound", 0755));
	UT_OK(mount("m", "bound", NULL, MS_BIND, NULL));
	fd = UT_OK(open("bound/f", O_WRONLY));
	UT_OK(umount2("bound", MNT_DETACH));
	UT_ERRNO(mount("x", "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY);
	close(fd);
	UT_OK(mount("x", "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	UT_ERRNO(open("m/f", O_WRONLY), EROFS);
	UT_ERRNO(open("m/new", O_CREAT | O_WRONLY, 0644), EROFS);
	UT_ERRNO(unlink("m/f"), EROFS);
	UT_ERRNO(unlink("m/none"), EROFS);
	UT_ERRNO(mkdir("m/d", 0755), EROFS);
	UT_ERRNO(mkdir("m/f", 0755), EEXIST);
	UT_ERRNO(access("m/f", W_OK), EROFS);
	UT_ERRNO(chmod("m/f", 0600), EROFS);
	UT_STREQ(text_of("m/f"), "x");
	UT_OK(umount("m"));
	UT_OK(mount("x", "m", "tmpfs", MS_NODEV, "size=64k,mode=0700"));
	UT_OK(statfs("m", &s));
	UT_EQ(s.f_blocks, 16);
	UT_ASSERT(s.f_flags & 4);
	UT_OK(mknod("m/null", S_IFCHR | 0666, 1 << 8 | 3));
	UT_ERRNO(open("m/null", O_RDONLY), EACCES);
	fd = UT_OK(open("m/big", O_CREAT | O_WRONLY, 0644));
	UT_EQ(write(fd, block, sizeof(block)), sizeof(block));
	UT_ERRNO(write(fd, block, 1), ENOSPC);
	UT_OK(ftruncate(fd, 0));
	UT_EQ(pwrite(fd, block, 1, 0), 1);
	UT_ERRNO(mount("x", "m", "tmpfs", 0, "nonsense=1"), EINVAL);
}

UTEST(bind_mounts, "5.0", 0, "a bind mount shows a directory, or a file, at a second place")
{
	if (!may_mount())
		return;
	UT_OK(mkdir("a", 0755));
	UT_OK(mkdir("a/sub", 0755));
	UT_OK(mkdir("b", 0755));
	make_file("a/f", "bound");
	make_file("file", "");
	UT_OK(mount("a", "b", NULL, MS_BIND, NULL));
	UT_STREQ(text_of("b/f"), "bound");
	UT_EQ(ino_of("b"), ino_of("a"));
	UT_EQ(ino_of("b/.."), ino_of("."));
	UT_OK(mount("a/f", "file", NULL, MS_BIND, NULL));
	UT_STREQ(text_of("file"), "bound");
	UT_ERRNO(mount("a/f", "b/sub", NULL, MS_BIND, NULL), ENOTDIR);
	UT_OK(umount("file"));
	UT_OK(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	UT_ERRNO(open("b/new", O_CREAT | O_WRONLY, 0644), EROFS);
	make_file("a/new", "x");
	UT_STREQ(text_of("b/new"), "x");
	UT_OK(umount("b"));
	/* Recursive: what is mounted below comes too. */
	UT_OK(mount("t", "a/sub", "tmpfs", 0, NULL));
	make_file("a/sub/inner", "y");
	UT_OK(mount("a", "b", NULL, MS_BIND, NULL));
	UT_ASSERT(!exists("b/sub/inner"));
	UT_OK(umount("b"));
	UT_OK(mount("a", "b", NULL, MS_BIND | MS_REC, NULL));
	UT_STREQ(text_of("b/sub/inner"), "y");
	UT_ERRNO(umount("b"), EBUSY);
	UT_OK(umount2("b", MNT_DETACH));
	UT_ASSERT(!exists("b/f"));
}

UTEST(move_mount, "5.0", 0, "MS_MOVE takes a mount to another place, but not into itself")
{
	if (!may_mount())
		return;
	make_file("m/f", "x");
	UT_OK(mkdir("m/d", 0755));
	UT_OK(mkdir("n", 0755));
	UT_ERRNO(mount("m", "m/d", NULL, MS_MOVE, NULL), ELOOP);
	UT_ERRNO(mount("m/d", "n", NULL, MS_MOVE, NULL), EINVAL);
	UT_OK(mount("m", "n", NULL, MS_MOVE, NULL));
	UT_STREQ(text_of("n/f"), "x");
	UT_ASSERT(!exists("m/f"));
	UT_OK(umount("n"));
}

UTEST(lazy_umount, "5.0", 0, "a detached file system lives as long as it is used")
{
	struct stat st;
	char buf[8];
	int fd;

	if (!may_mount())
		return;
	make_file("m/f", "kept");
	fd = UT_OK(open("m/f", O_RDONLY));
	UT_OK(umount2("m", MNT_DETACH));
	UT_ASSERT(!exists("m/f"));
	UT_EQ(read(fd, buf, 8), 4);
	UT_OK(fstat(fd, &st));
	UT_OK(rmdir("m"));
}

UTEST(detached_mount, "5.0", 0, "nothing can be mounted on a file system that was detached")
{
	if (!may_mount())
		return;
	UT_OK(mkdir("other", 0755));
	UT_OK(mkdir("m/sub", 0755));
	UT_OK(chdir("m"));
	UT_OK(umount2("../m", MNT_DETACH));
	UT_ASSERT(mount("x", "sub", "tmpfs", 0, NULL) < 0);
	UT_MSG(errno == EINVAL || errno == ENOENT, "EINVAL (newer Linux: ENOENT), not %d", errno);
	UT_ASSERT(mount("x", ".", "tmpfs", 0, NULL) < 0);
	UT_ERRNO(mount("sub", "/tmp", NULL, MS_BIND, NULL), EINVAL);
	UT_OK(chdir("/"));
}

#define DEEP	600

UTEST(deep_mounts, "5.0", 0, "many mounts, each on a directory of the one before, are detached at once")
{
	char name[PATH_MAX];

	if (!may_mount())
		return;
	UT_ASSERT(getcwd(name, sizeof(name)) != NULL);
	UT_OK(chdir("m"));
	for (int n = 0; n < DEEP; n++) {
		UT_OK(mkdir("d", 0755));
		UT_OK(mount("x", "d", "tmpfs", 0, NULL));
		UT_OK(chdir("d"));
	}
	UT_OK(chdir(name));
	UT_OK(mkdir("copy", 0755));
	UT_OK(mount("m", "copy", NULL, MS_BIND | MS_REC, NULL));
	UT_OK(umount2("copy", MNT_DETACH));
	UT_OK(umount2("m", MNT_DETACH));
	UT_ERRNO(umount("m"), EINVAL);
}

static int count_mounts(void)
{
	FILE *f = fopen("p/mounts", "r");
	int c, lines = 0;

	UT_ASSERT(f != NULL);
	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	return lines;
}

UTEST(mount_or_rmdir, "5.0", 0, "a directory is either a mount point or removed, however close both come")
{
	int pid, status, before;

	if (!may_mount())
		return;
	UT_OK(mkdir("p", 0755));
	if (mount("proc", "p", "proc", 0, NULL) < 0)
		return;
	before = count_mounts();
	pid = UT_OK(fork());
	if (pid == 0) {
		for (int n = 0; n < 3000; n++) {
			mkdir("d", 0755);
			rmdir("d");
		}
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (mount("x", "d", "tmpfs", 0, NULL) == 0)
			while (umount("d") < 0)
				UT_MSG(errno == EBUSY, "a mount that nobody can reach: errno %d", errno);
	}
	UT_EQ(status, 0);
	UT_EQ(count_mounts(), before);
	rmdir("d");
}

UTEST(chroot_confines, "5.0", 0, "after chroot no path leads out of the new root")
{
	char cwd[64];

	if (!may_mount())
		return;
	make_file("m/inside", "in");
	make_file("outside", "out");
	UT_OK(symlink("/inside", "m/abs"));
	UT_OK(symlink("../../outside", "m/up"));
	UT_OK(chroot("m"));
	UT_OK(chdir("/"));
	UT_STREQ(text_of("/inside"), "in");
	UT_STREQ(text_of("/../../inside"), "in");
	UT_STREQ(text_of("/abs"), "in");
	UT_ASSERT(!exists("/outside"));
	UT_ASSERT(open("/up", O_RDONLY) < 0);
	UT_ASSERT(getcwd(cwd, sizeof(cwd)) != NULL);
	UT_STREQ(cwd, "/");
	become_nobody();
	UT_ERRNO(chroot("/"), EPERM);
}

UTEST_MAIN(mount_umount, mount_options, bind_mounts, move_mount, lazy_umount, detached_mount,
	   deep_mounts, mount_or_rmdir, chroot_confines)
