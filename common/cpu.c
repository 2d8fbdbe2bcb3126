/*
 * Per-CPU tables that the processor itself reads: GDT, TSS, and control registers.
 * (Intel SDM vol. 3: 3.4.5 segment descriptors, 8.7 the 64-bit TSS, 2.5 control registers.)
 *
 * Segments mean nothing in 64-bit mode but privilege; the order of the user ones is what SYSRET
 * demands. The TSS holds the stack to use when ring 3 enters the kernel and the three interrupt
 * stacks, without which a kernel stack overflow could not be reported.
 */
#include "common/cpu.h"
#include "common/asm.h"
#include "common/cmdline.h"
#include "common/layout.h"
#include "common/string.h"
#include "common/trap.h"
#include "common/x86.h"

_Static_assert(ASM_KERNEL_BASE == KERNEL_BASE && ASM_DIRECT_MAP_BASE == DIRECT_MAP_BASE &&
	       ASM_KERNEL_LOAD == KERNEL_LOAD && ASM_USER_END == USER_END,
	       "asm.h repeats layout.h");
_Static_assert(GS_SELF == CPU_SELF && GS_CURRENT == CPU_CURRENT &&
	       GS_KERNEL_STACK == CPU_KERNEL_STACK && GS_USER_RSP == CPU_USER_RSP &&
	       offsetof(struct cpu, thread) == GS_CURRENT &&
	       offsetof(struct cpu, kernel_stack) == GS_KERNEL_STACK, "asm.h repeats cpu.h");
_Static_assert(offsetof(struct trapframe, r11) == FRAME_R11 &&
	       offsetof(struct trapframe, rax) == FRAME_RAX &&
	       offsetof(struct trapframe, rcx) == FRAME_RCX &&
	       offsetof(struct trapframe, rdi) == FRAME_RDI &&
	       offsetof(struct trapframe, orig_rax) == FRAME_ORIG_RAX &&
	       offsetof(struct trapframe, rip) == FRAME_RIP &&
	       offsetof(struct trapframe, cs) == FRAME_CS &&
	       offsetof(struct trapframe, rflags) == FRAME_RFLAGS &&
	       offsetof(struct trapframe, rsp) == FRAME_RSP &&
	       offsetof(struct trapframe, ss) == FRAME_SS &&
	       sizeof(struct trapframe) == FRAME_SIZE, "asm.h repeats trap.h");

struct cpu cpus[MAX_CPUS];
int cpu_count = 1;
bool cpu_has_smap;

/* CR4 bits that boot found worth having; the other CPUs follow. */
static u64 cr4_features;

#define IST_STACK_SIZE	8192
static u8 ist_stacks[MAX_CPUS][3][IST_STACK_SIZE] __aligned(16);

/* Descriptors: present, type, privilege; bit 53 is "64-bit code", 54 "32-bit", 55 "4 KiB units". */
#define GDT_KERNEL_CODE	0x00af9b000000ffffUL
#define GDT_KERNEL_DATA	0x00cf93000000ffffUL
#define GDT_USER_CODE32	0x00cffb000000ffffUL
#define GDT_USER_DATA	0x00cff3000000ffffUL
#define GDT_USER_CODE	0x00affb000000ffffUL

static void make_gdt(struct cpu *c)
{
	u64 tss = (u64)&c->tss, limit = sizeof(c->tss) - 1;

	c->gdt[SEL_KERNEL_CODE / 8] = GDT_KERNEL_CODE;
	c->gdt[SEL_KERNEL_DATA / 8] = GDT_KERNEL_DATA;
	c->gdt[SEL_USER_CODE32 / 8] = GDT_USER_CODE32;
	c->gdt[SEL_USER_DATA / 8] = GDT_USER_DATA;
	c->gdt[SEL_USER_CODE / 8] = GDT_USER_CODE;
	/* A TSS descriptor takes two entries: type 9 is "available 64-bit TSS". */
	c->gdt[SEL_TSS / 8] = limit | (tss & 0xffffff) << 16 | 0x89UL << 40 |
			      (tss >> 24 & 0xff) << 56;
	c->gdt[SEL_TSS / 8 + 1] = tss >> 32;
}

static void load_tables(struct cpu *c)
{
	struct {
		u16 limit;
		u64 base;
	} __packed gdtr = { sizeof(c->gdt) - 1, (u64)c->gdt };

	__asm__ volatile("lgdt %0\n\t"
			 "pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmovl %2, %%eax\n\t"
			 "movl %%eax, %%ss\n\t"
			 "movl %%eax, %%ds\n\t"
			 "movl %%eax, %%es\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "movl %%eax, %%fs\n\t"
			 "movl %%eax, %%gs\n\t"
			 "ltr %w3"
			 :: "m"(gdtr), "i"(SEL_KERNEL_CODE), "i"(SEL_KERNEL_DATA), "r"(SEL_TSS)
			 : "rax", "memory");
}

void cpu_init(int id, u32 apic_id)
{
	struct cpu *c = &cpus[id];

	c->self = c;
	c->id = id;
	c->apic_id = apic_id;
	for (int i = 0; i < 3; i++)
		c->tss.ist[i] = (u64)&ist_stacks[id][i][IST_STACK_SIZE];
	c->tss.iomap_base = sizeof(c->tss);
	make_gdt(c);
	load_tables(c);
	trap_load_idt();
	wrmsr(MSR_GS_BASE, (u64)c);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE | CR0_WP);
	write_cr4(read_cr4() | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | cr4_features);
	c->online = true;
}

/* Turn the placeholders of asm.h's ASM_STAC and ASM_CLAC into the real instructions. */
static void patch_smap(void)
{
	struct smap_patch {
		s32 place;
		u8 code[4];
	};
	extern const struct smap_patch __start_smap_patch[], __stop_smap_patch[];

	for (const struct smap_patch *p = __start_smap_patch; p < __stop_smap_patch; p++)
		memcpy((u8 *)&p->place + p->place, p->code, 3);
}

/* The text is writable until lab 01's page tables. */
void cpu_late_features(void)
{
	struct cpuid_regs r = { 0 };

	if (cpuid(0, 0).eax >= 7)
		r = cpuid(7, 0);
	if (r.ebx & BIT(7) && !cmdline_has("nosmep"))
		cr4_features |= CR4_SMEP;
	if (r.ebx & BIT(20) && !cmdline_has("nosmap"))
		cr4_features |= CR4_SMAP;
	if (r.ecx & BIT(2))
		cr4_features |= CR4_UMIP;
	cpu_has_smap = cr4_features & CR4_SMAP;
	if (cpu_has_smap)
		patch_smap();
	write_cr4(read_cr4() | cr4_features);
}
