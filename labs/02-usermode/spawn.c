/*
 * Starting flat programs from the kernel, before there is fork or exec.
 */
#include "common/printk.h"
#include "02-usermode/user.h"

static void run_flat(void *arg)
{
	const struct user_program *p = arg;
	int error = user_load_flat(p);

	if (error) {
		printk("%s: cannot be loaded, error %d\n", p->name, error);
		thread_exit(127 << 8);
	}
}

int user_spawn_flat(const struct user_program *p)
{
	struct thread *t = process_create(p->name);
	int nr;

	if (IS_ERR(t))
		return PTR_ERR(t);
	nr = t->process->id;
	thread_begin(t, run_flat, (void *)p);
	return nr;
}
