/*
 * Exercise 7.8, second part: which libraries are still in use, and where dlsym() looks.
 *
 * Goal, find_users(): set in_use for every object that must stay: those that are never unloaded
 * (nodelete), those that dlopen() holds (open_count), and whatever one of these needs (needed)
 * or was bound to (bound), and so on; false for all others.
 * Invariant: libraries may need each other in a circle: that alone keeps neither of them.
 * Goal, handle_lookup(): the first definition of l in
 *	RTLD_DEFAULT		the global scope, then the search list of the caller's group
 *	RTLD_NEXT		the one of these two lists that the caller is in, behind the caller
 *	the program's handle	(`objects`) the global scope
 *	another object		its search list
 * and the object that has it in *where; or NULL.
 * Symptom when wrong: dlclose() unmaps code that somebody still calls, or never unmaps
 * anything; a wrapper that asks for the next malloc() finds itself, and calls itself for ever.
 * Read: struct object in ldso.h; dlopen(3), dlsym(3); dlfcn.c, dlclose().
 * Tests: ldso_dlclose, ldso_unload, ldso_next, ldso_default, ldso_global.
 */
#include "07-dynlink/ldso/ldso.h"

/* EXERCISE 7.8 BEGIN  blank-toplevel */
static void mark(struct object *o)
{
	if (o->in_use)
		return;
	o->in_use = true;
	for (int i = 0; i < o->needed.count; i++)
		mark(o->needed.list[i]);
	for (int i = 0; i < o->bound.count; i++)
		mark(o->bound.list[i]);
}

static int behind(const struct scope *s, const struct object *o)
{
	int i = 0;

	while (i < s->count && s->list[i] != o)
		i++;
	return i + 1;
}
/* EXERCISE 7.8 END */

void find_users(void)
{
	/* EXERCISE 7.8 BEGIN  blank: return; */
	for (struct object *o = objects; o; o = o->next)
		o->in_use = false;
	for (struct object *o = objects; o; o = o->next)
		if (o->nodelete || o->open_count > 0)
			mark(o);
	/* EXERCISE 7.8 END */
}

const struct elf64_sym *handle_lookup(void *handle, struct object *caller, const struct lookup *l,
				      struct object **where)
{
	/* EXERCISE 7.8 BEGIN  blank: return NULL; */
	const struct scope *group = caller->group ? &caller->group->search : NULL;
	const struct elf64_sym *s;

	if (handle == RTLD_NEXT && group && !scope_has(&global_scope, caller))
		return scope_lookup(group, behind(group, caller), l, NULL, where);
	if (handle == RTLD_NEXT)
		return scope_lookup(&global_scope, behind(&global_scope, caller), l, NULL, where);
	if (handle != RTLD_DEFAULT && handle != objects)
		return scope_lookup(&((struct object *)handle)->search, 0, l, NULL, where);
	s = scope_lookup(&global_scope, 0, l, NULL, where);
	if (!s && handle == RTLD_DEFAULT && group)
		s = scope_lookup(group, 0, l, NULL, where);
	return s;
	/* EXERCISE 7.8 END */
}
