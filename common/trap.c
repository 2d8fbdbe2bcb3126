/*
 * Exceptions and interrupts, after trap.S has saved the registers.
 *
 * An exception goes to its handler; if there is none, or it declines, and the kernel was
 * running, the table of recoverable faults is searched; what is left is a panic that explains
 * itself. A hardware interrupt is acknowledged and handled with interrupts off. On the way to
 * ring 3 return_to_user_hook does what waits to be done there. (Intel SDM vol. 3, chapter 6.)
 */
#include "common/trap.h"
#include "common/asm.h"
#include "common/cpu.h"
#include "common/errno.h"
#include "common/layout.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/spinlock.h"
#include "common/string.h"
#include "common/x86.h"

void (*irq_eoi)(void);
void (*return_to_user_hook)(struct trapframe *f);

struct idt_gate {
	u16 offset_low, selector;
	u8 ist, type;
	u16 offset_middle;
	u32 offset_high, reserved;
};

static struct idt_gate idt[256] __aligned(16);
static trap_handler handlers[256];	/* exceptions and VECTOR_SYSCALL */

static struct irq {
	void (*handler)(void *arg);
	void *arg;
} irqs[256];
static DEFINE_SPINLOCK(irq_lock, RANK_LEAF);

#define STORM_LIMIT	500000	/* interrupts in a row; a few seconds */
#define STORM_GAP	10000	/* cycles: no device that waits for its next request is so quick */
#define STORM_PARDON	16
#define HLT		0xf4	/* the instruction */
static struct irq_watch {		/* own CPU, interrupts off */
	u64 left;		/* the clock when the handler had returned */
	unsigned vector, count;
} __aligned(64) irq_watch[MAX_CPUS];

extern const char trap_stubs[];		/* 16 bytes each */
extern const struct extable_entry __start_ex_table[], __stop_ex_table[];
void trap_dispatch(struct trapframe *f, unsigned vector, u64 error);
void trap_dispatch_paranoid(struct trapframe *f, unsigned vector, u64 error);
struct trapframe *trap_bad_return(const struct trapframe *f);

#define GATE_INTERRUPT	0x8e		/* present, 64-bit interrupt gate: IF is cleared */
#define GATE_USER	0x60		/* ring 3 may use INT n */

static void set_gate(unsigned vector, u8 ist, u8 type)
{
	u64 stub = (u64)trap_stubs + 16 * vector;

	idt[vector] = (struct idt_gate){
		.offset_low = stub, .selector = SEL_KERNEL_CODE, .ist = ist, .type = type,
		.offset_middle = stub >> 16, .offset_high = stub >> 32,
	};
}

/* Remap the two 8259s away from the exceptions and mask them; the APICs do their work. */
static void mask_legacy_pic(void)
{
	outb(0x20, 0x11);		/* ICW1: edge, cascade, ICW4 follows */
	outb(0xa0, 0x11);
	outb(0x21, VECTOR_IRQ_BASE);
	outb(0xa1, VECTOR_IRQ_BASE + 8);
	outb(0x21, 4);			/* ICW3: the second one hangs at line 2 */
	outb(0xa1, 2);
	outb(0x21, 1);			/* ICW4: 8086 mode */
	outb(0xa1, 1);
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
}

void trap_init(void)
{
	for (unsigned v = 0; v < 256; v++)
		set_gate(v, 0, GATE_INTERRUPT);
	set_gate(TRAP_DOUBLE_FAULT, IST_DOUBLE_FAULT, GATE_INTERRUPT);
	set_gate(TRAP_NMI, IST_NMI, GATE_INTERRUPT);
	set_gate(TRAP_MACHINE_CHECK, IST_MACHINE_CHECK, GATE_INTERRUPT);
	set_gate(TRAP_BREAKPOINT, 0, GATE_INTERRUPT | GATE_USER);
	set_gate(TRAP_OVERFLOW, 0, GATE_INTERRUPT | GATE_USER);
	set_gate(VECTOR_SYSCALL, 0, GATE_INTERRUPT | GATE_USER);
	mask_legacy_pic();
	trap_load_idt();
}

void trap_load_idt(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed idtr = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lidt %0" :: "m"(idtr));
}

trap_handler trap_set_handler(unsigned vector, trap_handler h)
{
	trap_handler old = handlers[vector];

	handlers[vector] = h;
	return old;
}

