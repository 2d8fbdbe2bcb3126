/*
 * What happens to timers when somebody sets the clock: those until a time of CLOCK_REALTIME look at
 * the new one, the others do not care. No points.
 *
 * @host no it sets the clock
 */
#include "posix.h"

#include <sys/timerfd.h>

static volatile sig_atomic_t count;

static void counter(int sig)
{
	count++;
	(void)sig;
}

static void move_clock(int seconds)
{
	struct timespec ts;

	UT_EQ(clock_gettime(CLOCK_REALTIME, &ts), 0);
	ts.tv_sec += seconds;
	UT_EQ(clock_settime(CLOCK_REALTIME, &ts), 0);
}

/* Seconds from now on the clock, as an absolute time. */
static struct itimerspec at(int seconds)
{
	struct itimerspec its = { 0 };

	UT_EQ(clock_gettime(CLOCK_REALTIME, &its.it_value), 0);
	its.it_value.tv_sec += seconds;
	return its;
}

static timer_t new_timer(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t t;

	handle(SIGUSR1, counter, 0);
	UT_EQ(timer_create(CLOCK_REALTIME, &ev, &t), 0);
	return t;
}

UTEST(clock_set_absolute, "6.0", 0, "a timer until a time of day fires at once when that time is passed by setting the clock")
{
	struct itimerspec its = at(1000);
	timer_t t = new_timer();

	UT_EQ(timer_settime(t, TIMER_ABSTIME, &its, NULL), 0);
	move_clock(500);
	sleep_ms(30);
	UT_EQ(count, 0);
	UT_EQ(timer_gettime(t, &its), 0);
	UT_ASSERT(its.it_value.tv_sec >= 490 && its.it_value.tv_sec <= 500);
	move_clock(600);
	UT_ASSERT(wait_for(&count));
	move_clock(-1100);
	UT_EQ(timer_gettime(t, &its), 0);
	UT_EQ(its.it_value.tv_sec, 0);
}

UTEST(clock_set_relative, "6.0", 0, "a timer for some time is not disturbed by setting the clock")
{
	struct itimerspec its = { .it_value.tv_nsec = 200000000 };
	timer_t t = new_timer();
	int fd = timerfd_create(CLOCK_REALTIME, 0);

	UT_EQ(timer_settime(t, 0, &its, NULL), 0);
	UT_EQ(timerfd_settime(fd, 0, &its, NULL), 0);
	move_clock(1000);
	sleep_ms(30);
	UT_EQ(count, 0);
	UT_ASSERT(!readable(fd, 0));
	move_clock(-2000);
	UT_ASSERT(wait_for(&count));
	UT_ASSERT(readable(fd, LIMIT_MS));
	move_clock(1000);
}

UTEST(clock_set_timerfd, "6.0", 0, "timerfd: an absolute time looks at the new clock, TFD_TIMER_CANCEL_ON_SET tells the reader")
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	struct itimerspec its = at(1000);
	uint64_t n;

	UT_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, NULL), 0);
	move_clock(500);
	UT_ASSERT(!readable(fd, 30));
	move_clock(600);
	UT_ASSERT(readable(fd, LIMIT_MS));
	UT_EQ(read(fd, &n, 8), 8);
	UT_EQ(n, 1);
	its = at(1000);
	UT_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &its, NULL), 0);
	UT_ERRNO(read(fd, &n, 8), EAGAIN);
	move_clock(-1100);
	UT_ASSERT(readable(fd, LIMIT_MS));
	UT_ERRNO(read(fd, &n, 8), ECANCELED);
	UT_ERRNO(read(fd, &n, 8), EAGAIN);
}

UTEST_MAIN(clock_set_absolute, clock_set_relative, clock_set_timerfd)
