/*
 * Lab 03, booted: process number 1 is a user program linked into the kernel, by default the
 * process tree that forks, computes and waits; init=NAME chooses another one.
 */
#include "common/boot_info.h"
#include "common/cmdline.h"
#include "common/ktest.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "02-usermode/sched.h"
#include "02-usermode/start.h"
#include "02-usermode/uaccess.h"
#include "02-usermode/user.h"
#include "03-syscalls/file.h"

#define DEFAULT_INIT	"tree"
#define MAX_ARGUMENTS	16

/*
 * Replace the stack of the program just loaded, which has only argv[0], by one with the arguments
 * that the command line leaves to init (psABI, figure 3.9): 0 or -EFAULT. The strings stand at the
 * top, below them the words from argc on, to which rsp points, a multiple of 16.
 */
static int push_arguments(const char *name)
{
	const char *argv[MAX_ARGUMENTS + 1] = { name };
	int argc = 1 + cmdline_init_args(argv + 1, MAX_ARGUMENTS);
	u64 words[MAX_ARGUMENTS + 6] = { argc };	/* argc, argv, NULL, envp's NULL, AT_NULL */
	u64 sp = current->frame->rsp, size = (argc + 5) * sizeof(u64);

	for (int i = 0; i < argc; i++) {
		size_t n = strlen(argv[i]) + 1;

		sp -= n;
		words[1 + i] = sp;
		if (copy_to_user((void __user *)sp, argv[i], n))
			return -EFAULT;
	}
	sp = ALIGN_DOWN(sp - size, 16);
	current->frame->rsp = sp;
	return copy_to_user((void __user *)sp, words, size) ? -EFAULT : 0;
}

/* The first code of process 1, still in the kernel: returns to the program's first instruction. */
static void init_thread(void *program)
{
	int error = user_load_flat(program);

	if (!error)
		error = push_arguments(((const struct user_program *)program)->name);
	if (error)
		panic("init: the program cannot be loaded: error %d", error);
}

/*
 * There are no files yet: programs are linked into the kernel, found by name. A wrong name gets a
 * list.
 */
static const struct user_program *choose_init(void)
{
	const char *name = cmdline_get("init");
	const struct user_program *p = user_program_find(name ? name : DEFAULT_INIT);

	if (p)
		return p;
	printk("There is no program %s; choose one with init=:", name ? name : DEFAULT_INIT);
	linkset_for_each(user_programs, const struct user_program, p)
		printk(" %s", p->name);
	panic("\nno init");
}

static void stage_main(void)
{
	const struct user_program *program;
	struct thread *init;
	int error;

	ktest_run();		/* returns if no tests were asked for */
	program = choose_init();
	init = process_create_first(program->name);
	if (IS_ERR(init))
		panic("init: no process: error %ld", PTR_ERR(init));
	error = files_open_init(init);
	if (error)
		panic("init: no console: error %d", error);
	if (ktap_active())
		ktap_user_begin();
	thread_begin(init, init_thread, (void *)program);
}

void kernel_main(void)
{
	kernel_start(stage_main);
}
