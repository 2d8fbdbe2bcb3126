/*
 * From boot.S to kernel_main(): the first C code, in the order in which things become usable.
 *
 * On entry: 64-bit mode, interrupts off, the early page tables (first 4 GiB in the direct map),
 * the boot stack, no GS base. On exit: struct cpu of CPU 0, traps, console, boot_info and the
 * command line; still no memory allocator and no interrupts.
 */
#include "common/acpi.h"
#include "common/boot/boot.h"
#include "common/boot_info.h"
#include "common/cmdline.h"
#include "common/console.h"
#include "common/cpu.h"
#include "common/layout.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/trap.h"
#include "common/x86.h"

bool quiet_boot;

void kernel_early(u32 magic, u32 info)
{
	cpu_init(0, cpuid(1, 0).ebx >> 24);
	trap_init();
	console_init();
	boot_info_parse(magic, phys_to_virt(info));
	cmdline_parse(boot_info.cmdline);
	quiet_boot = cmdline_has("quiet");
	console_select();
	if (boot_info.cmdline_truncated)
		printk("boot: command line longer than %zu bytes, the rest is ignored\n",
		       sizeof(boot_info.cmdline) - 1);
	acpi_init();
	cpu_late_features();
	kernel_main();
}
