/*
 * Symbol versions: the tables of "ELF Symbol Versioning" (Drepper) and LSB Core, "Symbol
 * Versioning". DT_VERSYM has a number for each symbol of the object. For a symbol that the
 * object defines, DT_VERDEF says which version that number is; for one it needs, DT_VERNEED
 * says so, and from which library it comes.
 */
#include "07-dynlink/ldso/ldso.h"

/* The entry `offset` bytes behind this one; NULL behind the last. */
static const void *entry_behind(const void *entry, u32 offset)
{
	return offset ? (const char *)entry + offset : NULL;
}

const char *version_defined(const struct object *o, u16 index)
{
	for (const struct elf64_verdef *d = o->verdef; d; d = entry_behind(d, d->vd_next)) {
		const struct elf64_verdaux *a = entry_behind(d, d->vd_aux);

		if ((d->vd_ndx & VERSYM_INDEX) == index && a)
			return o->strings + a->vda_name;
	}
	return NULL;
}

const char *version_needed(const struct object *o, u16 index)
{
	for (const struct elf64_verneed *n = o->verneed; n; n = entry_behind(n, n->vn_next)) {
		const struct elf64_vernaux *a = entry_behind(n, n->vn_aux);

		for (; a; a = entry_behind(a, a->vna_next))
			if ((a->vna_other & VERSYM_INDEX) == index)
				return o->strings + a->vna_name;
	}
	return NULL;
}

static bool has_version(const struct object *o, const char *version)
{
	for (const struct elf64_verdef *d = o->verdef; d; d = entry_behind(d, d->vd_next)) {
		const struct elf64_verdaux *a = entry_behind(d, d->vd_aux);

		if (a && str_equal(o->strings + a->vda_name, version))
			return true;
	}
	return false;
}

/* The object that o needs under this name, or NULL. */
static const struct object *needed_object(const struct object *o, const char *name)
{
	for (int i = 0; i < o->needed.count; i++)
		if (str_equal(o->needed.list[i]->name, name))
			return o->needed.list[i];
	return NULL;
}

/* A library without any versions is taken for one that was built before it had them. */
void check_versions(const struct object *o)
{
	for (const struct elf64_verneed *n = o->verneed; n; n = entry_behind(n, n->vn_next)) {
		const struct object *from = needed_object(o, o->strings + n->vn_file);
		const struct elf64_vernaux *a = entry_behind(n, n->vn_aux);

		for (; from && from->verdef && a; a = entry_behind(a, a->vna_next))
			if (!(a->vna_flags & VER_FLG_WEAK) &&
			    !has_version(from, o->strings + a->vna_name))
				fail("the library ", from->name, " has no version ",
				     o->strings + a->vna_name, ", needed by ",
				     object_name(o), NULL);
	}
}
