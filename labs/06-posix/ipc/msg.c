/*
 * System V message queues: msgget(2), msgsnd(2), msgrcv(2), msgctl(2).
 *
 * A message has a type, a positive number, and keeps its borders. The receiver names the type that
 * it wants, so one queue can serve many: requests have type 1, each answer the client's process
 * number. For the kernel it means that a receiver may sleep although messages wait, and that a new
 * message may be for any of the sleepers: all are woken and look for themselves.
 *
 * User memory is copied outside of the lock: msgsnd fills a message before it looks for room,
 * msgrcv takes one out and then copies it. An EFAULT there loses the message, as on Linux.
 */
#include "common/list.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/proc.h"
#include "06-posix/ipc/ipc.h"

/* Belongs to its sender's call, then to the queue, then to the receiver's: never to two. */
struct msg {
	struct list_head link;		/* queue.messages, oldest first */
	long type;			/* > 0 */
	size_t size;			/* of data, at most MSGMAX */
	u8 data[];
};

/* queues.lock, as far as not said otherwise. */
struct queue {
	struct ipc_object ipc;
	refcount_t refs;		/* the table, and sleepers */
	bool removed;			/* in no table: sleepers are to give up with EIDRM */
	struct list_head messages;
	unsigned long bytes, count;	/* in the messages; messages */
	unsigned long limit;		/* msg_qbytes: of both */
	long stime, rtime, ctime;	/* last msgsnd, msgrcv, change; s since 1970 */
	int lspid, lrpid;		/* who sent last, who received last */
	u64 version;			/* counts changes: what sleepers wait for */
	struct wait_queue changed;
};

DEFINE_IPC_TABLE(queues);

static struct queue *queue_of(struct ipc_object *o)
{
	return container_of(o, struct queue, ipc);
}

/* Messages that nobody has received go with the queue. */
static void queue_put(struct queue *q)
{
	struct msg *m, *next;

	if (!ref_put(&q->refs))
		return;
	list_for_each_entry_safe(m, next, &q->messages, link)
		kfree(m);
	kfree(q);
}

static struct ipc_object *make(const struct ipc_request *r)
{
	struct queue *q = kzalloc(sizeof(*q), GFP_KERNEL);

	if (!q)
		return ERR_PTR(-ENOMEM);
	ref_init(&q->refs, 1);
	list_init(&q->messages);
	wait_queue_init(&q->changed);
	q->limit = MSGMNB;
	q->ctime = ipc_now();
	return &q->ipc;
}

SYSCALL2(68, msgget, int, key, int, flags)
{
	struct ipc_request r = { .key = key, .flags = flags, .make = make };

	return ipc_get(&queues, &r);
}

/* The version comes first: who is not asleep yet sees it and will not be. */
static void announce(struct queue *q)
{
	q->version++;
	wake_up_all(&q->changed);
}

/* Sleep until the queue changes; the lock is not held meanwhile. 0, -EINTR, -EIDRM. */
static int wait_for_change(struct queue *q)
{
	u64 version = q->version;
	int error;

	mutex_unlock(&queues.lock);
	error = wait_event(&q->changed, READ_ONCE(q->version) != version || READ_ONCE(q->removed),
			   WAIT_INTERRUPTIBLE);
	mutex_lock(&queues.lock);
	return q->removed ? -EIDRM : error ? -EINTR : 0;
}

/*
 * Wait for room and take m over. Messages without data count, too, or a queue could hold any number
 * of them (msgsnd(2)). Lock held, and a reference to q: 0, -EAGAIN, -EINTR, -EIDRM.
 */
static int send(struct queue *q, struct msg *m, int flags)
{
	int error;

	while (q->bytes + m->size > q->limit || q->count + 1 > q->limit) {
		if (flags & IPC_NOWAIT)
			return -EAGAIN;
		error = wait_for_change(q);
		if (error)
			return error;
	}
	list_add_tail(&m->link, &q->messages);
	q->bytes += m->size;
	q->count++;
	q->stime = ipc_now();
	q->lspid = current_process()->id;
	announce(q);
	return 0;
}

/*
 * The type is the first word at `user`, the text follows it; `size` is the text's (msgsnd(2)). On
 * success the message belongs to the queue, and perhaps to a receiver already.
 */
