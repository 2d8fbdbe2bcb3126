/* See plug.h. Its constructor notes +, its destructor -. */
#include "mini.h"
#include "plug.h"

static __thread int variable = 70;
static __thread char block[5000] __attribute__((aligned(256))) = "block";
__thread int plug_counter = 700;

__attribute__((constructor)) static void construct(void)
{
	mini_note('+');
}

__attribute__((destructor)) static void destroy(void)
{
	mini_note('-');
}

int plug_number(void)
{
	return 7;
}

int *plug_variable(void)
{
	return &variable;
}

char *plug_block(void)
{
	return block;
}
