/* Writes from which directory libplace.so came; VIA: the one that libvia.so got. */
#include "mini.h"

char place(void);
char via_place(void);

int main(void)
{
	char found[] = "?";

#ifdef VIA
	found[0] = via_place();
#else
	found[0] = place();
#endif
	mini_say("place: ", found, "\n", (char *)0);
	return 0;
}
