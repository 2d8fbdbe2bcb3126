/*
 * Credentials: immutable objects, shared by reference. A thread's own pointer is replaced by itself
 * alone, so it reads it without a lock; others take cred_lock to get a reference. Kernel threads
 * have none and count as root.
 *
 * Immutable, because a check reads several members: with members that change, another thread could
 * see the new user number beside the old capabilities. So setuid makes a copy, changes it, and
 * replaces the pointer; who still looks at the old object sees it whole. Per thread, as on Linux:
 * that setuid(2) changes all threads of a process is done by the C library, with a signal to each.
 *
 * Each thread counts once for its credentials' real user, wherever it got them from (RLIMIT_NPROC):
 * clone counts, exit takes back, cred_install() moves the count.
 */
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "03-syscalls/process/user.h"
#include "common/abi/resource.h"
#include "common/string.h"
#include "01-memory/kmem.h"

static struct part cred_part;
/* Replacing a thread's pointer, against thread_cred(). */
static DEFINE_SPINLOCK(cred_lock, RANK_LEAF);

static struct cred root_cred = {
	.refs = REF_INIT(1),
	.user = &root_user,
	.cap_effective = CAP_ALL,
	.cap_permitted = CAP_ALL,
	.cap_bounding = CAP_ALL,
};

const struct cred *current_cred(void)
{
	const struct cred *c = thread_part(current, cred_part, const struct cred);

	return likely(c) ? c : &root_cred;
}

/*
 * The lock makes reading the pointer and taking the reference one step: t may be replacing it now.
 */
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
	if (!ref_put((refcount_t *)&c->refs))
		return;
	user_put(c->user);
	kfree(c);
}

/* Before the credentials are installed, as finding the user may need memory. */
int cred_set_user(struct cred *c)
{
	struct user *u;

	if (c->user->uid == c->uid)
		return 0;
	u = user_get(c->uid);
	if (!u)
		return -EAGAIN;
	user_put(c->user);
	c->user = u;
	return 0;
}

struct cred *cred_dup(const struct cred *c, int group_count)
{
	struct cred *new = kmalloc(sizeof(*new) + group_count * sizeof(gid_t), GFP_KERNEL);

	if (!new)
		return NULL;
	*new = *c;
	ref_init(&new->refs, 1);
	ref_get(&new->user->refs);
	new->group_count = group_count;
	memcpy(new->groups, c->groups, MIN(group_count, c->group_count) * sizeof(gid_t));
	return new;
}

/* The old object may go with this call: pointers from current_cred() are stale afterwards. */
void cred_install(struct cred *c)
{
	struct cred *old;

	spin_lock(&cred_lock);
	old = thread_part(current, cred_part, struct cred);
	current->parts[cred_part.slot] = c;
	spin_unlock(&cred_lock);
	if (!old)
		return;
	if (old->user != c->user) {
		atomic_inc(&c->user->threads);
		atomic_dec(&old->user->threads);
	}
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

/*
 * The groups are sorted (setgroups), as file permissions ask this for every file: up to 65536
 * groups.
 */
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

/* Whether the current user may have one thread more (RLIMIT_NPROC of getrlimit(2)). */
static bool may_have_more(const struct cred *c)
{
	return (u64)atomic_load(&c->user->threads) < rlimit(RLIMIT_NPROC) || c->uid == 0 ||
	       cred_has_cap(c, CAP_SYS_RESOURCE) || cred_has_cap(c, CAP_SYS_ADMIN);
}

/* Checked and counted without a lock between: some threads more than the limit do no harm. */
static int cred_clone(struct thread *child, struct clone *c)
{
	struct cred *cred = (struct cred *)current_cred();

	if (!may_have_more(cred))
		return -EAGAIN;
	atomic_inc(&cred->user->threads);
	ref_get(&cred->refs);
	child->parts[cred_part.slot] = cred;
	return 0;
}

/*
 * The real user number is noted for waitid's si_uid, which is asked for when the credentials are
 * gone.
 */
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
	if (!c)
		return;
	atomic_dec(&c->user->threads);
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
