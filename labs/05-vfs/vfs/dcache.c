/*
 * Exercise 5.2: the dentry cache's hash table.
 *
 * Goal: find the dentry of a name in a directory without asking the file system, and without
 * taking references: the caller holds dcache_lock for as long as he looks at the result.
 * Invariant: a dentry stands in the bucket of (its parent, its hash) exactly while DENTRY_HASHED
 * is set, and no two hashed dentries have the same parent and name. Equal hashes do not mean equal
 * names, and equal names in different directories are different dentries.
 * Symptoms when wrong: every lookup reads the directory again and the tests that count lookups
 * fail (never found, or never inserted); a file is seen in a directory that does not have it
 * (parent not compared); "lib" found when "lib64" was asked for (length not compared); an endless
 * loop in a bucket (inserted twice, or changed parent or name while hashed).
 * Reading: dentry.h and vfs/dcache.h; common/list.h; path_resolution(7).
 */
#include "05-vfs/vfs/dcache.h"

u64 dcache_hits, dcache_misses;

/*
 * The dentry of n in parent, or NULL. Counts a hit or a miss, and marks a hit DENTRY_USED so that
 * the shrinker passes it over once.
 */
struct dentry *dcache_find(struct dentry *parent, const struct name *n)
{
	/* EXERCISE 5.2: your code here. */
	exercise_blank("5.2");
	return NULL;
}

/* Make d findable under its parent, name and hash, which do not change while it is hashed. */
void dcache_insert(struct dentry *d)
{
	/* EXERCISE 5.2: your code here. */
	exercise_blank("5.2");
}

/* The opposite; harmless for a dentry that is not hashed. */
void dcache_remove(struct dentry *d)
{
	/* EXERCISE 5.2: your code here. */
	exercise_blank("5.2");
}
