/*
 * The clock: the time-stamp counter, scaled (contract in timer.h).
 *
 * QEMU's TSC runs at a constant rate on all CPUs. Its frequency is measured once against channel 2
 * of the 8254 timer, which ticks at 1.193182 MHz (Intel 8254 data sheet, mode 0); the date comes
 * from the CMOS clock (Motorola MC146818), read when no update is in progress.
 */
#include "common/atomic.h"
#include "common/printk.h"
#include "common/spinlock.h"
#include "common/x86.h"
#include "02-usermode/clock.h"
#include "02-usermode/timer.h"
#include "02-usermode/wait.h"

#define PIT_HZ		1193182
#define CALIBRATE_MS	10

struct clock_params clock_params;
DEFINE_WAIT_QUEUE(clock_was_set);

static u64 tsc_hz;
static u64 realtime_offset;	/* realtime - monotonic, ns; changed atomically */

u64 clock_monotonic(void)
{
	u64 cycles = rdtsc() - clock_params.tsc_base;

	return (unsigned __int128)cycles * clock_params.mult >> clock_params.shift;
}

u64 clock_realtime(void)
{
	return clock_monotonic() + atomic_load(&realtime_offset);
}

u64 clock_realtime_offset(void)
{
	return atomic_load(&realtime_offset);
}

void clock_set_realtime(u64 ns)
{
	atomic_store(&realtime_offset, ns - clock_monotonic());
	wake_up_all(&clock_was_set);
}

u64 clock_tsc_hz(void)
{
	return tsc_hz;
}

/* One reading of the PIT's channel 2 and of the TSC at the same moment. */
struct sample {
	u64 tsc;
	u16 count;
};

/*
 * Of several attempts the one during which least time passed: on a busy host QEMU may lose
 * the CPU between any two instructions.
 */
static struct sample take_sample(void)
{
	struct sample best = { 0 };
	u64 shortest = ~0UL;

	for (int i = 0; i < 20; i++) {
		u64 before = rdtsc(), after;
		u16 count;

		outb(0x43, 0x80);		/* latch channel 2 */
		count = inb(0x42);
		count |= inb(0x42) << 8;
		after = rdtsc();
		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best = (struct sample){ before + shortest / 2, count };
	}
	return best;
}

/*
 * Frequency of the TSC, by watching the PIT count down for CALIBRATE_MS or a little longer. Too
 * high if the host was away for so long (55 ms) that the count went round.
 */
static u64 measure_tsc(void)
{
	struct sample first, last;

	outb(0x61, (inb(0x61) & ~2) | 1);	/* gate on, speaker off */
	outb(0x43, 0xb0);			/* channel 2, both bytes, mode 0 */
	outb(0x42, 0xff);
	outb(0x42, 0xff);
	first = take_sample();
	do {
		last = take_sample();
	} while ((u16)(first.count - last.count) < PIT_HZ * CALIBRATE_MS / 1000);
	return (last.tsc - first.tsc) * PIT_HZ / (u16)(first.count - last.count);
}

static u8 cmos(u8 reg)
{
	outb(0x70, reg);
	return inb(0x71);
}

static void read_cmos(u8 t[6])
{
	static const u8 regs[6] = { 0, 2, 4, 7, 8, 9 };	/* s, min, h, day, month, year */

	while (cmos(0x0a) & 0x80)
		cpu_relax();
	for (int i = 0; i < 6; i++)
		t[i] = cmos(regs[i]);
}

/* Days from 1970 to the given date of the Gregorian calendar; the year starts in March. */
static u64 days_since_epoch(unsigned year, unsigned month, unsigned day)
{
	unsigned m = (month + 9) % 12, y = year - (month <= 2);

	return 365UL * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719468;
}

static u64 cmos_seconds(void)
{
	u8 a[6], b[6], mode;
	unsigned v[6];

	do {	/* two equal readings: no update came between */
		read_cmos(a);
		read_cmos(b);
	} while (__builtin_memcmp(a, b, sizeof(a)) != 0);
	mode = cmos(0x0b);
	for (int i = 0; i < 6; i++) {
		u8 raw = i == 2 ? b[i] & 0x7f : b[i];

		v[i] = mode & 4 ? raw : (raw >> 4) * 10 + (raw & 15);	/* binary or BCD */
	}
	if (!(mode & 2))	/* 12 hours: bit 7 is PM */
		v[2] = v[2] % 12 + (b[2] & 0x80 ? 12 : 0);
	return days_since_epoch(2000 + v[5], v[4], v[3]) * 86400 + v[2] * 3600 + v[1] * 60 + v[0];
}

void clock_init(void)
{
	tsc_hz = measure_tsc();
	for (int i = 0; i < 2; i++)
		tsc_hz = MIN(tsc_hz, measure_tsc());
	clock_params.tsc_base = rdtsc();
	clock_params.shift = 24;
	while (clock_params.shift && (NSEC_PER_SEC << clock_params.shift) / tsc_hz > 0xffffffffUL)
		clock_params.shift--;
	clock_params.mult = (NSEC_PER_SEC << clock_params.shift) / tsc_hz;
	realtime_offset = cmos_seconds() * NSEC_PER_SEC;
	pr_info("clock: TSC at %lu MHz\n", tsc_hz / 1000000);
}
