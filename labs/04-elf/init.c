/*
 * Process 1: its first program's arguments and environment come from the kernel's command line,
 * as on Linux (kernel-parameters.txt: "init="): unknown words are arguments, unknown name=value
 * pairs environment.
 */
#include "04-elf/init.h"
#include "04-elf/exec.h"
#include "common/cmdline.h"
#include "common/ktest.h"
#include "common/panic.h"
#include "common/string.h"

#define MAX_WORDS	32

/* Failures are panics, as without process 1 there is nobody to report them to. */
struct thread *init_create(void)
{
	struct thread *t = process_create_first("init");
	int error;

	if (IS_ERR(t))
		panic("init: no process: error %ld", PTR_ERR(t));
	error = files_open_init(t);
	if (error)
		panic("init: no console: error %d", error);
	if (ktap_active())
		ktap_user_begin();
	return t;
}

/* Does the environment set this name already? */
static bool is_set(const char *const *envp, int n, const char *pair)
{
	size_t len = strchr(pair, '=') - pair + 1;

	for (int i = 0; i < n; i++)
		if (strncmp(envp[i], pair, len) == 0)
			return true;
	return false;
}

/* A name=value pair of the command line replaces the default of that name. */
int init_exec(const char *path)
{
	static const char *const defaults[] = { "HOME=/", "TERM=linux" };
	const char *argv[MAX_WORDS + 2] = { path }, *envp[MAX_WORDS + 3], *given[MAX_WORDS];
	int n = cmdline_init_env(given, MAX_WORDS), envc = 0;

	argv[1 + cmdline_init_args(argv + 1, MAX_WORDS)] = NULL;
	for (unsigned i = 0; i < ARRAY_SIZE(defaults); i++)
		if (!is_set(given, n, defaults[i]))
			envp[envc++] = defaults[i];
	for (int i = 0; i < n; i++)
		envp[envc++] = given[i];
	envp[envc] = NULL;
	return exec_kernel(path, argv, envp);
}