int irq_set_handler(unsigned vector, void (*h)(void *arg), void *arg)
{
	int error = 0;

	if (vector < VECTOR_IRQ_BASE || vector > VECTOR_SPURIOUS || vector == VECTOR_SYSCALL)
		return -EINVAL;
	spin_lock(&irq_lock);
	if (h && irqs[vector].handler) {
		error = -EBUSY;
	} else {
		irqs[vector].arg = arg;
		barrier();
		irqs[vector].handler = h;
	}
	spin_unlock(&irq_lock);
	return error;
}

/* Vectors are never given back, so a mark will do. */
int vector_alloc(void)
{
	static int next = VECTOR_DYNAMIC_FIRST;
	int vector = -ENOSPC;

	spin_lock(&irq_lock);
	if (next == VECTOR_SYSCALL)
		next++;
	if (next <= VECTOR_DYNAMIC_LAST)
		vector = next++;
	spin_unlock(&irq_lock);
	return vector;
}

bool extable_fixup(struct trapframe *f)
{
	for (const struct extable_entry *e = __start_ex_table; e < __stop_ex_table; e++)
		if ((u64)&e->insn + e->insn == f->rip) {
			f->rip = (u64)&e->resume + e->resume;
			return true;
		}
	return false;
}

static const char *const trap_names[TRAP_COUNT] = {
	[TRAP_DIVIDE] = "divide error", [TRAP_DEBUG] = "debug exception", [TRAP_NMI] = "NMI",
	[TRAP_BREAKPOINT] = "breakpoint", [TRAP_OVERFLOW] = "overflow",
	[TRAP_BOUND] = "bound range exceeded", [TRAP_INVALID_OPCODE] = "invalid opcode",
	[TRAP_NO_FPU] = "no FPU", [TRAP_DOUBLE_FAULT] = "double fault",
	[TRAP_INVALID_TSS] = "invalid TSS", [TRAP_NO_SEGMENT] = "segment not present",
	[TRAP_STACK] = "stack segment fault", [TRAP_PROTECTION] = "general protection fault",
	[TRAP_PAGE_FAULT] = "page fault", [TRAP_FPU] = "FPU error",
	[TRAP_ALIGNMENT] = "alignment check", [TRAP_MACHINE_CHECK] = "machine check",
	[TRAP_SIMD] = "SIMD floating-point error",
};

/*
 * Is addr in a guard page that the stack pointer has just run into? Then it is not mapped, but the
 * stack right above is. (A wild rsp has neither.)
 */
static bool in_stack_guard(u64 addr, u64 rsp)
{
	u64 value;

	return addr - (rsp - PAGE_SIZE) < 2 * PAGE_SIZE && !probe_read(addr & ~7UL, &value) &&
	       probe_read(ALIGN_UP(addr + 1, PAGE_SIZE), &value);
}

/* In words what the address of a kernel page fault suggests. */
static const char *address_hint(u64 address, u64 rsp)
{
	if (address < PAGE_SIZE)
		return "a NULL pointer, or a member of a struct behind one";
	if (address < USER_END)
		return "a user address: only the copy functions may touch those";
	if (in_stack_guard(address, rsp))
		return "near the stack pointer: a guard page, the kernel stack overflowed";
	if (address >= KERNEL_AREA_BASE && address < KERNEL_AREA_END)
		return "in the kernel areas: a guard page, or memory that was unmapped";
	if (address >= DIRECT_MAP_BASE && address < DIRECT_MAP_END)
		return "in the direct map, where there is no RAM";
	if (address >= KERNEL_BASE)
		return "in the kernel image: its text and constants are read-only, its data not "
		       "executable";
	return "in no region of the map in common/layout.h";
}

static void panic_page_fault(struct trap *t)
{
	const char *what = t->error & PF_EXEC ? "executing" :
			   t->error & PF_WRITE ? "writing" : "reading";
	const char *why = t->error & PF_RESERVED ? "a reserved bit is set in a page-table entry" :
			  t->error & PF_PRESENT ? "the page does not allow it" : "no page is there";

	panic_at(t->frame, "page fault %s %#018lx: %s (error %#lx)\n  this is %s", what, t->address,
		 why, t->error, address_hint(t->address, t->frame->rsp));
}

/* What fills freed memory in debug builds: as an address it is not canonical. */
static bool has_poison(const struct trapframe *f)
{
	const u64 *reg = &f->r15;

	for (; reg <= &f->rdi; reg++)
		if (*reg >> 16 == 0x5a5a5a5a5a5a)
			return true;
	return false;
}

