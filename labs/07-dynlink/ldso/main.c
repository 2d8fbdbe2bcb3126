/*
 * The linker's way from the kernel's entry to the program's: see ldso.h.
 */
#include "common/abi/auxvec.h"
#include "common/abi/mman.h"
#include "07-dynlink/ldso/ldso.h"

struct object *objects;
struct object self;
u64 *new_stack __attribute__((visibility("hidden")));

extern const struct elf64_ehdr __ehdr_start __attribute__((visibility("hidden")));
extern const struct elf64_dyn _DYNAMIC[] __attribute__((visibility("hidden")));
extern const char _start[] __attribute__((visibility("hidden")));

u64 linker_main(u64 *stack);
u64 bind_lazily(struct object *o, u64 index);
void run_destructors(void);

static struct {
	u64 phdr, phnum, base, entry;
	bool secure, bind_now, trace;
	const char *preload;
} start;
static int init_argc;
static char **init_argv, **init_envp;

/*
 * Relocate the linker itself: it is linked so that it has RELATIVE relocations only. Nothing that
 * needs one may be used before.
 */
static void relocate_self(void)
{
	u64 base = (u64)&__ehdr_start, rela = 0, size = 0;

	for (const struct elf64_dyn *d = _DYNAMIC; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_RELA)
			rela = base + d->d_val;
		else if (d->d_tag == DT_RELASZ)
			size = d->d_val;
	}
	for (const struct elf64_rela *r = (const void *)rela; (u64)r < rela + size; r++)
		*(u64 *)(base + r->r_offset) = base + (u64)r->r_addend;
}

/* The value of NAME=value, or NULL. */
static const char *env_get(char **envp, const char *name_equals)
{
	for (; *envp; envp++)
		if (str_starts(*envp, name_equals))
			return *envp + str_len(name_equals);
	return NULL;
}

static void read_auxv(const u64 *av)
{
	for (; av[0] != AT_NULL; av += 2) {
		switch (av[0]) {
		case AT_PHDR:
			start.phdr = av[1];
			break;
		case AT_PHNUM:
			start.phnum = av[1];
			break;
		case AT_ENTRY:
			start.entry = av[1];
			break;
		case AT_SECURE:
			start.secure = av[1] != 0;
			break;
		}
	}
}

static void read_stack(u64 *stack)
{
	u64 *p;

	new_stack = stack;
	init_argc = (int)stack[0];
	init_argv = (char **)(stack + 1);
	init_envp = init_argv + init_argc + 1;
	for (p = (u64 *)init_envp; *p; p++)
		;
	read_auxv(p + 1);
	if (!start.secure) {
		search.library_path = env_get(init_envp, "LD_LIBRARY_PATH=");
		start.preload = env_get(init_envp, "LD_PRELOAD=");
	}
	start.bind_now = env_get(init_envp, "LD_BIND_NOW=") != NULL;
	start.trace = env_get(init_envp, "LD_TRACE_LOADED_OBJECTS=") != NULL;
}

/*
 * Run as a command, "ld-trellis.so PROGRAM ARGS": the program is not mapped yet, and must not see
 * the linker's own name among its arguments. argc moves up over it on the stack; when that leaves
 * the stack pointer off its alignment of 16, everything moves down by a word.
 */
static void load_from_arguments(void)
{
	u64 *from = new_stack + 1, *to, *end;

	if (init_argc < 2) {
		say("usage: ld-trellis.so PROGRAM [ARGUMENT]...\n", NULL);
		sys_exit(2);
	}
	objects = load_program(init_argv[1]);
	objects->name = "";
	*from = (u64)init_argc - 1;
	for (end = (u64 *)init_envp; *end; end++)
		;
	for (end++; end[0] != AT_NULL; end += 2) {
		if (end[0] == AT_PHDR)
			end[1] = (u64)objects->phdr;
		else if (end[0] == AT_PHNUM)
			end[1] = (u64)objects->phnum;
	}
	end += 2;
	for (to = new_stack; from < end; )
		*to++ = *from++;
	init_argc--;
	init_envp = init_argv + init_argc + 1;
}

