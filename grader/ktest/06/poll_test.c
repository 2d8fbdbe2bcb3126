/*
 * Exercise 6.6 from inside: an event that comes while poll is still asking, and what is left in the
 * queues afterwards. A program could only hope for that moment.
 */
#include "../02/helpers.h"
#include "06-posix/pipe/pipe.h"
#include "06-posix/poll/poll.h"

static struct pipe *pipes[2];
static struct file *outs[2], *ins[2];
static int found, left;
static u64 took;

static bool open_pipes(void)
{
	for (int i = 0; i < 2; i++) {
		struct pipe *p = pipes[i] = pipe_alloc();

		if (!p)
			return false;
		outs[i] = file_alloc(&pipe_ops, O_RDONLY | O_NONBLOCK, p);
		ins[i] = file_alloc(&pipe_ops, O_WRONLY | O_NONBLOCK, p);
		p->readers = p->writers = 1;
		ref_init(&p->files, 2);
		if (!outs[i] || !ins[i] || IS_ERR(outs[i]) || IS_ERR(ins[i]))
			return false;
	}
	return true;
}

static void write_byte(int to)
{
	struct iov_iter it;
	char c = 'x';

	iov_iter_kernel(&it, &c, 1);
	pipe_write(ins[to], &it, NULL);
}

/* The first pipe has been asked and had nothing; the second one's turn has come. */
static void fill_first(struct wait_queue *q)
{
	if (q != &pipes[1]->readable)
		return;
	wait_test_hook = NULL;
	write_byte(0);
}

static void poll_both(void *hook)
{
	struct poll_item items[2] = { { 0 }, { 0 } };
	u64 start = clock_monotonic();

	if (!open_pipes())
		thread_exit(1 << 8);
	for (int i = 0; i < 2; i++) {
		items[i].file = outs[i];
		items[i].events = POLLIN | POLL_ALWAYS;
	}
	wait_test_hook = hook;
	found = poll_items(items, 2, start + (hook ? 3000 : 20) * MS);
	wait_test_hook = NULL;
	took = clock_monotonic() - start;
	left = wait_queue_active(&pipes[0]->readable) + wait_queue_active(&pipes[1]->readable);
	if (left)
		ktest_fail(__FILE__, __LINE__,
			   "poll returned, but its entries are still on %d queues", left);
	for (int i = 0; i < 2; i++) {
		file_put(outs[i]);
		file_put(ins[i]);
	}
	thread_exit(0);
}

KTEST(poll_between, "6.6", 2, "a file that becomes ready while poll asks the next one ends the poll")
{
	KTEST_CALL(in_process(poll_both, NULL));
	KTEST_EQ(found, 0);
	KTEST_MSG(took >= 20 * MS, "a poll of nothing for 20 ms took %lu us", took / 1000);
	KTEST_CALL(in_process(poll_both, fill_first));
	KTEST_MSG(found == 1 && took < 2000 * MS,
		  "poll returned %d after %lu ms: it slept although a file that it had "
		  "asked already became ready before",
		  found, took / MS);
}
