/*
 * System V semaphores: semget(2), semop(2), semctl(2).
 *
 * The operations of one semop happen all at once or not at all. One that cannot happen yet sleeps
 * on the set's queue, and whoever changes a value wakes all, who try again. SEM_UNDO keeps, per
 * process, what is to be added to each semaphore when the process ends.
 *
 * All or nothing is what makes these semaphores more than P and V: a program can take two resources
 * together, or wait until a third is free without taking it (an operation of 0). The price is that
 * nobody can tell which sleeper a new value helps without trying. Linux tries the sleepers in the
 * waker's name, in order of arrival; here all are woken, and each tries for itself under the lock.
 * That is simpler and fair only by chance: one that needs much may see others overtake it.
 *
 * Undo (semop(2)): a process that dies between taking and giving back would stop all others. So
 * each SEM_UNDO operation is also subtracted from an adjustment, kept by process and semaphore,
 * and at the end the adjustments are added. They can only make values plausible, not data: that is
 * the program's affair. They outlive execve(2), and fork(2) does not copy them.
 */
#include "common/abi/time.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/proc.h"
#include "06-posix/ipc/ipc.h"
#include "06-posix/poll/poll.h"

#define SEMAEM	SEMVMX		/* the largest adjustment */

/* One semaphore; sets.lock, as all of struct sem_set but refs and the wait queue. */
struct sem {
	int value;			/* 0 to SEMVMX */
	int pid;			/* who changed it last, or waited for 0: GETPID */
	int waiting_more, waiting_zero;	/* asleep because of it: GETNCNT, GETZCNT */
};

struct sem_set {
	struct ipc_object ipc;
	refcount_t refs;		/* the table, and sleepers */
	bool removed;			/* in no table: sleepers are to give up with EIDRM */
	long otime, ctime;		/* last semop, last change of the set; s since 1970 */
	struct list_head undos;		/* struct undo, of all processes */
	u64 version;			/* counts changes: what sleepers wait for */
	struct wait_queue changed;
	unsigned count;
	struct sem sems[];
};

/*
 * What a process's end undoes in one set. It is on two lists, both under sets.lock: the process's,
 * to find what to do at its end, and the set's, as SETVAL ends the undo of all processes, and
 * IPC_RMID makes it void. A void one stays on the process's list, because a thread of it may be
 * about to return from a sleep with it in its hand; find_undo() frees it later.
 */
struct undo {
	struct list_head link;		/* struct undo_list */
	struct list_head set_link;	/* sem_set.undos */
	struct sem_set *set;		/* NULL: it was removed */
	short adjust[];			/* one for each semaphore; SEMAEM at most */
};

struct undo_list {			/* process part; made at the first SEM_UNDO */
	struct list_head undos;
};

DEFINE_IPC_TABLE(sets);
static struct part undo_part;

static struct sem_set *set_of(struct ipc_object *o)
{
	return container_of(o, struct sem_set, ipc);
}

static void set_put(struct sem_set *s)
{
	if (ref_put(&s->refs))
		kfree(s);
}

static struct ipc_object *make(const struct ipc_request *r)
{
	struct sem_set *s;

	if (!r->size)
		return ERR_PTR(-EINVAL);
	s = kzalloc(sizeof(*s) + r->size * sizeof(s->sems[0]), GFP_KERNEL);
	if (!s)
		return ERR_PTR(-ENOMEM);
	ref_init(&s->refs, 1);
	list_init(&s->undos);
	wait_queue_init(&s->changed);
	s->count = r->size;
	s->ctime = ipc_now();
	return &s->ipc;
}

static int fits(struct ipc_object *o, const struct ipc_request *r)
{
	return r->size > set_of(o)->count ? -EINVAL : 0;
}

SYSCALL3(64, semget, int, key, int, count, int, flags)
{
	struct ipc_request r = { key, flags, count, make, fits };

	if (count < 0 || count > SEMMSL)
		return -EINVAL;
	return ipc_get(&sets, &r);
}

