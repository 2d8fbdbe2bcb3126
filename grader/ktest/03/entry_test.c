/*
 * Exercise 3.1 from inside: a call of the tests' own looks at the frame and changes it, and the
 * program grader/user/02/ktest_syscall.c tells by its exit status what it saw of that.
 */
#include "../02/helpers.h"
#include "common/atomic.h"
#include "common/layout.h"
#include "common/x86.h"
#include "02-usermode/user.h"
#include "03-syscalls/syscall.h"

#define STATUS_EXIT(n)	((n) << 8)
#define SIGTRAP		5
#define WORK_KTEST	BIT(7)		/* no work of the kernel's */
#define RFLAGS_CF	BIT(0)

/* what the call does; NULL: there is no such call */
static void (*probe)(struct trapframe *f);

SYSCALL0(510, ktest_probe)
{
	if (!probe)
		return -ENOSYS;
	probe(current->frame);
	return 77;
}

static void begin_program(void *arg)
{
	if (user_load_flat(arg))
		thread_exit(STATUS_EXIT(254));
}

/* Run the program with that as the call's code: its wait status. */
static int run(void (*code)(struct trapframe *f))
{
	const struct user_program *u = user_program_find("ktest_syscall");
	struct process *p;
	int status;

	probe = code;
	p = u ? process_begin("ktest_syscall", begin_program, (void *)u) : NULL;
	status = p ? process_result(p) : -1;
	probe = NULL;
	return status;
}

static struct trapframe seen;
static u64 flags;

static void look(struct trapframe *f)
{
	seen = *f;
	flags = read_rflags();
}

KTEST(entry_frame, "3.1", 2, "the call runs with interrupts on and finds a complete frame")
{
	seen.rip = 0;
	KTEST_EQ(run(look), STATUS_EXIT(0));
	KTEST_MSG(flags & RFLAGS_IF,
		  "interrupts are off while the call runs; nothing could preempt it");
	KTEST_EQ(seen.orig_rax, 510);
	KTEST_EQ(seen.rax, -ENOSYS);
	KTEST_EQ(seen.rcx, seen.rip);
	KTEST_EQ(seen.r11, seen.rflags);
	KTEST_MSG(seen.rflags & RFLAGS_IF, "the frame's rflags are not the program's");
	KTEST_EQ(seen.cs & 3, 3);
	KTEST_EQ(seen.ss & 3, 3);
	KTEST_ASSERT(seen.rip < USER_END && seen.rsp < USER_END);
}

static void do_work(struct trapframe *f)
{
	atomic_fetch_and(&current->work, ~WORK_KTEST);
	f->rbx |= 1;
}
USER_WORK(90, WORK_KTEST, do_work);

static void ask_for_work(struct trapframe *f)
{
	thread_set_work(current, WORK_KTEST);
}

KTEST(entry_work, "3.1", 2, "work that comes up during a call is done before the program goes on")
{
	int status;

	KTEST_EQ(run(look), STATUS_EXIT(0));
	status = run(ask_for_work);
	KTEST_MSG(status == STATUS_EXIT(1),
		  "the program ended with wait status %#x instead of %#x: its next "
		  "instruction ran before the work was done",
		  status, STATUS_EXIT(1));
}

static void change_rcx(struct trapframe *f)
{
	f->rcx = 0x1234;
}

static void change_r11(struct trapframe *f)
{
	f->r11 = 0x5678;
}

static void change_flags(struct trapframe *f)
{
	f->rflags |= RFLAGS_CF;
}

static void change_rip(struct trapframe *f)
{
	f->rip += 3;
}

static void expect_change(void (*code)(struct trapframe *f), const char *what, int want)
{
	int status = run(code);

	KTEST_MSG(status == STATUS_EXIT(want),
		  "the call changed %s in the frame, but the program ended with "
		  "wait status %#x instead of %#x: was it SYSRET, which knows rcx and r11 only?",
		  what, status, STATUS_EXIT(want));
}

KTEST(entry_changed_frame, "3.1", 2, "what a call changes in the frame arrives: rcx, r11, rflags and rip by themselves")
{
	KTEST_EQ(run(look), STATUS_EXIT(0));
	KTEST_CALL(expect_change(change_rcx, "rcx", 2));
	KTEST_CALL(expect_change(change_r11, "r11", 4));
	KTEST_CALL(expect_change(change_flags, "rflags", 8));
	KTEST_CALL(expect_change(change_rip, "rip", 16));
}

static u64 death_rip;

static void note_death(struct thread *t)
{
	if (probe)
		death_rip = t->frame->rip;
}
static struct part ktest_part = {.name = "ktest", .scope = PART_THREAD, .thread_exit = note_death};
PART(92, ktest_part);

/* As when a program is being single-stepped. */
static void step(struct trapframe *f)
{
	seen = *f;
	f->rflags |= RFLAGS_TF;
	f->r11 |= RFLAGS_TF;
}

KTEST(entry_trap_flag, "3.1", 1, "with TF in the frame the program's next instruction runs, and then comes the trap")
{
	KTEST_EQ(run(look), STATUS_EXIT(0));
	death_rip = 0;
	KTEST_EQ(run(step) & 0x7f, SIGTRAP);
	KTEST_MSG(death_rip == seen.rip + 1,
		  "the trap came at %#lx; the call was left for %#lx, where a "
		  "one-byte instruction stands: SYSRET with TF set traps before it",
		  death_rip, seen.rip);
}
