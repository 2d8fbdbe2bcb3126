/*
 * procfs: oom_score and oom_score_adj, how soon a process is to be killed when memory is gone
 * (proc(5)). The adjustment is a process part: fork hands it on and exec keeps it. 02's oom_kill()
 * asks for it.
 */
#include "common/errno.h"
#include "common/init.h"
#include "common/string.h"
#include "02-usermode/mm.h"
#include "02-usermode/oom.h"
#include "02-usermode/process.h"
#include "03-syscalls/cred.h"
#include "05-vfs/proc.h"

static int adjustment_clone(struct thread *child, struct clone *c);

/* The slot holds the number itself. */
static struct part adjustment_part = {
	.name = "oom_score_adj", .scope = PART_PROCESS, .clone = adjustment_clone,
};
PART(70, adjustment_part);

static int adjustment(struct process *p)
{
	return (int)(long)process_part(p, adjustment_part, void);
}

static int adjustment_clone(struct thread *child, struct clone *c)
{
	child->process->parts[adjustment_part.slot] =
		process_part(current_process(), adjustment_part, void);
	return 0;
}

static void adjustment_init(void)
{
	oom_adjustment = adjustment;
}
INITCALL(40, adjustment_init);

static int print_adjustment(struct process *p, struct thread *t, struct printer *out)
{
	print(out, "%d\n", adjustment(p));
	return 0;
}

/* -1000 (never) to 1000 (first). Lower than it is: CAP_SYS_RESOURCE (proc(5)). */
static int write_adjustment(struct process *p, struct thread *t, char *text)
{
	bool negative = *text == '-';
	const char *end, *digits = text + negative;
	long n = parse_u64(digits, &end, 10);

	if (end == digits || *end || n > 1000)
		return -EINVAL;
	if (negative)
		n = -n;
	if (n < adjustment(p) && !capable(CAP_SYS_RESOURCE))
		return -EACCES;
	p->parts[adjustment_part.slot] = (void *)n;
	return 0;
}
PROC_PID_ENTRY(oom_score_adj, "oom_score_adj", 0644, print_adjustment, write_adjustment);

/* Thousandth parts of memory, as the choice is made. */
static int print_score(struct process *p, struct thread *t, struct printer *out)
{
	struct mm *mm = process_mm(p);
	s64 score = adjustment(p);

	if (mm) {
		score += (mm->anon_pages + mm->file_pages) * 1000 / MAX(frames_total(), 1UL);
		mm_put(mm);
	}
	print(out, "%ld\n", score == OOM_NEVER ? 0 : MAX(score, 0));
	return 0;
}
PROC_PID_ENTRY(oom_score, "oom_score", 0444, print_score);
