/*
 * FPU, SSE and AVX registers (contract in fpu.h; SDM vol. 1, chapters 10.5 and 13).
 *
 * With XSAVE the area begins with the 512 bytes of FXSAVE, then a header of 64 bytes that
 * says which components follow. Only x87, SSE and AVX state is enabled: more would
 * make every signal frame larger for nothing.
 */
#include "common/cpu.h"
#include "common/panic.h"
#include "common/spinlock.h"
#include "common/string.h"
#include "common/x86.h"
#include "01-memory/kmem.h"
#include "02-usermode/fpu.h"

#define XFEATURES	7UL		/* x87, SSE, AVX */
#define CPUID_XSAVE	BIT(26)		/* leaf 1, ECX */
#define CPUID_AVX	BIT(28)
#define MXCSR_DEFAULT	0x1f80
#define FCW_DEFAULT	0x37f

static u64 xfeatures;			/* XCR0; 0: FXSAVE only */
static size_t area_size = 512;
static u32 mxcsr_mask = 0xffff;
static struct kmem_cache *cache;
static u8 initial[1024] __aligned(64);

static void write_xcr0(u64 v)
{
	__asm__ volatile("xsetbv" :: "c"(0), "a"((u32)v), "d"((u32)(v >> 32)));
}

void fpu_save(void *area)
{
	if (xfeatures)
		__asm__ volatile("xsave64 (%0)" ::"r"(area), "a"((u32)xfeatures), "d"(0)
				 : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" :: "r"(area) : "memory");
}

void fpu_restore(const void *area)
{
	if (xfeatures)
		__asm__ volatile("xrstor64 (%0)" ::"r"(area), "a"((u32)xfeatures), "d"(0)
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" :: "r"(area) : "memory");
}

static void find_features(void)
{
	u32 ecx = cpuid(1, 0).ecx;
	u32 mask;

	if (ecx & CPUID_XSAVE) {
		xfeatures = (ecx & CPUID_AVX) ? XFEATURES & cpuid(0xd, 0).eax : 3;
		write_cr4(read_cr4() | CR4_OSXSAVE);
		write_xcr0(xfeatures);
		area_size = cpuid(0xd, 0).ebx;	/* for what XCR0 has enabled */
	}
	if (area_size > sizeof(initial))
		panic("fpu: state of %zu bytes", area_size);
	__asm__ volatile("fninit; ldmxcsr %0" :: "m"((u32){ MXCSR_DEFAULT }));
	fpu_save(initial);
	mask = *(u32 *)(initial + 28);
	if (mask)
		mxcsr_mask = mask;
	/* Nothing of the boot's use of the registers may be seen. */
	memset(initial + 32, 0, area_size - 32);
	*(u16 *)initial = FCW_DEFAULT;
	*(u32 *)(initial + 24) = MXCSR_DEFAULT;
	cache = kmem_cache_create("fpu", area_size, 64, NULL);
}

void fpu_init_cpu(void)
{
	if (cpu_id() == 0) {
		find_features();
	} else if (xfeatures) {
		write_cr4(read_cr4() | CR4_OSXSAVE);
		write_xcr0(xfeatures);
	}
	fpu_restore(initial);
}

size_t fpu_size(void)
{
	return area_size;
}

u64 fpu_features(void)
{
	return xfeatures;
}

void *fpu_alloc(void)
{
	void *area = cache ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;

	if (area)
		memcpy(area, initial, area_size);
	return area;
}

void fpu_free(void *area)
{
	kmem_cache_free(cache, area);
}

void fpu_clone(struct thread *child)
{
	if (current->fpu)
		fpu_save(child->fpu);
}

void fpu_reset(void)
{
	irq_disable();
	memcpy(current->fpu, initial, area_size);
	fpu_restore(current->fpu);
	irq_enable();
}

bool fpu_validate(void *area)
{
	u64 *header = (u64 *)((char *)area + 512);

	if (*(u32 *)((char *)area + 24) & ~mxcsr_mask)
		return false;
	if (!xfeatures)
		return true;
	if (header[0] & ~xfeatures)
		return false;
	for (int i = 1; i < 8; i++)	/* compaction and reserved bits */
		if (header[i])
			return false;
	return true;
}
