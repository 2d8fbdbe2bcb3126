/*
 * Out of memory: overcommit means that a promise may be broken, and then it is
 * broken to the process that uses most.
 */
#include "common/panic.h"
#include "common/printk.h"
#include "02-usermode/mm_internal.h"
#include "02-usermode/oom.h"
#include "02-usermode/process.h"
#include "02-usermode/timer.h"

#define SIGKILL		9
#define ENOUGH		1024	/* free frames with which one page can surely be had */
#define PATIENCE_NS	(20 * NSEC_PER_MSEC)

#define DYING	(~0UL)

/*
 * Pages in memory; DYING if it is on its way out and will free them. As in Linux shared ones count:
 * nobody else may be using shared memory, and what only shows a file is little beside a hog.
 */
static u64 resident(struct process *p)
{
	u64 pages = 0;

	spin_lock(&p->lock);
	if (p->mm)
		pages = p->exiting ? DYING : p->mm->anon_pages + p->mm->file_pages;
	spin_unlock(&p->lock);
	return pages;
}

int (*oom_adjustment)(struct process *p);

/*
 * How much p deserves it: its pages, more or less by the thousandth parts of memory that are set
 * for it.
 */
static u64 badness(struct process *p)
{
	int adjustment = oom_adjustment ? oom_adjustment(p) : 0;
	u64 pages = resident(p);
	s64 score;

	if (pages == DYING || !pages)
		return pages;
	if (adjustment == OOM_NEVER)
		return 0;
	score = (s64)pages + adjustment * (s64)(frames_total() / 1000);
	return MAX(score, 1);
}

/*
 * The process with the most memory, with a reference, or NULL. One that is dying already is
 * the best choice of all: its memory comes without another victim.
 */
static struct process *choose_victim(void)
{
	struct process *victim = NULL, *p;
	u64 most = 0;

	for (int nr = 1; (p = process_next(nr)); ) {
		u64 pages = p == init_process ? 0 : badness(p);

		nr = p->id + 1;
		if (pages > most) {
			if (victim)
				process_put(victim);
			victim = p;
			most = pages;
		} else {
			process_put(p);
		}
	}
	return victim;
}

void oom_kill(void)
{
	struct process *victim;
	u64 pages;

	if (frame_free_count() > ENOUGH)	/* it was a moment's shortage: try again */
		return;
	if (mm_any_dying()) {
		sleep_until(clock_monotonic() + PATIENCE_NS, WAIT_KILLABLE);
		return;
	}
	victim = choose_victim();
	if (!victim) {		/* nobody has any: whoever asks for more goes */
		victim = current_process();
		if (victim == init_process)
			panic("out of memory: init needs more, and there is nobody else to kill");
		process_get(victim);
	}
	pages = resident(victim);
	if (pages != DYING)
		printk("out of memory: killing process %d (%s), which has %lu KiB\n", victim->id,
		       victim->name, pages * 4);
	process_kill(victim, SIGKILL);
	if (victim != current_process())
		sleep_until(clock_monotonic() + PATIENCE_NS, WAIT_KILLABLE);
	process_put(victim);
}
