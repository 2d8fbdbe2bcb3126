/*
 * The border to ring 3 (user.h): faults of user code and of user copies, and the work that is
 * done on the way back.
 *
 * A fault in user mode never hurts the kernel: what cannot be served becomes
 * unhandled_user_fault(), which ends the process (here) or sends a signal (06).
 */
#include "common/cmdline.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "common/x86.h"
#include "02-usermode/mm.h"
#include "02-usermode/oom.h"
#include "02-usermode/user.h"

/* signal(7) and sigaction(2). */
#define SIGILL	4
#define SIGTRAP	5
#define SIGBUS	7
#define SIGFPE	8
#define SIGSEGV	11
#define SI_KERNEL	0x80

static const struct {
	u8 signo, code;
} user_faults[TRAP_COUNT] = {
	[TRAP_DIVIDE] = { SIGFPE, 1 },		/* FPE_INTDIV */
	[TRAP_DEBUG] = { SIGTRAP, 2 },		/* TRAP_TRACE */
	[TRAP_BREAKPOINT] = { SIGTRAP, SI_KERNEL },
	[TRAP_OVERFLOW] = { SIGSEGV, SI_KERNEL },
	[TRAP_BOUND] = { SIGSEGV, SI_KERNEL },
	[TRAP_INVALID_OPCODE] = { SIGILL, 2 },	/* ILL_ILLOPN */
	[TRAP_NO_FPU] = { SIGSEGV, SI_KERNEL },
	[TRAP_NO_SEGMENT] = { SIGBUS, SI_KERNEL },
	[TRAP_STACK] = { SIGBUS, SI_KERNEL },
	[TRAP_PROTECTION] = { SIGSEGV, SI_KERNEL },
	[TRAP_FPU] = { SIGFPE, 7 },		/* FPE_FLTINV */
	[TRAP_ALIGNMENT] = { SIGBUS, 1 },	/* BUS_ADRALN */
	[TRAP_SIMD] = { SIGFPE, 7 },
};

static const char *fault_name(int signo)
{
	switch (signo) {
	case SIGILL: return "illegal instruction";
	case SIGTRAP: return "trap";
	case SIGBUS: return "bus error";
	case SIGFPE: return "arithmetic fault";
	default: return "segmentation fault";
	}
}

void __weak unhandled_user_fault(struct trap *t, int signo, int code, u64 addr)
{
	printk("process %d (%s): %s at %#lx, address %#lx; killed\n", current_process()->id,
	       current->name, fault_name(signo), t->frame->rip, addr);
	process_kill(current_process(), signo);
}

static bool user_exception(struct trap *t)
{
	u64 addr = t->vector == TRAP_DIVIDE || t->vector == TRAP_INVALID_OPCODE ? t->frame->rip : 0;

	if (!trap_from_user(t->frame))
		return false;
	sti();
	unhandled_user_fault(t, user_faults[t->vector].signo, user_faults[t->vector].code, addr);
	cli();
	return true;
}

/* mm_fault() could not help a user program: true if it is to try again. */
static bool handle_failure(struct trap *t, int error, int code)
{
	if (thread_killed(current))
		return trap_from_user(t->frame);	/* dies on the way back */
	if (error == -ENOMEM) {
		oom_kill();
		return trap_from_user(t->frame) || !thread_killed(current);
	}
	if (!trap_from_user(t->frame))
		return false;
	unhandled_user_fault(t, error == -EIO ? SIGBUS : SIGSEGV, code, t->address);
	return true;
}

/*
 * A page fault in user mode, or of a user copy. (With spinlocks held or under pagefault_disable() a
 * copy may not sleep: then the table of recoverable faults ends it.)
 */
static bool page_fault(struct trap *t)
{
	bool user = trap_from_user(t->frame);
	bool done = true;
	int error, code = SI_KERNEL;

	if (!user && (t->address >= USER_END || !current || !current->mm || current->nofault ||
		      irq_depth() || !(t->frame->rflags & RFLAGS_IF)))
		return false;
	sti();
	if (t->address >= USER_END || (t->error & PF_RESERVED)) {
		error = -EFAULT;
		code = 1;	/* SEGV_MAPERR: kernel addresses do not exist for programs */
	} else {
		error = mm_fault(current->mm, t->address, t->error & (PF_WRITE | PF_EXEC), &code);
	}
	if (error)
		done = handle_failure(t, error, code);
	cli();
	return done;
}

void return_to_user(struct trapframe *f)
{
	u64 work;

	while ((work = READ_ONCE(current->work) & WORK_EXIT)) {
		const struct user_work *w;

		sti();
		linkset_for_each(user_work, const struct user_work, w)
			if (READ_ONCE(current->work) & w->bit)
				w->fn(f);
		cli();
	}
}

static void work_kill(struct trapframe *f)
{
	struct process *p = current_process();

	thread_exit(p->exiting ? p->exit_status : 0);
}
USER_WORK(10, WORK_KILL, work_kill);

static void work_reschedule(struct trapframe *f)
{
	schedule();
}
USER_WORK(20, WORK_RESCHED, work_reschedule);

void usermode_init_cpu(void)
{
	const struct cpu_initcall *c;

	linkset_for_each(cpu_initcalls, const struct cpu_initcall, c)
		c->fn();
}

void user_init(void)
{
	for (unsigned v = 0; v < TRAP_COUNT; v++)
		if (user_faults[v].signo)
			trap_set_handler(v, user_exception);
	trap_set_handler(TRAP_PAGE_FAULT, page_fault);
	return_to_user_hook = return_to_user;
}
