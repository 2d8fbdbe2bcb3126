/*
 * Credentials: immutable objects, shared by reference. A thread's own pointer is replaced by
 * itself alone, so it reads it without a lock; others take cred_lock to get a reference.
 * Kernel threads have none and count as root.
 */
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "common/string.h"
#include "01-memory/kmem.h"

static struct part cred_part;
static DEFINE_SPINLOCK(cred_lock, RANK_LEAF);	/* replacing a thread's pointer, against thread_cred() */

static struct cred root_cred = {
	.refs = REF_INIT(1),
	.cap_effective = CAP_ALL,
	.cap_permitted = CAP_ALL,
	.cap_bounding = CAP_ALL,
};

const struct cred *current_cred(void)
{
	const struct cred *c = thread_part(current, cred_part, const struct cred);

	return likely(c) ? c : &root_cred;
}

const struct cred *thread_cred(struct thread *t)
{
	struct cred *c;

	spin_lock(&cred_lock);
	c = thread_part(t, cred_part, struct cred);
	if (!c)
		c = &root_cred;
	ref_get(&c->refs);
	spin_unlock(&cred_lock);
	return c;
}

void cred_put(const struct cred *c)
{
	if (ref_put((refcount_t *)&c->refs))
		kfree(c);
}

struct cred *cred_dup(const struct cred *c, int group_count)
{
	struct cred *new = kmalloc(sizeof(*new) + group_count * sizeof(gid_t), GFP_KERNEL);

	if (!new)
		return NULL;
	*new = *c;
	ref_init(&new->refs, 1);
	new->group_count = group_count;
	memcpy(new->groups, c->groups, MIN(group_count, c->group_count) * sizeof(gid_t));
	return new;
}

void cred_install(struct cred *c)
{
	struct cred *old;

	spin_lock(&cred_lock);
	old = thread_part(current, cred_part, struct cred);
	current->parts[cred_part.slot] = c;
	spin_unlock(&cred_lock);
	if (old)
		cred_put(old);
}

bool cred_has_cap(const struct cred *c, int cap)
{
	return c->cap_effective & BIT(cap);
}

bool capable(int cap)
{
	return cred_has_cap(current_cred(), cap);
}

bool in_group(gid_t g)
{
	const struct cred *c = current_cred();
	int low = 0, high = c->group_count;

	if (g == c->fsgid)
		return true;
	while (low < high) {
		int middle = (low + high) / 2;

		if (c->groups[middle] == g)
			return true;
		if (c->groups[middle] < g)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int cred_clone(struct thread *child, struct clone *c)
{
	struct cred *cred = (struct cred *)current_cred();

	ref_get(&cred->refs);
	child->parts[cred_part.slot] = cred;
	return 0;
}

static void cred_exit(struct thread *t)
{
	struct cred *c;
	struct family *family = process_family(t->process);

	spin_lock(&cred_lock);
	c = thread_part(t, cred_part, struct cred);
	t->parts[cred_part.slot] = NULL;
	if (family && c)
		family->uid = c->uid;
	spin_unlock(&cred_lock);
	if (c)
		cred_put(c);
}

static struct part cred_part = {
	.name = "cred",
	.scope = PART_THREAD,
	.clone = cred_clone,
	.undo = cred_exit,
	.thread_exit = cred_exit,
};
PART(20, cred_part);
