/*
 * From a partition table to devices. Sectors are read through the disk's page cache, so that a
 * table that was just written to /dev/vda is the one that is found.
 */
#include "05-vfs/block/block_internal.h"
#include "05-vfs/block/partitions.h"
#include "01-memory/kmem.h"
#include "common/errno.h"
#include "common/string.h"

static int read_sector(void *dev, u64 sector, u8 *buf)
{
	struct buffer b;
	int err = buffer_read(dev, sector, SECTOR_SIZE, &b);

	if (err)
		return err;
	memcpy(buf, b.data, SECTOR_SIZE);
	buffer_put(&b);
	return 0;
}

/* Too large for the stack. */
struct scratch {
	struct partition parts[MAX_PARTITIONS];
	u8 buf[SECTOR_SIZE];
};

/*
 * The number of the partition is added to the disk's minor number, so it is bounded by how many
 * minors the disk has.
 */
int partitions_scan(struct block_device *d)
{
	struct scratch *s;
	int n, err = 0;

	if (!d->sectors || d->minors <= 1)
		return 0;
	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	n = partitions_parse(d, read_sector, d->sectors, s->parts, s->buf);
	for (int i = 0; i < n && !err; i++) {
		struct partition *p = &s->parts[i];
		struct block_device *part;

		if (p->number >= d->minors)
			continue;
		part = kzalloc(sizeof(*part), GFP_KERNEL);
		if (!part) {
			err = -ENOMEM;
			break;
		}
		part->part = p->number;
		part->start = p->start;
		part->sectors = p->sectors;
		part->part_uuid_mbr = p->mbr;
		memcpy(part->part_uuid, p->uuid, sizeof(part->part_uuid));
		err = block_add_partition(d, part);
		if (err)
			kfree(part);
	}
	kfree(s);
	return n < 0 ? n : err;
}
