/*
 * Exercise 6.3 from inside: the ring of slots behind a pipe, which a program cannot see.
 */
#include "../02/helpers.h"
#include "02-usermode/mm.h"
#include "06-posix/pipe/pipe.h"

#define BASE	0x20000000UL
#define END	(BASE + PAGE_SIZE)		/* behind it nothing is mapped */

static struct pipe *p;
static struct file *in, *out;		/* what is written to, what is read from */
static char data[2 * PAGE_SIZE], back[2 * PAGE_SIZE];

static bool pipe_open(void)
{
	p = pipe_alloc();
	if (!p)
		return false;
	out = file_alloc(&pipe_ops, O_RDONLY | O_NONBLOCK, p);
	in = file_alloc(&pipe_ops, O_WRONLY | O_NONBLOCK, p);
	p->readers = p->writers = 1;
	ref_init(&p->files, 2);
	for (int i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 251);
	return in && out && !IS_ERR(in) && !IS_ERR(out);
}

static void pipe_shut(void)
{
	file_put(in);
	file_put(out);
}

static ssize_t put(int from, size_t n)
{
	struct iov_iter it;

	iov_iter_kernel(&it, data + from, n);
	return pipe_write(in, &it, NULL);
}

static ssize_t get(size_t n)
{
	struct iov_iter it;

	iov_iter_kernel(&it, back, n);
	return pipe_read(out, &it, NULL);
}

/* The slot with that number, from the oldest on, holds so many bytes. */
static void expect_slot(int number, u32 offset, u32 len)
{
	struct pipe_slot *s = pipe_slot(p, p->tail + number);

	KTEST_MSG(s->len == len && s->offset == offset,
		  "slot %d: expected %u bytes from %u on, got %u from %u on", number, len, offset,
		  s->len, s->offset);
}

static void write_and_read(void)
{
	for (int i = 0; i < 3; i++)
		KTEST_EQ(put(100 * i, 100), 100);
	KTEST_MSG(p->head - p->tail == 1, "three writes of 100 bytes fill %u slots",
		  p->head - p->tail);
	KTEST_CALL(expect_slot(0, 0, 300));
	KTEST_EQ(put(300, 4000), 4000);
	KTEST_MSG(p->head - p->tail == 2, "a write of 4000 bytes behind 300 is split");
	KTEST_CALL(expect_slot(1, 0, 4000));
	KTEST_EQ(put(4300, 96), 96);
	KTEST_CALL(expect_slot(1, 0, PAGE_SIZE));
	KTEST_EQ(put(4396, 1), 1);
	KTEST_MSG(p->head - p->tail == 3, "a byte behind a full page needs a slot of its own");
	KTEST_EQ(get(150), 150);
	KTEST_CALL(expect_slot(0, 150, 150));
	KTEST_EQ(memcmp(back, data, 150), 0);
	KTEST_EQ(get(sizeof(back)), 4397 - 150);
	KTEST_EQ(memcmp(back, data + 150, 4397 - 150), 0);
	KTEST_MSG(p->head == p->tail, "everything is read, but %u slots are in use",
		  p->head - p->tail);
	KTEST_EQ(get(1), -EAGAIN);
}

static void with_pipe(void *test)
{
	if (!pipe_open()) {
		ktest_fail(__FILE__, __LINE__, "no pipe");
	} else {
		((void (*)(void))test)();
		pipe_shut();
	}
	thread_exit(0);
}

KTEST(pipe_slots, "6.3", 1, "small writes share a page, none is split, and pages that were read are given back")
{
	u64 before;

	KTEST_CALL(in_process(with_pipe, write_and_read));	/* fills the caches too */
	before = frame_free_count();
	for (int i = 0; i < 50; i++)
		KTEST_CALL(in_process(with_pipe, write_and_read));
	KTEST_MSG(eventually(frame_free_count() + 20 >= before),
		  "50 pipes that were filled and emptied have "
		  "cost %lu frames",
		  before - frame_free_count());
}

static ssize_t get_user(vaddr_t addr, size_t n)
{
	struct iov_iter it;

	iov_iter_user(&it, (void __user *)addr, n);
	return pipe_read(out, &it, NULL);
}

static void read_to_bad_address(void)
{
	struct mm *mm = current->mm;
	struct vm_area *a;

	down_write(&mm->lock);
	a = mm_map(mm, BASE, PAGE_SIZE, VM_READ | VM_WRITE, NULL, 0, NULL);
	up_write(&mm->lock);
	KTEST_ASSERT(!IS_ERR(a));
	KTEST_EQ(put(0, 10), 10);
	KTEST_EQ(get_user(BASE, 2), 2);
	KTEST_EQ(get_user(END, 8), -EFAULT);
	KTEST_CALL(expect_slot(0, 2, 8));
	KTEST_EQ(get_user(END - 3, 8), 3);
	KTEST_CALL(expect_slot(0, 5, 5));
	KTEST_EQ(get(10), 5);
	KTEST_EQ(memcmp(back, data + 5, 5), 0);
}

KTEST(pipe_bad_address, "6.3", 1, "a read to a bad address is EFAULT, and what could not be stored stays in the pipe")
{
	KTEST_CALL(in_process(with_pipe, read_to_bad_address));
}
