/*
 * The border to ring 3: what happens on the way back, faults of user code, INT 0x80.
 */
#pragma once

#include "02-usermode/process.h"
#include "common/user_program.h"

/*
 * The way back to user mode, with interrupts off on entry and on return: does what the work
 * bits of the current thread ask for until none is left. May sleep in between.
 */
void return_to_user(struct trapframe *f);

/* Install the page-fault, exception and INT 0x80 handlers; boot CPU. */
void user_init(void);
/* What each further CPU needs (lab 03 adds its SYSCALL registers through cpu_init_hook). */
void usermode_init_cpu(void);

/* Weak hook-free extension: functions run on every CPU as it starts, linker set. */
struct cpu_initcall {
	void (*fn)(void);
};
#define CPU_INITCALL(order, fn)							\
	static LINKSET(cpu_initcalls, order, const struct cpu_initcall, cpu_initcall_##fn) = { fn }

/*
 * Map the flat program into the current thread's address space and set up the registers and a stack
 * with an empty argument vector (argc 1: the program's name): 0, -ENOEXEC, -ENOMEM.
 */
int user_load_flat(const struct user_program *p);
const struct user_program *user_program_find(const char *name);

/*
 * Start a process that runs the program: its thread number, or a negative errno.
 * For the demonstrations of labs 02 and 03, whose init this is.
 */
int user_spawn_flat(const struct user_program *p);
