/* Attack: writes kernel memory. */
#include "trellis_user.h"

int main(void)
{
	*(volatile int *)0xffff800000001000UL = 1;
	return 0;
}
