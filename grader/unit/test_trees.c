/*
 * common/list.h, common/rbtree.c and common/radix.c: random operations against a plain array,
 * with the red-black rules checked after each.
 */
#include <errno.h>
#include <stdlib.h>

#include "unit.h"

#include "kernel_names.h"
#include "common/list.h"
#include "common/radix.h"
#include "common/rbtree.h"

/* ---- list ---- */

struct item {
	int value;
	struct list_head link;
};

START_TEST(list_operations)
{
	struct item items[4] = { { .value = 0 }, { .value = 1 }, { .value = 2 }, { .value = 3 } };
	struct item *p, *tmp;
	LIST_HEAD(a);
	LIST_HEAD(b);
	int n = 0;

	list_add_tail(&items[1].link, &a);
	list_add_tail(&items[2].link, &a);
	list_add(&items[0].link, &a);
	list_add(&items[3].link, &b);
	list_splice_tail(&b, &a);
	ck_assert(list_empty(&b));
	list_for_each_entry(p, &a, link)
		ck_assert_int_eq(p->value, n++);
	ck_assert_int_eq(n, 4);
	list_move_tail(&items[0].link, &a);
	ck_assert_int_eq(list_last_entry(&a, struct item, link)->value, 0);
	ck_assert_int_eq(list_first_entry(&a, struct item, link)->value, 1);
	list_for_each_entry_safe(p, tmp, &a, link)
		list_del(&p->link);
	ck_assert(list_empty(&a));
	list_del(&items[0].link);	/* a second removal is harmless */
}
END_TEST

/* ---- red-black tree ---- */

struct node {
	int key;
	struct rb_node rb;
};

static void insert(struct rb_root *root, struct node *n)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = n->key < rb_entry(parent, struct node, rb)->key ? &parent->left :
									&parent->right;
	}
	rb_insert(root, &n->rb, parent, link);
}

/* The rules below n hold; returns the number of black nodes on each way down. */
static int check_rules(const struct rb_node *n, const struct rb_node *parent)
{
	int left, right;

	if (!n)
		return 1;
	ck_assert_ptr_eq(n->parent, parent);
	ck_assert(!(n->red && parent && parent->red));
	left = check_rules(n->left, n);
	right = check_rules(n->right, n);
	ck_assert_int_eq(left, right);
	return left + !n->red;
}

static void check_tree(const struct rb_root *root, int count)
{
	int n = 0, last = -1;
	struct rb_node *p, *prev = NULL;

	ck_assert(!root->node || !root->node->red);
	check_rules(root->node, NULL);
	for (p = rb_first(root); p; p = rb_next(p), n++) {
		ck_assert_int_gt(rb_entry(p, struct node, rb)->key, last);
		last = rb_entry(p, struct node, rb)->key;
		ck_assert_ptr_eq(rb_prev(p), prev);
		prev = p;
	}
	ck_assert_int_eq(n, count);
	ck_assert_ptr_eq(rb_last(root), prev);
}

#define KEYS	200

START_TEST(rbtree_random)
{
	static struct node nodes[KEYS];
	bool in[KEYS] = { false };
	struct rb_root root = RB_ROOT;
	int count = 0;

	srand((unsigned)_i + 1);
	for (int i = 0; i < 4000; i++) {
		int k = rand() % KEYS;

		nodes[k].key = k;
		if (in[k]) {
			rb_erase(&root, &nodes[k].rb);
			count--;
		} else {
			insert(&root, &nodes[k]);
			count++;
		}
		in[k] = !in[k];
		check_tree(&root, count);
	}
}
END_TEST

START_TEST(rbtree_in_order)
{
	static struct node nodes[KEYS];
	struct rb_root root = RB_ROOT;

	for (int k = 0; k < KEYS; k++) {
		nodes[k].key = _i ? KEYS - 1 - k : k;
		insert(&root, &nodes[k]);
		check_tree(&root, k + 1);
	}
	for (int k = 0; k < KEYS; k++) {
		rb_erase(&root, &nodes[k].rb);
		check_tree(&root, KEYS - 1 - k);
	}
	ck_assert_ptr_null(root.node);
}
END_TEST

/* ---- radix tree ---- */

static int allocated, fail_after = -1;

static void *test_alloc(size_t size)
{
	if (fail_after == 0)
		return NULL;
	if (fail_after > 0)
		fail_after--;
	allocated++;
	return calloc(1, size);
}

