/*
 * Exercises 3.3 and 3.4 from inside, where a program cannot look: a child that dies at the worst
 * moment, and whether a file is closed. The calls are made by a process that stays in the kernel.
 */
#include "../02/helpers.h"
#include "03-syscalls/family.h"
#include "03-syscalls/file.h"
#include "03-syscalls/syscall.h"

#define SIGCHLD		17
#define SYS_dup2	33
#define SYS_wait4	61

/* The call with that number, made by the current thread. */
static long call(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	struct trapframe f = { .rdi = a, .rsi = b, .rdx = c, .r10 = d };

	return syscall_find(nr)->fn(&f);
}

/* ---- wait4 ---- */

static struct process *child;
static bool may_die;
static struct thread *parent;
static long waited;
static u64 took;

static void child_code(void *arg)
{
	while (!READ_ONCE(may_die))
		sleep_ms(1);
	thread_exit(7 << 8);
}

static bool is_zombie(struct process *p)
{
	bool zombie;

	spin_lock(&tree_lock);
	zombie = process_family(p)->zombie;
	spin_unlock(&tree_lock);
	return zombie;
}

/* The parent has looked, and is about to queue itself: now the child dies. */
static void die_now(struct wait_queue *q)
{
	if (current != parent || q != &process_family(current_process())->child_event)
		return;
	wait_test_hook = NULL;
	WRITE_ONCE(may_die, true);
	eventually(is_zombie(child));
}

/* Who sleeps beside a zombie is woken after a while, as by a signal. */
static void rescue(struct timer *t)
{
	thread_set_work(parent, WORK_SIGNAL);
	thread_interrupt(parent, WAIT_INTERRUPTIBLE);
}

static void let_die(struct timer *t)
{
	WRITE_ONCE(may_die, true);
}

static struct timer signal, end;	/* see signal_soon() */

static void wait_while_dying(void *arg)
{
	struct clone c = { .exit_signal = SIGCHLD };
	struct thread *t = process_clone(&c);
	struct timer timer;
	u64 start = clock_monotonic();

	if (IS_ERR(t))
		thread_exit(1 << 8);
	child = c.child_process;
	process_get(child);
	parent = current;
	thread_begin(t, child_code, NULL);
	timer_init(&timer, rescue);
	timer_init(&signal, rescue);
	timer_init(&end, let_die);
	timer_start(&timer, start + 3 * NSEC_PER_SEC);
	wait_test_hook = arg;
	waited = call(SYS_wait4, child->id, 0, 0, 0);
	wait_test_hook = NULL;
	WRITE_ONCE(may_die, true);
	timer_cancel_sync(&timer);
	timer_cancel_sync(&signal);
	timer_cancel_sync(&end);
	took = clock_monotonic() - start;
	if (waited == child->id) {
		waited = 0;
	} else {		/* it must not outlive us: here is no init to take it */
		atomic_fetch_and(&current->work, ~WORK_SIGNAL);
		if (eventually(is_zombie(child)))
			call(SYS_wait4, child->id, 0, 0, 0);
	}
	process_put(child);
	thread_exit(0);
}

/* The child dies later, while the parent sleeps. */
static void die_later(struct wait_queue *q)
{
	if (current == parent)
		WRITE_ONCE(may_die, true);
}

KTEST(wait_looks_again, "3.3", 2, "a child that dies just before its parent goes to sleep is found all the same")
{
	may_die = false;
	KTEST_CALL(in_process(wait_while_dying, die_later));
	KTEST_EQ(waited, 0);
	may_die = false;
	KTEST_CALL(in_process(wait_while_dying, die_now));
	KTEST_EQ(waited, 0);
	KTEST_MSG(took < 2000 * MS,
		  "the child died between the look and the queueing, and wait4 slept beside the "
		  "zombie until something else woke it, %lu ms later",
		  took / MS);
}

/* The child lives on; a signal comes after a moment, and the child's end if that does not help. */
static void signal_soon(struct wait_queue *q)
{
	if (current != parent)
		return;
	wait_test_hook = NULL;
	timer_start(&signal, clock_monotonic() + 50 * MS);
	timer_start(&end, clock_monotonic() + 2000 * MS);
}

KTEST(wait_signal, "3.3", 1, "a signal ends wait4, although no child has news")
{
	may_die = false;
	KTEST_CALL(in_process(wait_while_dying, die_later));
	KTEST_EQ(waited, 0);
	may_die = false;
	KTEST_CALL(in_process(wait_while_dying, signal_soon));
	KTEST_EQ(waited, -ERESTARTSYS);
}

/* ---- dup2 ---- */

static int released;

static void note_release(struct file *f)
{
	released++;
}
static const struct file_ops note_ops = { .release = note_release };

static long dup2_results[3];

static void dup2_onto_file(void *arg)
{
	struct file *a = file_alloc(&note_ops, O_RDWR, NULL),
		    *b = file_alloc(&note_ops, O_RDWR, NULL);
	int fd, onto;

	if (!a || !b || IS_ERR(a) || IS_ERR(b))
		thread_exit(1 << 8);
	fd = fd_open(a, false);
	onto = fd_open(b, false);
	dup2_results[0] = released;
	dup2_results[1] = call(SYS_dup2, fd, onto, 0, 0) == onto;
	dup2_results[2] = released;
	thread_exit(0);
}

KTEST(fd_dup2_closes, "3.4", 2, "dup2 closes the file that stood at the new number, and all are closed at the end")
{
	released = 0;
	KTEST_CALL(in_process(dup2_onto_file, NULL));
	KTEST_EQ(dup2_results[0], 0);
	KTEST_MSG(dup2_results[1], "dup2 of one open file onto another failed");
	KTEST_MSG(dup2_results[2] == 1,
		  "after dup2 onto an open file it was released %ld times instead of once",
		  dup2_results[2]);
	KTEST_EQ(released, 2);
}
