/*
 * What becomes of a system call that a signal interrupted, and faults of user mode.
 *
 * A call that gave up waiting returned one of the ERESTART codes. Whether it is made again, by
 * going back to the SYSCALL instruction with the old RAX, or fails with EINTR depends on the code
 * and on whether a handler runs. The codes themselves never reach the program. (signal(7),
 * "Interruption of system calls and library functions by signal handlers".)
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
