/*
 * The console: where printk goes and what /dev/console reads.
 *
 * Output sinks are the first serial port (polled until interrupts work, then
 * buffered and sent by interrupt) and the VGA text screen. A panic writes
 * polled. Input arrives by interrupt into a ring buffer; lab 03's
 * console file and lab 06's terminal take it from there.
 */
#pragma once

#include "common/types.h"

/* Write n bytes raw (a newline becomes CR LF). May be called anywhere; may spin but not sleep. */
void console_write(const char *s, size_t n);
/* The same without turning newlines into CR LF: for a terminal, which has its own settings. */
void console_write_raw(const char *s, size_t n);

/* At boot: find the ports; then, once the command line is known, heed `console=`. */
void console_init(void);
void console_select(void);

/* Waits until everything written has left the port (polled). */
void console_flush(void);

/*
 * Input: called in interrupt context for each byte that arrives. One receiver;
 * set by lab 03's console file, then by lab 06's terminal. NULL: bytes are dropped.
 */
extern void (*console_input)(u8 byte);

/* Switch from polling to interrupts; called by 02 once the I/O APIC routes IRQ 4. */
void serial_enable_irq(void);
/* IRQ 4's and IRQ 3's handler. */
void serial_irq(void *arg);

/* Number of free bytes in the output buffer, so that a terminal can wait for room (poll). */
size_t console_room(void);
/* Called (in interrupt context) when the output buffer has drained below half. May be NULL. */
extern void (*console_drained)(void);

/*
 * The second serial port: the grader's KTAP stream. Present when the port
 * answers; 0 or -ENODEV. Output is polled.
 */
int serial2_write(const char *s, size_t n);
bool serial2_present(void);
