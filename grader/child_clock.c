/*
 * The kernel tells how much CPU time a process has used, but not everywhere how long it waited
 * for a processor (CONFIG_SCHED_INFO). So the child is looked at ten times a second: if a thread of
 * it can run (proc(5), state R), the CPU time used since the last look counts; if none can, it
 * sleeps by its own choice, and all the time counts. A machine that spins has one of the first
 * kind, one that waits for an interrupt that never comes one of the second.
 */
#include "child_clock.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util.h"

#define LOOK	0.1	/* seconds between two looks */

/* CPU time of all threads together, in seconds; 0 when the child is gone. */
static double cpu_time(pid_t pid)
{
	struct timespec t = { 0 };
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* "17 (qemu) R ...": the state follows the name, which may have parentheses itself. */
static bool is_runnable(const char *stat)
{
	const char *name_end = strrchr(stat, ')');

	return name_end && strncmp(name_end, ") R", 3) == 0;
}

static bool wants_processor(pid_t pid)
{
	char *path = xasprintf("/proc/%d/task", pid);
	DIR *tasks = opendir(path);
	bool found = false;

	for (struct dirent *d; !found && tasks && (d = readdir(tasks)); ) {
		char *file = xasprintf("%s/%s/stat", path, d->d_name);
		char *text = *d->d_name == '.' ? NULL : read_file(file, NULL);

		found = text && is_runnable(text);
		free(text);
		free(file);
	}
	if (tasks)
		closedir(tasks);
	free(path);
	return found;
}

void child_clock_start(struct child_clock *c, pid_t pid)
{
	*c = (struct child_clock){ .pid = pid, .wall = now(), .used = cpu_time(pid) };
}

double child_clock_read(struct child_clock *c)
{
	double wall = now() - c->wall, used;

	if (wall < LOOK)
		return c->had;
	used = cpu_time(c->pid) - c->used;
	c->had += used >= 0 && used < wall && wants_processor(c->pid) ? used : wall;
	c->wall += wall;
	c->used += used;
	return c->had;
}
