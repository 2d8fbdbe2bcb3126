/*
 * From an address to a function's name. The table is made by common/ksyms.awk from the linked
 * kernel and added in a second link, so it knows static functions too; in the first link it is
 * absent, hence the weak references.
 */
#include "common/layout.h"
#include "common/panic.h"

extern const u64 ksym_count __weak;
extern const u32 ksym_address[] __weak;	/* ascending, relative to KERNEL_BASE */
extern const u32 ksym_name[] __weak;	/* where the name begins in ksym_text */
extern const char ksym_text[] __weak;
extern const char __text_start[], __text_end[];

const char *ksym_lookup(u64 addr, u64 *offset)
{
	u64 low = 0, high;

	if (offset)
		*offset = 0;
	if (addr < (u64)__text_start || addr >= (u64)__text_end || !&ksym_count)
		return "?";
	high = ksym_count;
	while (high - low > 1) {	/* the last one that is not above addr */
		u64 middle = (low + high) / 2;

		if (KERNEL_BASE + ksym_address[middle] <= addr)
			low = middle;
		else
			high = middle;
	}
	if (!high || KERNEL_BASE + ksym_address[low] > addr)
		return "?";
	if (offset)
		*offset = addr - KERNEL_BASE - ksym_address[low];
	return &ksym_text[ksym_name[low]];
}
