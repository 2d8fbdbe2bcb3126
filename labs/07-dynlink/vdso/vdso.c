/*
 * The vDSO (vdso(7)): functions of the kernel that run in user mode. It is a small shared library
 * that exec maps into every process; the C library finds it by AT_SYSINFO_EHDR and its functions
 * by name and version LINUX_2.6. It has no data of its own: all it reads is struct vvar.
 */
#include "common/abi/time.h"
#include "07-dynlink/vdso/vvar.h"

/* Placed by vdso.ld one page before this library. */
extern const struct vvar vvar_page __attribute__((visibility("hidden")));

#define SYS_gettimeofday	96
#define SYS_time		201
#define SYS_clock_gettime	228
#define SYS_clock_getres	229
#define SYS_getcpu		309

int __vdso_clock_gettime(int clock, struct timespec *ts);
int __vdso_clock_getres(int clock, struct timespec *ts);
int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz);
time_t __vdso_time(time_t *t);
int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);

static long system_call(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Nanoseconds of the monotonic clock, or with `realtime` since 1970. */
static u64 now(bool realtime)
{
	const volatile struct vvar *v = &vvar_page;
	u32 sequence, low, high;
	u64 ns;

	do {
		while ((sequence = v->sequence) & 1)
			__asm__ volatile("pause");
		barrier();
		__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
		ns = (u64)((unsigned __int128)(((u64)high << 32 | low) - v->tsc_base) * v->mult >>
			   v->shift);
		if (realtime)
			ns += v->realtime_offset;
		barrier();
	} while (v->sequence != sequence);
	return ns;
}

int __vdso_clock_gettime(int clock, struct timespec *ts)
{
	u64 ns;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		ns = now(true);
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		ns = now(false);
		break;
	default:
		return (int)system_call(SYS_clock_gettime, clock, (long)ts, 0);
	}
	if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE)
		ns -= ns % COARSE_NS;	/* as the call does: both tell the same time */
	ts->tv_sec = (time_t)(ns / NSEC_PER_SEC);
	ts->tv_nsec = (long)(ns % NSEC_PER_SEC);
	return 0;
}

int __vdso_clock_getres(int clock, struct timespec *ts)
{
	return (int)system_call(SYS_clock_getres, clock, (long)ts, 0);
}

int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	if (tz)
		return (int)system_call(SYS_gettimeofday, (long)tv, (long)tz, 0);
	if (tv) {
		u64 us = now(true) / NSEC_PER_USEC;

		tv->tv_sec = (time_t)(us / 1000000);
		tv->tv_usec = (long)(us % 1000000);
	}
	return 0;
}

time_t __vdso_time(time_t *t)
{
	time_t seconds = (time_t)(now(true) / NSEC_PER_SEC);

	if (t)
		*t = seconds;
	return seconds;
}

/* Only the kernel knows; the function is here because programs ask for it. */
int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	return (int)system_call(SYS_getcpu, (long)cpu, (long)node, 0);
}

#define ALIAS(name)		\
	extern __typeof__(__vdso_##name) name __attribute__((weak, alias("__vdso_" #name)))

ALIAS(clock_gettime);
ALIAS(clock_getres);
ALIAS(gettimeofday);
ALIAS(time);
ALIAS(getcpu);
