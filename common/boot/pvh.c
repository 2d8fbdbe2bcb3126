/*
 * Reads PVH's start info (Xen: xen/include/public/arch-x86/hvm/start_info.h). Version 0 has no
 * memory map; everything that boots us by PVH today passes version 1.
 */
#include "common/boot/boot.h"
#include "common/layout.h"
#include "common/panic.h"

struct pvh_start_info {
	u32 magic, version, flags, module_count;
	u64 modules, cmdline, rsdp;
	u64 memory_map;		/* from version 1 */
	u32 memory_count, reserved;
};

struct pvh_module {
	u64 start, size, cmdline, reserved;
};

struct pvh_memory_entry {
	u64 start, length;
	u32 type, reserved;
};

void pvh_parse(const void *info)
{
	const struct pvh_start_info *s = info;
	const struct pvh_memory_entry *memory;
	const struct pvh_module *modules;

	boot_info.loader = "pvh";
	if (s->magic != PVH_MAGIC || s->version < 1)
		panic("boot: PVH start info of version %u has no memory map", s->version);
	memory = phys_to_virt(s->memory_map);
	for (u32 i = 0; i < s->memory_count; i++)
		boot_add_memory(memory[i].start, memory[i].length, memory[i].type);
	if (s->cmdline)
		boot_set_cmdline(phys_to_virt(s->cmdline), 1 << 16);
	modules = phys_to_virt(s->modules);
	if (s->module_count > 0)
		boot_set_initrd(modules[0].start, modules[0].start + modules[0].size);
	boot_info.rsdp = s->rsdp;
}
