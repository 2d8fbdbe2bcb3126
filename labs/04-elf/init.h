/*
 * Starting process 1 from a file: what the stages from 04 on share.
 */
#pragma once

struct thread;

/*
 * Make process 1, not started; panics if that is not possible. The caller starts it with a function
 * that runs in it and ends in init_exec().
 */
struct thread *init_create(void);

/*
 * In process 1: become the program at path, with the arguments and the environment that the
 * command line leaves to init (R7 in docs/). 0: done, the program begins when the caller returns;
 * or what execve(2) says.
 */
int init_exec(const char *path);
