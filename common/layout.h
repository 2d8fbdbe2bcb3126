/*
 * The map of the virtual address space. docs/address-space.md draws it.
 *
 *	0000_0000_0001_0000 - 0000_7fff_ffff_efff   user
 *	ffff_8000_0000_0000 - ffff_bfff_ffff_ffff   direct map: all physical memory
 *	ffff_c000_0000_0000 - ffff_dfff_ffff_ffff   kernel areas: stacks with guard pages, device registers
 *	ffff_ffff_8000_0000 - ffff_ffff_ffff_ffff   kernel image, linked at its physical address + this
 */
#pragma once

#include "common/types.h"

#define USER_MIN	0x10000UL		/* lowest address mmap gives (vm.mmap_min_addr) */
#define USER_END	0x7ffffffff000UL	/* first address that is not user memory */

#define DIRECT_MAP_BASE	0xffff800000000000UL
#define DIRECT_MAP_END	0xffffc00000000000UL
#define KERNEL_AREA_BASE	0xffffc00000000000UL
#define KERNEL_AREA_END	0xffffe00000000000UL
#define KERNEL_BASE	0xffffffff80000000UL
#define KERNEL_LOAD	0x200000UL		/* physical address of the image */

#define KERNEL_STACK_SIZE	(4 * PAGE_SIZE)

#ifndef __ASSEMBLER__
/* Valid for all RAM once the direct map stands (before: the first 4 GiB). */
static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(pa + DIRECT_MAP_BASE);
}

/* Of an address in the direct map or in the kernel image. */
static inline paddr_t virt_to_phys(const void *va)
{
	u64 a = (u64)va;

	return a >= KERNEL_BASE ? a - KERNEL_BASE : a - DIRECT_MAP_BASE;
}

/* True if [addr, addr + size) lies in user space. size may be 0. */
static inline bool user_range_ok(u64 addr, u64 size)
{
	return size <= USER_END && addr <= USER_END - size;
}
#endif
