/*
 * How strace writes arguments: strings and data in quotes, flags by name, modes in octal, the
 * elements of small arrays and structs. Most is told by an argument's type or name in the call's
 * SYSCALL line; the rest is in the table `formats`. What neither knows is a number, or an address
 * in hexadecimal.
 *
 * An argument may be wrong in any way: whatever is read through a pointer is copied with the
 * functions of uaccess.h, and shown as the bare address if that fails. What a string or buffer
 * shows is what it held at that moment; another thread may have changed it before the call itself
 * looked.
 */
#include "03-syscalls/trace.h"
#include "common/abi/fcntl.h"
#include "common/abi/mman.h"
#include "common/abi/sched.h"
#include "common/abi/wait.h"
#include "common/printk.h"
#include "common/string.h"
#include "02-usermode/uaccess.h"

#define TEXT_MAX	32	/* characters shown of a string, as strace does */
#define VECTOR_MAX	8	/* elements shown of an array */

/*
 * The name of some bits: it applies if value & mask equals `value`, and is then done with these
 * bits. So a field of several bits (O_ACCMODE) has one entry for each of its values, all with the
 * field's mask, and a plain number has the mask ALL.
 */
struct word {
	u64 mask, value;
	const char *name;
};
#define FLAG(name)		{ name, name, #name }
#define CHOICE(mask, name)	{ mask, name, #name }
#define ALL	(~0UL)

/* The words, in strace's order. Bits that nobody names are shown as a number. */
static const struct word open_words[] = {CHOICE(O_ACCMODE, O_RDONLY),
					 CHOICE(O_ACCMODE, O_WRONLY),
					 CHOICE(O_ACCMODE, O_RDWR),
					 FLAG(O_CREAT),
					 FLAG(O_EXCL),
					 FLAG(O_NOCTTY),
					 FLAG(O_TRUNC),
					 FLAG(O_APPEND),
					 FLAG(O_NONBLOCK),
					 FLAG(O_SYNC),
					 FLAG(O_DSYNC),
					 FLAG(O_DIRECT),
					 FLAG(O_LARGEFILE),
					 FLAG(O_TMPFILE),
					 FLAG(O_DIRECTORY),
					 FLAG(O_NOFOLLOW),
					 FLAG(O_NOATIME),
					 FLAG(O_CLOEXEC),
					 FLAG(O_PATH),
					 {}};
static const struct word pipe_words[] = { FLAG(O_CLOEXEC), FLAG(O_NONBLOCK), FLAG(O_DIRECT), { } };
static const struct word prot_words[] = {
	CHOICE(ALL, PROT_NONE), FLAG(PROT_READ), FLAG(PROT_WRITE), FLAG(PROT_EXEC), { }
};
static const struct word map_words[] = {CHOICE(MAP_TYPE, MAP_SHARED),
					CHOICE(MAP_TYPE, MAP_PRIVATE),
					CHOICE(MAP_TYPE, MAP_SHARED_VALIDATE),
					FLAG(MAP_FIXED),
					FLAG(MAP_ANONYMOUS),
					FLAG(MAP_DENYWRITE),
					FLAG(MAP_NORESERVE),
					FLAG(MAP_POPULATE),
					FLAG(MAP_STACK),
					FLAG(MAP_FIXED_NOREPLACE),
					{}};
