/*
 * `crash=NAME` on the command line: the classic faults, each provoked for real at the end of the
 * boot. grader/panic.sh looks at what the panic says. Those that need threads are in 02/crash.c.
 */
#include "common/cmdline.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/spinlock.h"
#include "common/string.h"
#include "01-memory/kmem.h"

static DEFINE_SPINLOCK(outer, RANK_KMEM);
static DEFINE_SPINLOCK(inner, RANK_FRAME);

static __noinline int crash_stack_overflow(int depth)
{
	volatile char frame[200];

	frame[0] = depth;
	return depth < 0 ? 0 : crash_stack_overflow(depth + 1) + frame[0];
}

static __noinline void crash_double_fault(void)
{
	__asm__ volatile("movq %0, %%rsp\n\tpushq %%rax" :: "r"(0x123456780UL) : "memory");
}

static __noinline void crash_null_page(void)
{
	volatile u64 *volatile p = (volatile u64 *)0x18;

	*p = 1;
}

static __noinline void crash_unmapped(void)
{
	volatile u64 *p = phys_to_virt((frame_count << PAGE_SHIFT) + (1UL << 40));

	*p = 1;
}

static __noinline void crash_freed_frame(void)
{
	struct frame *f = frame_alloc(0, GFP_KERNEL, FRAME_KERNEL);

	frame_put(f);
	frame_put(f);
}

/* Debug builds notice when the object is given out again. */
static __noinline void crash_freed_object(void)
{
	volatile char *p = kmalloc(100, GFP_KERNEL);

	kfree((void *)p);
	p[50] = 1;
	for (int i = 0; i < 1000; i++)
		kmalloc(100, GFP_KERNEL);
	panic("nobody noticed");
}

/* Debug builds fill what is freed, so the pointer found in it is none. */
static __noinline void crash_freed_pointer(void)
{
	u64 *volatile *p = kzalloc(2048, GFP_KERNEL);

	kfree((void *)p);
	*p[100] = 1;
}

static __noinline void crash_lock_twice(void)
{
	spin_lock(&inner);
	spin_lock(&inner);
	spin_unlock(&inner);
}

static __noinline void crash_lock_order(void)
{
	spin_lock(&inner);
	spin_lock(&outer);
	spin_unlock(&outer);
	spin_unlock(&inner);
	panic("nobody noticed");
}

static void crash_init(void)
{
	const char *name = cmdline_get("crash");

	if (!name)
		return;
	if (!strcmp(name, "stack_overflow"))
		crash_stack_overflow(1);
	else if (!strcmp(name, "double_fault"))
		crash_double_fault();
	else if (!strcmp(name, "null_page"))
		crash_null_page();
	else if (!strcmp(name, "unmapped"))
		crash_unmapped();
	else if (!strcmp(name, "freed_frame"))
		crash_freed_frame();
	else if (!strcmp(name, "freed_object"))
		crash_freed_object();
	else if (!strcmp(name, "freed_pointer"))
		crash_freed_pointer();
	else if (!strcmp(name, "lock_twice"))
		crash_lock_twice();
	else if (!strcmp(name, "lock_order"))
		crash_lock_order();
}
INITCALL(95, crash_init);
