/*
 * From the boot loader's memory map to the frame allocator.
 *
 * Usable memory is what the map calls so, less the first MiB (the firmware's data, the real-mode
 * start of other CPUs), the kernel image, and the array of struct frame, which is put into the
 * first place where it fits below 4 GiB (all that is mapped so early).
 */
#include "01-memory/frame_early.h"
#include "01-memory/frame_internal.h"
#include "common/boot_info.h"
#include "common/panic.h"
#include "common/string.h"

#define LOW_MEMORY_END	0x100000UL
#define EARLY_LIMIT	0x100000000UL	/* what boot.S mapped */
#define KERNEL_TOPS	256		/* third-level tables of the kernel's half */

struct frame *frames;
u64 frame_count;

static struct range {
	paddr_t start, end;
} early;		/* pages that frame_early_page() has left */

/* Never given out: the low memory, the image, the array with the early pages. */
static struct range holes[3];

/* Call fn with the parts of [start, end) that are in none of the holes from number `hole` on. */
static void around_holes(paddr_t start, paddr_t end, int hole, void (*fn)(paddr_t, paddr_t))
{
	if (start >= end)
		return;
	if (hole == ARRAY_SIZE(holes)) {
		fn(start, end);
		return;
	}
	around_holes(start, MIN(end, holes[hole].start), hole + 1, fn);
	around_holes(MAX(start, holes[hole].end), end, hole + 1, fn);
}

static void for_each_usable(void (*fn)(paddr_t start, paddr_t end))
{
	for (int i = 0; i < boot_info.memory_count; i++)
		if (boot_info.memory[i].type == MEMORY_USABLE)
			around_holes(boot_info.memory[i].start, boot_info.memory[i].end, 0, fn);
}

/* ---- placing the array --------------------------------------------------------------------- */

static u64 wanted;	/* bytes */

static void place_array(paddr_t start, paddr_t end)
{
	end = MIN(end, EARLY_LIMIT);
	if (holes[2].end || end <= start || end - start < wanted)
		return;
	holes[2] = (struct range){ start, start + wanted };
}

/* Upper bound of the pages that pagetable_init() takes. */
static u64 early_pages(paddr_t top)
{
	u64 image = kernel_image_end() - kernel_image_start();

	return 1 + KERNEL_TOPS + DIV_ROUND_UP(MAX(top, EARLY_LIMIT), 1UL << 30) +
	       2 + DIV_ROUND_UP(image, PAGE_SIZE << 9) + 1;
}

static void make_array(void)
{
	paddr_t top = boot_info.initrd_end;
	u64 bytes;

	for (int i = 0; i < boot_info.memory_count; i++)
		if (boot_info.memory[i].type == MEMORY_USABLE)
			top = MAX(top, boot_info.memory[i].end);
	frame_count = DIV_ROUND_UP(top, PAGE_SIZE);
	bytes = ALIGN_UP(frame_count * sizeof(struct frame), PAGE_SIZE);
	wanted = bytes + early_pages(top) * PAGE_SIZE;
	holes[0] = (struct range){ 0, LOW_MEMORY_END };
	holes[1] = (struct range){ kernel_image_start(), ALIGN_UP(kernel_image_end(), PAGE_SIZE) };
	for_each_usable(place_array);
	if (!holes[2].end)
		panic("frame_init: no room for the array of frames (%llu KiB)",
		      (unsigned long long)wanted >> 10);
	frames = phys_to_virt(holes[2].start);
	early = (struct range){ holes[2].start + bytes, holes[2].end };
	for (u64 at = 0; at < bytes; at += PAGE_SIZE)
		clear_page((char *)frames + at);
	for (u64 n = 0; n < frame_count; n++) {
		frames[n].owner = FRAME_RESERVED;
		ref_init(&frames[n].refs, 1);
	}
}

/* ---- giving memory away -------------------------------------------------------------------- */

static void give(paddr_t start, paddr_t end)
{
	u64 first = start >> PAGE_SHIFT, last = end >> PAGE_SHIFT;

	for (u64 n = first; n < last; n++) {
		frames[n].owner = FRAME_FREE;
		ref_init(&frames[n].refs, 0);
	}
	spin_lock(&frame_lock);
	frames_managed += last - first;
	frames_reserved -= last - first;
	buddy_free_range(&buddy, first, last);
	spin_unlock(&frame_lock);
}

void frame_free_reserved(paddr_t start, paddr_t end)
{
	start = ALIGN_UP(start, PAGE_SIZE);
	end = ALIGN_DOWN(MIN(end, frame_count << PAGE_SHIFT), PAGE_SIZE);
	if (start >= end)
		return;
	for (u64 n = start >> PAGE_SHIFT; n < end >> PAGE_SHIFT; n++)
		if (frames[n].owner != FRAME_RESERVED)
			panic("frame_free_reserved: frame %#llx is not reserved",
			      (unsigned long long)n);
	give(start, end);
}

void frame_init(void)
{
	make_array();
	buddy_init(&buddy, frames, frame_count);
	for (int i = 0; i < boot_info.memory_count; i++)
		if (boot_info.memory[i].type == MEMORY_USABLE)
			frames_reserved += (boot_info.memory[i].end - boot_info.memory[i].start) >>
					   PAGE_SHIFT;
	/* The initial ramdisk is RAM too, though the map has it as reserved. */
	frames_reserved += DIV_ROUND_UP(boot_info.initrd_end, PAGE_SIZE) -
			   (boot_info.initrd_start >> PAGE_SHIFT);
	for_each_usable(give);
	frames_kept = MIN(MAX(frames_managed / 256, 64UL), 1024UL);
	if (!frames_managed)
		panic("frame_init: no usable memory");
}

void *frame_early_page(void)
{
	void *page = phys_to_virt(early.start);

	if (early.start >= early.end)
		panic("frame_init set too few pages aside for the kernel's page tables");
	early.start += PAGE_SIZE;
	clear_page(page);
	return page;
}

void frame_early_done(void)
{
	frame_free_reserved(early.start, early.end);
	early.start = early.end;
}
