/*
 * EXERCISE 4.1: believing nothing of an ELF file.
 *
 * Goal: accept exactly those files that can be loaded, and describe their segments. Everything else
 * is -ENOEXEC: wrong magic, class, byte order, version, type or machine; program headers of
 * another size, outside the file, too many; segments that end before they begin, reach beyond
 * the file or the user's addresses, are out of order, or cannot be mapped by pages.
 *
 * Invariant: after elf_describe() returned 0, no sum of two members of a segment overflows, file
 * ranges lie in the file, memory ranges lie below USER_END, segments ascend without overlap.
 * The code that maps them needs no check of its own.
 *
 * When it is wrong: a crafted file makes the kernel map over itself or read beyond a buffer. The
 * classic is `offset + filesz > file_size`, which a huge offset passes by wrapping around: write
 * `filesz > file_size - offset` after checking offset alone.
 *
 * Read first: elf.h; elf(5); gABI chapter 5, "Program Header".
 * Tests: elf_accepts, elf_header_fields, elf_phdrs_bounds, elf_segment_bounds,
 * elf_overflow, elf_order, elf_interp.
 */
#include "04-elf/elf.h"
#include "common/errno.h"
#include "common/exercise.h"
#include "common/layout.h"
#include "common/string.h"

static __unused bool power_of_two(u64 v)
{
	return v && !(v & (v - 1));
}

/* EXERCISE 4.1 BEGIN  blank-toplevel */
/* A PT_LOAD behind the segments that image has so far: 0 or -ENOEXEC. */
static int add_segment(struct elf_image *image, const struct elf64_phdr *p, u64 file_size)
{
	if (p->p_memsz == 0)
		return 0;
	if (image->count == ELF_MAX_SEGMENTS || p->p_filesz > p->p_memsz)
		return -ENOEXEC;
	if (p->p_offset > file_size || p->p_filesz > file_size - p->p_offset)
		return -ENOEXEC;
	if (p->p_vaddr >= USER_END || p->p_memsz > USER_END - p->p_vaddr)
		return -ENOEXEC;
	/* A page of the file can only be mapped to a whole page of memory. */
	if ((p->p_vaddr ^ p->p_offset) & ~PAGE_MASK)
		return -ENOEXEC;
	if (p->p_align > 1 && !power_of_two(p->p_align))
		return -ENOEXEC;
	if (image->count && p->p_vaddr < image->high)
		return -ENOEXEC;
	if (!image->count)
		image->low = p->p_vaddr;
	image->high = p->p_vaddr + p->p_memsz;
	image->align = MAX(image->align, p->p_align);
	image->segments[image->count++] = (struct elf_segment){
		.vaddr = p->p_vaddr, .offset = p->p_offset, .filesz = p->p_filesz,
		.memsz = p->p_memsz, .flags = p->p_flags,
	};
	return 0;
}

static int set_interp(struct elf_image *image, const struct elf64_phdr *p, u64 file_size)
{
	if (p->p_filesz < 2 || p->p_filesz > ELF_MAX_INTERP || p->p_offset > file_size ||
	    p->p_filesz > file_size - p->p_offset || image->interp_size)
		return -ENOEXEC;
	image->interp_offset = p->p_offset;
	image->interp_size = p->p_filesz;
	return 0;
}

static int add_header(struct elf_image *image, const struct elf64_phdr *p, u64 file_size)
{
	switch (p->p_type) {
	case PT_LOAD:
		return add_segment(image, p, file_size);
	case PT_INTERP:
		return set_interp(image, p, file_size);
	case PT_GNU_STACK:
		image->stack_exec = p->p_flags & PF_X;
		return 0;
	}
	return 0;
}
/* EXERCISE 4.1 END */

int elf_check_header(const struct elf64_ehdr *h, size_t n)
{
	/* EXERCISE 4.1 BEGIN  blank: return -ENOEXEC; */
	if (n < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_ident[EI_VERSION] != EV_CURRENT || h->e_version != EV_CURRENT)
		return -ENOEXEC;
	if ((h->e_type != ET_EXEC && h->e_type != ET_DYN) || h->e_machine != EM_X86_64)
		return -ENOEXEC;
	if (h->e_phentsize != sizeof(struct elf64_phdr) || h->e_phnum == 0 ||
	    elf_phdrs_size(h) > ELF_MAX_PHDRS_SIZE)
		return -ENOEXEC;
	return 0;
	/* EXERCISE 4.1 END */
}

/* Where the segment that holds the program headers puts them: AT_PHDR. */
static u64 phdr_address(const struct elf64_ehdr *h, const struct elf_image *image)
{
	for (int i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (h->e_phoff >= s->offset && h->e_phoff - s->offset < s->filesz)
			return s->vaddr + (h->e_phoff - s->offset);
	}
	return 0;
}

int elf_describe(const struct elf64_ehdr *h, const struct elf64_phdr *p, u64 file_size,
		 struct elf_image *image)
{
	*image = (struct elf_image){
		.dynamic = h->e_type == ET_DYN, .entry = h->e_entry, .phnum = h->e_phnum,
		.align = PAGE_SIZE,
	};
	/* EXERCISE 4.1 BEGIN  blank: (void)phdr_address; return -ENOEXEC; */
	if (h->e_phoff > file_size || elf_phdrs_size(h) > file_size - h->e_phoff)
		return -ENOEXEC;
	for (int i = 0; i < h->e_phnum; i++) {
		int error = add_header(image, &p[i], file_size);

		if (error)
			return error;
	}
	if (!image->count || h->e_entry >= USER_END)
		return -ENOEXEC;
	image->phdr = phdr_address(h, image);
	return 0;
	/* EXERCISE 4.1 END */
}