/* Values have changed. The version comes first: who is not asleep yet sees it and will not be. */
static void announce(struct sem_set *s)
{
	s->version++;
	wake_up_all(&s->changed);
}

/* ---- undo ---- */

static struct undo_list *undo_list(struct process *p)
{
	return process_part(p, undo_part, struct undo_list);
}

static void free_undo(struct undo *u)
{
	list_del(&u->link);
	list_del(&u->set_link);
	kfree(u);
}

/*
 * The list's entry for the set, or NULL. Those of removed sets go on the way: so there are never
 * more entries than sets. Lock held.
 */
static struct undo *find_undo(struct undo_list *list, const struct sem_set *s)
{
	struct undo *u, *next, *found = NULL;

	list_for_each_entry_safe(u, next, &list->undos, link) {
		if (u->set == s)
			found = u;
		else if (!u->set)
			free_undo(u);
	}
	return found;
}

/* The current process's entry for the set, made if it has none; NULL: no memory. Lock held. */
static struct undo *get_undo(struct sem_set *s)
{
	struct undo_list *list = undo_list(current_process());
	struct undo *u;

	if (!list) {
		list = kzalloc(sizeof(*list), GFP_KERNEL);
		if (!list)
			return NULL;
		list_init(&list->undos);
		current_process()->parts[undo_part.slot] = list;
	}
	u = find_undo(list, s);
	if (u)
		return u;
	u = kzalloc(sizeof(*u) + s->count * sizeof(u->adjust[0]), GFP_KERNEL);
	if (!u)
		return NULL;
	u->set = s;
	list_add_tail(&u->link, &list->undos);
	list_add_tail(&u->set_link, &s->undos);
	return u;
}

/*
 * Do what u says, as far as the values' range allows: a value that would become negative becomes 0.
 * semop(2), BUGS: waiting for room instead would delay the process's end, perhaps for ever. Lock
 * held.
 */
static void perform_undo(struct undo *u)
{
	struct sem_set *s = u->set;

	if (!s)
		return;
	for (unsigned i = 0; i < s->count; i++) {
		if (!u->adjust[i])
			continue;
		s->sems[i].value = MAX(0, MIN(SEMVMX, s->sems[i].value + u->adjust[i]));
		s->sems[i].pid = current_process()->id;
	}
	announce(s);
}

/* The process has no threads left that could be in a semop. */
static void undo_exit(struct process *p)
{
	struct undo_list *list = undo_list(p);
	struct undo *u;

	if (!list)
		return;
	mutex_lock(&sets.lock);
	while (!list_empty(&list->undos)) {
		u = list_first_entry(&list->undos, struct undo, link);
		perform_undo(u);
		free_undo(u);
	}
	mutex_unlock(&sets.lock);
	p->parts[undo_part.slot] = NULL;
	kfree(list);
}

static struct part undo_part = {
	.name = "semaphore undo",
	.scope = PART_PROCESS,
	.exit = undo_exit,
};
PART(70, undo_part);

/* ---- semop ---- */

/* The process's adjustment that op changes, or NULL. */
static short *adjustment(const struct sembuf *op, struct undo *u)
{
	return u && op->sem_flg & SEM_UNDO ? &u->adjust[op->sem_num] : NULL;
}

static void apply(struct sem_set *s, const struct sembuf *op, int sign, struct undo *u)
{
	short *adjust = adjustment(op, u);

	s->sems[op->sem_num].value += sign * op->sem_op;
	if (adjust)
		*adjust -= sign * op->sem_op;
}

/*
 * Why op cannot happen now: 0, -EAGAIN or -ERANGE. Values and operations are 16 bits wide, so sums
 * of int do not overflow. An adjustment may be one lower than -SEMAEM, as a short can.
 */
static int obstacle(const struct sem_set *s, const struct sembuf *op, struct undo *u)
{
	int value = s->sems[op->sem_num].value;
	short *adjust = adjustment(op, u);

	if ((!op->sem_op && value) || value + op->sem_op < 0)
		return -EAGAIN;
	if (value + op->sem_op > SEMVMX)
		return -ERANGE;
	if (adjust && (*adjust - op->sem_op > SEMAEM || *adjust - op->sem_op < -SEMAEM - 1))
		return -ERANGE;
	return 0;
}

