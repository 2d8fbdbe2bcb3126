/*
 * The kernel's side of the vDSO: one object of a data page (struct vvar) and the library's
 * pages, which exec maps into every new address space, readable and executable but never
 * writable in place: a debugger that sets a breakpoint there gets a copy, as with any private
 * mapping.
 */
#include "common/abi/auxvec.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/string.h"
#include "02-usermode/mm.h"
#include "02-usermode/timer.h"
#include "02-usermode/wait.h"
#include "04-elf/exec.h"
#include "05-vfs/printer.h"
#include "07-dynlink/vdso/vvar.h"

#define MAX_PAGES	4

extern const char vdso_image[], vdso_image_end[];

static struct frame *pages[1 + MAX_PAGES];	/* the data page, then the library */
static u64 page_count;
static struct vvar *vvar;

static int vdso_fault(struct vm_object *o, struct vm_area *a, u64 index, bool write,
		      struct frame **frame)
{
	if (index >= page_count)
		return -EFAULT;
	frame_get(pages[index]);
	*frame = pages[index];
	return 0;
}

static void vdso_describe(struct vm_area *a, struct printer *out)
{
	print(out, "00:00 0                          %s", a->offset == 0 ? "[vvar]" : "[vdso]");
}

static const struct vm_object_ops vdso_ops = {
	.fault = vdso_fault,
	.describe = vdso_describe,
};
static struct vm_object vdso_object;

/*
 * Writers of the page are one at a time: the boot, and setters of the clock under its queue's
 * lock.
 */
static void vvar_update(void)
{
	atomic_store(&vvar->sequence, vvar->sequence + 1);
	smp_mb();
	vvar->tsc_base = clock_params.tsc_base;
	vvar->mult = clock_params.mult;
	vvar->shift = clock_params.shift;
	vvar->realtime_offset = clock_realtime_offset();
	smp_mb();
	atomic_store(&vvar->sequence, vvar->sequence + 1);
}

/* The clock was set. Called by the wake-up, with the queue's lock held. */
static bool vvar_wake(struct wait_entry *e, u64 key)
{
	vvar_update();
	return false;
}

static struct wait_entry vvar_listener = { .wake = vvar_wake };

static void vdso_init(void)
{
	size_t size = (size_t)(vdso_image_end - vdso_image);

	BUG_ON(size > MAX_PAGES * PAGE_SIZE);
	page_count = 1 + DIV_ROUND_UP(size, PAGE_SIZE);
	for (u64 i = 0; i < page_count; i++) {
		pages[i] = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_KERNEL);
		if (!pages[i])
			panic("vdso: no memory");
		if (i > 0)
			memcpy(frame_to_virt(pages[i]), vdso_image + (i - 1) * PAGE_SIZE,
			       MIN(size - (i - 1) * PAGE_SIZE, PAGE_SIZE));
	}
	vvar = frame_to_virt(pages[0]);
	vvar_update();
	vm_object_init(&vdso_object, &vdso_ops);
	wait_queue_add(&clock_was_set, &vvar_listener);
}
INITCALL(80, vdso_init);

/* Map both parts next to each other; AT_SYSINFO_EHDR tells where. */
static int vdso_map(struct exec *x, const struct elf_image *program)
{
	struct mm *mm = x->mm;
	u64 code_size = (page_count - 1) * PAGE_SIZE;
	struct vm_area *a;
	s64 at;

	down_write(&mm->lock);
	at = mm_find_free(mm, 0, PAGE_SIZE + code_size, PAGE_SIZE);
	if (at < 0) {
		up_write(&mm->lock);
		return (int)at;
	}
	a = mm_map(mm, (vaddr_t)at, PAGE_SIZE, VM_READ | VM_MAYREAD, &vdso_object, 0, NULL);
	if (!IS_ERR(a))
		a = mm_map(mm, (vaddr_t)at + PAGE_SIZE, code_size,
			   VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC, &vdso_object,
			   PAGE_SIZE, NULL);
	up_write(&mm->lock);
	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	mm->vdso = (vaddr_t)at + PAGE_SIZE;
	return exec_add_auxv(x, AT_SYSINFO_EHDR, mm->vdso);
}
EXEC_STEP(50, vdso_map);
