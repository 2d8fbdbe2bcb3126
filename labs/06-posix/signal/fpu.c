/*
 * The FPU state in a signal frame, and sigaltstack(2).
 *
 * The state has the form that FXSAVE or XSAVE gives it. With XSAVE, 48 bytes that the CPU leaves
 * to software tell debuggers and sigreturn that more than the classic 512 bytes are there: magic
 * numbers in front and at the end, and the sizes. (SDM vol. 1, 10.5.1 and 13.4; sigaltstack(2).)
 *
 * It goes to the user's stack and comes back from there, so it comes back as anything. Loading a
 * state that the CPU refuses (reserved bits of MXCSR or of the XSAVE header) is a fault in the
 * kernel; fpu_validate() looks before that. The state is gathered in memory of its own first: a
 * frame that turns out to be bad halfway must not leave half of it in the registers.
 *
 * The alternate stack is for handlers that must run although the normal stack is used up: a stack
 * overflow's SIGSEGV above all. Who is on it is decided by the stack pointer alone, since programs
 * leave handlers by longjmp(3) and the kernel never hears of it. SS_AUTODISARM is for those that
 * switch stacks inside a handler: the setting is taken away while the handler runs, and
 * rt_sigreturn(2) puts it back from the frame.
 */
#include "06-posix/signal/signal.h"
#include "common/string.h"
#include "common/x86.h"
#include "01-memory/kmem.h"
#include "02-usermode/fpu.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"

/* Bytes of the state in a frame: with XSAVE the second magic number follows it. */
size_t signal_fpu_size(void)
{
	return fpu_features() ? fpu_size() + FP_XSTATE_MAGIC2_SIZE : FXSAVE_SIZE;
}

int signal_save_fpu(u64 area)
{
	struct fpx_sw_bytes *sw = (void *)((char *)current->fpu + FPX_SW_OFFSET);
	void __user *user = (void __user *)area;

	/* Switched out in between, the area is merely saved and loaded once more. */
	fpu_save(current->fpu);
	memset(sw, 0, sizeof(*sw));
	if (!fpu_features())
		return copy_to_user(user, current->fpu, FXSAVE_SIZE) ? -EFAULT : 0;
	sw->magic1 = FP_XSTATE_MAGIC1;
	sw->extended_size = signal_fpu_size();
	sw->xfeatures = fpu_features();
	sw->xstate_size = fpu_size();
	if (copy_to_user(user, current->fpu, fpu_size()))
		return -EFAULT;
	return put_user(FP_XSTATE_MAGIC2, (u32 __user *)(area + fpu_size()));
}

/* Whether the frame holds the extended form; a program that built the frame itself may have the
 * classic one. */
static bool is_extended(const void *state, u64 area)
{
	const struct fpx_sw_bytes *sw = (const void *)((const char *)state + FPX_SW_OFFSET);
	u32 magic2;

	return fpu_features() && sw->magic1 == FP_XSTATE_MAGIC1 && sw->xstate_size == fpu_size() &&
	       !get_user(magic2, (const u32 __user *)(area + fpu_size())) &&
	       magic2 == FP_XSTATE_MAGIC2;
}

/* Offset and value of XSTATE_BV that says: x87 and SSE only (SDM vol. 1, 13.4.2). */
#define XSTATE_BV_OFFSET	512
#define XSTATE_X87_SSE		3

/* Fills state from the frame: 0, or -EFAULT if it cannot be read or must not be loaded. */
static int load_state(void *state, u64 area)
{
	const char __user *user = (const char __user *)area;

	if (copy_from_user(state, user, FXSAVE_SIZE))
		return -EFAULT;
	if (is_extended(state, area)) {
		if (copy_from_user((char *)state + FXSAVE_SIZE, user + FXSAVE_SIZE,
				   fpu_size() - FXSAVE_SIZE))
			return -EFAULT;
	} else if (fpu_features()) {
		memset((char *)state + FXSAVE_SIZE, 0, fpu_size() - FXSAVE_SIZE);
		*(u64 *)((char *)state + XSTATE_BV_OFFSET) = XSTATE_X87_SSE;
	}
	return fpu_validate(state) ? 0 : -EFAULT;
}

int signal_restore_fpu(u64 area)
{
	void *state;
	int error;

	if (!area) {
		fpu_reset();
		return 0;
	}
	state = fpu_alloc();
	if (!state)
		return -ENOMEM;
	error = load_state(state, area);
	if (!error)
		fpu_restore(state);
	fpu_free(state);
	return error;
}

/* ---- the alternate stack ---- */

bool altstack_spans(const struct thread_signals *ts, u64 sp)
{
	const stack_t *s = &ts->altstack;

	return sp > (u64)s->ss_sp && sp - (u64)s->ss_sp <= s->ss_size;
}

bool altstack_contains(const struct thread_signals *ts, u64 sp)
{
	if (ts->altstack.ss_flags & (SS_AUTODISARM | SS_DISABLE))
		return false;
	return altstack_spans(ts, sp);
}

/* The flags as sigaltstack(2) reports them. */
static int altstack_flags(const struct thread_signals *ts, u64 sp)
{
	if (ts->altstack.ss_flags & SS_DISABLE || !ts->altstack.ss_size)
		return SS_DISABLE;
	return (altstack_contains(ts, sp) ? SS_ONSTACK : 0) |
	       (ts->altstack.ss_flags & SS_AUTODISARM);
}

void altstack_save(struct thread_signals *ts, u64 sp, stack_t *st)
{
	*st = ts->altstack;
	st->ss_flags = altstack_flags(ts, sp);
	if (ts->altstack.ss_flags & SS_AUTODISARM)
		ts->altstack = (stack_t){ .ss_flags = SS_DISABLE };
}

/* Not while running on it (EPERM): its frames would be overwritten by the next ones. */
int altstack_set(struct thread_signals *ts, const stack_t *st, u64 sp, size_t min_size)
{
	int mode = st->ss_flags & ~SS_AUTODISARM;

	if (altstack_contains(ts, sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		ts->altstack = (stack_t){ .ss_flags = SS_DISABLE };
		return 0;
	}
	if (st->ss_size < min_size)
		return -ENOMEM;
	ts->altstack = *st;
	ts->altstack.ss_flags &= SS_AUTODISARM;
	return 0;
}

SYSCALL2(131, sigaltstack, const stack_t __user *, new, stack_t __user *, old)
{
	struct thread_signals *ts = thread_signals(current);
	u64 sp = current->frame->rsp;
	stack_t st, was = ts->altstack;
	int error;

	was.ss_flags = altstack_flags(ts, sp);
	if (was.ss_flags & SS_DISABLE)
		was = (stack_t){ .ss_flags = SS_DISABLE };
	if (new) {
		if (copy_from_user(&st, new, sizeof(st)))
			return -EFAULT;
		error = altstack_set(ts, &st, sp, MINSIGSTKSZ);
		if (error)
			return error;
	}
	if (old && copy_to_user(old, &was, sizeof(was)))
		return -EFAULT;
	return 0;
}

/*
 * The only system call whose result is not its own: rax is one more register of the interrupted
 * program. A frame that cannot be trusted is SIGSEGV, for there is nowhere to return an error to.
 */
SYSCALL0(15, rt_sigreturn)
{
	struct trapframe *f = current->frame;
	struct siginfo info;

	if (signal_return(f) != 0) {
		siginfo_kernel(&info, SIGSEGV, SI_KERNEL);
		signal_force(&info);
		return 0;
	}
	return f->rax;		/* the dispatcher stores it where it came from */
}
