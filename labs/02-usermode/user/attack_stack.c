/* Attack: recurses without end. */
#include "trellis_user.h"

static int (*volatile again)(void);	/* the compiler would warn of a plain call */

int main(void)
{
	volatile char big[16384];

	again = main;
	big[0] = (char)(again() + 1);
	return big[0];
}
