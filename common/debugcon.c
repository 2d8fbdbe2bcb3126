/* The debug console (contract in debugcon.h): reading its port gives the port's number. */
#include "common/debugcon.h"
#include "common/panic.h"
#include "common/spinlock.h"
#include "common/x86.h"

#define PORT	0xe9

static DEFINE_SPINLOCK(lock, RANK_CONSOLE);

bool debugcon_present(void)
{
	return inb(PORT) == PORT;
}

void debugcon_write(const char *s, size_t n)
{
	bool locked = !panicking();

	if (locked)
		spin_lock(&lock);
	__asm__ volatile("rep outsb" : "+S"(s), "+c"(n) : "d"(PORT) : "memory");
	if (locked)
		spin_unlock(&lock);
}
