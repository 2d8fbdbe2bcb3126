/*
 * From the page fault to the page: finding the area, checking the access, growing the stack
 * (mm_fault() in mm.h), and installing what exercise 2.3 (fault.c) has found.
 */
#include "common/atomic.h"
#include "common/string.h"
#include "common/x86.h"
#include "02-usermode/mm_internal.h"
#include "02-usermode/process.h"

/* siginfo codes of sigaction(2). */
#define SEGV_MAPERR	1
#define SEGV_ACCERR	2
#define BUS_ADRERR	2

#define STACK_GUARD	(256 * PAGE_SIZE)	/* a growing stack keeps away from what is below */
/* Pages mapped together, if they are in memory: few around a lone fault, more where faults proceed.
 */
#define FAULT_AROUND	4
#define FAULT_AHEAD	16

u64 area_pte_flags(u32 vm_flags)
{
	u64 flags = PTE_USER | PTE_ACCESSED;

	if (vm_flags & VM_PROT)
		flags |= PTE_PRESENT;
	if (!(vm_flags & VM_EXEC))
		flags |= PTE_NX;
	return flags;
}

static void count(struct mm *mm, struct frame *f, int n)
{
	if (f->owner == FRAME_CACHE)
		mm->file_pages += n;
	else
		mm->anon_pages += n;
}

/* No memory for a page table: get some in a way that may sleep, so that another try helps. */
static int make_room(void)
{
	struct frame *f = frame_alloc(0, GFP_KERNEL, FRAME_KERNEL);

	if (!f)
		return -ENOMEM;
	frame_put(f);
	return 0;
}

/*
 * Whether a page of an object may no longer be mapped, with pt_lock held: it was cut off from its
 * file since the object gave it to us, or written back since it was made dirty. What cleans or
 * removes it looks for mappings afterwards, under pt_lock; so either it finds ours or we see what
 * it did. The access faults again.
 */
static bool is_stale(const struct frame *f, u64 flags)
{
	const struct vm_object *o;

	if (f->owner != FRAME_CACHE)
		return false;
	o = READ_ONCE(f->object);
	return !o ||
	       ((flags & PTE_WRITE) && o->ops->track_writes && !(READ_ONCE(f->flags) & PG_DIRTY));
}

int fault_install(struct mm *mm, vaddr_t addr, pte_t old, struct frame *f, u64 flags)
{
	struct frame *drop = flags & PTE_SPECIAL ? NULL : f;
	struct frame *replaced = NULL;
	pte_t *pte;

	if (f->owner == FRAME_CACHE && !(f->flags & PG_MAPPED))
		atomic_fetch_or(&f->flags, PG_MAPPED);
	spin_lock(&mm->pt_lock);
	pte = pt_walk(mm->pt, addr, true);
	if (pte && *pte == old && !is_stale(f, flags)) {
		if (old && !(old & PTE_SPECIAL)) {
			replaced = phys_to_frame(pte_phys(old));
			count(mm, replaced, -1);
		}
		*pte = frame_to_phys(f) | flags;
		if (drop)
			count(mm, f, 1);
		drop = NULL;
	}
	spin_unlock(&mm->pt_lock);
	if (drop)
		frame_put(drop);
	if (!pte)
		return make_room();
	if (old & PTE_PRESENT)	/* others may still see the old frame */
		tlb_flush_range(mm, addr, addr + PAGE_SIZE);
	if (replaced)
		frame_put(replaced);
	return 0;
}

int fault_make_writable(struct mm *mm, vaddr_t addr, pte_t old)
{
	pte_t *pte;

	spin_lock(&mm->pt_lock);
	pte = pt_walk(mm->pt, addr, false);
	if (pte && (*pte | PTE_ACCESSED) == (old | PTE_ACCESSED) &&
	    !is_stale(phys_to_frame(pte_phys(old)), PTE_WRITE))
		*pte = old | PTE_WRITE | PTE_DIRTY | PTE_ACCESSED;
	spin_unlock(&mm->pt_lock);
	invlpg(addr);	/* other CPUs fault once more and find it done */
	return 0;
}

