/*
 * Exercise 2.4, and with it all of the lab: programs in ring 3 (grader/user/02 and the lab's own).
 */
#include "common/ktest.h"
#include "02-usermode/process.h"
#include "02-usermode/timer.h"
#include "02-usermode/user.h"

#define SIGSEGV		11
#define STATUS_EXIT(n)	((n) << 8)

struct start {
	const struct user_program *program;
	void (*prepare)(struct trapframe *f);	/* change the registers; NULL: leave them */
	int error;
};

static void first_code(void *arg)
{
	struct start *s = arg;

	s->error = user_load_flat(s->program);
	if (s->error)
		thread_exit(STATUS_EXIT(255));
	if (s->prepare)
		s->prepare(current->frame);
}

static struct process *begin(struct start *s, const char *name)
{
	struct process *p;
	struct thread *t;

	s->program = user_program_find(name);
	if (!s->program)
		return NULL;
	t = process_create(name);
	if (IS_ERR(t))
		return NULL;
	p = t->process;
	process_get(p);
	thread_begin(t, first_code, s);
	return p;
}

/* The wait status of a process that begin() made; -1 if it does not end in time. */
static int end(struct process *p)
{
	u64 deadline = clock_monotonic() + 20 * NSEC_PER_SEC;
	int status;

	while (READ_ONCE(p->state) == PROCESS_ALIVE && clock_monotonic() < deadline)
		sleep_until(clock_monotonic() + NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
	status = p->state == PROCESS_ALIVE ? -1 : p->exit_status;
	process_put(p);
	return status;
}

static void run(const char *name, void (*prepare)(struct trapframe *f), int want)
{
	struct start s = { .prepare = prepare };
	struct process *p = begin(&s, name);
	int status;

	KTEST_MSG(p, "%s cannot be started", name);
	status = end(p);
	KTEST_EQ(s.error, 0);
	KTEST_MSG(status == want, "%s ended with wait status %#x instead of %#x", name, status,
		  want);
}

KTEST(user_exit, "2.4", 4, "a program starts at its first instruction, calls the kernel and exits with its status")
{
	KTEST_CALL(run("ktest_exit", NULL, STATUS_EXIT(42)));
}

/* What ktest_registers.c expects. */
static void set_registers(struct trapframe *f)
{
	f->rax = 0x1111111111111111;
	f->rbx = 0x2222222222222222;
	f->rcx = 0x3333333333333333;
	f->r8 = 0x8888888888888888;
	f->r9 = 0x9999999999999999;
	f->r10 = 0xaaaaaaaaaaaaaaaa;
	f->r11 = 0xbbbbbbbbbbbbbbbb;
	f->r12 = 0xcccccccccccccccc;
	f->r13 = 0xdddddddddddddddd;
	f->r14 = 0xeeeeeeeeeeeeeeee;
	f->r15 = 0x5555555555555555;
	f->rflags |= 0x400;		/* the direction flag: programs may set it */
}

KTEST(user_registers, "2.4", 4, "every register and the flags have the frame's values in ring 3")
{
	KTEST_CALL(run("ktest_registers", set_registers, STATUS_EXIT(0)));
}

KTEST(user_many_calls, "2.4", 1, "a program goes in and out of the kernel a thousand times, while another one does so too")
{
	struct start s[2] = { { 0 }, { 0 } };
	struct process *p[2];

	for (int i = 0; i < 2; i++) {
		p[i] = begin(&s[i], "ktest_calls");
		KTEST_ASSERT(p[i]);
	}
	KTEST_EQ(end(p[0]), STATUS_EXIT(7));
	KTEST_EQ(end(p[1]), STATUS_EXIT(7));
}

KTEST(user_attackers, "2.4", 1, "programs that attack the kernel are killed, one that does not is not")
{
	const struct user_program *u;
	int attackers = 0;

	KTEST_CALL(run("ktest_exit", NULL, STATUS_EXIT(42)));
	linkset_for_each(user_programs, const struct user_program, u) {
		struct start s = { 0 };
		struct process *p;
		int status;

		if (strncmp(u->name, "attack_", 7) != 0)
			continue;
		attackers++;
		p = begin(&s, u->name);
		KTEST_ASSERT(p);
		status = end(p);
		KTEST_MSG(status > 0 && status <= SIGSEGV,
			  "%s ended with wait status %#x, not by a signal", u->name, status);
	}
	KTEST_EQ(attackers, 10);
	KTEST_CALL(run("ktest_exit", NULL, STATUS_EXIT(42)));
}
