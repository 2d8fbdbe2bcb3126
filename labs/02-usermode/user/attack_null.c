/* Attack: reads through a null pointer. */
#include "trellis_user.h"

int main(void)
{
	*(volatile int *)0;
	return 0;
}
