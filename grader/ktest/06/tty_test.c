/*
 * Exercise 6.4 from inside: what tty_input() leaves in the buffer, up to its last place. The device
 * below takes the echo and counts the bells.
 */
#include "common/ktest.h"
#include "06-posix/tty/tty.h"

static struct tty tty;
static int bells;

static size_t device_write(struct tty *t, const u8 *buf, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bells += buf[i] == '\a';
	return n;
}

static size_t device_room(struct tty *t)
{
	return PAGE_SIZE;
}

static const struct tty_ops device = { .write = device_write, .room = device_room };

static void begin(void)
{
	memset(&tty, 0, sizeof(tty));
	tty_init(&tty, &device, 0);
	tty.termios.c_iflag |= IMAXBEL;
	bells = 0;
}

/* How many bytes of s were taken. */
static size_t type(const char *s)
{
	size_t n;

	mutex_lock(&tty.lock);
	n = tty_input(&tty, (const u8 *)s, strlen(s));
	mutex_unlock(&tty.lock);
	return n;
}

static void type_many(const char *s, int times)
{
	while (times--)
		KTEST_EQ(type(s), 1);
}

KTEST(tty_line_marks, "6.4", 1, "a line is marked at its last character, and nothing erases beyond its beginning")
{
	begin();
	KTEST_EQ(type("ab"), 2);
	KTEST_EQ(tty_available(&tty), 0);
	KTEST_EQ(type("\n"), 1);
	KTEST_EQ(tty_available(&tty), 3);
	KTEST_ASSERT(!tty_ends_line(&tty, 0) && !tty_ends_line(&tty, 1) && tty_ends_line(&tty, 2));
	KTEST_EQ(type("cd"), 2);
	KTEST_CALL(type_many("\177", 10));
	KTEST_MSG(tty.head == 3 && tty.canon == 3,
		  "ten times erase: the line begins at %u, but ends at %u", tty.canon, tty.head);
	KTEST_EQ(type("ef\4"), 3);
	KTEST_MSG(tty.canon == 6 && tty_ends_line(&tty, 5) && *tty_char(&tty, 5) == DISABLED_CHAR,
		  "EOF ends the line \"ef\" by a character that no reader gets");
	KTEST_EQ(bells, 0);
}

KTEST(tty_full, "6.4", 1, "a line has 4095 characters and its end; what is too much rings the bell and is lost; the next line waits")
{
	begin();
	KTEST_CALL(type_many("a", TTY_BUF_SIZE - 1));
	KTEST_EQ(tty.head, TTY_BUF_SIZE - 1);
	KTEST_EQ(bells, 0);
	KTEST_CALL(type_many("b", 3));
	KTEST_MSG(tty.head == TTY_BUF_SIZE - 1,
		  "the last place is kept for the end of the line, but %u of %d are taken",
		  tty.head, TTY_BUF_SIZE);
	KTEST_EQ(bells, 3);
	KTEST_EQ(type("\n"), 1);
	KTEST_EQ(tty_available(&tty), TTY_BUF_SIZE);
	KTEST_MSG(type("\n") == 0 && tty.head == TTY_BUF_SIZE && bells == 3,
		  "the buffer is full of a complete line: what follows has to wait for a reader");
	begin();
	tty.termios.c_lflag &= ~ICANON;
	KTEST_CALL(type_many("a", TTY_BUF_SIZE));
	KTEST_EQ(type("b"), 0);
	KTEST_EQ(tty_available(&tty), TTY_BUF_SIZE);
}
