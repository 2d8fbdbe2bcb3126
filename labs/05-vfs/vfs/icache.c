/*
 * The inode cache: one struct inode per file, found by (file system, number).
 *
 * States: new (being filled; others who find it wait), in use, unreferenced (on the LRU list,
 * pages and all, because it will probably be wanted again), evicting (being taken apart; who finds
 * it waits and then makes a new one). icache_lock protects hash, LRU and the lists of each
 * file system's inodes; a count that drops to zero or rises from it does so under icache_lock.
 *
 * Eviction of an inode without links frees its blocks and its number; the hash keeps it until that
 * is done, so that a new file with the same number cannot meet the remains of the old one.
 *
 * Why are inodes kept by number, when dentries lead to them already? Because of hard links: two
 * names, two dentries, must give one struct inode, or each would have its own size and pages. And
 * because a file system reaches an inode by number where no name is known (orphans at mount).
 *
 * Inodes that nobody looks for by number (all of tmpfs, the processes in /proc) are in no hash;
 * such an inode goes with its last reference.
 */
#include "common/errno.h"
#include "common/panic.h"
#include "01-memory/kmem.h"
#include "05-vfs/vfs/internal.h"

#define ICACHE_BITS	11

static DEFINE_SPINLOCK(icache_lock, RANK_ICACHE);
static struct list_head icache_table[1 << ICACHE_BITS];
static LIST_HEAD(inode_lru);		/* oldest first */
static u64 lru_count;
static DEFINE_WAIT_QUEUE(icache_wait);	/* NEW or EVICTING has ended for some inode */
static struct kmem_cache *inode_cache;

void icache_init(void)
{
	for (u32 i = 0; i < 1 << ICACHE_BITS; i++)
		list_init(&icache_table[i]);
	inode_cache = kmem_cache_create("inode", sizeof(struct inode), 0, NULL);
	if (!inode_cache)
		panic("no memory for the inode cache");
}

/*
 * Numbers of neighbouring files are neighbours: multiply by 2^64 over the golden ratio and use the
 * high bits. The super is mixed in, since every file system counts from the same small numbers.
 */
static struct list_head *bucket(const struct super *s, u64 ino)
{
	u64 h = (ino ^ (u64)s >> 6) * 0x9e3779b97f4a7c15UL;

	return &icache_table[h >> (64 - ICACHE_BITS)];
}

u64 inode_next_number(void)
{
	static u64 last = 1;

	return atomic_fetch_add(&last, 1) + 1;
}

/*
 * Memory for an inode of s, with one reference, in no hash. A file system that embeds the inode in
 * its own struct has set `private`, which is kept; all else begins as zero.
 */
static struct inode *inode_alloc(struct super *s)
{
	struct inode *i = s->ops->alloc_inode ? s->ops->alloc_inode(s)
					      : kmem_cache_alloc(inode_cache, GFP_KERNEL);
	void *private;

	if (!i)
		return NULL;
	private = s->ops->alloc_inode ? i->private : NULL;
	*i = (struct inode){ .super = s, .nlink = 1, .private = private };
	ref_init(&i->refs, 1);
	rwsem_init(&i->lock, "inode", RANK_INODE);
	page_cache_init(&i->pages, i, NULL);
	list_init(&i->hash_link);
	list_init(&i->lru_link);
	list_init(&i->super_link);
	list_init(&i->dirty_link);
	return i;
}

/* Nobody refers to it any more, and no lock is left, since a lock belongs to an open file. */
static void inode_free_memory(struct inode *i)
{
	locks_inode_freed(i);
	if (i->super->ops->free_inode)
		i->super->ops->free_inode(i);
	else
		kmem_cache_free(inode_cache, i);
}

/* On the list of its file system, though in no hash: unmount must find it. */
struct inode *inode_new(struct super *s)
{
	struct inode *i = inode_alloc(s);

	if (!i)
		return NULL;
	spin_lock(&icache_lock);
	list_add_tail(&i->super_link, &s->inodes);
	spin_unlock(&icache_lock);
	return i;
}

static struct inode *find(struct super *s, u64 ino)
{
	struct inode *i;

	list_for_each_entry(i, bucket(s, ino), hash_link)
		if (i->ino == ino && i->super == s)
			return i;
	return NULL;
}

/* icache_lock held, here and in the next. */
static void hash_locked(struct inode *i)
{
	list_add(&i->hash_link, bucket(i->super, i->ino));
	atomic_fetch_or(&i->state, INODE_HASHED);
}

static void unhash_locked(struct inode *i)
{
	if (i->state & INODE_HASHED) {
		list_del(&i->hash_link);
		atomic_fetch_and(&i->state, ~INODE_HASHED);
	}
}