/*
 * Map the neighbours of a page just read from an object, as far as they are in memory. They are
 * collected first, because the object's lock comes before the page tables'; one that left its
 * object meanwhile (truncation) is not mapped.
 */
static void fault_around(struct mm *mm, struct vm_area *a, vaddr_t addr)
{
	vaddr_t base = ALIGN_DOWN(addr, FAULT_AROUND * PAGE_SIZE);
	struct frame *near[FAULT_AHEAD] = { NULL };
	struct vm_object *o = a->object;
	u64 flags = area_pte_flags(a->flags);
	pte_t *ptes = pt_walk(mm->pt, base, false);	/* all in one table, which mm->lock keeps */
	int slot = PT_INDEX(base, 1), n = FAULT_AROUND;

	if (!ptes)
		return;
	if (slot && addr == base && READ_ONCE(ptes[-1]))	/* somebody reads on and on */
		n = MIN(FAULT_AHEAD, PT_ENTRIES - slot);
	for (int i = 0; i < n; i++) {
		vaddr_t va = base + i * PAGE_SIZE;

		if (va >= a->start && va < a->end && !READ_ONCE(ptes[i]))
			near[i] = o->ops->cached(o, (a->offset + (va - a->start)) >> PAGE_SHIFT);
	}
	spin_lock(&mm->pt_lock);
	for (int i = 0; i < n; i++) {
		if (!near[i] || ptes[i] || READ_ONCE(near[i]->object) != o)
			continue;
		if (!(near[i]->flags & PG_MAPPED))
			atomic_fetch_or(&near[i]->flags, PG_MAPPED);
		ptes[i] = frame_to_phys(near[i]) | flags;
		count(mm, near[i], 1);
		near[i] = NULL;
	}
	spin_unlock(&mm->pt_lock);
	for (int i = 0; i < n; i++)
		if (near[i])
			frame_put(near[i]);
}

static bool allowed(const struct vm_area *a, u64 access)
{
	if (access & PF_WRITE)
		return a->flags & VM_WRITE;
	if (access & PF_EXEC)
		return a->flags & VM_EXEC;
	return a->flags & VM_PROT;
}

/* Extend the stack area above addr down to it: 0 or -EFAULT. Takes the lock for writing. */
static int grow_stack(struct mm *mm, vaddr_t addr)
{
	struct vm_area *a, *below;
	int error = -EFAULT;
	u64 pages;

	addr = ALIGN_DOWN(addr, PAGE_SIZE);
	down_write(&mm->lock);
	a = mm_find(mm, addr);
	if (a && a->start <= addr) {
		error = 0;	/* somebody else was faster */
	} else if (a && (a->flags & VM_GROWSDOWN) && addr >= USER_MIN &&
		   a->end - addr <= mm->limit_stack) {
		below = mm_prev_area(a);
		pages = (a->start - addr) >> PAGE_SHIFT;
		if ((!below || (below->flags & VM_GROWSDOWN) || below->end + STACK_GUARD <= addr) &&
		    (!below || below->end <= addr) &&
		    mm->total_pages + pages <= mm->limit_as >> PAGE_SHIFT) {
			a->start = addr;
			mm->total_pages += pages;
			mm->stack_pages += pages;
			error = 0;
		}
	}
	up_write(&mm->lock);
	return error;
}

/*
 * The entry for addr. If it is there and shall become writable, *held gets the frame that it
 * counts, with a reference: without mm->lock for writing others may unmap the page meanwhile, and
 * then nothing else would keep it.
 */
static pte_t read_pte(struct mm *mm, vaddr_t addr, bool write, struct frame **held)
{
	pte_t *pte, v = 0;

	*held = NULL;
	spin_lock(&mm->pt_lock);
	pte = pt_walk(mm->pt, addr, false);
	if (pte)
		v = *pte;
	if (v && write && !(v & (PTE_WRITE | PTE_SPECIAL))) {
		*held = phys_to_frame(pte_phys(v));
		frame_get(*held);
	}
	spin_unlock(&mm->pt_lock);
	return v;
}