/* The program as the kernel mapped it. */
static void adopt_program(void)
{
	struct object *o = allocate(sizeof(*o));

	o->name = "";
	o->phdr = (const void *)start.phdr;
	o->phnum = (int)start.phnum;
	for (int i = 0; i < o->phnum; i++)
		if (o->phdr[i].p_type == PT_PHDR)
			o->base = start.phdr - o->phdr[i].p_vaddr;
	object_init(o);
	objects = o;
}

static void adopt_self(void)
{
	const struct elf64_ehdr *e = &__ehdr_start;

	self.name = "ld-trellis.so";
	self.base = (u64)e;
	self.phdr = (const void *)((u64)e + e->e_phoff);
	self.phnum = e->e_phnum;
	object_init(&self);
}

static void load_preloaded(void)
{
	const char *s = start.preload;

	while (s && *s) {
		u64 n = 0;
		char *name;

		while (s[n] && s[n] != ' ' && s[n] != ':')
			n++;
		name = allocate(n + 1);
		mem_copy(name, s, n);
		if (n)
			load_library(name, objects);
		s += n + (s[n] != '\0');
	}
}

/* Breadth first: what the program needs, then what those need: the order of lookup. */
static void load_needed(void)
{
	for (struct object *o = objects; o; o = o->next)
		for (const struct elf64_dyn *d = o->dynamic; d && d->d_tag != DT_NULL; d++) {
			if (d->d_tag != DT_NEEDED)
				continue;
			if (o->needed_count == MAX_NEEDED)
				die(o->name, ": needs too many libraries", NULL);
			o->needed[o->needed_count++] =
				str_equal(o->strings + d->d_val, self.name) ? &self :
				load_library(o->strings + d->d_val, o);
		}
}

/* ---- relocation ---------------------------------------------------------------------------- */

static void relocate_table(struct object *o, u64 table, u64 size, bool indirect)
{
	const struct elf64_rela *r = (const void *)(o->base + table);
	const struct elf64_rela *end = (const void *)((u64)r + size);

	for (; r < end; r++)
		if ((ELF64_R_TYPE(r->r_info) == R_X86_64_IRELATIVE) == indirect)
			relocate_one(o, r);
}

/*
 * Lazy binding: each slot of the PLT's table points back into the PLT, which pushes the
 * relocation's number and jumps through the table's third word with the second word pushed.
 */
static void prepare_lazy(struct object *o)
{
	const struct elf64_rela *r = (const void *)(o->base + o->tag[DT_JMPREL]);
	u64 *got = (u64 *)(o->base + o->tag[DT_PLTGOT]);

	got[1] = (u64)o;
	got[2] = (u64)resolve_trampoline;
	for (u64 i = 0; i < o->tag[DT_PLTRELSZ] / sizeof(*r); i++)
		if (ELF64_R_TYPE(r[i].r_info) == R_X86_64_JUMP_SLOT)
			*(u64 *)(o->base + r[i].r_offset) += o->base;
}

/* Apply the IRELATIVE relocations of o, or all others: resolvers may use what those set. */
static void relocate_object(struct object *o, bool indirect)
{
	bool lazy = o->tag[DT_PLTGOT] && o->tag[DT_JMPREL] && !o->bind_now && !start.bind_now;

	relocate_table(o, o->tag[DT_RELA], o->tag[DT_RELASZ], indirect);
	if (!o->tag[DT_JMPREL])
		return;
	if (lazy && !indirect)
		prepare_lazy(o);
	else
		relocate_table(o, o->tag[DT_JMPREL], o->tag[DT_PLTRELSZ], indirect);
}

/* The first call through a PLT entry; from resolve_trampoline. Returns the function's address. */
u64 bind_lazily(struct object *o, u64 index)
{
	const struct elf64_rela *r = (const void *)(o->base + o->tag[DT_JMPREL]);

	relocate_one(o, &r[index]);
	return *(u64 *)(o->base + r[index].r_offset);
}

