/*
 * flock(2): locks on whole files that belong to the open file description, and the life of
 * inode->locks.
 *
 * flock(2) came from BSD, record locks (records.c) from System V; the two do not see each other. A
 * flock belongs to the open file: fork and dup share it, and it goes with the last descriptor. It
 * is advisory: read and write do not ask for it.
 *
 * One lock protects all lists. They are short, lock calls are rare, and the search for deadlocks
 * goes across files.
 */
#include "common/errno.h"
#include "01-memory/kmem.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/file/locks.h"
#include "05-vfs/vfs/internal.h"

DEFINE_SPINLOCK(locks_lock, RANK_LEAF);

struct flock_lock {
	struct list_head link;
	struct file *owner;
	bool exclusive;
};

/*
 * Made at the first lock of a file, kept until the inode goes: nobody has to wonder whether it is
 * still there. Two threads may make one at once; the exchange decides whose stays.
 */
struct inode_locks *inode_locks(struct inode *i)
{
	struct inode_locks *l = atomic_load(&i->locks);

	if (l)
		return l;
	l = kmalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return NULL;
	list_init(&l->records);
	list_init(&l->flocks);
	wait_queue_init(&l->wait);
	if (!atomic_cmpxchg(&i->locks, NULL, (void *)l)) {
		kfree(l);
		l = atomic_load(&i->locks);
	}
	return l;
}

void locks_inode_freed(struct inode *i)
{
	kfree(i->locks);
}

/*
 * POSIX's rule, which has caused much grief: any close of the file ends the process's record locks
 * on it, even if they were taken through another descriptor (fcntl(2)).
 */
void locks_file_closed(struct file *f, const void *table)
{
	if (f->inode->locks && !(f->flags & O_PATH))
		records_drop(f->inode, table);
}

void locks_file_released(struct file *f)
{
	if (!f->inode->locks)
		return;
	records_drop(f->inode, f);
	flock_drop(f);
}

/* locks_lock held. */
static struct flock_lock *find_own(struct inode_locks *l, struct file *f)
{
	struct flock_lock *k;

	list_for_each_entry(k, &l->flocks, link)
		if (k->owner == f)
			return k;
	return NULL;
}

/* Many may share, one may have it alone. locks_lock held. */
static bool conflicts(struct inode_locks *l, struct file *f, bool exclusive)
{
	struct flock_lock *k;

	list_for_each_entry(k, &l->flocks, link)
		if (k->owner != f && (exclusive || k->exclusive))
			return true;
	return false;
}

/*
 * The condition of a wait. All who wait for a file are woken at each change and look for
 * themselves: which of them may go on depends on what the others take.
 */
static bool is_free(struct inode_locks *l, struct file *f, bool exclusive)
{
	bool free;

	spin_lock(&locks_lock);
	free = !conflicts(l, f, exclusive);
	spin_unlock(&locks_lock);
	return free;
}

void flock_drop(struct file *f)
{
	struct inode_locks *l = f->inode->locks;
	struct flock_lock *k;

	spin_lock(&locks_lock);
	k = find_own(l, f);
	if (k)
		list_del(&k->link);
	spin_unlock(&locks_lock);
	if (k) {
		kfree(k);
		wake_up_all(&l->wait);
	}
}

/*
 * Take it if nobody is in the way; k is used up on success. Whoever shares the open file may have
 * taken it just now: there is one lock per file, and the last call says which.
 */
static bool try_lock(struct inode_locks *l, struct flock_lock *k)
{
	struct flock_lock *own = NULL;
	bool ok;

	spin_lock(&locks_lock);
	ok = !conflicts(l, k->owner, k->exclusive);
	if (ok) {
		own = find_own(l, k->owner);
		if (own)
			list_del(&own->link);
		list_add_tail(&k->link, &l->flocks);
	}
	spin_unlock(&locks_lock);
	if (own) {
		kfree(own);
		wake_up_all(&l->wait);
	}
	return ok;
}

/* Memory first, so that nothing is given up if there is none. */
static int flock_lock(struct file *f, bool exclusive, bool wait)
{
	struct inode_locks *l = inode_locks(f->inode);
	struct flock_lock *k = kmalloc(sizeof(*k), GFP_KERNEL);
	int error = 0;

	if (!l || !k) {
		kfree(k);
		return -ENOMEM;
	}
	*k = (struct flock_lock){ .owner = f, .exclusive = exclusive };
	flock_drop(f);			/* a conversion is not atomic: flock(2) */
	while (!try_lock(l, k)) {
		error = wait ? wait_event(&l->wait, is_free(l, f, exclusive), WAIT_INTERRUPTIBLE)
			     : -EAGAIN;
		if (error) {
			kfree(k);
			return error;
		}
	}
	return 0;
}

/* Already held in that mode: nothing to do. */
static bool holds(struct file *f, bool exclusive)
{
	struct inode_locks *l = f->inode->locks;
	struct flock_lock *k = NULL;
	bool same = false;

	spin_lock(&locks_lock);
	if (l)
		k = find_own(l, f);
	if (k)
		same = k->exclusive == exclusive;
	spin_unlock(&locks_lock);
	return same;
}

SYSCALL2(73, flock, int, fd, unsigned, operation)
{
	struct file *f;
	int error = 0;

	f = fd_get(fd);
	if (!f)
		return -EBADF;
	switch (f->dentry ? operation & ~LOCK_NB : 0) {
	case LOCK_UN:
		if (f->inode->locks)
			flock_drop(f);
		break;
	case LOCK_SH:
	case LOCK_EX: {
		bool exclusive = (operation & ~LOCK_NB) == LOCK_EX;

		if (!holds(f, exclusive))
			error = flock_lock(f, exclusive, !(operation & LOCK_NB));
		break;
	}
	default:
		error = -EINVAL;
	}
	file_put(f);
	return error;
}
