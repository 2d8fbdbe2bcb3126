/*
 * What becomes of a system call that a signal interrupted, and faults of user mode.
 *
 * A call that gave up waiting returned one of the ERESTART codes. Whether it is made again, by
 * going back to the SYSCALL instruction with the old RAX, or fails with EINTR depends on the code
 * and on whether a handler runs. The codes themselves never reach the program. (signal(7),
 * "Interruption of system calls and library functions by signal handlers".)
 *
 *	code			no handler	handler		with SA_RESTART
 *	ERESTARTNOINTR		again		again		again		fork
 *	ERESTARTSYS		again		EINTR		again		read, write, wait4
 *	ERESTARTNOHAND		again		EINTR		EINTR		pause, select
 *	ERESTART_RESTARTBLOCK	again		EINTR		EINTR		nanosleep, poll
 *
 * "Again" works because entering a call saved all registers and changed none but RAX, whose
 * old value is in orig_rax: the arguments are still where they were. The fourth kind cannot be made
 * again with the same arguments, as some of its time has passed; 03-syscalls/restart.h has what
 * it does instead. A call that returned because a stop signal came starts again when
 * the process is continued: `sleep 10` survives ^Z and fg.
 */
#include "06-posix/signal/signal.h"
#include "common/errno.h"
#include "common/string.h"
#include "03-syscalls/syscall.h"

/* Is the call to be made again, given the handler that is about to run (NULL: none)? */
static bool restarts(long code, const struct sigaction *act)
{
	switch (code) {
	case -ERESTARTNOINTR:
		return true;
	case -ERESTARTSYS:
		return !act || act->sa_flags & SA_RESTART;
	default:		/* ERESTARTNOHAND, ERESTART_RESTARTBLOCK */
		return !act;
	}
}

/*
 * orig_rax below 0 is no system call but a fault or an interrupt, whose rax is the program's own
 * value; it may well look like a code. Doing this twice does no harm: rax is a call's number
 * afterwards.
 */
void signal_restart(struct trapframe *f, const struct sigaction *act)
{
	if ((s64)f->orig_rax < 0 || !is_restart_code(f->rax))
		return;
	if (restarts(f->rax, act))
		syscall_restart(f);
	else
		f->rax = -EINTR;
}

/* A fault: the signal that stands for it, with what a handler or debugger wants to know about it.
 */
void unhandled_user_fault(struct trap *t, int signo, int code, u64 addr)
{
	struct thread_signals *ts = thread_signals(current);
	struct siginfo info;

	ts->fault_error = t->error;
	ts->fault_vector = t->vector;
	if (t->vector == TRAP_PAGE_FAULT)
		ts->fault_address = t->address;
	siginfo_kernel(&info, signo, code);
	info.si_addr = (void *)addr;
	signal_force(&info);
}
