/*
 * For grader/ktest/02/process_test.c: calls that must fail. Exit status 0, or the number of the
 * wrong one.
 */
#include "trellis_user.h"

#define ENOSYS	38
#define EBADF	9
#define EFAULT	14

int main(void)
{
	const char *far = (const char *)0xfffff000UL;	/* nothing is mapped there */

	if (int80_write(1, "", 0) != 0)
		int80_exit(1);
	if (int80_write(7, "x", 1) != -EBADF)
		int80_exit(2);
	if (int80_write(-1, "x", 1) != -EBADF)
		int80_exit(3);
	if (int80_write(1, far, 5) != -EFAULT)
		int80_exit(4);
	if (int80_write(1, NULL, 5) != -EFAULT)
		int80_exit(5);
	if (int80(4711, 0, 0, 0) != -ENOSYS)
		int80_exit(6);
	if (int80(-1, 0, 0, 0) != -ENOSYS)
		int80_exit(7);
	int80_exit(0);
	return 0;
}
