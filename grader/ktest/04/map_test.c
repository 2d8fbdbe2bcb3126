/*
 * Exercise 4.4 from inside: the areas that elf_map() makes, with a file of the kernel's own whose
 * byte at position n is n / 256 + 1.
 */
#include "common/ktest.h"
#include "common/printk.h"
#include "03-syscalls/file.h"
#include "04-elf/elf.h"
#include "02-usermode/mm.h"

#define FILE_PAGES	4

static struct frame *pages[FILE_PAGES];

static int fake_fault(struct vm_object *o, struct vm_area *a, u64 index, bool write,
		      struct frame **frame)
{
	if (index >= FILE_PAGES)
		return -EFAULT;
	frame_get(pages[index]);
	*frame = pages[index];
	return 0;
}

static const struct vm_object_ops fake_object_ops = { .fault = fake_fault };
static struct vm_object fake;

static struct vm_object *fake_object(struct file *f)
{
	return &fake;
}

static const struct file_ops fake_ops = { .object = fake_object };

static struct file *make_file(void)
{
	vm_object_init(&fake, &fake_object_ops);
	for (unsigned i = 0; i < FILE_PAGES; i++) {
		u8 *p;

		pages[i] = frame_alloc(0, GFP_KERNEL, FRAME_CACHE);
		pages[i]->object = &fake;
		pages[i]->object = &fake;
		pages[i]->index = i;
		p = frame_to_virt(pages[i]);
		for (unsigned j = 0; j < PAGE_SIZE; j++)
			p[j] = (i * PAGE_SIZE + j) / 256 + 1;
	}
	return file_alloc(&fake_ops, 0, NULL);
}

static void drop_file(struct file *f)
{
	file_put(f);
	for (unsigned i = 0; i < FILE_PAGES; i++)
		frame_put(pages[i]);
}

static int byte_at(struct mm *mm, vaddr_t addr)
{
	u8 v;

	return mm_access(mm, addr, &v, 1, false) == 1 ? v : -1;
}

static void check_tail(struct mm *mm, struct file *f)
{
	static const struct elf_image image = {
		.count = 2,
		.low = 0x400000,
		.high = 0x408000,
		.segments =
			{
				{.vaddr = 0x400100,
				 .offset = 0x100,
				 .filesz = 0x1000,
				 .memsz = 0x1000,
				 .flags = PF_R | PF_X},
				{.vaddr = 0x405200,
				 .offset = 0x2200,
				 .filesz = 0x500,
				 .memsz = 0x2e00,
				 .flags = PF_R | PF_W},
			},
	};

	KTEST_EQ(elf_map(mm, f, &image, 0x10000), 0);
	/* whole pages: also what is before it */
	KTEST_EQ(byte_at(mm, 0x410000), 1);
	KTEST_EQ(byte_at(mm, 0x410100), 2);
	KTEST_EQ(byte_at(mm, 0x4110ff), 0x10ff / 256 + 1);
	KTEST_EQ(byte_at(mm, 0x412000), -1);
	KTEST_EQ(byte_at(mm, 0x415200), 0x23);
	KTEST_EQ(byte_at(mm, 0x4156ff), 0x27);
	KTEST_MSG(byte_at(mm, 0x415700) == 0, "the first byte behind the file's part must be zero");
	KTEST_EQ(byte_at(mm, 0x415fff), 0);
	KTEST_EQ(byte_at(mm, 0x416000), 0);
	KTEST_EQ(byte_at(mm, 0x417fff), 0);
	KTEST_EQ(byte_at(mm, 0x418000), -1);
	KTEST_MSG(((u8 *)frame_to_virt(pages[2]))[0x700] == 0x28,
		  "the file's own page was changed: only a private copy may be zeroed");
}

KTEST(elf_map_tail, "4.4", 5,
      "a segment's last page is zero behind its part of the file, in a private copy")
{
	struct file *f = make_file();
	struct mm *mm = mm_create();

	check_tail(mm, f);
	mm_put(mm);
	drop_file(f);
}
