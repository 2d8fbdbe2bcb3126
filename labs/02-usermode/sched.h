/*
 * What the files of this lab tell the scheduler and ask it; others need only thread.h.
 */
#pragma once

#include "02-usermode/thread.h"

/* Make the calling context, on idle's stack, the idle thread of this CPU. Interrupts off. */
void sched_init_cpu(struct thread *idle);
/* Turn interrupts on and schedule for ever; on the boot CPU the last act of kernel_main(). */
void sched_idle(void) __noreturn;
/* End of a switch, called by a new thread's first instructions. */
void sched_finish_switch(void);
/* The timer interrupt hit this CPU; user: it was in user mode. Interrupts off. */
void sched_tick(bool user);
/* When this CPU's running thread must be looked at again; WAIT_FOREVER when idle. Interrupts off.
 */
u64 sched_next_tick(void);
/* Program the APIC timer for the next event of this CPU. Interrupts off. */
void timer_program(void);

/* pid.c, for thread.c and process.c: whose number it is; NULL: nobody's any more. */
void pid_attach_thread(struct pid *p, struct thread *t);
void pid_detach_thread(struct pid *p, struct thread *t);	/* if it still is t's */
void pid_attach_process(struct pid *p, struct process *process);

/* thread.c: set up the idle thread of a CPU; kernel_process must exist. NULL: no memory. */
struct thread *thread_create_idle(int cpu);
/* process.c: a thread that has left its process is done for. */
void process_thread_gone(struct process *p, struct thread *t);

/*
 * Set up the first threads and the clock; on the boot CPU. Then kernel_main() may sleep as a thread
 * of its own.
 */
void usermode_init(void);

/* timer.c: the queue of this CPU; the handler of VECTOR_TIMER. */
void timer_init_cpu(void);
void timer_interrupt(void *arg);

/* process.c: the kernel's own process, before the first thread. */
void process_init(void);