static const struct word clone_words[] = {
	FLAG(CLONE_VM), FLAG(CLONE_FS), FLAG(CLONE_FILES), FLAG(CLONE_SIGHAND), FLAG(CLONE_VFORK),
	FLAG(CLONE_THREAD), FLAG(CLONE_SYSVSEM), FLAG(CLONE_SETTLS), FLAG(CLONE_PARENT_SETTID),
	FLAG(CLONE_CHILD_CLEARTID), FLAG(CLONE_CHILD_SETTID), { 0xff, 17, "SIGCHLD" }, { }
};
static const struct word at_words[] = {
	FLAG(AT_SYMLINK_NOFOLLOW), FLAG(AT_SYMLINK_FOLLOW), FLAG(AT_NO_AUTOMOUNT),
	FLAG(AT_EMPTY_PATH), { }
};
static const struct word unlink_words[] = { FLAG(AT_REMOVEDIR), { } };
static const struct word access_words[] = {
	{ ALL, 0, "F_OK" }, { 4, 4, "R_OK" }, { 2, 2, "W_OK" }, { 1, 1, "X_OK" }, { }
};
static const struct word wait_words[] = { FLAG(WNOHANG), FLAG(WUNTRACED), FLAG(WCONTINUED), { } };
static const struct word seek_words[] = {
	CHOICE(ALL, SEEK_SET), CHOICE(ALL, SEEK_CUR), CHOICE(ALL, SEEK_END), { }
};
static const struct word clock_words[] = {
	{ ALL, 0, "CLOCK_REALTIME" }, { ALL, 1, "CLOCK_MONOTONIC" },
	{ ALL, 2, "CLOCK_PROCESS_CPUTIME_ID" }, { ALL, 3, "CLOCK_THREAD_CPUTIME_ID" },
	{ ALL, 4, "CLOCK_MONOTONIC_RAW" }, { ALL, 7, "CLOCK_BOOTTIME" }, { }
};
static const struct word signal_words[] = {
	{ ALL, 1, "SIGHUP" }, { ALL, 2, "SIGINT" }, { ALL, 3, "SIGQUIT" },
	{ ALL, 6, "SIGABRT" }, { ALL, 9, "SIGKILL" }, { ALL, 10, "SIGUSR1" },
	{ ALL, 11, "SIGSEGV" }, { ALL, 12, "SIGUSR2" }, { ALL, 13, "SIGPIPE" },
	{ ALL, 14, "SIGALRM" }, { ALL, 15, "SIGTERM" }, { ALL, 17, "SIGCHLD" },
	{ ALL, 18, "SIGCONT" }, { ALL, 19, "SIGSTOP" }, { ALL, 20, "SIGTSTP" },
	{ ALL, 28, "SIGWINCH" }, { }
};

/* Kinds from DATA_OUT on are filled in by the call: they are written when it has returned. */
enum kind {
	PLAIN,
	DATA,		/* as many bytes as the next argument says */
	DATA_OUT,	/* as many bytes as the result says */
	PAIR_OUT,	/* two file descriptors */
	STATUS_OUT,	/* a wait status */
};

/* Calls of later labs too, by number, since nothing of theirs may be named here. */
static const struct format {
	u16 nr;
	u8 arg;
	enum kind kind;
	const struct word *words;
} formats[] = {
	{ 0, 1, DATA_OUT },
	{ 1, 1, DATA },
	{ 2, 1, PLAIN, open_words },
	{ 8, 2, PLAIN, seek_words },
	{ 9, 3, PLAIN, map_words },
	{ 17, 1, DATA_OUT },
	{ 18, 1, DATA },
	{ 21, 1, PLAIN, access_words },
	{ 22, 0, PAIR_OUT },
	{ 44, 1, DATA },
	{ 45, 1, DATA_OUT },
	{ 53, 3, PAIR_OUT },
	{ 56, 0, PLAIN, clone_words },
	{ 61, 1, STATUS_OUT },
	{ 61, 2, PLAIN, wait_words },
	{ 79, 0, DATA_OUT },
	{ 89, 1, DATA_OUT },
	{ 257, 2, PLAIN, open_words },
	{ 262, 3, PLAIN, at_words },
	{ 263, 2, PLAIN, unlink_words },
	{ 267, 2, DATA_OUT },
	{ 269, 2, PLAIN, access_words },
	{ 292, 2, PLAIN, pipe_words },
	{ 293, 0, PAIR_OUT },
	{ 293, 1, PLAIN, pipe_words },
	{ 318, 0, DATA_OUT },
	{ 439, 2, PLAIN, access_words },
};

/* The table is searched each time: this is for looking, not for speed. */
static const struct format *format_of(const struct syscall *s, int arg)
{
	static const struct format plain = { 0 };

	for (int i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i].nr == s->nr && formats[i].arg == arg)
			return &formats[i];
	return &plain;
}

int trace_args_before(const struct syscall *s)
{
	for (int i = 0; i < s->argc; i++)
		if (format_of(s, i)->kind >= DATA_OUT)
			return i;
	return s->argc;
}

/* ---- values -------------------------------------------------------------------------------- */

