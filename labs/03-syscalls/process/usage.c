/*
 * What processes have used: getrusage(2), times(2), and the sums that wait4(2) hands over.
 *
 * A live thread's figures stand in the thread, and are added to its process's when it ends; those
 * of a process are added to its parent's "children" when it has been waited for, and of nobody
 * else. So a question for a process adds up its totals and its live threads, under p->lock, under
 * which a thread that ends moves from one side to the other.
 */
#include "03-syscalls/family.h"
#include "03-syscalls/syscall.h"
#include "03-syscalls/time/clocks.h"
#include "common/string.h"
#include "02-usermode/mm.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"

#define PAGE_KIB	(PAGE_SIZE / 1024)

static void add_thread(const struct thread *t, struct rusage *r)
{
	r->ru_minflt += t->minor_faults;
	r->ru_majflt += t->major_faults;
	r->ru_nvcsw += t->voluntary_switches;
	r->ru_nivcsw += t->involuntary_switches;
}

/*
 * The resident size is a peak, not a sum: of the memory it has now and of what it had before exec.
 */
void process_usage(struct process *p, struct rusage *r)
{
	u64 user, system;
	struct mm *mm = process_mm(p);
	u64 pages = p->max_rss_pages;
	struct thread *t;

	memset(r, 0, sizeof(*r));
	process_times(p, &user, &system);
	r->ru_utime = ns_to_timeval(user);
	r->ru_stime = ns_to_timeval(system);
	spin_lock(&p->lock);
	list_for_each_entry(t, &p->threads, process_link)
		add_thread(t, r);
	r->ru_minflt += p->minor_faults;
	r->ru_majflt += p->major_faults;
	r->ru_nvcsw += p->voluntary_switches;
	r->ru_nivcsw += p->involuntary_switches;
	spin_unlock(&p->lock);
	if (mm) {
		pages = MAX(pages, mm_peak_resident(mm));
		mm_put(mm);
	}
	r->ru_maxrss = pages * PAGE_KIB;
}

void children_usage(struct process *p, struct rusage *r)
{
	struct family *f = process_family(p);

	memset(r, 0, sizeof(*r));
	spin_lock(&tree_lock);
	r->ru_utime = ns_to_timeval(f->child_user_ns);
	r->ru_stime = ns_to_timeval(f->child_system_ns);
	r->ru_minflt = f->child_minor_faults;
	r->ru_majflt = f->child_major_faults;
	r->ru_nvcsw = f->child_voluntary_switches;
	r->ru_nivcsw = f->child_involuntary_switches;
	r->ru_maxrss = f->child_max_rss * PAGE_KIB;
	spin_unlock(&tree_lock);
}

static void add_timeval(struct timeval *a, const struct timeval *b)
{
	a->tv_sec += b->tv_sec;
	a->tv_usec += b->tv_usec;
	if (a->tv_usec >= 1000000) {
		a->tv_usec -= 1000000;
		a->tv_sec++;
	}
}

void rusage_add(struct rusage *a, const struct rusage *b)
{
	add_timeval(&a->ru_utime, &b->ru_utime);
	add_timeval(&a->ru_stime, &b->ru_stime);
	a->ru_minflt += b->ru_minflt;
	a->ru_majflt += b->ru_majflt;
	a->ru_nvcsw += b->ru_nvcsw;
	a->ru_nivcsw += b->ru_nivcsw;
	a->ru_maxrss = MAX(a->ru_maxrss, b->ru_maxrss);
}

/* All threads have one resident size, that of their process. */
static void thread_usage(struct rusage *r)
{
	u64 user, system;

	memset(r, 0, sizeof(*r));
	thread_times(current, &user, &system);
	r->ru_utime = ns_to_timeval(user);
	r->ru_stime = ns_to_timeval(system);
	add_thread(current, r);
	r->ru_maxrss = PAGE_KIB *
		       MAX(current_process()->max_rss_pages, mm_peak_resident(current->mm));
}

SYSCALL2(98, getrusage, int, who, struct rusage __user *, user)
{
	struct rusage r;

	switch (who) {
	case RUSAGE_SELF:
		process_usage(current_process(), &r);
		break;
	case RUSAGE_CHILDREN:
		children_usage(current_process(), &r);
		break;
	case RUSAGE_THREAD:
		thread_usage(&r);
		break;
	default:
		return -EINVAL;
	}
	return copy_to_user(user, &r, sizeof(r)) ? -EFAULT : 0;
}

static long ticks(u64 ns)
{
	return ns / (NSEC_PER_SEC / USER_HZ);
}

/*
 * The result is a time since some moment in the past, in clock ticks; here since boot (times(2)).
 */
SYSCALL1(100, times, struct tms __user *, user)
{
	struct family *f = process_family(current_process());
	struct tms t;
	u64 u, s;

	if (user) {
		process_times(current_process(), &u, &s);
		t.tms_utime = ticks(u);
		t.tms_stime = ticks(s);
		spin_lock(&tree_lock);
		t.tms_cutime = ticks(f->child_user_ns);
		t.tms_cstime = ticks(f->child_system_ns);
		spin_unlock(&tree_lock);
		if (put_user(t, user))
			return -EFAULT;
	}
	return ticks(clock_monotonic());
}
