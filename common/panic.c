/*
 * How the kernel stops. A panic trusts nothing: it takes no locks, allocates nothing, prints
 * polled, and reads the stack through the table of recoverable faults. Its last line says what
 * usually is behind such a message, if somebody knows (panic_hints).
 */
#include "common/panic.h"
#include "common/acpi.h"
#include "common/asm.h"
#include "common/atomic.h"
#include "common/console.h"
#include "common/cpu.h"
#include "common/layout.h"
#include "common/printk.h"
#include "common/string.h"
#include "common/trap.h"
#include "common/x86.h"

void (*stop_other_cpus)(void);

static int panic_cpu = -1;

bool panicking(void)
{
	return READ_ONCE(panic_cpu) >= 0;
}

bool probe_read(u64 addr, u64 *value)
{
	bool ok = false;
	u64 v = 0;

	__asm__ volatile("1:\tmovq (%2), %0\n\t"
			 "movb $1, %1\n"
			 "2:\n\t"
			 EXTABLE_C("1b", "2b")
			 : "+r"(v), "+q"(ok) : "r"(addr) : "memory");
	*value = v;
	return ok;
}

/* The function that holds addr; of a return address, the one that called, whose end it may be. */
static void print_place(u64 addr, bool is_return)
{
	u64 offset;
	const char *name = ksym_lookup(addr - is_return, &offset);

	printk("  %#018lx %s+%#lx\n", addr, name, offset + is_return);
}

/*
 * If rip, which stands above rbp, leads back to trap.S, the registers of the code that was
 * interrupted lie there, one word further: print its place too and return its rbp. Else next.
 */
static u64 through_trap(u64 rip, u64 rbp, u64 next)
{
	const struct trapframe *f = (void *)(rbp + 3 * sizeof(u64));

	if (strcmp(ksym_lookup(rip - 1, NULL), "trap_common") || trap_from_user(f))
		return next;
	print_place(f->rip, false);
	return f->rbp;
}

/* Every function pushes the caller's rbp below its return address; 0 ends the chain. */
void backtrace(u64 rbp)
{
	u64 next, rip;

	if (!rbp)
		rbp = (u64)__builtin_frame_address(0);
	for (int depth = 0; depth < 32 && rbp >= DIRECT_MAP_BASE && !(rbp & 7); depth++) {
		if (!probe_read(rbp, &next) || !probe_read(rbp + 8, &rip))
			break;
		if (ksym_lookup(rip, NULL)[0] == '?')
			break;
		print_place(rip, true);
		next = through_trap(rip, rbp, next);
		if (next <= rbp)
			break;
		rbp = next;
	}
}

static void print_registers(const struct trapframe *f)
{
	printk("rip %016lx  cs %04lx  rflags %016lx  rsp %016lx  ss %04lx\n",
	       f->rip, f->cs, f->rflags, f->rsp, f->ss);
	printk("rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", f->rax, f->rbx, f->rcx, f->rdx);
	printk("rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx\n", f->rsi, f->rdi, f->rbp, f->r8);
	printk("r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx\n", f->r9, f->r10, f->r11, f->r12);
	printk("r13 %016lx  r14 %016lx  r15 %016lx  cr3 %016lx\n", f->r13, f->r14, f->r15,
	       read_cr3());
}

/* Only the first panic reports; a panic in it gives up, one on another CPU waits for its end. */
static void begin(void)
{
	int me = cpu_id();

	cli();
	if (atomic_cmpxchg(&panic_cpu, -1, me))
		return;
	if (panic_cpu == me) {
		static const char text[] = "panic: another one while reporting the first\n";

		console_write(text, sizeof(text) - 1);
		machine_exit(EXIT_PANIC_CODE);
	}
	for (;;)
		cpu_relax();
}

static bool fits(const struct panic_hint *h, const char *message)
{
	for (int i = 0; i < ARRAY_SIZE(h->phrases) && h->phrases[i]; i++)
		if (strstr(message, h->phrases[i]))
			return true;
	return false;
}

static void print_hint(const char *message)
{
	const struct panic_hint *h;

	linkset_for_each(panic_hints, const struct panic_hint, h)
		if (fits(h, message)) {
			printk("hint: %s; see labs/%s/README.md#symptoms\n", h->text, h->lab);
			return;
		}
}

static void __noreturn report(const struct trapframe *frame, u64 rbp, const char *fmt, va_list ap)
{
	static char message[448];	/* the stack may be nearly used up */

	begin();
	if (stop_other_cpus)
		stop_other_cpus();
	console_flush();
	vsnprintf(message, sizeof(message), fmt, ap);
	printk("\npanic on CPU %d: %s\n", cpu_id(), message);
	if (frame)
		print_registers(frame);
	printk("backtrace:\n");
	if (frame && !trap_from_user(frame))
		print_place(frame->rip, false);
	backtrace(frame && !trap_from_user(frame) ? frame->rbp : rbp);
	print_hint(message);
	console_flush();
	machine_exit(EXIT_PANIC_CODE);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(NULL, (u64)__builtin_frame_address(0), fmt, ap);
}

void panic_at(const struct trapframe *frame, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(frame, (u64)__builtin_frame_address(0), fmt, ap);
}

void warn(const char *file, int line, const char *what)
{
	if (panicking())
		return;
	printk("warning: %s:%d: %s\nbacktrace:\n", file, line, what);
	backtrace((u64)__builtin_frame_address(0));
}
