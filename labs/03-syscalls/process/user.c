/*
 * The table of users (contract in user.h): those that some credentials name, found by hash.
 *
 * Credentials are made and dropped all the time, users hardly ever: so a user is looked up when the
 * real user number changes, and its credentials keep a reference. The count drops to zero only
 * under the table's lock; else user_get() could find a user that is being freed. Root's struct is
 * static and its reference never dropped, as the kernel's own credentials name it.
 */
#include "03-syscalls/process/user.h"
#include "01-memory/kmem.h"

#define BUCKETS	64

struct user root_user = { .refs = REF_INIT(1) };

static DEFINE_SPINLOCK(users_lock, RANK_LEAF);
static struct user *users[BUCKETS] = { &root_user };	/* users_lock */

static struct user **bucket_of(uid_t uid)
{
	return &users[uid % BUCKETS];
}

/* With a reference, or NULL. Lock held. */
static struct user *find(uid_t uid)
{
	struct user *u;

	for (u = *bucket_of(uid); u; u = u->next)
		if (u->uid == uid) {
			ref_get(&u->refs);
			break;
		}
	return u;
}

struct user *user_get(uid_t uid)
{
	struct user *u, *new;

	spin_lock(&users_lock);
	u = find(uid);
	spin_unlock(&users_lock);
	if (u)
		return u;
	/*
	 * Allocated without the lock, so another thread may enter the same user meanwhile: look
	 * again.
	 */
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	new->uid = uid;
	ref_init(&new->refs, 1);
	spin_lock(&users_lock);
	u = find(uid);
	if (!u) {
		new->next = *bucket_of(uid);
		*bucket_of(uid) = new;
	}
	spin_unlock(&users_lock);
	if (!u)
		return new;
	kfree(new);
	return u;
}

void user_put(struct user *u)
{
	struct user **link;
	bool last;

	spin_lock(&users_lock);
	last = ref_put(&u->refs);
	if (last) {
		for (link = bucket_of(u->uid); *link != u; link = &(*link)->next)
			;
		*link = u->next;
	}
	spin_unlock(&users_lock);
	if (last)
		kfree(u);
}
