/* Limits of POSIX message queues (mq_limits.c). */
#pragma once

#define MQ_MSG_HARD_MAX		65536		/* for everybody */
#define MQ_MSGSIZE_HARD_MAX	16777216

/* Set through /proc/sys/fs/mqueue; read by READ_ONCE. */
struct mq_limits {
	long queues_max;			/* in the system */
	long msg_max, msgsize_max;		/* of one queue, without CAP_SYS_RESOURCE */
	long msg_default, msgsize_default;	/* of a queue made without attributes */
};
extern struct mq_limits mq_limits;
