/*
 * prctl(2): the dispatcher, and the operations on what lab 03 has: names, capabilities, who
 * inherits orphans, and the flag that says whether others may inspect the process.
 *
 * One call for dozens of things that have nothing in common; so each subsystem brings its own
 * operations by PRCTL lines. Unknown ones are EINVAL, which is how programs find out what there is.
 * What a new operation does not use of the arguments must be 0, so that it may be used later; old
 * ones ignore it.
 */
#include "03-syscalls/process/prctl.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "03-syscalls/process/dumpable.h"
#include "03-syscalls/syscall.h"
#include "common/abi/prctl.h"
#include "common/string.h"
#include "02-usermode/uaccess.h"

#define NSIG	64

SYSCALL5(157, prctl, int, option, unsigned long, a2, unsigned long, a3, unsigned long, a4,
	 unsigned long, a5)
{
	const struct prctl_op *op;

	linkset_for_each(prctls, const struct prctl_op, op)
		if (op->option == option)
			return op->fn(option, a2, a3, a4, a5);
	return -EINVAL;
}

/* ---- dumpable: the slot holds the value, +1 so that an untouched slot means the default 1 ---- */

static struct part dumpable_part;

/* The value is one word, read and set without a lock. */
int process_dumpable(struct process *p)
{
	long v = (long)READ_ONCE(p->parts[dumpable_part.slot]);

	return v ? v - 1 : 1;
}

void process_set_dumpable(struct process *p, int value)
{
	WRITE_ONCE(p->parts[dumpable_part.slot], (void *)(long)(value + 1));
}

static int dumpable_clone(struct thread *child, struct clone *c)
{
	child->process->parts[dumpable_part.slot] = current_process()->parts[dumpable_part.slot];
	return 0;
}

static struct part dumpable_part = {
	.name = "dumpable",
	.scope = PART_PROCESS,
	.clone = dumpable_clone,
};
PART(22, dumpable_part);

/* 2, "readable by root only", cannot be set by this call (prctl(2), PR_SET_DUMPABLE). */
static long dumpable(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	if (option == PR_GET_DUMPABLE)
		return process_dumpable(current_process());
	if (a2 > 1)
		return -EINVAL;
	process_set_dumpable(current_process(), a2);
	return 0;
}
PRCTL(get_dumpable, PR_GET_DUMPABLE, dumpable);
PRCTL(set_dumpable, PR_SET_DUMPABLE, dumpable);

/* ---- names ---- */

/* Of the thread; a longer name is cut, silently (prctl(2), PR_SET_NAME). */
static long set_name(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	char name[sizeof(current->name)] = "";
	ssize_t n = strncpy_from_user(name, (const char __user *)a2, sizeof(name) - 1);

	if (n < 0)
		return n;
	name[MIN((size_t)n, sizeof(name) - 1)] = '\0';
	strlcpy(current->name, name, sizeof(current->name));
	return 0;
}
PRCTL(set_name, PR_SET_NAME, set_name);

static long get_name(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	char name[sizeof(current->name)] = "";

	strlcpy(name, current->name, sizeof(name));
	return copy_to_user((void __user *)a2, name, sizeof(name)) ? -EFAULT : 0;
}
PRCTL(get_name, PR_GET_NAME, get_name);

/* ---- capabilities and privileges ---- */

/* A copy of the current credentials to change, or NULL. */
static struct cred *change(void)
{
	return cred_dup(current_cred(), current_cred()->group_count);
}

/*
 * For good: no way leads back, and children inherit it; exec then grants nothing by set-user-id
 * bits.
 */
static long no_new_privs(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct cred *new;

	if (a3 || a4 || a5)
		return -EINVAL;
	if (option == PR_GET_NO_NEW_PRIVS)
		return a2 ? -EINVAL : current_cred()->no_new_privs;
	if (a2 != 1)
		return -EINVAL;
	new = change();
	if (!new)
		return -ENOMEM;
	new->no_new_privs = true;
	cred_install(new);
	return 0;
}
PRCTL(get_no_new_privs, PR_GET_NO_NEW_PRIVS, no_new_privs);
PRCTL(set_no_new_privs, PR_SET_NO_NEW_PRIVS, no_new_privs);

/* What exec can give at most. It only shrinks. */
static long bounding_set(int option, u64 cap, u64 a3, u64 a4, u64 a5)
{
	struct cred *new;

	if (option == PR_CAPBSET_READ)
		return cap > CAP_LAST_CAP ? -EINVAL : !!(current_cred()->cap_bounding & BIT(cap));
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	new = change();
	if (!new)
		return -ENOMEM;
	new->cap_bounding &= ~BIT(cap);
	cred_install(new);
	return 0;
}
PRCTL(capbset_read, PR_CAPBSET_READ, bounding_set);
PRCTL(capbset_drop, PR_CAPBSET_DROP, bounding_set);

