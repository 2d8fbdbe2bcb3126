/*
 * dlopen() and what belongs to it: see dlfcn.h. All of it runs under the load lock.
 *
 * An opened library and what came with it form a group: their references are looked for in the
 * global scope and then in the opened library's search list. RTLD_GLOBAL adds that list to the
 * global scope. dlclose() counts down, finds out who is in use (close.c), runs the destructors of
 * all others, and unmaps them.
 */
#include "07-dynlink/ldso/tls.h"

#define RTLD_LAZY	0x1
#define RTLD_NOW	0x2
#define RTLD_NOLOAD	0x4
#define RTLD_GLOBAL	0x100
#define RTLD_NODELETE	0x1000

#define EXPORT		__attribute__((visibility("default")))
/* The object that called the exported function in which this stands. */
#define CALLER		object_at((u64)__builtin_return_address(0))

void *dlopen(const char *file, int mode);
void *dlsym(void *handle, const char *name);
void *dlvsym(void *handle, const char *name, const char *version);
int dlclose(void *handle);
char *dlerror(void);

static bool closing;	/* destructors of dlclose() run */

/* ---- unloading ----------------------------------------------------------------------------- */

/* Unmap what is not in use. The scopes forget it first. */
static void unload_unused(void)
{
	struct object *o, *next;

	lock(&scope_lock);
	for (o = objects; o; o = o->next) {
		if (o->in_use)
			continue;
		scope_remove(&global_scope, o);
		for (struct object *d = objects; d; d = d->next)
			scope_remove(&d->search, o);
	}
	unlock(&scope_lock);
	for (o = objects; o; o = next) {
		next = o->next;
		if (o->in_use)
			continue;
		tls_forget(o);
		unload(o);
	}
}

static void collect(void)
{
	lock(&scope_lock);
	find_users();
	unlock(&scope_lock);
	closing = true;
	run_destructors(false);
	closing = false;
	unload_unused();
}

/* ---- dlopen() ------------------------------------------------------------------------------ */

struct opening {
	const char *file;
	int mode;
	struct object *caller;
	struct object *result;
};

/* The objects from `first` on have just been loaded for the library `root`. */
static void adopt(struct object *first, struct object *root)
{
	for (struct object *o = first; o; o = o->next)
		check_versions(o);
	lock(&scope_lock);
	for (struct object *o = first; o; o = o->next)
		o->group = root;
	unlock(&scope_lock);
	for (struct object *o = first; o; o = o->next)
		tls_add(o, true);
}

static void make_global(struct object *root)
{
	lock(&scope_lock);
	for (int i = 0; i < root->search.count; i++)
		scope_add(&global_scope, root->search.list[i]);
	unlock(&scope_lock);
}

/* All of dlopen() that may fail(). */
static void open_library(void *arg)
{
	struct opening *a = arg;
	struct object *o, **end = &objects;

	if (!(a->mode & RTLD_NOW) == !(a->mode & RTLD_LAZY))
		fail("dlopen() needs either RTLD_LAZY or RTLD_NOW", NULL);
	if (closing)
		fail("dlopen() by a destructor that dlclose() runs", NULL);
	while (*end)
		end = &(*end)->next;
	o = a->file ? load_library(a->file, a->caller, a->mode & RTLD_NOLOAD) : objects;
	if (!o)
		fail(a->file, " is not loaded", NULL);
	if (!o->search.count) {
		scope_add(&o->search, o);
		load_needed(&o->search);
		adopt(*end, o);
		link_objects(*end, a->mode & RTLD_NOW);
	}
	a->result = o;
}

EXPORT void *dlopen(const char *file, int mode)
{
	struct opening a = { file && *file ? file : NULL, mode, CALLER, NULL };
	const char *error;

	lock_recursive(&load_lock);
	error = catch(open_library, &a);
	if (error) {
		current_thread()->error = error;
		a.result = NULL;
		collect();
	} else {
		if (mode & RTLD_GLOBAL)
			make_global(a.result);
		if (mode & RTLD_NODELETE)
			a.result->nodelete = true;
		a.result->open_count++;
		run_constructors(&a.result->search);
	}
	unlock_recursive(&load_lock);
	return a.result;
}

/* ---- dlsym() ------------------------------------------------------------------------------- */

struct asking {
	void *handle;
	struct lookup lookup;
	struct object *caller;
	void *result;
};

static bool is_handle(const void *handle)
{
	for (struct object *o = objects; o; o = o->next)
		if (o == handle)
			return o->open_count > 0;
	return false;
}

/* A symbol's address in this thread. */
static void *address_of(const struct elf64_sym *s, struct object *where)
{
	struct tls_index i = { where->tls_module, s->st_value };

	if (ELF64_ST_TYPE(s->st_info) == STT_TLS)
		return __tls_get_addr(&i);
	return (void *)symbol_address(s, where);
}

/* All of dlsym() that may fail(). */
static void ask(void *arg)
{
	struct asking *a = arg;
	const struct elf64_sym *s;
	struct object *where = NULL;

	if (a->handle != RTLD_DEFAULT && a->handle != RTLD_NEXT && !is_handle(a->handle))
		fail("this is not a handle of dlopen()", NULL);
	lock(&scope_lock);
	s = handle_lookup(a->handle, a->caller, &a->lookup, &where);
	unlock(&scope_lock);
	if (!s)
		fail("the symbol ", a->lookup.name, a->lookup.version ? "@" : "",
		     a->lookup.version ? a->lookup.version : "", " is not defined", NULL);
	a->result = address_of(s, where);
}

static void *find(void *handle, const char *name, const char *version, struct object *caller)
{
	struct asking a = { handle, { name, gnu_hash(name), version }, caller };
	const char *error;

	lock_recursive(&load_lock);
	error = catch(ask, &a);
	if (error)
		current_thread()->error = error;
	unlock_recursive(&load_lock);
	return a.result;
}

EXPORT void *dlsym(void *handle, const char *name)
{
	return find(handle, name, NULL, CALLER);
}

EXPORT void *dlvsym(void *handle, const char *name, const char *version)
{
	return find(handle, name, version, CALLER);
}

/* ---- the rest ------------------------------------------------------------------------------ */

EXPORT int dlclose(void *handle)
{
	struct object *o = handle;
	int result = 0;

	lock_recursive(&load_lock);
	if (!is_handle(handle)) {
		current_thread()->error = "this is not a handle of dlopen()";
		result = -1;
	} else if (--o->open_count == 0 && !closing) {
		collect();
	}
	unlock_recursive(&load_lock);
	return result;
}

EXPORT char *dlerror(void)
{
	const char *error = current_thread()->error;

	current_thread()->error = NULL;
	return (char *)error;
}
