/*
 * syslog(2): the kernel's messages, as dmesg(1) reads them. They are kept as they were printed,
 * without levels and times. A read waits for messages that nobody has read so far.
 *
 * There are two ways to read. READ is for one daemon: it takes what comes, and what it took is no
 * longer unread. READ_ALL shows the last messages again and again, but for those before the last
 * CLEAR, which takes nothing out of the ring.
 *
 * Positions are counts of bytes since boot. The two that are kept are single words changed
 * atomically: two daemons at once may both be given the same messages.
 */
#include "common/printk.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "common/spinlock.h"
#include "common/string.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"

#define LOG_WINDOW	(1UL << 16)	/* we look back so far; the ring holds more */
#define CHUNK		256
#define POLL_NS		(100 * NSEC_PER_MSEC)

enum { CLOSE, OPEN, READ, READ_ALL, READ_CLEAR, CLEAR, CONSOLE_OFF, CONSOLE_ON, CONSOLE_LEVEL,
       SIZE_UNREAD, SIZE_BUFFER };

static u64 read_pos;	/* where READ goes on; atomic */
static u64 clear_pos;	/* what READ_ALL no longer shows; atomic */

/*
 * Copy the log from *from on, at most size bytes; moves *from. Bytes or -EFAULT. Positions count
 * all bytes ever printed, so that a reader who is too late notices: what is overwritten is skipped.
 */
static long copy_log(char __user *user, size_t size, u64 *from)
{
	u64 end = printk_log_end();
	char buf[CHUNK];
	size_t done = 0;

	if (end - *from > LOG_WINDOW)
		*from = end - LOG_WINDOW;
	while (done < size) {
		size_t n = printk_read_log(buf, MIN(size - done, sizeof(buf)), *from);

		if (!n)
			break;
		if (copy_to_user(user + done, buf, n))
			return -EFAULT;
		*from += n;
		done += n;
	}
	return done;
}

/* Messages may come from anywhere, also where nobody can be woken: so look from time to time. */
static long read_unread(char __user *user, size_t size)
{
	u64 from = atomic_load(&read_pos);
	long n;

	while (from == printk_log_end())
		if (sleep_until(clock_monotonic() + POLL_NS, WAIT_INTERRUPTIBLE) == -ERESTARTSYS)
			return -ERESTARTSYS;
	n = copy_log(user, size, &from);
	atomic_store(&read_pos, from);
	return n;
}

/* The newest that fits, and not the oldest (syslog(2), SYSLOG_ACTION_READ_ALL). */
static long read_all(char __user *user, size_t size)
{
	u64 end = printk_log_end(), from = atomic_load(&clear_pos);

	size = MIN(size, LOG_WINDOW);
	if (end - from > size)
		from = end - size;
	return copy_log(user, size, &from);
}

/*
 * Anybody may look at the messages, as on Linux with kernel.dmesg_restrict off. 0, -EINVAL, -EPERM.
 */
static int check_syslog(int action, const char __user *buf, int size)
{
	if (action < CLOSE || action > SIZE_BUFFER)
		return -EINVAL;
	if (action != READ_ALL && action != SIZE_BUFFER && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (action >= READ && action <= READ_CLEAR && (!buf || size < 0))
		return -EINVAL;
	return action == CONSOLE_LEVEL && (size < 1 || size > 8) ? -EINVAL : 0;
}

SYSCALL3(103, syslog, int, action, char __user *, buf, int, size)
{
	long result = check_syslog(action, buf, size);

	if (result)
		return result;
	switch (action) {
	case READ:
		return size ? read_unread(buf, size) : 0;
	case READ_ALL:
		return read_all(buf, size);
	case READ_CLEAR:
		result = read_all(buf, size);
		atomic_store(&clear_pos, printk_log_end());
		return result;
	case CLEAR:
		atomic_store(&clear_pos, printk_log_end());
		return 0;
	case CONSOLE_OFF:
	case CONSOLE_ON:
	case CONSOLE_LEVEL:
		return -EOPNOTSUPP;	/* messages have no levels */
	case SIZE_UNREAD:
		return printk_log_end() - atomic_load(&read_pos);
	case SIZE_BUFFER:
		return LOG_WINDOW;
	}
	return 0;
}
