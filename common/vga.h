/* The VGA text screen as an output of the console (vga.c); the caller holds the console's lock. */
#pragma once

#include "common/types.h"

/* Clear the screen, if there is one in text mode. */
void vga_init(void);
/* Show one byte: printable characters, newline, \r, \b, \t; ANSI escape sequences are skipped. */
void vga_put(u8 byte);
/* Make the cursor follow. */
void vga_update(void);
