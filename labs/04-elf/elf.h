/*
 * What an ELF file says about how it is to be loaded, checked: nothing in it is trusted. Pure
 * functions on buffers, so that they are tested on the host as well. (System V gABI, chapters 4 and
 * 5.)
 *
 * The kernel looks at program headers only, never at sections, which are the linker's: a stripped
 * program has none.
 */
#pragma once

#include "common/abi/elf.h"

#define ELF_MAX_SEGMENTS	32	/* PT_LOADs that we are ready to map */
#define ELF_MAX_PHDRS_SIZE	65536	/* bytes of program headers, as on Linux */
#define ELF_MAX_INTERP		4096	/* PATH_MAX */

struct elf_segment {
	u64 vaddr, offset;	/* equal modulo the page size */
	u64 filesz, memsz;	/* filesz <= memsz, memsz > 0 */
	u32 flags;		/* PF_ */
};

struct elf_image {
	bool dynamic;		/* ET_DYN: may be placed anywhere */
	u64 entry;
	u64 phdr;		/* where the program headers are in memory; 0: not loaded */
	int phnum;
	struct elf_segment segments[ELF_MAX_SEGMENTS];	/* ascending, not overlapping */
	int count;		/* at least 1 */
	u64 low, high;		/* first byte and one past the last of all segments */
	u64 align;		/* the largest asked for; a power of two, at least a page */
	u64 interp_offset, interp_size;	/* PT_INTERP; size 0: none */
	bool stack_exec;	/* PT_GNU_STACK asks for an executable stack */
};

/*
 * Is this the header of a file that we can run? n: bytes at h. 0 or -ENOEXEC. Then
 * the program headers are elf_phdrs_size(h) bytes (at most ELF_MAX_PHDRS_SIZE) at h->e_phoff.
 */
int elf_check_header(const struct elf64_ehdr *h, size_t n);

static inline u64 elf_phdrs_size(const struct elf64_ehdr *h)
{
	return (u64)h->e_phnum * sizeof(struct elf64_phdr);
}

/*
 * Check the program headers of a file of file_size bytes and describe them: 0 or -ENOEXEC. A
 * position-independent image counts as if placed at 0; it must leave room to be moved.
 */
int elf_describe(const struct elf64_ehdr *h, const struct elf64_phdr *p, u64 file_size,
		 struct elf_image *image);

struct exec;
struct file;
struct mm;

/* Read and check the headers of a file: 0, -ENOEXEC, -EIO, -ENOMEM. elf_load.c */
int elf_read(struct file *f, struct elf_image *image);

/*
 * Map the image's segments into mm, moved by bias (page-aligned): each a private mapping of the
 * file, filled by page faults; what a segment has beyond its part of the file is zero. What was
 * mapped there before goes. 0, -ENOMEM, -ENOEXEC (the file cannot be mapped). elf_map.c
 */
int elf_map(struct mm *mm, struct file *f, const struct elf_image *image, u64 bias);

/*
 * Where to put a position-independent image so that it is free there: its bias, or -ENOMEM.
 * mm->lock not held. For the interpreter (07); programs have a region of their own.
 */
s64 elf_find_bias(struct mm *mm, const struct elf_image *image);
