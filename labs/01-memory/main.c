/*
 * Lab 01, booted: shows the machine's memory map, brings up the three layers of memory (frames,
 * page tables, heap) and tries each of them once. The grader's tests (ktest_run()) look closer.
 */
#include "01-memory/frame.h"
#include "01-memory/kmem.h"
#include "01-memory/pagetable.h"
#include "common/boot_info.h"
#include "common/console.h"
#include "common/init.h"
#include "common/ktest.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/x86.h"

static const char *const type_names[] = {
	[MEMORY_USABLE] = "usable", [MEMORY_RESERVED] = "reserved", [MEMORY_ACPI] = "ACPI tables",
	[MEMORY_ACPI_NVS] = "ACPI firmware data", [MEMORY_BAD] = "defective",
};

static void show_memory_map(void)
{
	printk("memory map (%s):\n", boot_info.loader);
	for (int i = 0; i < boot_info.memory_count; i++) {
		const struct memory_range *r = &boot_info.memory[i];

		printk("  %012llx - %012llx  %10llu KiB  %s\n", (unsigned long long)r->start,
		       (unsigned long long)r->end - 1,
		       (unsigned long long)(r->end - r->start) >> 10,
		             type_names[r->type]);
	}
	printk("  %012llx - %012llx  %10llu KiB  kernel image (in usable memory)\n",
	       (unsigned long long)kernel_image_start(), (unsigned long long)kernel_image_end() - 1,
	       (unsigned long long)(kernel_image_end() - kernel_image_start()) >> 10);
}

static void show_usage(void)
{
	struct frame_stats s;

	frame_stats(&s);
	printk("frames: %llu, free %llu, page tables %llu, heap %llu; reserved %llu\n",
	       (unsigned long long)s.total, (unsigned long long)s.free,
	       (unsigned long long)s.by_owner[FRAME_PAGE_TABLE],
	       (unsigned long long)s.by_owner[FRAME_SLAB],
	       (unsigned long long)s.by_owner[FRAME_RESERVED]);
}

/* A block of every size: aligned, writable, and all of it comes back. */
static bool try_frames(void)
{
	struct frame *block[MAX_ORDER + 1];
	u64 before = frame_free_count();
	bool ok = true;

	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		block[order] = frame_alloc(order, GFP_KERNEL, FRAME_KERNEL);
		if (!block[order])
			return false;
		ok &= IS_ALIGNED(frame_to_phys(block[order]), PAGE_SIZE << order);
		*(u64 *)frame_to_virt(block[order]) = order;
	}
	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		ok &= *(u64 *)frame_to_virt(block[order]) == order;
		frame_put(block[order]);
	}
	return ok && frame_free_count() == before;
}

/* One frame at a user address, seen by the CPU through a table of its own. */
static bool try_page_tables(void)
{
	const vaddr_t va = 0x12345678000;
	struct frame *f = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_KERNEL);
	pte_t *top = pt_new();
	bool ok = false;

	if (f && top && !pt_map(top, va, frame_to_phys(f), PTE_WRITE | PTE_NX)) {
		write_cr3(virt_to_phys(top));
		*(volatile u64 *)va = 42;
		write_cr3(virt_to_phys(kernel_pt));
		ok = *(u64 *)frame_to_virt(f) == 42;
		pt_unmap(top, va);
	}
	if (top)
		pt_free(top);
	if (f)
		frame_put(f);
	return ok;
}

static bool try_heap(void)
{
	static const size_t sizes[] = { 1, 24, 100, 1000, 2048, 5000, 1UL << 20 };
	char *p[ARRAY_SIZE(sizes)] = { 0 };
	bool ok = true;

	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		p[i] = kzalloc(sizes[i], GFP_KERNEL);
		if (p[i])
			p[i][sizes[i] - 1] = i;
		ok &= p[i] && p[i][0] == (sizes[i] == 1 ? i : 0);
	}
	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		ok &= p[i] && p[i][sizes[i] - 1] == i;
		kfree(p[i]);
	}
	return ok;
}

static bool try_areas(void)
{
	char *stack = kernel_stack_alloc(), *wide = vmalloc(100 * PAGE_SIZE, GFP_KERNEL);
	bool ok = stack && wide;

	if (ok) {
		stack[0] = wide[100 * PAGE_SIZE - 1] = 1;
		ok = !pt_translate(kernel_pt, (vaddr_t)stack - 1, NULL, NULL) &&
		     kernel_stack_guard((vaddr_t)stack - 1) &&
		     !pt_translate(kernel_pt, (vaddr_t)wide + 100 * PAGE_SIZE, NULL, NULL);
	}
	if (stack)
		kernel_stack_free(stack);
	vfree(wide);
	return ok;
}

static void try_layer(const char *name, bool (*fn)(void))
{
	printk("self-test: %-12s", name);
	printk("%s\n", fn() ? "ok" : "FAILED");
}

void kernel_main(void)
{
	printk("Trellis, lab 01: memory\n");
	show_memory_map();
	frame_init();
	kmem_init();
	pagetable_init();
	run_initcalls(0, 100);
	ktest_run();
	show_usage();
	try_layer("frames", try_frames);
	try_layer("page tables", try_page_tables);
	try_layer("heap", try_heap);
	try_layer("areas", try_areas);
	show_usage();
	machine_poweroff();
}