static void test_free(void *node, size_t size)
{
	allocated--;
	free(node);
}

static const u64 indices[] = {
	0, 1, 63, 64, 65, 4095, 4096, 262143, 262144, 1UL << 30, (1UL << 36) + 5, UINT64_MAX - 1,
	UINT64_MAX,
};

static void use_test_allocator(void)
{
	radix_allocator.alloc = test_alloc;
	radix_allocator.free = test_free;
}

START_TEST(radix_edges)
{
	struct radix_tree t = RADIX_TREE_INIT;
	u64 at = 0;
	int n = 0;

	use_test_allocator();
	for (size_t i = 0; i < ARRAY_SIZE(indices); i++) {
		ck_assert_ptr_null(radix_lookup(&t, indices[i]));
		ck_assert_int_eq(radix_insert(&t, indices[i], (void *)&indices[i]), 0);
		ck_assert_int_eq(radix_insert(&t, indices[i], (void *)&indices[0]), -EEXIST);
		for (size_t k = 0; k <= i; k++)
			ck_assert_ptr_eq(radix_lookup(&t, indices[k]), &indices[k]);
	}
	for (void *p; (p = radix_next(&t, &at)); n++) {
		ck_assert_uint_eq(at, indices[n]);
		ck_assert_ptr_eq(p, &indices[n]);
		if (at++ == UINT64_MAX)
			break;
	}
	ck_assert_int_ge(n, (int)ARRAY_SIZE(indices) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(indices); i++) {
		ck_assert_ptr_eq(radix_remove(&t, indices[i]), &indices[i]);
		ck_assert_ptr_null(radix_remove(&t, indices[i]));
	}
	ck_assert_int_eq(allocated, 0);
}
END_TEST

START_TEST(radix_random)
{
	struct radix_tree t = RADIX_TREE_INIT;
	static bool in[5000];
	int count = 0;

	use_test_allocator();
	srand((unsigned)_i + 1);
	for (int i = 0; i < 20000; i++) {
		u64 k = (u64)(rand() % 5000);

		if (in[k])
			ck_assert_ptr_eq(radix_remove(&t, k), &in[k]);
		else
			ck_assert_int_eq(radix_insert(&t, k, &in[k]), 0);
		in[k] = !in[k];
	}
	for (u64 k = 0, at; k < 5000; k++) {
		ck_assert_ptr_eq(radix_lookup(&t, k), in[k] ? &in[k] : NULL);
		count += in[k];
		at = k;
		if (radix_next(&t, &at))
			ck_assert(in[at]);
	}
	for (u64 k = 0; k < 5000; k++)
		if (in[k])
			radix_remove(&t, k);
	ck_assert_int_gt(count, 0);
	ck_assert_int_eq(allocated, 0);
}
END_TEST

START_TEST(radix_without_memory)
{
	struct radix_tree t = RADIX_TREE_INIT;

	use_test_allocator();
	ck_assert_int_eq(radix_insert(&t, 3, (void *)&indices[0]), 0);
	for (int n = 0; n < 20; n++) {
		int before = allocated, error;

		fail_after = n;
		error = radix_insert(&t, 1UL << 40, (void *)&indices[1]);
		fail_after = -1;
		ck_assert_ptr_eq(radix_lookup(&t, 3), &indices[0]);
		if (!error) {
			ck_assert_ptr_eq(radix_lookup(&t, 1UL << 40), &indices[1]);
			break;
		}
		ck_assert_int_eq(error, -ENOMEM);
		ck_assert_ptr_null(radix_lookup(&t, 1UL << 40));
		ck_assert_int_ge(allocated, before);
	}
	radix_remove(&t, 1UL << 40);
	radix_remove(&t, 3);
	ck_assert_int_eq(allocated, 0);
}
END_TEST

static Suite *tree_suite(void)
{
	Suite *s = suite_create("trees");
	TCase *t = tcase_create("trees");

	tcase_add_test(t, list_operations);
	tcase_add_loop_test(t, rbtree_random, 0, 4);
	tcase_add_loop_test(t, rbtree_in_order, 0, 2);
	tcase_add_test(t, radix_edges);
	tcase_add_loop_test(t, radix_random, 0, 4);
	tcase_add_test(t, radix_without_memory);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(tree_suite);
