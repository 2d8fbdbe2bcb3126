/* Exercises 6.1 (delivering signals) and 6.2 (signal frames). */
#include "posix.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

static volatile sig_atomic_t count, last, order[8];
static siginfo_t info;
static volatile unsigned long frame_address;

static void counter(int sig)
{
	last = sig;
	count++;
}

static void recorder(int sig, siginfo_t *si, void *uc)
{
	info = *si;
	if (count < 8)
		order[count] = sig;
	count++;
	frame_address = (unsigned long)__builtin_frame_address(0);
	(void)uc;
}

static void record(int sig, int flags)
{
	struct sigaction act = { .sa_sigaction = recorder, .sa_flags = SA_SIGINFO | flags };

	sigfillset(&act.sa_mask);
	UT_EQ(sigaction(sig, &act, NULL), 0);
}

/* ---- 6.1 ---- */

static void quit_child(void)
{
	signal(SIGQUIT, SIG_DFL);	/* a shell ignores it for programs in the background */
	raise(SIGQUIT);
}

static void term_child(void)
{
	raise(SIGTERM);
}

static void ignore_child(void)
{
	raise(SIGCHLD);
	raise(SIGURG);
	raise(SIGWINCH);
	raise(SIGCONT);
	_exit(7);
}

UTEST(signal_default, "6.1", 3, "handlers run; without one SIGQUIT and SIGTERM kill, SIGCHLD and SIGURG do nothing")
{
	int status;

	handle(SIGUSR1, counter, 0);
	UT_EQ(raise(SIGUSR1), 0);
	UT_EQ(count, 1);
	UT_EQ(last, SIGUSR1);
	status = in_child(quit_child);
	UT_ASSERT(WIFSIGNALED(status));
	UT_EQ(WTERMSIG(status), SIGQUIT);
	status = in_child(term_child);
	UT_ASSERT(WIFSIGNALED(status));
	UT_EQ(WTERMSIG(status), SIGTERM);
	UT_EQ(in_child(ignore_child), 7 << 8);
	handle(SIGUSR1, counter, SA_RESETHAND);
	UT_EQ(raise(SIGUSR1), 0);
	UT_EQ(count, 2);
	struct sigaction act;
	UT_EQ(sigaction(SIGUSR1, NULL, &act), 0);
	UT_ASSERT(act.sa_handler == SIG_DFL);
	if (getppid() == 1) {	/* in Trellis: nothing that init does not handle can kill it */
		UT_EQ(kill(1, SIGUSR2), 0);
		UT_EQ(kill(1, SIGKILL), 0);
		sleep_ms(50);
	}
}

static void blocked_child(void)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &all, NULL);
	raise(SIGCHLD);
	raise(SIGURG);
	raise(SIGWINCH);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(7);
}

static void orphan_child(void)
{
	/* its parent is in another session: nobody here could continue it */
	setsid();
	raise(SIGTSTP);
	_exit(8);
}

UTEST(signal_rules, "6.1", 1, "what is ignored by default does nothing after it was blocked; SIGTSTP stops no orphaned group")
{
	int status;
	pid_t pid;

	UT_EQ(in_child(blocked_child), 7 << 8);
	pid = fork();
	if (pid == 0) {		/* a group of its own, but a parent in the same session */
		setpgid(0, 0);
		raise(SIGTSTP);
		_exit(0);
	}
	status = wait_limited(pid, WUNTRACED);
	UT_ASSERT(status != -1 && WIFSTOPPED(status));
	kill(pid, SIGKILL);
	wait_limited(pid, 0);
	UT_EQ(in_child(orphan_child), 8 << 8);
}

UTEST(stop_usage, "6.0", 0, "wait4 tells what a child has used also when it has only stopped")
{
	struct rusage used = { 0 };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		for (volatile clock_t end = clock() + CLOCKS_PER_SEC / 50; clock() < end;)
			;
		raise(SIGSTOP);
		_exit(0);
	}
	UT_EQ(wait4(pid, &status, WUNTRACED, &used), pid);
	UT_ASSERT(WIFSTOPPED(status));
	UT_ASSERT(used.ru_utime.tv_sec || used.ru_utime.tv_usec || used.ru_stime.tv_usec);
	UT_ASSERT(used.ru_maxrss > 0);
	kill(pid, SIGKILL);
	UT_EQ(wait_limited(pid, 0), SIGKILL);
}

