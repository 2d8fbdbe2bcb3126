/*
 * Relocation: the words of an object that depend on where it and others were loaded (psABI
 * 4.4).
 *
 * Each entry names a place (r_offset, relative to the object), how to compute the word (the
 * type), often a symbol, and an addend.
 */
#include "07-dynlink/ldso/ldso.h"

/*
 * Exercise 7.4: apply relocation r to object o.
 *
 * Goal: store the right word at o->base + r_offset for each type of ldso/elf.h. S is the
 * symbol's address, A r_addend, B o->base; for TLS types the value of a symbol is an offset in
 * its module's block:
 *	64		S + A			RELATIVE	B + A
 *	GLOB_DAT	S			JUMP_SLOT	S
 *	COPY		st_size bytes from S's object, which must not be o itself
 *	DTPMOD64	number of S's module (o's own without a symbol)
 *	DTPOFF64	st_value + A
 *	TPOFF64		st_value + A - tls_offset of S's module (o's own without a symbol)
 *	SIZE64		st_size + A
 *	IRELATIVE	what the function at B + A returns
 * Invariants: a weak undefined symbol has address 0 (and then A counts still); a copy is not
 * longer than the program's own symbol; fail() rather than leave a wrong word: for an unknown
 * type, and for TPOFF64 of a module without a place in the static blocks (tls_offset is 0).
 * Symptom when wrong: a jump to a small address (the base is missing) or to 0 (the relocation
 * was not done); variables of a library that keep the program's old value (COPY).
 * Read: symbol_find() and symbol_address() in ldso/ldso.h; psABI table 4.10; tls.h.
 * Tests: ldso_data, ldso_functions, ldso_copy, ldso_tls, ldso_ifunc, ldso_size, ldso_reloc_errors.
 */
void relocate_one(struct object *o, const struct elf64_rela *r)
{
	/* EXERCISE 7.4 BEGIN  blank: return; */
	u64 *place = (u64 *)(o->base + r->r_offset), addend = (u64)r->r_addend;
	u32 type = ELF64_R_TYPE(r->r_info), index = (u32)ELF64_R_SYM(r->r_info);
	struct object *where = o;
	const struct elf64_sym *s = index ? symbol_find(o, index, type, &where) : NULL;
	u64 value = s ? s->st_value : 0;

	switch (type) {
	case R_X86_64_NONE:
		break;
	case R_X86_64_RELATIVE:
		*place = o->base + addend;
		break;
	case R_X86_64_64:
		*place = symbol_address(s, where) + addend;
		break;
	case R_X86_64_GLOB_DAT:
	case R_X86_64_JUMP_SLOT:
		*place = symbol_address(s, where);
		break;
	case R_X86_64_COPY:
		if (s)
			mem_copy(place, (void *)(where->base + value),
				 MIN(s->st_size, o->symbols[index].st_size));
		break;
	case R_X86_64_DTPMOD64:
		*place = where->tls_module;
		break;
	case R_X86_64_DTPOFF64:
		*place = value + addend;
		break;
	case R_X86_64_TPOFF64:
		if (!where->tls_offset && (s || !index))
			fail(object_name(o), " needs TLS of ", object_name(where),
			     " in the static blocks", NULL);
		*place = value + addend - where->tls_offset;
		break;
	case R_X86_64_SIZE64:
		*place = (s ? s->st_size : 0) + addend;
		break;
	case R_X86_64_IRELATIVE:
		*place = ((u64 (*)(void))(o->base + addend))();
		break;
	default:
		fail(object_name(o), " has a relocation of unknown type", NULL);
	}
	/* EXERCISE 7.4 END */
}
