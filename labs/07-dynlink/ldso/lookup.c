/*
 * Finding a symbol by name in one object: DT_GNU_HASH, or DT_HASH where there is no other.
 *
 * A GNU hash table has three parts. The Bloom filter tells, by one word and two bits, for most
 * names that they are not here: with many libraries that is the usual answer. A bucket gives
 * the number of the first symbol with that hash modulo the number of buckets; symbols of one
 * bucket stand in a row in the symbol table. The chain has one word for each of them: its hash,
 * where the lowest bit is set in the last of the row.
 */
#include "07-dynlink/ldso/ldso.h"

u32 gnu_hash(const char *name)
{
	u32 h = 5381;

	for (const u8 *s = (const u8 *)name; *s; s++)
		h = h * 33 + *s;
	return h;
}

static u32 sysv_hash(const char *name)
{
	u32 h = 0;

	for (const u8 *s = (const u8 *)name; *s; s++) {
		h = (h << 4) + *s;
		h ^= (h & 0xf0000000) >> 24;
		h &= 0x0fffffff;
	}
	return h;
}

/*
 * Does symbol number `index` of o define something? An undefined symbol with a value is a
 * program's PLT entry, which serves as the function's address wherever that is compared, but
 * not to call it (psABI 5.2, "Function Addresses").
 */
static bool defines(const struct object *o, u32 index, const struct lookup *l)
{
	const struct elf64_sym *s = &o->symbols[index];

	if (s->st_shndx == SHN_UNDEF && (l->call || !s->st_value))
		return false;
	return ELF64_ST_BIND(s->st_info) != STB_LOCAL;
}

/* Whether symbol number `index` of o is a definition of what l describes. */
static bool matches(const struct object *o, u32 index, const struct lookup *l)
{
	return defines(o, index, l) && str_equal(o->strings + o->symbols[index].st_name, l->name) &&
	       version_matches(o, index, l);
}

static const struct elf64_sym *sysv_lookup(const struct object *o, const struct lookup *l)
{
	const struct sysv_hash *t = o->sysv_hash;
	const u32 *chains = t->buckets + t->bucket_count;
	u32 i = t->bucket_count ? t->buckets[sysv_hash(l->name) % t->bucket_count] : 0;

	for (; i != 0; i = chains[i])
		if (matches(o, i, l))
			return &o->symbols[i];
	return NULL;
}

/*
 * Exercise 7.5, first part: look l->name up in o's GNU hash table.
 *
 * Goal: return the symbol for which matches() is true, or NULL.
 * Invariants: a table may be empty (no bucket, or a bucket that is 0); a Bloom filter never
 * says no to a name that is there; the walk along a chain ends at the word whose lowest bit is
 * set.
 * Symptom when wrong: "the symbol ... is not defined" for symbols that readelf --dyn-syms
 * shows, or a crash in the linker before the program's first line.
 * Read: elf.h, struct gnu_hash: after bloom[] come the buckets (u32), after them the chain
 * words; the chain's first word belongs to symbol number first_symbol. Bloom: word hash / 64
 * modulo bloom_size, bits hash % 64 and (hash >> bloom_shift) % 64.
 * Tests: ldso_many, ldso_weak.
 */
static const struct elf64_sym *gnu_lookup(const struct object *o, const struct lookup *l)
{
	/* EXERCISE 7.5: your code here. */
	exercise_blank("7.5");
	return NULL;
}

static const struct elf64_sym *table_lookup(const struct object *o, const struct lookup *l)
{
	if (o->gnu_hash)
		return gnu_lookup(o, l);
	return o->sysv_hash ? sysv_lookup(o, l) : NULL;
}

/* Without a base version, a reference that names none means the default one (LSB Core). */
const struct elf64_sym *object_lookup(const struct object *o, const struct lookup *l)
{
	const struct elf64_sym *s = table_lookup(o, l);
	struct lookup any = *l;

	if (s || !l->base || !o->verdef)
		return s;
	any.base = false;
	return table_lookup(o, &any);
}
