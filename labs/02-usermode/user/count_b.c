/* The other of the two that take turns. */
#include "trellis_user.h"

int main(void)
{
	for (int round = 0; round < 5; round++) {
		for (volatile int i = 0; i < 3000000; i++)
			;
		int80_write(1, "b", 1);
	}
	int80_write(1, "\n", 1);
	return 0;
}
