/*
 * What usually is behind a panic (PANIC_HINT, common/panic.h): the faults of memory, and those of
 * locks, which the allocators are the first to take. Each is a section "symptoms" of the handout.
 */
#include "common/panic.h"

PANIC_HINT(stack_overflow, "01-memory",
	   "a kernel stack has 16 KiB; look for endless recursion (one function again and again in "
	   "the backtrace) or for large local arrays",
	   "kernel stack overflowed");
PANIC_HINT(double_fault, "01-memory",
	   "the stack pointer itself is bad; usually rsp was loaded from a wrong place (a switch of "
	   "stacks, a trapframe) or the page tables do not map the stack",
	   "rsp is wild");
PANIC_HINT(null_page, "01-memory",
	   "a NULL pointer was used; usually a function returned NULL (no memory, nothing found) and "
	   "nobody looked, and a small address is the member's offset in the struct",
	   "a NULL pointer");
PANIC_HINT(freed_memory, "01-memory",
	   "memory was used or freed after it had been freed; look for a second free, for a pointer "
	   "that was kept, or for a reference that nobody took",
	   "freed", "double free", "has no references", "was never allocated");
PANIC_HINT(unmapped, "01-memory",
	   "the address is a kernel one, but no page is there; usually a wild or uninitialised "
	   "pointer, a physical address without phys_to_virt(), or an index beyond the end",
	   "where there is no RAM", "in the kernel areas", "in no region of the map");
PANIC_HINT(lock_twice, "01-memory",
	   "a lock was taken by who holds it already and so would wait forever; usually a function "
	   "calls another that takes the same lock, or an early return forgot to release it",
	   "taken twice");
PANIC_HINT(lock_order, "01-memory",
	   "two locks were taken in the wrong order, and two CPUs doing both would wait for each other "
	   "forever; take the outer one first (docs/locking.md has the order)",
	   "the order is in common/lockrank.h");
PANIC_HINT(no_memory, "01-memory",
	   "all memory is in use; usually frames are allocated and never put (`make memmap` shows whose), "
	   "or else the machine has too little: try MEM=1G",
	   "no memory", "out of memory", "no room for the array", "no usable memory");
