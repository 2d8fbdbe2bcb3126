/* Keys and buckets of futexes: see futex.h. */
#include "02-usermode/mm.h"
#include "02-usermode/process.h"
#include "07-dynlink/futex/futex.h"
#include "common/init.h"

#define BUCKETS	256

static struct futex_bucket buckets[BUCKETS];

static void futex_init(void)
{
	for (int i = 0; i < BUCKETS; i++) {
		spin_init(&buckets[i].lock, "futex", RANK_FUTEX);
		list_init(&buckets[i].waiters);
	}
}
INITCALL(30, futex_init);

/*
 * A word in a shared mapping is known by the object. It is not held while somebody waits: if it
 * goes and its memory becomes another object, a wake there may wake us for nothing, which
 * futex(2) allows.
 */
static int shared_key(vaddr_t addr, struct futex_key *key)
{
	struct mm *mm = current->mm;
	struct vm_area *a;
	int err = 0;

	down_read(&mm->lock);
	a = mm_find(mm, addr);
	if (!a || a->start > addr)
		err = -EFAULT;
	else if ((a->flags & VM_SHARED) && a->object)
		*key = (struct futex_key){ a->object, a->offset + (addr - a->start) };
	up_read(&mm->lock);
	return err;
}

int futex_key_get(u32 __user *uaddr, bool shared, struct futex_key *key)
{
	vaddr_t addr = (vaddr_t)uaddr;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (!user_range_ok(addr, sizeof(u32)))
		return -EFAULT;
	*key = (struct futex_key){ current->mm, addr };
	return shared ? shared_key(addr, key) : 0;
}

struct futex_bucket *futex_bucket(const struct futex_key *key)
{
	u64 h = ((u64)key->owner >> 4 ^ key->offset >> 2) * 0x9e3779b97f4a7c15UL;

	return &buckets[h >> 56];
}
_Static_assert(BUCKETS == 256, "futex_bucket() takes eight bits");

void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock_nested(a < b ? &b->lock : &a->lock);
}

void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a != b)
		spin_unlock(a < b ? &b->lock : &a->lock);
	spin_unlock(a < b ? &a->lock : &b->lock);
}

int futex_read_locked(u32 __user *uaddr, u32 *value)
{
	int err;

	pagefault_disable();
	err = get_user(*value, uaddr);
	pagefault_enable();
	return err;
}
