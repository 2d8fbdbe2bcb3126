/*
 * Block devices: requests go down asynchronously, completions come up by interrupt.
 */
#pragma once

#include "01-memory/frame.h"
#include "02-usermode/wait.h"
#include "05-vfs/page_cache.h"

#define SECTOR_SHIFT	9
#define SECTOR_SIZE	512

struct block_device;

struct bio_segment {
	paddr_t addr;
	u32 len;			/* bytes, a multiple of the sector size */
};

#define BIO_MAX_SEGMENTS	56	/* so that four requests with their segments fit a page */
enum bio_op { BIO_READ, BIO_WRITE, BIO_FLUSH };

/* One request. The submitter keeps it alive until done() has been called. */
struct bio {
	struct block_device *dev;
	enum bio_op op;
	u64 sector;
	int segment_count;
	struct bio_segment *segments;	/* of bio_alloc()'s: room for BIO_MAX_SEGMENTS */
	int error;			/* 0 or -EIO, set before done() */
	void (*done)(struct bio *b);	/* interrupt context */
	void *private;
	struct list_head link;		/* the driver's */
};

struct block_ops {
	/*
	 * Queue it (never fails: errors come through bio_end()). Any context that may not hold
	 * locks >= RANK_BLOCK_QUEUE.
	 */
	void (*submit)(struct block_device *d, struct bio *b);
	/* Serial number of at most 20 bytes into buf (not terminated); 0 or errno. May be NULL. */
	int (*serial)(struct block_device *d, char *buf);
};

struct block_device {
	char name[16];			/* "vda", "vda1" */
	u32 dev;			/* dev_t of inode.h: MKDEV */
	u64 sectors;
	u32 block_size;			/* logical, >= 512 */
	u32 physical_block_size;	/* 0: the same */
	int max_segments;		/* per request; 0: BIO_MAX_SEGMENTS */
	bool read_only;
	const struct block_ops *ops;
	void *private;
	u64 start;			/* partitions: offset of the first sector */
	struct block_device *whole;	/* itself, or the device it is a part of */
	int part;			/* number of the partition; 0: the whole device */
	int minors;			/* of a whole device: how many numbers it may use (16) */
	u8 part_uuid[16];		/* partitions: GPT's, or MBR's disk signature and number */
	bool part_uuid_mbr;
	/* its pages: buffer cache of metadata, and /dev/vda's contents */
	struct inode *inode;
	struct list_head link;
	u32 openers;			/* open files and mounts; BLKRRPART refuses when in use */
	u64 reads, writes, sectors_read, sectors_written;	/* /proc/diskstats */
	u32 in_flight;
};

/* Numbers of virtio disks: 254 is Linux's first dynamic block major; 16 minors each. */
#define VIRTIO_BLOCK_MAJOR	254

/*
 * Make a device known: looks for partitions (MBR, GPT) and makes the nodes in devtmpfs. The driver
 * fills name, dev, sectors, block_size, read_only, ops, private, minors before. 0 or -ENOMEM. May
 * sleep.
 */
int block_register(struct block_device *d);
/*
 * Read the partition table again: 0, -EBUSY while a partition is in use, -EINVAL for a partition,
 * -ENOMEM.
 */
int block_rescan(struct block_device *d);
struct block_device *block_find(u32 dev);
/*
 * "vda", "/dev/vda", "254:1", "fe01", "PARTUUID=...", "UUID=..." (ext2's), "LABEL=..."; NULL if
 * there is none. May sleep.
 */
struct block_device *block_find_name(const char *name);
/* In order of registration, partitions behind their device. fn may not register devices. */
void block_for_each(void (*fn)(struct block_device *d, void *arg), void *arg);

/*
 * Operations of an open block special file (inode.h: block_open sets f->ops and f->private by
 * i->rdev).
 */
extern const struct file_ops block_file_ops;
/* of a file that block_open() opened, else NULL */
struct block_device *file_block_device(struct file *f);

/*
 * A request from the pool, with BIO_MAX_SEGMENTS segments; waits until there is one, never fails.
 * May sleep.
 */
struct bio *bio_alloc(struct block_device *d, enum bio_op op, u64 sector);
void bio_free(struct bio *b);			/* any context */
/*
 * Send it down. Requests beyond the end of the device end with -EIO, writes to a read-only one too.
 */
void bio_submit(struct bio *b);
/* Drivers: the request is done; error 0 or -EIO. Any context. */
void bio_end(struct bio *b, int error);
/* Append memory; false if the request is full. */
bool bio_add(struct bio *b, paddr_t addr, u32 len);

/* Read or write len bytes (whole sectors) of direct-mapped memory and wait: 0, -EIO or -ENOMEM. */
int block_rw(struct block_device *d, enum bio_op op, u64 sector, void *buf, size_t len);
int block_flush(struct block_device *d);	/* the device's write cache */
/* Write all dirty pages of the device and flush it: 0 or -EIO. */
int block_sync(struct block_device *d);

/*
 * Page-cache I/O for file systems on blocks: reads or writes n consecutive pages of c whose blocks
 * map() finds, in as few requests as their places allow; pages end by page_end_read() /
 * page_end_write().
 */
struct block_map {
	struct block_device *dev;
	unsigned block_bits;		/* log2 of the block size, 9 .. 12 */
	/*
	 * Where block `block` of the file lies: *result (0: a hole), and in *count how many blocks
	 * (>= 1, up to max) go on from there. 0 or errno. May sleep.
	 */
	int (*map)(struct page_cache *c, u64 block, u32 max, u64 *result, u32 *count);
};
void block_read_pages(struct page_cache *c, struct frame **pages, int n, const struct block_map *m);
void block_write_pages(struct page_cache *c, struct frame **pages, int n,
		       const struct block_map *m);

/*
 * Metadata blocks, cached in the device's page cache: buffer_read() gives a pointer to the block's
 * bytes, held until buffer_put(). The file system's own locks order changes; buffer_dirty() marks
 * them for write-back. Only the sectors that were marked are written: a page of the device may hold
 * data blocks too, which go to the disk past this cache.
 */
struct buffer {
	struct frame *page;
	void *data;
	u32 size;
	struct block_device *dev;
	u64 block;
};
/* 0, -EIO, -ENOMEM. A kill does not end the wait. */
int buffer_read(struct block_device *d, u64 block, u32 size, struct buffer *b);
/*
 * page_read() that a kill does not end, for what is read in the middle of a change, and when a
 * killed process's files are closed: the page, or ERR_PTR(-EIO, -ENOMEM).
 */
struct frame *page_read_uninterruptible(struct page_cache *c, u64 index, unsigned ahead);
/* The same, and read up to `ahead` pages behind it if it is not cached. */
int buffer_read_ahead(struct block_device *d, u64 block, u32 size, unsigned ahead,
		      struct buffer *b);
/* without reading, cleared and dirty */
int buffer_zero(struct block_device *d, u64 block, u32 size, struct buffer *b);
void buffer_dirty(struct buffer *b);
int buffer_sync(struct buffer *b);		/* write this block now and wait */
void buffer_put(struct buffer *b);
/*
 * A metadata block is freed: it must not be written any more (its place may become a file's). May
 * sleep.
 */
void buffer_forget(struct block_device *d, u64 block, u32 size);
