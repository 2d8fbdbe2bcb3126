/*
 * Calling an object's constructors and destructors: DT_INIT and DT_INIT_ARRAY in this order,
 * then DT_FINI_ARRAY backwards and DT_FINI (gABI chapter 5, "Initialization and Termination
 * Functions"). With glibc the program's own are its start-up code's business; lib/crt.S leaves
 * them to the linker.
 */
#include "07-dynlink/ldso/ldso.h"

typedef void (*init_function)(int argc, char **argv, char **envp);

static int init_argc;
static char **init_argv, **init_envp;

void call_start(int argc, char **argv, char **envp)
{
	init_argc = argc;
	init_argv = argv;
	init_envp = envp;
}

static void call_array(const struct object *o, u64 array, u64 size)
{
	const init_function *f = (const void *)(o->base + array);

	for (u64 i = 0; i < size / sizeof(*f); i++)
		f[i](init_argc, init_argv, init_envp);
}

void call_preinit(struct object *program)
{
	call_array(program, program->tag[DT_PREINIT_ARRAY], program->tag[DT_PREINIT_ARRAYSZ]);
}

void call_constructors(struct object *o)
{
	if (o->tag[DT_INIT])
		((init_function)(o->base + o->tag[DT_INIT]))(init_argc, init_argv, init_envp);
	call_array(o, o->tag[DT_INIT_ARRAY], o->tag[DT_INIT_ARRAYSZ]);
}

void call_destructors(struct object *o)
{
	void (*const *f)(void) = (const void *)(o->base + o->tag[DT_FINI_ARRAY]);

	for (u64 i = o->tag[DT_FINI_ARRAYSZ] / sizeof(*f); i-- > 0; )
		f[i]();
	if (o->tag[DT_FINI])
		((void (*)(void))(o->base + o->tag[DT_FINI]))();
}
