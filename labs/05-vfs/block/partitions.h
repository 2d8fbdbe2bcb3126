/*
 * Reading partition tables, apart from any device so that it is tested on the host: the caller
 * gives a function that reads sectors. MBR with extended partitions, and GPT (UEFI 2.10, chapter
 * 5).
 */
#pragma once

#include "common/types.h"

#define MAX_PARTITIONS	15

struct partition {
	int number;		/* 1 .. MAX_PARTITIONS */
	u64 start, sectors;	/* of 512 bytes, within the device */
	/* GPT: as on the disk; MBR: the disk's signature in the first four bytes */
	u8 uuid[16];
	bool mbr;
};

/* Read one sector of 512 bytes into buf: 0 or errno. */
typedef int (*read_sector_fn)(void *dev, u64 sector, u8 *buf);

/*
 * Fill at most MAX_PARTITIONS elements of out; returns how many, or the errno of a read. Entries
 * that do not fit the device of `sectors` sectors are left out. buf: 512 bytes of scratch.
 */
int partitions_parse(void *dev, read_sector_fn read, u64 sectors, struct partition *out, u8 *buf);