/*
 * Try all operations: 0, -EAGAIN (*blocked: the one that must wait), -ERANGE. They build on each
 * other, as they may name one semaphore twice; so each is done at once and, if a later one cannot
 * be, taken back. Nobody sees the values in between: the lock is held throughout.
 */
static int try(struct sem_set *s, const struct sembuf *ops, int n, struct undo *u, int *blocked)
{
	for (int i = 0; i < n; i++) {
		int error = obstacle(s, &ops[i], u);

		if (error) {
			*blocked = i;
			while (i--)
				apply(s, &ops[i], -1, u);
			return error;
		}
		apply(s, &ops[i], 1, u);
	}
	return 0;
}

/* The operations have happened. */
static void note(struct sem_set *s, const struct sembuf *ops, int n)
{
	bool changes = false;

	for (int i = 0; i < n; i++) {
		s->sems[ops[i].sem_num].pid = current_process()->id;
		changes |= ops[i].sem_op != 0;
	}
	s->otime = ipc_now();
	if (changes)
		announce(s);
}

/*
 * Sleep until something changes: 0, -EAGAIN (the deadline), -EINTR, -EIDRM. The lock is held, but
 * not while asleep; a change in between is not missed, as the version was read with the lock. A
 * semop is never restarted after a signal (signal(7)). The caller holds a reference to s.
 */
static int wait_for_change(struct sem_set *s, const struct sembuf *op, u64 deadline)
{
	int *waiting = op->sem_op ? &s->sems[op->sem_num].waiting_more :
				    &s->sems[op->sem_num].waiting_zero;
	u64 version = s->version;
	int error;

	(*waiting)++;
	mutex_unlock(&sets.lock);
	error = wait_event_until(&s->changed,
				 READ_ONCE(s->version) != version || READ_ONCE(s->removed),
				 WAIT_INTERRUPTIBLE, deadline);
	mutex_lock(&sets.lock);
	(*waiting)--;
	if (s->removed)
		return -EIDRM;
	return error == -ETIMEDOUT ? -EAGAIN : error ? -EINTR : 0;
}

/*
 * The lock is held, and a reference to s. The entry for undo is made before anything happens, as
 * there is no way to say "done, but not undoable"; it lasts through a sleep, as no other thread
 * frees an entry whose set is not removed. IPC_NOWAIT counts for the operation that is in the way.
 */
static int operate(struct sem_set *s, const struct sembuf *ops, int n, u64 deadline)
{
	struct undo *u = NULL;
	bool undo = false;
	int error, blocked;

	for (int i = 0; i < n; i++) {
		if (ops[i].sem_num >= s->count)
			return -EFBIG;
		undo |= ops[i].sem_flg & SEM_UNDO;
	}
	if (undo) {
		u = get_undo(s);
		if (!u)
			return -ENOMEM;
	}
	while ((error = try(s, ops, n, u, &blocked)) == -EAGAIN) {
		if (ops[blocked].sem_flg & IPC_NOWAIT)
			return -EAGAIN;
		error = wait_for_change(s, &ops[blocked], deadline);
		if (error)
			return error;
	}
	if (!error)
		note(s, ops, n);
	return error;
}

/*
 * Reading permission is enough to wait for zero (semop(2), EACCES). Two limits of time are in one:
 * WAIT_FOREVER for semop, and 0 for a semtimedop that shall not wait.
 */
