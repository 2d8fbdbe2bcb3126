/*
 * Access to user memory: the range checks around user_access.S (contract in uaccess.h). The copies
 * themselves are exercise 2.5, user_copy.S.
 */
#include "common/panic.h"
#include "02-usermode/uaccess.h"

size_t user_clear_raw(void *dst, size_t n);
ssize_t user_string_raw(char *dst, const char *src, size_t n);
ssize_t user_strnlen_raw(const char *s, size_t n);
int user_cmpxchg32_raw(u32 *p, u32 expected, u32 new_value, u32 *old);

size_t clear_user(void __user *dst, size_t n)
{
	return likely(user_range_ok((u64)dst, n)) ? user_clear_raw(dst, n) : n;
}

/* How many of n bytes from p on are user addresses at all. */
static size_t clip(const void __user *p, size_t n)
{
	return (u64)p >= USER_END ? 0 : MIN(n, USER_END - (u64)p);
}

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t size)
{
	size_t n = clip(src, size);
	ssize_t len = user_string_raw(dst, src, n);

	if (len < 0 || (len == n && n < size))
		return -EFAULT;
	return len;
}

size_t strnlen_user(const char __user *src, size_t max)
{
	size_t n = clip(src, max);
	ssize_t len = user_strnlen_raw(src, n);

	if (len < 0 || (len == n && n < max))
		return 0;
	return len + 1;
}

int user_cmpxchg32(u32 __user *p, u32 expected, u32 new_value, u32 *old)
{
	if (!user_range_ok((u64)p, sizeof(*p)))
		return -EFAULT;
	return user_cmpxchg32_raw(p, expected, new_value, old) ? -EFAULT : 0;
}

int fault_in_readable(const void __user *p, size_t n)
{
	u64 end = (u64)p + n;
	u8 byte;

	if (!user_range_ok((u64)p, n))
		return -EFAULT;
	for (u64 a = (u64)p; a < end; a = ALIGN_DOWN(a, PAGE_SIZE) + PAGE_SIZE)
		if (get_user(byte, (u8 __user *)a))
			return -EFAULT;
	return 0;
}

int fault_in_writable(void __user *p, size_t n)
{
	u64 end = (u64)p + n;
	u32 old;

	if (!user_range_ok((u64)p, n))
		return -EFAULT;
	/* Exchanging 0 for 0 writes without changing anything. */
	for (u64 a = (u64)p; a < end; a = ALIGN_DOWN(a, PAGE_SIZE) + PAGE_SIZE)
		if (user_cmpxchg32((u32 __user *)ALIGN_DOWN(a, 4), 0, 0, &old))
			return -EFAULT;
	return 0;
}
