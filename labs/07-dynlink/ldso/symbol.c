/*
 * From a reference to its definition: which objects are asked, for which version, and in which
 * order. The first that has the symbol wins, weak or not; so a program can replace a function
 * of a library (interposition).
 */
#include "07-dynlink/ldso/ldso.h"

/*
 * Exercise 7.5, second part: versions.
 *
 * Goal, version_matches(): whether a definition, symbol number `index` of o, has the version
 * that l asks for. o->versym[index] has the number of the definition's version (VERSYM_INDEX)
 * and the mark VERSYM_HIDDEN: linked before this one became the default, reached by its
 * version's name only.
 *	an object without versions (no versym or no verdef)	always
 *	l->version	that name; also a definition without version (1) that is not hidden
 *	l->base		the object's first version (2) or none (1), hidden or not
 *	neither		the default version: not hidden
 * A definition of index 0 is local and never matches.
 * Goal, reference_version(): the name of the version that o's own symbol number `index` asks
 * for or, if it is defined in o, has; NULL for the indices below 2, which name none.
 * Invariant: a program keeps the version it was linked with, whatever newer ones the library
 * has.
 * Symptom when wrong: an old program gets the new function of that name and crashes much later.
 * Read: version.c; LSB Core, "Symbol Versioning"; Drepper, "ELF Symbol Versioning".
 * Tests: ldso_versions, ldso_base_version.
 */
bool version_matches(const struct object *o, u32 index, const struct lookup *l)
{
	/* EXERCISE 7.5: your code here. */
	exercise_blank("7.5");
	return true;
}

static const char *reference_version(const struct object *o, u32 index)
{
	/* EXERCISE 7.5: your code here. */
	exercise_blank("7.5");
	return NULL;
}

const struct elf64_sym *scope_lookup(const struct scope *s, int from, const struct lookup *l,
				     const struct object *skip, struct object **where)
{
	for (int i = from; i < s->count; i++) {
		const struct elf64_sym *found = s->list[i] == skip ? NULL :
			object_lookup(s->list[i], l);

		if (found) {
			*where = s->list[i];
			return found;
		}
	}
	return NULL;
}

/*
 * Exercise 7.5, third part: the objects that are asked for a reference of o.
 *
 * Goal: the first definition in
 *	1. o itself, if it was linked with -Bsymbolic (o->symbolic)
 *	2. the global scope
 *	3. if o came by dlopen() (o->group): the search list of the library that was opened
 * and the object that has it in *where; or NULL. `skip` is never asked.
 * Invariant: a library from dlopen() cannot replace a symbol that the program or what it was
 * started with defines.
 * Symptom when wrong: the program's malloc() is used by some libraries and not by others.
 * Read: scope_lookup(); gABI chapter 5, "Shared Object Dependencies" and DT_SYMBOLIC.
 * Tests: ldso_interpose.
 */
static const struct elf64_sym *search_scopes(struct object *o, const struct lookup *l,
					     const struct object *skip, struct object **where)
{
	/* EXERCISE 7.5: your code here. */
	exercise_blank("7.5");
	return NULL;
}

/* o was bound to d: as long as o is there, dlclose() must not unload d. */
static void note_binding(struct object *o, struct object *d)
{
	if (d != o && !d->nodelete && !scope_has(&o->needed, d))
		scope_add(&o->bound, d);
}

const struct elf64_sym *symbol_find(struct object *o, u32 index, u32 type, struct object **where)
{
	const struct elf64_sym *ref = &o->symbols[index], *s;
	struct lookup l = { .name = o->strings + ref->st_name };

	*where = o;
	if (ELF64_ST_BIND(ref->st_info) == STB_LOCAL)
		return ref;
	l.gnu_hash = gnu_hash(l.name);
	l.version = reference_version(o, index);
	l.base = !l.version;
	l.call = type == R_X86_64_JUMP_SLOT;
	lock(&scope_lock);
	s = search_scopes(o, &l, type == R_X86_64_COPY ? o : NULL, where);
	if (s)
		note_binding(o, *where);
	unlock(&scope_lock);
	if (!s && ELF64_ST_BIND(ref->st_info) != STB_WEAK)
		fail("the symbol ", l.name, l.version ? "@" : "", l.version ? l.version : "",
		     ", needed by ", object_name(o), ", is not defined", NULL);
	return s;
}

u64 symbol_address(const struct elf64_sym *s, const struct object *where)
{
	u64 address;

	if (!s)
		return 0;
	address = where->base + s->st_value;
	if (ELF64_ST_TYPE(s->st_info) == STT_GNU_IFUNC && s->st_shndx != SHN_UNDEF)
		address = ((u64 (*)(void))address)();
	return address;
}
