/*
 * From a reference to its definition: the objects are asked in load order, with the version
 * that the reference names. The first that has the symbol wins, weak or not; so a program can
 * replace a function of a library (interposition).
 */
#include "07-dynlink/ldso/ldso.h"

/* The name of the version with this index among the versions that o defines, or NULL. */
static const char *defined_version(const struct object *o, u16 index)
{
	const struct elf64_verdef *d = o->verdef;

	while (d) {
		if (d->vd_ndx == index) {
			const struct elf64_verdaux *a = (const void *)((const char *)d + d->vd_aux);

			return o->strings + a->vda_name;
		}
		d = d->vd_next ? (const void *)((const char *)d + d->vd_next) : NULL;
	}
	return NULL;
}

/* The same among those that o needs from others. */
static const char *needed_version(const struct object *o, u16 index)
{
	const struct elf64_verneed *n = o->verneed;

	while (n) {
		const struct elf64_vernaux *a = (const void *)((const char *)n + n->vn_aux);

		for (u16 i = 0; i < n->vn_cnt; i++) {
			if (a->vna_other == index)
				return o->strings + a->vna_name;
			a = (const void *)((const char *)a + a->vna_next);
		}
		n = n->vn_next ? (const void *)((const char *)n + n->vn_next) : NULL;
	}
	return NULL;
}

bool version_matches(const struct object *o, u32 index, const struct lookup *l)
{
	const char *version;
	u16 v;

	if (!o->versym || !o->verdef)
		return true;
	v = o->versym[index];
	if (!l->version)
		return !(v & VERSYM_HIDDEN);
	if ((v & VERSYM_INDEX) < 2)
		return (v & VERSYM_INDEX) == 1;
	version = defined_version(o, v & VERSYM_INDEX);
	return version && str_equal(version, l->version);
}

static const char *reference_version(const struct object *o, u32 index)
{
	u16 v = o->versym ? o->versym[index] & VERSYM_INDEX : 0;
	const char *version = NULL;

	if (v >= 2) {
		version = needed_version(o, v);
		if (!version)
			version = defined_version(o, v);
	}
	return version;
}

const struct elf64_sym *symbol_find(const struct object *o, u32 index, const struct object *skip,
				    struct object **where)
{
	const struct elf64_sym *ref = &o->symbols[index], *s;
	struct lookup l = { .name = o->strings + ref->st_name };

	if (ELF64_ST_BIND(ref->st_info) == STB_LOCAL) {
		*where = (struct object *)o;
		return ref;
	}
	l.gnu_hash = gnu_hash(l.name);
	l.version = reference_version(o, index);
	if (o->symbolic && o != skip) {
		s = object_lookup(o, &l);
		*where = (struct object *)o;
		if (s)
			return s;
	}
	for (struct object *d = objects; d; d = d->next) {
		s = d == skip ? NULL : object_lookup(d, &l);
		if (s) {
			*where = d;
			return s;
		}
	}
	if (ELF64_ST_BIND(ref->st_info) != STB_WEAK)
		die("the symbol ", l.name, l.version ? "@" : "", l.version ? l.version : "",
		    ", needed by ", *o->name ? o->name : "the program", ", is not defined", NULL);
	return NULL;
}

u64 symbol_address(const struct elf64_sym *s, const struct object *where)
{
	u64 address;

	if (!s)
		return 0;
	address = where->base + s->st_value;
	if (ELF64_ST_TYPE(s->st_info) == STT_GNU_IFUNC)
		address = ((u64 (*)(void))address)();
	return address;
}
