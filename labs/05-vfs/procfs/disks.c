/*
 * procfs: partitions and diskstats (Linux: Documentation/admin-guide/iostats.rst).
 */
#include "05-vfs/block.h"
#include "05-vfs/inode.h"
#include "05-vfs/proc.h"

static void print_partition(struct block_device *d, void *out)
{
	print(out, "%4u  %7u %10lu %s\n", MAJOR(d->dev), MINOR(d->dev), d->sectors / 2, d->name);
}

static int print_partitions(struct printer *p)
{
	print(p, "major minor  #blocks  name\n\n");
	block_for_each(print_partition, p);
	return 0;
}
PROC_ENTRY(partitions, "partitions", 0444, print_partitions, NULL);

/* Requests are not merged and not timed; nothing is discarded. */
static void print_disk(struct block_device *d, void *out)
{
	print(out, "%4u %7u %s %lu 0 %lu 0 %lu 0 %lu 0 0 0 0 0 0 0 0 0 0\n", MAJOR(d->dev),
	      MINOR(d->dev), d->name, d->reads, d->sectors_read, d->writes, d->sectors_written);
}

static int print_diskstats(struct printer *p)
{
	block_for_each(print_disk, p);
	return 0;
}
PROC_ENTRY(diskstats, "diskstats", 0444, print_diskstats, NULL);
