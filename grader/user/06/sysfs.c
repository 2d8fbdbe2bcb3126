/*
 * sysfs: what programs look for below /sys: processors, disks.
 *
 * @disk 8M -b 1024
 */
#include "posix.h"

#include <dirent.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void need_sys(void)
{
	mkdir("/sys", 0555);
	if (access("/sys/devices", F_OK))
		UT_OK(mount("sysfs", "/sys", "sysfs", 0, NULL));
}

/* The text of a file. */
static const char *text_of(const char *path)
{
	static char buf[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	UT_MSG(fd >= 0, "%s cannot be opened", path);
	n = read(fd, buf, sizeof(buf) - 1);
	UT_MSG(n >= 0, "%s cannot be read", path);
	buf[n] = '\0';
	close(fd);
	return buf;
}

static long number_in(const char *dir, const char *file)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return strtol(text_of(path), NULL, 10);
}

UTEST(sysfs_files, "6.0", 0, "files of /sys are read in pieces and from any place, and nothing can be made there")
{
	const char *path = "/sys/devices/system/cpu/possible";
	char whole[64], part[64];
	struct stat st;
	ssize_t n;
	int fd;

	need_sys();
	fd = UT_OK(open(path, O_RDONLY));
	n = UT_OK(read(fd, whole, sizeof(whole)));
	UT_ASSERT(n > 1 && whole[n - 1] == '\n');
	UT_EQ(read(fd, part, sizeof(part)), 0);
	UT_EQ(pread(fd, part, sizeof(part), 1), n - 1);
	UT_ASSERT(!memcmp(part, whole + 1, n - 1));
	UT_EQ(fstat(fd, &st), 0);
	UT_EQ(st.st_mode, S_IFREG | 0444);
	UT_EQ(st.st_size, 4096);
	close(fd);
	UT_ERRNO(mkdir("/sys/devices/system/x", 0755), EPERM);
	UT_ERRNO(open("/sys/devices/system/x", O_WRONLY | O_CREAT, 0600), EACCES);
	UT_ERRNO(unlink(path), EPERM);
	UT_ERRNO(symlink("x", "/sys/devices/system/x"), EPERM);
	UT_ERRNO(open("/sys/devices/system/x", O_RDONLY), ENOENT);
}

UTEST(sysfs_cpus, "6.0", 0, "each processor's directory says who shares its core and its package")
{
	long n = sysconf(_SC_NPROCESSORS_CONF);
	char dir[80], path[120];
	unsigned long mask;

	need_sys();
	for (long cpu = 0; cpu < n; cpu++) {
		snprintf(dir, sizeof(dir), "/sys/devices/system/cpu/cpu%ld/topology", cpu);
		if (cpu && access(dir, F_OK))	/* may be offline */
			continue;
		UT_ASSERT(number_in(dir, "physical_package_id") >= 0);
		UT_ASSERT(number_in(dir, "core_id") >= 0);
		snprintf(path, sizeof(path), "%s/thread_siblings_list", dir);
		UT_ASSERT(text_of(path)[0] >= '0' && text_of(path)[0] <= '9');
		if (n > 64)		/* more than one word of bits */
			continue;
		snprintf(path, sizeof(path), "%s/core_siblings", dir);
		mask = strtoul(text_of(path), NULL, 16);
		UT_MSG(mask & 1ul << cpu, "%s: %#lx has not CPU %ld", path, mask, cpu);
	}
}

/* Names in /sys/class/block are links to directories that describe the devices of the same names. */
static void check_disk(const char *name)
{
	char dir[300], path[320], other[300], full[2][PATH_MAX];
	unsigned major, minor;
	struct stat st;
	unsigned long long bytes;
	int fd;

	snprintf(dir, sizeof(dir), "/sys/class/block/%s", name);
	UT_EQ(lstat(dir, &st), 0);
	UT_ASSERT(S_ISLNK(st.st_mode));
	snprintf(path, sizeof(path), "%s/dev", dir);
	UT_EQ(sscanf(text_of(path), "%u:%u", &major, &minor), 2);
	snprintf(other, sizeof(other), "/sys/dev/block/%u:%u", major, minor);
	UT_ASSERT(realpath(dir, full[0]) && realpath(other, full[1]));
	UT_STREQ(full[0], full[1]);
	UT_STREQ(strrchr(full[0], '/') + 1, name);
	snprintf(path, sizeof(path), "%s/uevent", dir);
	snprintf(other, sizeof(other), "DEVNAME=%s\n", name);
	UT_ASSERT(strstr(text_of(path), other) != NULL);
	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	UT_EQ(fstat(fd, &st), 0);
	if (S_ISBLK(st.st_mode) && st.st_rdev == makedev(major, minor)) {
		UT_EQ(ioctl(fd, BLKGETSIZE64, &bytes), 0);
		UT_EQ(number_in(dir, "size") * 512, (long)bytes);
	}
	close(fd);
}

UTEST(sysfs_disks, "6.0", 0, "the links in block, class/block and dev/block lead to what describes a disk")
{
	struct dirent *d;
	char path[300];
	DIR *dir;
	int n = 0;

	need_sys();
	dir = opendir("/sys/class/block");
	UT_ASSERT(dir != NULL);
	while ((d = readdir(dir)) && n < 20)
		if (d->d_name[0] != '.') {
			UT_EQ(d->d_type, DT_LNK);
			check_disk(d->d_name);
			n++;
		}
	closedir(dir);
	UT_ASSERT(n > 0);
	dir = opendir("/sys/block");
	UT_ASSERT(dir != NULL);
	while ((d = readdir(dir)))
		if (d->d_name[0] != '.') {
			snprintf(path, sizeof(path), "/sys/block/%s", d->d_name);
			UT_ASSERT(number_in(path, "queue/logical_block_size") >= 512);
			UT_ASSERT(number_in(path, "removable") >= 0);
		}
	closedir(dir);
}

UTEST_MAIN(sysfs_files, sysfs_cpus, sysfs_disks)
