/*
 * Users as the kernel counts them: how many threads each real user number has, for RLIMIT_NPROC,
 * and how many files on their way in messages (06).
 */
#pragma once

#include "common/atomic.h"
#include "03-syscalls/cred.h"

struct user {
	uid_t uid;
	refcount_t refs;		/* credentials that name it */
	int threads;			/* atomic */
	int files_in_flight;		/* atomic */
	struct user *next;		/* hash chain; the table's lock */
};

extern struct user root_user;

/* The user with a reference, or NULL if memory is short. */
struct user *user_get(uid_t uid);
void user_put(struct user *u);
