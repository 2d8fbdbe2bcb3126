/*
 * The heart of poll(2) and select(2).
 *
 * Each file is asked once. If none has anything to say, wait entries are hung into the queues
 * that the files named, and the thread sleeps. A wake-up marks the item whose entry was called;
 * so after waking only the marked items are asked again, not all (with a hundred files this is
 * what makes poll fast). The entries stay queued until the call ends.
 *
 * EXERCISE 6.6: the loop of poll.
 *
 * Goal: poll_items() returns as soon as an event holds, and never sleeps through one.
 * Invariant: an item is registered (its file was asked with a poll_table) before the thread
 * sleeps, and the thread's state is set before `fired` is looked at: so an event comes either
 * early enough to be seen or late enough to wake. All entries are off their queues, and all
 * files still referenced, when the call returns.
 * Symptom when wrong: a program hangs although data is there (until the next key press), uses
 * all CPU time, or the kernel crashes in a wake-up because an entry on a dead stack was called.
 * Read first: poll.h; wait.h (wait_prepare, wait_sleep, wait_done); "NOTES" in poll(2).
 * Tests: poll_ready, poll_wakes, poll_timeout, poll_signal.
 */
#include "06-posix/poll/poll.h"
#include "common/exercise.h"
#include "common/atomic.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/thread.h"

#define ENTRIES_ON_STACK	8	/* a shell's or an editor's poll needs no memory from the heap */

/* This call's place in one wait queue. A file may have several. */
struct entry {
	struct wait_entry wait;		/* the queue's lock */
	struct wait_queue *queue;
	struct poller *poller;
	struct poll_item *item;
};

/* One call in progress. */
struct poller {
	struct poll_table table;	/* given to the files */
	struct poll_item *item;		/* being registered */
	struct thread *thread;
	bool fired;			/* some item is marked; atomic, set by wakers */
	int error;
	int used;			/* entries, over all blocks */
	struct entry_block *blocks;
	struct entry inline_entries[ENTRIES_ON_STACK];
};

#define ENTRIES_PER_BLOCK	50

struct entry_block {
	struct entry_block *next;
	int used;
	struct entry entries[ENTRIES_PER_BLOCK];
};

/*
 * A queue was woken: mark the item, wake the thread. Perhaps in an interrupt, and always with the
 * queue's lock held: poller_finish() takes that lock to remove the entry, so the poller, which lies
 * on the stack of the thread that polls, is still there. The item is marked before `fired` is set,
 * which is set before the thread is woken: who sees the one finds the other.
 */
static bool entry_wake(struct wait_entry *w, u64 key)
{
	struct entry *e = container_of(w, struct entry, wait);
	struct poller *p = e->poller;

	if (key && !(key & e->item->events))
		return false;
	WRITE_ONCE(e->item->fired, true);
	atomic_store(&p->fired, true);
	thread_wake(p->thread);
	return true;
}

/* Entries are linked into queues, so they must not move: blocks are added, never made larger. */
static struct entry *new_entry(struct poller *p)
{
	struct entry_block *b = p->blocks;

	if (p->used < ENTRIES_ON_STACK)
		return &p->inline_entries[p->used++];
	if (!b || b->used == ENTRIES_PER_BLOCK) {
		b = kmalloc(sizeof(*b), GFP_KERNEL);
		if (!b)
			return NULL;
		b->next = p->blocks;
		b->used = 0;
		p->blocks = b;
	}
	p->used++;
	return &b->entries[b->used++];
}

/* poll_wait() on one of the current item's queues. */
static void poller_add(struct poll_table *pt, struct wait_queue *q)
{
	struct poller *p = container_of(pt, struct poller, table);
	struct entry *e = new_entry(p);

	if (!e) {
		p->error = -ENOMEM;
		return;
	}
	wait_entry_init(&e->wait);
	e->wait.wake = entry_wake;
	e->queue = q;
	e->poller = p;
	e->item = p->item;
	wait_queue_add(q, &e->wait);
}

static __unused void poller_init(struct poller *p)
{
	p->table.add = poller_add;
	p->thread = current;
	p->fired = false;
	p->error = 0;
	p->used = 0;
	p->blocks = NULL;
}

/* Take all entries off their queues. */
static __unused void poller_finish(struct poller *p)
{
	struct entry_block *b;

	for (int i = 0; i < MIN(p->used, ENTRIES_ON_STACK); i++)
		wait_queue_remove(p->inline_entries[i].queue, &p->inline_entries[i].wait);
	while ((b = p->blocks)) {
		for (int i = 0; i < b->used; i++)
			wait_queue_remove(b->entries[i].queue, &b->entries[i].wait);
		p->blocks = b->next;
		kfree(b);
	}
}

/* Ask one file, registering with it if p is not NULL; true if it has an event. */
static __unused bool ask(struct poll_item *item, struct poller *p)
{
	if (p)
		p->item = item;
	item->revents = file_poll(item->file, p ? &p->table : NULL) & item->events;
	return item->revents != 0;
}

int poll_items(struct poll_item *items, int n, u64 deadline)
{
	/* EXERCISE 6.6: your code here. */
	exercise_blank("6.6");
	return -ENOSYS;
}
