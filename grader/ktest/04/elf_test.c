/*
 * Exercise 4.1: checking ELF headers. Each test takes a good file and spoils one thing; that the
 * good one is accepted is checked first every time.
 */
#include "common/ktest.h"
#include "common/errno.h"
#include "common/layout.h"
#include "04-elf/elf.h"

#define FILE_SIZE	0x10000UL
#define HEADERS		5

static struct elf64_ehdr h;
static struct elf64_phdr p[HEADERS];
static struct elf_image image;

/*
 * Text, read-only data, data with bss, a stack header and an interpreter that is not there
 * (PT_NULL).
 */
static void good(void)
{
	h = (struct elf64_ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_entry = 0x401000, .e_phoff = sizeof(h), .e_ehsize = sizeof(h),
		.e_phentsize = sizeof(p[0]), .e_phnum = HEADERS,
	};
	p[0] = (struct elf64_phdr){PT_LOAD,  PF_R | PF_X, 0,	  0x400000,
				   0x400000, 0x1800,	  0x1800, 0x1000};
	p[1] = (struct elf64_phdr){PT_LOAD, PF_R, 0x2000, 0x402000, 0x402000, 0x500, 0x500, 0x1000};
	p[2] = (struct elf64_phdr){PT_LOAD,  PF_R | PF_W, 0x2e10, 0x403e10,
				   0x403e10, 0x300,	  0x5000, 0x1000};
	p[3] = (struct elf64_phdr){ PT_GNU_STACK, PF_R | PF_W };
	p[4] = (struct elf64_phdr){ PT_NULL };
}

static int check(void)
{
	int error = elf_check_header(&h, sizeof(h));

	return error ? error : elf_describe(&h, p, FILE_SIZE, &image);
}

/* A good file with one thing changed must be refused. */
#define REFUSED(change)								\
	do {									\
		good();								\
		KTEST_MSG(check() == 0, "a correct file was refused");		\
		change;								\
		KTEST_MSG(check() == -ENOEXEC, "with " #change ": expected -ENOEXEC, got %d", check()); \
	} while (0)

KTEST(elf_accepts, "4.1", 5, "a correct program is accepted and described")
{
	good();
	KTEST_EQ(check(), 0);
	KTEST_EQ(image.count, 3);
	KTEST_EQ(image.low, 0x400000);
	KTEST_EQ(image.high, 0x403e10 + 0x5000);
	KTEST_EQ(image.entry, 0x401000);
	KTEST_EQ(image.phdr, 0x400000 + sizeof(h));
	KTEST_EQ(image.phnum, HEADERS);
	KTEST_EQ(image.segments[2].filesz, 0x300);
	KTEST_EQ(image.segments[2].memsz, 0x5000);
	KTEST_ASSERT(!image.dynamic && !image.stack_exec && !image.interp_size);
	h.e_type = ET_DYN;
	p[3].p_flags |= PF_X;
	KTEST_EQ(check(), 0);
	KTEST_ASSERT(image.dynamic && image.stack_exec);
}

KTEST(elf_header_fields, "4.1", 4,
      "another magic, class, byte order, version, type or machine is refused")
{
	REFUSED(h.e_ident[0] = 0);
	REFUSED(h.e_ident[3] = 'f');
	REFUSED(h.e_ident[EI_CLASS] = 1);
	REFUSED(h.e_ident[EI_DATA] = 2);
	REFUSED(h.e_ident[EI_VERSION] = 0);
	REFUSED(h.e_version = 2);
	REFUSED(h.e_type = ET_REL);
	REFUSED(h.e_type = ET_CORE);
	REFUSED(h.e_machine = EM_386);
	good();
	KTEST_EQ(elf_check_header(&h, sizeof(h) - 1), -ENOEXEC);
}

KTEST(elf_phdrs_bounds, "4.1", 4, "program headers must have their size and lie in the file")
{
	REFUSED(h.e_phnum = 0);
	REFUSED(h.e_phnum = 2000);
	REFUSED(h.e_phentsize = 32);
	REFUSED(h.e_phoff = FILE_SIZE);
	REFUSED(h.e_phoff = FILE_SIZE - HEADERS * sizeof(p[0]) + 1);
	REFUSED(h.e_phoff = ~0UL - 8);
	good();
	h.e_phoff = FILE_SIZE - HEADERS * sizeof(p[0]);
	KTEST_EQ(check(), 0);
}

KTEST(elf_segment_bounds, "4.1", 5,
      "a segment lies in the file and in the user's addresses, and is not larger there than here")
{
	REFUSED(p[1].p_filesz = 0x501);
	REFUSED((p[1].p_offset = FILE_SIZE - 0x1000, p[1].p_filesz = p[1].p_memsz = 0x1001));
	REFUSED(p[1].p_offset = FILE_SIZE + 0x1000);
	REFUSED((p[2].p_vaddr = USER_END - 0x1000 + 0xe10));
	REFUSED((p[2].p_vaddr = 0xffffffff80000e10));
	REFUSED(p[2].p_memsz = USER_END);
	REFUSED(p[1].p_offset += 8);
	REFUSED(p[1].p_align = 0x1001);
	REFUSED(h.e_entry = 0xffffffff80000000);
}

KTEST(elf_overflow, "4.1", 4, "sums that wrap around do not get through")
{
	REFUSED(p[1].p_offset = ~0xfffUL);
	REFUSED((p[1].p_offset = ~0xfffUL, p[1].p_filesz = p[1].p_memsz = 0x1800));
	REFUSED((p[1].p_filesz = p[1].p_memsz = ~0UL - 0x100));
	REFUSED((p[2].p_memsz = ~0UL - 0x403000));
	REFUSED((p[2].p_vaddr = ~0xfffUL + 0xe10, p[2].p_memsz = 0x1000));
}

KTEST(elf_order, "4.1", 1, "segments ascend without overlap; an empty one is none")
{
	REFUSED(p[1].p_vaddr = 0x404000);
	REFUSED(p[1].p_vaddr = 0x400000);
	REFUSED((p[0].p_type = p[1].p_type = p[2].p_type = PT_NOTE));
	good();
	p[1].p_filesz = p[1].p_memsz = 0;
	KTEST_EQ(check(), 0);
	KTEST_MSG(image.count == 2, "a PT_LOAD without memory: 2 segments expected, got %d",
		  image.count);
}

KTEST(elf_interp, "4.1", 2, "the interpreter's name is found, and must lie in the file")
{
	good();
	p[4] = (struct elf64_phdr){ PT_INTERP, PF_R, 0x200, 0x400200, 0x400200, 28, 28, 1 };
	KTEST_EQ(check(), 0);
	KTEST_EQ(image.interp_offset, 0x200);
	KTEST_EQ(image.interp_size, 28);
	p[4].p_filesz = 1;
	KTEST_EQ(check(), -ENOEXEC);
	p[4].p_filesz = 5000;
	KTEST_EQ(check(), -ENOEXEC);
	p[4].p_filesz = 28;
	p[4].p_offset = FILE_SIZE;
	KTEST_EQ(check(), -ENOEXEC);
	p[4].p_offset = ~0UL;
	KTEST_EQ(check(), -ENOEXEC);
}
