/*
 * The queues of pending signals.
 *
 * A set of bits says which signals are pending; the queue holds what is known about each. The
 * classic signals (1 to 31) are at most once in it; realtime signals are queued every time,
 * in order. When memory or RLIMIT_SIGPENDING is exhausted a classic signal is still
 * pending, only its details are lost; a realtime signal sent by a program is refused.
 * (POSIX.1-2017 XSH 2.4.1 and 2.4.2; signal(7).)
 *
 * So the set is the truth and the queue may know less: a bit without an entry is a signal of which
 * nothing more is known. An entry without its bit never exists.
 *
 * All is done under process_signals.lock; entries are allocated atomically, since signals come from
 * interrupts. A timer's entry is the timer's own: it was allocated when the timer was made, so that
 * an expiry never fails, and goes back to the timer here instead of being freed.
 */
#include "06-posix/signal/signal.h"
#include "common/abi/resource.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "03-syscalls/cred.h"

static struct kmem_cache *sigqueue_cache;

static void sigqueue_init(void)
{
	sigqueue_cache = kmem_cache_create("sigqueue", sizeof(struct sigqueue), 0, NULL);
	if (!sigqueue_cache)
		panic("no memory for signals");
}
INITCALL(30, sigqueue_init);

struct sigqueue *sigqueue_alloc(void)
{
	struct sigqueue *q = kmem_cache_alloc(sigqueue_cache, GFP_ATOMIC);

	if (q) {
		list_init(&q->link);
		q->timer = NULL;
	}
	return q;
}

void sigqueue_free(struct sigqueue *q)
{
	kmem_cache_free(sigqueue_cache, q);
}

void sigpending_init(struct sigpending *s)
{
	s->set = 0;
	list_init(&s->queue);
}

/*
 * May one more entry be queued? Classic signals of the kernel (si_code > 0) and of kill(2) (0)
 * always may: the sender cannot be told to try again.
 */
static bool within_limit(struct process_signals *ps, const struct siginfo *info)
{
	if (info->si_signo < SIGRTMIN && info->si_code >= 0)
		return true;
	return ps->queued < process_rlimit(ps->process, RLIMIT_SIGPENDING, NULL);
}

/*
 * Classic signals that are pending already do not get here (send_locked). A realtime signal by
 * kill(2) is never refused: POSIX has no EAGAIN for that, so it loses its details instead.
 */
int sigpending_add(struct process_signals *ps, struct sigpending *s, const struct siginfo *info)
{
	int sig = info->si_signo;
	struct sigqueue *q = NULL;

	if (within_limit(ps, info))
		q = sigqueue_alloc();
	if (q) {
		q->info = *info;
		ps->queued++;
		list_add_tail(&q->link, &s->queue);
	} else if (sig >= SIGRTMIN && info->si_code != SI_USER) {
		return -EAGAIN;
	}
	s->set |= SIGMASK(sig);
	return 0;
}

/* Unlink an entry and let go of it. */
static void discard(struct process_signals *ps, struct sigqueue *q)
{
	list_del(&q->link);
	if (q->timer) {
		posix_timer_dropped(q->timer);
		return;
	}
	ps->queued--;
	sigqueue_free(q);
}

void sigpending_take(struct process_signals *ps, struct sigpending *s, int sig,
		     struct siginfo *info)
{
	struct sigqueue *q, *first = NULL;
	bool more = false;

	/* The bit stays as long as a second entry has the same number. */
	list_for_each_entry(q, &s->queue, link) {
		if (q->info.si_signo != sig)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		s->set &= ~SIGMASK(sig);
	if (!first) {
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
		return;
	}
	*info = first->info;
	if (first->timer) {
		list_del(&first->link);
		posix_timer_delivered(first->timer, info);
	} else {
		discard(ps, first);
	}
}

void sigpending_flush(struct process_signals *ps, struct sigpending *s, u64 mask)
{
	struct sigqueue *q, *next;

	if (!(s->set & mask))
		return;
	s->set &= ~mask;
	list_for_each_entry_safe(q, next, &s->queue, link)
		if (SIGMASK(q->info.si_signo) & mask)
			discard(ps, q);
}

/*
 * A fault goes first: its handler is to see the registers of the instruction that failed, and not
 * those of another signal's handler. Then the lowest number, as POSIX wants it for realtime
 * signals.
 */
int sigset_first(u64 set)
{
	if (set & SIGSET_SYNCHRONOUS)
		set &= SIGSET_SYNCHRONOUS;
	return set ? __builtin_ctzl(set) + 1 : 0;
}

/*
 * The thread's own queue first: nobody else can take from it. In the process's queue another thread
 * may have been faster, so finding nothing is normal.
 */
int signal_dequeue(struct process_signals *ps, struct thread_signals *ts, u64 set,
		   struct siginfo *info)
{
	struct sigpending *s = &ts->pending;
	int sig = sigset_first(s->set & set);

	if (!sig) {
		s = &ps->shared;
		sig = sigset_first(s->set & set);
	}
	if (sig)
		sigpending_take(ps, s, sig, info);
	return sig;
}
