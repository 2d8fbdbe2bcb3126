/*
 * ld-trellis.so: a dynamic linker in user space.
 *
 * The kernel maps a program and, because its PT_INTERP says so, this linker; it starts the
 * linker. Files, in the order in which a starting program meets them:
 *
 *	start.S		the kernel's entry
 *	main.c		the way from there to the program's entry; relocates the linker itself
 *	load.c		maps files; dynamic.c reads their dynamic sections
 *	deps.c, path.c	which libraries are needed, in which order, and where they are (7.6)
 *	tls.c		thread-local storage (7.8); tls_thread.c, its memory
 *	link.c		relocates an object: every entry of its tables by reloc.c (7.4)
 *	symbol.c	from a reference to its definition (7.5): which objects are asked
 *	lookup.c	one object's hash table (7.5); version.c, its versions
 *	init.c		constructors and destructors (7.6)
 *	lazy.c, trampoline.S	functions bound at their first call (7.7)
 *	dlfcn.c, close.c	dlopen() and what belongs to it (7.8)
 *
 * Until main.c has relocated it, no code here may use a pointer in initialised data. It calls
 * no library: sys.h has what it needs. It is compiled without SSE. Programs may have threads:
 * the load lock is held by dlopen(), dlclose() and dlsym() from begin to end, and constructors
 * run under it, so it is recursive; the scope lock is held for a moment, while a list of
 * objects is searched or changed, so that a lazy binding never waits for a constructor.
 */
#pragma once

#include "07-dynlink/ldso/elf.h"
#include "07-dynlink/ldso/sys.h"

#define LINKER_NAME	"ld-trellis.so"

struct object;

/* A list of objects in the order in which they are searched. The scope lock, once threads exist. */
struct scope {
	struct object **list;
	int count, room;
};

/* A loaded file: the program, a library, or the linker itself. */
struct object {
	struct object *next;		/* all objects, in load order */
	const char *name;		/* soname or the path's last part; "" for the program */
	const char *path;		/* NULL: the kernel mapped it */
	u64 base;			/* added to addresses in the file */
	u64 map_start, map_size;	/* the range of memory it takes */
	u64 entry;			/* of a program the linker has mapped itself */
	const struct elf64_phdr *phdr;
	int phnum;
	u64 device, inode;		/* the same file is loaded once */

	/* dynamic.c: where the tables of its dynamic section are */
	const struct elf64_dyn *dynamic;
	u64 tag[DT_COUNT];		/* values of the tags, as in the file; 0: absent */
	const struct elf64_sym *symbols;
	const char *strings;
	const struct gnu_hash *gnu_hash;
	const struct sysv_hash *sysv_hash;
	const u16 *versym;		/* NULL: no versions */
	const struct elf64_verdef *verdef;
	const struct elf64_verneed *verneed;
	bool bind_now, symbolic;	/* as its flags ask for */
	bool nodelete;			/* never unloaded: asked for, or loaded at the start */
	bool static_tls;		/* its TLS must be in the static blocks */

	/* thread-local storage */
	u64 tls_module;			/* from 1; 0: none */
	const void *tls_image;
	u64 tls_file_size, tls_size, tls_align;
	u64 tls_offset;			/* its static block: thread pointer - this; 0: none */

	/* other objects */
	struct object *loader;		/* who asked for it first; NULL: the program */
	struct scope needed;		/* its DT_NEEDED entries, in order */
	bool needed_loaded;
	struct scope search;		/* itself and all it needs, breadth first: if dlopen()ed */
	struct object *group;		/* whose dlopen() loaded it; NULL: at the start */
	struct scope bound;		/* to which it was bound without needing them */

	/* its life */
	bool relocated, init_started;
	int open_count;			/* of dlopen() minus dlclose() */
	bool in_use;			/* close.c: somebody needs it */
	struct object *init_next;	/* constructed before it */
};

#pragma GCC visibility push(hidden)

extern struct object *objects;		/* all, the program first */
extern struct object self;		/* the linker */
extern struct scope global_scope;	/* what every reference is looked for in */
extern struct lock load_lock, scope_lock;

/* ---- main.c ---- */

extern bool secure;			/* AT_SECURE: the environment is not to be trusted */
extern bool bind_all_now;		/* LD_BIND_NOW */
extern const char *library_path;	/* LD_LIBRARY_PATH or NULL */
extern const char *exec_path;		/* AT_EXECFN: what exec was told to run */
const char *object_name(const struct object *o);	/* for messages */

/* ---- load.c; all fail() ---- */

/* Map the program at path, when the linker was called as a command. */
struct object *load_program(const char *path);
/*
 * The library that `by` calls `name`, loaded if it was not. loaded_only: NULL if it was not.
 * Loading one appends to `objects`.
 */
struct object *load_library(const char *name, struct object *by, bool loaded_only);
void unload(struct object *o);		/* take it out of `objects` and unmap it */
/* Fill in o from its program headers, whose memory is mapped at o->base. */
void object_init(struct object *o);
/* The object that has this address, or the program. */
struct object *object_at(u64 address);

