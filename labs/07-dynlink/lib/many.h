/*
 * libmany: 256 functions, many_00() to many_ff(), each of which returns its number; so that
 * buckets of the hash table hold several symbols.
 */
#pragma once

#define MANY_16(M, h)								\
	M(h##0) M(h##1) M(h##2) M(h##3) M(h##4) M(h##5) M(h##6) M(h##7)		\
	M(h##8) M(h##9) M(h##a) M(h##b) M(h##c) M(h##d) M(h##e) M(h##f)
/* M(00) M(01) ... M(ff) */
#define MANY(M)									\
	MANY_16(M, 0) MANY_16(M, 1) MANY_16(M, 2) MANY_16(M, 3)			\
	MANY_16(M, 4) MANY_16(M, 5) MANY_16(M, 6) MANY_16(M, 7)			\
	MANY_16(M, 8) MANY_16(M, 9) MANY_16(M, a) MANY_16(M, b)			\
	MANY_16(M, c) MANY_16(M, d) MANY_16(M, e) MANY_16(M, f)

#define MANY_DECLARE(h)	int many_##h(void);
MANY(MANY_DECLARE)
