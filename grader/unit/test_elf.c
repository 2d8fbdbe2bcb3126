/*
 * Lab 04's parsers: ELF headers (this machine's own programs, then what no loader may accept, then
 * random damage) and cpio archives (as cpio makes them, then damaged). AddressSanitizer watches.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/util.h"
#include "unit.h"
#undef ARRAY_SIZE

#include "kernel_names.h"
#include "common/layout.h"
#include "common/string.h"
#include "04-elf/cpio.h"
#include "04-elf/elf.h"

/* ---- ELF ---- */

#define FILE_SIZE	0x10000UL

static struct elf64_ehdr h;
static struct elf64_phdr p[4];
static struct elf_image image;

/* A plain static program: text, data with bss, stack. */
static void good(void)
{
	h = (struct elf64_ehdr){.e_ident = "\177ELF\2\1\1",
				.e_type = ET_EXEC,
				.e_machine = EM_X86_64,
				.e_version = 1,
				.e_entry = 0x401000,
				.e_phoff = 64,
				.e_ehsize = 64,
				.e_phentsize = sizeof(p[0]),
				.e_phnum = 3};
	p[0] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = 5, .p_vaddr = 0x400000,
				    .p_filesz = 0x1800, .p_memsz = 0x1800, .p_align = 0x1000 };
	p[1] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = 6, .p_offset = 0x1800,
				    .p_vaddr = 0x402800, .p_filesz = 0x100, .p_memsz = 0x3000,
				    .p_align = 0x1000 };
	p[2] = (struct elf64_phdr){ .p_type = PT_GNU_STACK, .p_flags = 6 };
	p[3] = (struct elf64_phdr){ .p_type = PT_INTERP, .p_offset = 0x200, .p_filesz = 28 };
}

static int load(void)
{
	int error = elf_check_header(&h, sizeof(h));

	return error ? error : elf_describe(&h, p, FILE_SIZE, &image);
}

START_TEST(accepts_a_program)
{
	good();
	ck_assert_int_eq(load(), 0);
	ck_assert(!image.dynamic && !image.stack_exec);
	ck_assert_int_eq(image.count, 2);
	ck_assert_uint_eq(image.low, 0x400000);
	ck_assert_uint_eq(image.high, 0x405800);
	ck_assert_uint_eq(image.phdr, 0x400040);
	ck_assert_uint_eq(image.interp_size, 0);
	h.e_phnum = 4;
	h.e_type = ET_DYN;
	ck_assert_int_eq(load(), 0);
	ck_assert_uint_eq(image.interp_offset, 0x200);
	ck_assert_uint_eq(image.interp_size, 28);
}
END_TEST

#define BREAK(n, what) case n: what; break

/* One thing wrong at a time; false behind the last. */
static bool break_one(int n)
{
	good();
	switch (n) {
	BREAK(0, h.e_ident[1] = 'e');
	BREAK(1, h.e_ident[EI_CLASS] = 1);
	BREAK(2, h.e_ident[EI_DATA] = 2);
	BREAK(3, h.e_type = ET_REL);
	BREAK(4, h.e_type = ET_CORE);
	BREAK(5, h.e_machine = EM_386);
	BREAK(6, h.e_phentsize = 32);
	BREAK(7, h.e_phnum = 0);
	BREAK(8, h.e_phoff = FILE_SIZE - 8);
	BREAK(9, h.e_phoff = ~0UL - 8);
	BREAK(10, p[0].p_filesz = p[0].p_memsz + 1);
	BREAK(11, p[1].p_offset = FILE_SIZE - 0x800; p[1].p_filesz = p[1].p_memsz = 0x801);
	BREAK(12, p[1].p_offset = ~0UL - 0x7ff; p[1].p_filesz = 0x900);
	BREAK(13, p[1].p_vaddr = USER_END + 0x800);
	BREAK(14, p[1].p_memsz = ~0UL);
	BREAK(15, p[1].p_memsz = USER_END);
	BREAK(16, p[1].p_vaddr = 0x402900);
	BREAK(17, p[1].p_vaddr = 0x3ff800);
	BREAK(18, p[0].p_align = 0x3000);
	BREAK(19, h.e_phnum = 4; p[3].p_filesz = FILE_SIZE);
	BREAK(20, h.e_phnum = 4; p[3].p_offset = ~0UL);
	BREAK(21, h.e_phnum = 4; p[2] = p[3]);
	BREAK(22, p[0].p_type = p[1].p_type = PT_NOTE);
	default:
		return false;
	}
	return true;
}

START_TEST(refuses_what_is_wrong)
{
	int n = 0;

	for (; break_one(n); n++)
		ck_assert_msg(load() == -ENOEXEC, "case %d was not refused", n);
	ck_assert_int_eq(n, 23);
	good();
	ck_assert_int_eq(elf_check_header(&h, sizeof(h) - 1), -ENOEXEC);
}
END_TEST

static void check_invariants(u64 file_size)
{
	u64 last = 0;

	ck_assert_int_ge(image.count, 1);
	for (int i = 0; i < image.count; i++) {
		const struct elf_segment *s = &image.segments[i];

		ck_assert(s->filesz <= s->memsz && s->memsz > 0);
		ck_assert(s->offset <= file_size && s->filesz <= file_size - s->offset);
		ck_assert(s->vaddr >= last && s->vaddr < USER_END &&
			  s->memsz <= USER_END - s->vaddr);
		ck_assert_uint_eq((s->vaddr ^ s->offset) & 0xfff, 0);
		last = s->vaddr + s->memsz;
	}
	ck_assert_uint_eq(image.high, last);
	ck_assert(image.align && !(image.align & (image.align - 1)));
}