UTEST(signal_stop, "6.1", 5, "SIGSTOP stops, SIGCONT continues, wait4 reports both, and the handler of SIGCONT runs")
{
	int status, go[2], end[2];
	pid_t pid;
	char c;

	UT_EQ(pipe(go), 0);
	UT_EQ(pipe(end), 0);
	pid = fork();
	if (pid == 0) {
		close(end[1]);
		handle(SIGCONT, counter, SA_RESTART);
		UT_EQ(write(go[1], "r", 1), 1);
		UT_EQ(read(end[0], &c, 1), 0);
		_exit(count == 1 ? 5 : 6);
	}
	UT_EQ(read(go[0], &c, 1), 1);
	UT_EQ(kill(pid, SIGSTOP), 0);
	status = wait_limited(pid, WUNTRACED);
	UT_ASSERT(status != -1 && WIFSTOPPED(status));
	UT_EQ(WSTOPSIG(status), SIGSTOP);
	UT_EQ(waitpid(pid, &status, WNOHANG | WUNTRACED), 0);
	UT_EQ(kill(pid, SIGCONT), 0);
	status = wait_limited(pid, WCONTINUED);
	UT_ASSERT(status != -1 && WIFCONTINUED(status));
	close(end[1]);
	status = wait_limited(pid, 0);
	UT_ASSERT(WIFEXITED(status));
	UT_EQ(WEXITSTATUS(status), 5);
}

UTEST(signal_order, "6.1", 4, "blocked signals wait; classic ones once, realtime ones queued in order with their values")
{
	sigset_t all, none, pending;

	sigfillset(&all);
	sigemptyset(&none);
	record(SIGUSR1, 0);
	record(SIGRTMIN, 0);
	record(SIGRTMIN + 1, 0);
	UT_EQ(sigprocmask(SIG_SETMASK, &all, NULL), 0);
	for (int i = 1; i <= 2; i++)
		UT_EQ(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = i }), 0);
	UT_EQ(kill(getpid(), SIGUSR1), 0);
	UT_EQ(kill(getpid(), SIGUSR1), 0);
	UT_EQ(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 9 }), 0);
	UT_EQ(sigpending(&pending), 0);
	UT_ASSERT(sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGRTMIN));
	UT_EQ(count, 0);
	UT_EQ(sigprocmask(SIG_SETMASK, &none, NULL), 0);
	UT_EQ(count, 4);
	UT_EQ(order[0], SIGUSR1);
	UT_EQ(order[1], SIGRTMIN);
	UT_EQ(order[2], SIGRTMIN + 1);
	UT_EQ(order[3], SIGRTMIN + 1);
	UT_EQ(info.si_value.sival_int, 2);
	UT_EQ(info.si_code, SI_QUEUE);
	UT_EQ(info.si_pid, getpid());
}

static void *fault_page;

static void fix_fault(int sig, siginfo_t *si, void *uc)
{
	info = *si;
	count++;
	mprotect(fault_page, 4096, PROT_READ | PROT_WRITE);
	(void)sig, (void)uc;
}

