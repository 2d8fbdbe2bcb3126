/*
 * A hundred corrupted ext2 images: each is mounted, read, written and unmounted, and whatever is
 * wrong ends in an errno. The image that the grader made is put back at the end.
 *
 * @disk 2M -b 1024
 * @host no it writes to /dev/vda
 * @timeout 120
 */
#include "ktap_user.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define MNT		"/disk"

#define IMAGE_SIZE	(2 << 20)
#define METADATA (600 << 10) /* superblock, bitmaps, inodes, the first directories and files */

static char image[IMAGE_SIZE], copy[IMAGE_SIZE];
static uint32_t state;

static uint32_t random_number(void)
{
	state = state * 1664525 + 1013904223;	/* Knuth, TAOCP vol. 2, 3.3.4 */
	return state >> 8;
}

static void put_image(const char *bytes)
{
	int fd = open("/dev/vda", O_WRONLY);

	UT_ASSERT(fd >= 0);
	UT_EQ(pwrite(fd, bytes, IMAGE_SIZE, 0), IMAGE_SIZE);
	UT_EQ(fsync(fd), 0);
	UT_EQ(close(fd), 0);
}

/* Something of everything to be damaged. */
static void fill(void)
{
	char name[64], block[2048];
	int fd;

	memset(block, 'x', sizeof(block));
	UT_OK(mkdir(MNT "/dir", 0755));
	UT_OK(symlink("dir/file", MNT "/link"));
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), MNT "/dir/a-file-with-a-name-%d", i);
		fd = UT_OK(open(name, O_CREAT | O_WRONLY, 0644));
		UT_EQ(write(fd, block, sizeof(block)), (long)sizeof(block));
		close(fd);
	}
	fd = UT_OK(open(MNT "/large", O_CREAT | O_WRONLY, 0644));
	for (int i = 0; i < 150; i++)		/* into the double indirect block */
		UT_EQ(write(fd, block, sizeof(block)), (long)sizeof(block));
	close(fd);
}

static void use_file(const char *path)
{
	char block[4096];
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return;
	for (int i = 0; i < 100 && read(fd, block, sizeof(block)) > 0; i++)
		;
	if (pwrite(fd, "y", 1, 100000) == 1 && ftruncate(fd, 3000))
		errno = 0;
	close(fd);
}

/* Everything a user could do with the tree; all results are welcome but a crash. */
static void use_tree(const char *dir, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[4096];
	int n = 0;

	if (!d)
		return;
	while (n++ < 200 && (e = readdir(d))) {
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (lstat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode) && depth < 4)
			use_tree(path, depth + 1);
		else if (S_ISREG(st.st_mode))
			use_file(path);
		if (n % 5 == 0)
			unlink(path);
	}
	closedir(d);
	snprintf(path, sizeof(path), "%s/new", dir);
	if (mkdir(path, 0755) == 0)
		rmdir(path);
}

UTEST(corrupt_images, "5.0", 0, "a hundred corrupted ext2 images end in an errno, never in a crash")
{
	static char original[IMAGE_SIZE];
	int fd, mounted = 0;

	mkdir("/dev", 0755);
	UT_OK(mount("dev", "/dev", "devtmpfs", 0, NULL));
	fd = UT_OK(open("/dev/vda", O_RDONLY));
	UT_EQ(pread(fd, original, IMAGE_SIZE, 0), IMAGE_SIZE);
	mkdir(MNT, 0755);
	UT_OK(mount("/dev/vda", MNT, "ext2", 0, NULL));
	fill();
	UT_OK(umount(MNT));
	UT_EQ(pread(fd, image, IMAGE_SIZE, 0), IMAGE_SIZE);
	close(fd);
	for (int seed = 1; seed <= 100; seed++) {
		state = seed;
		memcpy(copy, image, IMAGE_SIZE);
		for (int i = 0; i < 1 + seed % 40; i++)
			copy[random_number() % METADATA] = random_number();
		put_image(copy);
		if (mount("/dev/vda", MNT, "ext2", 0, NULL))
			continue;
		mounted++;
		use_tree(MNT, 0);
		UT_OK(umount(MNT));
	}
	put_image(original);
	UT_ASSERT(mounted > 50);
}

UTEST_MAIN(corrupt_images)