SYSCALL4(69, msgsnd, int, id, const long __user *, user, size_t, size, int, flags)
{
	struct ipc_object *o;
	struct msg *m;
	int error;

	if (size > MSGMAX || id < 0)
		return -EINVAL;
	m = kmalloc(sizeof(*m) + size, GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->size = size;
	if (get_user(m->type, user) || copy_from_user(m->data, user + 1, size))
		error = -EFAULT;
	else
		error = m->type < 1 ? -EINVAL : 0;
	if (!error) {
		mutex_lock(&queues.lock);
		o = ipc_find(&queues, id, IPC_WRITE);
		error = IS_ERR(o) ? PTR_ERR(o) : 0;
		if (!error) {
			ref_get(&queue_of(o)->refs);
			error = send(queue_of(o), m, flags);
			queue_put(queue_of(o));
		}
		mutex_unlock(&queues.lock);
	}
	if (error)
		kfree(m);
	return error;
}

/*
 * The message that a receive with this type gets, or NULL. 0: the oldest. Positive: the oldest of
 * that type, or with MSG_EXCEPT of any other. Negative: the oldest of the lowest type up to -type,
 * which makes types priorities (msgrcv(2)).
 */
static struct msg *choose(struct queue *q, long type, int flags)
{
	struct msg *m, *best = NULL;

	list_for_each_entry(m, &q->messages, link) {
		if (type == 0 || (type > 0 && (m->type == type) != !!(flags & MSG_EXCEPT)))
			return m;
		/* -m->type, as there is no -LONG_MIN. */
		if (type < 0 && -m->type >= type && (!best || m->type < best->type))
			best = m;
	}
	return best;
}

/*
 * MSG_COPY: a copy of the message at that place in the queue, which keeps it. ERR_PTR(-ENOMSG,
 * -E2BIG, -EINVAL, -ENOMEM).
 */
static struct msg *copy_message(struct queue *q, size_t size, long place, int flags)
{
	struct msg *m, *copy;

	list_for_each_entry(m, &q->messages, link) {
		if (place-- > 0)
			continue;
		if (m->size > size)	/* a copy is never cut */
			return ERR_PTR(flags & MSG_NOERROR ? -EINVAL : -E2BIG);
		copy = kmalloc(sizeof(*m) + m->size, GFP_KERNEL);
		if (!copy)
			return ERR_PTR(-ENOMEM);
		memcpy(copy, m, sizeof(*m) + m->size);
		return copy;
	}
	return ERR_PTR(-ENOMSG);
}

/*
 * Take a message out of the queue, or ERR_PTR. One that is too long stays, unless MSG_NOERROR
 * allows to cut it. Lock held, and a reference to q.
 */
static struct msg *receive(struct queue *q, size_t size, long type, int flags)
{
	struct msg *m;
	int error;

	while (!(m = choose(q, type, flags))) {
		if (flags & IPC_NOWAIT)
			return ERR_PTR(-ENOMSG);
		error = wait_for_change(q);
		if (error)
			return ERR_PTR(error);
	}
	if (m->size > size && !(flags & MSG_NOERROR))
		return ERR_PTR(-E2BIG);
	list_del(&m->link);
	q->bytes -= m->size;
	q->count--;
	q->rtime = ipc_now();
	q->lrpid = current_process()->id;
	announce(q);
	return m;
}

/*
 * MSG_COPY, an option of Linux's own for checkpointing, looks at a message without taking it.
 */
SYSCALL5(70, msgrcv, int, id, long __user *, user, size_t, size, long, type, int, flags)
{
	struct ipc_object *o;
	struct msg *m;
	long n;

	if ((ssize_t)size < 0 || id < 0)
		return -EINVAL;
	if (flags & MSG_COPY && (flags & MSG_EXCEPT || !(flags & IPC_NOWAIT)))
		return -EINVAL;
	mutex_lock(&queues.lock);
	o = ipc_find(&queues, id, IPC_READ);
	m = (void *)o;
	if (!IS_ERR(o)) {
		ref_get(&queue_of(o)->refs);
		m = flags & MSG_COPY ? copy_message(queue_of(o), size, type, flags)
				     : receive(queue_of(o), size, type, flags);
		queue_put(queue_of(o));
	}
	mutex_unlock(&queues.lock);
	if (IS_ERR(m))
		return PTR_ERR(m);
	n = MIN(size, m->size);
	if (put_user(m->type, user) || copy_to_user(user + 1, m->data, n))
		n = -EFAULT;
	kfree(m);
	return n;
}

static void fill(const struct queue *q, struct msqid64_ds *d)
{
	memset(d, 0, sizeof(*d));
	ipc_perm_out(&q->ipc, &d->msg_perm);
	d->msg_stime = q->stime;
	d->msg_rtime = q->rtime;
	d->msg_ctime = q->ctime;
	d->msg_cbytes = q->bytes;
	d->msg_qnum = q->count;
	d->msg_qbytes = q->limit;
	d->msg_lspid = q->lspid;
	d->msg_lrpid = q->lrpid;
}

/*
 * IPC_RMID, IPC_SET. Only root may raise the limit above MSGMNB, and a higher one may be what
 * senders wait for.
 */
static int control(struct queue *q, int cmd, const struct msqid64_ds *d)
{
	int error = ipc_may_control(&q->ipc);

	if (error)
		return error;
	if (cmd == IPC_SET) {
		if (d->msg_qbytes > MSGMNB && !capable(CAP_SYS_RESOURCE))
			return -EPERM;
		q->limit = d->msg_qbytes;
		ipc_perm_in(&q->ipc, &d->msg_perm);
		q->ctime = ipc_now();
		announce(q);
		return 0;
	}
	q->removed = true;
	ipc_unlink(&queues, &q->ipc);
	wake_up_all(&q->changed);
	queue_put(q);
	return 0;
}

/* The limits or, for MSG_INFO, what is in use. The place of the last queue, or -EFAULT. */
static long info(int cmd, struct msginfo __user *user)
{
	struct msginfo m = {
		.msgpool = IPC_MAX * (MSGMNB / 1024), .msgmap = MSGMNB, .msgmax = MSGMAX,
		.msgmnb = MSGMNB, .msgmni = IPC_MAX, .msgssz = MSGSSZ, .msgtql = MSGMNB,
		.msgseg = MSGSEG,
	};
	int highest, used;

	mutex_lock(&queues.lock);
	used = ipc_count(&queues, &highest);
	if (cmd == MSG_INFO) {
		m.msgpool = used;
		m.msgmap = m.msgtql = 0;
		for (int i = 0; used && i <= highest; i++) {
			struct ipc_object *o = queues.objects[i];

			m.msgmap += o ? queue_of(o)->count : 0;
			m.msgtql += o ? queue_of(o)->bytes : 0;
		}
	}
	mutex_unlock(&queues.lock);
	return put_user(m, user) ? -EFAULT : highest;
}

/*
 * The structure is copied in before the lock is taken and out after it. The STAT commands return
 * the identifier, as ipcs(1) goes through the table by place (MSG_STAT, msgctl(2)).
 */
SYSCALL3(71, msgctl, int, id, int, cmd, struct msqid64_ds __user *, user)
{
	bool is_stat = cmd == IPC_STAT || cmd == MSG_STAT || cmd == MSG_STAT_ANY;
	struct msqid64_ds d;
	struct ipc_object *o;
	long result;

	if (cmd == IPC_INFO || cmd == MSG_INFO)
		return info(cmd, (struct msginfo __user *)user);
	if (!is_stat && cmd != IPC_RMID && cmd != IPC_SET)
		return -EINVAL;
	if (cmd == IPC_SET && get_user(d, user))
		return -EFAULT;
	mutex_lock(&queues.lock);
	o = cmd == MSG_STAT || cmd == MSG_STAT_ANY ? ipc_at(&queues, id, cmd == MSG_STAT_ANY) :
	    ipc_find(&queues, id, cmd == IPC_STAT ? IPC_READ : 0);
	if (IS_ERR(o)) {
		result = PTR_ERR(o);
	} else if (is_stat) {
		fill(queue_of(o), &d);
		result = cmd == IPC_STAT ? 0 : o->id;
	} else {
		result = control(queue_of(o), cmd, &d);
	}
	mutex_unlock(&queues.lock);
	if (result >= 0 && is_stat && put_user(d, user))
		return -EFAULT;
	return result;
}

static int print_queues(struct printer *p)
{
	print(p, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid "
		 " cgid"
		 "      stime      rtime      ctime\n");
	mutex_lock(&queues.lock);
	for (int i = 0; i < IPC_MAX; i++) {
		struct ipc_object *o = queues.objects[i];
		struct queue *q = o ? queue_of(o) : NULL;

		if (q)
			print(p,
			      "%10d %10d  %4o  %10lu %10lu %5d %5d %5u %5u %5u %5u %10ld %10ld "
			      "%10ld\n",
			      o->key, o->id, o->mode, q->bytes, q->count, q->lspid, q->lrpid,
			      o->uid, o->gid, o->cuid, o->cgid, q->stime, q->rtime, q->ctime);
	}
	mutex_unlock(&queues.lock);
	return 0;
}
PROC_ENTRY(sysvipc_msg, "sysvipc/msg", 0444, print_queues, NULL);
