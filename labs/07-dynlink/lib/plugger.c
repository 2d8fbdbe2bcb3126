/*
 * A program that loads libraries while it runs: it checks dlopen() and what belongs to it.
 */
#include "07-dynlink/ldso/dlfcn.h"
#include "mini.h"

#define NR_ACCESS	21
#define NR_DUP		32
#define EFAULT		14

int wrap_calls(void);

typedef int (*int_function)(void);
typedef int *(*pointer_function)(void);

static int call(void *handle, const char *name)
{
	int_function f = (int_function)dlsym(handle, name);

	return f ? f() : -1;
}

static int is_mapped(const void *p)
{
	return mini_call(NR_ACCESS, (long)p, 0, 0) != -EFAULT;
}

static int is_loaded(const char *name)
{
	void *h = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);

	if (!h)
		return 0;
	dlclose(h);
	return 1;
}

static int notes_are(const char *what)
{
	return mini_equal(mini_notes, what);
}

static int check_open(void)
{
	void *h = dlopen("libplug.so", RTLD_NOW);

	return h && notes_are("+") && call(h, "plug_number") == 7 && !dlerror() && dlclose(h) == 0;
}

/* Errors are told once, and leave nothing behind. */
static int check_errors(void)
{
	void *good = dlopen("libmini.so", RTLD_NOW);

	if (!good || dlerror())
		return 0;
	if (dlopen("libnone.so", RTLD_NOW) || !dlerror() || dlerror())
		return 0;
	if (dlsym(good, "no_such_symbol") || !dlerror())
		return 0;
	if (dlopen("libplug.so", 0) || !dlerror())
		return 0;
	/* plug_number() is not defined: nothing of the library may stay. */
	if (dlopen("libguest.so", RTLD_NOW) || !dlerror() || is_loaded("libguest.so") || !dlerror())
		return 0;
	return notes_are("") && dlclose((void *)check_errors) == -1 && dlerror() &&
	       dlclose(good) == 0;
}

/* A handle is counted: the last dlclose() runs the destructors. */
static int check_close(void)
{
	void *a = dlopen("libplug.so", RTLD_NOW), *b = dlopen("libplug.so", RTLD_LAZY);

	if (!a || a != b || !notes_are("+") || dlclose(a) || !notes_are("+"))
		return 0;
	if (call(b, "plug_number") != 7)
		return 0;
	return dlclose(b) == 0 && notes_are("+-") && dlclose(b) == -1;
}

/* Its memory goes with it; and a hundred times is as good as once. */
static int check_unload(void)
{
	long fd = mini_call(NR_DUP, 1, 0, 0);

	for (int i = 0; i < 100; i++) {
		void *h = dlopen("libplug.so", RTLD_NOW);
		void *p = h ? dlsym(h, "plug_number") : 0;

		if (!p || !is_mapped(p) || dlclose(h) || is_mapped(p))
			return 0;
		mini_notes[1] = '\0';
	}
	return mini_call(NR_DUP, 1, 0, 0) == fd + 1 && !is_loaded("libplug.so");
}

/* Two that need each other do not keep each other. */
static int check_circle(void)
{
	void *h = dlopen("libx.so", RTLD_NOW);

	if (!h || !is_loaded("liby.so") || mini_length(mini_notes) != 2)
		return 0;
	return dlclose(h) == 0 && !is_loaded("libx.so") && !is_loaded("liby.so") &&
	       mini_length(mini_notes) == 4;
}

/* Local symbols serve only those that were opened with them. */
static int check_global(void)
{
	void *plug = dlopen("libplug.so", RTLD_NOW | RTLD_LOCAL), *guest;

	if (!plug || dlopen("libguest.so", RTLD_NOW) || dlsym(RTLD_DEFAULT, "plug_number"))
		return 0;
	if (dlopen("libplug.so", RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL) != plug)
		return 0;
	guest = dlopen("libguest.so", RTLD_NOW);
	return guest && call(guest, "guest_number") == 8 && dlsym(RTLD_DEFAULT, "plug_number") &&
	       dlsym(dlopen(0, RTLD_NOW), "plug_number") && !dlsym(RTLD_DEFAULT, "guest_number");
}

/* Who is bound to a library keeps it, also if it does not need it; bound now or later. */
static int bound(int mode)
{
	void *plug = dlopen("libplug.so", RTLD_NOW | RTLD_GLOBAL);
	void *guest = dlopen("libguest.so", mode);
	int_function f = guest ? (int_function)dlsym(guest, "guest_number") : 0;

	if (!f || f() != 8 || dlclose(plug) || !is_loaded("libplug.so") || f() != 8)
		return 0;
	return dlclose(guest) == 0 && !is_loaded("libplug.so") && !is_loaded("libguest.so") &&
	       !is_mapped((void *)f);
}

static int check_bound(void)
{
	return bound(RTLD_NOW) && bound(RTLD_LAZY);
}

