/*
 * libwrap.so: mini_length() that counts its calls and asks the next one, libmini's. Stands before libmini.
 */
#include "07-dynlink/ldso/dlfcn.h"
#include "mini.h"

int wrap_calls(void);

static int calls;

unsigned long mini_length(const char *s)
{
	unsigned long (*next)(const char *) = (unsigned long (*)(const char *))dlsym(RTLD_NEXT, "mini_length");

	calls++;
	return next ? next(s) : 0;
}

int wrap_calls(void)
{
	return calls;
}
