/*
 * A red-black tree (Cormen et al., chapter 13), intrusive like list.h: the user
 * walks down to find the place, links the node and lets rb_insert() balance.
 * The caller locks. Height is at most 2 log2(n + 1).
 */
#pragma once

#include "common/types.h"

struct rb_node {
	struct rb_node *parent, *left, *right;
	bool red;
};

struct rb_root {
	struct rb_node *node;
};

#define RB_ROOT		((struct rb_root){ NULL })
#define rb_entry(ptr, type, member)	container_of(ptr, type, member)

/* Hang n below parent at *link (as found by walking down), then rebalance. */
void rb_insert(struct rb_root *root, struct rb_node *n, struct rb_node *parent,
	       struct rb_node **link);

/* Take n out and rebalance. */
void rb_erase(struct rb_root *root, struct rb_node *n);

/* In order; NULL at the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);
