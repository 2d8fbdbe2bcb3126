/*
 * The memory devices: null, zero, full, random, urandom, kmsg (null(4), full(4), random(4)). Their
 * numbers are Linux's (Documentation/admin-guide/devices.txt).
 *
 * Programs read them in sizes of their choice, gigabytes even (dd if=/dev/zero): each loop gives
 * way to others, and ends when its process is killed.
 */
#include "common/errno.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "02-usermode/mm.h"
#include "03-syscalls/system/random.h"
#include "05-vfs/inode.h"

#define MEM_MAJOR	1

/* ---- null, zero, full ---- */

static ssize_t read_nothing(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return 0;
}

/*
 * The memory is not even looked at: write(2) of a bad address to /dev/null succeeds on Linux too.
 */
static ssize_t write_nowhere(struct file *f, struct iov_iter *it, loff_t *pos)
{
	size_t n = it->count;

	iov_iter_advance(it, n);
	return n;
}

static ssize_t read_zeroes(struct file *f, struct iov_iter *it, loff_t *pos)
{
	ssize_t done = 0;

	while (it->count) {
		size_t n = MIN(it->count, 16 * PAGE_SIZE), cleared = clear_iter(n, it);

		done += cleared;
		if (cleared < n)
			return done ? done : -EFAULT;
		cond_resched();
		if (thread_killed(current))
			break;
	}
	return done;
}

static ssize_t write_full(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return it->count ? -ENOSPC : 0;
}

/* Seeking is accepted and means nothing: `dd seek=` and stdio do it (Linux: null_lseek()). */
static loff_t seek_nowhere(struct file *f, loff_t off, int whence)
{
	return f->pos = 0;
}

/*
 * A private mapping of /dev/zero is anonymous memory. A shared one, which on Linux is shared
 * anonymous memory, is not supported.
 */
static int mmap_zero(struct file *f, struct vm_area *a)
{
	return a->flags & VM_SHARED ? -ENODEV : 0;
}

static const struct file_ops null_ops = {
	.read = read_nothing, .write = write_nowhere, .lseek = seek_nowhere,
};
static const struct file_ops zero_ops = {
	.read = read_zeroes, .write = write_nowhere, .lseek = seek_nowhere, .mmap = mmap_zero,
};
static const struct file_ops full_ops = {
	.read = read_zeroes, .write = write_full, .lseek = seek_nowhere,
};

/* ---- random ---- */

/*
 * random and urandom are one, and neither blocks (Linux since 5.6, once its generator is seeded).
 * The copy on the stack is cleared: it may be somebody's key.
 */
static ssize_t read_random(struct file *f, struct iov_iter *it, loff_t *pos)
{
	u8 bytes[256];
	ssize_t done = 0;

	while (it->count) {
		size_t n = MIN(it->count, sizeof(bytes)), copied;

		random_bytes(bytes, n);
		copied = copy_to_iter(bytes, n, it);
		done += copied;
		if (copied < n)
			return done ? done : -EFAULT;
		cond_resched();
		if (thread_killed(current))
			break;
	}
	memset(bytes, 0, sizeof(bytes));
	return done;
}

/* What is written is stirred into the generator, and never makes it worse: anybody may do it. */
static ssize_t write_random(struct file *f, struct iov_iter *it, loff_t *pos)
{
	u8 bytes[256];
	ssize_t done = 0;

	while (it->count) {
		size_t n = copy_from_iter(bytes, MIN(it->count, sizeof(bytes)), it);

		if (!n)
			return done ? done : -EFAULT;
		random_add(bytes, n);
		done += n;
	}
	return done;
}

#define RNDGETENTCNT	0x80045200u

/* The estimate of the entropy in bits, in full. Adding to it would be for root. */
static long random_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	int bits = 256;

	if (cmd == RNDGETENTCNT)
		return put_user(bits, (int __user *)arg);
	return -EINVAL;
}

static const struct file_ops random_ops = {
	.read = read_random, .write = write_random, .lseek = seek_nowhere, .ioctl = random_ioctl,
};

/* ---- kmsg: writing adds a line to the kernel's log ---- */

/*
 * One write is one line, cut at 254 bytes. "<6>" before it is the level that printk() of Linux
 * would give it; ours has none. Reading the log is syslog(2)'s business here.
 */
static ssize_t write_kmsg(struct file *f, struct iov_iter *it, loff_t *pos)
{
	char line[256];
	const char *text = line;
	size_t count = it->count, n = copy_from_iter(line, MIN(count, sizeof(line) - 1), it);

	if (!n)
		return count ? -EFAULT : 0;
	while (n && line[n - 1] == '\n')
		n--;
	line[n] = '\0';
	if (line[0] == '<' && strchr(line, '>'))
		text = strchr(line, '>') + 1;	/* "<6>": the level */
	printk("%s\n", text);
	iov_iter_advance(it, it->count);
	return count;
}

static const struct file_ops kmsg_ops = { .write = write_kmsg };

CHAR_DEVICE(null, MEM_MAJOR, 3, 1, "null", 0666, &null_ops, NULL);
CHAR_DEVICE(zero, MEM_MAJOR, 5, 1, "zero", 0666, &zero_ops, NULL);
CHAR_DEVICE(full, MEM_MAJOR, 7, 1, "full", 0666, &full_ops, NULL);
CHAR_DEVICE(random, MEM_MAJOR, 8, 1, "random", 0666, &random_ops, NULL);
CHAR_DEVICE(urandom, MEM_MAJOR, 9, 1, "urandom", 0666, &random_ops, NULL);
CHAR_DEVICE(kmsg, MEM_MAJOR, 11, 1, "kmsg", 0644, &kmsg_ops, NULL);
