/*
 * /proc/sys/fs/mqueue: the limits of POSIX message queues, which root may change (mq_overview(7)).
 * Each value is one word, read and written whole; a queue keeps what it was made with.
 */
#include "common/errno.h"
#include "common/string.h"
#include "05-vfs/proc.h"
#include "06-posix/ipc/mq_limits.h"

struct mq_limits mq_limits = {
	.queues_max = 256,
	.msg_max = 10, .msg_default = 10,
	.msgsize_max = 8192, .msgsize_default = 8192,
};

/* A decimal number from low to high into *value: 0 or -EINVAL. */
static int set_limit(const char *text, long low, long high, long *value)
{
	const char *end;
	u64 n = parse_u64(text, &end, 10);

	if (end == text || *end || n < (u64)low || n > (u64)high)
		return -EINVAL;
	WRITE_ONCE(*value, (long)n);
	return 0;
}

#define LIMIT(field, low, high)							\
	static int print_##field(struct printer *p)				\
	{									\
		print(p, "%ld\n", READ_ONCE(mq_limits.field));			\
		return 0;							\
	}									\
	static int write_##field(char *text)					\
	{									\
		return set_limit(text, low, high, &mq_limits.field);		\
	}									\
	PROC_ENTRY(mq_##field, "sys/fs/mqueue/" #field, 0644, print_##field, write_##field)

LIMIT(queues_max, 0, INT32_MAX);
LIMIT(msg_max, 1, MQ_MSG_HARD_MAX);
LIMIT(msg_default, 1, MQ_MSG_HARD_MAX);
LIMIT(msgsize_max, 128, MQ_MSGSIZE_HARD_MAX);
LIMIT(msgsize_default, 128, MQ_MSGSIZE_HARD_MAX);
