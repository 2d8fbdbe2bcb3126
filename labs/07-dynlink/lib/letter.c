/*
 * Libraries that note when they are set up and when they end: libp.so to libs.so, libx.so and
 * liby.so. LETTER is the library's name; WHO: it defines who(); OLD: it has a DT_INIT and a
 * DT_FINI, which note the capital letter.
 *
 *	order -> p, q;  p -> r;  q -> r, s;  s -> p;  circle -> x;  x -> y;  y -> x
 */
#include "mini.h"

__attribute__((constructor)) static void construct(void)
{
	mini_note(LETTER);
}

__attribute__((destructor)) static void destroy(void)
{
	mini_note(LETTER);
}

#ifdef WHO
char who(void);
char who(void)
{
	return LETTER;
}
#endif

#ifdef OLD
void old_init(void);
void old_init(void)
{
	mini_note(LETTER - 'a' + 'A');
}

void old_fini(void);
void old_fini(void)
{
	mini_note(LETTER - 'a' + 'A');
}
#endif