/* ---- dynamic.c ---- */

void read_dynamic(struct object *o);

/* ---- path.c ---- */

/*
 * Open `name` in the first directory of the colon-separated list (may be NULL) that has it: the
 * descriptor and its path, or -1. "$ORIGIN" or "${ORIGIN}" stands for the directory of `of`; a
 * secure process skips such entries.
 */
int open_in(const char *list, const char *name, const struct object *of, const char **path);
#define DEFAULT_PATH	"/lib/trellis:/lib:/usr/lib"

/* ---- deps.c: exercise 7.6 ---- */

/* Open the library that `by` calls `name`: the descriptor and its path, or negative. */
int find_library(const char *name, struct object *by, const char **path);
/* Load what the objects in s need, and append it, breadth first, each object once. */
void load_needed(struct scope *s);

/* ---- scope.c ---- */

bool scope_has(const struct scope *s, const struct object *o);
void scope_add(struct scope *s, struct object *o);	/* at the end, unless it is there */
void scope_remove(struct scope *s, const struct object *o);

/* ---- symbol.c, lookup.c: exercise 7.5 ---- */

/*
 * What is looked for: a name, its hash, and which of its versions. `version` names it; without, a
 * reference means the base version and dlsym() the default one.
 */
struct lookup {
	const char *name;
	u32 gnu_hash;
	const char *version;	/* or NULL */
	bool base;		/* without version: index 1 or 2, else the default one */
	bool call;		/* for a jump slot: an address of a PLT entry will not do */
};
u32 gnu_hash(const char *name);
/* The symbol of o that l describes and that defines something, or NULL. */
const struct elf64_sym *object_lookup(const struct object *o, const struct lookup *l);
/* Whether symbol number `index` of o has the version that l asks for. */
bool version_matches(const struct object *o, u32 index, const struct lookup *l);
/*
 * The first definition in the scope, from number `from` on, not counting `skip` (may be NULL),
 * and in *where the object that has it; or NULL. Hold the scope lock.
 */
const struct elf64_sym *scope_lookup(const struct scope *s, int from, const struct lookup *l,
				     const struct object *skip, struct object **where);
/*
 * The definition for the symbol number `index` of o, for a relocation of this type, and in
 * *where the object that has it. NULL: undefined and weak. fail()s for an undefined strong
 * symbol. A COPY relocation does not find o's own symbol.
 */
const struct elf64_sym *symbol_find(struct object *o, u32 index, u32 type, struct object **where);
/* Its address; calls the resolver of an indirect function. 0 for NULL. */
u64 symbol_address(const struct elf64_sym *s, const struct object *where);

/* ---- version.c ---- */

/* The name of the version with this index among those that o defines, or needs; or NULL. */
const char *version_defined(const struct object *o, u16 index);
const char *version_needed(const struct object *o, u16 index);
/* fail()s if a library lacks a version that o needs from it. */
void check_versions(const struct object *o);

/* ---- link.c, reloc.c (exercise 7.4) ---- */

/* Apply one relocation of o; fail()s. */
void relocate_one(struct object *o, const struct elf64_rela *r);
/* Make read-only what need not be written after relocation (PT_GNU_RELRO). */
void protect_relro(const struct object *o);
/* Relocate the objects that are not yet, of this one and those behind it. now: nothing lazily. */
void link_objects(struct object *first, bool now);

/* ---- lazy.c, trampoline.S: exercise 7.7 ---- */

/* May the functions that o calls be bound at their first call? now: dlopen() was told RTLD_NOW. */
bool binds_lazily(const struct object *o, bool now);
void prepare_lazy(struct object *o);
/* From the trampoline: bind o's jump slot with this number; the function's address. */
u64 bind_lazily(struct object *o, u64 index);
extern const char resolve_trampoline[];
/* How the trampoline keeps vector registers: bytes, multiple of 64; by XSAVE (else FXSAVE)? */
extern u64 vector_save_size;
extern u8 vector_save_xsave;
void lazy_start(void);			/* ask the CPU */

/* ---- init.c: exercise 7.6; call.c ---- */

/* Run the constructors of the scope's objects that have not run, dependencies first. */
void run_constructors(const struct scope *s);
/* Run the destructors of what was constructed, the last first: of all, or of what is not in_use. */
void run_destructors(bool all);
extern struct object *constructed;	/* the last; the others by init_next */
void call_constructors(struct object *o);
void call_destructors(struct object *o);
void call_preinit(struct object *program);
void call_start(int argc, char **argv, char **envp);	/* the arguments for constructors */

/* ---- close.c: exercise 7.8 ---- */

/* Set in_use of every object. */
void find_users(void);
/*
 * The symbol for dlsym(): in the handle's search list, or what RTLD_DEFAULT and RTLD_NEXT mean
 * for the object `caller`. Hold the scope lock.
 */
const struct elf64_sym *handle_lookup(void *handle, struct object *caller, const struct lookup *l,
				      struct object **where);
#define RTLD_DEFAULT	((void *)0)
#define RTLD_NEXT	((void *)-1L)

#pragma GCC visibility pop
