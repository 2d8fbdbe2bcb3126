/*
 * User and group numbers: get and set calls, with Linux's rules for who may change what and what
 * becomes of the capabilities (credentials(7), setuid(2), capabilities(7)).
 *
 * The rules have grown: setuid() sets all three numbers for the privileged and one for others;
 * setreuid() may exchange real and effective, and moves the saved one when it matters; setresuid()
 * says what it means. Their common part is that without CAP_SETUID a number can only become one of
 * those that the thread has. Each call copies the credentials, changes the copy and commits it: a
 * failure leaves everything as it was.
 */
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "03-syscalls/process/dumpable.h"
#include "03-syscalls/syscall.h"
#include "common/abi/prctl.h"
#include "02-usermode/uaccess.h"

#define UNCHANGED	((u32)-1)
#define NGROUPS_MAX	65536
/* What a file-system user number of 0 brings with it. */
#define FS_CAPS		(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | \
			 BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_LINUX_IMMUTABLE) | \
			 BIT(CAP_MKNOD) | BIT(CAP_MAC_OVERRIDE))

SYSCALL0(102, getuid)
{
	return current_cred()->uid;
}

SYSCALL0(104, getgid)
{
	return current_cred()->gid;
}

SYSCALL0(107, geteuid)
{
	return current_cred()->euid;
}

SYSCALL0(108, getegid)
{
	return current_cred()->egid;
}

static bool any_root(const struct cred *c)
{
	return c->uid == 0 || c->euid == 0 || c->suid == 0;
}

/*
 * Capabilities after the user numbers changed (capabilities(7), "Effect of user ID changes"): who
 * gives up root in all three numbers loses them for good; who gives it up in the effective one
 * alone has them back with it. keep_caps (PR_SET_KEEPCAPS) is for programs that want to stay
 * without root and keep some power, SECBIT_NO_SETUID_FIXUP for those that want nothing to do with
 * these rules.
 */
