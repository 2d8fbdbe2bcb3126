/* What the files of common/boot/ need of each other. */
#pragma once

#include "common/boot_info.h"

#define MB2_BOOT_MAGIC	0x36d76289	/* in EAX from a Multiboot2 loader */
#define PVH_MAGIC	0x336ec578	/* first word of PVH's start info; boot.S puts it in EAX */

/* Called by boot.S. */
void kernel_early(u32 magic, u32 info);

/* Fill boot_info from what the loader left at info; panics on an unknown loader. */
void boot_info_parse(u32 magic, const void *info);

/* The two formats: multiboot2.c and pvh.c. Ranges go through boot_add_memory(). */
void multiboot2_parse(const void *info);
void pvh_parse(const void *info);

/*
 * Note a range that the loader reports, in any order, overlapping or not; type as in ACPI's
 * address-range types (1 usable, 2 reserved, 3 ACPI, 4 ACPI NVS, 5 bad).
 */
void boot_add_memory(u64 start, u64 length, u32 type);
void boot_set_cmdline(const char *s, size_t max);
void boot_set_initrd(u64 start, u64 end);

/*
 * Sort ranges, cut them where they overlap (the worse type wins), join neighbours, align usable
 * ones inwards to pages and drop what is empty. in has n elements; out takes up to max; returns
 * how many it got. Pure.
 */
int memory_normalise(const struct memory_range *in, int n, struct memory_range *out, int max);
