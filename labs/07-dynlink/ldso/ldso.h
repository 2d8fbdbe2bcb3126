/*
 * ld-trellis.so: a dynamic linker in user space.
 *
 * The kernel maps a program and, because its PT_INTERP says so, this linker; it starts the linker.
 * The linker relocates itself (main.c), loads the libraries the program needs, breadth first
 * (load.c), lays out thread-local storage (tls.c), relocates every object (reloc.c) by looking up
 * symbols in all of them (lookup.c), runs constructors, and jumps to the program.
 *
 * Until main.c has relocated it, no code here may use a pointer in initialised data. It calls no
 * library: sys.c has what it needs. It is compiled without SSE, so that the lazy-binding trampoline
 * need not save vector registers. One thread only: programs here bind before they make threads.
 */
#pragma once

#include "07-dynlink/ldso/elf.h"

#define MAX_NEEDED	32

/* A loaded file: the program, a library, or the linker itself. */
struct object {
	struct object *next;		/* in load order: the order in which symbols are looked up */
	const char *name;		/* soname or the path's last part; "" for the program */
	const char *path;
	u64 base;			/* added to addresses in the file */
	u64 entry;			/* of a program the linker has mapped itself */
	const struct elf64_phdr *phdr;
	int phnum;
	u64 device, inode;		/* the same file is loaded once */

	const struct elf64_dyn *dynamic;
	u64 tag[DT_COUNT];		/* values of the tags, as in the file; 0: absent */
	const struct elf64_sym *symbols;
	const char *strings;
	const struct gnu_hash *gnu_hash;
	const struct sysv_hash *sysv_hash;
	const u16 *versym;		/* NULL: no versions */
	const struct elf64_verdef *verdef;
	const struct elf64_verneed *verneed;
	bool bind_now, symbolic;

	/* thread-local storage */
	u64 tls_module;			/* from 1; 0: none */
	const void *tls_image;
	u64 tls_file_size, tls_size, tls_align;
	u64 tls_offset;			/* the block begins at thread pointer - tls_offset */

	struct object *needed[MAX_NEEDED];
	int needed_count;
	bool init_seen, init_done;
};

extern struct object *objects;		/* all, the program first, the linker last */
extern struct object self;

/*
 * What is looked for: a name, its hash and the version the reference asks for (NULL: any
 * default one).
 */
struct lookup {
	const char *name;
	u32 gnu_hash;
	const char *version;
};

/* load.c */
struct search_path {
	const char *library_path;	/* LD_LIBRARY_PATH or NULL */
};
extern struct search_path search;
/*
 * Map the file at path (for a program) or find a library for `by`: the object, or ends the
 * process.
 */
struct object *load_program(const char *path);
struct object *load_library(const char *name, struct object *by);
/* Fill in o from its program headers, whose memory is mapped at o->base. */
void object_init(struct object *o);

/* lookup.c: exercise 7.5 */
u32 gnu_hash(const char *name);
/* The symbol of o that l describes and that defines something, or NULL. */
const struct elf64_sym *object_lookup(const struct object *o, const struct lookup *l);

/* symbol.c */
/*
 * The definition for the symbol number `index` of o, first in load order, and in *where the
 * object that has it. NULL: undefined and weak. An undefined strong symbol ends the process.
 * skip (may be NULL) is not looked at: for COPY relocations.
 */
const struct elf64_sym *symbol_find(const struct object *o, u32 index, const struct object *skip,
				    struct object **where);
/* Whether symbol number `index` of o has the version that l asks for. */
bool version_matches(const struct object *o, u32 index, const struct lookup *l);
/* Its address; calls the resolver of an indirect function. 0 for NULL. */
u64 symbol_address(const struct elf64_sym *s, const struct object *where);

/* reloc.c: exercise 7.4 */
/* Apply one relocation of o. */
void relocate_one(struct object *o, const struct elf64_rela *r);

/* tls.c */
void tls_add(struct object *o);		/* give o a place in the static block */
void tls_setup(void);			/* allocate the block and load the thread pointer */
void tls_copy_images(void);		/* initialise it; after relocation */

/* sys.c */
#define O_RDONLY_CLOEXEC 02000000
int sys_open(const char *path);
s64 sys_pread(int fd, void *buf, u64 n, u64 offset);
void sys_close(int fd);
int sys_identity(int fd, u64 *device, u64 *inode);
/* The address, or a negative errno. */
s64 sys_mmap(u64 addr, u64 size, int prot, int flags, int fd, u64 offset);
int sys_mprotect(u64 addr, u64 size, int prot);
void sys_set_thread_pointer(void *tp);
s64 sys_readlink(const char *path, char *buf, u64 size);
void sys_exit(int status) __attribute__((noreturn));
void *allocate(u64 size);		/* zeroed, never freed; ends the process if there is no memory */
char *join(const char *a, u64 a_len, const char *b);	/* a new string: a's first a_len bytes, "/" and b */
void say(const char *first, ...);	/* strings up to a NULL, to standard error */
/* Say "ld-trellis.so: " and the strings up to a NULL, and exit with 127. */
void die(const char *first, ...) __attribute__((noreturn));
u64 str_len(const char *s);
bool str_equal(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
void mem_copy(void *to, const void *from, u64 n);
void mem_zero(void *to, u64 n);

/* start.S */
extern const char resolve_trampoline[];
