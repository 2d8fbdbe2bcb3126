/*
 * strace=1 on the command line: print every system call as strace(1) does, on the console. What is
 * needed to print a call comes from its SYSCALL line: the names and the types of its arguments.
 *
 * The arguments are written into the thread's buffer on entry, because a call may change what
 * they point to, from the first one that the call itself fills in on exit; then with the result
 * all is printed in one line.
 */
#include "03-syscalls/trace.h"
#include "common/cmdline.h"
#include "common/init.h"
#include "common/printk.h"
#include "01-memory/kmem.h"
#include "02-usermode/process.h"
#include "03-syscalls/errno_text.h"

#define NR_EXIT		60
#define NR_EXIT_GROUP	231
#define NR_MMAP		9
#define NR_BRK		12
#define NR_MREMAP	25
#define NR_SHMAT	30

CMDLINE_WORD(strace, "strace");

static bool tracing;

static struct part trace_part;

/*
 * Print the call, once more than its beginning is known; strace puts the results below one another.
 * One printk, so that the lines of two CPUs do not mix.
 */
static void print_call(const struct trace_line *l, const char *result)
{
	char call[TRACE_LINE + 1];

	snprintf(call, sizeof(call), "%s)", l->text);
	printk("[pid %5d] %-39s = %s\n", current->tid, call, result);
}

static bool trace_enter(struct trapframe *f)
{
	const struct syscall *s = syscall_find((u32)f->orig_rax);
	struct trace_line *l = thread_part(current, trace_part, struct trace_line);

	if (!l)
		return true;
	l->len = l->args = 0;
	if (!s) {
		trace_add(l, "syscall_%#lx(%#lx, %#lx, %#lx, %#lx, %#lx, %#lx", f->orig_rax,
			  f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9);
		return true;
	}
	trace_add(l, "%s(", s->name);
	trace_args(l, s, f, trace_args_before(s), 0);
	/* They do not return. */
	if (s->nr == NR_EXIT || s->nr == NR_EXIT_GROUP)
		print_call(l, "?");
	return true;
}

/* Calls whose result is an address: shown in hexadecimal, as strace does. */
static bool gives_address(u64 nr)
{
	return nr == NR_MMAP || nr == NR_BRK || nr == NR_MREMAP || nr == NR_SHMAT;
}

static void trace_leave(struct trapframe *f)
{
	struct trace_line *l = thread_part(current, trace_part, struct trace_line);
	const struct syscall *s = syscall_find((u32)f->orig_rax);
	s64 result = f->rax;
	char text[80];

	if (!l)
		return;
	if (s)
		trace_args(l, s, f, s->argc, result);
	if (is_restart_code(result))
		snprintf(text, sizeof(text), "? (interrupted, to be restarted)");
	else if (result < 0 && errno_name(-result))
		snprintf(text, sizeof(text), "-1 %s (%s)", errno_name(-result),
			 errno_text(-result));
	else
		snprintf(text, sizeof(text), gives_address(f->orig_rax) ? "%#lx" : "%ld", result);
	print_call(l, text);
}

SYSCALL_WORK(90, trace, WORK_TRACE, trace_enter, trace_leave);

/* The buffer belongs to the thread, as a call may sleep while others are traced. */
static int trace_clone(struct thread *child, struct clone *c)
{
	if (!tracing)
		return 0;
	child->parts[trace_part.slot] = kzalloc(sizeof(struct trace_line), GFP_KERNEL);
	if (!child->parts[trace_part.slot])
		return -ENOMEM;
	atomic_fetch_or(&child->work, WORK_TRACE);
	return 0;
}

static void trace_exit(struct thread *t)
{
	kfree(t->parts[trace_part.slot]);
	t->parts[trace_part.slot] = NULL;
}

static struct part trace_part = {
	.name = "strace",
	.scope = PART_THREAD,
	.clone = trace_clone,
	.undo = trace_exit,
	.thread_exit = trace_exit,
};
PART(95, trace_part);

static void trace_init(void)
{
	tracing = cmdline_get_u64("strace", 0) == 1;
}
INITCALL(31, trace_init);
