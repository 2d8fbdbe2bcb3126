/* Attack: changes its own code. */
#include "trellis_user.h"

int main(void)
{
	*(volatile char *)main = 0;
	return 0;
}
