/* futex(2): takes the call apart. Locks with priority inheritance are not implemented (-ENOSYS). */
#include "common/abi/time.h"
#include "02-usermode/timer.h"
#include "03-syscalls/restart.h"
#include "03-syscalls/syscall.h"
#include "07-dynlink/futex/futex.h"

#define RESTART_SHARED		BIT(0)
#define RESTART_REALTIME	BIT(1)

static long wait_and_restart(u32 __user *uaddr, bool shared, u32 expected, u32 bitset, u64 deadline,
			     bool realtime);

static long continue_wait(struct restart_block *r)
{
	return wait_and_restart((u32 __user *)r->arg[0], r->arg[1] & RESTART_SHARED, (u32)r->arg[2],
				(u32)r->arg[3], r->arg[4], r->arg[1] & RESTART_REALTIME);
}

/* A wait with a timeout goes on to the same deadline when a signal has interrupted it. */
static long wait_and_restart(u32 __user *uaddr, bool shared, u32 expected, u32 bitset, u64 deadline,
			     bool realtime)
{
	struct restart_block *r;
	int err = futex_wait(uaddr, shared, expected, bitset, deadline, realtime);

	if (err != -ERESTARTSYS || deadline == WAIT_FOREVER)
		return err;
	r = restart_block_new(continue_wait);
	if (!r)
		return -EINTR;
	r->arg[0] = (u64)uaddr;
	r->arg[1] = (shared ? RESTART_SHARED : 0) | (realtime ? RESTART_REALTIME : 0);
	r->arg[2] = expected;
	r->arg[3] = bitset;
	r->arg[4] = deadline;
	return -ERESTART_RESTARTBLOCK;
}

/* The deadline that a user's timeout means: 0, -EFAULT, -EINVAL. NULL: none. */
static int read_timeout(const struct timespec __user *timeout, bool relative, u64 *deadline)
{
	struct timespec ts;

	*deadline = WAIT_FOREVER;
	if (!timeout)
		return 0;
	if (get_user(ts, timeout))
		return -EFAULT;
	if (ts.tv_sec < 0 || (u64)ts.tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if ((u64)ts.tv_sec > (WAIT_FOREVER >> 2) / NSEC_PER_SEC)
		return 0;	/* centuries away */
	*deadline = (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
	if (relative)
		*deadline += clock_monotonic();
	return 0;
}

SYSCALL6(202, futex, u32 __user *, uaddr, int, op, u32, val, const struct timespec __user *, timeout,
	 u32 __user *, uaddr2, u32, val3)
{
	int command = op & FUTEX_CMD_MASK, err;
	bool shared = !(op & FUTEX_PRIVATE_FLAG), realtime = op & FUTEX_CLOCK_REALTIME;
	u32 val2 = (u32)(u64)timeout;	/* operations without a timeout */
	u64 deadline;

	if (realtime && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		val3 = FUTEX_BITSET_MATCH_ANY;
		/* fall through */
	case FUTEX_WAIT_BITSET:
		err = read_timeout(timeout, command == FUTEX_WAIT, &deadline);
		if (err)
			return err;
		if (!val3)
			return -EINVAL;
		return wait_and_restart(uaddr, shared, val, val3, deadline, realtime);
	case FUTEX_WAKE:
		return futex_wake(uaddr, shared, (int)val, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return val3 ? futex_wake(uaddr, shared, (int)val, val3) : -EINVAL;
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, (int)val, (int)val2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, (int)val, (int)val2, &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, uaddr2, shared, (int)val, (int)val2, val3);
	default:
		return -ENOSYS;
	}
}
