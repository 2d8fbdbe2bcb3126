/* Attack: executes its data. */
#include "trellis_user.h"

int main(void)
{
	static char code[] = { (char)0xc3 };

	((void (*)(void))code)();
	return 0;
}
