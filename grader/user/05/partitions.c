/*
 * Partitions of a disk: they appear when the table is read again, show a part of the disk, and what
 * is read of them counts for the disk too.
 *
 * @disk 4M -b 1024
 * @host no it writes to /dev/vda
 */
#include "disk.h"

#include <stdint.h>
#include <sys/ioctl.h>

#define START	2048u		/* sectors */
#define COUNT	1024u

static void write_table(int fd, int with_partition)
{
	unsigned char sector[512] = { 0 };
	uint32_t *entry = (void *)(sector + 454);

	if (with_partition) {
		sector[450] = 0x83;
		entry[0] = START;
		entry[1] = COUNT;
		sector[510] = 0x55;
		sector[511] = 0xaa;
	}
	UT_EQ(pwrite(fd, sector, sizeof(sector), 0), (long)sizeof(sector));
	UT_OK(ioctl(fd, BLKRRPART, 0));
}

/* Sectors read of a device, from /proc/diskstats. */
static unsigned long sectors_read(const char *device)
{
	unsigned long sectors = 0;
	char line[256], name[32];
	FILE *f = fopen("/proc/diskstats", "r");

	UT_ASSERT(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		unsigned long n;

		if (sscanf(line, "%*u %*u %31s %*u %*u %lu", name, &n) == 2 && !strcmp(name, device))
			sectors = n;
	}
	fclose(f);
	return sectors;
}

UTEST(partition_counted, "5.0", 0, "a partition shows its part of the disk, and its reads count for the disk too")
{
	static char part[COUNT * 512], whole[COUNT * 512];
	unsigned long before;
	int disk, fd;

	disk_mount();
	disk_unmount();
	mkdir("/proc", 0555);
	if (access("/proc/self", F_OK) < 0)
		UT_OK(mount("proc", "/proc", "proc", 0, NULL));
	disk = UT_OK(open("/dev/vda", O_RDWR));
	write_table(disk, 1);
	fd = UT_OK(open("/dev/vda1", O_RDONLY));
	UT_OK(ioctl(fd, BLKFLSBUF, 0));
	before = sectors_read("vda");
	UT_EQ(read(fd, part, sizeof(part)), (long)sizeof(part));
	UT_EQ(read(fd, part, 1), 0);
	UT_ASSERT(sectors_read("vda1") >= COUNT);
	UT_ASSERT(sectors_read("vda") >= before + COUNT);
	UT_EQ(pread(disk, whole, sizeof(whole), START * 512), (long)sizeof(whole));
	UT_EQ(memcmp(part, whole, sizeof(part)), 0);
	UT_ERRNO(ioctl(disk, BLKRRPART, 0), EBUSY);
	close(fd);
	write_table(disk, 0);
	UT_ERRNO(open("/dev/vda1", O_RDONLY), ENOENT);
	close(disk);
}

UTEST_MAIN(partition_counted)
