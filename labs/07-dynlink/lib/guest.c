/* libguest.so: see plug.h. */
#include "mini.h"
#include "plug.h"

__attribute__((constructor)) static void construct(void)
{
	mini_note('(');
}

__attribute__((destructor)) static void destroy(void)
{
	mini_note(')');
}

int guest_number(void)
{
	return plug_number() + 1;
}