static void blocked_fault(void)
{
	sigset_t set;

	handle(SIGSEGV, counter, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*(volatile int *)fault_page = 1;
}

UTEST(signal_fault, "6.1", 3, "a fault is SIGSEGV with its address and reason; blocked, it kills")
{
	struct sigaction act = { .sa_sigaction = fix_fault, .sa_flags = SA_SIGINFO };
	int status;

	fault_page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	UT_ASSERT(fault_page != MAP_FAILED);
	status = in_child(blocked_fault);
	UT_ASSERT(status != -1 && WIFSIGNALED(status));
	UT_EQ(WTERMSIG(status), SIGSEGV);
	UT_EQ(sigaction(SIGSEGV, &act, NULL), 0);
	*((volatile char *)fault_page + 5) = 1;
	UT_EQ(count, 1);
	UT_EQ(info.si_code, SEGV_ACCERR);
	UT_ASSERT(info.si_addr == (char *)fault_page + 5);
	UT_EQ(info.si_signo, SIGSEGV);
}

/* ---- 6.2 ---- */

UTEST(frame_alignment, "6.2", 2, "a handler starts with the stack aligned as after a call, from any stack pointer")
{
	record(SIGUSR1, 0);
	for (int shift = 0; shift < 16; shift += 8) {
		long pid = getpid();

		/* kill(pid, SIGUSR1) with rsp moved by `shift` */
		__asm__ volatile("sub %1, %%rsp; syscall; add %1, %%rsp"
				 : "+a"((long){ SYS_kill })
				 : "r"((long)shift + 256), "D"(pid), "S"((long)SIGUSR1)
				 : "rcx", "r11", "memory");
		UT_EQ(count, shift / 8 + 1);
		UT_EQ(frame_address % 16, 0);
	}
}

UTEST(frame_redzone, "6.2", 3, "the 128 bytes below the stack pointer survive a signal")
{
	long damaged = 0;

	handle(SIGUSR1, counter, 0);
	__asm__ volatile(
		"sub $512, %%rsp\n\t"
		"mov $-128, %%rcx\n"
		"1:	movq $0x5aa55aa5, (%%rsp,%%rcx)\n\t"
		"add $8, %%rcx\n\t"
		"jnz 1b\n\t"
		"syscall\n\t"
		"mov $-128, %%rcx\n"
		"2:	cmpq $0x5aa55aa5, (%%rsp,%%rcx)\n\t"
		"je 3f\n\t"
		"inc %0\n"
		"3:	add $8, %%rcx\n\t"
		"jnz 2b\n\t"
		"add $512, %%rsp"
		: "+r"(damaged)
		: "a"((long)SYS_kill), "D"((long)getpid()), "S"((long)SIGUSR1)
		: "rcx", "r11", "memory", "cc");
	UT_EQ(count, 1);
	UT_EQ(damaged, 0);
}

static volatile long handler_flags;

static void spoiler(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;
	long flags;

	__asm__ volatile("pushfq; pop %0" : "=r"(flags));
	handler_flags = flags;
	__asm__ volatile(
		"xorps %%xmm3, %%xmm3; xor %%r12, %%r12; xor %%ebx, %%ebx; xor %%r15, %%r15" ::
			: "xmm3", "r12", "rbx", "r15");
	count++;
	uc->uc_mcontext.gregs[REG_R13] = 4242;
	(void)sig, (void)si;
}

UTEST(frame_registers, "6.2", 4, "all registers, also xmm, are as before after a handler; what it changed in the ucontext counts")
{
	struct sigaction act = { .sa_sigaction = spoiler, .sa_flags = SA_SIGINFO };
	long r12 = 0x1212, rbx = 0xbbbb, r13 = 1, flags;
	double d = 2.5, after;

	UT_EQ(sigaction(SIGUSR1, &act, NULL), 0);
	__asm__ volatile("movsd %[d], %%xmm3\n\t"
			 "mov %[r12], %%r12\n\t"
			 "mov %[rbx], %%rbx\n\t"
			 "mov $1, %%r13d\n\t"
			 "stc\n\t"
			 "std\n\t"
			 "syscall\n\t"
			 "pushfq\n\t"
			 "pop %[flags]\n\t"
			 "cld\n\t"
			 "mov %%r12, %[r12]\n\t"
			 "mov %%rbx, %[rbx]\n\t"
			 "mov %%r13, %[r13]\n\t"
			 "movsd %%xmm3, %[after]"
			 : [r12] "+m"(r12), [rbx] "+m"(rbx), [r13] "=m"(r13), [after] "=m"(after),
			   [flags] "=&r"(flags)
			 : [d] "m"(d), "a"((long)SYS_kill), "D"((long)getpid()), "S"((long)SIGUSR1)
			 : "rcx", "r11", "r12", "rbx", "r13", "xmm3", "memory", "cc");
	UT_EQ(count, 1);
	UT_EQ(r12, 0x1212);
	UT_EQ(rbx, 0xbbbb);
	UT_EQ(r13, 4242);
	UT_ASSERT(after == 2.5);
	UT_EQ(flags & 0x401, 0x401);		/* carry and direction */
	UT_EQ(handler_flags & 0x400, 0);	/* the psABI wants it clear on entry */
}

static char stack[65536] __attribute__((aligned(16)));

UTEST(frame_altstack, "6.2", 3, "SA_ONSTACK puts the frame on the alternate stack, which sigaltstack reports")
{
	stack_t st = { .ss_sp = stack, .ss_size = sizeof(stack) }, was;

	UT_EQ(sigaltstack(&st, NULL), 0);
	record(SIGUSR1, SA_ONSTACK);
	record(SIGUSR2, 0);
	UT_EQ(raise(SIGUSR1), 0);
	UT_EQ(count, 1);
	UT_ASSERT(frame_address > (unsigned long)stack &&
		  frame_address < (unsigned long)stack + sizeof(stack));
	UT_EQ(raise(SIGUSR2), 0);
	UT_EQ(count, 2);
	UT_ASSERT(frame_address < (unsigned long)stack ||
		  frame_address > (unsigned long)stack + sizeof(stack));
	UT_EQ(sigaltstack(NULL, &was), 0);
	UT_ASSERT(was.ss_sp == stack);
	UT_EQ(was.ss_flags, 0);
	st.ss_size = 100;
	UT_ERRNO(sigaltstack(&st, NULL), ENOMEM);
}

static volatile unsigned long outer_frame, inner_frame, outer_marker;

static void inner(int sig)
{
	inner_frame = (unsigned long)__builtin_frame_address(0);
}

static void outer(int sig)
{
	volatile unsigned long marker = 77;

	outer_frame = (unsigned long)__builtin_frame_address(0);
	raise(SIGUSR2);
	outer_marker = marker;
}

static pid_t me;

/* Interrupts itself again, with little stack of its own. */
static void again(int sig)
{
	if (++count > 20)
		_exit(9);
	__asm__ volatile("syscall" ::"a"((long)SYS_kill), "D"((long)me), "S"((long)sig)
			 : "rcx", "r11", "memory");
}

/* An alternate stack with room for one frame, but not for two. */
static void overrun_child(void)
{
	long least = sysconf(_SC_MINSIGSTKSZ);
	stack_t st = { .ss_sp = stack + sizeof(stack) / 2, .ss_size = least > 2048 ? least : 2048 };

	me = getpid();
	if (sigaltstack(&st, NULL) != 0)
		_exit(2);
	handle(SIGUSR1, again, SA_ONSTACK | SA_NODEFER);
	raise(SIGUSR1);
	_exit(3);
}

UTEST(frame_nested, "6.2", 2, "on the alternate stack a second frame goes below the first one; without room for it: SIGSEGV")
{
	stack_t st = { .ss_sp = stack, .ss_size = sizeof(stack) };
	int status;

	UT_EQ(sigaltstack(&st, NULL), 0);
	handle(SIGUSR1, outer, SA_ONSTACK);
	handle(SIGUSR2, inner, SA_ONSTACK);
	UT_EQ(raise(SIGUSR1), 0);
	UT_ASSERT(inner_frame > (unsigned long)stack && inner_frame < outer_frame);
	UT_EQ(outer_marker, 77);
	status = in_child(overrun_child);
	UT_MSG(status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	       "a frame that does not fit on the alternate stack: SIGSEGV expected, got status %#x",
	       status);
}

extern void note_rax(int sig);
unsigned long first_rax;		/* global, as the assembly names it */
__asm__(".globl note_rax\n"
	"note_rax:\n"
	"	mov %rax, first_rax(%rip)\n"
	"	ret\n");

static void want_restart(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	uc->uc_mcontext.gregs[REG_RAX] = -512;		/* looks like a call to be restarted */
	raise(SIGUSR2);					/* blocked until we return */
	(void)sig, (void)si;
}

static void leave(int sig)
{
	_exit(0);
}

static void no_restorer_child(void)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void *restorer;
		unsigned long mask;
	} act = { .handler = leave };

	if (syscall(SYS_rt_sigaction, SIGUSR1, &act, NULL, 8) != 0)
		_exit(2);
	raise(SIGUSR1);
}

