/*
 * grader/child_clock.c: a child that spins beside others, one that sleeps, one that is gone.
 */
#include <check.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/child_clock.h"
#include "grader/util.h"
#include "unit.h"

#define RIVALS	4

static void one_processor(void)
{
	cpu_set_t all, one;

	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static pid_t spinner(int nice)
{
	pid_t pid = fork();

	if (pid == 0) {
		one_processor();
		setpriority(PRIO_PROCESS, 0, nice);
		for (;;)
			;
	}
	return pid;
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

/* The part of half a second of the host's that the child's clock counts. */
static double counted(pid_t pid)
{
	struct child_clock clock;
	double start;

	usleep(50000);	/* until it does what it is for */
	start = now();
	child_clock_start(&clock, pid);
	while (now() < start + 0.5)
		usleep(20000), child_clock_read(&clock);
	return clock.had / 0.5;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

START_TEST(waiting_for_a_processor)
{
	pid_t rivals[RIVALS], child = spinner(19);
	double part;

	for (int i = 0; i < RIVALS; i++)
		rivals[i] = spinner(0);
	part = counted(child);
	for (int i = 0; i < RIVALS; i++)
		end(rivals[i]);
	end(child);
	ck_assert_double_lt(part, 0.5);
}
END_TEST

START_TEST(spinning)
{
	pid_t child = spinner(0);
	double part = counted(child);

	end(child);
	ck_assert_double_gt(part, 0.05);	/* the host may be busy */
	ck_assert_double_le(part, 1.2);
}
END_TEST

START_TEST(sleeping)
{
	pid_t child = sleeper();
	double part = counted(child);

	end(child);
	ck_assert_double_gt(part, 0.7);
}
END_TEST

/* A child that ended must not stop the clock: somebody may still hold its pipes. */
START_TEST(gone)
{
	pid_t child = sleeper();

	end(child);
	ck_assert_double_gt(counted(child), 0.7);
}
END_TEST

static Suite *child_clock_suite(void)
{
	Suite *s = suite_create("child_clock");
	TCase *t = tcase_create("child_clock");

	tcase_add_test(t, waiting_for_a_processor);
	tcase_add_test(t, spinning);
	tcase_add_test(t, sleeping);
	tcase_add_test(t, gone);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(child_clock_suite);
