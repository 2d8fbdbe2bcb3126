/*
 * Making groups and sessions, for the files of this directory. Memory is allocated before
 * tree_lock, a spinlock, is taken; the other functions need it held and cannot fail. Both objects
 * are allocated although most callers use one at most: what is left over goes back at once.
 */
#pragma once

#include "06-posix/job/job.h"

struct job_fresh {
	struct group *group;
	struct session *session;
};

int job_fresh_alloc(struct job_fresh *n);	/* 0 or -ENOMEM */
void job_fresh_free(struct job_fresh *n);	/* what was not used */

/* A new session with p's number and leader p; a new group with p's number in s. */
struct session *job_new_session(struct process *p, struct job_fresh *n);
struct group *job_new_group(struct process *p, struct session *s, struct job_fresh *n);
/* Move p to g; a group or session that is empty afterwards is freed. */
void job_join(struct process *p, struct group *g);
