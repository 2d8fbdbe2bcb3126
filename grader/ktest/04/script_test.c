/*
 * Exercise 4.3 from inside: what is left over when scripts were executed, or could not be. From lab
 * 05 on programs come from a file system, which the boots of in-kernel tests do not have: then
 * there is nothing to try.
 */
#include "../02/helpers.h"
#include "01-memory/kmem.h"
#include "03-syscalls/file.h"
#include "04-elf/exec.h"

#define TIMES	20

static int error;

static void exec_it(void *path)
{
	const char *const argv[] = { path, NULL }, *const envp[] = { NULL };

	error = exec_kernel(path, argv, envp);
	if (error)
		thread_exit(1 << 8);
}

/* Execute it in a process of its own; its wait status. */
static int run(const char *path)
{
	struct process *p = process_begin("script", exec_it, (void *)path);

	return p ? process_result(p) : -1;
}

static u64 objects(void)
{
	struct kmem_stats s;

	kmem_stats(&s);
	return s.objects;
}

/*
 * What is in use once nothing of the processes before is: they end behind our back, so the least of
 * what is seen until it has not become less for a while.
 */
static void count_settled(u64 *files, u64 *heap)
{
	*files = *heap = ~0UL;
	for (int still = 0; still < 20; still++) {
		if (file_count_open() < *files || objects() < *heap)
			still = 0;
		*files = MIN(*files, file_count_open());
		*heap = MIN(*heap, objects());
		sleep_ms(1);
	}
}

/* What TIMES executions leave behind: open files, objects of the kernel's heap. */
static void measure(const char *path, int want, u64 *files, u64 *heap)
{
	u64 files_before, heap_before;

	for (int i = -3; i < TIMES; i++) {		/* the first ones fill caches */
		if (i == 0)
			count_settled(&files_before, &heap_before);
		error = 1;
		run(path);
		KTEST_EQ(error, want);
	}
	count_settled(files, heap);
	*files -= files_before;
	*heap -= heap_before;
}

static void expect_no_leak(const char *path, int want)
{
	u64 files = 0, heap = 0;

	KTEST_CALL(measure(path, want, &files, &heap));
	KTEST_MSG((s64)files < TIMES, "%d executions of %s have left %ld files open", TIMES, path,
		  files);
	KTEST_MSG((s64)heap < TIMES,
		  "%d executions of %s have left %ld objects on the kernel's heap", TIMES, path,
		  heap);
}

KTEST(script_no_leak, "4.3", 2, "a script that was executed is closed, and nothing of it stays in memory, also when it fails")
{
	if (path_file_ops)
		return;
	KTEST_CALL(expect_no_leak("/s/true", 0));
	KTEST_CALL(expect_no_leak("/s/missing", -ENOENT));
}