/* For conditions of waits, which look without the lock; whoever changes the bits wakes them. */
static bool in_state(struct inode *i, u32 bits)
{
	return READ_ONCE(i->state) & bits;
}

/* Whether the inode that was being evicted is gone (its number may be in use again). */
static bool evicted(struct super *s, u64 ino)
{
	struct inode *i;
	bool gone;

	spin_lock(&icache_lock);
	i = find(s, ino);
	gone = !i || !in_state(i, INODE_EVICTING);
	spin_unlock(&icache_lock);
	return gone;
}

/*
 * What to do about a found inode; icache_lock is held and released. True: use it. An inode that is
 * being evicted cannot be saved: its pages are going, and perhaps its blocks. We must not hold a
 * reference while we wait, since eviction has begun with the count at zero; so the condition looks
 * the number up each time. One that is new is held while its maker reads it from the disk, which
 * may fail: then it is in no hash any more, and the caller tries again.
 */
static bool found_usable(struct inode *i, struct super *s, u64 ino)
{
	bool failed;

	if (i->state & INODE_EVICTING) {
		spin_unlock(&icache_lock);
		wait_event(&icache_wait, evicted(s, ino), WAIT_UNINTERRUPTIBLE);
		return false;
	}
	ref_get(&i->refs);
	spin_unlock(&icache_lock);
	wait_event(&icache_wait, !in_state(i, INODE_NEW), WAIT_UNINTERRUPTIBLE);
	failed = in_state(i, INODE_FAILED);
	if (failed)
		inode_put(i);
	return !failed;
}

/*
 * Memory cannot be allocated under the spinlock: so look, allocate, look again. Of two threads
 * that want the same new inode one inserts his and the other finds it, and frees his own. The one
 * who gets INODE_NEW fills it without a lock, since all others wait for the bit to go.
 */
struct inode *inode_get_locked(struct super *s, u64 ino)
{
	struct inode *i, *fresh = NULL;

	for (;;) {
		spin_lock(&icache_lock);
		i = find(s, ino);
		if (!i && fresh) {
			fresh->ino = ino;
			atomic_fetch_or(&fresh->state, INODE_NEW);
			hash_locked(fresh);
			list_add_tail(&fresh->super_link, &s->inodes);
			spin_unlock(&icache_lock);
			return fresh;
		}
		if (!i) {
			spin_unlock(&icache_lock);
			fresh = inode_alloc(s);
			if (!fresh)
				return NULL;
		} else if (found_usable(i, s, ino)) {
			break;
		}
	}
	if (fresh)
		inode_free_memory(fresh);
	return i;
}

/* Directories have a rank of their own: the file system has set the mode by now. */
static void set_lock_rank(struct inode *i)
{
	if (S_ISDIR(i->mode))
		i->lock.rank = RANK_INODE_DIR;
}

void inode_unlock_new(struct inode *i)
{
	set_lock_rank(i);
	spin_lock(&icache_lock);
	atomic_fetch_and(&i->state, ~INODE_NEW);
	spin_unlock(&icache_lock);
	wake_up_all(&icache_wait);
}

/*
 * Unhashed before NEW ends, so that whoever comes from now on makes a new one and reads again.
 * Those who wait hold references, see INODE_FAILED, and the last of them frees it.
 */
void inode_fail_new(struct inode *i)
{
	spin_lock(&icache_lock);
	unhash_locked(i);
	atomic_fetch_or(&i->state, INODE_FAILED);
	atomic_fetch_and(&i->state, ~INODE_NEW);
	spin_unlock(&icache_lock);
	wake_up_all(&icache_wait);
	inode_put(i);
}

void inode_get(struct inode *i)
{
	ref_get(&i->refs);
}

/*
 * Take i, marked EVICTING by the caller, apart. May sleep. Pages go first: ops->evict frees the
 * blocks they would be written to, and a block may be another file's a moment later. The hash
 * comes last, so that whoever wants this number waits until the disk says that it is free.
 *
 * A dirty inode that still has links never comes here, except when its file system was synced and
 * is being unmounted.
 */
static void evict(struct inode *i)
{
	struct super *s = i->super;

	page_cache_drop(&i->pages);
	if (s->ops->evict && i->nlink == 0 && !(i->state & INODE_FAILED))
		s->ops->evict(i);
	spin_lock(&s->lock);
	list_del(&i->dirty_link);
	spin_unlock(&s->lock);
	spin_lock(&icache_lock);
	unhash_locked(i);
	list_del(&i->super_link);
	list_del(&i->lru_link);
	spin_unlock(&icache_lock);
	wake_up_all(&icache_wait);
	inode_free_memory(i);
}

