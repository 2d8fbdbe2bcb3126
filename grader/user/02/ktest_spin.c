/* For grader/ktest/02/process_test.c: computes for ever, without a stack, so that many threads can.
 */
#include "trellis_user.h"

int main(void)
{
	__asm__ volatile("1: add $1, %%rax; jmp 1b" ::: "rax");
	return 0;
}
