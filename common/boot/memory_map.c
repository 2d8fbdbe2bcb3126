/*
 * Puts the loader's list of memory ranges in order.
 *
 * Firmware reports ranges unsorted, touching and sometimes overlapping. All bounds are sorted;
 * between two neighbouring bounds the type is constant: the worst of the ranges that cover the
 * interval (enum memory_type is ordered that way). Few ranges, so a quadratic search will do.
 */
#include "common/boot/boot.h"

static void sort_u64(u64 *a, int n)
{
	for (int i = 1; i < n; i++) {
		u64 v = a[i];
		int j = i;

		for (; j > 0 && a[j - 1] > v; j--)
			a[j] = a[j - 1];
		a[j] = v;
	}
}

/* The worst type that covers [start, end), or 0 for a hole. */
static int type_of(const struct memory_range *r, int n, u64 start, u64 end)
{
	int type = 0;

	for (int i = 0; i < n; i++)
		if (r[i].start <= start && end <= r[i].end && (int)r[i].type > type)
			type = r[i].type;
	return type;
}

/* Usable memory counts in whole pages; firmware's ranges stay as they are. */
static bool trim(struct memory_range *r)
{
	if (r->type == MEMORY_USABLE) {
		r->start = ALIGN_UP(r->start, PAGE_SIZE);
		r->end = ALIGN_DOWN(r->end, PAGE_SIZE);
	}
	return r->start < r->end;
}

int memory_normalise(const struct memory_range *in, int n, struct memory_range *out, int max)
{
	static u64 bound[2 * (2 * MAX_MEMORY_RANGES + 1)];
	struct memory_range current = { 0, 0, 0 };
	int bounds = 0, count = 0;

	for (int i = 0; i < n && bounds + 2 <= ARRAY_SIZE(bound); i++) {
		if (in[i].start >= in[i].end)
			continue;
		bound[bounds++] = in[i].start;
		bound[bounds++] = in[i].end;
	}
	sort_u64(bound, bounds);
	for (int i = 0; i + 1 < bounds; i++) {
		int type = type_of(in, n, bound[i], bound[i + 1]);

		if (bound[i] == bound[i + 1] || !type)
			continue;
		if (current.type == type && current.end == bound[i]) {
			current.end = bound[i + 1];
			continue;
		}
		if (current.type && trim(&current) && count < max)
			out[count++] = current;
		current = (struct memory_range){ bound[i], bound[i + 1], type };
	}
	if (current.type && trim(&current) && count < max)
		out[count++] = current;
	return count;
}
