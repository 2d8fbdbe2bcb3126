/*
 * Shows in which order libraries are searched and set up: see letter.c. "order" and "circle" are
 * this program with other libraries.
 *
 *	^ its pre-initialisation, m its constructor; behind | what destructors note
 */
#include "mini.h"

char who(void) __attribute__((weak));

static void preinit(void)
{
	mini_note('^');
}
__attribute__((section(".preinit_array"), used))
static void (*const preinit_array[])(void) = { preinit };

__attribute__((constructor)) static void construct(void)
{
	mini_note('m');
}

__attribute__((destructor)) static void destroy(void)
{
	mini_note('m');
}

int main(void)
{
	char found[] = "?";

	if (who)
		found[0] = who();
	mini_say("who: ", found, "\nconstructors: ", mini_notes, "\n", (char *)0);
	mini_notes_shown = (int)mini_length(mini_notes);
	return 0;
}
