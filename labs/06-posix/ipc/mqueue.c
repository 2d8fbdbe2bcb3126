/*
 * POSIX message queues: mq_overview(7). A queue is a file with a name of its own kind (a flat list,
 * no directory) and messages ordered by priority, oldest first among equals.
 *
 * One mutex protects all queues: they are short, and nothing under it waits.
 *
 * They do what System V's queues do (msg.c), twenty years later: a descriptor instead of an
 * identifier, so that access is checked once, poll works, and an exiting process closes it; a name
 * instead of a key; and a signal for those who do not want to wait. The limits are fixed when a
 * queue is made. The name counts as a reference, each open file as another: after mq_unlink(3) a
 * queue lives on without a name until the last close, as a file does.
 *
 * On Linux the names form a file system that can be mounted. Here they are a list, as programs use
 * mq_open(3) alone; read(2) on a queue's descriptor gives the line that its file would hold.
 */
#include "common/abi/fcntl.h"
#include "common/abi/resource.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/process/user.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"
#include "06-posix/ipc/mq_limits.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

/* Fixed limits of mq_overview(7); mq_limits.h has the others. */
#define NAME_MAX_LEN	255		/* without the slash */
#define PRIO_MAX	32768		/* priorities are below this; POSIX: 32 at least */
#define MESSAGE_COST	96		/* what RLIMIT_MSGQUEUE counts for each beside its bytes */

struct mq_attr {
	long mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs, reserved_[4];
};

struct mq_message {
	struct list_head link;		/* mqueue.messages */
	unsigned prio;			/* higher ones are received first */
	size_t size;
	u8 data[];
};

struct mqueue {
	/* constant */
	char name[NAME_MAX_LEN + 1];
	unsigned mode;
	uid_t uid;
	gid_t gid;
	struct user *user;		/* who made it, held; for RLIMIT_MSGQUEUE */
	long max_messages, max_size;

	/* mq_lock: */
	struct list_head link;		/* queues; unlinked ones are on no list */
	int refs;			/* the name, and open files */
	long count;			/* of messages; waits and poll read it without the lock */
	struct list_head messages;	/* the next one to receive first */
	int receivers;			/* asleep in mq_receive */
	struct process *notify;		/* who asked for a signal, held; or NULL */
	struct sigevent event;		/* which one */

	struct wait_queue changed;	/* senders and receivers; its own lock */
};

static DEFINE_MUTEX(mq_lock, RANK_IPC);
static LIST_HEAD(queues);
static int queue_count;
static const struct file_ops mq_ops;

/* What a queue takes of RLIMIT_MSGQUEUE, whether it is full or not. */
static u64 cost(const struct mqueue *q)
{
	return (u64)q->max_messages * (u64)(q->max_size + MESSAGE_COST);
}

/* Let the current user pay for q: 0, -EMFILE (the limit), -ENOMEM. */
static int charge(struct mqueue *q)
{
	struct user *u = user_get(current_cred()->uid);

	if (!u)
		return -ENOMEM;
	if (u->mqueue_bytes + cost(q) > rlimit(RLIMIT_MSGQUEUE)) {
		user_put(u);
		return -EMFILE;
	}
	u->mqueue_bytes += cost(q);
	q->user = u;
	return 0;
}

/* Lock held. A plain count will do, as it changes under the lock only. */
static void put_queue(struct mqueue *q)
{
	struct mq_message *m, *next;

	if (--q->refs)
		return;
	list_for_each_entry_safe(m, next, &q->messages, link)
		kfree(m);
	if (q->notify)
		process_put(q->notify);
	q->user->mqueue_bytes -= cost(q);
	user_put(q->user);
	kfree(q);
	queue_count--;
}

static struct mqueue *find(const char *name)
{
	struct mqueue *q;

	list_for_each_entry(q, &queues, link)
		if (strcmp(q->name, name) == 0)
			return q;
	return NULL;
}

/* By permission bits, as for a file: to receive is to read, to send is to write (mq_open(3)). */
static int may_open(const struct mqueue *q, int flags)
{
	static const unsigned needs[] = { [O_RDONLY] = 4, [O_WRONLY] = 2, [O_RDWR] = 6, [3] = 6 };
	const struct cred *c = current_cred();
	unsigned mode = q->mode;

	if (c->fsuid == q->uid)
		mode >>= 6;
	else if (in_group(q->gid))
		mode >>= 3;
	return needs[flags & O_ACCMODE] & ~mode && !capable(CAP_DAC_OVERRIDE) ? -EACCES : 0;
}

