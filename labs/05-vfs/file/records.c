/*
 * Record locks (fcntl(2), F_SETLK and its kin): on ranges of bytes, owned by a process, or with
 * F_OFD_SETLK by an open file description. "A process" is a table of descriptors: as in Linux,
 * those who share one (CLONE_FILES) share its locks, which end with the table at the latest.
 *
 * An owner's locks on one inode never overlap, and neighbours of one type are merged. A process's
 * locks go when it closes *any* descriptor of the file, which is POSIX's rule. A process that would
 * wait, directly or through others, for itself gets EDEADLK; OFD locks are not checked.
 *
 * The list of an inode's records is not sorted: there are few, and every operation has to look at
 * all of one owner's anyway. Memory is allocated before the spinlock is taken: the record itself,
 * and a second one in case an unlock in the middle of a range leaves two.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/files/table.h"
#include "05-vfs/file/locks.h"
#include "05-vfs/vfs/internal.h"

#define TO_END	INT64_MAX

struct record {
	struct list_head link;
	const void *owner;		/* struct fd_table or struct file */
	int pid;			/* -1 for OFD locks */
	int type;			/* F_RDLCK, F_WRLCK */
	loff_t start, end;		/* end inclusive */
};

struct waiter {				/* on the stack of a process that waits */
	struct list_head link;
	const void *owner, *holder;
};

static LIST_HEAD(waiters);		/* locks_lock */

/* ---- ranges; locks_lock held ---- */

/* Ends are inclusive, so that a range to the largest offset needs no number behind it. */
static bool overlap(const struct record *a, const struct record *b)
{
	return a->start <= b->end && b->start <= a->end;
}

/* The first of others' that excludes `want`: both read is the only pair that is compatible. */
static struct record *conflict(struct inode_locks *l, const struct record *want)
{
	struct record *r;

	if (want->type == F_UNLCK)
		return NULL;
	list_for_each_entry(r, &l->records, link)
		if (r->owner != want->owner && overlap(r, want) &&
		    (r->type == F_WRLCK || want->type == F_WRLCK))
			return r;
	return NULL;
}

/* Whether a and b touch or overlap. */
static bool adjoin(const struct record *a, const struct record *b)
{
	return (a->end == TO_END || b->start <= a->end + 1) &&
	       (b->end == TO_END || a->start <= b->end + 1);
}

/*
 * Cut want's range out of r, which has another type. *spare is used if r falls into two. At most
 * one record can need the spare: an owner's do not overlap, so if one reaches beyond both ends of
 * `want` it is the only one there.
 */
static void cut(struct record *r, const struct record *want, struct record **spare,
		struct list_head *dead)
{
	if (r->start < want->start && r->end > want->end) {
		struct record *right = *spare;

		*spare = NULL;
		*right = *r;
		right->start = want->end + 1;
		list_add(&right->link, &r->link);
		r->end = want->start - 1;
	} else if (r->start < want->start) {
		r->end = want->start - 1;
	} else if (r->end > want->end) {
		r->start = want->end + 1;
	} else {
		list_move_tail(&r->link, dead);
	}
}

/*
 * Put want (F_UNLCK: nothing) in place of what its owner has there. `want` grows as neighbours are
 * merged into it. Records that were passed before need not be looked at again: if one touched what
 * is merged now, the two would have been merged long ago.
 */
static void apply(struct inode_locks *l, struct record *want, struct record **spare,
		  struct list_head *dead)
{
	struct record *r, *next;

	list_for_each_entry_safe(r, next, &l->records, link) {
		if (r->owner != want->owner)
			continue;
		if (r->type == want->type && adjoin(r, want)) {
			want->start = MIN(want->start, r->start);
			want->end = MAX(want->end, r->end);
			list_move_tail(&r->link, dead);
		} else if (overlap(r, want)) {
			cut(r, want, spare, dead);
		}
	}
	list_add_tail(&want->link, want->type == F_UNLCK ? dead : &l->records);
}

/*
 * Would `owner` wait for itself by waiting for holder? Each process that waits is an edge of a
 * graph, from owner to holder; we follow the edges from the holder. A process whose threads share
 * their descriptors may have several; one is followed. The bound ends a walk in a circle that does
 * not include us. Who waits without being found out here is only as badly off as before: the man
 * page warns that detection is not perfect.
 */
