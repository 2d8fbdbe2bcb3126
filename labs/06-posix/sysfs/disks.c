/*
 * /sys/block and its kin: the disks and their partitions, as lsblk(8), udev and mount(8) look for
 * them (Linux: Documentation/ABI/stable/sysfs-block). The directories stand in
 * devices/virtual/block/; block/, class/block/ and dev/block/MAJOR:MINOR are links to them.
 */
#include "common/init.h"
#include "common/printk.h"
#include "05-vfs/block.h"
#include "05-vfs/inode.h"
#include "06-posix/sysfs/sysfs.h"

static struct block_device *disk(u64 arg)
{
	return (struct block_device *)arg;
}

static int print_dev(struct printer *p, u64 arg)
{
	print(p, "%u:%u\n", MAJOR(disk(arg)->dev), MINOR(disk(arg)->dev));
	return 0;
}

static int print_size(struct printer *p, u64 arg)
{
	print(p, "%lu\n", disk(arg)->sectors);
	return 0;
}

static int print_start(struct printer *p, u64 arg)
{
	print(p, "%lu\n", disk(arg)->start);
	return 0;
}

static int print_partition(struct printer *p, u64 arg)
{
	print(p, "%d\n", disk(arg)->part);
	return 0;
}

static int print_read_only(struct printer *p, u64 arg)
{
	print(p, "%d\n", disk(arg)->read_only);
	return 0;
}

static int print_logical(struct printer *p, u64 arg)
{
	print(p, "%u\n", disk(arg)->block_size);
	return 0;
}

static int print_physical(struct printer *p, u64 arg)
{
	print(p, "%u\n", MAX(disk(arg)->physical_block_size, disk(arg)->block_size));
	return 0;
}

/* Of virtio's disks: they are not taken out, and Linux takes those that do not say for rotating. */
static int print_number(struct printer *p, u64 number)
{
	print(p, "%lu\n", number);
	return 0;
}

/* As in /proc/diskstats. */
static int print_stat(struct printer *p, u64 arg)
{
	const struct block_device *d = disk(arg);

	print(p, "%8lu 0 %8lu 0 %8lu 0 %8lu 0 %8u 0 0 0 0 0 0 0 0\n", d->reads, d->sectors_read,
	      d->writes, d->sectors_written, d->in_flight);
	return 0;
}

static int print_uevent(struct printer *p, u64 arg)
{
	const struct block_device *d = disk(arg);

	print(p, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=%s\n", MAJOR(d->dev), MINOR(d->dev),
	      d->name, d->part ? "partition" : "disk");
	if (d->part)
		print(p, "PARTN=%d\n", d->part);
	return 0;
}

static const struct disk_file {
	const char *name;
	int (*print)(struct printer *p, u64 arg);
} common_files[] = {
	{ "dev", print_dev }, { "ro", print_read_only }, { "size", print_size },
	{ "stat", print_stat }, { "uevent", print_uevent },
}, partition_files[] = {
	{ "partition", print_partition }, { "start", print_start },
}, whole_files[] = {
	{ "queue/logical_block_size", print_logical }, { "queue/hw_sector_size", print_logical },
	{ "queue/physical_block_size", print_physical },
};

static void add_files(const struct disk_file *files, int n, const char *dir,
		      struct block_device *d)
{
	for (int i = 0; i < n; i++)
		sysfs_add_file(files[i].print, (u64)d, "%s/%s", dir, files[i].name);
}

static void add_disk(struct block_device *d, void *arg)
{
	char dir[64], up[80];

	if (d == d->whole)
		snprintf(dir, sizeof(dir), "devices/virtual/block/%s", d->name);
	else
		snprintf(dir, sizeof(dir), "devices/virtual/block/%s/%s", d->whole->name, d->name);
	add_files(common_files, ARRAY_SIZE(common_files), dir, d);
	if (d == d->whole) {
		add_files(whole_files, ARRAY_SIZE(whole_files), dir, d);
		sysfs_add_file(print_number, 0, "%s/removable", dir);
		sysfs_add_file(print_number, 1, "%s/queue/rotational", dir);
		snprintf(up, sizeof(up), "../%s", dir);
		sysfs_add_link(up, "block/%s", d->name);
	} else {
		add_files(partition_files, ARRAY_SIZE(partition_files), dir, d);
	}
	sysfs_add_link(d == d->whole ? "../../../../class/block" : "../../../../../class/block",
		       "%s/subsystem", dir);
	snprintf(up, sizeof(up), "../../%s", dir);
	sysfs_add_link(up, "class/block/%s", d->name);
	sysfs_add_link(up, "dev/block/%u:%u", MAJOR(d->dev), MINOR(d->dev));
}

static void disks_init(void)
{
	block_for_each(add_disk, NULL);
}
INITCALL(90, disks_init);
