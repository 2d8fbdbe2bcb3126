/*
 * The terminal on the console's port: /dev/ttyS0, and under it /dev/console; /dev/tty.
 *
 * Interrupts bring bytes into a small ring; a kernel thread feeds them to the line discipline,
 * which may sleep: it takes a mutex, and ^C asks for tree_lock. So interrupt code touches nothing
 * but the ring. Output goes into the console driver's buffer, which empties itself by interrupt
 * and tells when there is room again; the kernel's own messages go the same way and need no
 * terminal.
 *
 * /dev/console is this terminal with two differences (console(4)): opening it never makes it
 * a controlling terminal, and no hangup ends its files, because process 1 keeps them open for
 * as long as the machine runs and has nowhere else to complain.
 */
#include "06-posix/tty/tty.h"
#include "common/console.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "02-usermode/thread.h"
#include "05-vfs/inode.h"
#include "06-posix/poll/poll.h"

#define RING_SIZE	1024

static struct tty serial_tty;

static struct {
	struct spinlock lock;		/* RANK_LEAF */
	u32 head, tail;
	u8 bytes[RING_SIZE];
	struct wait_queue filled;
} ring = { .lock = SPINLOCK_INIT("serial input", RANK_LEAF),
	   .filled = WAIT_QUEUE_INIT(ring.filled) };

/* In interrupt context. What does not fit is lost, as on any serial line. */
static void receive(u8 byte)
{
	spin_lock(&ring.lock);
	if (ring.head - ring.tail < RING_SIZE)
		ring.bytes[ring.head++ % RING_SIZE] = byte;
	spin_unlock(&ring.lock);
	wake_up(&ring.filled);
}

static size_t take(u8 *buf, size_t n)
{
	size_t i;

	spin_lock(&ring.lock);
	for (i = 0; i < n && ring.tail != ring.head; i++)
		buf[i] = ring.bytes[ring.tail++ % RING_SIZE];
	spin_unlock(&ring.lock);
	return i;
}

static DEFINE_WAIT_QUEUE(input_room);

/*
 * The thread between interrupt and line discipline. Bytes that the line discipline does not take
 * wait here, then in the ring; when that is full the interrupt drops them. Programs make room by
 * reading (serial_input_room). A ^C behind them waits, too, as on Linux.
 */
static void feed(void *arg)
{
	u8 buf[64];
	size_t n, done;

	for (;;) {
		wait_event(&ring.filled, READ_ONCE(ring.head) != READ_ONCE(ring.tail),
			   WAIT_UNINTERRUPTIBLE);
		n = take(buf, sizeof(buf));
		for (done = 0; done < n;) {
			mutex_lock(&serial_tty.lock);
			done += tty_input(&serial_tty, buf + done, n - done);
			mutex_unlock(&serial_tty.lock);
			if (done < n)
				wait_event(&input_room, tty_input_room(&serial_tty),
					   WAIT_UNINTERRUPTIBLE);
		}
	}
}

/* In interrupt context; wait queues may be woken there. */
static void drained(void)
{
	wake_up_poll(&serial_tty.writable, POLL_WRITABLE);
}

static size_t serial_write(struct tty *tty, const u8 *buf, size_t n)
{
	n = MIN(n, console_room());
	console_write_raw((const char *)buf, n);
	return n;
}

static size_t serial_room(struct tty *tty)
{
	return console_room();
}

static void serial_input_room(struct tty *tty)
{
	wake_up(&input_room);
}

static const struct tty_ops serial_ops = {
	.write = serial_write,
	.room = serial_room,
	.input_room = serial_input_room,
};

struct tty *console_tty(void)
{
	tty_get(&serial_tty);
	return &serial_tty;
}

/* ---- devices ---- */

static int open_serial(struct inode *i, struct file *f)
{
	int error = tty_open_file(console_tty(), f, !(f->flags & O_NOCTTY));

	if (error)
		tty_put(&serial_tty);
	return error;
}

static int open_console(struct inode *i, struct file *f)
{
	int error = tty_open_file(console_tty(), f, false);

	if (!error)
		f->pos = TTY_POS_CONSOLE;
	else
		tty_put(&serial_tty);
	return error;
}

/* /dev/tty: whatever controls the process. */
static int open_current(struct inode *i, struct file *f)
{
	struct tty *tty = current_tty();
	int error;

	if (!tty)
		return -ENXIO;
	error = tty_open_file(tty, f, false);
	if (error)
		tty_put(tty);
	return error;
}

CHAR_DEVICE(serial_tty, .major = 4, .first_minor = 64, .count = 1, .name = "ttyS%d",
	    .mode = S_IFCHR | 0620, .ops = &tty_file_ops, .open = open_serial);
CHAR_DEVICE(current_tty, .major = 5, .first_minor = 0, .count = 1, .name = "tty",
	    .mode = S_IFCHR | 0666, .ops = &tty_file_ops, .open = open_current);
CHAR_DEVICE(console, .major = 5, .first_minor = 1, .count = 1, .name = "console",
	    .mode = S_IFCHR | 0600, .ops = &tty_file_ops, .open = open_console);

/* Standard input, output and error of process 1, whatever the disk's /dev holds. */
struct file *open_init_console(void)
{
	struct file *f = tty_file_alloc(console_tty(), O_RDWR);

	if (!IS_ERR(f))
		f->pos = TTY_POS_CONSOLE;
	return f;
}

static void serial_tty_init(void)
{
	tty_init(&serial_tty, &serial_ops, MKDEV(4, 64));
	strlcpy(serial_tty.name, "ttyS0", sizeof(serial_tty.name));
	serial_tty.termios.c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL;
	if (!kthread_create("ttyS0", feed, NULL))
		panic("no memory for the terminal");
	/* The one receiver of input is from now on this, no more lab 03's console file. */
	console_drained = drained;
	console_input = receive;
}
INITCALL(70, serial_tty_init);
