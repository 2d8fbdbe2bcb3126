/*
 * The boot contract, as every stage sees it. No exercise owns it; it earns nothing. Also the one
 * test that grader/iso.sh runs on a boot by GRUB.
 */
#include "common/boot_info.h"
#include "common/cmdline.h"
#include "common/ktest.h"

KTEST(boot_contract, "0.0", 0, "the loader's memory map and command line arrive")
{
	u64 usable = 0;

	KTEST_ASSERT(boot_info.memory_count > 0);
	for (int i = 0; i < boot_info.memory_count; i++) {
		const struct memory_range *r = &boot_info.memory[i];

		KTEST_ASSERT(r->start < r->end);
		if (i > 0)
			KTEST_ASSERT(r[-1].end <= r->start);
		if (r->type == MEMORY_USABLE)
			usable += r->end - r->start;
	}
	KTEST_MSG(usable > 32 << 20, "more than 32 MiB of memory expected, got %lu bytes", usable);
	KTEST_ASSERT(kernel_image_start() < kernel_image_end());
	KTEST_STREQ(cmdline_get("console"), "ttyS0");
}
