/*
 * The map of memory (contract in memmap.h): everything is looked up, nothing is known beforehand.
 */
#include "01-memory/memmap.h"
#include "common/boot_info.h"
#include "common/cmdline.h"
#include "common/debugcon.h"
#include "common/init.h"
#include "common/printk.h"
#include "common/string.h"
#include "common/x86.h"

#define CHUNKS	1024	/* pieces that physical memory is drawn in */

CMDLINE_WORD(memmap, "memmap");

void memmap_line(const char *fmt, ...)
{
	char line[160];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = MIN((size_t)vsnprintf(line, sizeof(line) - 1, fmt, ap), sizeof(line) - 2);
	va_end(ap);
	line[n++] = '\n';
	line[n] = '\0';
	if (debugcon_present())
		debugcon_write(line, n);
	else
		printk("%s", line);
}

/* ---- physical memory ----------------------------------------------------------------------- */

static void print_range(const char *kind, paddr_t start, paddr_t end, const char *what)
{
	if (start < end)
		memmap_line("%s %012lx %012lx %lu %s", kind, start, end - 1,
			    (end - start) >> 10, what);
}

static void print_ranges(void)
{
	static const char *const types[] = { "?", "usable", "reserved", "ACPI", "ACPI-NVS", "bad" };

	for (int i = 0; i < boot_info.memory_count; i++) {
		const struct memory_range *r = &boot_info.memory[i];

		print_range("ram", r->start, r->end, types[r->type]);
	}
	print_range("place", kernel_image_start(), kernel_image_end(), "kernel image");
	print_range("place", virt_to_phys(frames), virt_to_phys(frames + frame_count),
		    "array of struct frame");
	print_range("place", boot_info.initrd_start, boot_info.initrd_end, "initial ramdisk");
}

/* A block's owner stands in its first frame only. */
struct block {
	u64 end;
	enum frame_owner owner;
};

struct chunk {
	u64 kib, count[FRAME_CACHE + 1];	/* frames, by owner */
};

static struct chunk look_at_chunk(u64 first, u64 last, struct block *b)
{
	struct chunk c = { (last - first) * (PAGE_SIZE >> 10) };

	for (u64 n = first; n < last; n = MIN(b->end, last)) {
		const struct frame *f = &frames[n];

		if (n == b->end) {
			bool allocated = f->owner != FRAME_FREE && f->owner != FRAME_RESERVED;

			*b = (struct block){ n + (allocated ? 1UL << f->order : 1), f->owner };
		}
		c.count[b->owner] += MIN(b->end, last) - n;
	}
	return c;
}

static void print_chunks(const struct chunk *c, int times)
{
	const u64 *n = c->count;

	if (times)
		memmap_line("chunk %lu %d %lu %lu %lu %lu %lu %lu %lu", c->kib, times, n[0], n[1],
			    n[2], n[3], n[4], n[5], n[6]);
}

/* At most CHUNKS pieces of memory; those that are equal take one line. */
static void print_frames(void)
{
	struct block b = { 0 };
	struct chunk last = { 0 };
	int times = 0;
	u64 step = 1;

	while (frame_count / step > CHUNKS)
		step *= 2;
	for (u64 n = 0; n < frame_count; n += step) {
		struct chunk c = look_at_chunk(n, MIN(n + step, frame_count), &b);

		if (memcmp(&c, &last, sizeof(c))) {
			print_chunks(&last, times);
			last = c;
			times = 0;
		}
		times++;
	}
	print_chunks(&last, times);
}

/* ---- page tables --------------------------------------------------------------------------- */

struct walk {
	vaddr_t start, end;
	void (*fn)(vaddr_t va, u64 size, pte_t e, void *arg);
	void *arg;
};

/* Bits 48 to 63 of an address repeat bit 47. */
static vaddr_t canonical(vaddr_t va)
{
	return (s64)(va << 16) >> 16;
}

static void walk_table(const struct walk *w, const pte_t *table, int level, vaddr_t base,
		       pte_t above)
{
	u64 size = 1UL << (PAGE_SHIFT + 9 * (level - 1));

	for (int i = 0; i < PT_ENTRIES; i++) {
		vaddr_t va = canonical(base + i * size);
		pte_t e = table[i], both;

		if (!(e & PTE_PRESENT) || va + (size - 1) < w->start || va >= w->end)
			continue;
		both = (e & above & (PTE_WRITE | PTE_USER)) | ((e | above) & PTE_NX);
		if (level == 1 || (e & PTE_LARGE))
			w->fn(va, size, (e & ~(PTE_WRITE | PTE_USER | PTE_NX)) | both, w->arg);
		else
			walk_table(w, phys_to_virt(pte_phys(e)), level - 1, va, both);
	}
}

void memmap_walk(const pte_t *top, vaddr_t start, vaddr_t end,
		 void (*fn)(vaddr_t va, u64 size, pte_t e, void *arg), void *arg)
{
	struct walk w = { start, end, fn, arg };

	walk_table(&w, top, PT_LEVELS, 0, PTE_WRITE | PTE_USER);
}

/* Neighbouring pages of the same kind. */
struct run {
	vaddr_t start, end;
	u64 page;
	pte_t e;
};

#define SHOWN	(PTE_WRITE | PTE_USER | PTE_NX | PTE_NO_CACHE)

static const char *run_name(const struct run *r)
{
	if (r->start >= KERNEL_BASE)
		return !(r->e & PTE_NX) ? "image: text" :
		       r->e & PTE_WRITE ? "image: data" : "image: constants";
	if (r->e & PTE_NO_CACHE)
		return "device registers";
	if (r->start >= DIRECT_MAP_BASE && r->start < DIRECT_MAP_END)
		return "direct map";
	return kernel_stack_guard(r->start - 1) ? "kernel stack" : "vmalloc";
}

static void print_run(const struct run *r)
{
	if (r->start < r->end)
		memmap_line("kernel %016lx %016lx %lu r%c%c %luK %s", r->start, r->end - 1,
			    (r->end - r->start) >> 10, r->e & PTE_WRITE ? 'w' : '-',
			    r->e & PTE_NX ? '-' : 'x', r->page >> 10, run_name(r));
}

static void add_page(vaddr_t va, u64 size, pte_t e, void *arg)
{
	struct run *r = arg;

	if (va != r->end || size != r->page || (e ^ r->e) & SHOWN) {
		print_run(r);
		*r = (struct run){ va, va, size, e };
	}
	r->end += size;
}

void memmap_print(void)
{
	struct run last = { 0 };

	memmap_line("memmap %lu", frame_count);
	print_ranges();
	print_frames();
	memmap_walk(phys_to_virt(read_cr3() & PTE_ADDR), DIRECT_MAP_BASE, ~0UL, add_page, &last);
	print_run(&last);
}

static void memmap_init(void)
{
	if (!cmdline_has("memmap"))
		return;
	memmap_print();
	memmap_line("end");
}
INITCALL(90, memmap_init);
