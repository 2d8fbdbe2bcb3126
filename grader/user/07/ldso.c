/*
 * Exercises 7.4 and 7.5: relocation and symbol lookup, by the programs demo (three ways to link
 * it) and versions.
 *
 * @file /lib/ld-trellis.so BUILD/user/ld-trellis.so
 * @file /lib/trellis BUILD/user
 */
#define _GNU_SOURCE 1
#include "07/ldso_run.h"

#include <elf.h>

/* The check `what` of lib/demo.c works in each way to link the program. */
static void check(const char *what)
{
	ldso_check("demo", what, NULL);
	ldso_check("demo-now", what, NULL);
	ldso_check("demo-fixed", what, NULL);
}

UTEST(ldso_data, "7.4", 3, "pointers in the data of programs and libraries are relocated (64, RELATIVE)")
{
	check("data");
}

UTEST(ldso_functions, "7.4", 3, "functions of libraries can be called, by name and by pointer (JUMP_SLOT, GLOB_DAT)")
{
	check("functions");
}

UTEST(ldso_copy, "7.4", 2, "a program and a library share a variable that the program has a copy of (COPY)")
{
	check("copy");
}

UTEST(ldso_tls, "7.4", 2, "thread-local variables of program and library (DTPMOD64, DTPOFF64, TPOFF64)")
{
	check("tls");
}

UTEST(ldso_ifunc, "7.4", 1, "an indirect function is what its resolver returns")
{
	check("ifunc");
}

UTEST(ldso_size, "7.4", 1, "a word can hold the size of a symbol (SIZE64)")
{
	check("size");
}

/* A copy of demo in /tmp whose first relocation is of another type. */
static const char *with_relocation(unsigned type)
{
	static char buf[1 << 20], path[PATH_MAX];
	Elf64_Ehdr *e = (Elf64_Ehdr *)buf;
	Elf64_Phdr *p = (Elf64_Phdr *)(buf + sizeof(*e));
	unsigned long rela = 0;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/demo", ldso_dir());
	fd = (int)UT_OK(open(path, O_RDONLY));
	size = read(fd, buf, sizeof(buf));
	UT_ASSERT(size > 0 && size < (ssize_t)sizeof(buf));
	close(fd);
	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_DYNAMIC)
			for (Elf64_Dyn *d = (Elf64_Dyn *)(buf + p[i].p_offset); d->d_tag; d++)
				if (d->d_tag == DT_RELA)
					rela = d->d_un.d_ptr;
	UT_ASSERT(rela && rela < (unsigned long)size);	/* in the first segment: also the offset */
	if (type)
		((Elf64_Rela *)(buf + rela))->r_info = type;
	unlink("/tmp/demo-relocation");
	fd = (int)UT_OK(open("/tmp/demo-relocation", O_WRONLY | O_CREAT, 0755));
	UT_EQ(write(fd, buf, (size_t)size), size);
	close(fd);
	return "/tmp/demo-relocation";
}

UTEST(ldso_reloc_errors, "7.4", 1, "a relocation of unknown type ends the program before it starts")
{
	char env[PATH_MAX + 32];
	struct run r;

	snprintf(env, sizeof(env), "LD_LIBRARY_PATH=%s", ldso_dir());
	ldso_run(&r, with_relocation(0), "functions", env);
	ldso_expect(&r, "an unchanged copy of demo", 0, "functions: ok");
	ldso_run(&r, with_relocation(200), "functions", env);
	ldso_expect(&r, "a relocation of type 200", 127, "ld-trellis.so: ");
}

UTEST(ldso_packed, "7.4", 0, "a program with relocations that the linker does not know does not start")
{
	struct run r;

	ldso_run(&r, "demo-packed", "data", NULL);
	ldso_expect(&r, "demo-packed", 127, "packed relocations");
}

UTEST(ldso_many, "7.5", 3, "each of 256 functions of a library is found, also in long chains of the hash table")
{
	check("many");
}

UTEST(ldso_weak, "7.5", 2, "a weak symbol that nobody defines is not found, and is 0")
{
	check("weak");
}

UTEST(ldso_interpose, "7.5", 3, "the program's definition of a function replaces the library's")
{
	check("lookup");
}

UTEST(ldso_versions, "7.5", 3, "a reference gets the version of the symbol that it was linked with")
{
	ldso_check("versions", "default", NULL);
	ldso_check("versions", "old", NULL);
}

UTEST(ldso_base_version, "7.5", 2, "a reference without version gets the oldest one")
{
	ldso_check("versions", "default", NULL);
	ldso_check("versions", "base", NULL);
}

UTEST(ldso_future_version, "7.5", 0, "a program that needs a version which its library lacks does not start")
{
	struct run r;

	ldso_run(&r, "versions-future", NULL, NULL);
	ldso_expect(&r, "versions-future", 127, "VERSION_3");
}

UTEST_MAIN(ldso_data, ldso_functions, ldso_copy, ldso_tls, ldso_ifunc, ldso_size, ldso_reloc_errors,
	   ldso_packed, ldso_many, ldso_weak, ldso_interpose, ldso_versions, ldso_base_version,
	   ldso_future_version)