void trace_add(struct trace_line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	/* vsnprintf() gives the length that it would have needed. */
	l->len += vsnprintf(l->text + l->len, TRACE_LINE - l->len, fmt, ap);
	va_end(ap);
	l->len = MIN(l->len, (size_t)TRACE_LINE - 1);
}

static void add_address(struct trace_line *l, const void __user *p)
{
	trace_add(l, p ? "%#lx" : "NULL", (u64)p);
}

/* As in a C string constant. */
static void add_char(struct trace_line *l, char c)
{
	static const char special[] = "\n\t\r\"\\", letter[] = "ntr\"\\";
	const char *at = c ? strchr(special, c) : NULL;

	if (at)
		trace_add(l, "\\%c", letter[at - special]);
	else if (c < ' ' || c > '~')
		trace_add(l, "\\%o", (u8)c);
	else
		trace_add(l, "%c", c);
}

static void add_text(struct trace_line *l, const char *s, size_t n, bool more)
{
	trace_add(l, "\"");
	for (size_t i = 0; i < n; i++)
		add_char(l, s[i]);
	trace_add(l, more ? "\"..." : "\"");
}

/* One byte more than is shown is read, to know whether there is more. */
static void add_string(struct trace_line *l, const char __user *s)
{
	char buf[TEXT_MAX + 1];
	ssize_t n = s ? strncpy_from_user(buf, s, sizeof(buf)) : -EFAULT;

	if (n < 0)
		add_address(l, s);
	else
		add_text(l, buf, MIN(n, TEXT_MAX), n > TEXT_MAX);
}

/* n may be anything: only what is shown is read. */
static void add_data(struct trace_line *l, const void __user *p, size_t n)
{
	char buf[TEXT_MAX];
	size_t shown = MIN(n, sizeof(buf));

	if (copy_from_user(buf, p, shown))
		add_address(l, p);
	else
		add_text(l, buf, shown, shown < n);
}

/* Names joined by "|", what has no name as a number, 0 if there is nothing. */
static void add_words(struct trace_line *l, const struct word *w, u64 value)
{
	const char *bar = "";

	for (; w->name; w++) {
		if ((value & w->mask) != w->value)
			continue;
		trace_add(l, "%s%s", bar, w->name);
		value &= ~w->mask;
		bar = "|";
		if (w->mask == ALL)
			return;
	}
	if (value || !*bar)
		trace_add(l, value ? "%s%#lx" : "%s0", bar, value);
}

/* argv or envp, which end with NULL. The environment is only counted, as strace does. */
static void add_strings(struct trace_line *l, const char __user *const __user *v, bool all)
{
	const char __user *s;
	int n = 0;

	if (!all) {
		while (!copy_from_user(&s, v + n, sizeof(s)) && s)
			n++;
		trace_add(l, "%#lx /* %d vars */", (u64)v, n);
		return;
	}
	trace_add(l, "[");
	for (; !copy_from_user(&s, v + n, sizeof(s)) && s; n++) {
		if (n == VECTOR_MAX) {
			trace_add(l, ", ...");
			break;
		}
		trace_add(l, n ? ", " : "");
		add_string(l, s);
	}
	trace_add(l, "]");
}

/* The first few segments, and of each the first few bytes. */
static void add_iovec(struct trace_line *l, const void __user *v, u64 count)
{
	struct { const void __user *base; u64 len; } io;

	trace_add(l, "[");
	for (u64 i = 0; i < count && i < VECTOR_MAX; i++) {
		if (copy_from_user(&io, (const char __user *)v + i * sizeof(io), sizeof(io)))
			break;
		trace_add(l, i ? ", {iov_base=" : "{iov_base=");
		add_data(l, io.base, io.len);
		trace_add(l, ", iov_len=%lu}", io.len);
	}
	trace_add(l, "]");
}

static void add_timespec(struct trace_line *l, const void __user *p)
{
	s64 t[2];

	if (!p || copy_from_user(t, p, sizeof(t)))
		add_address(l, p);
	else
		trace_add(l, "{tv_sec=%ld, tv_nsec=%ld}", t[0], t[1]);
}

