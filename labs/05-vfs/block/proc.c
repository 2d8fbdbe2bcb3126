/*
 * /proc/partitions and /proc/diskstats (proc(5); Linux Documentation/admin-guide/iostats.rst).
 * Devices are collected first, since printing may allocate and so wait for a disk.
 */
#include "common/errno.h"
#include "01-memory/kmem.h"
#include "05-vfs/block.h"
#include "05-vfs/inode.h"
#include "05-vfs/proc.h"

#define MAX_DEVICES	(16 * 16)

struct device_list {
	struct block_device *d[MAX_DEVICES];
	int count;
};

static void collect(struct block_device *d, void *arg)
{
	struct device_list *l = arg;

	if (l->count < MAX_DEVICES)
		l->d[l->count++] = d;
}

static void print_partition(struct printer *p, struct block_device *d)
{
	print(p, "%4u  %7u %10llu %s\n", MAJOR(d->dev), MINOR(d->dev),
	      (unsigned long long)d->sectors / 2, d->name);
}

/* What is not counted here (merges, times, discards) is 0. */
static void print_stats(struct printer *p, struct block_device *d)
{
	print(p, "%4u %7u %s %llu 0 %llu 0 %llu 0 %llu 0 %u 0 0 0 0 0 0 0 0\n", MAJOR(d->dev),
	      MINOR(d->dev), d->name, (unsigned long long)d->reads,
	      (unsigned long long)d->sectors_read, (unsigned long long)d->writes,
	      (unsigned long long)d->sectors_written, d->in_flight);
}

/* Counters are read without a lock: they only grow, and a line need not be of one moment. */
static int print_all(struct printer *p, void (*fn)(struct printer *p, struct block_device *d))
{
	struct device_list *l = kzalloc(sizeof(*l), GFP_KERNEL);

	if (!l)
		return -ENOMEM;
	block_for_each(collect, l);
	for (int i = 0; i < l->count; i++)
		fn(p, l->d[i]);
	kfree(l);
	return 0;
}

static int print_partitions(struct printer *p)
{
	print(p, "major minor  #blocks  name\n\n");
	return print_all(p, print_partition);
}

static int print_diskstats(struct printer *p)
{
	return print_all(p, print_stats);
}

PROC_ENTRY(partitions, "partitions", 0444, print_partitions);
PROC_ENTRY(diskstats, "diskstats", 0444, print_diskstats);
