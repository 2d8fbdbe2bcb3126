/* libtls1.so: thread-local variables with a large alignment, reached by __tls_get_addr(). */
#include "tls.h"

__thread char tls1_aligned[128] __attribute__((aligned(128))) = "aligned";
__thread long tls1_zero[20];

char *tls1_address(void)
{
	return tls1_aligned;
}

long *tls1_zeros(void)
{
	return tls1_zero;
}
