/*
 * Walking all parts, for process.c, exec (04) and /proc (05). Orders: forwards for what
 * builds up, backwards for what takes down.
 */
#pragma once

#include "02-usermode/process.h"

/* -EINVAL if a flag is known to no part nor in core_flags, or a part objects. */
int parts_check(const struct clone *c, u64 core_flags);
/* On failure nothing is left. */
int parts_clone(struct thread *child, struct clone *c, bool new_process);
void parts_undo(struct thread *child, bool new_process);
void parts_clone_commit(struct thread *child, struct clone *c, bool new_process);
int parts_exec_prepare(struct exec *x);
void parts_exec_commit(struct exec *x);
void parts_thread_exit(struct thread *t);
void parts_exit(struct process *p);
void parts_free(struct process *p);
void parts_show(struct process *p, struct printer *out);
