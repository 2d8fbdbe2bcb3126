/*
 * The end of a thread and of a process, and the calls that ask for numbers.
 *
 * exit(2) ends one thread: the C library's exit() calls exit_group(2), which kills the others too.
 * The wait status of a process is that of exit_group or of the last thread. Only the low 8 bits of
 * the code arrive at the parent (POSIX _exit()). Neither call returns.
 */
#include "03-syscalls/family.h"
#include "03-syscalls/syscall.h"
#include "common/abi/wait.h"

SYSCALL1(60, exit, int, code)
{
	thread_exit(W_EXITCODE(code, 0));
}

SYSCALL1(231, exit_group, int, code)
{
	process_exit(W_EXITCODE(code, 0));
}

/* What programs call the process id is the number of the thread group's leader. */
SYSCALL0(39, getpid)
{
	return current_process()->id;
}

SYSCALL0(186, gettid)
{
	return current->tid;
}

SYSCALL0(110, getppid)
{
	return process_parent_id(current_process());
}