/* keep_caps is bit SECBIT_KEEP_CAPS of securebits for those who ask that way. */
static u32 secure_bits(const struct cred *c)
{
	return c->securebits | (c->keep_caps ? SECBIT_KEEP_CAPS : 0);
}

/*
 * Each bit has a lock bit, the next higher one, which once set is never cleared (capabilities(7),
 * "The securebits flags").
 */
static bool may_set_bits(u32 old, u64 bits)
{
	u32 locked = (old & SECBIT_ALL_LOCKS) >> 1;

	if (bits & ~(u64)(SECBIT_ALL_BITS | SECBIT_ALL_LOCKS) || !capable(CAP_SETPCAP))
		return false;
	/* Locks stay, and what they lock does not change. */
	return !((old ^ bits) & locked) && !(old & SECBIT_ALL_LOCKS & ~bits);
}

static long securebits(int option, u64 bits, u64 a3, u64 a4, u64 a5)
{
	struct cred *new;

	if (option == PR_GET_SECUREBITS)
		return secure_bits(current_cred());
	if (!may_set_bits(secure_bits(current_cred()), bits))
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	new->keep_caps = bits & SECBIT_KEEP_CAPS;
	new->securebits = bits & ~SECBIT_KEEP_CAPS;
	cred_install(new);
	return 0;
}
PRCTL(get_securebits, PR_GET_SECUREBITS, securebits);
PRCTL(set_securebits, PR_SET_SECUREBITS, securebits);

/* In force until the next exec, which clears it (transform() in lab 04). */
static long keepcaps(int option, u64 value, u64 a3, u64 a4, u64 a5)
{
	struct cred *new;

	if (option == PR_GET_KEEPCAPS)
		return current_cred()->keep_caps;
	if (value > 1)
		return -EINVAL;
	if (current_cred()->securebits & SECBIT_KEEP_CAPS << 1)
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	new->keep_caps = value;
	cred_install(new);
	return 0;
}
PRCTL(get_keepcaps, PR_GET_KEEPCAPS, keepcaps);
PRCTL(set_keepcaps, PR_SET_KEEPCAPS, keepcaps);

/*
 * The capabilities that an ordinary program keeps over exec (capabilities(7)); they must be
 * permitted and inheritable.
 */
static long ambient(int option, u64 what, u64 cap, u64 a4, u64 a5)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (a4 || a5 || (what == PR_CAP_AMBIENT_CLEAR_ALL ? cap != 0 : cap > CAP_LAST_CAP) ||
	    what < PR_CAP_AMBIENT_IS_SET || what > PR_CAP_AMBIENT_CLEAR_ALL)
		return -EINVAL;
	if (what == PR_CAP_AMBIENT_IS_SET)
		return !!(old->cap_ambient & BIT(cap));
	if (what == PR_CAP_AMBIENT_RAISE &&
	    (!(old->cap_permitted & old->cap_inheritable & BIT(cap)) ||
	     old->securebits & SECBIT_NO_CAP_AMBIENT_RAISE))
		return -EPERM;
	new = change();
	if (!new)
		return -ENOMEM;
	if (what == PR_CAP_AMBIENT_RAISE)
		new->cap_ambient |= BIT(cap);
	else
		new->cap_ambient &= what == PR_CAP_AMBIENT_LOWER ? ~BIT(cap) : 0;
	cred_install(new);
	return 0;
}
PRCTL(cap_ambient, PR_CAP_AMBIENT, ambient);

/* ---- family ---- */

/*
 * Orphans among the descendants come to this process instead of init (find_reaper() in family.c).
 */
static long subreaper(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct family *f = process_family(current_process());

	if (option == PR_GET_CHILD_SUBREAPER)
		return put_user((int)f->subreaper, (int __user *)a2);
	f->subreaper = a2 != 0;
	return 0;
}
PRCTL(get_child_subreaper, PR_GET_CHILD_SUBREAPER, subreaper);
PRCTL(set_child_subreaper, PR_SET_CHILD_SUBREAPER, subreaper);

/* For servants that shall not outlive their master. A fork's child begins without it. */
static long parent_death(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct family *f = process_family(current_process());

	if (option == PR_GET_PDEATHSIG)
		return put_user(f->pdeath_signal, (int __user *)a2);
	if (a2 > NSIG)
		return -EINVAL;
	f->pdeath_signal = a2;
	return 0;
}
PRCTL(get_pdeathsig, PR_GET_PDEATHSIG, parent_death);
PRCTL(set_pdeathsig, PR_SET_PDEATHSIG, parent_death);
