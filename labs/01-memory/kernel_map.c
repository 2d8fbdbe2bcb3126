/*
 * The kernel's own half of every address space: the direct map of all memory, and the kernel image
 * with its permissions. docs/address-space.md draws it.
 *
 * All 256 upper entries of the top level get a table here, for good; pt_new() copies them, and what
 * is mapped below them later appears in every address space at once. The tables come from
 * frame_early_page() and are filled by map_range(), which uses 2 MiB pages where it can; nothing
 * here needs an exercise. The image is mapped page by page: text may be executed, not written;
 * constants neither; data is written, not executed; the page below the boot stack is left out. (In
 * the direct map the image is writable, so that freeing and debugging are simple; the kernel
 * never uses those addresses.)
 *
 * SDM vol. 3, 4.6 (access rights), 4.10.4.1 (what flushes what).
 */
#include "01-memory/frame_early.h"
#include "01-memory/pagetable.h"
#include "common/boot_info.h"
#include "common/spinlock.h"
#include "common/string.h"
#include "common/x86.h"

#define FIRST_KERNEL_ENTRY	(PT_ENTRIES / 2)
#define KERNEL_PAGE	(PTE_PRESENT | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY)
#define FLUSH_PAGES_MAX	32	/* above this many, flushing everything is cheaper */

extern char __kernel_start[], __text_end[], __rodata_start[], __rodata_end[], __data_start[],
	    __kernel_end[];

pte_t *kernel_pt;

/* The table that *e points to; made if there is none. */
static pte_t *early_table(pte_t *e)
{
	if (!*e)
		*e = virt_to_phys(frame_early_page()) | PTE_PRESENT | PTE_WRITE;
	return phys_to_virt(pte_phys(*e));
}

/* Map [pa, pa + size) at va, all multiples of a page, in pages as large as alignment allows. */
static void map_range(vaddr_t va, paddr_t pa, u64 size, u64 flags)
{
	while (size) {
		pte_t *level3 = early_table(&kernel_pt[PT_INDEX(va, 4)]);
		pte_t *level2 = early_table(&level3[PT_INDEX(va, 3)]);
		pte_t *e = &level2[PT_INDEX(va, 2)];
		u64 step = PAGE_SIZE;

		if (IS_ALIGNED(va | pa, LARGE_PAGE_SIZE) && size >= LARGE_PAGE_SIZE) {
			step = LARGE_PAGE_SIZE;
			*e = pa | flags | KERNEL_PAGE | PTE_LARGE;
		} else {
			early_table(e)[PT_INDEX(va, 1)] = pa | flags | KERNEL_PAGE;
		}
		va += step;
		pa += step;
		size -= step;
	}
}

/*
 * The 2 MiB pages that a range of memory touches: neighbours may share one, so map each once
 * only.
 */
static void map_memory(const struct memory_range *r, paddr_t *done)
{
	paddr_t start = MAX(ALIGN_DOWN(r->start, LARGE_PAGE_SIZE), *done);
	paddr_t end = ALIGN_UP(r->end, LARGE_PAGE_SIZE);

	/* Tables of the firmware lie below 4 GiB; reserved ranges above are no memory. */
	if (r->type != MEMORY_USABLE && r->end > 1UL << 32)
		return;
	if (start >= end)
		return;
	map_range((vaddr_t)phys_to_virt(start), start, end - start, PTE_WRITE | PTE_NX);
	*done = end;
}

static void map_image(const char *start, const char *end, u64 flags)
{
	for (vaddr_t va = (vaddr_t)start; va < (vaddr_t)end; va += PAGE_SIZE)
		map_range(va, va - KERNEL_BASE, PAGE_SIZE, flags);
}

void pagetable_init(void)
{
	paddr_t done = 0;

	kernel_pt = frame_early_page();
	for (int i = FIRST_KERNEL_ENTRY; i < PT_ENTRIES; i++)
		early_table(&kernel_pt[i]);
	for (int i = 0; i < boot_info.memory_count; i++)
		map_memory(&boot_info.memory[i], &done);
	map_image(__kernel_start, __text_end, 0);
	map_image(__rodata_start, __rodata_end, PTE_NX);
	map_image(__data_start, boot_stack_guard, PTE_WRITE | PTE_NX);
	map_image(boot_stack_guard + PAGE_SIZE, __kernel_end, PTE_WRITE | PTE_NX);
	write_cr3(virt_to_phys(kernel_pt));
	frame_early_done();
}

pte_t *pt_new(void)
{
	struct frame *f = frame_alloc(0, GFP_KERNEL, FRAME_PAGE_TABLE);
	pte_t *top;

	if (!f)
		return NULL;
	top = frame_to_virt(f);
	memset(top, 0, PAGE_SIZE / 2);
	memcpy(top + FIRST_KERNEL_ENTRY, kernel_pt + FIRST_KERNEL_ENTRY, PAGE_SIZE / 2);
	return top;
}

/* Kernel pages are global: loading CR3 keeps them, turning CR4.PGE off does not. */
void tlb_flush_local(vaddr_t start, vaddr_t end)
{
	if (end - start > FLUSH_PAGES_MAX * PAGE_SIZE) {
		u64 cr4;

		irq_disable();
		cr4 = read_cr4();
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
		irq_enable();
		return;
	}
	for (vaddr_t va = ALIGN_DOWN(start, PAGE_SIZE); va < end; va += PAGE_SIZE)
		invlpg(va);
}

void (*kernel_flush_tlb)(vaddr_t start, vaddr_t end) = tlb_flush_local;
