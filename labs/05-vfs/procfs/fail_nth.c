/*
 * /proc/PID/fail-nth, as in Linux with fault injection (Documentation/fault-injection): writing N
 * makes the thread's N-th allocation from then on fail, reading tells how many are left (0: it has
 * happened). Only for root, and for one thread of the machine at a time.
 */
#include "common/errno.h"
#include "common/string.h"
#include "02-usermode/fail_thread.h"
#include "03-syscalls/cred.h"
#include "05-vfs/proc.h"

static int print_fail_nth(struct process *p, struct thread *t, struct printer *out)
{
	print(out, "%lu\n", alloc_fail_left(t));
	return 0;
}

static int write_fail_nth(struct process *p, struct thread *t, char *text)
{
	const char *end;
	u64 n = parse_u64(text, &end, 0);

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (end == text || *end)
		return -EINVAL;
	alloc_fail_thread(t, n);
	return 0;
}
PROC_PID_ENTRY(fail_nth, "fail-nth", 0644, print_fail_nth, write_fail_nth, NULL, true);