START_TEST(random_damage)
{
	int accepted = 0;

	srand((unsigned)_i + 1);
	for (int i = 0; i < 20000; i++) {
		good();
		h.e_phnum = (u16)(3 + rand() % 2);
		for (int k = rand() % 4; k >= 0; k--) {
			if (rand() % 4 == 0)
				((u8 *)&h)[rand() % (int)sizeof(h)] = (u8)rand();
			else
				((u8 *)p)[rand() % (int)sizeof(p)] = (u8)rand();
		}
		if (h.e_phnum <= 4 && load() == 0) {
			check_invariants(FILE_SIZE);
			accepted++;
		}
	}
	ck_assert_int_gt(accepted, 100);
}
END_TEST

START_TEST(accepts_this_machines_programs)
{
	static const char *const programs[] = {"/bin/true", "/bin/sh", "/proc/self/exe",
					       "/usr/bin/gcc"};
	size_t size;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		char *file = read_file(programs[i], &size);
		struct elf64_ehdr *e = (struct elf64_ehdr *)file;

		ck_assert_ptr_nonnull(file);
		ck_assert_int_eq(elf_check_header(e, size), 0);
		ck_assert_int_eq(
			elf_describe(e, (struct elf64_phdr *)(file + e->e_phoff), size, &image), 0);
		check_invariants(size);
		ck_assert(image.interp_size > 0 || !image.dynamic);
		free(file);
	}
}
END_TEST

/* ---- cpio ---- */

static char *archive;
static size_t archive_size;

static void make_archive(void)
{
	char template[] = "/tmp/cpio-unit-XXXXXX", *path, *script;
	struct args a = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(template));
	script = xasprintf("cd %s && mkdir -p in/bin && cd in && echo hello > bin/file && "
			   "ln bin/file bin/hard && ln -s file bin/link && printf 12345 > five && "
			   "find . | LC_ALL=C sort | cpio --quiet -o -H newc > ../archive",
			   template);
	args_split(&a, "sh -ec");
	args_add(&a, script);
	ck_assert_int_eq(run_program(a.v, NULL), 0);
	path = xasprintf("%s/archive", template);
	archive = read_file(path, &archive_size);
	ck_assert_ptr_nonnull(archive);
	script = xasprintf("rm -rf %s", template);
	ck_assert_int_eq(system(script), 0);
}

START_TEST(cpio_entries)
{
	struct cpio_entry e;
	u64 offset = 0;
	int n = 0;

	make_archive();
	while (cpio_next(archive, archive_size, &offset, &e) == 1)
		n++;
	ck_assert_int_eq(n, 6);
	ck_assert_int_eq(cpio_find(archive, archive_size, "/five", 5, &e), 1);
	ck_assert_uint_eq(e.size, 5);
	ck_assert_int_eq(memcmp(e.data, "12345", 5), 0);
	for (int i = 0; i < 2; i++) {
		const char *name = i ? "//bin/./hard" : "bin/file";

		ck_assert_int_eq(cpio_find(archive, archive_size, name, strlen(name), &e), 1);
		ck_assert_uint_eq(e.size, 6);
		ck_assert_int_eq(memcmp(e.data, "hello\n", 6), 0);
	}
	ck_assert_int_eq(cpio_find(archive, archive_size, "/bin/link", 9, &e), 1);
	ck_assert_uint_eq(e.mode & 0170000, 0120000);
	ck_assert_int_eq(memcmp(e.data, "file", e.size), 0);
	ck_assert_int_eq(cpio_find(archive, archive_size, "/no", 3, &e), 0);
	ck_assert_ptr_null(cpio_compression(archive, archive_size));
	ck_assert_str_eq(cpio_compression("\x1f\x8b\x08\0", 4), "gzip");
}
END_TEST

START_TEST(cpio_damage)
{
	make_archive();
	srand((unsigned)_i + 1);
	for (int i = 0; i < 300; i++) {
		/* An exact copy in memory of its own, so that a byte too far is noticed. */
		size_t size = (size_t)rand() % archive_size;
		char *copy = malloc(size);
		struct cpio_entry e;
		u64 offset = 0;

		memcpy(copy, archive, size);
		for (int k = rand() % 3; size && k > 0; k--)
			copy[(size_t)rand() % size] = "0f\0x"[rand() % 4];
		while (cpio_next(copy, size, &offset, &e) == 1) {
			ck_assert_uint_le(strlen(e.name), size);
			if (e.size)
				ck_assert_int_ge(memcmp(e.data, e.data, e.size), 0);
		}
		cpio_find(copy, size, "/bin/hard", 9, &e);
		free(copy);
	}
}
END_TEST

static Suite *elf_suite(void)
{
	Suite *s = suite_create("elf");
	TCase *t = tcase_create("elf");

	tcase_add_test(t, accepts_a_program);
	tcase_add_test(t, refuses_what_is_wrong);
	tcase_add_loop_test(t, random_damage, 0, 4);
	tcase_add_test(t, accepts_this_machines_programs);
	tcase_add_test(t, cpio_entries);
	tcase_add_loop_test(t, cpio_damage, 0, 4);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(elf_suite);