static bool deadlock(const void *owner, const void *holder)
{
	for (int steps = 0; steps < 32; steps++) {
		struct waiter *w;
		const void *next = NULL;

		if (holder == owner)
			return true;
		list_for_each_entry(w, &waiters, link)
			if (w->owner == holder)
				next = w->holder;
		if (!next)
			return false;
		holder = next;
	}
	return false;
}

/* ---- setting ---- */

static void free_records(struct list_head *dead)
{
	while (!list_empty(dead)) {
		struct record *r = list_first_entry(dead, struct record, link);

		list_del(&r->link);
		kfree(r);
	}
}

/*
 * Whether the one we wait for is no longer in the way. If now another is, the caller looks for
 * deadlocks again and waits for that one: what `waiters` says must be true.
 */
static bool holder_gone(struct inode_locks *l, const struct record *want, const void *holder)
{
	struct record *r;
	bool gone;

	spin_lock(&locks_lock);
	r = conflict(l, want);
	gone = !r || r->owner != holder;
	spin_unlock(&locks_lock);
	return gone;
}

/*
 * Wait until want no longer conflicts with holder: 0, -EDEADLK or -ERESTARTSYS. locks_lock is held
 * and released.
 */
static int wait_for(struct inode_locks *l, const struct record *want, const struct record *holder)
{
	struct waiter w = { .owner = want->owner, .holder = holder->owner };
	int error;

	if (want->pid > 0 && deadlock(want->owner, holder->owner)) {
		spin_unlock(&locks_lock);
		return -EDEADLK;
	}
	list_add(&w.link, &waiters);
	spin_unlock(&locks_lock);
	error = wait_event(&l->wait, holder_gone(l, want, w.holder), WAIT_INTERRUPTIBLE);
	spin_lock(&locks_lock);
	list_del(&w.link);
	spin_unlock(&locks_lock);
	return error;
}

/*
 * Between the wake-up and the second look somebody else may be faster: hence the loop. Everybody
 * is woken at each change, also after a lock was only weakened.
 */
static int set_record(struct inode *i, const struct record *proto, bool wait)
{
	struct inode_locks *l = inode_locks(i);
	struct record *want = kmemdup(proto, sizeof(*proto), GFP_KERNEL);
	struct record *spare = kmalloc(sizeof(*spare), GFP_KERNEL), *holder;
	LIST_HEAD(dead);
	int error = 0;

	if (!l || !want || !spare)
		error = -ENOMEM;
	while (!error) {
		spin_lock(&locks_lock);
		holder = conflict(l, want);
		if (!holder) {
			apply(l, want, &spare, &dead);
			spin_unlock(&locks_lock);
			want = NULL;
			wake_up_all(&l->wait);
			break;
		}
		if (wait) {
			error = wait_for(l, want, holder);
		} else {
			spin_unlock(&locks_lock);
			error = -EAGAIN;
		}
	}
	free_records(&dead);
	kfree(want);
	kfree(spare);
	return error;
}

/* Records are unlinked under the lock and freed without it. */
void records_drop(struct inode *i, const void *owner)
{
	struct inode_locks *l = i->locks;
	struct record *r, *next;
	LIST_HEAD(dead);

	spin_lock(&locks_lock);
	list_for_each_entry_safe(r, next, &l->records, link)
		if (r->owner == owner)
			list_move_tail(&r->link, &dead);
	spin_unlock(&locks_lock);
	if (!list_empty(&dead)) {
		free_records(&dead);
		wake_up_all(&l->wait);
	}
}

/* ---- fcntl(2) ---- */

/*
 * The range that k means, in r: 0, -EINVAL or -EOVERFLOW. fcntl(2): a length of 0 reaches to the
 * end, wherever that will be; a negative one means the bytes before the start. Nothing may begin
 * before byte 0.
 */
