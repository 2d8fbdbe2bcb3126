/*
 * Exercise 7.6, second part: the order of constructors and destructors (gABI chapter 5,
 * "Initialization and Termination Functions").
 *
 * Goal, run_constructors(): those of each object in s that have not run yet, by
 * call_constructors(o), an object's needed ones before its own. Objects that do not depend on
 * each other are taken from the list's end, as glibc does. If the program is in s,
 * call_preinit() comes before all.
 * Goal, run_destructors(): call_destructors(o) for what was constructed, the last first: for
 * all objects, or for those that are not in_use.
 * Invariants: each runs once. Libraries may need each other in a circle, which is cut where it
 * is entered: init_started. A destructor may load or unload, so look at the list anew after
 * each.
 * Symptom when wrong: a constructor finds the library that it uses not set up; output of a
 * destructor is missing because what it prints with has ended before.
 * Read: struct object, `constructed` and init_next: a stack of what was constructed; call.c.
 * Tests: ldso_constructors, ldso_destructors, ldso_circle.
 */
#include "07-dynlink/ldso/ldso.h"

struct object *constructed;

/* EXERCISE 7.6 BEGIN  blank-toplevel */
static void construct(struct object *o)
{
	if (o->init_started)
		return;
	o->init_started = true;
	for (int i = 0; i < o->needed.count; i++)
		construct(o->needed.list[i]);
	o->init_next = constructed;
	constructed = o;
	call_constructors(o);
}

/* Take the first that is to be destroyed off the stack; NULL: none is left. */
static struct object *take(bool all)
{
	struct object **link = &constructed, *o;

	while (*link && !all && (*link)->in_use)
		link = &(*link)->init_next;
	o = *link;
	if (o)
		*link = o->init_next;
	return o;
}
/* EXERCISE 7.6 END */

void run_constructors(const struct scope *s)
{
	/* EXERCISE 7.6 BEGIN  blank: return; */
	if (scope_has(s, objects) && !objects->init_started)
		call_preinit(objects);
	for (int i = s->count; i-- > 0; )
		construct(s->list[i]);
	/* EXERCISE 7.6 END */
}

void run_destructors(bool all)
{
	/* EXERCISE 7.6 BEGIN  blank: return; */
	struct object *o;

	while ((o = take(all)))
		call_destructors(o);
	/* EXERCISE 7.6 END */
}
