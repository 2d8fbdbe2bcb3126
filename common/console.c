/*
 * The console: bytes go to the serial port and the screen, whichever `console=` names (both
 * if it names none), and come from the serial port.
 *
 * One lock keeps a write whole. It is the innermost of all, and the receiver's and the drained
 * callbacks run without it, so that they may print. A panic ignores the lock.
 */
#include "common/console.h"
#include "common/cmdline.h"
#include "common/panic.h"
#include "common/serial.h"
#include "common/spinlock.h"
#include "common/string.h"
#include "common/vga.h"

void (*console_input)(u8 byte);
void (*console_drained)(void);

static DEFINE_SPINLOCK(console_lock, RANK_CONSOLE);
static bool to_serial = true, to_screen = true;
static bool interrupts;		/* the transmit interrupt may be relied on */

void console_init(void)
{
	serial_init();
	vga_init();
}

/* cmdline_for_each() visitor: every console= counts, in any order. */
static void select_one(const char *value)
{
	if (!strncmp(value, "ttyS0", 5))
		to_serial = true;
	else if (!strncmp(value, "tty", 3) && strncmp(value, "ttyS", 4))
		to_screen = true;
}

void console_select(void)
{
	if (!cmdline_has("console"))
		return;
	to_serial = to_screen = false;
	cmdline_for_each("console", select_one);
	if (!to_serial && !to_screen)
		to_serial = to_screen = true;
}

static void serial_put_wait(u8 byte)
{
	if (serial_put(byte))
		return;
	serial_drain();
	serial_put(byte);
}

static void write_locked(const char *s, size_t n, bool cooked)
{
	for (size_t i = 0; i < n; i++) {
		if (to_serial || panicking()) {
			if (cooked && s[i] == '\n')
				serial_put_wait('\r');
			serial_put_wait(s[i]);
		}
		if (to_screen)
			vga_put(s[i]);
	}
	if (to_screen)
		vga_update();
	serial_send_more();
	if (!interrupts || panicking())
		serial_drain();
}

static void write_whole(const char *s, size_t n, bool cooked)
{
	bool locked = !panicking();

	if (locked)
		spin_lock(&console_lock);
	write_locked(s, n, cooked);
	if (locked)
		spin_unlock(&console_lock);
}

void console_write(const char *s, size_t n)
{
	write_whole(s, n, true);
}

void console_write_raw(const char *s, size_t n)
{
	write_whole(s, n, false);
}

void console_flush(void)
{
	bool locked = !panicking();

	if (locked)
		spin_lock(&console_lock);
	serial_drain();
	if (locked)
		spin_unlock(&console_lock);
}

size_t console_room(void)
{
	return to_serial ? serial_room() / 2 : 4096;
}

void serial_enable_irq(void)
{
	spin_lock(&console_lock);
	interrupts = true;
	serial_interrupts_on();
	spin_unlock(&console_lock);
}

static void receive(void)
{
	int byte;

	while ((byte = serial_get()) >= 0)
		if (console_input)
			console_input(byte);
}

static void transmit(void)
{
	bool drained;

	spin_lock(&console_lock);
	drained = serial_send_more();
	spin_unlock(&console_lock);
	if (drained && console_drained)
		console_drained();
}

void serial_irq(void *arg)
{
	int rounds = 0;

	do {
		receive();
		transmit();
	} while (serial_irq_pending() && ++rounds < 256);
}
