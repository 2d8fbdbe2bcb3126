/*
 * Builds boot_info from what either loader passed.
 *
 * The two parsers report ranges, command line and initial ramdisk through the functions here;
 * the result does not depend on memory that the loader owns, save for the ramdisk itself,
 * which becomes a reserved range.
 */
#include "common/boot/boot.h"
#include "common/acpi.h"
#include "common/layout.h"
#include "common/panic.h"
#include "common/string.h"

struct boot_info boot_info;

/* What was reported, before it is put in order. One more for the ramdisk. */
static struct memory_range reported[2 * MAX_MEMORY_RANGES + 1];
static int reported_count;

extern char __kernel_start[], __kernel_end[];

paddr_t kernel_image_start(void)
{
	return virt_to_phys(__kernel_start);
}

paddr_t kernel_image_end(void)
{
	return virt_to_phys(__kernel_end);
}

static void add_range(u64 start, u64 end, enum memory_type type)
{
	if (reported_count < ARRAY_SIZE(reported))
		reported[reported_count++] = (struct memory_range){ start, end, type };
}

void boot_add_memory(u64 start, u64 length, u32 type)
{
	const u64 limit = DIRECT_MAP_END - DIRECT_MAP_BASE;
	u64 end = start + length;

	if (end < start || end > limit)
		end = limit;
	if (start < end)
		add_range(start, end,
			  type >= MEMORY_USABLE && type <= MEMORY_BAD ? type : MEMORY_RESERVED);
}

void boot_set_cmdline(const char *s, size_t max)
{
	size_t length = strnlen(s, max);

	boot_info.cmdline_truncated = length >= sizeof(boot_info.cmdline);
	length = MIN(length, sizeof(boot_info.cmdline) - 1);
	memcpy(boot_info.cmdline, s, length);
	boot_info.cmdline[length] = '\0';
}

void boot_set_initrd(u64 start, u64 end)
{
	if (boot_info.initrd_end || start >= end)
		return;
	boot_info.initrd_start = start;
	boot_info.initrd_end = end;
}

void boot_info_parse(u32 magic, const void *info)
{
	if (magic == MB2_BOOT_MAGIC)
		multiboot2_parse(info);
	else if (magic == PVH_MAGIC)
		pvh_parse(info);
	else
		panic("boot: unknown loader (magic %#x)", magic);
	/* Its last page may hold nothing else, so take it whole. */
	if (boot_info.initrd_end)
		add_range(ALIGN_DOWN(boot_info.initrd_start, PAGE_SIZE),
			  ALIGN_UP(boot_info.initrd_end, PAGE_SIZE), MEMORY_RESERVED);
	boot_info.memory_count = memory_normalise(reported, reported_count, boot_info.memory,
						  MAX_MEMORY_RANGES);
	if (!boot_info.memory_count)
		panic("boot: %s passed no memory map", boot_info.loader);
	if (!boot_info.rsdp)
		boot_info.rsdp = acpi_scan_rsdp();
}
