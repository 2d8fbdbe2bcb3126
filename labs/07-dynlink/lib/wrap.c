/*
 * libwrap.so: mini_twice() that counts its calls and asks the next one, libmini's. Stands before
 * libmini.
 */
#include "07-dynlink/ldso/dlfcn.h"
#include "mini.h"

int wrap_calls(void);

static int calls;

int mini_twice(int x)
{
	int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "mini_twice");

	calls++;
	return next ? next(x) : -1;
}

int wrap_calls(void)
{
	return calls;
}
