/* libtls1 and libtls2: variables of each thread, and the libraries' own idea of their addresses. */
#pragma once

extern __thread char tls1_aligned[128];	/* "aligned" */
extern __thread long tls1_zero[20];
extern __thread int tls2_number;		/* 222 */

char *tls1_address(void);
long *tls1_zeros(void);
int *tls2_address(void);
