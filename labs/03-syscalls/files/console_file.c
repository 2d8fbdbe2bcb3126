/*
 * The console as a file: the only one there is before lab 05, and what init's descriptors 0 to 2
 * are until lab 06 has terminals. Input comes by lines, as from a terminal in canonical mode (POSIX
 * 11.1.6): the kernel echoes, backspace takes a character back, ^U the line, ^D ends the input.
 *
 * Characters arrive by the serial port's interrupt, which must not wait: it edits the line in a
 * ring under a spinlock and wakes readers only when a line is complete. A reader takes a line out
 * of the ring first and copies it to the user afterwards, as user memory may fault and a fault may
 * sleep.
 *
 * And the grader's stream: the second serial port as a file that can only be written.
 */
#include "03-syscalls/files/table.h"
#include "common/console.h"
#include "common/ktest.h"
#include "common/string.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"

#define LINE_MAX	256
#define CONSOLE_DEV	MAKEDEV(5, 1)
#define SERIAL2_DEV	MAKEDEV(4, 65)
#define CHUNK		256

#define CTRL(c)		((c) & 0x1f)
#define BACKSPACE	'\b'
#define RUBOUT		0x7f

/*
 * A ring of characters: [head, line_end) may be read, [line_end, tail) is the line being typed.
 * The counters run freely; lock protects all.
 */
static struct {
	struct spinlock lock;
	u32 head, line_end, tail;
	bool end_of_file;		/* ^D at the start of a line: one read gives 0 */
	char ring[LINE_MAX];
	struct wait_queue readers;
} in = {
	.lock = SPINLOCK_INIT("console input", RANK_LEAF),
	.readers = WAIT_QUEUE_INIT(in.readers),
};

static void rub_out(void)
{
	in.tail--;
	console_write("\b \b", 3);
}

/*
 * One typed byte; lock held. Returns whether there is something to read. ^D is no character: it
 * hands over what was typed so far, even without a newline, and at the start of a line, where that
 * is nothing, the reader's 0 bytes mean the end of the file.
 */
static bool type_byte(u8 c)
{
	switch (c) {
	case CTRL('D'):
		in.end_of_file = in.line_end == in.tail;
		in.line_end = in.tail;
		return true;
	case BACKSPACE:
	case RUBOUT:
		if (in.tail != in.line_end)
			rub_out();
		return false;
	case CTRL('U'):
		while (in.tail != in.line_end)
			rub_out();
		return false;
	/* What the return key sends (ICRNL of termios(3)). */
	case '\r':
		c = '\n';
	}
	if (in.tail - in.head >= LINE_MAX - (c != '\n'))
		return false;		/* the last place is for the newline */
	in.ring[in.tail++ % LINE_MAX] = c;
	console_write((char *)&c, 1);
	if (c == '\n')
		in.line_end = in.tail;
	return c == '\n';
}

/*
 * Called by the interrupt of the serial port. Wakes all: each reader looks at the ring again, and
 * those that find it empty sleep on.
 */
static void input(u8 byte)
{
	bool complete;

	spin_lock(&in.lock);
	complete = type_byte(byte);
	spin_unlock(&in.lock);
	if (complete)
		wake_up_all(&in.readers);
}

/*
 * Take at most max bytes of the first complete line; the rest of it waits for the next read. Lock
 * held.
 */
static size_t take_line(char *buf, size_t max)
{
	size_t n = 0;

	while (n < max && in.head != in.line_end) {
		buf[n++] = in.ring[in.head++ % LINE_MAX];
		if (buf[n - 1] == '\n')
			break;
	}
	return n;
}

static ssize_t console_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	char line[LINE_MAX];
	size_t n, max = MIN(it->count, sizeof(line));
	int error = 0;

	if (!max)
		return 0;
	spin_lock(&in.lock);
	if (io_flags(f, it) & O_NONBLOCK)
		error = in.head == in.line_end && !in.end_of_file ? -EAGAIN : 0;
	else
		error = wait_event_locked(&in.readers, in.head != in.line_end || in.end_of_file,
					  &in.lock, WAIT_INTERRUPTIBLE, WAIT_FOREVER);
	n = error ? 0 : take_line(line, max);
	/* The end of the file was this reader's; the next one waits for more. */
	if (!error && !n)
		in.end_of_file = false;
	spin_unlock(&in.lock);
	if (error)
		return error;
	return n && copy_to_iter(line, n, it) == 0 ? -EFAULT : (ssize_t)n;
}

/*
 * Copy the user's bytes to sink in pieces; stops with what the first failure allows. The piece lies
 * on the kernel's stack, as sink may hold a spinlock, under which no user memory may be touched.
 */
static ssize_t write_chunks(struct iov_iter *it, void (*sink)(const char *s, size_t n))
{
	char buf[CHUNK];
	size_t done = 0;

	while (it->count) {
		size_t want = MIN(it->count, sizeof(buf));
		size_t n = copy_from_iter(buf, want, it);

		sink(buf, n);
		done += n;
		if (n < want)
			return done ? (ssize_t)done : -EFAULT;
	}
	return done;
}

static ssize_t console_file_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return write_chunks(it, console_write);
}

static struct timespec boot_time(void)
{
	u64 ns = clock_realtime() - clock_monotonic();

	return (struct timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
}

/*
 * Programs ask this of their standard output: a C library buffers by lines only what may be a
 * terminal, and that is a character device.
 */
static int stat_device(struct stat *st, dev_t dev, u32 mode)
{
	st->st_mode = S_IFCHR | mode;
	st->st_nlink = 1;
	st->st_rdev = dev;
	st->st_blksize = PAGE_SIZE;
	st->st_atim = st->st_mtim = st->st_ctim = boot_time();
	return 0;
}

static int console_stat(struct file *f, struct stat *st)
{
	return stat_device(st, CONSOLE_DEV, 0600);
}

static const struct file_ops console_ops = {
	.read = console_read,
	.write = console_file_write,
	.stat = console_stat,
};

static void serial2_sink(const char *s, size_t n)
{
	serial2_write(s, n);
}

static ssize_t serial2_file_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return write_chunks(it, serial2_sink);
}

static int serial2_stat(struct file *f, struct stat *st)
{
	return stat_device(st, SERIAL2_DEV, 0200);
}

static const struct file_ops serial2_ops = {
	.write = serial2_file_write,
	.stat = serial2_stat,
};

__weak struct file *open_init_console(void)
{
	struct file *f = file_alloc(&console_ops, O_RDWR, NULL);

	if (f && !IS_ERR(f))
		console_input = input;
	return f;
}

/* Put f, whose reference goes along, at descriptor fd of a table nobody uses yet. */
static void place(struct fd_table *t, int fd, struct file *f)
{
	spin_lock(&t->lock);
	fd_table_mark(t, fd, false);
	t->files[fd] = f;
	spin_unlock(&t->lock);
}

/*
 * One open file for three descriptors, as after open and two dups: they share flags and position.
 */
int files_open_init(struct thread *init)
{
	struct fd_table *t = fd_table_of(init);
	struct file *f = open_init_console();

	if (!f || IS_ERR(f))
		return f ? PTR_ERR(f) : -ENOMEM;
	for (int fd = 0; fd < 3; fd++) {
		file_get(f);
		place(t, fd, f);
	}
	file_put(f);
	if (!ktap_active())
		return 0;
	f = file_alloc(&serial2_ops, O_WRONLY, NULL);
	if (!f || IS_ERR(f))
		return f ? PTR_ERR(f) : -ENOMEM;
	place(t, 3, f);
	return 0;
}