/* The area is there and allows it: do what the entry says is missing. */
static int serve(struct mm *mm, struct vm_area *a, vaddr_t addr, u64 access, int *code)
{
	bool write = access & PF_WRITE;
	struct frame *held;
	pte_t pte = read_pte(mm, addr, write, &held);
	int error;

	if (!pte)
		error = fault_fill(mm, a, addr, write);
	else if (write && !(pte & PTE_WRITE))
		error = fault_write(mm, a, addr, pte);
	else {
		invlpg(addr);	/* another CPU or thread has done it */
		return 0;
	}
	if (held)
		frame_put(held);
	if (!error && !pte && !write && a->object && a->object->ops->cached)
		fault_around(mm, a, addr);
	if (!error && write && a->object && !(a->flags & (VM_SHARED | VM_COPIED)))
		/* the lock is held for reading only */
		atomic_fetch_or(&a->flags, (u32)VM_COPIED);
	if (error == -EFAULT || error == -ENOSPC || error == -EIO) {
		*code = BUS_ADRERR;
		return -EIO;
	}
	return error;
}

static struct fault_counts {
	u64 all, major;
} __aligned(64) fault_counts[MAX_CPUS];	/* own CPU */

void mm_fault_is_major(void)
{
	current->minor_faults--;
	current->major_faults++;
	fault_counts[cpu_id()].major++;
}

void mm_fault_counts(u64 *all, u64 *major)
{
	*all = *major = 0;
	for (int i = 0; i < cpu_count; i++) {
		*all += READ_ONCE(fault_counts[i].all);
		*major += READ_ONCE(fault_counts[i].major);
	}
}

int mm_fault(struct mm *mm, vaddr_t addr, u64 access, int *code)
{
	struct vm_area *a;
	int error;

	current->minor_faults++;
	fault_counts[cpu_id()].all++;
	for (;;) {
		down_read(&mm->lock);
		a = mm_find(mm, addr);
		if (a && a->start <= addr)
			break;
		up_read(&mm->lock);
		*code = SEGV_MAPERR;
		if (!a || !(a->flags & VM_GROWSDOWN) || grow_stack(mm, addr))
			return -EFAULT;
	}
	if (allowed(a, access)) {
		error = serve(mm, a, ALIGN_DOWN(addr, PAGE_SIZE), access, code);
	} else {
		*code = SEGV_ACCERR;
		error = -EFAULT;
	}
	up_read(&mm->lock);
	return error;
}

int mm_get_frame(struct mm *mm, vaddr_t addr, bool write, struct frame **frame)
{
	int code, error;

	for (;;) {
		pte_t *pte, e = 0;

		spin_lock(&mm->pt_lock);
		pte = pt_walk(mm->pt, addr, false);
		if (pte)
			e = *pte;
		if ((e & PTE_PRESENT) && (!write || (e & PTE_WRITE))) {
			struct frame *f = phys_to_frame(pte_phys(e));

			if (f)
				frame_get(f);
			spin_unlock(&mm->pt_lock);
			*frame = f;
			return f ? 0 : -EFAULT;
		}
		spin_unlock(&mm->pt_lock);
		error = mm_fault(mm, addr, write ? PF_WRITE : 0, &code);
		if (error)
			return error == -EIO ? -EFAULT : error;
	}
}

size_t mm_access(struct mm *mm, vaddr_t addr, void *buf, size_t n, bool write)
{
	size_t done = 0;

	while (done < n && addr + done < USER_END) {
		size_t in_page = (addr + done) & (PAGE_SIZE - 1);
		size_t len = MIN(n - done, PAGE_SIZE - in_page);
		struct frame *f;
		char *p;

		if (mm_get_frame(mm, addr + done, write, &f))
			break;
		p = (char *)frame_to_virt(f) + in_page;
		if (write)
			memcpy(p, (char *)buf + done, len);
		else
			memcpy((char *)buf + done, p, len);
		frame_put(f);
		done += len;
	}
	return done;
}
