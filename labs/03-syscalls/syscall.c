/*
 * Dispatching system calls: the table, made at boot from the linker set, the work around calls of
 * traced threads, and what becomes of a call that was interrupted.
 *
 * The number is the low half of RAX, as on Linux; a number without a call gives -ENOSYS. The
 * frame's rax holds -ENOSYS while the call runs, so that a tracer sees the same as there. (System V
 * ABI AMD64, A.2.1; Intel SDM vol. 3, 5.8.8.)
 *
 * A call that waits and is interrupted undoes what it did and returns one of the -ERESTART* codes,
 * which user programs never see. To restart means: put the number back into RAX and move RIP back
 * over the SYSCALL instruction, so that the program itself calls again, with the same registers.
 * The kernel keeps no state of a call across the return to user mode (but see restart.h). Whether
 * to restart is for signal delivery to say (signal(7), "Interruption of system calls by signal
 * handlers"): a handler without SA_RESTART turns the code into -EINTR. Before lab 06 there are no
 * signals, and only the test hook of wait.h interrupts: then every call is simply restarted.
 */
#include "03-syscalls/syscall.h"
#include "common/cpu.h"
#include "common/init.h"
#include "common/printk.h"
#include "common/x86.h"
#include "02-usermode/process.h"
#include "02-usermode/user.h"

#define NR_RESTART_SYSCALL	219
#define SYSCALL_INSN_SIZE	2

extern void syscall_entry(void);	/* entry.S */

static const struct syscall *table[SYSCALL_MAX];

const struct syscall *syscall_find(u64 nr)
{
	return nr < SYSCALL_MAX ? table[nr] : NULL;
}

/*
 * STAR holds two selector bases: SYSCALL loads CS and SS from the first, SYSRET from the second,
 * where the order of the GDT's entries (code 32, data, code 64) is fixed by the CPU. SFMASK: the
 * flags that SYSCALL clears. IF, so that no interrupt comes while RSP is still the user's; DF, as
 * compiled code expects; TF, or a single-stepping program would single-step the kernel; AC, which
 * with SMAP means "user memory may be touched"; NT, with which IRET would fault.
 */
static void syscall_init_cpu(void)
{
	wrmsr(MSR_STAR, (u64)(SEL_USER_CODE32) << 48 | (u64)SEL_KERNEL_CODE << 32);
	wrmsr(MSR_LSTAR, (u64)syscall_entry);
	wrmsr(MSR_SFMASK, RFLAGS_IF | RFLAGS_DF | RFLAGS_TF | RFLAGS_AC | RFLAGS_NT);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
}

CPU_INITCALL(50, syscall_init_cpu);

static void syscall_init(void)
{
	const struct syscall *s;

	/*
	 * No duplicates: two calls of one number define one symbol, and the link fails (syscall.h).
	 */
	linkset_for_each(syscalls, const struct syscall, s)
		table[s->nr] = s;
}
INITCALL(30, syscall_init);

/* In debug builds, say once per number what a program asked for in vain. */
static void report_unknown(u64 nr)
{
#ifdef DEBUG
	static u64 reported[SYSCALL_MAX / 64];

	if (nr < SYSCALL_MAX && !(atomic_fetch_or(&reported[nr / 64], BIT(nr % 64)) & BIT(nr % 64)))
		printk("%s (%d): system call %lu does not exist here\n", current->name,
		       current->tid, nr);
#endif
}

/* In order of the set, until one function has the call skipped. */
static bool work_enter(struct trapframe *f)
{
	u64 work = READ_ONCE(current->work);
	const struct syscall_work *w;

	linkset_for_each(syscall_work, const struct syscall_work, w)
		if (work & w->bit && w->enter && !w->enter(f))
			return false;
	return true;
}

static void work_leave(struct trapframe *f)
{
	u64 work = READ_ONCE(current->work);
	const struct syscall_work *w;

	linkset_for_each(syscall_work, const struct syscall_work, w)
		if (work & w->bit && w->leave)
			w->leave(f);
}

void syscall_restart(struct trapframe *f)
{
	if (f->rax == (u64)-ERESTART_RESTARTBLOCK)
		f->rax = NR_RESTART_SYSCALL;
	else
		f->rax = f->orig_rax;
	/* SYSCALL is two bytes (0f 05), as is INT 0x80. */
	f->rip -= SYSCALL_INSN_SIZE;
}

/* The number may have been changed by the work on entry, so it is read here. */
static void call(struct trapframe *f)
{
	u64 nr = (u32)f->orig_rax;
	const struct syscall *s = syscall_find(nr);

	if (likely(s))
		f->rax = s->fn(f);
	else
		report_unknown(nr);
}

static __noinline void call_with_work(struct trapframe *f)
{
	if (work_enter(f))
		call(f);
	work_leave(f);
}

/*
 * orig_rax is negative when the frame is not that of a call any more: exec and sigreturn replace
 * it, and what their rax happens to hold is no restart code.
 */
void syscall_dispatch(struct trapframe *f)
{
	if (unlikely(READ_ONCE(current->work) & WORK_ENTRY))
		call_with_work(f);
	else
		call(f);
	/* With a signal pending, its delivery decides (06); else nobody else would restart it. */
	if (unlikely(is_restart_code(f->rax)) && (s64)f->orig_rax >= 0 &&
	    !(READ_ONCE(current->work) & WORK_SIGNAL))
		syscall_restart(f);
}