/* What need not be written any more after relocation becomes read-only (PT_GNU_RELRO). */
static void protect_relro(const struct object *o)
{
	for (int i = 0; i < o->phnum; i++) {
		u64 from = ALIGN_DOWN(o->base + o->phdr[i].p_vaddr, PAGE_SIZE);
		u64 to = ALIGN_DOWN(o->base + o->phdr[i].p_vaddr + o->phdr[i].p_memsz, PAGE_SIZE);

		if (o->phdr[i].p_type == PT_GNU_RELRO && to > from &&
		    sys_mprotect(from, to - from, PROT_READ) < 0)
			die(o->name, ": memory cannot be made read-only", NULL);
	}
}

/*
 * From the last loaded to the first: what others build on comes before them, and the program,
 * whose COPY relocations read the libraries' data, comes last.
 */
static void relocate_from(struct object *o, bool indirect)
{
	if (!o || o == &self)
		return;
	relocate_from(o->next, indirect);
	relocate_object(o, indirect);
}

static void relocate_all(void)
{
	relocate_from(objects, false);
	relocate_from(objects, true);
	for (struct object *o = objects; o; o = o->next)
		protect_relro(o);
}

/* ---- constructors and destructors ---------------------------------------------------------- */

typedef void (*init_function)(int argc, char **argv, char **envp);

static void call_array(const struct object *o, u64 array, u64 size)
{
	const init_function *f = (const void *)(o->base + array);

	for (u64 i = 0; i < size / sizeof(*f); i++)
		f[i](init_argc, init_argv, init_envp);
}

/*
 * The libraries that an object needs first, then the object itself; cycles are cut where
 * entered.
 */
static void construct(struct object *o)
{
	if (o->init_seen)
		return;
	o->init_seen = true;
	for (int i = 0; i < o->needed_count; i++)
		construct(o->needed[i]);
	if (o == objects)
		call_array(o, o->tag[DT_PREINIT_ARRAY], o->tag[DT_PREINIT_ARRAYSZ]);
	o->init_done = true;
	if (o->tag[DT_INIT])
		((init_function)(o->base + o->tag[DT_INIT]))(init_argc, init_argv, init_envp);
	call_array(o, o->tag[DT_INIT_ARRAY], o->tag[DT_INIT_ARRAYSZ]);
}

static void destroy(struct object *o)
{
	const init_function *f = (const void *)(o->base + o->tag[DT_FINI_ARRAY]);

	if (!o->init_done)
		return;
	o->init_done = false;
	for (u64 i = o->tag[DT_FINI_ARRAYSZ] / sizeof(*f); i-- > 0; )
		((void (*)(void))f[i])();
	if (o->tag[DT_FINI])
		((void (*)(void))(o->base + o->tag[DT_FINI]))();
	for (int i = o->needed_count; i-- > 0; )
		destroy(o->needed[i]);
}

/*
 * Called by the program at exit (its start-up code got the address in rdx): users before what
 * they use.
 */
void run_destructors(void)
{
	destroy(objects);
	for (struct object *o = objects; o; o = o->next)
		destroy(o);
}

/* LD_TRACE_LOADED_OBJECTS: list the libraries instead of running the program, as ldd does. */
static void list_objects(void)
{
	for (struct object *o = objects->next; o; o = o->next)
		say("\t", o->name, o->path ? " => " : "", o->path ? o->path : "", "\n", NULL);
	sys_exit(0);
}

u64 linker_main(u64 *stack)
{
	struct object **end;

	relocate_self();
	read_stack(stack);
	adopt_self();
	if (start.entry == (u64)_start) {
		load_from_arguments();
		start.entry = 0;
	} else {
		adopt_program();
	}
	load_preloaded();
	load_needed();
	for (end = &objects; *end; end = &(*end)->next)
		tls_add(*end);
	*end = &self;
	if (start.trace)
		list_objects();
	tls_setup();
	relocate_all();
	tls_copy_images();
	construct(objects);
	return start.entry ? start.entry : objects->entry;
}
