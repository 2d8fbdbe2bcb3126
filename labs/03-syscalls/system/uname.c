/*
 * uname(2), sethostname(2), setdomainname(2). Release and version say what Debian 12's kernel would
 * say, as glibc and others compare them; the version string names Trellis.
 *
 * sysname and machine are what configure scripts and package managers decide by: a program for
 * Linux on x86-64 finds what it was built for. glibc gives up at its start ("kernel too old") if
 * the release is older than the one it needs.
 *
 * The names are read by everybody and changed at boot; a spinlock makes each copy whole. User
 * memory is touched before or after it, never under it.
 */
#include "03-syscalls/system/system.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "common/string.h"
#include "02-usermode/uaccess.h"

static DEFINE_SPINLOCK(uts_lock, RANK_LEAF);
static struct utsname uts = {		/* uts_lock */
	.sysname = "Linux",
	.nodename = "(none)",
	.release = "6.1.0-trellis",
	.version = "#1 SMP Trellis",
	.machine = "x86_64",
	.domainname = "(none)",
};

void system_names(struct utsname *u)
{
	spin_lock(&uts_lock);
	*u = uts;
	spin_unlock(&uts_lock);
}

/* The rest is cleared, as uname copies whole fields to everybody. */
static int set(char *field, const char *name, size_t n)
{
	if (n >= UTS_LEN)
		return -EINVAL;
	spin_lock(&uts_lock);
	memset(field, 0, UTS_LEN);
	memcpy(field, name, n);
	spin_unlock(&uts_lock);
	return 0;
}

int system_set_nodename(const char *name, size_t n)
{
	return set(uts.nodename, name, n);
}

int system_set_domainname(const char *name, size_t n)
{
	return set(uts.domainname, name, n);
}

SYSCALL1(63, uname, struct utsname __user *, user)
{
	struct utsname u;

	system_names(&u);
	return copy_to_user(user, &u, sizeof(u)) ? -EFAULT : 0;
}

static long set_from_user(int (*set_name)(const char *, size_t), const char __user *name, int n)
{
	char buf[UTS_LEN];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (n < 0 || n >= UTS_LEN)
		return -EINVAL;
	if (copy_from_user(buf, name, n))
		return -EFAULT;
	return set_name(buf, n);
}

SYSCALL2(170, sethostname, const char __user *, name, int, n)
{
	return set_from_user(system_set_nodename, name, n);
}

SYSCALL2(171, setdomainname, const char __user *, name, int, n)
{
	return set_from_user(system_set_domainname, name, n);
}
