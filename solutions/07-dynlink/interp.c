/*
 * PT_INTERP: a program that names an interpreter is not started itself. The interpreter is
 * mapped next to it and started instead; it finds the program through the auxiliary vector
 * (gABI chapter 5, "Program Interpreter"; psABI 3.4.3). The interpreter of nearly all programs
 * is the dynamic linker.
 */
#include "common/abi/elf.h"
#include "common/abi/fcntl.h"
#include "01-memory/kmem.h"
#include "04-elf/elf.h"
#include "04-elf/exec.h"

/* The path that PT_INTERP holds, to be freed by kfree(); ERR_PTR(-ENOEXEC, -ENOMEM, -EIO). */
static char *interp_path(struct exec *x, const struct elf_image *program)
{
	char *path;
	ssize_t n;

	if (program->interp_size < 2 || program->interp_size > ELF_MAX_INTERP)
		return ERR_PTR(-ENOEXEC);
	path = kmalloc(program->interp_size, GFP_KERNEL);
	if (!path)
		return ERR_PTR(-ENOMEM);
	n = file_read_kernel(x->file, path, program->interp_size, (loff_t)program->interp_offset);
	if (n == (ssize_t)program->interp_size && path[n - 1] == '\0')
		return path;
	kfree(path);
	return ERR_PTR(n < 0 ? n : n == (ssize_t)program->interp_size ? -ENOEXEC : -EIO);
}

/*
 * Read the headers of the interpreter f: 0, -EIO (too short), -ELIBBAD (no ELF file for this
 * machine), -ENOMEM.
 */
static int interp_read(struct file *f, struct elf_image *image)
{
	struct elf64_ehdr head;
	ssize_t n = file_read_kernel(f, &head, sizeof(head), 0);
	int err;

	if (n != sizeof(head))
		return n < 0 ? (int)n : -EIO;
	err = elf_read(f, image);
	return err == -ENOEXEC ? -ELIBBAD : err;
}

/*
 * Exercise 7.1: load the interpreter at `path` for the program that x is about to run.
 *
 * Goal: open the file as exec does, read its headers into *image, find a place for it in x->mm,
 * map it there; then x->entry is where user mode starts: the interpreter's entry; and
 * x->interp_base what was added to the addresses in its file (AT_BASE). x->program_entry stays
 * the program's. 0, or the errno of the step that failed.
 * Invariants: the place is free: the program is mapped already. The reference to the file goes
 * to x->interp_file, which exec drops, or is dropped here when something fails. An interpreter
 * that is not position-independent (ET_EXEC) goes where it says: its bias is 0.
 * Symptom when wrong: dynamic programs die of SIGSEGV before their first system call (wrong
 * entry); a debugger does not find the linker, and nobody else notices anything (wrong
 * AT_BASE).
 * Read: 04-elf/elf.h and 04-elf/exec.h; how lab 04 loads the program itself, in 04-elf/.
 * Tests: interp_runs, interp_auxv, interp_missing, interp_bad.
 */
static int interp_load(struct exec *x, const char *path, struct elf_image *image)
{
	/* EXERCISE 7.1 BEGIN  blank: (void)interp_read; return -ENOEXEC; */
	struct file *f = open_exec(AT_FDCWD, path, 0);
	s64 bias = 0;
	int err;

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	err = interp_read(f, image);
	if (!err && image->dynamic) {
		bias = elf_find_bias(x->mm, image);
		err = bias < 0 ? (int)bias : 0;
	}
	if (!err)
		err = elf_map(x->mm, f, image, (u64)bias);
	if (err) {
		file_put(f);
		return err;
	}
	x->interp_file = f;
	x->entry = image->entry + (u64)bias;
	x->interp_base = (vaddr_t)bias;
	return 0;
	/* EXERCISE 7.1 END */
}

static int interp_step(struct exec *x, const struct elf_image *program)
{
	struct elf_image *image;
	char *path;
	int err = -ENOMEM;

	if (!program->interp_size)
		return 0;
	path = interp_path(x, program);
	if (IS_ERR(path))
		return (int)PTR_ERR(path);
	image = kmalloc(sizeof(*image), GFP_KERNEL);
	if (image)
		err = interp_load(x, path, image);
	kfree(image);
	kfree(path);
	return err;
}
EXEC_STEP(10, interp_step);