static void add_status(struct trace_line *l, int status)
{
	if (!(status & 0x7f))
		trace_add(l, "[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", status >> 8 & 0xff);
	else if ((status & 0xff) == 0x7f)
		trace_add(l, "[{WIFSTOPPED(s) && WSTOPSIG(s) == %d}]", status >> 8 & 0xff);
	else
		trace_add(l, "[{WIFSIGNALED(s) && WTERMSIG(s) == %d}]", status & 0x7f);
}

/* What the call has filled in. */
static void add_result(struct trace_line *l, enum kind kind, const void __user *p, s64 result)
{
	int v[2];

	if (result < 0 || !p || (kind == STATUS_OUT && !result))
		add_address(l, p);
	else if (kind == DATA_OUT)
		add_data(l, p, result);
	else if (copy_from_user(v, p, kind == PAIR_OUT ? 8 : 4))
		add_address(l, p);
	else if (kind == PAIR_OUT)
		trace_add(l, "[%d, %d]", v[0], v[1]);
	else
		add_status(l, v[0]);
}

/* ---- arguments ----------------------------------------------------------------------------- */

/*
 * The type, as the SYSCALL line spells it, says what to expect at p; next is the argument behind
 * it, an array's length.
 */
static void add_pointer(struct trace_line *l, const char *type, const char *name,
			const void __user *p, u64 next)
{
	if (strstr(type, "char __user *const"))
		add_strings(l, p, !strcmp(name, "argv"));
	else if (strstr(type, "const char __user *"))
		add_string(l, p);
	else if (strstr(type, "const struct timespec"))
		add_timespec(l, p);
	else if (strstr(type, "const struct iovec"))
		add_iovec(l, p, next);
	else
		add_address(l, p);
}

/*
 * AT_FDCWD is shown by name where a directory is expected: such arguments are called dirfd and the
 * like.
 */
static bool ends_with_fd(const char *name)
{
	size_t n = strlen(name);

	return n >= 2 && !strcmp(name + n - 2, "fd");
}

/* An int argument has 32 bits, whatever the upper half of its register holds. */
static void add_number(struct trace_line *l, const char *type, const char *name, u64 value)
{
	bool is_int = !strcmp(type, "int");

	if (is_int && (int)value == AT_FDCWD && ends_with_fd(name))
		trace_add(l, "AT_FDCWD");
	else if (!strcmp(name, "mode"))
		trace_add(l, "%#o", (u32)value);
	else if (!strcmp(name, "prot"))
		add_words(l, prot_words, value);
	else if (!strcmp(name, "sig"))
		add_words(l, signal_words, value);
	else if (!strcmp(name, "addr") || !strcmp(name, "brk"))
		add_address(l, (const void __user *)value);
	else if (!strcmp(name, "clock"))
		add_words(l, clock_words, value);
	else if (is_int)
		trace_add(l, (int)value < -1000 || (int)value > 0xffff ? "%#x" : "%d", (int)value);
	else
		trace_add(l, value < 1UL << 24 ? "%lu" : "%#lx", value);
}

/*
 * open's and openat's mode means something only when a file may be created; else the register holds
 * whatever was in it.
 */
static bool is_absent(const struct syscall *s, int arg, const u64 *values)
{
	return (s->nr == 2 || s->nr == 257) && !strcmp(s->args[arg], "mode") &&
	       !(values[arg - 1] & (O_CREAT | O_TMPFILE_));
}

/* values has one element more than there are registers: the last argument's "next". */
void trace_args(struct trace_line *l, const struct syscall *s, const struct trapframe *f,
		int end, s64 result)
{
	const u64 values[7] = { f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9 };

	for (int i = l->args; i < end; i++) {
		const struct format *format = format_of(s, i);
		const void __user *p = (const void __user *)values[i];
		u64 v = strcmp(s->types[i], "int") ? values[i] : (u32)values[i];

		if (is_absent(s, i, values))
			continue;
		trace_add(l, i ? ", " : "");
		if (format->words)
			add_words(l, format->words, v);
		else if (format->kind == DATA)
			add_data(l, p, values[i + 1]);
		else if (format->kind >= DATA_OUT)
			add_result(l, format->kind, p, result);
		else if (strchr(s->types[i], '*'))
			add_pointer(l, s->types[i], s->args[i], p, values[i + 1]);
		else
			add_number(l, s->types[i], s->args[i], values[i]);
	}
	l->args = end;
}
