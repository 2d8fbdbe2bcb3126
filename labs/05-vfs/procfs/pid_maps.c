/*
 * procfs: /proc/PID/maps, smaps and smaps_rollup.
 *
 * mm->lock is held for reading while a text is made; entries of page tables are counted under
 * pt_lock, area by area, since it is a spinlock. The mm is referenced: a process may exec or exit
 * meanwhile, and the text then is of the memory it had. A process without memory (a zombie, a
 * kernel thread) has an empty file.
 *
 * Formats: proc(5). Names stand in column 74, which programs rely on less than on the fields
 * before.
 */
#include "common/string.h"
#include "02-usermode/mm.h"
#include "02-usermode/process.h"
#include "05-vfs/proc.h"

#define NAME_COLUMN	73

/* What smaps tells of one area, or of all together; pages. */
struct usage {
	u64 size, rss, pss_scaled;	/* pss times PSS_SCALE */
	u64 shared_clean, shared_dirty, private_clean, private_dirty, referenced, anonymous;
};

#define PSS_SCALE	4096

static void pad_to_name(struct printer *out, size_t line_start)
{
	do
		print_char(out, ' ');
	while (out->len - line_start < NAME_COLUMN && !out->failed);
}

static const char *area_name(const struct vm_area *a)
{
	if (a->flags & VM_HEAP)
		return "[heap]";
	if (a->flags & VM_STACK)
		return "[stack]";
	return a->mm->vdso && a->start <= a->mm->vdso && a->mm->vdso < a->end ? "[vdso]" : NULL;
}

static void print_area(struct vm_area *a, struct printer *out)
{
	size_t line = out->len;
	const char *name = area_name(a);

	print(out, "%08lx-%08lx %c%c%c%c %08lx ", a->start, a->end, a->flags & VM_READ ? 'r' : '-',
	      a->flags & VM_WRITE ? 'w' : '-', a->flags & VM_EXEC ? 'x' : '-',
	      a->flags & VM_SHARED ? 's' : 'p', a->object ? a->offset : 0);
	if (a->object && a->object->ops->describe && !name) {
		a->object->ops->describe(a, out);
	} else {
		print(out, "00:00 0 ");
		if (name) {
			pad_to_name(out, line);
			print(out, "%s", name);
		}
	}
	print_char(out, '\n');
}

static int print_maps(struct process *p, struct thread *t, struct printer *out)
{
	struct mm *mm = process_mm(p);
	struct vm_area *a;

	if (!mm)
		return 0;
	down_read(&mm->lock);
	for (a = mm_first_area(mm); a; a = mm_next_area(a))
		print_area(a, out);
	up_read(&mm->lock);
	mm_put(mm);
	return 0;
}
PROC_PID_ENTRY(maps, "maps", 0444, print_maps, .owner_only = true);

/*
 * References to a frame stand for mappings, but for the cache's own: other references (a read that
 * is going on) make a page look shared for a moment. Proportional: a page that n map counts 1/n,
 * in fixed point.
 */
static int count_page(pte_t *pte, vaddr_t va, void *arg)
{
	struct usage *u = arg;
	struct frame *f = phys_to_frame(pte_phys(*pte));
	bool dirty;
	int refs;

	if (!(*pte & PTE_PRESENT) || (*pte & PTE_SPECIAL) || !f)
		return 0;
	/* The page cache's own reference does not count as a mapping. */
	refs = ref_read(&f->refs) - (f->owner == FRAME_CACHE);
	dirty = (*pte & PTE_DIRTY) || f->owner == FRAME_ANON;
	u->rss++;
	u->pss_scaled += PSS_SCALE / MAX(refs, 1);
	if (*pte & PTE_ACCESSED)
		u->referenced++;
	if (f->owner == FRAME_ANON)
		u->anonymous++;
	if (refs > 1)
		dirty ? u->shared_dirty++ : u->shared_clean++;
	else
		dirty ? u->private_dirty++ : u->private_clean++;
	return 0;
}