static long do_semop(int id, const struct sembuf __user *user, size_t n, u64 deadline)
{
	struct sembuf *ops;
	struct ipc_object *o;
	unsigned access = IPC_READ;
	long result;

	if (!n || id < 0)
		return -EINVAL;
	if (n > SEMOPM)
		return -E2BIG;
	ops = kcalloc(n, sizeof(*ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;
	if (copy_from_user(ops, user, n * sizeof(*ops))) {
		kfree(ops);
		return -EFAULT;
	}
	for (size_t i = 0; i < n; i++)
		if (ops[i].sem_op)
			access = IPC_WRITE;
	mutex_lock(&sets.lock);
	o = ipc_find(&sets, id, access);
	result = IS_ERR(o) ? PTR_ERR(o) : 0;
	if (!result) {
		ref_get(&set_of(o)->refs);
		result = operate(set_of(o), ops, n, deadline);
		set_put(set_of(o));
	}
	mutex_unlock(&sets.lock);
	kfree(ops);
	return result;
}

SYSCALL3(65, semop, int, id, const struct sembuf __user *, ops, size_t, n)
{
	return do_semop(id, ops, n, WAIT_FOREVER);
}

SYSCALL4(220, semtimedop, int, id, const struct sembuf __user *, ops, size_t, n,
	 const struct timespec __user *, uts)
{
	struct timespec ts;
	u64 deadline;
	int error;

	if (uts && get_user(ts, uts))
		return -EFAULT;
	error = poll_deadline(uts ? &ts : NULL, &deadline);
	return error ? error : do_semop(id, ops, n, deadline);
}

/* ---- semctl ---- */

static void fill(const struct sem_set *s, struct semid64_ds *d)
{
	memset(d, 0, sizeof(*d));
	ipc_perm_out(&s->ipc, &d->sem_perm);
	d->sem_otime = s->otime;
	d->sem_ctime = s->ctime;
	d->sem_nsems = s->count;
}

/* Values set by hand make what processes would undo meaningless (semctl(2), SETVAL). */
static void forget_undo(struct sem_set *s, unsigned first, unsigned n)
{
	struct undo *u;

	list_for_each_entry(u, &s->undos, set_link)
		memset(u->adjust + first, 0, n * sizeof(u->adjust[0]));
}

/* SETVAL: as if the value came by operations, it wakes sleepers; but no undo remembers it. */
static long set_value(struct sem_set *s, int num, int value)
{
	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	s->sems[num].value = value;
	s->sems[num].pid = current_process()->id;
	s->ctime = ipc_now();
	forget_undo(s, num, 1);
	announce(s);
	return 0;
}

static long one_semaphore(struct sem_set *s, int num, int cmd, u64 arg)
{
	if (num < 0 || (unsigned)num >= s->count)
		return -EINVAL;
	switch (cmd) {
	case GETVAL:
		return s->sems[num].value;
	case GETPID:
		return s->sems[num].pid;
	case GETNCNT:
		return s->sems[num].waiting_more;
	case GETZCNT:
		return s->sems[num].waiting_zero;
	default:
		return set_value(s, num, (int)arg);
	}
}

/*
 * GETALL, SETALL. The whole array is copied and checked before the first value changes: ERANGE and
 * EFAULT leave the set as it was.
 */
static long all_values(struct sem_set *s, int cmd, u16 __user *user)
{
	u16 *values = kcalloc(s->count, sizeof(*values), GFP_KERNEL);
	long result = 0;

	if (!values)
		return -ENOMEM;
	if (cmd == GETALL) {
		for (unsigned i = 0; i < s->count; i++)
			values[i] = s->sems[i].value;
		result = copy_to_user(user, values, s->count * sizeof(*values)) ? -EFAULT : 0;
	} else if (copy_from_user(values, user, s->count * sizeof(*values))) {
		result = -EFAULT;
	}
	for (unsigned i = 0; i < s->count && cmd == SETALL && !result; i++)
		result = values[i] > SEMVMX ? -ERANGE : 0;
	if (cmd == SETALL && !result) {
		for (unsigned i = 0; i < s->count; i++)
			s->sems[i].value = values[i];
		s->ctime = ipc_now();
		forget_undo(s, 0, s->count);
		announce(s);
	}
	kfree(values);
	return result;
}

/* IPC_RMID, IPC_SET. */
static long control(struct sem_set *s, int cmd, const struct semid64_ds __user *user)
{
	struct undo *u, *next;
	struct semid64_ds d;
	int error = ipc_may_control(&s->ipc);

	if (error)
		return error;
	if (cmd == IPC_SET) {
		if (get_user(d, user))
			return -EFAULT;
		ipc_perm_in(&s->ipc, &d.sem_perm);
		s->ctime = ipc_now();
		return 0;
	}
	s->removed = true;
	list_for_each_entry_safe(u, next, &s->undos, set_link) {
		list_del(&u->set_link);
		u->set = NULL;
	}
	ipc_unlink(&sets, &s->ipc);
	wake_up_all(&s->changed);
	set_put(s);
	return 0;
}

static long stat(struct sem_set *s, int cmd, struct semid64_ds __user *user)
{
	struct semid64_ds d;

	fill(s, &d);
	return put_user(d, user) ? -EFAULT : cmd == IPC_STAT ? 0 : s->ipc.id;
}

static long command(struct sem_set *s, int num, int cmd, u64 arg)
{
	switch (cmd) {
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		return stat(s, cmd, (struct semid64_ds __user *)arg);
	case IPC_RMID:
	case IPC_SET:
		return control(s, cmd, (const struct semid64_ds __user *)arg);
	case GETALL:
	case SETALL:
		return all_values(s, cmd, (u16 __user *)arg);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
	case SETVAL:
		return one_semaphore(s, num, cmd, arg);
	default:
		return -EINVAL;
	}
}

static unsigned access_of(int cmd)
{
	if (cmd == IPC_RMID || cmd == IPC_SET)
		return 0;
	return cmd == SETVAL || cmd == SETALL ? IPC_WRITE : IPC_READ;
}

/* The limits or, for SEM_INFO, what is in use. The place of the last set, or -EFAULT. */
static long info(int cmd, struct seminfo __user *user)
{
	struct seminfo m = {
		.semmap = SEMMSL * IPC_MAX, .semmni = IPC_MAX, .semmns = SEMMSL * IPC_MAX,
		.semmnu = SEMMSL * IPC_MAX, .semmsl = SEMMSL, .semopm = SEMOPM, .semume = SEMOPM,
		.semusz = SEMUSZ, .semvmx = SEMVMX, .semaem = SEMVMX,
	};
	int highest, used;

	mutex_lock(&sets.lock);
	used = ipc_count(&sets, &highest);
	if (cmd == SEM_INFO) {
		m.semusz = used;
		m.semaem = 0;
		for (int i = 0; used && i <= highest; i++)
			m.semaem += sets.objects[i] ? set_of(sets.objects[i])->count : 0;
	}
	mutex_unlock(&sets.lock);
	return put_user(m, user) ? -EFAULT : highest;
}

SYSCALL4(66, semctl, int, id, int, num, int, cmd, u64, arg)
{
	struct ipc_object *o;
	long result;

	if (cmd == IPC_INFO || cmd == SEM_INFO)
		return info(cmd, (struct seminfo __user *)arg);
	mutex_lock(&sets.lock);
	o = cmd == SEM_STAT || cmd == SEM_STAT_ANY ? ipc_at(&sets, id, cmd == SEM_STAT_ANY) :
	    ipc_find(&sets, id, access_of(cmd));
	result = IS_ERR(o) ? PTR_ERR(o) : command(set_of(o), num, cmd, arg);
	mutex_unlock(&sets.lock);
	return result;
}

static int print_sets(struct printer *p)
{
	print(p, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      "
		 "ctime\n");
	mutex_lock(&sets.lock);
	for (int i = 0; i < IPC_MAX; i++) {
		struct ipc_object *o = sets.objects[i];

		if (o)
			print(p, "%10d %10d  %4o %10u %5u %5u %5u %5u %10ld %10ld\n", o->key, o->id,
			      o->mode, set_of(o)->count, o->uid, o->gid, o->cuid, o->cgid,
			      set_of(o)->otime, set_of(o)->ctime);
	}
	mutex_unlock(&sets.lock);
	return 0;
}
PROC_ENTRY(sysvipc_sem, "sysvipc/sem", 0444, print_sets, NULL);