static void fix_capabilities(struct cred *new, const struct cred *old)
{
	if (new->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (any_root(old) && !any_root(new)) {
		if (!new->keep_caps)
			new->cap_permitted = new->cap_effective = 0;
		new->cap_ambient = 0;
	}
	if (old->euid == 0 && new->euid != 0)
		new->cap_effective = 0;
	if (old->euid != 0 && new->euid == 0)
		new->cap_effective = new->cap_permitted;
}

/*
 * The process is somebody else now: what it inherited in memory is not for the old user's debugger,
 * and the parent's death no longer kills it (prctl(2), PR_SET_DUMPABLE and PR_SET_PDEATHSIG).
 */
static void identity_changed(void)
{
	process_set_dumpable(current_process(), 0);
	process_family(current_process())->pdeath_signal = 0;
}

/*
 * Install the new numbers: they replace the current ones, with all that follows from it. Consumes
 * new.
 */
static long commit(struct cred *new)
{
	const struct cred *old = current_cred();
	int error = cred_set_user(new);

	if (error) {
		cred_put(new);
		return error;
	}
	if (new->euid != old->euid || new->egid != old->egid || new->fsuid != old->fsuid ||
	    new->fsgid != old->fsgid)
		identity_changed();
	fix_capabilities(new, old);
	cred_install(new);
	return 0;
}

/* A copy of the current credentials to change, or NULL. */
static struct cred *change(void)
{
	return cred_dup(current_cred(), current_cred()->group_count);
}

SYSCALL1(105, setuid, uid_t, uid)
{
	const struct cred *old = current_cred();
	bool all = capable(CAP_SETUID);
	struct cred *new;

	if (uid == UNCHANGED)
		return -EINVAL;
	if (!all && uid != old->uid && uid != old->suid)
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	if (all)
		new->uid = new->suid = uid;
	new->euid = new->fsuid = uid;
	return commit(new);
}

SYSCALL1(106, setgid, gid_t, gid)
{
	const struct cred *old = current_cred();
	bool all = capable(CAP_SETGID);
	struct cred *new;

	if (gid == UNCHANGED)
		return -EINVAL;
	if (!all && gid != old->gid && gid != old->sgid)
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	if (all)
		new->gid = new->sgid = gid;
	new->egid = new->fsgid = gid;
	return commit(new);
}

/* Whether `id` is UNCHANGED or one of three. */
static bool one_of(u32 id, u32 a, u32 b, u32 c)
{
	return id == UNCHANGED || id == a || id == b || id == c;
}

static void set(u32 *to, u32 id)
{
	if (id != UNCHANGED)
		*to = id;
}

/*
 * The saved number follows when the real one is set, or the effective one to something new: then
 * there is no way back, which a program that drops its rights this way relies on (setreuid(2)).
 */
SYSCALL2(113, setreuid, uid_t, ruid, uid_t, euid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (!capable(CAP_SETUID) && (!one_of(ruid, old->uid, old->euid, old->euid) ||
				     !one_of(euid, old->uid, old->euid, old->suid)))
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	set(&new->uid, ruid);
	set(&new->euid, euid);
	if (ruid != UNCHANGED || (euid != UNCHANGED && euid != old->uid))
		new->suid = new->euid;
	new->fsuid = new->euid;
	return commit(new);
}

SYSCALL2(114, setregid, gid_t, rgid, gid_t, egid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (!capable(CAP_SETGID) && (!one_of(rgid, old->gid, old->egid, old->egid) ||
				     !one_of(egid, old->gid, old->egid, old->sgid)))
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	set(&new->gid, rgid);
	set(&new->egid, egid);
	if (rgid != UNCHANGED || (egid != UNCHANGED && egid != old->gid))
		new->sgid = new->egid;
	new->fsgid = new->egid;
	return commit(new);
}

SYSCALL3(117, setresuid, uid_t, ruid, uid_t, euid, uid_t, suid)
{
	const struct cred *o = current_cred();
	struct cred *new;

	if (!capable(CAP_SETUID) && (!one_of(ruid, o->uid, o->euid, o->suid) ||
				     !one_of(euid, o->uid, o->euid, o->suid) ||
				     !one_of(suid, o->uid, o->euid, o->suid)))
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	set(&new->uid, ruid);
	set(&new->euid, euid);
	set(&new->suid, suid);
	new->fsuid = new->euid;
	return commit(new);
}

SYSCALL3(119, setresgid, gid_t, rgid, gid_t, egid, gid_t, sgid)
{
	const struct cred *o = current_cred();
	struct cred *new;

	if (!capable(CAP_SETGID) && (!one_of(rgid, o->gid, o->egid, o->sgid) ||
				     !one_of(egid, o->gid, o->egid, o->sgid) ||
				     !one_of(sgid, o->gid, o->egid, o->sgid)))
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	set(&new->gid, rgid);
	set(&new->egid, egid);
	set(&new->sgid, sgid);
	new->fsgid = new->egid;
	return commit(new);
}

static long put_three(u32 __user *a, u32 va, u32 __user *b, u32 vb, u32 __user *c, u32 vc)
{
	return put_user(va, a) || put_user(vb, b) || put_user(vc, c) ? -EFAULT : 0;
}

SYSCALL3(118, getresuid, uid_t __user *, ruid, uid_t __user *, euid, uid_t __user *, suid)
{
	const struct cred *c = current_cred();

	return put_three(ruid, c->uid, euid, c->euid, suid, c->suid);
}

SYSCALL3(120, getresgid, gid_t __user *, rgid, gid_t __user *, egid, gid_t __user *, sgid)
{
	const struct cred *c = current_cred();

	return put_three(rgid, c->gid, egid, c->egid, sgid, c->sgid);
}

/*
 * These two return the old number whatever happens: to learn whether it worked, a program asks once
 * more (setfsuid(2)). They exist for file servers of old, which did not want to become killable by
 * the user they worked for.
 */
SYSCALL1(122, setfsuid, uid_t, uid)
{
	const struct cred *old = current_cred();
	uid_t before = old->fsuid;
	struct cred *new;

	if (uid == UNCHANGED || uid == before ||
	    (!capable(CAP_SETUID) && !one_of(uid, old->uid, old->euid, old->suid)))
		return before;
	new = change();
	if (!new)
		return before;
	new->fsuid = uid;
	if (!(new->securebits & SECBIT_NO_SETUID_FIXUP)) {
		if (before == 0)
			new->cap_effective &= ~FS_CAPS;
		else if (uid == 0)
			new->cap_effective |= new->cap_permitted & FS_CAPS;
	}
	identity_changed();
	cred_install(new);
	return before;
}

SYSCALL1(123, setfsgid, gid_t, gid)
{
	const struct cred *old = current_cred();
	gid_t before = old->fsgid;
	struct cred *new;

	if (gid == UNCHANGED || gid == before ||
	    (!capable(CAP_SETGID) && !one_of(gid, old->gid, old->egid, old->sgid)))
		return before;
	new = change();
	if (!new)
		return before;
	new->fsgid = gid;
	commit(new);
	return before;
}

SYSCALL2(115, getgroups, int, size, gid_t __user *, list)
{
	const struct cred *c = current_cred();

	if (size < 0 || (size && size < c->group_count))
		return -EINVAL;
	if (size && copy_to_user(list, c->groups, c->group_count * sizeof(gid_t)))
		return -EFAULT;
	return c->group_count;
}

/* Heap sort: at most 65536 numbers, and no recursion on a kernel stack. */
static void sift_down(gid_t *a, int root, int n)
{
	for (int child; (child = 2 * root + 1) < n; root = child) {
		gid_t g = a[root];

		if (child + 1 < n && a[child + 1] > a[child])
			child++;
		if (g >= a[child])
			return;
		a[root] = a[child];
		a[child] = g;
	}
}

static void sort_groups(gid_t *a, int n)
{
	for (int i = n / 2; i-- > 0;)
		sift_down(a, i, n);
	while (n > 1) {
		gid_t g = a[--n];

		a[n] = a[0];
		a[0] = g;
		sift_down(a, 0, n);
	}
}

/*
 * Sorted once here, for in_group(), so getgroups gives them back in another order; Linux does so
 * too.
 */
SYSCALL2(116, setgroups, int, size, const gid_t __user *, list)
{
	struct cred *new;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (size < 0 || size > NGROUPS_MAX)
		return -EINVAL;
	new = cred_dup(current_cred(), size);
	if (!new)
		return -ENOMEM;
	if (copy_from_user(new->groups, list, size * sizeof(gid_t))) {
		cred_put(new);
		return -EFAULT;
	}
	sort_groups(new->groups, size);
	cred_install(new);
	return 0;
}
