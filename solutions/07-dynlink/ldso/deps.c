/*
 * Exercise 7.6, first part: which libraries a program needs, where they are, and in which order
 * they are searched.
 *
 * Goal, load_needed(): s holds the program (and preloaded libraries), or the library that
 * dlopen() opens. Load what it needs (its DT_NEEDED entries, in order), then what those need,
 * and so on: breadth first, each object once. An object's own needs are noted in o->needed, the
 * first time that they are met (o->needed_loaded).
 * Goal, find_library(): a name with a slash is a path. Else the first of these that has it:
 *	1. DT_RPATH of `by`, then of who loaded `by`, and so on up to the program; but not at all if
 *	   `by` has a DT_RUNPATH, and not of an object that has one
 *	2. LD_LIBRARY_PATH, unless the process is secure (set-user-ID)
 *	3. DT_RUNPATH of `by` alone
 *	4. DEFAULT_PATH
 * $ORIGIN is the directory of the object whose list it stands in.
 * Invariants: the order of the list is the order in which symbols are looked up, so it is the
 * same wherever the files are. A user who sets a variable must not choose the code that a
 * set-user-ID program runs.
 * Symptom when wrong: the function that is called is another library's of the same name; "is
 * not found" for a library that is beside the program; a constructor that runs twice.
 * Read: gABI chapter 5, "Shared Object Dependencies"; ld.so(8); path.c.
 * Tests: ldso_breadth_first, ldso_once, ldso_runpath, ldso_rpath, ldso_secure.
 */
#include "07-dynlink/ldso/ldso.h"

/* EXERCISE 7.6 BEGIN  blank-toplevel */
/* A list of directories from the dynamic section, or NULL. */
static const char *list_of(const struct object *o, int tag)
{
	return o->tag[tag] ? o->strings + o->tag[tag] : NULL;
}

static int open_in_rpaths(const char *name, const struct object *by, const char **path)
{
	int fd = -1;

	if (by->tag[DT_RUNPATH])
		return -1;
	for (const struct object *o = by; o && fd < 0; o = o->loader)
		if (!o->tag[DT_RUNPATH])
			fd = open_in(list_of(o, DT_RPATH), name, o, path);
	return fd;
}
/* EXERCISE 7.6 END */

int find_library(const char *name, struct object *by, const char **path)
{
	/* EXERCISE 7.6 BEGIN  blank: return -1; */
	int fd;

	if (str_has(name, '/')) {
		*path = name;
		return sys_open(name);
	}
	fd = open_in_rpaths(name, by, path);
	if (fd < 0 && !secure)
		fd = open_in(library_path, name, by, path);
	if (fd < 0)
		fd = open_in(list_of(by, DT_RUNPATH), name, by, path);
	if (fd < 0)
		fd = open_in(DEFAULT_PATH, name, by, path);
	return fd;
	/* EXERCISE 7.6 END */
}

void load_needed(struct scope *s)
{
	/* EXERCISE 7.6 BEGIN  blank: return; */
	for (int i = 0; i < s->count; i++) {
		struct object *o = s->list[i], *n;
		const struct elf64_dyn *d = o->dynamic;

		for (; !o->needed_loaded && d && d->d_tag != DT_NULL; d++) {
			if (d->d_tag != DT_NEEDED)
				continue;
			n = load_library(o->strings + d->d_val, o, false);
			scope_add(&o->needed, n);
		}
		o->needed_loaded = true;
		for (int k = 0; k < o->needed.count; k++)
			scope_add(s, o->needed.list[k]);
	}
	/* EXERCISE 7.6 END */
}