/* Both limits for root are absolute ones, so that a queue's size in bytes cannot overflow. */
static int check_attr(const struct mq_attr *a)
{
	bool root = capable(CAP_SYS_RESOURCE);

	if (a->mq_maxmsg <= 0 || a->mq_msgsize <= 0)
		return -EINVAL;
	if (a->mq_maxmsg > (root ? MQ_MSG_HARD_MAX : READ_ONCE(mq_limits.msg_max)) ||
	    a->mq_msgsize > (root ? MQ_MSGSIZE_HARD_MAX : READ_ONCE(mq_limits.msgsize_max)))
		return -EINVAL;
	return 0;
}

/* On the list with one reference, the name's. Lock held. */
static struct mqueue *create(const char *name, unsigned mode, const struct mq_attr *a)
{
	int error = check_attr(a);
	struct mqueue *q;

	if (error)
		return ERR_PTR(error);
	if (queue_count >= READ_ONCE(mq_limits.queues_max) && !capable(CAP_SYS_RESOURCE))
		return ERR_PTR(-ENOSPC);
	q = kzalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return ERR_PTR(-ENOMEM);
	strlcpy(q->name, name, sizeof(q->name));
	q->refs = 1;
	q->mode = mode & ~fs_umask() & 0777;
	q->uid = current_cred()->fsuid;
	q->gid = current_cred()->fsgid;
	q->max_messages = a->mq_maxmsg;
	q->max_size = a->mq_msgsize;
	error = charge(q);
	if (error) {
		kfree(q);
		return ERR_PTR(error);
	}
	list_init(&q->messages);
	wait_queue_init(&q->changed);
	list_add_tail(&q->link, &queues);
	queue_count++;
	return q;
}

/* The queue to open, with a reference for the file; or ERR_PTR. Lock held. */
/*
 * Looking and making are one step under the lock: of two that create the same name one finds it
 * made. A queue that the caller has just made is opened as he likes, whatever its mode.
 */
