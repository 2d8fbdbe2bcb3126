/*
 * Lab 02, booted: user programs interleaving on all CPUs, and ten attackers that are
 * killed one by one while they do.
 */
#include "common/boot_info.h"
#include "common/cmdline.h"
#include "common/init.h"
#include "common/ktest.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "02-usermode/start.h"
#include "02-usermode/timer.h"
#include "02-usermode/user.h"

static void spawn(const char *name)
{
	const struct user_program *p = user_program_find(name);
	int nr = p ? user_spawn_flat(p) : -ENOENT;

	if (nr < 0)
		printk("%s: not started, error %d\n", name, nr);
}

static void wait_for_all(void)
{
	while (process_count() > 0)
		sleep_until(clock_monotonic() + 10 * NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
}

static void demonstrate(void)
{
	const struct user_program *p;
	int attackers = 0;

	printk("Two programs share %d CPU%s:\n", cpu_count, cpu_count == 1 ? "" : "s");
	spawn("count_a");
	spawn("count_b");
	linkset_for_each(user_programs, const struct user_program, p) {
		if (strncmp(p->name, "attack_", 7) != 0)
			continue;
		attackers++;
		spawn(p->name);
	}
	wait_for_all();
	printk("%d attackers came; the kernel is well.\n", attackers);
}

static void stage_main(void)
{
	const char *init = cmdline_get("init");

	ktest_run();	/* returns if no tests were asked for */
	if (init) {
		spawn(init);
		wait_for_all();
	} else {
		demonstrate();
	}
	machine_poweroff();
}

void kernel_main(void)
{
	kernel_start(stage_main);
}