/* Mark an unreferenced inode for evict(). icache_lock held. */
static void begin_evict(struct inode *i)
{
	atomic_fetch_or(&i->state, INODE_EVICTING);
	if (i->state & INODE_ON_LRU) {
		list_del(&i->lru_link);
		atomic_fetch_and(&i->state, ~INODE_ON_LRU);
		lru_count--;
	}
}

/*
 * As with dentries the last reference goes under the lock. Then there are two ways: a file that
 * still has a name is kept, because opening it again is likely and its pages are worth more than
 * the struct; one without a name, or without a place in the hash, can never be found again.
 */
void inode_put(struct inode *i)
{
	int n = ref_read(&i->refs);

	while (n > 1) {
		if (atomic_cmpxchg(&i->refs.n, n, n - 1))
			return;
		n = ref_read(&i->refs);
	}
	spin_lock(&icache_lock);
	if (!ref_put(&i->refs)) {
		spin_unlock(&icache_lock);
		return;
	}
	if (i->nlink && (i->state & INODE_HASHED) && !(i->state & INODE_NO_CACHE)) {
		if (!(i->state & INODE_ON_LRU)) {
			atomic_fetch_or(&i->state, INODE_ON_LRU);
			list_add_tail(&i->lru_link, &inode_lru);
			lru_count++;
		}
		spin_unlock(&icache_lock);
		return;
	}
	begin_evict(i);
	spin_unlock(&icache_lock);
	evict(i);
}

/*
 * Whether nothing in memory is newer than the disk. Without a lock, but nobody has a reference, so
 * nobody can make it dirty; write-back alone works on it, and only towards clean.
 */
static bool is_clean(struct inode *i)
{
	return !(i->state & INODE_DIRTY) && !READ_ONCE(i->pages.dirty_count);
}

/*
 * The oldest unreferenced clean inode, marked. Dirty ones go to the end and are counted.
 * icache_lock held.
 */
static struct inode *lru_victim(u64 *scan, u64 *dirty)
{
	while (*scan && !list_empty(&inode_lru)) {
		struct inode *i = list_first_entry(&inode_lru, struct inode, lru_link);

		--*scan;
		if (ref_read(&i->refs) > 0) {
			list_del(&i->lru_link);
			atomic_fetch_and(&i->state, ~INODE_ON_LRU);
			lru_count--;
		} else if (!is_clean(i)) {
			list_move_tail(&i->lru_link, &inode_lru);
			++*dirty;
		} else {
			begin_evict(i);
			return i;
		}
	}
	return NULL;
}

/*
 * Only clean ones: to write an inode may take memory, which is what there is none of. The flusher
 * is told that dirty ones are in the way.
 */
u64 icache_shrink(u64 n)
{
	u64 freed = 0, count = 0, dirty = 0, scan = lru_count;

	while (n--) {
		struct inode *i;

		spin_lock(&icache_lock);
		i = lru_victim(&scan, &dirty);
		spin_unlock(&icache_lock);
		if (!i)
			break;
		freed += i->pages.page_count;
		count++;
		evict(i);
	}
	if (dirty)
		flusher_wake();		/* so that the next caller finds them clean */
	return freed + count / 4;	/* a page holds about four inodes */
}

static u64 shrink_inodes(u64 frames)
{
	return icache_shrink(frames);
}
SHRINKER(30, inodes, shrink_inodes);

/*
 * All dentries are gone and nobody can come in any more. If the BUG_ON fires, somebody has taken a
 * reference to an inode and lost it; its number in GDB says which file.
 */
void icache_evict_all(struct super *s)
{
	struct inode *i;

	for (;;) {
		bool waiting = false, found = false;

		spin_lock(&icache_lock);
		list_for_each_entry(i, &s->inodes, super_link) {
			if (i->state & INODE_EVICTING) {
				waiting = true;	/* the shrinker is at it */
				continue;
			}
			BUG_ON(ref_read(&i->refs));
			begin_evict(i);
			found = true;
			break;
		}
		spin_unlock(&icache_lock);
		if (found)
			evict(i);
		else if (waiting)
			thread_yield();
		else
			return;
	}
}

/*
 * Off the list before it is written, not after: who makes it dirty in between puts it back, and no
 * change is forgotten. The list is in the order of dirtied_at, so the first that is too young ends
 * the search. Both locks, because a count may rise from zero only under icache_lock.
 */
struct inode *icache_next_dirty(struct super *s, u64 before)
{
	struct inode *i, *found = NULL;

	spin_lock(&icache_lock);
	spin_lock(&s->lock);
	list_for_each_entry(i, &s->dirty, dirty_link) {
		if (i->dirtied_at > before)
			break;
		if (i->state & (INODE_EVICTING | INODE_NEW))
			continue;
		ref_get(&i->refs);
		list_del(&i->dirty_link);
		found = i;
		break;
	}
	spin_unlock(&s->lock);
	spin_unlock(&icache_lock);
	return found;
}
