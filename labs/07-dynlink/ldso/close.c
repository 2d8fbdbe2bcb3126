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

void find_users(void)
{
	/* EXERCISE 7.8: your code here. */
	exercise_blank("7.8");
	return;
}

const struct elf64_sym *handle_lookup(void *handle, struct object *caller, const struct lookup *l,
				      struct object **where)
{
	/* EXERCISE 7.8: your code here. */
	exercise_blank("7.8");
	return NULL;
}