static int range_of(struct file *f, const struct flock *k, struct record *r)
{
	loff_t start = 0;

	switch (k->l_whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		start = f->pos;
		break;
	case SEEK_END:
		start = READ_ONCE(f->inode->size);
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(start, k->l_start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	r->start = start;
	r->end = TO_END;
	if (k->l_len > 0) {
		if (__builtin_add_overflow(start, k->l_len - 1, &r->end))
			return -EOVERFLOW;
	} else if (k->l_len < 0) {
		if (start + k->l_len < 0)
			return -EINVAL;
		r->start = start + k->l_len;
		r->end = start - 1;
	}
	return 0;
}

/* l_pid must be 0 for OFD locks, which have no process; F_GETLK shows -1 for them (fcntl(2)). */
static int record_of(struct file *f, const struct flock *k, bool ofd, struct record *r)
{
	if (ofd && k->l_pid)
		return -EINVAL;
	*r = (struct record){ .type = k->l_type };
	r->owner = ofd ? (const void *)f : fd_table_current();
	r->pid = ofd ? -1 : current_process()->id;
	return range_of(f, k, r);
}

/*
 * A shared lock needs a descriptor that can read, an exclusive one a descriptor that can write:
 * who may only read a file cannot keep others from writing to it.
 */
static long set_lock(struct file *f, const struct flock *k, bool ofd, bool wait)
{
	struct record r;
	int error = record_of(f, k, ofd, &r);

	if (error)
		return error;
	switch (r.type) {
	case F_RDLCK:
		if (!FILE_READABLE(f))
			return -EBADF;
		break;
	case F_WRLCK:
		if (!FILE_WRITABLE(f))
			return -EBADF;
		break;
	case F_UNLCK:
		if (!f->inode->locks)
			return 0;
		break;
	default:
		return -EINVAL;
	}
	error = set_record(f->inode, &r, wait);
	/* Closed by another thread while we came here or waited: nobody would ever give it up. */
	if (!error && !ofd && r.type != F_UNLCK && !fd_table_holds(f)) {
		records_drop(f->inode, r.owner);
		error = -EBADF;
	}
	return error;
}

/*
 * Tells one lock that would be in the way, or F_UNLCK; by the time the caller reads it it may be
 * gone.
 */
static long get_lock(struct file *f, struct flock *k, bool ofd)
{
	struct inode_locks *l = f->inode->locks;
	struct record r, *holder = NULL;
	int error = record_of(f, k, ofd, &r);

	if (error)
		return error;
	if (r.type != F_RDLCK && r.type != F_WRLCK)
		return -EINVAL;
	spin_lock(&locks_lock);
	if (l)
		holder = conflict(l, &r);
	if (holder) {
		k->l_type = holder->type;
		k->l_whence = SEEK_SET;
		k->l_start = holder->start;
		k->l_len = holder->end == TO_END ? 0 : holder->end - holder->start + 1;
		k->l_pid = holder->pid;
	} else {
		k->l_type = F_UNLCK;
	}
	spin_unlock(&locks_lock);
	return 0;
}

static long fcntl_lock(struct file *f, int cmd, u64 arg)
{
	bool ofd = cmd == F_OFD_GETLK || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW;
	struct flock k;
	long result;

	if (copy_from_user(&k, (void __user *)arg, sizeof(k)))
		return -EFAULT;
	if (!f->dentry)
		return cmd == F_GETLK || cmd == F_OFD_GETLK ? -EINVAL : -EBADF;
	if (cmd == F_GETLK || cmd == F_OFD_GETLK) {
		result = get_lock(f, &k, ofd);
		if (!result && copy_to_user((void __user *)arg, &k, sizeof(k)))
			result = -EFAULT;
		return result;
	}
	return set_lock(f, &k, ofd, cmd == F_SETLKW || cmd == F_OFD_SETLKW);
}
FCNTL_COMMAND(getlk, F_GETLK, fcntl_lock);
FCNTL_COMMAND(setlk, F_SETLK, fcntl_lock);
FCNTL_COMMAND(setlkw, F_SETLKW, fcntl_lock);
FCNTL_COMMAND(ofd_getlk, F_OFD_GETLK, fcntl_lock);
FCNTL_COMMAND(ofd_setlk, F_OFD_SETLK, fcntl_lock);
FCNTL_COMMAND(ofd_setlkw, F_OFD_SETLKW, fcntl_lock);
