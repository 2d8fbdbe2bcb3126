/*
 * Relocating objects: all entries of their tables, in the order that dependencies between them
 * ask for; afterwards what need not be written any more becomes read-only.
 */
#include "common/abi/mman.h"
#include "07-dynlink/ldso/ldso.h"

static void relocate_table(struct object *o, u64 table, u64 size, bool indirect)
{
	const struct elf64_rela *r = (const void *)(o->base + table);
	const struct elf64_rela *end = (const void *)((u64)r + size);

	for (; r < end; r++)
		if ((ELF64_R_TYPE(r->r_info) == R_X86_64_IRELATIVE) == indirect)
			relocate_one(o, r);
}

/* Apply the IRELATIVE relocations of o, or all others: resolvers may use what those set. */
static void relocate_object(struct object *o, bool indirect, bool now)
{
	relocate_table(o, o->tag[DT_RELA], o->tag[DT_RELASZ], indirect);
	if (!o->tag[DT_JMPREL])
		return;
	if (!indirect && binds_lazily(o, now))
		prepare_lazy(o);
	else
		relocate_table(o, o->tag[DT_JMPREL], o->tag[DT_PLTRELSZ], indirect);
}

void protect_relro(const struct object *o)
{
	for (int i = 0; i < o->phnum; i++) {
		u64 from = ALIGN_DOWN(o->base + o->phdr[i].p_vaddr, PAGE_SIZE);
		u64 to = ALIGN_DOWN(o->base + o->phdr[i].p_vaddr + o->phdr[i].p_memsz, PAGE_SIZE);

		if (o->phdr[i].p_type == PT_GNU_RELRO && to > from &&
		    sys_mprotect(from, to - from, PROT_READ) < 0)
			fail(object_name(o), ": memory cannot be made read-only", NULL);
	}
}

/*
 * From the last loaded to the first: what others build on comes before them, and the program,
 * whose COPY relocations read the libraries' data, comes last.
 */
static void relocate_from(struct object *o, bool indirect, bool now)
{
	if (!o)
		return;
	relocate_from(o->next, indirect, now);
	if (!o->relocated)
		relocate_object(o, indirect, now);
}

void link_objects(struct object *first, bool now)
{
	relocate_from(first, false, now);
	relocate_from(first, true, now);
	for (struct object *o = first; o; o = o->next) {
		if (!o->relocated)
			protect_relro(o);
		o->relocated = true;
	}
}