static int check_next(void)
{
	int before = wrap_calls();

	return mini_twice(21) == 42 && wrap_calls() == before + 1;
}

static int check_default(void)
{
	void *self = dlopen(0, RTLD_NOW);
	void *wrapped = dlsym(RTLD_DEFAULT, "mini_twice");

	return self && wrapped == (void *)mini_twice && dlsym(self, "mini_twice") == wrapped &&
	       dlsym(RTLD_DEFAULT, "mini_name") == (void *)&mini_name &&
	       dlsym(dlopen("libmini.so", RTLD_NOW), "mini_twice") != wrapped;
}

static int check_nodelete(void)
{
	void *h = dlopen("libplug.so", RTLD_NOW | RTLD_NODELETE);
	void *p = h ? dlsym(h, "plug_number") : 0;

	return p && dlclose(h) == 0 && notes_are("+") && is_mapped(p) && is_loaded("libplug.so");
}

static int check_version(void)
{
	void *h = dlopen("libversion.so", RTLD_NOW);
	int_function def = (int_function)dlsym(h, "number");
	int_function old = (int_function)dlvsym(h, "number", "VERSION_1");

	return def && old && def() == 2 && old() == 1 && !dlvsym(h, "number", "VERSION_9");
}

/* The library's variables, in a thread: as new, and nobody else's. */
static int plug_fresh(void *plug)
{
	int *variable = ((pointer_function)dlsym(plug, "plug_variable"))();
	char *block = (char *)((pointer_function)dlsym(plug, "plug_block"))();
	int *counter = dlsym(plug, "plug_counter");
	int ok = *variable == 70 && mini_equal(block, "block") && !block[4999] &&
		 (unsigned long)block % 256 == 0 && *counter == 700;

	*variable = *counter = 1;
	for (int i = 0; i < 5000; i++)
		block[i] = 'x';
	return ok && *((pointer_function)dlsym(plug, "plug_variable"))() == 1;
}

static int check_tls(void)
{
	for (int i = 0; i < 20; i++) {
		void *h = dlopen("libplug.so", RTLD_NOW);

		if (!h || !plug_fresh(h) || dlclose(h))
			return 0;
	}
	return 1;
}

static void *opened;
static int ready, results[3];

static void in_thread(void *arg)
{
	int n = 0;

	__atomic_store_n(&results[(long)arg], -1, __ATOMIC_SEQ_CST);
	while (!(n = __atomic_load_n(&ready, __ATOMIC_SEQ_CST)))
		mini_wait(&ready, 0);
	results[(long)arg] = plug_fresh(opened);
}

/* Two threads that are older than the library, and one that is younger. */
static int check_threads(void)
{
	struct mini_thread t[3];
	int ok;

	if (mini_thread_start(&t[0], in_thread, (void *)0) ||
	    mini_thread_start(&t[1], in_thread, (void *)1))
		return 0;
	opened = dlopen("libplug.so", RTLD_NOW);
	if (!opened)
		return 0;
	ok = plug_fresh(opened);
	__atomic_store_n(&ready, 1, __ATOMIC_SEQ_CST);
	mini_wake(&ready);
	if (mini_thread_start(&t[2], in_thread, (void *)2))
		return 0;
	for (int i = 0; i < 3; i++) {
		mini_thread_join(&t[i]);
		ok &= results[i] == 1;
	}
	return ok && dlclose(opened) == 0;
}

/* Threads that load, call and unload at the same time. */
static void turmoil(void *arg)
{
	results[(long)arg] = 1;
	for (int i = 0; i < 30; i++) {
		void *h = dlopen(i % 2 ? "libplug.so" : "libx.so", i % 3 ? RTLD_NOW : RTLD_LAZY);

		if (!h || (i % 2 && call(h, "plug_number") != 7) || dlclose(h))
			results[(long)arg] = 0;
	}
}

static int check_turmoil(void)
{
	struct mini_thread t[3];
	int ok = 1;

	for (long i = 0; i < 3; i++)
		if (mini_thread_start(&t[i], turmoil, (void *)i))
			return 0;
	for (int i = 0; i < 3; i++) {
		mini_thread_join(&t[i]);
		ok &= results[i];
	}
	return ok && !is_loaded("libplug.so");
}

static const struct mini_check checks[] = {
	{ "open", check_open }, { "errors", check_errors }, { "close", check_close },
	{ "unload", check_unload }, { "circle", check_circle }, { "global", check_global },
	{ "bound", check_bound }, { "next", check_next }, { "default", check_default },
	{ "nodelete", check_nodelete }, { "version", check_version }, { "tls", check_tls },
	{ "threads", check_threads }, { "turmoil", check_turmoil }, { 0 },
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		mini_say("usage: plugger CHECK\n", (char *)0);
		return 2;
	}
	return mini_checks(checks, argc, argv);
}
