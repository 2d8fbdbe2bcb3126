/*
 * A radix tree, six bits of the index per level (contract in radix.h). Pure.
 *
 * A tree of height h holds indices below 64^h; the root's level is h, the leaves' is 1. count
 * tells how many slots of a node are in use: a node exists only while that is not zero, but
 * for the moment in which an insertion builds a path.
 */
#include "common/radix.h"
#include "common/errno.h"

#define RADIX_BITS	6
#define RADIX_SLOTS	(1 << RADIX_BITS)
#define MAX_HEIGHT	11	/* 11 * 6 >= 64 */

struct radix_node {
	unsigned count;
	void *slot[RADIX_SLOTS];
};

struct radix_allocator radix_allocator;

static unsigned slot_of(u64 index, unsigned level)
{
	return index >> (level - 1) * RADIX_BITS & (RADIX_SLOTS - 1);
}

/* Does index fit into a tree of this height? */
static bool fits(u64 index, unsigned height)
{
	return height >= MAX_HEIGHT || index >> height * RADIX_BITS == 0;
}

static struct radix_node *new_node(void)
{
	return radix_allocator.alloc(sizeof(struct radix_node));
}

static void free_node(struct radix_node *n)
{
	radix_allocator.free(n, sizeof(*n));
}

void *radix_lookup(const struct radix_tree *t, u64 index)
{
	struct radix_node *n = t->root;

	if (!n || !fits(index, t->height))
		return NULL;
	for (unsigned level = t->height; level > 1 && n; level--)
		n = n->slot[slot_of(index, level)];
	return n ? n->slot[slot_of(index, 1)] : NULL;
}

/*
 * Free the nodes on the way to index that hold nothing, from the bottom up; take levels away
 * whose only slot is the first.
 */
static void prune(struct radix_tree *t, u64 index)
{
	struct radix_node *path[MAX_HEIGHT + 1], *n = t->root;
	unsigned level = t->height;

	for (; n && level >= 1; level--) {
		path[level] = n;
		n = level > 1 ? n->slot[slot_of(index, level)] : NULL;
	}
	for (level++; level <= t->height && path[level]->count == 0; level++) {
		free_node(path[level]);
		if (level == t->height) {
			*t = RADIX_TREE_INIT;
			return;
		}
		path[level + 1]->slot[slot_of(index, level + 1)] = NULL;
		path[level + 1]->count--;
	}
	while (t->height > 1 && t->root->count == 1 && t->root->slot[0]) {
		n = t->root;
		t->root = n->slot[0];
		t->height--;
		free_node(n);
	}
}

/* Put levels on top until index fits. */
static int grow(struct radix_tree *t, u64 index)
{
	if (!t->root) {
		t->root = new_node();
		if (!t->root)
			return -ENOMEM;
		t->height = 1;
		while (!fits(index, t->height))
			t->height++;
		return 0;
	}
	while (!fits(index, t->height)) {
		struct radix_node *n = new_node();

		if (!n)
			return -ENOMEM;
		n->slot[0] = t->root;
		n->count = 1;
		t->root = n;
		t->height++;
	}
	return 0;
}

int radix_insert(struct radix_tree *t, u64 index, void *item)
{
	int error = grow(t, index);
	struct radix_node *n = t->root;
	void **slot;

	for (unsigned level = t->height; !error && level > 1; level--) {
		slot = &n->slot[slot_of(index, level)];
		if (!*slot) {
			*slot = new_node();
			if (!*slot) {
				error = -ENOMEM;
				break;
			}
			n->count++;
		}
		n = *slot;
	}
	if (!error && n->slot[slot_of(index, 1)])
		return -EEXIST;
	if (error) {
		if (t->root)
			prune(t, index);
		return error;
	}
	n->slot[slot_of(index, 1)] = item;
	n->count++;
	return 0;
}

void *radix_remove(struct radix_tree *t, u64 index)
{
	struct radix_node *n = t->root;
	void *item;

	if (!radix_lookup(t, index))
		return NULL;
	for (unsigned level = t->height; level > 1; level--)
		n = n->slot[slot_of(index, level)];
	item = n->slot[slot_of(index, 1)];
	n->slot[slot_of(index, 1)] = NULL;
	if (--n->count == 0 || t->height > 1)
		prune(t, index);
	return item;
}

/* The first item at or after *index in the subtree n, which begins at or before it. */
static void *next_in(const struct radix_node *n, unsigned level, u64 *index)
{
	unsigned shift = (level - 1) * RADIX_BITS;

	for (unsigned i = slot_of(*index, level); i < RADIX_SLOTS; i++) {
		void *found = n->slot[i];

		if (!found)	/* on to the next slot's first index */
			*index = ((*index >> shift) + 1) << shift;
		else if (level > 1)	/* which leaves *index there, too, if it finds nothing */
			found = next_in(found, level - 1, index);
		if (found)
			return found;
	}
	return NULL;
}

void *radix_next(const struct radix_tree *t, u64 *index)
{
	u64 i = *index;
	void *found;

	if (!t->root || !fits(i, t->height))
		return NULL;
	found = next_in(t->root, t->height, &i);
	if (found)
		*index = i;
	return found;
}
