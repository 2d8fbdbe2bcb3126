/* What usually is behind the panics that threads and interrupts bring (see 01-memory/hints.c). */
#include "common/panic.h"

PANIC_HINT(sleeping, "02-usermode",
	   "somebody slept, or might have, under a spinlock or with interrupts off; release the spinlock "
	   "first, use a mutex, or allocate with GFP_ATOMIC",
	   "with a spinlock held", "under a spinlock");
PANIC_HINT(irq_storm, "02-usermode",
	   "an interrupt comes again as soon as its handler returns; the handler must make the device "
	   "take its request back (read or write the register that acknowledges it)",
	   "interrupt storm");
