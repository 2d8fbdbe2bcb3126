/*
 * How much room the trampoline needs for the vector registers (Intel SDM volume 1, 13.2: CPUID
 * leaf 0xd gives the size of what the kernel has enabled). Without XSAVE there are only the xmm
 * registers, which FXSAVE keeps in 512 bytes.
 */
#include "07-dynlink/ldso/ldso.h"

#define CPUID_1_ECX_OSXSAVE	BIT(27)

u64 vector_save_size = 512;
u8 vector_save_xsave;

static void cpuid(u32 leaf, u32 *ebx, u32 *ecx)
{
	u32 eax = leaf, edx;

	*ecx = 0;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(*ebx), "+c"(*ecx), "=d"(edx));
}

void lazy_start(void)
{
	u32 ebx, ecx;

	cpuid(1, &ebx, &ecx);
	if (!(ecx & CPUID_1_ECX_OSXSAVE))
		return;
	cpuid(0xd, &ebx, &ecx);
	vector_save_size = ALIGN_UP((u64)ebx, 64UL);
	vector_save_xsave = 1;
}
