/*
 * Exercise 2.1: context_switch(), called by hand between this thread's stack and a context that was
 * laid out as thread_alloc() lays out a new thread's.
 */
#include "common/ktest.h"
#include "common/x86.h"
#include "02-usermode/switch.h"
#include "02-usermode/thread.h"
#include "02-usermode/timer.h"

/* rbx, rbp, r12 to r15: as the other context finds them first, and as we find them after a switch.
 */
u64 ktest_switch_seen[6], ktest_switch_kept[6];
u64 ktest_switch_here, ktest_switch_other;
u64 ktest_switch_visits;
void ktest_switch_entry(void);
void ktest_switch_go(void);

/*
 * The other context stores what it was given, then spoils every register that it may and goes
 * back, again and again. ktest_switch_go() fills the registers with 1 to 6, goes there and stores
 * what is in them afterwards.
 */
__asm__(
	".macro KTEST_STORE to\n"
	"	mov %rbx, \\to(%rip)\n"
	"	mov %rbp, \\to+8(%rip)\n"
	"	mov %r12, \\to+16(%rip)\n"
	"	mov %r13, \\to+24(%rip)\n"
	"	mov %r14, \\to+32(%rip)\n"
	"	mov %r15, \\to+40(%rip)\n"
	".endm\n"
	".text\n"
	".globl ktest_switch_entry, ktest_switch_go\n"
	"ktest_switch_entry:\n"
	"	KTEST_STORE ktest_switch_seen\n"
	"1:	incq ktest_switch_visits(%rip)\n"
	"	mov $0xbad1, %rbx\n"
	"	mov $0xbad2, %rbp\n"
	"	mov $0xbad3, %r12\n"
	"	mov $0xbad4, %r13\n"
	"	mov $0xbad5, %r14\n"
	"	mov $0xbad6, %r15\n"
	"	mov $ktest_switch_other, %rdi\n"
	"	mov ktest_switch_here(%rip), %rsi\n"
	"	call context_switch\n"
	"	jmp 1b\n"
	"ktest_switch_go:\n"
	"	push %rbx\n"
	"	push %rbp\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	mov $1, %rbx\n"
	"	mov $2, %rbp\n"
	"	mov $3, %r12\n"
	"	mov $4, %r13\n"
	"	mov $5, %r14\n"
	"	mov $6, %r15\n"
	"	mov $ktest_switch_here, %rdi\n"
	"	mov ktest_switch_other(%rip), %rsi\n"
	"	call context_switch\n"
	"	KTEST_STORE ktest_switch_kept\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	ret\n"
);

static u64 other_stack[512] __aligned(16);

/* What a thread that has never run has on its stack: r15 to r12, rbx, rbp, where to begin. */
static void lay_out(void)
{
	static const u64 frame[] = { 15, 14, 13, 12, 1003, 1005 };
	u64 *sp = other_stack + 500;

	for (int i = 0; i < ARRAY_SIZE(frame); i++)
		sp[i] = frame[i];
	sp[ARRAY_SIZE(frame)] = (u64)ktest_switch_entry;
	ktest_switch_other = (u64)sp;
	ktest_switch_visits = 0;
	memset(ktest_switch_seen, 0, sizeof(ktest_switch_seen));
	memset(ktest_switch_kept, 0, sizeof(ktest_switch_kept));
}

static void go(int times)
{
	cli();
	for (int i = 0; i < times; i++)
		ktest_switch_go();
	sti();
}

KTEST(switch_new_context, "2.1", 5, "the first switch to a new thread takes its registers from the frame that was laid out")
{
	lay_out();
	go(1);
	KTEST_EQ(ktest_switch_visits, 1);
	KTEST_EQ(ktest_switch_seen[0], 1003);	/* rbx */
	KTEST_EQ(ktest_switch_seen[1], 1005);	/* rbp */
	for (int i = 0; i < 4; i++)
		KTEST_EQ(ktest_switch_seen[2 + i], 12 + i);
}

KTEST(switch_keeps_registers, "2.1", 5, "rbx, rbp and r12 to r15 have their values when a thread comes back")
{
	lay_out();
	go(1);
	KTEST_EQ(ktest_switch_visits, 1);
	for (int i = 0; i < 6; i++)
		KTEST_EQ(ktest_switch_kept[i], i + 1);
}

KTEST(switch_many, "2.1", 2, "two contexts take turns ten thousand times, and no stack creeps")
{
	u64 sp;

	lay_out();
	go(1);
	sp = ktest_switch_other;
	go(9999);
	KTEST_EQ(ktest_switch_visits, 10000);
	KTEST_EQ(ktest_switch_other, sp);
	for (int i = 0; i < 6; i++)
		KTEST_EQ(ktest_switch_kept[i], i + 1);
}

/* ---- as the scheduler uses it ---- */

#define ROUNDS	200

static u64 sums[3];
static int finished;

/* A local variable that lives across the switches, in a register if the compiler has its way. */
static void adder(void *arg)
{
	u64 *sum = arg, local = 0;

	for (u64 i = 1; i <= ROUNDS; i++) {
		local += i;
		thread_yield();
		*sum = local;
	}
	__atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
}

KTEST(switch_threads, "2.1", 4, "three kernel threads that yield to each other keep their local variables")
{
	u64 deadline = clock_monotonic() + 10 * NSEC_PER_SEC;

	finished = 0;
	for (int i = 0; i < 3; i++) {
		sums[i] = 0;
		KTEST_ASSERT(kthread_create("ktest", adder, &sums[i]));
	}
	while (READ_ONCE(finished) < 3 && clock_monotonic() < deadline)
		sleep_until(clock_monotonic() + NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
	KTEST_EQ(finished, 3);
	for (int i = 0; i < 3; i++)
		KTEST_EQ(sums[i], ROUNDS * (ROUNDS + 1) / 2);
}