static struct mqueue *open_queue(const char *name, int flags, unsigned mode,
				 const struct mq_attr *a)
{
	struct mqueue *q = find(name);
	int error;

	if (!q && !(flags & O_CREAT))
		return ERR_PTR(-ENOENT);
	if (q && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return ERR_PTR(-EEXIST);
	if (q) {
		error = may_open(q, flags);
		if (error)
			return ERR_PTR(error);
	} else {
		q = create(name, mode, a);
		if (IS_ERR(q))
			return q;
	}
	q->refs++;
	return q;
}

/* The name without its slash, as the C library passes it. */
static int get_name(char *name, const char __user *user)
{
	ssize_t n = strncpy_from_user(name, user, NAME_MAX_LEN + 1);

	if (n < 0)
		return n;
	if (n > NAME_MAX_LEN)
		return -ENAMETOOLONG;
	if (!n)
		return -ENOENT;
	return strchr(name, '/') ? -EACCES : 0;
}

SYSCALL4(240, mq_open, const char __user *, uname, int, flags, unsigned, mode,
	 const struct mq_attr __user *, uattr)
{
	struct mq_attr attr = {
		.mq_maxmsg = MIN(READ_ONCE(mq_limits.msg_max), READ_ONCE(mq_limits.msg_default)),
		.mq_msgsize = MIN(READ_ONCE(mq_limits.msgsize_max),
				  READ_ONCE(mq_limits.msgsize_default)),
	};
	char name[NAME_MAX_LEN + 2];
	struct mqueue *q;
	struct file *f;
	int error = get_name(name, uname);

	if (error)
		return error;
	if (flags & O_CREAT && uattr && get_user(attr, uattr))
		return -EFAULT;
	mutex_lock(&mq_lock);
	q = open_queue(name, flags, mode, &attr);
	mutex_unlock(&mq_lock);
	if (IS_ERR(q))
		return PTR_ERR(q);
	f = file_alloc(&mq_ops, flags & (O_ACCMODE | O_NONBLOCK), q);
	if (!f || IS_ERR(f)) {
		mutex_lock(&mq_lock);
		put_queue(q);
		mutex_unlock(&mq_lock);
		return f ? PTR_ERR(f) : -ENOMEM;
	}
	return fd_open(f, true);	/* a queue never outlives an exec */
}

/* The owner and root may: the names are in one directory with the sticky bit, so to speak. */
SYSCALL1(241, mq_unlink, const char __user *, uname)
{
	char name[NAME_MAX_LEN + 2];
	struct mqueue *q;
	int error = get_name(name, uname);

	if (error)
		return error;
	mutex_lock(&mq_lock);
	q = find(name);
	if (!q) {
		error = -ENOENT;
	} else if (current_cred()->fsuid != q->uid && !capable(CAP_FOWNER)) {
		error = -EACCES;
	} else {
		list_del(&q->link);
		put_queue(q);
	}
	mutex_unlock(&mq_lock);
	return error;
}

/* An absolute time of CLOCK_REALTIME as a deadline: 0, -EFAULT, -EINVAL. */
static int get_deadline(const struct timespec __user *uts, u64 *deadline)
{
	struct timespec ts;
	u64 now = clock_realtime(), when;

	*deadline = WAIT_FOREVER;
	if (!uts)
		return 0;
	if (get_user(ts, uts))
		return -EFAULT;
	if (ts.tv_sec < 0 || (u64)ts.tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if ((u64)ts.tv_sec >= WAIT_FOREVER / 4 / NSEC_PER_SEC)
		return 0;
	when = ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
	*deadline = clock_monotonic() + (when > now ? when - now : 0);
	return 0;
}

/* The queue of a descriptor open for `mode` (O_RDONLY: receiving), and its file to put; or
 * ERR_PTR(-EBADF). */
static struct mqueue *get_queue(int fd, int mode, struct file **f)
{
	*f = fd_get(fd);
	if (*f && (*f)->ops == &mq_ops &&
	    (mode == O_RDWR || (mode == O_RDONLY ? FILE_READABLE(*f) : FILE_WRITABLE(*f))))
		return (*f)->private;
	if (*f)
		file_put(*f);
	return ERR_PTR(-EBADF);
}

/*
 * The first message of an empty queue that nobody waits for: tell who asked, once. A receiver that
 * is asleep takes precedence, and the registration stays (mq_notify(3)). The process must register
 * again, and do so before it empties the queue, or it misses the next first message. Lock held.
 */
static void notify(struct mqueue *q)
{
	struct siginfo info;

	if (!q->notify || q->receivers)
		return;
	if (q->event.sigev_notify == SIGEV_SIGNAL && q->event.sigev_signo) {
		siginfo_user(&info, q->event.sigev_signo, SI_MESGQ);
		info.si_value = q->event.sigev_value;
		signal_send(q->notify, NULL, &info);
	}
	process_put(q->notify);
	q->notify = NULL;
}

/* Behind all of the same or a higher priority: walked from the head, as queues are short. */
static void insert(struct mqueue *q, struct mq_message *m)
{
	struct list_head *at = &q->messages;
	struct mq_message *other;

	list_for_each_entry(other, &q->messages, link)
		if (other->prio < m->prio) {
			at = &other->link;
			break;
		}
	list_add_tail(&m->link, at);
	if (q->count++ == 0)
		notify(q);
	wake_up_poll(&q->changed, POLL_READABLE);
}

/*
 * Takes m over if it succeeds. The wait is outside of the lock and proves nothing, so the room is
 * looked for again. -ETIMEDOUT is told as it is (mq_send(3)), and a signal restarts: the deadline
 * is absolute, and the same next time.
 */
static int send(struct mqueue *q, struct mq_message *m, bool nonblock, u64 deadline)
{
	int error;

	if (m->size > (size_t)q->max_size)
		return -EMSGSIZE;
	for (;;) {
		mutex_lock(&mq_lock);
		if (q->count < q->max_messages) {
			insert(q, m);
			mutex_unlock(&mq_lock);
			return 0;
		}
		mutex_unlock(&mq_lock);
		if (nonblock)
			return -EAGAIN;
		error = wait_event_until(&q->changed, READ_ONCE(q->count) < q->max_messages,
					 WAIT_INTERRUPTIBLE, deadline);
		if (error)
			return error;
	}
}

/*
 * The message is copied before the lock is taken: a page fault may sleep for long. max_size is
 * checked before that much memory is asked for, and never changes.
 */
SYSCALL5(242, mq_timedsend, int, fd, const void __user *, data, size_t, size, unsigned, prio,
	 const struct timespec __user *, uts)
{
	struct mq_message *m;
	struct mqueue *q;
	struct file *f;
	u64 deadline;
	int error = get_deadline(uts, &deadline);

	if (error)
		return error;
	if (prio >= PRIO_MAX)
		return -EINVAL;
	q = get_queue(fd, O_WRONLY, &f);
	if (IS_ERR(q))
		return PTR_ERR(q);
	m = size > (size_t)q->max_size ? NULL : kmalloc(sizeof(*m) + size, GFP_KERNEL);
	if (!m) {
		error = size > (size_t)q->max_size ? -EMSGSIZE : -ENOMEM;
	} else {
		m->prio = prio;
		m->size = size;
		error = copy_from_user(m->data, data, size) ? -EFAULT : 0;
		if (!error)
			error = send(q, m, f->flags & O_NONBLOCK, deadline);
		if (error)
			kfree(m);
	}
	file_put(f);
	return error;
}

/*
 * `receivers` is raised before the lock is released: a sender that finds the queue empty in between
 * knows that somebody waits. A message that came together with the deadline or a signal is taken.
 */
static struct mq_message *receive(struct mqueue *q, bool nonblock, u64 deadline)
{
	struct mq_message *m;
	int error = 0;

	mutex_lock(&mq_lock);
	while (list_empty(&q->messages) && !error) {
		error = nonblock ? -EAGAIN : 0;
		if (error)
			break;
		q->receivers++;
		mutex_unlock(&mq_lock);
		error = wait_event_until(&q->changed, READ_ONCE(q->count) > 0, WAIT_INTERRUPTIBLE,
					 deadline);
		mutex_lock(&mq_lock);
		q->receivers--;
	}
	m = ERR_PTR(error);
	if (!list_empty(&q->messages)) {
		m = list_first_entry(&q->messages, struct mq_message, link);
		list_del(&m->link);
		q->count--;
		wake_up_poll(&q->changed, POLL_WRITABLE);
	}
	mutex_unlock(&mq_lock);
	return m;
}

/* The buffer must be long enough for any message of the queue, not just for this one: EMSGSIZE. */
SYSCALL5(243, mq_timedreceive, int, fd, void __user *, data, size_t, size, unsigned __user *, prio,
	 const struct timespec __user *, uts)
{
	struct mq_message *m;
	struct mqueue *q;
	struct file *f;
	u64 deadline;
	long n = get_deadline(uts, &deadline);

	if (n)
		return n;
	q = get_queue(fd, O_RDONLY, &f);
	if (IS_ERR(q))
		return PTR_ERR(q);
	m = size < (size_t)q->max_size ? ERR_PTR(-EMSGSIZE) :
					 receive(q, f->flags & O_NONBLOCK, deadline);
	file_put(f);
	if (IS_ERR(m))
		return PTR_ERR(m);
	n = m->size;
	if (copy_to_user(data, m->data, n) || (prio && put_user(m->prio, prio)))
		n = -EFAULT;
	kfree(m);
	return n;
}

/*
 * Register, or with event NULL unregister, the current process: one at a time may be registered,
 * also if it wants nothing but to keep others out (SIGEV_NONE). Lock held.
 */
static int set_notify(struct mqueue *q, const struct sigevent *event)
{
	struct process *me = current_process();

	if (!event) {
		if (q->notify == me) {
			q->notify = NULL;
			process_put(me);
		}
		return 0;
	}
	if (q->notify)
		return -EBUSY;
	process_get(me);
	q->notify = me;
	q->event = *event;
	return 0;
}

/* glibc makes SIGEV_THREAD from a netlink socket, which is not there: EINVAL. */
SYSCALL2(244, mq_notify, int, fd, const struct sigevent __user *, user)
{
	struct sigevent event;
	struct mqueue *q;
	struct file *f;
	int error;

	if (user && get_user(event, user))
		return -EFAULT;
	if (user && event.sigev_notify != SIGEV_NONE && event.sigev_notify != SIGEV_SIGNAL)
		return -EINVAL;
	/* Signal 0 may be asked for, and is not sent, as everywhere. */
	if (user && event.sigev_notify == SIGEV_SIGNAL && event.sigev_signo &&
	    !VALID_SIGNAL(event.sigev_signo))
		return -EINVAL;
	q = get_queue(fd, O_RDWR, &f);
	if (IS_ERR(q))
		return PTR_ERR(q);
	mutex_lock(&mq_lock);
	error = set_notify(q, user ? &event : NULL);
	mutex_unlock(&mq_lock);
	file_put(f);
	return error;
}

/* O_NONBLOCK is all that can be set: the limits were fixed by mq_open(3). */
SYSCALL3(245, mq_getsetattr, int, fd, const struct mq_attr __user *, new, struct mq_attr __user *,
	 old)
{
	struct mq_attr a = { 0 }, n = { 0 };
	struct mqueue *q;
	struct file *f;
	long error = 0;

	if (new && get_user(n, new))
		return -EFAULT;
	if (n.mq_flags & ~O_NONBLOCK)
		return -EINVAL;
	q = get_queue(fd, O_RDWR, &f);
	if (IS_ERR(q))
		return PTR_ERR(q);
	a.mq_flags = f->flags & O_NONBLOCK;
	a.mq_maxmsg = q->max_messages;
	a.mq_msgsize = q->max_size;
	a.mq_curmsgs = READ_ONCE(q->count);
	if (new)
		error = file_set_flags(f, O_NONBLOCK, n.mq_flags);
	file_put(f);
	return error ? error : old ? put_user(a, old) : 0;
}

/* ---- the file ---- */

/* As text: how much waits in the queue, and who is told of the first message (mq_overview(7)). */
static ssize_t mq_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct mqueue *q = f->private;
	struct mq_message *m;
	char text[80];
	size_t bytes = 0, n;
	int len, how, sig, pid;

	mutex_lock(&mq_lock);
	list_for_each_entry(m, &q->messages, link)
		bytes += m->size;
	how = q->notify ? q->event.sigev_notify : 0;
	sig = q->notify && how == SIGEV_SIGNAL ? q->event.sigev_signo : 0;
	pid = q->notify ? q->notify->id : 0;
	mutex_unlock(&mq_lock);
	len = snprintf(text, sizeof(text), "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
		       bytes, how, sig, pid);
	if (*pos >= len || !it->count)
		return 0;
	n = copy_to_iter(text + *pos, MIN((size_t)(len - *pos), it->count), it);
	*pos += n;
	return n ? (ssize_t)n : -EFAULT;
}

/* Any descriptor shows both, also one that is open for one direction only. */
static unsigned mq_poll(struct file *f, struct poll_table *pt)
{
	struct mqueue *q = f->private;
	long count;

	poll_wait(&q->changed, pt);
	count = READ_ONCE(q->count);
	return (count ? POLL_READABLE : 0) | (count < q->max_messages ? POLL_WRITABLE : 0);
}

/*
 * Any close by the process that asked for a signal ends that, whichever of its descriptors for the
 * queue it used. Exit closes all: so `notify` is never a process that has gone.
 */
static void mq_flush(struct file *f)
{
	mutex_lock(&mq_lock);
	set_notify(f->private, NULL);
	mutex_unlock(&mq_lock);
}

static void mq_release(struct file *f)
{
	mutex_lock(&mq_lock);
	put_queue(f->private);
	mutex_unlock(&mq_lock);
}

/* As a file of mqueue's file system: its size is that of the line mq_read() gives. */
static int mq_stat(struct file *f, struct stat *st)
{
	struct mqueue *q = f->private;

	st->st_mode = S_IFREG | q->mode;
	st->st_nlink = 1;
	st->st_uid = q->uid;
	st->st_gid = q->gid;
	st->st_size = 80;
	return 0;
}

static void mq_name(struct file *f, char *buf, size_t size)
{
	snprintf(buf, size, "/%s", ((struct mqueue *)f->private)->name);
}

static const struct file_ops mq_ops = {
	.read = mq_read,
	.lseek = generic_file_lseek,
	.poll = mq_poll,
	.flush = mq_flush,
	.release = mq_release,
	.stat = mq_stat,
	.name = mq_name,
};
