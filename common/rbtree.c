/*
 * Red-black trees (Cormen, Leiserson, Rivest, Stein: chapter 13; contract in rbtree.h).
 *
 * Invariants: the root is black; a red node's children are black; every path from a node down
 * to a NULL passes the same number of black nodes. NULL counts as black. Pure.
 */
#include "common/rbtree.h"

static bool is_red(const struct rb_node *n)
{
	return n && n->red;
}

/* Put n into the place that old has below its parent. */
static void replace_child(struct rb_root *root, struct rb_node *old, struct rb_node *n)
{
	struct rb_node *parent = old->parent;

	if (!parent)
		root->node = n;
	else if (parent->left == old)
		parent->left = n;
	else
		parent->right = n;
	if (n)
		n->parent = parent;
}

static void rotate_left(struct rb_root *root, struct rb_node *x)
{
	struct rb_node *y = x->right;

	x->right = y->left;
	if (y->left)
		y->left->parent = x;
	replace_child(root, x, y);
	y->left = x;
	x->parent = y;
}

static void rotate_right(struct rb_root *root, struct rb_node *x)
{
	struct rb_node *y = x->left;

	x->left = y->right;
	if (y->right)
		y->right->parent = x;
	replace_child(root, x, y);
	y->right = x;
	x->parent = y;
}

void rb_insert(struct rb_root *root, struct rb_node *n, struct rb_node *parent,
	       struct rb_node **link)
{
	*n = (struct rb_node){ .parent = parent, .red = true };
	*link = n;
	while (is_red(n->parent)) {
		struct rb_node *p = n->parent, *g = p->parent;
		bool left = p == g->left;
		struct rb_node *uncle = left ? g->right : g->left;

		if (is_red(uncle)) {		/* push the red up */
			p->red = uncle->red = false;
			g->red = true;
			n = g;
			continue;
		}
		if (n == (left ? p->right : p->left)) {	/* an inner child: make it an outer one */
			n = p;
			left ? rotate_left(root, n) : rotate_right(root, n);
			p = n->parent;
		}
		p->red = false;
		g->red = true;
		left ? rotate_right(root, g) : rotate_left(root, g);
	}
	root->node->red = false;
}

/*
 * The subtree at x (maybe NULL), below parent, has one black node too few on its paths. One step
 * handles the sibling's cases; returns when the paths are even again.
 */
static void erase_fixup(struct rb_root *root, struct rb_node *x, struct rb_node *parent)
{
	while (parent && !is_red(x)) {
		bool left = x == parent->left;
		struct rb_node *s = left ? parent->right : parent->left;

		if (s->red) {			/* make the sibling black */
			s->red = false;
			parent->red = true;
			left ? rotate_left(root, parent) : rotate_right(root, parent);
			s = left ? parent->right : parent->left;
		}
		if (!is_red(s->left) && !is_red(s->right)) {
			s->red = true;
			x = parent;
			parent = x->parent;
			continue;
		}
		if (!is_red(left ? s->right : s->left)) {	/* make the outer nephew red */
			(left ? s->left : s->right)->red = false;
			s->red = true;
			left ? rotate_right(root, s) : rotate_left(root, s);
			s = left ? parent->right : parent->left;
		}
		s->red = parent->red;
		parent->red = false;
		(left ? s->right : s->left)->red = false;
		left ? rotate_left(root, parent) : rotate_right(root, parent);
		return;
	}
	if (x)
		x->red = false;
}

void rb_erase(struct rb_root *root, struct rb_node *n)
{
	struct rb_node *child, *parent;
	bool lost_black;

	if (n->left && n->right) {	/* two children: the successor takes n's place */
		struct rb_node *next = n->right;

		while (next->left)
			next = next->left;
		child = next->right;
		lost_black = !next->red;
		parent = next->parent == n ? next : next->parent;
		if (next->parent != n) {
			replace_child(root, next, child);
			next->right = n->right;
			next->right->parent = next;
		}
		next->left = n->left;
		next->left->parent = next;
		next->red = n->red;
		replace_child(root, n, next);
	} else {
		child = n->left ? n->left : n->right;
		parent = n->parent;
		lost_black = !n->red;
		replace_child(root, n, child);
	}
	if (lost_black)
		erase_fixup(root, child, parent);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n && n->left)
		n = n->left;
	return n;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n && n->right)
		n = n->right;
	return n;
}

struct rb_node *rb_next(const struct rb_node *n)
{
	const struct rb_node *p;

	if (n->right) {
		for (p = n->right; p->left; p = p->left)
			;
		return (struct rb_node *)p;
	}
	for (p = n->parent; p && n == p->right; p = p->parent)
		n = p;
	return (struct rb_node *)p;
}

struct rb_node *rb_prev(const struct rb_node *n)
{
	const struct rb_node *p;

	if (n->left) {
		for (p = n->left; p->right; p = p->right)
			;
		return (struct rb_node *)p;
	}
	for (p = n->parent; p && n == p->left; p = p->parent)
		n = p;
	return (struct rb_node *)p;
}
