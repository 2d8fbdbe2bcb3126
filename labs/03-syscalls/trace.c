/*
 * strace=1 on the command line: print every system call as strace(1) does, on the console. What is
 * needed to print a call comes from its SYSCALL line: the names of the arguments' types.
 *
 * The arguments are written into the thread's buffer on entry, because a call may change what they
 * point to, and printed with the result in one line on exit.
 */
#include "03-syscalls/syscall.h"
#include "common/cmdline.h"
#include "common/init.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/process.h"
#include "02-usermode/uaccess.h"

#define LINE		256
#define STRING_MAX	40	/* characters shown of a string */
#define NR_EXIT		60
#define NR_EXIT_GROUP	231
#define NR_WRITE	1

CMDLINE_WORD(strace, "strace");

static bool tracing;

struct line {
	char text[LINE];
	size_t len;
};

static struct part trace_part;

static __printf(2, 3) void add(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	l->len += vsnprintf(l->text + l->len, LINE - l->len, fmt, ap);
	va_end(ap);
	l->len = MIN(l->len, (size_t)LINE - 1);
}

static void add_char(struct line *l, char c)
{
	if (c == '\n')
		add(l, "\\n");
	else if (c == '\t')
		add(l, "\\t");
	else if (c == '"' || c == '\\')
		add(l, "\\%c", c);
	else if (c < ' ' || c > '~')
		add(l, "\\%o", (u8)c);
	else
		add(l, "%c", c);
}

static void add_text(struct line *l, const char *s, size_t n, bool more)
{
	add(l, "\"");
	for (size_t i = 0; i < n; i++)
		add_char(l, s[i]);
	add(l, more ? "\"..." : "\"");
}

static void add_string(struct line *l, const char __user *s)
{
	char buf[STRING_MAX];
	ssize_t n = s ? strncpy_from_user(buf, s, sizeof(buf)) : -EFAULT;

	if (n < 0)
		add(l, s ? "%p" : "NULL", s);
	else
		add_text(l, buf, MIN(n, (ssize_t)sizeof(buf)), n == sizeof(buf));
}

/* The buffer of write(2). */
static void add_buffer(struct line *l, const void __user *p, size_t n)
{
	char buf[STRING_MAX];
	size_t shown = MIN(n, sizeof(buf));

	if (copy_from_user(buf, p, shown))
		add(l, "%p", p);
	else
		add_text(l, buf, shown, shown < n);
}

static void add_argument(struct line *l, const char *type, u64 value)
{
	if (strstr(type, "char __user *") && !strstr(type, "**") && !strstr(type, "const *"))
		add_string(l, (const char __user *)value);
	else if (strchr(type, '*'))
		add(l, value ? "%#lx" : "NULL", value);
	else if (!strcmp(type, "int"))
		add(l, (int)value < -1000 || (int)value > 0xffff ? "%#x" : "%d", (int)value);
	else
		add(l, value < 0x10000 ? "%lu" : "%#lx", value);
}

static bool trace_enter(struct trapframe *f)
{
	const struct syscall *s = syscall_find((u32)f->orig_rax);
	const u64 values[6] = { f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9 };
	struct line *l = thread_part(current, trace_part, struct line);

	if (!l)
		return true;
	l->len = 0;
	if (!s) {
		add(l, "syscall_%lu(%#lx, %#lx, %#lx", f->orig_rax, f->rdi, f->rsi, f->rdx);
		return true;
	}
	add(l, "%s(", s->name);
	for (int i = 0; i < s->argc; i++) {
		add(l, i ? ", " : "");
		if (s->nr == NR_WRITE && i == 1)
			add_buffer(l, (void __user *)f->rsi, f->rdx);
		else
			add_argument(l, s->types[i], values[i]);
	}
	if (s->nr == NR_EXIT || s->nr == NR_EXIT_GROUP)
		printk("[%d] %s) = ?\n", current->tid, l->text);
	return true;
}

static const char *const error_names[] = {
	[EPERM] = "EPERM", [ENOENT] = "ENOENT", [ESRCH] = "ESRCH", [EINTR] = "EINTR", [EIO] = "EIO",
	[ENXIO] = "ENXIO", [E2BIG] = "E2BIG", [ENOEXEC] = "ENOEXEC", [EBADF] = "EBADF",
	[ECHILD] = "ECHILD", [EAGAIN] = "EAGAIN", [ENOMEM] = "ENOMEM", [EACCES] = "EACCES",
	[EFAULT] = "EFAULT", [EBUSY] = "EBUSY", [EEXIST] = "EEXIST", [EXDEV] = "EXDEV",
	[ENODEV] = "ENODEV", [ENOTDIR] = "ENOTDIR", [EISDIR] = "EISDIR", [EINVAL] = "EINVAL",
	[ENFILE] = "ENFILE", [EMFILE] = "EMFILE", [ENOTTY] = "ENOTTY", [ETXTBSY] = "ETXTBSY",
	[EFBIG] = "EFBIG", [ENOSPC] = "ENOSPC", [ESPIPE] = "ESPIPE", [EROFS] = "EROFS",
	[EPIPE] = "EPIPE", [ERANGE] = "ERANGE", [ENAMETOOLONG] = "ENAMETOOLONG",
	[ENOSYS] = "ENOSYS", [ENOTEMPTY] = "ENOTEMPTY", [ELOOP] = "ELOOP", [ENODATA] = "ENODATA",
	[EOVERFLOW] = "EOVERFLOW",
	[ENOTSOCK] = "ENOTSOCK", [EOPNOTSUPP] = "EOPNOTSUPP", [ENOTCONN] = "ENOTCONN",
	[ETIMEDOUT] = "ETIMEDOUT", [ECONNREFUSED] = "ECONNREFUSED", [EINPROGRESS] = "EINPROGRESS",
};

static void trace_leave(struct trapframe *f)
{
	struct line *l = thread_part(current, trace_part, struct line);
	s64 result = f->rax;
	u64 error = -result;

	if (!l)
		return;
	if (is_restart_code(result))
		printk("[%d] %s) = ? (interrupted)\n", current->tid, l->text);
	else if (result < 0 && error < ARRAY_SIZE(error_names) && error_names[error])
		printk("[%d] %s) = -1 %s\n", current->tid, l->text, error_names[error]);
	else if (result < 0x10000)
		printk("[%d] %s) = %ld\n", current->tid, l->text, result);
	else
		printk("[%d] %s) = %#lx\n", current->tid, l->text, result);
}

SYSCALL_WORK(90, trace, WORK_TRACE, trace_enter, trace_leave);

static int trace_clone(struct thread *child, struct clone *c)
{
	if (!tracing)
		return 0;
	child->parts[trace_part.slot] = kzalloc(sizeof(struct line), GFP_KERNEL);
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
