/*
 * The 80x25 text screen at 0xb8000. (IBM VGA, CRT controller registers 0x0c to 0x0f.)
 *
 * Its 32 KiB hold 204 lines; scrolling moves the start address and copies only when the end is
 * reached, because every access to this memory is slow, and reading it is slowest: the visible
 * lines are kept in ordinary memory too.
 */
#include "common/vga.h"
#include "common/layout.h"
#include "common/string.h"
#include "common/x86.h"

#define COLUMNS		80
#define ROWS		25
#define LINES		(0x8000 / 2 / COLUMNS)	/* that fit into the screen's memory */
#define BLANK		0x0720			/* a space, light grey on black */
#define CRTC		0x3d4
#define MISC_READ	0x3cc			/* bit 0: registers at 0x3d4 (colour) */

static u16 shadow[ROWS][COLUMNS];		/* ring of lines; shadow_top is the first shown */
static int shadow_top;
static int top;					/* line of the screen's memory shown first */
static int row, column;
static int escape;				/* 1 after ESC, 2 inside ESC [ */
static bool present;

static volatile u16 *cell(int line, int col)
{
	return (volatile u16 *)phys_to_virt(0xb8000) + line * COLUMNS + col;
}

static u16 *shadow_line(int r)
{
	return shadow[(shadow_top + r) % ROWS];
}

static void crtc_write(u8 index, u16 value)
{
	outb(CRTC, index);
	outb(CRTC + 1, value >> 8);
	outb(CRTC, index + 1);
	outb(CRTC + 1, value);
}

static void redraw(void)
{
	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < COLUMNS; c++)
			*cell(top + r, c) = shadow_line(r)[c];
}

void vga_init(void)
{
	present = inb(MISC_READ) != 0xff && (inb(MISC_READ) & 1);
	if (!present)
		return;
	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < COLUMNS; c++)
			shadow[r][c] = BLANK;
	redraw();
	crtc_write(0x0c, 0);
	vga_update();
}

static void scroll(void)
{
	shadow_top = (shadow_top + 1) % ROWS;
	for (int c = 0; c < COLUMNS; c++)
		shadow_line(ROWS - 1)[c] = BLANK;
	if (++top + ROWS > LINES) {
		top = 0;
		redraw();
	} else {
		for (int c = 0; c < COLUMNS; c++)
			*cell(top + ROWS - 1, c) = BLANK;
	}
	crtc_write(0x0c, top * COLUMNS);
}

static void new_line(void)
{
	if (row == ROWS - 1)
		scroll();
	else
		row++;
}

static void show(u8 byte)
{
	if (column == COLUMNS) {
		column = 0;
		new_line();
	}
	shadow_line(row)[column] = 0x0700 | byte;
	*cell(top + row, column) = 0x0700 | byte;
	column++;
}

/* True while byte belongs to an escape sequence (ECMA-48: ESC [ parameters final). */
static bool in_escape(u8 byte)
{
	if (escape == 1)
		escape = byte == '[' ? 2 : 0;
	else if (escape == 2)
		escape = byte >= 0x40 && byte <= 0x7e ? 0 : 2;
	else if (byte == 0x1b)
		escape = 1;
	else
		return false;
	return true;
}

void vga_put(u8 byte)
{
	if (!present || in_escape(byte))
		return;
	switch (byte) {
	case '\n':
		column = 0;
		new_line();
		break;
	case '\r':
		column = 0;
		break;
	case '\b':
		column -= column > 0;
		break;
	case '\t':
		do
			show(' ');
		while (column % 8);
		break;
	default:
		if (byte >= ' ')
			show(byte);
	}
}

void vga_update(void)
{
	if (present)
		crtc_write(0x0e, (top + row) * COLUMNS + MIN(column, COLUMNS - 1));
}
