/*
 * Exercise 6.1 from inside: init is protected from signals; who else comes from nothing is like it.
 */
#include "../02/helpers.h"
#include "02-usermode/user.h"
#include "03-syscalls/family.h"
#include "06-posix/signal/signal.h"

static void begin_spinning(void *arg)
{
	if (user_load_flat(arg))
		thread_exit(254 << 8);
}

/* Two signals were blocked when they came; now they are taken on the way to the first instruction.
 */
static void begin_with_signals(void *arg)
{
	signal_set_blocked(SIGMASK(SIGTERM) | SIGMASK(SIGTSTP));
	signal_send_kernel(current_process(), SIGTERM);
	signal_send_kernel(current_process(), SIGTSTP);
	signal_set_blocked(0);
	begin_spinning(arg);
}

static int child_status;

/* A process with a parent: SIGTERM ends it. */
static void kill_child(void *program)
{
	struct clone c = { .exit_signal = SIGCHLD };
	struct thread *t = process_clone(&c);
	struct process *child;

	if (IS_ERR(t))
		thread_exit(1 << 8);
	child = c.child_process;
	process_get(child);
	thread_begin(t, begin_with_signals, program);
	if (!eventually(READ_ONCE(child->state) != PROCESS_ALIVE))
		process_kill(child, SIGKILL);
	eventually(READ_ONCE(child->state) != PROCESS_ALIVE && process_family(child)->zombie);
	child_status = child->exit_status;
	spin_lock(&tree_lock);		/* nobody else is there to wait for it */
	family_unlink(child, false);
	spin_unlock(&tree_lock);
	process_release(child);
	process_put(child);
	thread_exit(0);
}

KTEST(signal_init_lives, "6.1", 2, "default actions end a process, but not the first one, init")
{
	const struct user_program *spin = user_program_find("ktest_spin");
	struct process *init;
	bool alive;

	KTEST_ASSERT(spin);
	KTEST_CALL(in_process(kill_child, (void *)spin));
	KTEST_EQ(child_status, SIGTERM);
	init = process_begin("ktest_spin", begin_with_signals, (void *)spin);
	KTEST_ASSERT(init);
	sleep_ms(50);
	signal_send_kernel(init, SIGTERM);
	sleep_ms(20);
	alive = READ_ONCE(init->state) == PROCESS_ALIVE;
	process_kill(init, SIGKILL);
	KTEST_EQ(process_result(init), SIGKILL);
	KTEST_MSG(alive, "a process that comes from nothing, as init does, died by SIGTERM");
}
