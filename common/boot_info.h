/*
 * What the boot loader told us, in one form for both loaders: Multiboot2 (GRUB)
 * and PVH (qemu -kernel). Filled by common/boot/ before kernel_main() runs;
 * addresses are physical. The strings are copied, the initial ramdisk is not:
 * its range is reserved in the memory map until somebody frees it.
 */
#pragma once

#include "common/types.h"

enum memory_type { MEMORY_USABLE = 1, MEMORY_RESERVED, MEMORY_ACPI, MEMORY_ACPI_NVS, MEMORY_BAD };

struct memory_range {
	paddr_t start, end;	/* bytes; end exclusive */
	enum memory_type type;
};

#define MAX_MEMORY_RANGES	64

struct boot_info {
	const char *loader;			/* "multiboot2" or "pvh" */
	char cmdline[2048];			/* terminated */
	bool cmdline_truncated;			/* the loader passed more */
	struct memory_range memory[MAX_MEMORY_RANGES];	/* sorted, not overlapping */
	int memory_count;
	paddr_t initrd_start, initrd_end;	/* equal if there is none */
	paddr_t rsdp;				/* ACPI root pointer, 0 if unknown */
};

extern struct boot_info boot_info;

/* First and last+1 physical byte of the kernel image (symbols of kernel.ld). */
paddr_t kernel_image_start(void);
paddr_t kernel_image_end(void);

/*
 * The stack that the boot CPU runs kernel_main() on, and the page below it, which the kernel's
 * own page tables are to leave unmapped.
 */
extern char boot_stack[], boot_stack_top[], boot_stack_guard[];

/* Each stage's main.c: boots the rest; entered once, on the boot CPU, interrupts off. */
void kernel_main(void) __noreturn;
