/*
 * Whether a process may be inspected by others of the same user (PR_SET_DUMPABLE of prctl(2)):
 * 1 yes, 0 no. It becomes 0 when the credentials change, and exec sets it anew.
 */
#pragma once

struct process;

int process_dumpable(struct process *p);
void process_set_dumpable(struct process *p, int value);