static void __noreturn panic_double_fault(struct trap *t)
{
	u64 rsp = t->frame->rsp, cr2 = read_cr2();

	panic_at(t->frame, "double fault: %s\n  rsp %#018lx, last faulting address %#018lx",
		 in_stack_guard(cr2, rsp) ? "the kernel stack overflowed into its guard page" :
		 "rsp is wild, so the fault before could not be delivered", rsp, cr2);
}

static void __noreturn panic_trap(struct trap *t)
{
	const char *name = t->vector < TRAP_COUNT ? trap_names[t->vector] : NULL;

	if (t->vector == TRAP_PAGE_FAULT)
		panic_page_fault(t);
	if (t->vector == TRAP_DOUBLE_FAULT)
		panic_double_fault(t);
	if (t->vector == TRAP_PROTECTION && has_poison(t->frame))
		panic_at(t->frame, "general protection fault: an address 0x5a5a... "
			 "comes from freed memory");
	panic_at(t->frame, "%s (vector %u, error %#lx) in %s mode", name ? name : "unexpected trap",
		 t->vector, t->error, trap_from_user(t->frame) ? "user" : "kernel");
}

static void handle_exception(struct trap *t)
{
	trap_handler h = handlers[t->vector];

	if (h && h(t))
		return;
	if (!trap_from_user(t->frame) && extable_fixup(t->frame))
		return;
	panic_trap(t);
}

/*
 * Watches for a device that interrupts again at once each time the handler is done: the same
 * vector, and the interrupted thread has had hardly a cycle in between. A longer pause forgives
 * several, for under a busy host even a storm has some. A CPU that has nothing to do is not kept
 * from anything; and the timer and the calls between CPUs come from the kernel itself.
 */
static void watch_for_storm(struct cpu *c, const struct trapframe *f, unsigned vector)
{
	struct irq_watch *w = &irq_watch[c->id];
	bool idle = !trap_from_user(f) && *(const u8 *)(f->rip - 1) == HLT;

	if (idle || vector != w->vector)
		*w = (struct irq_watch){ .vector = vector };
	else if (rdtsc() - w->left < STORM_GAP)
		w->count++;
	else
		w->count -= MIN(w->count, STORM_PARDON);
	if (w->count >= STORM_LIMIT)
		panic_at(f, "interrupt storm: vector %u came %u times in a row; its handler is %s",
			 vector, w->count, ksym_lookup((u64)irqs[vector].handler, NULL));
}

static void handle_irq(struct trapframe *f, unsigned vector)
{
	struct cpu *c = this_cpu();
	bool nested = c->in_interrupt;
	struct irq *irq = &irqs[vector];

	if (vector == VECTOR_SPURIOUS)	/* takes no end-of-interrupt (SDM vol. 3, 11.9) */
		return;
	if (irq_eoi)
		irq_eoi();
	c->in_interrupt = true;
	c->interrupts++;
	c->interrupted_user = trap_from_user(f);
	if (vector < VECTOR_TIMER)
		watch_for_storm(c, f, vector);
	if (irq->handler)
		irq->handler(irq->arg);
	else
		WARN_ON_ONCE("interrupt on a vector without a handler");
	if (vector < VECTOR_TIMER)
		irq_watch[c->id].left = rdtsc();
	c->in_interrupt = nested;
}

/* Called by trap.S for everything but NMI, double fault and machine check. */
void trap_dispatch(struct trapframe *f, unsigned vector, u64 error)
{
	if (vector < VECTOR_IRQ_BASE || vector == VECTOR_SYSCALL) {
		struct trap t = { f, vector, error, vector == TRAP_PAGE_FAULT ? read_cr2() : 0 };

		handle_exception(&t);
	} else {
		handle_irq(f, vector);
	}
	if (trap_from_user(f)) {
		cli();
		if (return_to_user_hook)
			return_to_user_hook(f);
	}
}

/* These may have hit anywhere, so they return without looking for work. */
void trap_dispatch_paranoid(struct trapframe *f, unsigned vector, u64 error)
{
	struct trap t = { f, vector, error, 0 };
	trap_handler h = handlers[vector];

	if (h && h(&t))
		return;
	if (vector == TRAP_NMI && !panicking()) {
		printk("NMI at %#lx\n", f->rip);
		return;
	}
	panic_trap(&t);
}

/*
 * f is the frame of a fault at the IRETQ to user mode; the five words that it could not load
 * stand at f->rsp. Puts the saved registers right below them and returns the frame thus made.
 */
struct trapframe *trap_bad_return(const struct trapframe *f)
{
	return memmove((char *)f->rsp - FRAME_RIP, f, FRAME_RIP);
}
