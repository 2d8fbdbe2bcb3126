/*
 * The ways to stop: panic, failed assertions, and warnings that go on.
 *
 * A panic takes no locks and allocates nothing: it stops the other CPUs, prints
 * the reason, a symbolised backtrace and a hint, and ends QEMU by isa-debug-exit if it
 * is there (README of grader/ lists the exit codes), else halts.
 */
#pragma once

#include "common/linkset.h"

struct trapframe;

void panic(const char *fmt, ...) __noreturn __printf(1, 2);
/* The same for a trap: prints the registers too. frame may be NULL. */
void panic_at(const struct trapframe *frame, const char *fmt, ...) __noreturn __printf(2, 3);
/* Print a warning with a backtrace and go on. */
void warn(const char *file, int line, const char *what);
/* True once a panic has begun on any CPU. */
bool panicking(void);
/*
 * Linker set "panic_hints": what to tell the student about a panic whose message contains one of
 * the phrases: the usual cause, and the lab whose handout (README.md#symptoms) says more. The first
 * that fits is printed, as the panic's last line.
 */
struct panic_hint {
	const char *lab, *text;
	const char *phrases[4];
};
#define PANIC_HINT(ident, lab, text, ...)					\
	static LINKSET(panic_hints, 50, const struct panic_hint, panic_hint_##ident) = \
		{ lab, text, { __VA_ARGS__ } }

/* How a panic stops the other CPUs; lab 02 sets it. Must not wait for locks. */
extern void (*stop_other_cpus)(void);

#define BUG_ON(cond) \
	do { if (unlikely(cond)) panic("%s:%d: BUG: %s", __FILE__, __LINE__, #cond); } while (0)
#define assert(cond)		\
	do {		\
		if (unlikely(!(cond)))		\
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond);		\
	} while (0)
#define WARN_ON_ONCE(cond) ({							\
	static bool warned_;							\
	bool c_ = !!(cond);							\
	if (unlikely(c_ && !warned_)) {						\
		warned_ = true;							\
		warn(__FILE__, __LINE__, #cond);				\
	}									\
	unlikely(c_); })

/* Backtrace by frame pointers, from the given one (0: the caller's). */
void backtrace(u64 rbp);
/* Read a word that may not be mapped: false if it is not. Any context. */
bool probe_read(u64 addr, u64 *value);
/* Name of the function at addr and the offset in it; "?" if unknown. */
const char *ksym_lookup(u64 addr, u64 *offset);

/*
 * What is to be done before the machine ends, or NULL. Called in any context, perhaps by a panic:
 * it waits for nobody.
 */
extern void (*machine_ending)(void);
/* End the machine: with an exit code through isa-debug-exit where present. */
void machine_exit(u8 code) __noreturn;
void machine_poweroff(void) __noreturn;
void machine_reset(void) __noreturn;
void machine_halt(void) __noreturn;

/*
 * Codes written to isa-debug-exit at port 0xf4; QEMU exits with 2 * code + 1.
 * 0 and 1 are never used: a triple fault under -no-reboot gives 0.
 */
#define EXIT_SUCCESS_CODE	0x10	/* QEMU's exit status 33 */
#define EXIT_FAILURE_CODE	0x11	/* 35: tests ran, not all passed */
#define EXIT_PANIC_CODE		0x12	/* 37: panic */
