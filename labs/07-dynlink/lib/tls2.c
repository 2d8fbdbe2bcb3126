/*
 * libtls2.so, compiled for the initial-exec model: offsets from the thread pointer, which only
 * the static blocks have.
 */
#include "tls.h"

__thread int tls2_number = 222;

int *tls2_address(void)
{
	return &tls2_number;
}
