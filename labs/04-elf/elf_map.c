/*
 * EXERCISE 4.4: mapping the segments of a program.
 *
 * Goal: turn each segment into VM areas that page faults fill: the part that is in the file
 * becomes a private mapping of the file, whole pages more become anonymous memory, and the rest
 * of the last page of the file's part becomes zero.
 *
 * Invariant: the file's pages are cached whole and shared by all who run the program; only this
 * process's private copy of the last page may be zeroed beyond the segment's end. Nothing is
 * read here except that one page. A later segment replaces what an earlier one mapped in the
 * same page.
 *
 * When it is wrong: static variables do not start as zero (the tail not cleared), or a second
 * program run from the same file finds them zero where they should have values (the file's page
 * cleared instead of a copy); programs crash only when their bss is larger than a page; text is
 * writable.
 *
 * Read first: elf.h; 02-usermode/mm.h (mm_map, mm_unmap, mm_access); gABI chapter 5,
 * "Program Loading".
 * Tests: elf_map_bss, elf_map_tail, elf_map_prot, elf_map_private.
 */
#include "04-elf/elf.h"
#include "common/exercise.h"
#include "03-syscalls/file.h"
#include "03-syscalls/memory/memory.h"

int elf_map(struct mm *mm, struct file *f, const struct elf_image *image, u64 bias)
{
	struct vm_object *object = f->ops->object ? f->ops->object(f) : NULL;

	if (!object)
		return -ENOEXEC;
	/* EXERCISE 4.4: your code here. */
	exercise_blank("4.4");
	return -ENOEXEC;
}
