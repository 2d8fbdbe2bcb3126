/*
 * Time and one-shot timers.
 *
 * The clock is the TSC, scaled to nanoseconds at boot against the PIT. Each CPU keeps its
 * timers in a tree ordered by expiry and programs its local APIC timer for the
 * earliest (and for the end of the time slice): an idle CPU is never woken for nothing.
 */
#pragma once

#include "common/rbtree.h"
#include "common/types.h"

/* Nanoseconds since boot; never goes back. Any context. */
u64 clock_monotonic(void);
/* Nanoseconds since 1970 (CMOS clock at boot, plus settings). */
u64 clock_realtime(void);
/* Set it; running timers on the monotonic clock are not affected. */
void clock_set_realtime(u64 ns);
/* clock_realtime() - clock_monotonic(), for the vDSO. Any context. */
u64 clock_realtime_offset(void);
/* Bumped whenever realtime is set, and waited on by absolute realtime sleeps. */
struct wait_queue;
extern struct wait_queue clock_was_set;

/* For the vDSO: ns = ((tsc - base) * mult) >> shift. */
struct clock_params {
	u64 tsc_base;
	u32 mult, shift;
};
extern struct clock_params clock_params;
u64 clock_tsc_hz(void);

struct timer {
	struct rb_node node;
	u64 expires;			/* clock_monotonic() ns */
	/*
	 * Runs once, in interrupt context on the CPU that started it, without locks held. May
	 * restart the timer.
	 */
	void (*fn)(struct timer *t);
	s16 cpu;			/* queued on, -1: not queued */
	u16 running;			/* CPUs on which fn runs right now, changed atomically */
};

void timer_init(struct timer *t, void (*fn)(struct timer *t));
/* Start it (again, if it was running) for the absolute time `expires`. Any context. */
void timer_start(struct timer *t, u64 expires);
/* Stop it without waiting; true if it was queued and so will not fire. */
bool timer_cancel(struct timer *t);
/* Stop it and wait until fn is not running anywhere. Not from fn, not under a lock fn takes. */
void timer_cancel_sync(struct timer *t);
