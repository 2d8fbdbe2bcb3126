/*
 * Credentials (credentials(7), capabilities(7)): user and group numbers and capabilities of a
 * thread. An object is immutable and shared; changing means replacing it.
 *
 * Which number is for what: the real ones say who started the process (signals, RLIMIT_NPROC), the
 * effective ones what it may do, the saved ones what it may become again, and those for files
 * (fsuid), which follow the effective ones, what it may do with files. A capability is one of
 * root's powers; code asks capable() for the power, and hardly ever whether somebody is user 0.
 */
#pragma once

#include "02-usermode/process.h"

typedef u32 uid_t;
typedef u32 gid_t;

struct user;

struct cred {
	refcount_t refs;
	struct user *user;		/* counts uid's threads; process/user.h */
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	u64 cap_effective, cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
	u32 securebits;
	bool no_new_privs, keep_caps;
	int group_count;
	gid_t groups[];		/* sorted */
};

/*
 * The current thread's; valid until it changes them itself. Never NULL: the kernel's own are
 * root's.
 */
const struct cred *current_cred(void);
/*
 * Another thread's, with a reference; root's if the thread has ended. No spinlock of rank LEAF
 * held.
 */
const struct cred *thread_cred(struct thread *t);
void cred_put(const struct cred *c);
/*
 * A copy to change (NULL: no memory), and its installation (consumes it). cred_dup() copies as many
 * groups as fit in group_count; the caller fills in the others, sorted. May sleep.
 */
struct cred *cred_dup(const struct cred *c, int group_count);
void cred_install(struct cred *c);
/* After c->uid was changed: count for that user from now on. 0 or -EAGAIN (no memory). */
int cred_set_user(struct cred *c);

bool cred_has_cap(const struct cred *c, int cap);
bool capable(int cap);			/* current, effective */
bool in_group(gid_t g);			/* current: fsgid or supplementary */

/* Those that this kernel asks for; the numbers are Linux's (linux/capability.h). */
#define CAP_CHOWN		0
#define CAP_DAC_OVERRIDE	1
#define CAP_DAC_READ_SEARCH	2
#define CAP_FOWNER		3
#define CAP_FSETID		4
#define CAP_KILL		5
#define CAP_SETGID		6
#define CAP_SETUID		7
#define CAP_SETPCAP		8
#define CAP_LINUX_IMMUTABLE	9
#define CAP_NET_BIND_SERVICE	10
#define CAP_NET_ADMIN		12
#define CAP_NET_RAW		13
#define CAP_IPC_LOCK		14
#define CAP_IPC_OWNER		15
#define CAP_SYS_CHROOT		18
#define CAP_SYS_PTRACE		19
#define CAP_SYS_ADMIN		21
#define CAP_SYS_BOOT		22
#define CAP_SYS_NICE		23
#define CAP_SYS_RESOURCE	24
#define CAP_SYS_TIME		25
#define CAP_SYS_TTY_CONFIG	26
#define CAP_MKNOD		27
#define CAP_SETFCAP		31
#define CAP_MAC_OVERRIDE	32
#define CAP_WAKE_ALARM		35
#define CAP_LAST_CAP		40
#define CAP_ALL			((1UL << (CAP_LAST_CAP + 1)) - 1)

/*
 * Resource limits (getrlimit(2)) of the current process; soft value. RLIMIT_ numbers in
 * common/abi/resource.h.
 */
u64 rlimit(int resource);
/*
 * Another process's: the soft value, and in *hard (may be NULL) the hard one. Any lock but LEAF
 * ones.
 */
u64 process_rlimit(struct process *p, int resource, u64 *hard);
