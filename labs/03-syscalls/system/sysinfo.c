/*
 * sysinfo(2), load averages, personality(2), reboot(2).
 *
 * The load average is the number of threads that run or want to, averaged with weights that decay
 * exponentially; so it needs no memory of the past but the average itself: every 5 seconds new =
 * old * f + now * (1 - f), with f = exp(-5 s / period) (proc(5), /proc/loadavg). In fixed point, as
 * the kernel does not use the FPU.
 */
#include "03-syscalls/cred.h"
#include "03-syscalls/system/personality.h"
#include "03-syscalls/syscall.h"
#include "03-syscalls/system/system.h"
#include "common/abi/prctl.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "common/abi/sched.h"
#include "01-memory/frame.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"

#define LOAD_SHIFT	16
#define LOAD_FIXED_1	(1UL << 11)		/* how the averages are kept: 11 fractional bits */
#define LOAD_INTERVAL	(5 * NSEC_PER_SEC)

/* Factors exp(-5s/1min), exp(-5s/5min), exp(-5s/15min), times 2048. */
static const u64 load_decay[3] = { 1884, 2014, 2037 };
static u64 load_average[3];
static u64 load_updated;
static DEFINE_SPINLOCK(load_lock, RANK_LEAF);

/*
 * The averages decay in steps of 5 seconds; the steps since somebody last asked are made up for
 * with what runs now, which costs an idle machine no timer.
 */
void system_load(u64 load[3])
{
	u64 now = clock_monotonic(), active = sched_runnable() * LOAD_FIXED_1;

	spin_lock(&load_lock);
	for (int steps = 0; load_updated + LOAD_INTERVAL <= now && steps < 1000; steps++) {
		for (int i = 0; i < 3; i++)
			load_average[i] = (load_average[i] * load_decay[i] +
					   active * (LOAD_FIXED_1 - load_decay[i])) / LOAD_FIXED_1;
		load_updated += LOAD_INTERVAL;
	}
	for (int i = 0; i < 3; i++)
		load[i] = load_average[i] << (LOAD_SHIFT - 11);
	spin_unlock(&load_lock);
}

SYSCALL1(99, sysinfo, struct sysinfo __user *, user)
{
	struct frame_stats frames;
	struct sysinfo s = { 0 };

	frame_stats(&frames);
	s.uptime = clock_monotonic() / NSEC_PER_SEC;
	system_load(s.loads);
	s.totalram = frames.total * PAGE_SIZE;
	s.freeram = frames.free * PAGE_SIZE;
	s.procs = thread_count();
	s.mem_unit = 1;
	return copy_to_user(user, &s, sizeof(s)) ? -EFAULT : 0;
}

/* ---- personality: the slot holds the value ---- */

static int personality_clone(struct thread *child, struct clone *c);

static struct part personality_part = {
	.name = "personality",
	.scope = PART_THREAD,
	.clone = personality_clone,
};
PART(23, personality_part);

static int personality_clone(struct thread *child, struct clone *c)
{
	child->parts[personality_part.slot] = current->parts[personality_part.slot];
	return 0;
}

u32 personality(void)
{
	return (u64)current->parts[personality_part.slot];
}

SYSCALL1(135, personality, unsigned, persona)
{
	u32 old = personality();

	if (persona != 0xffffffff)
		current->parts[personality_part.slot] = (void *)(u64)persona;
	return old;
}

/* ---- reboot ---- */

static void end_machine(void (*how)(void) __noreturn, const char *message)
{
	printk("%s\n", message);
	how();
}

/* Nothing is written back first: sync(2) is the caller's business (reboot(2)). */
static long reboot(unsigned command, const char __user *arg)
{
	char text[256];
	ssize_t n;

	switch (command) {
	case REBOOT_CAD_ON:
	case REBOOT_CAD_OFF:
		return 0;		/* there is no Ctrl-Alt-Del to be told about */
	case REBOOT_RESTART2:
		n = strncpy_from_user(text, arg, sizeof(text) - 1);
		if (n < 0)
			return n;
		end_machine(machine_reset, "reboot: restarting");
		break;
	case REBOOT_RESTART:
		end_machine(machine_reset, "reboot: restarting");
		break;
	case REBOOT_HALT:
		end_machine(machine_halt, "reboot: system halted");
		break;
	case REBOOT_POWER_OFF:
		end_machine(machine_poweroff, "reboot: power down");
		break;
	}
	return -EINVAL;
}

SYSCALL4(169, reboot, unsigned, magic1, unsigned, magic2, unsigned, command,
	 const char __user *, arg)
{
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	/* Two numbers that nobody passes by accident. */
	if (magic1 != REBOOT_MAGIC1 ||
	    (magic2 != REBOOT_MAGIC2 && magic2 != REBOOT_MAGIC2A && magic2 != REBOOT_MAGIC2B &&
	     magic2 != REBOOT_MAGIC2C))
		return -EINVAL;
	return reboot(command, arg);
}
