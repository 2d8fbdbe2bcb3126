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

int signal_setup_frame(struct trapframe *f, const struct sigaction *act, const struct siginfo *info,
		       u64 old_mask)
{
	/* EXERCISE 6.2: your code here. */
	exercise_blank("6.2");
	return -EFAULT;
}

int signal_return(struct trapframe *f)
{
	/* EXERCISE 6.2: your code here. */
	exercise_blank("6.2");
	return -EFAULT;
}
