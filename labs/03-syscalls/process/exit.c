/* The end of a thread and of a process, and the calls that ask for numbers. */
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
