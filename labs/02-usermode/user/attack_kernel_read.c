/* Attack: reads kernel memory. */
#include "trellis_user.h"

int main(void)
{
	*(volatile int *)0xffffffff80200000UL;
	return 0;
}
