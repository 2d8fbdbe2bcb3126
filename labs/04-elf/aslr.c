/*
 * Address space layout randomisation (contract in aslr.h). `norandmaps` on the command line or
 * personality(ADDR_NO_RANDOMIZE) turn it off, so that two runs can be compared.
 *
 * An attacker who can overwrite a pointer must know an address to put there. Each of the four
 * regions gets a distance of its own, so that knowing one tells nothing of the others. The numbers
 * of bits are Linux's on x86-64; the gap below the stack is large enough for its limit, so that
 * mappings cannot end up in its way.
 */
#include "04-elf/aslr.h"
#include "common/abi/prctl.h"
#include "common/cmdline.h"
#include "common/init.h"
#include "03-syscalls/system/personality.h"
#include "03-syscalls/system/random.h"

#define GAP_MIN		(128UL << 20)		/* room for the stack, whatever its limit */
#define GAP_MAX		(USER_END / 6 * 5)
#define STACK_GUARD	(1UL << 20)

CMDLINE_WORD(norandmaps, "norandmaps");

static bool off;

static void aslr_init(void)
{
	off = cmdline_has("norandmaps");
}
INITCALL(31, aslr_init);

u64 random_pages(unsigned bits)
{
	if (off || personality() & ADDR_NO_RANDOMIZE)
		return 0;
	return random_u64() & (BIT(bits) - 1);
}

void aslr_layout(struct mm *mm)
{
	u64 gap = MIN(MAX(mm->limit_stack, GAP_MIN), GAP_MAX);

	mm->stack_top = USER_END - (random_pages(STACK_RANDOM_BITS) << PAGE_SHIFT);
	mm->mmap_base = USER_END - (1UL << (STACK_RANDOM_BITS + PAGE_SHIFT)) - gap - STACK_GUARD -
			(random_pages(MMAP_RANDOM_BITS) << PAGE_SHIFT);
	mm->mmap_base &= PAGE_MASK;
}
