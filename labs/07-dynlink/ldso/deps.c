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

int find_library(const char *name, struct object *by, const char **path)
{
	/* EXERCISE 7.6: your code here. */
	exercise_blank("7.6");
	return -1;
}

void load_needed(struct scope *s)
{
	/* EXERCISE 7.6: your code here. */
	exercise_blank("7.6");
	return;
}
