/*
 * The dentry cache's hash table: what dcache.c (exercise 5.2) and dentry.c share.
 *
 * A bucket is a list of dentries by hash_link. Buckets are chosen by parent and name together, so
 * that the many names that stand in every directory ("lib", "Makefile") spread out.
 *
 * A fixed table is enough for a teaching kernel: 4096 buckets are 64 KiB. With far more dentries
 * the lists get longer and lookups slower, but nothing breaks; a kernel for large machines resizes
 * the table and searches it without a lock (Linux: RCU and sequence counts).
 */
#pragma once

#include "common/types.h"
#include "05-vfs/dentry.h"

#define DCACHE_BITS	12
#define DCACHE_BUCKETS	(1U << DCACHE_BITS)

extern struct list_head dcache_table[DCACHE_BUCKETS];

/*
 * The bucket for a name with that hash in parent. Dentries are aligned, so the lowest bits of the
 * address are equal for all. The multiplier is a prime near 2^32 divided by the golden ratio
 * (Knuth, volume 3, 6.4): it spreads over the high bits, which are the ones used.
 */
static inline struct list_head *dcache_bucket(const struct dentry *parent, u32 hash)
{
	u32 h = (hash ^ (u32)((u64)parent >> 6)) * 0x9e3779b1u;

	return &dcache_table[h >> (32 - DCACHE_BITS)];
}

/* Whether the two strings of n bytes are equal; for short ones quicker than calling memcmp(). */
static inline bool name_equal(const char *a, const char *b, u32 n)
{
	while (n--)
		if (*a++ != *b++)
			return false;
	return true;
}