static void count_area(struct vm_area *a, struct usage *u)
{
	u->size += (a->end - a->start) >> PAGE_SHIFT;
	spin_lock(&a->mm->pt_lock);
	pt_for_each(a->mm->pt, a->start, a->end, count_page, u);
	spin_unlock(&a->mm->pt_lock);
}

static void line(struct printer *out, const char *name, u64 pages)
{
	print(out, "%-16s%8lu kB\n", name, pages * (PAGE_SIZE / 1024));
}

static void print_usage(const struct usage *u, u64 locked, struct printer *out)
{
	u64 pss = u->pss_scaled / PSS_SCALE;

	line(out, "Rss:", u->rss);
	line(out, "Pss:", pss);
	line(out, "Pss_Dirty:", MIN(pss, u->private_dirty));
	line(out, "Shared_Clean:", u->shared_clean);
	line(out, "Shared_Dirty:", u->shared_dirty);
	line(out, "Private_Clean:", u->private_clean);
	line(out, "Private_Dirty:", u->private_dirty);
	line(out, "Referenced:", u->referenced);
	line(out, "Anonymous:", u->anonymous);
	line(out, "LazyFree:", 0);
	line(out, "AnonHugePages:", 0);
	line(out, "ShmemPmdMapped:", 0);
	line(out, "FilePmdMapped:", 0);
	line(out, "Shared_Hugetlb:", 0);
	line(out, "Private_Hugetlb:", 0);
	line(out, "Swap:", 0);
	line(out, "SwapPss:", 0);
	line(out, "Locked:", locked);
}

static void print_vm_flags(const struct vm_area *a, struct printer *out)
{
	static const struct {
		u32 flag;
		const char *name;
	} names[] = {
		{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" }, { VM_SHARED, "sh" },
		{ VM_MAYREAD, "mr" }, { VM_MAYWRITE, "mw" }, { VM_MAYEXEC, "me" },
		{ VM_GROWSDOWN, "gd" }, { VM_LOCKED, "lo" }, { VM_DONTFORK, "dc" },
		{ VM_NORESERVE, "nr" }, { VM_WIPEONFORK, "wf" }, { VM_DEVICE, "pf" },
	};

	print(out, "VmFlags:");
	for (unsigned n = 0; n < ARRAY_SIZE(names); n++)
		if (a->flags & names[n].flag)
			print(out, " %s", names[n].name);
	print(out, "\n");
}

static int print_smaps(struct process *p, struct thread *t, struct printer *out)
{
	struct mm *mm = process_mm(p);
	struct vm_area *a;

	if (!mm)
		return 0;
	down_read(&mm->lock);
	for (a = mm_first_area(mm); a; a = mm_next_area(a)) {
		struct usage u = { 0 };

		count_area(a, &u);
		print_area(a, out);
		line(out, "Size:", u.size);
		line(out, "KernelPageSize:", 1);
		line(out, "MMUPageSize:", 1);
		print_usage(&u, a->flags & VM_LOCKED ? u.rss : 0, out);
		print(out, "THPeligible:    0\n");
		print_vm_flags(a, out);
	}
	up_read(&mm->lock);
	mm_put(mm);
	return 0;
}
PROC_PID_ENTRY(smaps, "smaps", 0444, print_smaps, .owner_only = true);

static int print_rollup(struct process *p, struct thread *t, struct printer *out)
{
	struct mm *mm = process_mm(p);
	struct usage u = { 0 };
	vaddr_t start = 0, end = 0;
	size_t at;
	struct vm_area *a;

	if (!mm)
		return 0;
	down_read(&mm->lock);
	for (a = mm_first_area(mm); a; a = mm_next_area(a)) {
		count_area(a, &u);
		start = start ? start : a->start;
		end = a->end;
	}
	up_read(&mm->lock);
	mm_put(mm);
	at = out->len;
	print(out, "%08lx-%08lx ---p 00000000 00:00 0 ", start, end);
	pad_to_name(out, at);
	print(out, "[rollup]\n");
	print_usage(&u, 0, out);
	return 0;
}
PROC_PID_ENTRY(smaps_rollup, "smaps_rollup", 0444, print_rollup, .owner_only = true);
