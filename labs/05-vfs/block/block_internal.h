/*
 * What the files of the block layer share among themselves.
 */
#pragma once

#include "05-vfs/block.h"

/* Operations of a device's own page cache (buffer.c). */
extern const struct page_cache_ops device_cache_ops;

/*
 * A new partition of `whole`; d is allocated by the caller, who has set part, start, sectors,
 * part_uuid. 0 or -ENOMEM.
 */
int block_add_partition(struct block_device *whole, struct block_device *d);
/* Find the partitions of a whole device and add them: 0 (also if there are none), -EIO, -ENOMEM. */
int partitions_scan(struct block_device *d);

/* Pages on their way, request by request (page_io.c). */
struct page_io {
	struct page_cache *cache;
	enum bio_op op;
	struct block_device *dev;
	struct bio *bio;		/* being filled, or NULL */
	u64 next_sector;		/* where it ends */
};

/* Count n pages as ours; each page ends when all its pieces have. */
void page_io_begin(struct page_io *io, struct frame **pages, int n);
/* len bytes at off in p go to, or come from, `sector`. */
void page_io_piece(struct page_io *io, struct frame *p, unsigned off, unsigned len, u64 sector);
/* Send what is left and let the pages end. The cache may be gone afterwards. */
void page_io_end(struct page_io *io, struct frame **pages, int n);

/* frame.private of a cached page: sectors that a device's page has dirty, and pieces under way. */
#define DIRTY_SECTORS	0xffUL
#define ONE_PIECE	(1UL << 32)

static inline u64 *page_private(struct frame *p)
{
	return (u64 *)&p->private;
}
