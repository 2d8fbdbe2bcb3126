/*
 * A view: one choice of whose exercises are built, and the results of its tests.
 */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

static bool selected(const struct options *o, const struct view *v, const struct test *t)
{
	if (t->lab != v->lab && !(v->older && t->lab < v->lab && !t->program))
		return false;
	if (v->only && !list_match(v->only, t->id) && !list_match(v->only, t->exercise))
		return false;
	return !o->only || list_match(o->only, t->id) || list_match(o->only, t->exercise);
}

static int by_exercise(const void *a, const void *b)
{
	const struct test *x = ((const struct result *)a)->test;
	const struct test *y = ((const struct result *)b)->test;
	int order = strverscmp(x->exercise, y->exercise);

	return order ? order : (x > y) - (x < y);
}

struct view *view_new(const struct options *o, struct catalogue *c, struct view init)
{
	struct view *v = xrealloc(NULL, sizeof(*v));

	*v = init;
	v->results = xrealloc(NULL, (size_t)c->count * sizeof(*v->results));
	for (int i = 0; i < c->count; i++)
		if (selected(o, v, &c->tests[i]))
			v->results[v->count++] = (struct result){ .test = &c->tests[i] };
	qsort(v->results, (size_t)v->count, sizeof(*v->results), by_exercise);
	return v;
}

int view_points(const struct view *v)
{
	int sum = 0;

	for (int i = 0; i < v->count; i++)
		if (v->results[i].state == PASSED)
			sum += v->results[i].test->points;
	return sum;
}

int view_max_points(const struct view *v)
{
	int sum = 0;

	for (int i = 0; i < v->count; i++)
		sum += v->results[i].test->points;
	return sum;
}

int view_failed(const struct view *v)
{
	int n = 0;

	for (int i = 0; i < v->count; i++)
		n += v->results[i].state != PASSED;
	return n;
}

bool view_has(const struct view *v, const struct program *p)
{
	for (int i = 0; i < v->count; i++)
		if (v->results[i].test->program == p)
			return true;
	return false;
}

char *view_selection(const struct options *o, const struct view *v)
{
	if (o->only)
		return xstrdup(o->only);
	if (v->only)
		return xstrdup(v->only);
	return v->older ? xstrdup("*") : xasprintf("%d.*", v->lab);
}

struct result *view_find(const struct view *v, const char *id)
{
	for (int i = 0; i < v->count; i++)
		if (strcmp(v->results[i].test->id, id) == 0)
			return &v->results[i];
	return NULL;
}

char *view_slug(const struct view *v)
{
	char *s = xasprintf("0%d-%s", v->lab, v->name);

	for (char *p = s; *p; p++)
		if (*p == ' ' || *p == '/')
			*p = '-';
	return s;
}
