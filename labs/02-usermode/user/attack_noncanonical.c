/* Attack: uses an address that no page table can map. */
#include "trellis_user.h"

int main(void)
{
	*(volatile int *)0x8000000000000000UL = 1;
	return 0;
}
