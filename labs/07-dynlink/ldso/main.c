/*
 * The linker's way from the kernel's entry to the program's: see ldso.h. What the kernel leaves
 * on the stack is in psABI 3.4: argc, argv, the environment, the auxiliary vector.
 */
#include "common/abi/auxvec.h"
#include "07-dynlink/ldso/tls.h"

struct object *objects;
struct object self;
bool secure, bind_all_now;
const char *library_path, *exec_path;

#pragma GCC visibility push(hidden)
extern const struct elf64_ehdr __ehdr_start;
extern const struct elf64_dyn _DYNAMIC[];
extern const char _start[];

/* For start.S. */
extern u64 *new_stack;
u64 linker_main(u64 *stack);
void at_exit(void);
#pragma GCC visibility pop

u64 *new_stack;

static struct {
	u64 phdr, phnum, entry;
	bool trace;
	const char *preload;
	int argc;
	char **argv, **envp;
} start;

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
static const char *env_get(const char *name_equals)
{
	for (char **e = start.envp; *e; e++)
		if (str_starts(*e, name_equals))
			return *e + str_len(name_equals);
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
		case AT_EXECFN:
			exec_path = (const char *)av[1];
			break;
		case AT_SECURE:
			secure = av[1] != 0;
			break;
		}
	}
}

static void read_stack(u64 *stack)
{
	u64 *p;

	new_stack = stack;
	start.argc = (int)stack[0];
	start.argv = (char **)(stack + 1);
	start.envp = start.argv + start.argc + 1;
	for (p = (u64 *)start.envp; *p; p++)
		;
	read_auxv(p + 1);
	library_path = env_get("LD_LIBRARY_PATH=");
	start.preload = secure ? NULL : env_get("LD_PRELOAD=");
	start.trace = !secure && env_get("LD_TRACE_LOADED_OBJECTS=");
	bind_all_now = env_get("LD_BIND_NOW=") && *env_get("LD_BIND_NOW=");
}

/*
 * Run as a command, "ld-trellis.so PROGRAM ARGS": the program is not mapped yet, and must not see
 * the linker's own name among its arguments. So they move down by a word with all that is behind
 * them, and so does argc: the stack pointer stays where it was, aligned to 16.
 */
static void load_from_arguments(void)
{
	u64 *to = (u64 *)start.argv, *end;

	if (start.argc < 2) {
		say("usage: ld-trellis.so PROGRAM [ARGUMENT]...\n", NULL);
		sys_exit(2);
	}
	load_program(start.argv[1]);
	objects->name = "";
	for (end = (u64 *)start.envp; *end; end++)
		;
	for (end++; end[0] != AT_NULL; end += 2) {
		if (end[0] == AT_PHDR)
			end[1] = (u64)objects->phdr;
		else if (end[0] == AT_PHNUM)
			end[1] = (u64)objects->phnum;
		else if (end[0] == AT_ENTRY)
			end[1] = objects->entry;
	}
	new_stack[0] = (u64)--start.argc;
	for (; to + 1 < end + 2; to++)
		to[0] = to[1];
	start.envp = start.argv + start.argc + 1;
	start.entry = objects->entry;
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
	objects = o;
	object_init(o);
}

/* The linker is a library too: programs that call dlopen() need it. It has relocated itself. */
static void adopt_self(void)
{
	const struct elf64_ehdr *e = &__ehdr_start;

	self.name = LINKER_NAME;
	self.base = (u64)e;
	self.phdr = (const void *)((u64)e + e->e_phoff);
	self.phnum = e->e_phnum;
	self.relocated = true;
	object_init(&self);
	objects->next = &self;
}

static void load_preloaded(void)
{
	const char *s = start.preload;

	while (s && *s) {
		u64 n = 0;

		while (s[n] && s[n] != ' ' && s[n] != ':')
			n++;
		if (n)
			scope_add(&global_scope, load_library(str_copy(s, n), objects, false));
		s += n + (s[n] != '\0');
	}
}

/* The program, what LD_PRELOAD names, what these need; the linker at the end if nobody needs it. */
static void load_all(void)
{
	scope_add(&global_scope, objects);
	load_preloaded();
	load_needed(&global_scope);
	scope_add(&global_scope, &self);
	for (struct object *o = objects; o; o = o->next) {
		check_versions(o);
		o->nodelete = true;
	}
	for (int i = 0; i < global_scope.count; i++)
		tls_add(global_scope.list[i], false);
	objects->search = global_scope;
}

/* LD_TRACE_LOADED_OBJECTS: list the libraries instead of running the program, as ldd does. */
static void list_objects(void)
{
	for (int i = 1; i < global_scope.count; i++) {
		const struct object *o = global_scope.list[i];

		say("\t", o->name, o->path ? " => " : "", o->path ? o->path : "", "\n", NULL);
	}
	sys_exit(0);
}

const char *object_name(const struct object *o)
{
	if (o->name && *o->name)
		return o->name;
	return o->path ? o->path : "the program";
}

/* Called by the program at exit: its start-up code got the address in rdx. */
void at_exit(void)
{
	lock_recursive(&load_lock);
	run_destructors(true);
	unlock_recursive(&load_lock);
}

u64 linker_main(u64 *stack)
{
	relocate_self();
	tls_start();
	read_stack(stack);
	lazy_start();
	if (start.entry == (u64)_start)
		load_from_arguments();
	else
		adopt_program();
	adopt_self();
	call_start(start.argc, start.argv, start.envp);
	load_all();
	if (start.trace)
		list_objects();
	tls_setup();
	link_objects(objects, false);
	protect_relro(&self);
	tls_copy_images();
	run_constructors(&global_scope);
	return start.entry;
}
