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

/* EXERCISE 4.4 BEGIN  blank-toplevel */
static u32 segment_prot(u32 flags)
{
	return (flags & PF_R ? VM_READ : 0) | (flags & PF_W ? VM_WRITE : 0) |
	       (flags & PF_X ? VM_EXEC : 0) | VM_ANON_FLAGS;
}

/*
 * Map [start, end), in place of whatever is there: 0 or an error. Segments that meet within a page
 * both want it: the later one wins, as on Linux.
 */
static int map_range(struct mm *mm, vaddr_t start, vaddr_t end, u32 flags,
		     struct vm_object *object, u64 offset, struct file *f)
{
	struct vm_area *a;
	int error;

	if (start == end)
		return 0;
	error = mm_unmap(mm, start, end - start);
	if (error)
		return error;
	a = mm_map(mm, start, end - start, flags, object, offset, f);
	return IS_ERR(a) ? PTR_ERR(a) : 0;
}

/*
 * Zero [from, end of its page), in a private copy: a write through the page tables, which breaks
 * the mapping's copy-on-write as the program's own write would.
 */
static int clear_tail(struct mm *mm, vaddr_t from)
{
	static const char zeroes[256];
	vaddr_t end = ALIGN_UP(from, PAGE_SIZE);

	while (from < end) {
		size_t n = MIN(end - from, sizeof(zeroes));

		if (mm_access(mm, from, (void *)zeroes, n, true) != n)
			return -ENOMEM;
		from += n;
	}
	return 0;
}

static int map_segment(struct mm *mm, struct file *f, struct vm_object *object,
		       const struct elf_segment *s, u64 bias)
{
	vaddr_t start = bias + (s->vaddr & PAGE_MASK);
	vaddr_t file_end = bias + s->vaddr + s->filesz;
	vaddr_t file_pages = s->filesz ? ALIGN_UP(file_end, PAGE_SIZE) : start;
	vaddr_t end = ALIGN_UP(bias + s->vaddr + s->memsz, PAGE_SIZE);
	u32 flags = segment_prot(s->flags);
	int error;

	down_write(&mm->lock);
	error = map_range(mm, start, file_pages, flags, object, s->offset & PAGE_MASK, f);
	if (!error && end > file_pages)
		error = map_range(mm, file_pages, end, flags, NULL, 0, NULL);
	up_write(&mm->lock);
	/* A segment that cannot be written has no variables: its tail stays as the file has it. */
	if (!error && s->filesz && s->memsz > s->filesz && s->flags & PF_W)
		error = clear_tail(mm, file_end);
	return error;
}
/* EXERCISE 4.4 END */

int elf_map(struct mm *mm, struct file *f, const struct elf_image *image, u64 bias)
{
	struct vm_object *object = f->ops->object ? f->ops->object(f) : NULL;

	if (!object)
		return -ENOEXEC;
	/* EXERCISE 4.4 BEGIN  blank: return -ENOEXEC; */
	for (int i = 0; i < image->count; i++) {
		int error = map_segment(mm, f, object, &image->segments[i], bias);

		if (error)
			return error;
	}
	return 0;
	/* EXERCISE 4.4 END */
}
