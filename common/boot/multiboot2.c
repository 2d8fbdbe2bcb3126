/*
 * Reads Multiboot2's boot information (Multiboot2 Specification 2.0, chapter 3.6): a total
 * size, then tags, each with a type and a size and aligned to eight bytes.
 */
#include "common/boot/boot.h"
#include "common/layout.h"

enum {
	TAG_END = 0, TAG_CMDLINE = 1, TAG_MODULE = 3, TAG_MEMORY_MAP = 6, TAG_ACPI_OLD = 14,
	TAG_ACPI_NEW = 15,
};

struct mb2_tag {
	u32 type, size;
};

struct mb2_module {
	struct mb2_tag tag;
	u32 start, end;
};

struct mb2_memory_map {
	struct mb2_tag tag;
	u32 entry_size, entry_version;
};

struct mb2_memory_entry {
	u64 start, length;
	u32 type, reserved;
};

static void parse_memory_map(const struct mb2_memory_map *map)
{
	const char *p = (const char *)(map + 1), *end = (const char *)map + map->tag.size;

	if (map->entry_size < sizeof(struct mb2_memory_entry))
		return;
	for (; p + map->entry_size <= end; p += map->entry_size) {
		const struct mb2_memory_entry *e = (const void *)p;

		boot_add_memory(e->start, e->length, e->type);
	}
}

static void parse_tag(const struct mb2_tag *tag)
{
	const struct mb2_module *module;

	switch (tag->type) {
	case TAG_CMDLINE:
		boot_set_cmdline((const char *)(tag + 1), tag->size - sizeof(*tag));
		break;
	case TAG_MODULE:
		module = (const void *)tag;
		boot_set_initrd(module->start, module->end);
		break;
	case TAG_MEMORY_MAP:
		parse_memory_map((const void *)tag);
		break;
	case TAG_ACPI_OLD:	/* a copy of the RSDP; the newer one is better */
		if (!boot_info.rsdp)
			boot_info.rsdp = virt_to_phys(tag + 1);
		break;
	case TAG_ACPI_NEW:
		boot_info.rsdp = virt_to_phys(tag + 1);
		break;
	}
}

void multiboot2_parse(const void *info)
{
	const u32 *head = info;
	const char *p = (const char *)info + 8, *end = (const char *)info + head[0];

	boot_info.loader = "multiboot2";
	while (p + sizeof(struct mb2_tag) <= end) {
		const struct mb2_tag *tag = (const void *)p;

		if (tag->type == TAG_END || tag->size < sizeof(*tag))
			break;
		parse_tag(tag);
		p += ALIGN_UP((u64)tag->size, 8);
	}
}
