/*
 * System V IPC: what shared memory, semaphores and message queues have in common: objects with a
 * key, an identifier and permissions, in a table per kind. sysvipc(7), svipc(7).
 *
 * An identifier is the place in the table plus a sequence number, so that one that is left over
 * from a removed object means nothing. One mutex per table protects the table and its objects.
 *
 * These objects are older than the idea that everything is a file, and differ from files in what
 * hurts: they have no names in a directory but keys that programs must agree upon (ftok(3)); an
 * identifier needs no open, so anybody who guesses it may use it as far as permissions go; and they
 * live until somebody removes them, whether or not a process uses them. ipcs(1) shows what is left
 * over, ipcrm(1) removes it.
 *
 * An object that calls may sleep on (sem.c, msg.c) has a count of references besides: IPC_RMID
 * takes it out of the table at once, and the last sleeper frees it.
 */
#pragma once

#include "common/abi/ipc.h"
#include "02-usermode/mutex.h"
#include "03-syscalls/cred.h"

#define IPC_MAX		4096		/* objects of a kind */

/* Embedded in each kind's own structure. All under the table's lock. */
struct ipc_object {
	int key;			/* IPC_PRIVATE: found by its identifier only */
	int id;				/* constant */
	uid_t uid, cuid;		/* the owner, whom IPC_SET can change; the creator */
	gid_t gid, cgid;
	unsigned mode;			/* permission bits; those for execution mean nothing */
};

struct ipc_table {
	struct mutex lock;		/* RANK_IPC; protects: */
	struct ipc_object *objects[IPC_MAX];
	unsigned seq;			/* of the next object */
};
#define DEFINE_IPC_TABLE(var) \
	static struct ipc_table var = { .lock = MUTEX_INIT(var.lock, RANK_IPC) }

/* As `access`: owner's, group's and others' bits alike. For semaphores to alter is to write. */
#define IPC_READ	0444
#define IPC_WRITE	0222

/*
 * The *get calls: the object with that key or, as flags say, a new one: its identifier or errno.
 * make() allocates and fills the kind's part; fits() checks an existing one against the request.
 * Lock not held.
 */
struct ipc_request {
	int key, flags;
	u64 size;			/* of the segment; number of semaphores */
	struct ipc_object *(*make)(const struct ipc_request *r);	/* or ERR_PTR */
	/* 0 or errno; may be NULL */
	int (*fits)(struct ipc_object *o, const struct ipc_request *r);
};
long ipc_get(struct ipc_table *t, const struct ipc_request *r);

/* The object with that identifier, if `access` (IPC_READ | IPC_WRITE) is granted; or
 * ERR_PTR(-EINVAL, -EIDRM, -EACCES). Lock held. */
struct ipc_object *ipc_find(struct ipc_table *t, int id, unsigned access);
/* The same by place in the table, for the STAT_ANY kind of commands; `any`: no permission needed.
 */
struct ipc_object *ipc_at(struct ipc_table *t, int index, bool any);
/* May the caller remove or change it: 0 or -EPERM. */
int ipc_may_control(const struct ipc_object *o);
/*
 * Objects in the table; *highest: place of the last one, or 0, which is what the INFO commands
 * return. Lock held.
 */
int ipc_count(const struct ipc_table *t, int *highest);
/* Take it out of the table; the caller frees it, or gives up the table's reference. Lock held. */
void ipc_unlink(struct ipc_table *t, struct ipc_object *o);
/* Between kernel and user forms. */
void ipc_perm_out(const struct ipc_object *o, struct ipc64_perm *p);
void ipc_perm_in(struct ipc_object *o, const struct ipc64_perm *p);
long ipc_now(void);			/* seconds */
