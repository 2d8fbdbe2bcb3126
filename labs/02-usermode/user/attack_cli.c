/* Attack: turns interrupts off. */
#include "trellis_user.h"

int main(void)
{
	__asm__ volatile("cli");
	return 0;
}
