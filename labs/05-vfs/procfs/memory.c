/*
 * procfs: where the machine's memory is (proc(5)): meminfo, vmstat, slabinfo, swaps.
 *
 * All figures are a moment's, and no lock makes them fit each other. What is not counted
 * (which page-cache pages are mapped, say) is left out; a 0 is really none.
 */
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/mm.h"
#include "02-usermode/process.h"
#include "05-vfs/block.h"
#include "05-vfs/inode.h"
#include "05-vfs/page_cache.h"
#include "05-vfs/proc.h"

static void kib(struct printer *p, const char *name, u64 pages)
{
	char label[24];

	snprintf(label, sizeof(label), "%s:", name);
	print(p, "%-16s%8lu kB\n", label, pages * (PAGE_SIZE / 1024));
}

/* What the address spaces of all processes have been promised. */
struct promises {
	u64 committed, locked;	/* pages */
};

static void sum_promises(struct promises *sum)
{
	struct process *p;
	struct mm *mm;

	*sum = (struct promises){ 0 };
	for (int nr = 1; (p = process_next(nr)); nr = p->id + 1, process_put(p)) {
		mm = process_mm(p);
		if (!mm)
			continue;
		sum->committed += mm->data_pages + mm->stack_pages;
		sum->locked += mm->locked_pages;
		mm_put(mm);
	}
}

/* Caches of what can be read from disk again: the shrinkers give these back. */
static void add_reclaimable(const char *name, u64 in_use, u64 total, size_t size, void *arg)
{
	size_t n = strlen(name);

	if (!strcmp(name, "dentry") || (n >= 5 && !strcmp(name + n - 5, "inode")))
		*(u64 *)arg += total * size;
}

static void add_buffers(struct block_device *d, void *pages)
{
	*(u64 *)pages += d->inode ? READ_ONCE(d->inode->pages.page_count) : 0;
}

/*
 * MemAvailable: what a program could get without swapping: free memory, caches, and what the
 * shrinkers would give back. Shmem: cached pages on no list of reclaimable ones.
 */
static int print_meminfo(struct printer *p)
{
	struct frame_stats f;
	struct promises promised;
	u64 cached, buffers = 0, reclaimable = 0;

	frame_stats(&f);
	block_for_each(add_buffers, &buffers);
	cached = page_cache_total();
	cached -= MIN(cached, buffers);
	kmem_for_each_cache(add_reclaimable, &reclaimable);
	reclaimable = MIN(reclaimable >> PAGE_SHIFT, f.by_owner[FRAME_SLAB]);
	sum_promises(&promised);
	kib(p, "MemTotal", f.total);
	kib(p, "MemFree", f.free);
	kib(p, "MemAvailable", f.free + page_cache_active() + page_cache_inactive() + reclaimable);
	kib(p, "Buffers", buffers);
	kib(p, "Cached", cached);
	kib(p, "SwapCached", 0);
	kib(p, "Active", f.by_owner[FRAME_ANON] + page_cache_active());
	kib(p, "Inactive", page_cache_inactive());
	kib(p, "Active(anon)", f.by_owner[FRAME_ANON]);
	kib(p, "Inactive(anon)", 0);
	kib(p, "Active(file)", page_cache_active());
	kib(p, "Inactive(file)", page_cache_inactive());
	kib(p, "Unevictable", promised.locked);
	kib(p, "Mlocked", promised.locked);
	kib(p, "SwapTotal", 0);
	kib(p, "SwapFree", 0);
	kib(p, "Dirty", page_cache_dirty());
	kib(p, "Writeback", page_cache_writeback());
	kib(p, "AnonPages", f.by_owner[FRAME_ANON]);
	kib(p, "Shmem", cached + buffers -
			MIN(cached + buffers, page_cache_active() + page_cache_inactive()));
	kib(p, "KReclaimable", reclaimable);
	kib(p, "Slab", f.by_owner[FRAME_SLAB]);
	kib(p, "SReclaimable", reclaimable);
	kib(p, "SUnreclaim", f.by_owner[FRAME_SLAB] - reclaimable);
	kib(p, "KernelStack", (u64)thread_count() * (KERNEL_STACK_SIZE / PAGE_SIZE));
	kib(p, "PageTables", f.by_owner[FRAME_PAGE_TABLE]);
	kib(p, "NFS_Unstable", 0);
	kib(p, "Bounce", 0);
	kib(p, "WritebackTmp", 0);
	kib(p, "CommitLimit", f.total / 2);
	kib(p, "Committed_AS", promised.committed);
	print(p, "VmallocTotal:   34359738367 kB\n");
	return 0;
}
PROC_ENTRY(meminfo, "meminfo", 0444, print_meminfo, NULL);

struct transfers {
	u64 in, out;		/* sectors */
};

static void add_transfers(struct block_device *d, void *arg)
{
	struct transfers *sum = arg;

	if (d != d->whole)
		return;
	sum->in += d->sectors_read;
	sum->out += d->sectors_written;
}

static int print_vmstat(struct printer *p)
{
	struct frame_stats f;
	struct transfers sum = { 0 };
	u64 faults, major;

	frame_stats(&f);
	block_for_each(add_transfers, &sum);
	mm_fault_counts(&faults, &major);
	print(p, "nr_free_pages %lu\nnr_inactive_anon 0\nnr_active_anon %lu\n", f.free,
	      f.by_owner[FRAME_ANON]);
	print(p, "nr_inactive_file %lu\nnr_active_file %lu\nnr_dirty %lu\nnr_writeback %lu\n",
	      page_cache_inactive(), page_cache_active(), page_cache_dirty(),
	      page_cache_writeback());
	print(p, "nr_file_pages %lu\nnr_page_table_pages %lu\n", page_cache_total(),
	      f.by_owner[FRAME_PAGE_TABLE]);
	print(p, "pgpgin %lu\npgpgout %lu\npswpin 0\npswpout 0\npgfault %lu\npgmajfault %lu\n",
	      sum.in / 2, sum.out / 2, faults, major);	/* KiB moved; there is no swap */
	return 0;
}
PROC_ENTRY(vmstat, "vmstat", 0444, print_vmstat, NULL);

static void print_slab(const char *name, u64 in_use, u64 total, size_t size, void *arg)
{
	u64 per_slab = MAX(PAGE_SIZE / MAX(size, 1UL), 1UL);

	print(arg, "%-17s %6lu %6lu %6lu %4lu %4lu : tunables    0    0    0 "
	      ": slabdata %6lu %6lu 0\n",
	      name, in_use, total, size, per_slab, 1UL, DIV_ROUND_UP(total, per_slab),
	      DIV_ROUND_UP(total, per_slab));
}

static int print_slabinfo(struct printer *p)
{
	print(p, "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> "
	      "<objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : "
	      "slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	kmem_for_each_cache(print_slab, p);
	return 0;
}
PROC_ENTRY(slabinfo, "slabinfo", 0400, print_slabinfo, NULL);

static int print_swaps(struct printer *p)
{
	print(p, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}
PROC_ENTRY(swaps, "swaps", 0444, print_swaps, NULL);