UTEST(frame_exact, "6.2", 1, "rax is 0 in the handler, any value after it, and a handler needs its restorer")
{
	struct sigaction act = { .sa_sigaction = want_restart, .sa_flags = SA_SIGINFO };
	int status;
	long rax;

	handle(SIGTRAP, note_rax, 0);
	first_rax = 1;
	__asm__ volatile("mov $5, %%eax; int3" ::: "rax", "memory");
	UT_EQ(first_rax, 0);
	handle(SIGUSR2, counter, 0);
	sigaddset(&act.sa_mask, SIGUSR2);
	UT_EQ(sigaction(SIGUSR1, &act, NULL), 0);
	__asm__ volatile("syscall"
			 : "=a"(rax)
			 : "a"((long)SYS_kill), "D"((long)getpid()), "S"((long)SIGUSR1)
			 : "rcx", "r11", "memory");
	UT_EQ(count, 1);
	UT_EQ(rax, -512);
	status = in_child(no_restorer_child);
	UT_MSG(status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	       "without SA_RESTORER: SIGSEGV expected, got status %#x", status);
}

static void hostile(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	count++;
	/* Flags only the kernel may change: I/O privileges, interrupts off. */
	uc->uc_mcontext.gregs[REG_EFL] = 0x3002 | 1;
	(void)sig, (void)si;
}

