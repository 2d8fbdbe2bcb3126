/*
 * Futex operations on two words: see futex.h and futex(2), FUTEX_CMP_REQUEUE and FUTEX_WAKE_OP.
 * Both buckets are locked, in the order of their addresses.
 */
#include "07-dynlink/futex/futex.h"

/* Keys of both words: 0 or errno. */
static int get_keys(u32 __user *a, u32 __user *b, bool shared, struct futex_key *ka,
		    struct futex_key *kb)
{
	int err = futex_key_get(a, shared, ka);

	return err ? err : futex_key_get(b, shared, kb);
}

static int move_waiters(struct futex_bucket *from, struct futex_bucket *to,
			const struct futex_key *key, const struct futex_key *new_key, int wake,
			int requeue)
{
	struct futex_waiter *w, *next;
	int count = 0;

	list_for_each_entry_safe(w, next, &from->waiters, link) {
		if (!futex_key_equal(&w->key, key))
			continue;
		if (count - wake >= requeue)
			break;
		if (++count <= wake) {
			futex_wake_waiter(w);
			continue;
		}
		w->key = *new_key;
		if (from != to) {
			list_del(&w->link);
			futex_queue(to, w);
			WRITE_ONCE(w->bucket, to);
		}
	}
	return count;
}

int futex_requeue(u32 __user *uaddr, u32 __user *uaddr2, bool shared, int wake, int requeue,
		  const u32 *expected)
{
	if (wake < 0 || requeue < 0)
		return -EINVAL;
	for (;;) {
		struct futex_key k1, k2;
		struct futex_bucket *b1, *b2;
		int result = get_keys(uaddr, uaddr2, shared, &k1, &k2);
		bool fault = false;
		u32 value;

		if (result)
			return result;
		b1 = futex_bucket(&k1);
		b2 = futex_bucket(&k2);
		futex_lock_two(b1, b2);
		if (expected && futex_read_locked(uaddr, &value))
			fault = true;
		else if (expected && value != *expected)
			result = -EAGAIN;
		else
			result = move_waiters(b1, b2, &k1, &k2, wake, requeue);
		futex_unlock_two(b1, b2);
		if (!fault)
			return result;
		if (fault_in_readable(uaddr, sizeof(*uaddr)))
			return -EFAULT;
	}
}

static s32 sign_extend_12(u32 v)
{
	return (s32)(v << 20) >> 20;
}

static u32 changed(u32 old, u32 op)
{
	u32 arg = (u32)sign_extend_12(op >> 12 & 0xfff);

	if (op >> 28 & FUTEX_OP_OPARG_SHIFT)
		arg = 1u << (arg & 31);
	switch (op >> 28 & 7) {
	case FUTEX_OP_SET:
		return arg;
	case FUTEX_OP_ADD:
		return old + arg;
	case FUTEX_OP_OR:
		return old | arg;
	case FUTEX_OP_ANDN:
		return old & ~arg;
	default:
		return old ^ arg;
	}
}

static bool compares(s32 old, u32 op)
{
	s32 arg = sign_extend_12(op & 0xfff);

	switch (op >> 24 & 15) {
	case FUTEX_OP_CMP_EQ:
		return old == arg;
	case FUTEX_OP_CMP_NE:
		return old != arg;
	case FUTEX_OP_CMP_LT:
		return old < arg;
	case FUTEX_OP_CMP_LE:
		return old <= arg;
	case FUTEX_OP_CMP_GT:
		return old > arg;
	default:
		return old >= arg;
	}
}

/* Apply op to the word, with locks held: 0 or -EFAULT (it has to be fetched). */
static int apply(u32 __user *uaddr, u32 op, u32 *old)
{
	u32 value, found;
	int err;

	pagefault_disable();
	err = get_user(value, uaddr);
	while (!err) {
		err = user_cmpxchg32(uaddr, value, changed(value, op), &found);
		if (!err && found == value)
			break;
		value = found;
	}
	pagefault_enable();
	*old = value;
	return err;
}

static int wake_key(struct futex_bucket *b, const struct futex_key *key, int n)
{
	struct futex_waiter *w, *next;
	int woken = 0;

	list_for_each_entry_safe(w, next, &b->waiters, link) {
		if (!futex_key_equal(&w->key, key))
			continue;
		futex_wake_waiter(w);
		if (++woken >= n)
			break;
	}
	return woken;
}

int futex_wake_op(u32 __user *uaddr, u32 __user *uaddr2, bool shared, int wake, int wake2, u32 op)
{
	if ((op >> 28 & 7) > FUTEX_OP_XOR || (op >> 24 & 15) > FUTEX_OP_CMP_GE)
		return -ENOSYS;
	for (;;) {
		struct futex_key k1, k2;
		struct futex_bucket *b1, *b2;
		int err = get_keys(uaddr, uaddr2, shared, &k1, &k2), woken = 0;
		u32 old;

		if (err)
			return err;
		b1 = futex_bucket(&k1);
		b2 = futex_bucket(&k2);
		futex_lock_two(b1, b2);
		err = apply(uaddr2, op, &old);
		if (!err) {
			woken = wake_key(b1, &k1, wake);
			if (compares((s32)old, op))
				woken += wake_key(b2, &k2, wake2);
		}
		futex_unlock_two(b1, b2);
		if (!err)
			return woken;
		if (fault_in_writable(uaddr2, sizeof(*uaddr2)))
			return -EFAULT;
	}
}
