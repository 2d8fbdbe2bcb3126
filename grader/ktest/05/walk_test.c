/*
 * Exercise 5.1 from inside: what a walk leaves referenced.
 */
#include "common/errno.h"
#include "common/ktest.h"
#include "common/printk.h"
#include "05-vfs/vfs/dcache.h"
#include "05-vfs/vfs/internal.h"

#define NAMES	60

/* Free what nobody holds; who was found lately gets a second chance, so more than once. */
static u64 dentries_held(void)
{
	for (int i = 0; i < 3; i++)
		dentry_shrink(dentry_count());
	return dentry_count();
}

static int look(int number)
{
	char name[32];
	struct path p;
	int error;

	snprintf(name, sizeof(name), "/missing-%d", number);
	error = path_lookup(AT_FDCWD, name, 0, &p);
	if (!error)
		path_put(&p);
	return error;
}

KTEST(walk_no_leak, "5.1", 2, "a walk that ends at a missing name keeps nothing: its dentry can be freed")
{
	u64 before = dentries_held(), full, after;

	for (int i = 0; i < NAMES; i++)
		KTEST_EQ(look(i), -ENOENT);
	full = dentry_count();
	KTEST_MSG(full >= before + NAMES,
		  "%d missing names should be remembered; there are %lu dentries, and were %lu",
		  NAMES, full, before);
	after = dentries_held();
	KTEST_MSG(after < before + NAMES / 2,
		  "%d lookups of missing names have left %lu dentries that cannot be freed", NAMES,
		  after - before);
}
