/*
 * ext2 images with one lie each: what the lie would have overwritten is still there afterwards. The
 * disk is put back at the end of each test.
 *
 * @disk 16M -b 1024
 * @host no it writes to /dev/vda
 * @timeout 120
 */
#include "disk.h"

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#define BLOCK		1024u
#define SUPER		(image + 1024)
#define DESCRIPTORS	(image + 2048)	/* 32 bytes: block bitmap, inode bitmap, table */
#define SIZE		(16 << 20)

static unsigned char image[SIZE], original[SIZE];

static uint32_t *word(void *at)
{
	return at;
}

static void read_disk(void *to)
{
	int fd = UT_OK(open("/dev/vda", O_RDWR));

	UT_OK(fsync(fd));
	UT_OK(ioctl(fd, BLKFLSBUF, 0));		/* from the disk, not from the cache */
	UT_EQ(pread(fd, to, SIZE, 0), SIZE);
	close(fd);
}

static void write_disk(const void *from)
{
	int fd = UT_OK(open("/dev/vda", O_WRONLY));

	UT_EQ(pwrite(fd, from, SIZE, 0), SIZE);
	UT_OK(fsync(fd));
	close(fd);
}

/* Mount the disk, keeping what it was in `original`. */
static void begin(void)
{
	disk_mount();
	disk_unmount();
	read_disk(original);
	disk_mount();
}

/* Unmount, so that the disk can be changed by way of `image`. */
static void to_image(void)
{
	disk_unmount();
	read_disk(image);
}

static void from_image(void)
{
	write_disk(image);
	disk_mount();
}

static void end(void)
{
	disk_unmount();
	write_disk(original);
}

static unsigned char *inode_of(unsigned long ino)
{
	unsigned per_group = *word(SUPER + 40), size = *(uint16_t *)(SUPER + 88);
	unsigned char *group = DESCRIPTORS + (ino - 1) / per_group * 32;

	return image + *word(group + 8) * BLOCK + (ino - 1) % per_group * size;
}

static unsigned long make_file(const char *name, size_t size)
{
	static char bytes[BLOCK];
	struct stat st;
	int fd = UT_OK(open(name, O_CREAT | O_WRONLY, 0644));

	UT_EQ(write(fd, bytes, size), (long)size);
	UT_OK(fstat(fd, &st));
	close(fd);
	return st.st_ino;
}

static unsigned long make_directory(const char *name)
{
	struct stat st;

	UT_OK(mkdir(name, 0755));
	UT_OK(stat(name, &st));
	return st.st_ino;
}

/* The entry called name in the first block of that directory. */
static unsigned char *entry_of(unsigned long dir, const char *name)
{
	unsigned char *e = image + *word(inode_of(dir) + 40) * BLOCK, *end = e + BLOCK;

	for (; e < end; e += *(uint16_t *)(e + 4))
		if (e[6] == strlen(name) && memcmp(e + 8, name, e[6]) == 0)
			return e;
	UT_MSG(false, "there is no entry %s in the image", name);
	return NULL;
}

UTEST(ext2_foreign_group, "5.0", 0, "a group whose bitmap or inode table lies in another one is refused")
{
	begin();
	to_image();
	for (int field = 0; field < 3; field++) {
		uint32_t *second = word(DESCRIPTORS + 32) + field, old = *second;

		*second = *(word(DESCRIPTORS) + field);
		write_disk(image);
		UT_ERRNO(mount("/dev/vda", MNT, "ext2", 0, NULL), EINVAL);
		*second = old;
	}
	from_image();
	end();
}

UTEST(ext2_descriptors_free, "5.0", 0, "group descriptors that the bitmap calls free do not become a file's")
{
	static unsigned char after[SIZE];
	int made = 0;

	begin();
	to_image();
	image[*word(DESCRIPTORS) * BLOCK] &= ~2;	/* block 2 */
	from_image();
	for (int i = 0; i < 100; i++) {
		char name[16];
		int fd;

		snprintf(name, sizeof(name), "f%d", i);
		fd = open(name, O_CREAT | O_WRONLY, 0644);
		made += fd >= 0 && write(fd, after, BLOCK) == BLOCK;
		close(fd);
	}
	disk_unmount();
	read_disk(after);
	UT_EQ(memcmp(after + 2048, image + 2048, 12), 0);
	UT_ASSERT(made > 90);
	disk_mount();
	end();
}

UTEST(ext2_attribute_block, "5.0", 0, "a file's block that another calls its attributes is not freed with that one")
{
	unsigned long owner, thief;
	struct statfs before, after;

	begin();
	owner = make_file("owner", BLOCK);
	thief = make_file("thief", 0);
	to_image();
	*word(inode_of(thief) + 104) = *word(inode_of(owner) + 40);
	from_image();
	UT_OK(statfs(".", &before));
	UT_OK(unlink("thief"));
	sync();
	UT_OK(statfs(".", &after));
	UT_EQ(after.f_ffree, before.f_ffree + 1);
	UT_EQ(after.f_bfree, before.f_bfree);
	end();
}

UTEST(ext2_in_itself, "5.0", 0, "a directory that stands in itself, or the root in a directory, is refused")
{
	unsigned long dir;

	begin();
	dir = make_directory("dir");
	make_file("dir/self", 0);
	make_file("dir/root", 0);
	make_file("dir/file", 0);
	to_image();
	*word(entry_of(dir, "self")) = dir;
	*word(entry_of(dir, "root")) = 2;
	from_image();
	UT_OK(access("dir/file", F_OK));
	UT_ERRNO(access("dir/self", F_OK), EUCLEAN);
	UT_ERRNO(access("dir/root", F_OK), EUCLEAN);
	UT_ERRNO(rmdir("dir/self"), EUCLEAN);
	UT_ERRNO(rename("dir/self", "dir/other"), EUCLEAN);
	end();
}

UTEST(ext2_no_parent, "5.0", 0, "a directory without \"..\" is not moved, nor lost")
{
	unsigned long dir;
	struct stat st;

	begin();
	UT_OK(mkdir("a", 0755));
	UT_OK(mkdir("b", 0755));
	dir = make_directory("a/dir");
	UT_OK(rename("a/dir", "b/dir"));
	UT_OK(rename("b/dir", "a/dir"));
	to_image();
	memcpy(entry_of(dir, "..") + 8, "xx", 2);
	from_image();
	UT_ERRNO(rename("a/dir", "b/dir"), EUCLEAN);
	UT_OK(stat("a/dir", &st));
	UT_ERRNO(stat("b/dir", &st), ENOENT);
	disk_unmount();
	disk_mount();
	UT_OK(stat("a/dir", &st));
	UT_ERRNO(stat("b/dir", &st), ENOENT);
	end();
}

UTEST_MAIN(ext2_foreign_group, ext2_descriptors_free, ext2_attribute_block, ext2_in_itself,
	   ext2_no_parent)
