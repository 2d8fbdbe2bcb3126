/*
 * Signals: signal(7), sigaction(2), and the frame a handler finds on its stack; x86-64 Linux
 * layouts.
 */
#pragma once

#include "common/types.h"

#define SIGHUP		1
#define SIGINT		2
#define SIGQUIT		3
#define SIGILL		4
#define SIGTRAP		5
#define SIGABRT		6
#define SIGBUS		7
#define SIGFPE		8
#define SIGKILL		9
#define SIGUSR1		10
#define SIGSEGV		11
#define SIGUSR2		12
#define SIGPIPE		13
#define SIGALRM		14
#define SIGTERM		15
#define SIGSTKFLT	16
#define SIGCHLD		17
#define SIGCONT		18
#define SIGSTOP		19
#define SIGTSTP		20
#define SIGTTIN		21
#define SIGTTOU		22
#define SIGURG		23
#define SIGXCPU		24
#define SIGXFSZ		25
#define SIGVTALRM	26
#define SIGPROF		27
#define SIGWINCH	28
#define SIGIO		29
#define SIGPWR		30
#define SIGSYS		31
#define SIGRTMIN	32
#define NSIG		64	/* the highest number; there is no signal 0 */

#define SIG_DFL		((void *)0)
#define SIG_IGN		((void *)1)

#define SA_NOCLDSTOP	0x00000001UL
#define SA_NOCLDWAIT	0x00000002UL
#define SA_SIGINFO	0x00000004UL
#define SA_EXPOSE_TAGBITS 0x00000800UL
#define SA_RESTORER	0x04000000UL
#define SA_ONSTACK	0x08000000UL
#define SA_RESTART	0x10000000UL
#define SA_NODEFER	0x40000000UL
#define SA_RESETHAND	0x80000000UL

#define SIG_BLOCK	0
#define SIG_UNBLOCK	1
#define SIG_SETMASK	2

#define SS_ONSTACK	1
#define SS_DISABLE	2
#define SS_AUTODISARM	(1U << 31)
#define MINSIGSTKSZ	2048

/* si_code: > 0 from the kernel, <= 0 from a process. */
#define SI_USER		0
#define SI_KERNEL	0x80
#define SI_QUEUE	(-1)
#define SI_TIMER	(-2)
#define SI_MESGQ	(-3)
#define SI_ASYNCIO	(-4)
#define SI_SIGIO	(-5)
#define SI_TKILL	(-6)
#define ILL_ILLOPN	2
#define FPE_INTDIV	1
#define FPE_INTOVF	2
#define FPE_FLTDIV	3
#define FPE_FLTOVF	4
#define FPE_FLTUND	5
#define FPE_FLTRES	6
#define FPE_FLTINV	7
#define SEGV_MAPERR	1
#define SEGV_ACCERR	2
#define BUS_ADRALN	1
#define BUS_ADRERR	2
#define TRAP_BRKPT	1
#define TRAP_TRACE	2
#define POLL_IN		1
#define POLL_OUT	2
#define POLL_HUP	6

/* How a timer or a message queue tells (struct sigevent). */
#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID	4

union sigval {
	int sival_int;
	void *sival_ptr;
};

struct siginfo {
	int si_signo, si_errno, si_code, pad_;
	union {
		int bytes_[28];
		struct {	/* kill, sigqueue */
			int si_pid;
			unsigned si_uid;
			union sigval si_value;
		};
		struct {	/* timers */
			int si_timerid, si_overrun;
			union sigval si_timer_value;
		};
		struct {	/* SIGCHLD */
			int si_child_pid;
			unsigned si_child_uid;
			int si_status;
			long si_utime, si_stime;	/* in clock ticks */
		};
		struct {	/* faults */
			void *si_addr;
			short si_addr_lsb;
		};
		struct {	/* SIGIO */
			long si_band;
			int si_fd;
		};
		struct {	/* SIGSYS */
			void *si_call_addr;
			int si_syscall;
			unsigned si_arch;
		};
	};
};

_Static_assert(sizeof(struct siginfo) == 128, "the ABI's siginfo_t");

/* What rt_sigaction(2) takes. */
struct sigaction {
	void *sa_handler;
	unsigned long sa_flags;
	void *sa_restorer;
	u64 sa_mask;
};

struct stack_t_ {
	void *ss_sp;
	int ss_flags;
	size_t ss_size;
};
typedef struct stack_t_ stack_t;

struct sigevent {
	union sigval sigev_value;
	int sigev_signo;
	int sigev_notify;
	int sigev_notify_thread_id;
	int pad_[11];
};

_Static_assert(sizeof(struct sigevent) == 64, "the ABI's struct sigevent");

/* The registers in a signal frame; asm/sigcontext.h. */
struct sigcontext {
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2;
	u64 fpstate;			/* address of the FXSAVE or XSAVE area, or 0 */
	u64 reserved_[8];
};

_Static_assert(sizeof(struct sigcontext) == 256, "the ABI's struct sigcontext");

#define UC_FP_XSTATE		1	/* fpstate has the extended form */
#define UC_SIGCONTEXT_SS	2	/* ss is saved and restored */
#define UC_STRICT_RESTORE_SS	4

struct ucontext {
	u64 uc_flags;
	u64 uc_link;
	stack_t uc_stack;
	struct sigcontext uc_mcontext;
	u64 uc_sigmask;
};

/* At the handler's first instruction rsp points to this. */
struct rt_sigframe {
	void *pretcode;			/* return address: the C library's call of rt_sigreturn */
	struct ucontext uc;
	struct siginfo info;
};

_Static_assert(sizeof(struct rt_sigframe) == 440, "the ABI's struct rt_sigframe");

/* Bytes 464 to 511 of the FXSAVE area, which the CPU leaves to software. */
struct fpx_sw_bytes {
	u32 magic1;			/* FP_XSTATE_MAGIC1: extended state follows */
	u32 extended_size;		/* of the whole, with magic2 behind it */
	u64 xfeatures;
	u32 xstate_size;
	u32 pad_[7];
};

#define FPX_SW_OFFSET		464
#define FXSAVE_SIZE		512
#define FP_XSTATE_MAGIC1	0x46505853U
#define FP_XSTATE_MAGIC2	0x46505845U
#define FP_XSTATE_MAGIC2_SIZE	4

/* signalfd(2) */
#define SFD_CLOEXEC	02000000
#define SFD_NONBLOCK	00004000

struct signalfd_siginfo {
	u32 ssi_signo;
	s32 ssi_errno, ssi_code;
	u32 ssi_pid, ssi_uid;
	s32 ssi_fd;
	u32 ssi_tid, ssi_band, ssi_overrun, ssi_trapno;
	s32 ssi_status, ssi_int;
	u64 ssi_ptr, ssi_utime, ssi_stime, ssi_addr;
	u16 ssi_addr_lsb, pad2_;
	s32 ssi_syscall;
	u64 ssi_call_addr;
	u32 ssi_arch;
	u8 pad_[28];
};

_Static_assert(sizeof(struct signalfd_siginfo) == 128, "the ABI's struct signalfd_siginfo");
