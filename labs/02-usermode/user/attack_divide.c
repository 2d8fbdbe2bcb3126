/* Attack: divides by zero. */
#include "trellis_user.h"

int main(void)
{
	volatile int zero = 0;

	return 7 / zero;	/* of 1 / zero the compiler makes comparisons */
}
