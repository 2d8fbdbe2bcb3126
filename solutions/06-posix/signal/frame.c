/*
 * Signal frames: how a handler is called, and how the interrupted program goes on afterwards.
 *
 * Below the user's stack pointer (but below the red zone, which the interrupted function may be
 * using) or on the alternate stack we leave, from high to low addresses: the FPU state; a struct
 * rt_sigframe with all registers, the signal mask and the siginfo; and as the handler's return
 * address the C library's restorer, which does nothing but call rt_sigreturn(2). That call finds
 * the frame at its stack pointer and loads everything from it.
 *
 * The frame is user memory: the program may have changed it, on purpose or not. So rt_sigreturn
 * treats it as any hostile argument. (System V ABI AMD64, 3.2.2 and 3.4.1; sigaction(2),
 * sigreturn(2), sigaltstack(2).)
 *
 * EXERCISE 6.2: build the frame and take it down again.
 *
 * Goal: the handler sees signo, siginfo and ucontext in rdi, rsi, rdx, an aligned stack, and may
 * change the ucontext; after it returns the program notices nothing.
 * Invariant: at the handler's first instruction rsp + 8 is a multiple of 16; the 128 bytes below
 * the interrupted rsp are untouched; whatever the frame says, the thread returns to ring 3 with
 * interrupts on and without privileges (IOPL, NT).
 * Symptom when wrong: a crash in movaps in the handler (alignment), locals that change by magic
 * (red zone), a general protection fault in the kernel (cs, ss, rflags), a handler that runs
 * only once (mask).
 * Read first: struct rt_sigframe in common/abi/signal.h, fpu.c, and the helpers here.
 * Tests: frame_alignment, frame_redzone, frame_registers, frame_altstack, frame_hostile.
 */
#include "06-posix/signal/signal.h"
#include "common/exercise.h"
#include "common/string.h"
#include "common/x86.h"
#include "02-usermode/uaccess.h"

#define RED_ZONE	128
/* Flags that a program may set by popf, and so also by sigreturn. */
#define RFLAGS_USER	(RFLAGS_AC | RFLAGS_DF | RFLAGS_TF | RFLAGS_RF | 0x8d5UL)

static __unused void save_registers(struct sigcontext *sc, const struct trapframe *f,
			   const struct thread_signals *ts, u64 old_mask)
{
	*sc = (struct sigcontext){
		.r8 = f->r8, .r9 = f->r9, .r10 = f->r10, .r11 = f->r11,
		.r12 = f->r12, .r13 = f->r13, .r14 = f->r14, .r15 = f->r15,
		.rdi = f->rdi, .rsi = f->rsi, .rbp = f->rbp, .rbx = f->rbx,
		.rdx = f->rdx, .rax = f->rax, .rcx = f->rcx, .rsp = f->rsp,
		.rip = f->rip, .rflags = f->rflags, .cs = f->cs, .ss = f->ss,
		.err = ts->fault_error, .trapno = ts->fault_vector, .cr2 = ts->fault_address,
		.oldmask = old_mask,
	};
}

/*
 * Only what a program could have set itself; cs, ss and the flags are not in here but checked
 * apart.
 */
static __unused void load_registers(struct trapframe *f, const struct sigcontext *sc)
{
	f->r8 = sc->r8, f->r9 = sc->r9, f->r10 = sc->r10, f->r11 = sc->r11;
	f->r12 = sc->r12, f->r13 = sc->r13, f->r14 = sc->r14, f->r15 = sc->r15;
	f->rdi = sc->rdi, f->rsi = sc->rsi, f->rbp = sc->rbp, f->rbx = sc->rbx;
	f->rdx = sc->rdx, f->rax = sc->rax, f->rcx = sc->rcx, f->rsp = sc->rsp;
	f->rip = sc->rip;
}

/* EXERCISE 6.2 BEGIN  blank-toplevel */
/*
 * Where the frame goes: its address, and in *fpu that of the FPU state above it. 0: it would run
 * over the end of the alternate stack.
 */
static u64 place_frame(const struct trapframe *f, const struct thread_signals *ts,
		       const struct sigaction *act, u64 *fpu)
{
	bool on_altstack = altstack_contains(ts, f->rsp);
	u64 sp = f->rsp - RED_ZONE;

	if (act->sa_flags & SA_ONSTACK && !on_altstack && !(ts->altstack.ss_flags & SS_DISABLE)) {
		sp = (u64)ts->altstack.ss_sp + ts->altstack.ss_size;
		on_altstack = true;
	}
	*fpu = ALIGN_DOWN(sp - signal_fpu_size(), 64);
	sp = ALIGN_DOWN(*fpu - sizeof(struct rt_sigframe), 16) - 8;
	if (on_altstack && !altstack_spans(ts, sp))
		return 0;
	return sp;
}
/* EXERCISE 6.2 END */

int signal_setup_frame(struct trapframe *f, const struct sigaction *act, const struct siginfo *info,
		       u64 old_mask)
{
	/* EXERCISE 6.2 BEGIN  blank: return -EFAULT; */
	struct thread_signals *ts = thread_signals(current);
	struct rt_sigframe frame = { .pretcode = act->sa_restorer, .info = *info };
	u64 fpu, sp;

	if (!(act->sa_flags & SA_RESTORER))	/* x86-64 has no other way back */
		return -EFAULT;
	sp = place_frame(f, ts, act, &fpu);
	if (!sp || signal_save_fpu(fpu) != 0)
		return -EFAULT;
	frame.uc.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS |
			    (signal_fpu_size() > FXSAVE_SIZE ? UC_FP_XSTATE : 0);
	save_registers(&frame.uc.uc_mcontext, f, ts, old_mask);
	frame.uc.uc_mcontext.fpstate = fpu;
	frame.uc.uc_sigmask = old_mask;
	altstack_save(ts, f->rsp, &frame.uc.uc_stack);
	if (copy_to_user((void __user *)sp, &frame, sizeof(frame)))
		return -EFAULT;

	f->rdi = info->si_signo;
	f->rsi = sp + offsetof(struct rt_sigframe, info);
	f->rdx = sp + offsetof(struct rt_sigframe, uc);
	f->rax = 0;
	f->rsp = sp;
	f->rip = (u64)act->sa_handler;
	f->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	f->cs = SEL_USER_CODE;
	f->ss = SEL_USER_DATA;
	return 0;
	/* EXERCISE 6.2 END */
}

int signal_return(struct trapframe *f)
{
	/* EXERCISE 6.2 BEGIN  blank: return -EFAULT; */
	struct thread_signals *ts = thread_signals(current);
	/* The handler's ret has popped pretcode. */
	const struct rt_sigframe __user *user = (void __user *)(f->rsp - sizeof(void *));
	struct ucontext uc;

	if (copy_from_user(&uc, &user->uc, sizeof(uc)))
		return -EFAULT;
	if (uc.uc_mcontext.cs != SEL_USER_CODE || uc.uc_mcontext.ss != SEL_USER_DATA)
		return -EFAULT;
	load_registers(f, &uc.uc_mcontext);
	f->rflags = (f->rflags & ~RFLAGS_USER) | (uc.uc_mcontext.rflags & RFLAGS_USER);
	f->orig_rax = -1;		/* not a call that could be restarted */
	signal_set_blocked(uc.uc_sigmask);
	if (signal_restore_fpu(uc.uc_mcontext.fpstate) != 0)
		return -EFAULT;
	altstack_set(ts, &uc.uc_stack, f->rsp, 0);
	return 0;
	/* EXERCISE 6.2 END */
}
