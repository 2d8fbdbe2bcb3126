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

int elf_check_header(const struct elf64_ehdr *h, size_t n)
{
	/* EXERCISE 4.1: your code here. */
	exercise_blank("4.1");
	return -ENOEXEC;
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
	/* EXERCISE 4.1: your code here. */
	exercise_blank("4.1");
	(void)phdr_address;
	return -ENOEXEC;
}
