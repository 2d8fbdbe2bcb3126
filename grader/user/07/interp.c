/*
 * Exercise 7.1: programs that ask for an interpreter. The program is /bin/true of this machine's
 * Linux, with its C library.
 *
 * @file /lib64/ld-linux-x86-64.so.2 /lib64/ld-linux-x86-64.so.2
 * @file /lib/x86_64-linux-gnu/libc.so.6 /lib/x86_64-linux-gnu/libc.so.6
 * @file /bin/dynamic-true /bin/true
 */
#define _GNU_SOURCE 1
#include "ktap_user.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>

static const char *program(void)
{
	return access("/bin/dynamic-true", X_OK) == 0 ? "/bin/dynamic-true" : "/bin/true";
}

/* Run the program; its output goes to *out. Wait status, or -errno if exec failed. */
static int run(const char *path, char *const envp[], char *out, size_t size)
{
	int fd[2], failure[2], status, error = 0;
	char *argv[] = { (char *)path, NULL };
	ssize_t n;
	size_t have = 0;
	pid_t child;

	UT_OK(pipe(fd));
	UT_OK(pipe2(failure, O_CLOEXEC));
	child = (pid_t)UT_OK(fork());
	if (child == 0) {
		dup2(fd[1], 1);
		execve(path, argv, envp);
		error = errno;
		write(failure[1], &error, sizeof(error));
		_exit(1);
	}
	close(fd[1]);
	close(failure[1]);
	while (have + 1 < size && (n = read(fd[0], out + have, size - 1 - have)) > 0)
		have += (size_t)n;
	out[have] = '\0';
	if (read(failure[0], &error, sizeof(error)) != sizeof(error))
		error = 0;
	UT_EQ(waitpid(child, &status, 0), child);
	return error ? -error : status;
}

static int run_quietly(const char *path)
{
	char *envp[] = { NULL }, out[64];

	return run(path, envp, out, sizeof(out));
}

/*
 * A copy of the program at /tmp/copy that asks for another interpreter; its path must not be
 * longer.
 */
static const char *with_interpreter(const char *interp)
{
	static char buf[1 << 20];
	int fd = (int)UT_OK(open(program(), O_RDONLY));
	ssize_t size = read(fd, buf, sizeof(buf));
	Elf64_Ehdr *e = (Elf64_Ehdr *)buf;
	Elf64_Phdr *p = (Elf64_Phdr *)(buf + e->e_phoff);

	UT_ASSERT(size > 0 && size < (ssize_t)sizeof(buf));
	close(fd);
	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_INTERP && interp) {
			UT_ASSERT(strlen(interp) < p[i].p_filesz);
			memset(buf + p[i].p_offset, 0, p[i].p_filesz);
			strcpy(buf + p[i].p_offset, interp);
			p[i].p_filesz = strlen(interp) + 1;
		}
	unlink("/tmp/copy");
	fd = (int)UT_OK(open("/tmp/copy", O_WRONLY | O_CREAT, 0755));
	UT_EQ(write(fd, buf, (size_t)size), size);
	close(fd);
	return "/tmp/copy";
}

static void write_file(const char *path, const void *data, size_t size, mode_t mode)
{
	int fd;

	unlink(path);
	fd = (int)UT_OK(open(path, O_WRONLY | O_CREAT, mode));
	UT_EQ(write(fd, data, size), size);
	close(fd);
}

UTEST(interp_runs, "7.1", 4, "a dynamically linked program runs")
{
	UT_EQ(run_quietly(program()), 0);
	UT_EQ(run_quietly(with_interpreter(NULL)), 0);
}

/* The number behind "NAME:" in the output of LD_SHOW_AUXV=1. */
static unsigned long auxv(const char *out, const char *name)
{
	const char *line = strstr(out, name);

	UT_MSG(line, "the interpreter got no %s", name);
	return strtoul(line + strlen(name) + 1, NULL, 0);
}

UTEST(interp_auxv, "7.1", 2, "AT_BASE is where the interpreter is; AT_ENTRY and AT_PHDR are the program's")
{
	char *envp[] = { "LD_SHOW_AUXV=1", NULL }, out[8192];
	unsigned long base, entry, phdr;

	UT_EQ(run(program(), envp, out, sizeof(out)), 0);
	base = auxv(out, "AT_BASE");
	entry = auxv(out, "AT_ENTRY");
	phdr = auxv(out, "AT_PHDR");
	UT_ASSERT(base != 0 && base % 4096 == 0);
	UT_ASSERT(entry - phdr < 1 << 20);
	UT_ASSERT(base - phdr > 1 << 20);
}

UTEST(interp_missing, "7.1", 2, "exec fails with ENOENT or EACCES when the interpreter cannot be opened")
{
	UT_EQ(run_quietly(with_interpreter(NULL)), 0);
	UT_EQ(run_quietly(with_interpreter("/tmp/no-such-ld")), -ENOENT);
	write_file("/tmp/not-x", "hello", 5, 0644);
	UT_EQ(run_quietly(with_interpreter("/tmp/not-x")), -EACCES);
}

UTEST(interp_bad, "7.1", 2, "exec fails with ELIBBAD when the interpreter is not an ELF file, EIO when it is short")
{
	char zeros[4096] = { 0 };

	UT_EQ(run_quietly(with_interpreter(NULL)), 0);
	write_file("/tmp/bad", zeros, sizeof(zeros), 0755);
	UT_EQ(run_quietly(with_interpreter("/tmp/bad")), -ELIBBAD);
	write_file("/tmp/bad", zeros, 10, 0755);
	UT_EQ(run_quietly(with_interpreter("/tmp/bad")), -EIO);
}

UTEST_MAIN(interp_runs, interp_auxv, interp_missing, interp_bad)
