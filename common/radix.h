/*
 * A radix tree from a 64-bit index to a pointer: what a page cache or a shared
 * memory object keeps its frames in. Six bits per level; the height grows with
 * the largest index. Interior nodes come from the allocator that the user gives,
 * so that this file builds on the host for its unit tests.
 *
 * The caller locks. Lookup of the last leaf is O(height): one or two steps for ordinary files.
 */
#pragma once

#include "common/types.h"

struct radix_node;

struct radix_tree {
	struct radix_node *root;
	unsigned height;	/* levels; 0: empty */
};

#define RADIX_TREE_INIT	((struct radix_tree){ NULL, 0 })

/* Who allocates nodes; alloc returns zeroed memory or NULL and must not sleep. */
struct radix_allocator {
	void *(*alloc)(size_t size);
	void (*free)(void *node, size_t size);
};
/* Set once at boot, by 01-memory. */
extern struct radix_allocator radix_allocator;

void *radix_lookup(const struct radix_tree *t, u64 index);
/* Store item (not NULL) at an index that is empty: 0, -EEXIST or -ENOMEM. */
int radix_insert(struct radix_tree *t, u64 index, void *item);
/* Remove and return what stands at index, or NULL. Frees nodes that become empty. */
void *radix_remove(struct radix_tree *t, u64 index);
/* The first item with an index >= *index, which is updated; NULL if none. */
void *radix_next(const struct radix_tree *t, u64 *index);
