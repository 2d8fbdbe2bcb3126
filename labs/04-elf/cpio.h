/*
 * The newc cpio format of initial ramdisks (cpio(5); Linux: Documentation/driver-api/
 * early-userspace/buffer-format.rst). Pure functions on a buffer: nothing in the archive is
 * trusted.
 */
#pragma once

#include "common/types.h"

struct cpio_entry {
	const char *name;	/* in the archive, terminated; mostly without a leading slash */
	u32 ino, mode, uid, gid, nlink, mtime;
	u32 dev_major, dev_minor, rdev_major, rdev_minor;
	const void *data;	/* contents of a file, target of a link (not terminated) */
	u64 size;
};

/*
 * The entry at *offset (0: the first), which then moves behind it; several archives, padded with
 * zeroes, may follow each other. 1: *e is filled; 0: the end; -EINVAL: the archive is damaged at
 * *offset.
 */
int cpio_next(const void *archive, u64 size, u64 *offset, struct cpio_entry *e);

/*
 * Name of the compression that the buffer is packed with ("gzip"), or NULL if none is recognised.
 */
const char *cpio_compression(const void *archive, u64 size);

/*
 * The entry with this path; leading and doubled slashes and "." do not matter. Contents of a hard
 * link that the archive stores elsewhere are found. 1, 0 (not there) or -EINVAL.
 */
int cpio_find(const void *archive, u64 size, const char *path, size_t path_len,
	      struct cpio_entry *e);
