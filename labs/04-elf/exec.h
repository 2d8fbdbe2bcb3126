/*
 * execve: replace the program. Everything that can fail happens on the side, in a new address space
 * (struct exec); only then are the other threads killed and the parts told to commit.
 *
 * One struct exec goes through all of it; each stage fills its members for the next one. The
 * formats choose where the program starts, the steps add what a program needs around it, the stack
 * tells the program of both.
 */
#pragma once

#include "02-usermode/mm.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/file.h"

#define EXEC_HEAD_SIZE	256	/* first bytes of the file, as in Linux */
#define EXEC_MAX_AUXV	32
#define EXEC_MAX_DEPTH	5	/* #! chains */

struct exec {
	char *filename;			/* what argv[0] conventions and AT_EXECFN use */
	char *interp;			/* for scripts: the path of the interpreter */
	struct file *file;		/* the program; replaced by a script's interpreter */
	u8 head[EXEC_HEAD_SIZE];	/* first bytes, zero-padded */
	int depth;
	bool path_closed;		/* the name goes through a descriptor that exec closes */

	struct mm *mm;			/* the new address space */
	/* Strings are copied straight to the top of the new stack, growing down from here. */
	vaddr_t string_top;
	int argc, envc;
	vaddr_t arg_start, env_start, env_end, execfn_addr;

	/* Filled by the format. */
	vaddr_t entry;			/* where user mode starts: the interpreter's, if any */
	vaddr_t program_entry, program_base, phdr;	/* AT_ENTRY, load bias, AT_PHDR */
	int phnum;
	vaddr_t interp_base;		/* AT_BASE */
	bool stack_exec;		/* PT_GNU_STACK asks for it */
	struct file *interp_file;	/* PT_INTERP's file (07) */

	struct cred *cred;		/* new credentials (set-user-id), NULL: unchanged; owned */
	bool secure;			/* AT_SECURE */
	bool point_of_no_return;

	u64 auxv[EXEC_MAX_AUXV][2];	/* added by steps, type and value */
	int auxv_count;
	u64 argument_space;		/* bytes that strings and pointers may still take */
	vaddr_t sp;			/* the user's first stack pointer */
};

/*
 * Formats: linker set. load() returns 0, -ENOEXEC (try the next), another errno (fail), or 1:
 * file replaced, start again.
 */
struct exec_format {
	const char *name;
	int (*load)(struct exec *x);
};
#define EXEC_FORMAT(order, ident, fn)						\
	static LINKSET(exec_formats, order, const struct exec_format,		\
		       exec_format_##ident) = { #ident, fn }

/*
 * Steps that add to a loaded ELF program before its stack is finished: the interpreter (07), vDSO
 * (07). Linker set, in order. 0 or errno.
 */
struct elf_image;		/* elf.h */
struct exec_step {
	const char *name;
	int (*run)(struct exec *x, const struct elf_image *program);
};
#define EXEC_STEP(order, fn)							\
	static LINKSET(exec_steps, order, const struct exec_step, exec_step_##fn) = { #fn, fn }

/* Add an entry of the auxiliary vector, from a step. */
int exec_add_auxv(struct exec *x, u64 type, u64 value);

/*
 * Weak hook: open a program file by path for execution: its file, or ERR_PTR(-ENOENT, -EACCES,
 * ...). 04: in the initial ramdisk's archive. 05: through the VFS, relative to dirfd, honouring
 * flags (AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW) and permissions.
 */
struct file *open_exec(int dirfd, const char *path, int flags);
/*
 * Part of the same hook: set-user-id bits of the file as new credentials in x->cred. 04: nothing.
 */
int exec_file_cred(struct exec *x);

/*
 * Program with kernel strings, for init: 0 does not return to the caller in the usual sense: sets
 * up current's user registers.
 */
int exec_kernel(const char *path, const char *const argv[], const char *const envp[]);

/*
 * Randomisation on unless `norandmaps` or personality(ADDR_NO_RANDOMIZE). bits: how many random
 * bits of pages.
 */
u64 random_pages(unsigned bits);
