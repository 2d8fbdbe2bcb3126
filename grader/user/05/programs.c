/*
 * Programs made by hand: ELF files that no linker writes, but anybody may.
 */
#include "vfs_test.h"
#include <elf.h>
#include <sys/wait.h>

/* exit(7): mov $60, %eax; mov $7, %edi; syscall */
static const unsigned char code[] = { 0xb8, 60, 0, 0, 0, 0xbf, 7, 0, 0, 0, 0x0f, 0x05 };

struct program {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	unsigned char code[sizeof(code)];
};

/* Write a program of one segment, execute it as nobody in particular, and give its wait status. */
static int run(unsigned type, unsigned long address, unsigned long align)
{
	struct program p = {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = type, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			.e_entry = address + offsetof(struct program, code),
			.e_phoff = sizeof(p.header), .e_ehsize = sizeof(p.header),
			.e_phentsize = sizeof(p.segment), .e_phnum = 1,
		},
		.segment = {
			.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = address,
			.p_filesz = sizeof(p), .p_memsz = sizeof(p), .p_align = align,
		},
	};
	int status = -1, pid, fd = open("program", O_CREAT | O_WRONLY | O_TRUNC, 0755);
	char *argv[] = { "program", NULL }, *envp[] = { NULL };

	memcpy(p.code, code, sizeof(code));
	if (write(fd, &p, sizeof(p)) != sizeof(p) || close(fd))
		return -1;
	pid = fork();
	if (!pid) {
		if (!geteuid() && setresuid(54321, 54321, 54321))
			_exit(99);
		_exit(execve("./program", argv, envp) == -1 ? 1 : 98);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* Linux notices some things only when there is no way back any more, and kills. */
static int refused(int status)
{
	return status == 1 << 8 || WIFSIGNALED(status);
}

UTEST(elf_places, "5.0", 0, "a program that could only lie at address 0 is refused, with an errno")
{
	in_new_directory();
	UT_EQ(run(ET_EXEC, 0x400000, 0x1000), 7 << 8);
	UT_EQ(run(ET_DYN, 0, 0x1000), 7 << 8);
	UT_EQ(run(ET_DYN, 0x1000, 1UL << 30), 7 << 8);
	UT_ASSERT(refused(run(ET_DYN, 0x1000, 1UL << 47)));	/* nothing is so aligned but 0 */
	UT_ASSERT(refused(run(ET_EXEC, 0, 0x1000)));
}

UTEST_MAIN(elf_places)
