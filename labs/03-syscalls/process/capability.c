/*
 * capget(2) and capset(2): the three sets of a thread, in three versions of the interface.
 *
 * Capabilities were 32 once: version 1 has one word per set, the others two, of which version 2 is
 * obsolete for a mistake in its header and works all the same. An unknown version is answered with
 * the kernel's own in the header, which is how libraries ask for it: with data NULL that is no
 * error (capget(2)).
 */
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "common/abi/prctl.h"
#include "02-usermode/uaccess.h"

struct cap_header {
	u32 version;
	int pid;
};

struct cap_data {
	u32 effective, permitted, inheritable;
};

/* How many words of 32 bits this version has; if unknown, tell the user ours: 0, or -EFAULT. */
static int words_of(struct cap_header __user *user, struct cap_header *h)
{
	if (copy_from_user(h, user, sizeof(*h)))
		return -EFAULT;
	switch (h->version) {
	case CAPABILITY_VERSION_1:
		return 1;
	case CAPABILITY_VERSION_2:
	case CAPABILITY_VERSION_3:
		return 2;
	}
	return put_user(CAPABILITY_VERSION_3, &user->version);
}

/*
 * The credentials of a thread, with a reference, or -EINVAL, -ESRCH. Anybody may look at anybody's.
 */
static const struct cred *cred_of(int pid)
{
	struct thread *t;
	const struct cred *c;

	if (pid < 0)
		return ERR_PTR(-EINVAL);
	if (pid == 0 || pid == current->tid)
		return thread_cred(current);
	t = thread_find(pid);
	if (!t)
		return ERR_PTR(-ESRCH);
	c = thread_cred(t);
	thread_put(t);
	return c;
}

SYSCALL2(125, capget, struct cap_header __user *, header, struct cap_data __user *, data)
{
	struct cap_header h;
	struct cap_data d[2];
	const struct cred *c;
	int words = words_of(header, &h);

	if (words <= 0)
		return words < 0 ? words : data ? -EINVAL : 0;
	c = cred_of(h.pid);
	if (IS_ERR(c))
		return PTR_ERR(c);
	for (int i = 0; i < 2; i++)
		d[i] = (struct cap_data){ c->cap_effective >> 32 * i, c->cap_permitted >> 32 * i,
					  c->cap_inheritable >> 32 * i };
	cred_put(c);
	if (!data)
		return 0;
	return copy_to_user(data, d, words * sizeof(d[0])) ? -EFAULT : 0;
}

/* What a thread may give itself (capabilities(7), "Programmatically adjusting capability sets"). */
static bool may_set(const struct cred *old, u64 effective, u64 permitted, u64 inheritable)
{
	if (inheritable & ~(old->cap_inheritable | old->cap_permitted) && !capable(CAP_SETPCAP))
		return false;
	if (inheritable & ~(old->cap_inheritable | old->cap_bounding))
		return false;
	return !(permitted & ~old->cap_permitted) && !(effective & ~permitted);
}

/*
 * The ambient set is always within permitted and inheritable (capabilities(7)); so it shrinks with
 * them.
 */
static long set_capabilities(u64 effective, u64 permitted, u64 inheritable)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (!may_set(old, effective, permitted, inheritable))
		return -EPERM;
	new = cred_dup(old, old->group_count);
	if (!new)
		return -ENOMEM;
	new->cap_effective = effective;
	new->cap_permitted = permitted;
	new->cap_inheritable = inheritable;
	new->cap_ambient &= permitted & inheritable;
	cred_install(new);
	return 0;
}

SYSCALL2(126, capset, struct cap_header __user *, header, const struct cap_data __user *, data)
{
	struct cap_header h;
	struct cap_data d[2] = { { 0 } };
	int words = words_of(header, &h);

	if (words <= 0)
		return words < 0 ? words : -EINVAL;
	/* Only for itself, since capabilities belong to the thread. */
	if (h.pid != 0 && h.pid != current->tid)
		return -EPERM;
	if (copy_from_user(d, data, words * sizeof(d[0])))
		return -EFAULT;
	return set_capabilities(((u64)d[1].effective << 32 | d[0].effective) & CAP_ALL,
				((u64)d[1].permitted << 32 | d[0].permitted) & CAP_ALL,
				((u64)d[1].inheritable << 32 | d[0].inheritable) & CAP_ALL);
}
