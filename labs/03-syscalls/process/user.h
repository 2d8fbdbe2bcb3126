/*
 * Users as the kernel counts them: how many threads each real user number has, for RLIMIT_NPROC,
 * and what else nobody shall have too much of.
 */
#pragma once

#include "common/atomic.h"
#include "03-syscalls/cred.h"

struct user {
	uid_t uid;
	refcount_t refs;		/* credentials that name it */
	int threads;			/* atomic */
	/* 06, atomic: files on their way in messages, pages that pipes may take, epoll's items */
	int files_in_flight, pipe_pages, watches;
	u64 mqueue_bytes;		/* 06, mq_lock: what its POSIX message queues may take */
	struct user *next;		/* hash chain; the table's lock */
};

extern struct user root_user;

/* The user with a reference, or NULL if memory is short. May sleep. */
struct user *user_get(uid_t uid);
void user_put(struct user *u);
