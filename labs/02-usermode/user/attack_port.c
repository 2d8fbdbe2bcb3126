/* Attack: talks to a device. */
#include "trellis_user.h"

int main(void)
{
	__asm__ volatile("outb %%al, $0x64" :: "a"(0xfe));
	return 0;
}
