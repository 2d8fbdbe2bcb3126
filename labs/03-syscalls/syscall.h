/*
 * System calls: one line defines one.
 *
 *	SYSCALL3(1, write, int, fd, const void __user *, buf, size_t, count)
 *	{
 *		...
 *		return bytes;
 *	}
 *
 * The macro makes the typed function, a wrapper that takes the arguments from
 * the trapframe, an element of the linker set "syscalls" (from which the
 * dispatch table, the list of calls and strace=1 are made), and a symbol named
 * by the number, so that a duplicate fails to link.
 *
 * A call returns a value or a negative errno; it runs with interrupts on and may sleep.
 * -ERESTART* come back only if a signal (or an injected interruption) is pending.
 */
#pragma once

#include "common/errno.h"
#include "common/linkset.h"
#include "common/trap.h"

struct syscall {
	int nr;
	int argc;
	const char *name;
	long (*fn)(struct trapframe *f);
	const char *types[6], *args[6];	/* for the trace: "int", "fd" */
};

/* Registers of the arguments: SYSCALL convention of the psABI, appendix A.2. */
#define SC_R1	f->rdi
#define SC_R2	f->rsi
#define SC_R3	f->rdx
#define SC_R4	f->r10
#define SC_R5	f->r8
#define SC_R6	f->r9

/*
 * The types in the SYSCALL lines convert each register as C would: an int argument loses the upper
 * half of its register, which the ABI leaves undefined.
 */
#define SYSCALL_(nr_, name_, argc_, proto, call, ...)				\
	static long sys_##name_ proto;						\
	static long sysentry_##name_(struct trapframe *f __unused)		\
	{									\
		return sys_##name_ call;					\
	}									\
	extern const char syscall_number_##nr_[];				\
	const char syscall_number_##nr_[] __section(".rodata.sysnr") = #name_;	\
	static LINKSET(syscalls, 50, const struct syscall, syscall_##name_) =	\
		{ nr_, argc_, #name_, sysentry_##name_, __VA_ARGS__ };		\
	static long sys_##name_ proto

#define SYSCALL0(nr, name) \
	SYSCALL_(nr, name, 0, (void), (), { 0 }, { 0 })
#define SYSCALL1(nr, name, t1, a1) \
	SYSCALL_(nr, name, 1, (t1 a1), ((t1)SC_R1), { #t1 }, { #a1 })
#define SYSCALL2(nr, name, t1, a1, t2, a2) \
	SYSCALL_(nr, name, 2, (t1 a1, t2 a2), ((t1)SC_R1, (t2)SC_R2), { #t1, #t2 }, { #a1, #a2 })
#define SYSCALL3(nr, name, t1, a1, t2, a2, t3, a3) \
	SYSCALL_(nr, name, 3, (t1 a1, t2 a2, t3 a3), ((t1)SC_R1, (t2)SC_R2, (t3)SC_R3), \
		 { #t1, #t2, #t3 }, { #a1, #a2, #a3 })
#define SYSCALL4(nr, name, t1, a1, t2, a2, t3, a3, t4, a4) \
	SYSCALL_(nr, name, 4, (t1 a1, t2 a2, t3 a3, t4 a4), \
		 ((t1)SC_R1, (t2)SC_R2, (t3)SC_R3, (t4)SC_R4), \
		 { #t1, #t2, #t3, #t4 }, { #a1, #a2, #a3, #a4 })
#define SYSCALL5(nr, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	SYSCALL_(nr, name, 5, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5), \
		 ((t1)SC_R1, (t2)SC_R2, (t3)SC_R3, (t4)SC_R4, (t5)SC_R5), \
		 { #t1, #t2, #t3, #t4, #t5 }, { #a1, #a2, #a3, #a4, #a5 })
#define SYSCALL6(nr, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6) \
	SYSCALL_(nr, name, 6, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6), \
		 ((t1)SC_R1, (t2)SC_R2, (t3)SC_R3, (t4)SC_R4, (t5)SC_R5, (t6)SC_R6), \
		 { #t1, #t2, #t3, #t4, #t5, #t6 }, { #a1, #a2, #a3, #a4, #a5, #a6 })

/* Linux's numbers end below that. */
#define SYSCALL_MAX	512

/*
 * Calls that need the user's registers themselves (clone, rt_sigreturn, ...)
 * use current->frame.
 */

/*
 * What entry.S calls, with interrupts on: runs the call f->orig_rax and stores its result in
 * f->rax.
 */
void syscall_dispatch(struct trapframe *f);

/* The call with that number, or NULL. */
const struct syscall *syscall_find(u64 nr);

/*
 * Make f repeat its interrupted call when the user's registers are loaded: for a call that
 * returned -ERESTART* and no handler was run. 06 calls it when no signal was delivered after all.
 */
void syscall_restart(struct trapframe *f);

/* True if v is one of the -ERESTART* codes. */
static inline bool is_restart_code(u64 v)
{
	return v >= (u64)-ERESTART_RESTARTBLOCK && v <= (u64)-ERESTARTSYS;
}

/*
 * Work around a call (tracing, filters), for threads that have `bit` (one of WORK_ENTRY) set in
 * their work: linker set "syscall_work", in order. enter returns false to skip the call (it
 * has then set f->rax); leave runs after the call. Either may be NULL.
 */
struct syscall_work {
	u64 bit;
	bool (*enter)(struct trapframe *f);
	void (*leave)(struct trapframe *f);
};
#define SYSCALL_WORK(order, ident, ...)						\
	static LINKSET(syscall_work, order, const struct syscall_work,		\
		       syscall_work_##ident) = { __VA_ARGS__ }