static void kernel_segments(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	uc->uc_mcontext.gregs[REG_CSGSFS] = 0x0010000000000008L;
	(void)sig, (void)si;
}

static void kernel_segments_child(void)
{
	struct sigaction act = { .sa_sigaction = kernel_segments, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	_exit(4);
}

static void wild_frame(void)
{
	__asm__ volatile("mov $64, %%rsp; syscall" :: "a"((long)SYS_rt_sigreturn) : "memory");
	_exit(3);
}

static void bad_fpu(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	uc->uc_mcontext.fpregs->mxcsr = 0xffffffff;
	(void)sig, (void)si;
}

static void bad_fpu_child(void)
{
	struct sigaction act = { .sa_sigaction = bad_fpu, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	_exit(4);
}

UTEST(frame_hostile, "6.2", 3, "rt_sigreturn gives no privileges, whatever the frame says; a bad frame is SIGSEGV")
{
	struct sigaction act = { .sa_sigaction = hostile, .sa_flags = SA_SIGINFO };
	unsigned long flags;
	int status;

	UT_EQ(sigaction(SIGUSR1, &act, NULL), 0);
	UT_EQ(raise(SIGUSR1), 0);
	UT_EQ(count, 1);
	__asm__ volatile("pushfq; pop %0" : "=r"(flags));
	UT_EQ(flags & 0x3000, 0);
	UT_EQ(flags & 0x200, 0x200);
	status = in_child(wild_frame);
	UT_ASSERT(status != -1 && WIFSIGNALED(status));
	UT_EQ(WTERMSIG(status), SIGSEGV);
	status = in_child(kernel_segments_child);
	UT_ASSERT(status != -1 && WIFSIGNALED(status));
	UT_EQ(WTERMSIG(status), SIGSEGV);
	status = in_child(bad_fpu_child);
	UT_ASSERT(status != -1 && WIFSIGNALED(status));
	UT_EQ(WTERMSIG(status), SIGSEGV);
}

UTEST_MAIN(signal_default, signal_rules, signal_stop, stop_usage, signal_order, signal_fault,
	   frame_alignment, frame_redzone, frame_registers, frame_altstack, frame_nested, frame_exact, frame_hostile)
