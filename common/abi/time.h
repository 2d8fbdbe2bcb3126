/* Time: clock_gettime(2), setitimer(2), times(2), adjtimex(2); x86-64 Linux layouts. */
#pragma once

typedef long time_t;

struct timespec {
	time_t tv_sec;
	long tv_nsec;
};

struct timeval {
	time_t tv_sec;
	long tv_usec;
};

struct timezone {
	int tz_minuteswest;
	int tz_dsttime;
};

struct itimerval {
	struct timeval it_interval;
	struct timeval it_value;
};

struct itimerspec {
	struct timespec it_interval;
	struct timespec it_value;
};

#define CLOCK_REALTIME			0
#define CLOCK_MONOTONIC			1
#define CLOCK_PROCESS_CPUTIME_ID	2
#define CLOCK_THREAD_CPUTIME_ID		3
#define CLOCK_MONOTONIC_RAW		4
#define CLOCK_REALTIME_COARSE		5
#define CLOCK_MONOTONIC_COARSE		6
#define CLOCK_BOOTTIME			7
#define CLOCK_REALTIME_ALARM		8
#define CLOCK_BOOTTIME_ALARM		9
#define CLOCK_TAI			11

#define TIMER_ABSTIME	1

/* The coarse clocks go forward in steps of this many nanoseconds. */
#define COARSE_NS	4000000UL

/* Clocks of other processes and threads: ~number << 3 | CPUCLOCK_PERTHREAD | which. */
#define CPUCLOCK_PROF		0
#define CPUCLOCK_VIRT		1
#define CPUCLOCK_SCHED		2
#define CPUCLOCK_CLOCK_MASK	3
#define CPUCLOCK_PERTHREAD	4

#define ITIMER_REAL	0
#define ITIMER_VIRTUAL	1
#define ITIMER_PROF	2

/* Ticks per second that times(2), /proc/stat and AT_CLKTCK speak of. */
#define USER_HZ		100

struct tms {
	long tms_utime;
	long tms_stime;
	long tms_cutime;
	long tms_cstime;
};

struct timex {
	unsigned int modes;
	int pad_;
	long offset;
	long freq;
	long maxerror;
	long esterror;
	int status;
	int pad2_;
	long constant;
	long precision;
	long tolerance;
	struct timeval time;
	long tick;
	long ppsfreq;
	long jitter;
	int shift;
	int pad3_;
	long stabil;
	long jitcnt;
	long calcnt;
	long errcnt;
	long stbcnt;
	int tai;
	int reserved_[11];
};

#define ADJ_OFFSET_SS_READ	0xa001
#define STA_UNSYNC		0x0040
#define TIME_OK			0
#define TIME_ERROR		5
