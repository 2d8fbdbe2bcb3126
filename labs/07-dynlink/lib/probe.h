/*
 * libprobe: functions that look at how they are called. For lazy binding.
 */
#pragma once

/* What probe_registers() found when it was called. */
struct probe {
	unsigned long general[8];	/* rdi, rsi, rdx, rcx, r8, r9, rax, r10 */
	unsigned long stack;		/* rsp */
	unsigned char vector[8][32] __attribute__((aligned(32)));	/* xmm or ymm 0 to 7 */
};
extern struct probe probe_seen;

/* CPUID leaf 1: the CPU has AVX, and the kernel has enabled XSAVE. */
static inline int has_ymm(void)
{
	unsigned int a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (c >> 27 & c >> 28 & 1) != 0;
}

/* Stores its registers. An indirect function, whose resolver destroys all vector registers. */
void probe_registers(void);
/* Returns 42, and 43 the next time ... */
int probe_count(void);
/* In the library that programs are linked with; but not in the one that they run with. */
int probe_gone(void);
