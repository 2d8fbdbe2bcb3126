/* Signals where two rules meet: stopped and killed, limits and timers, SS_AUTODISARM. No points. */
#include "posix.h"

#include <sys/resource.h>
#include <sys/wait.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM	(1U << 31)
#endif

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

UTEST(stopped_not_killed, "6.0", 0, "SIGTERM waits until a stopped process is continued, SIGKILL does not")
{
	int status;
	pid_t pid;

	for (int last = 0; last < 2; last++) {
		pid = fork();
		UT_ASSERT(pid >= 0);
		if (pid == 0)
			sleep_for_ever();
		UT_EQ(kill(pid, SIGSTOP), 0);
		UT_ASSERT(WIFSTOPPED(wait_limited(pid, WUNTRACED)));
		UT_EQ(kill(pid, SIGTERM), 0);
		sleep_ms(100);
		UT_EQ(waitpid(pid, &status, WNOHANG), 0);
		UT_EQ(kill(pid, last ? SIGKILL : SIGCONT), 0);
		UT_EQ(wait_limited(pid, 0), last ? SIGKILL : SIGTERM);
	}
}

static volatile sig_atomic_t count, on_stack, flags_inside;
static siginfo_t last_info;
static char stack[65536];

static void look(int sig, siginfo_t *info, void *context)
{
	stack_t now;
	char here;

	last_info = *info;
	on_stack = &here >= stack && &here < stack + sizeof(stack);
	sigaltstack(NULL, &now);
	flags_inside = now.ss_flags;
	count++;
	(void)sig;
	(void)context;
}

UTEST(altstack_autodisarm, "6.0", 0, "with SS_AUTODISARM the stack is free for others while a handler runs on it")
{
	struct sigaction act = { .sa_sigaction = look, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t st = { .ss_sp = stack, .ss_size = sizeof(stack), .ss_flags = SS_AUTODISARM };

	UT_EQ(sigaction(SIGUSR1, &act, NULL), 0);
	UT_EQ(sigaltstack(&st, NULL), 0);
	for (int i = 1; i <= 2; i++) {
		UT_EQ(raise(SIGUSR1), 0);
		UT_EQ(count, i);
		UT_ASSERT(on_stack);
		UT_EQ(flags_inside, SS_DISABLE);
	}
	UT_EQ(sigaltstack(NULL, &st), 0);
	UT_ASSERT(st.ss_sp == stack && st.ss_size == sizeof(stack));
	UT_EQ((unsigned)st.ss_flags, SS_AUTODISARM);
}

static struct rlimit full;

static void no_queue(void)
{
	struct rlimit none = { 0, full.rlim_max };

	UT_EQ(setrlimit(RLIMIT_SIGPENDING, &none), 0);
}

UTEST(kill_beyond_limit, "6.0", 0, "the sender of a classic signal is told whatever RLIMIT_SIGPENDING says")
{
	struct sigaction act = { .sa_sigaction = look, .sa_flags = SA_SIGINFO };

	UT_EQ(getrlimit(RLIMIT_SIGPENDING, &full), 0);
	UT_EQ(sigaction(SIGUSR1, &act, NULL), 0);
	no_queue();
	UT_EQ(kill(getpid(), SIGUSR1), 0);
	UT_EQ(count, 1);
	UT_EQ(last_info.si_pid, getpid());
	UT_ERRNO(sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }), EAGAIN);
}

UTEST(timer_refused, "6.0", 0, "a timer that the limit refuses leaves nothing behind")
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct timespec now;
	timer_t t;

	UT_EQ(getrlimit(RLIMIT_SIGPENDING, &full), 0);
	no_queue();
	UT_ERRNO(timer_create(CLOCK_REALTIME, &ev, &t), EAGAIN);
	UT_EQ(setrlimit(RLIMIT_SIGPENDING, &full), 0);
	UT_EQ(timer_create(CLOCK_REALTIME, &ev, &t), 0);
	/* Who sets the clock goes through all timers; only root may. */
	UT_EQ(clock_gettime(CLOCK_REALTIME, &now), 0);
	if (clock_settime(CLOCK_REALTIME, &now) != 0)
		UT_EQ(errno, EPERM);
	UT_EQ(timer_delete(t), 0);
}

UTEST_MAIN(stopped_not_killed, altstack_autodisarm, kill_beyond_limit, timer_refused)
