/*
 * Dentries: their life, their changes, and giving them back when memory is short.
 *
 * Life: made by dentry_lookup() when a name is asked for the first time (or by dentry_root());
 * referenced while somebody uses it or a child of it exists; without references it stays hashed and
 * goes on the LRU list; it is freed by the shrinker, by unmount, or at once when its name is gone.
 * A dentry stays on the LRU list when it is referenced again: the shrinker finds out (so that the
 * hot path, found and dropped again, need not touch the list).
 *
 * Freeing a dentry drops its inode and its parent, which may sleep: so it happens outside
 * dcache_lock, on dentries that nobody can find any more.
 *
 * Why a cache of names, when the inodes and the directories' pages are cached too? Because a
 * directory is a list: to find a name in it means to lock it, to read its pages and to compare.
 * The hash table answers in one step, and it also remembers what does not exist: a shell that
 * looks along PATH, or a linker along its search path, mostly asks for such names.
 *
 * A parent cannot go before its children, since each holds a reference to it. So a dentry without
 * references has no children, and whoever frees one may go up the tree freeing.
 */
#include "common/errno.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/inode.h"
#include "05-vfs/vfs/dcache.h"
#include "05-vfs/vfs/internal.h"

DEFINE_SPINLOCK(dcache_lock, RANK_DCACHE);
struct list_head dcache_table[DCACHE_BUCKETS];

static LIST_HEAD(dentry_lru);		/* oldest first; dcache_lock */
/*
 * The lists and the count are changed under dcache_lock. `freeing` counts dentries that are in no
 * list any more but still hold an inode: unmount, which finds nothing to free, must wait for them.
 */
static u64 dentries;			/* all; dcache_lock */
static int freeing;			/* taken out and not yet freed; atomic */
static DEFINE_WAIT_QUEUE(freed_wait);
static struct kmem_cache *dentry_cache;

void dcache_init(void)
{
	for (u32 i = 0; i < DCACHE_BUCKETS; i++)
		list_init(&dcache_table[i]);
	dentry_cache = kmem_cache_create("dentry", sizeof(struct dentry), 0, NULL);
	if (!dentry_cache)
		panic("no memory for the dentry cache");
}

u64 dentry_count(void)
{
	return dentries;
}

/* A walk computes the hash while it looks for the end of the component; this is for all others. */
struct name name_of(const char *s, size_t len)
{
	struct name n = { s, len, 0 };

	for (size_t i = 0; i < len; i++)
		n.hash = name_hash_step(n.hash, s[i]);
	return n;
}

/*
 * A dentry with one reference, in no list; it does not hold its parent before it is linked below
 * it. The name is copied: it stands in a path, which is gone when the call ends. Most names are
 * short and need no allocation of their own.
 */
static struct dentry *dentry_alloc(struct super *s, const struct name *n)
{
	struct dentry *d = kmem_cache_alloc(dentry_cache, GFP_KERNEL);
	char *text;

	if (!d)
		return NULL;
	text = d->inline_name;
	if (n->len >= DENTRY_INLINE_NAME) {
		text = kmalloc(n->len + 1, GFP_KERNEL);
		if (!text) {
			kmem_cache_free(dentry_cache, d);
			return NULL;
		}
	}
	memcpy(text, n->s, n->len);
	text[n->len] = '\0';
	d->name = text;
	d->name_len = n->len;
	d->hash = n->hash;
	ref_init(&d->refs, 1);
	d->flags = 0;
	d->mounted = 0;
	d->parent = d;
	d->inode = NULL;
	d->super = s;
	list_init(&d->hash_link);
	list_init(&d->child_link);
	list_init(&d->children);
	list_init(&d->lru_link);
	return d;
}

static void dentry_free_memory(struct dentry *d)
{
	if (d->name != d->inline_name)
		kfree(d->name);
	kmem_cache_free(dentry_cache, d);
}

/*
 * The root of a file system has no name and no parent, stands in no list, and lives as long as the
 * super holds it. Where it is seen, and as what, is the business of mounts.
 */
struct dentry *dentry_root(struct inode *root)
{
	struct name n = name_of("/", 1);
	struct dentry *d = dentry_alloc(root->super, &n);

	if (!d)
		return NULL;
	inode_get(root);
	d->inode = root;
	spin_lock(&dcache_lock);
	dentries++;
	spin_unlock(&dcache_lock);
	return d;
}

/*
 * It is a child of a directory, so that a path can be shown for it, but in no hash bucket, so that
 * no lookup meets it. DENTRY_UNLINKED makes that path end in " (deleted)", which is what Linux
 * shows in /proc/PID/fd.
 */
struct dentry *dentry_unnamed(struct dentry *parent, struct inode *i, const char *text)
{
	char number[24];
	struct name n;
	struct dentry *d;

	if (!text) {
		snprintf(number, sizeof(number), "#%lu", i->ino);
		text = number;
	}
	n = name_of(text, strlen(text));
	d = dentry_alloc(parent->super, &n);
	if (!d)
		return NULL;
	spin_lock(&dcache_lock);
	d->parent = parent;
	d->inode = i;
	d->flags = DENTRY_UNLINKED;
	ref_get(&parent->refs);
	list_add(&d->child_link, &parent->children);
	dentries++;
	spin_unlock(&dcache_lock);
	return d;
}

void dentry_get(struct dentry *d)
{
	ref_get(&d->refs);
}

/*
 * Whether an unreferenced dentry is worth keeping. dcache_lock held. One that is not in the hash
 * could never be found again. procfs marks its inodes INODE_NO_CACHE: a process's directory kept
 * here would keep what belongs to the process.
 */
static bool dentry_worth_keeping(const struct dentry *d)
{
	const struct inode *i = d->inode ? d->inode : d->parent->inode;

	return (d->flags & DENTRY_HASHED) && !(i && (i->state & INODE_NO_CACHE));
}

/*
 * Take an unreferenced dentry out of every list: it is the caller's to destroy. dcache_lock held.
 */
static void dentry_take_out(struct dentry *d)
{
	dcache_remove(d);
	list_del(&d->child_link);
	list_del(&d->lru_link);
	dentries--;
	atomic_inc(&freeing);
}

/*
 * Free what dentry_take_out() took; returns its parent, whose reference passes to the caller. No
 * lock is held, because inode_put() may have to free a file's blocks.
 */
static struct dentry *dentry_destroy(struct dentry *d)
{
	struct dentry *parent = d->parent == d ? NULL : d->parent;

	if (d->inode)
		inode_put(d->inode);
	dentry_free_memory(d);
	if (atomic_fetch_sub(&freeing, 1) == 1)
		wake_up_all(&freed_wait);
	return parent;
}

/* Until no thread is between taking out and freeing: unmount must not overtake them. */
void dentry_wait_freed(void)
{
	wait_event(&freed_wait, atomic_load(&freeing) == 0, WAIT_UNINTERRUPTIBLE);
}

/*
 * Drop a reference that is not the last one, without the lock; false if it may be the last. The
 * last reference must go under dcache_lock: dcache_find() gives references to dentries that have
 * none, and relies on the count not reaching zero unseen.
 */
static bool dentry_put_shared(struct dentry *d)
{
	int n = ref_read(&d->refs);

	while (n > 1) {
		if (atomic_cmpxchg(&d->refs.n, n, n - 1))
			return true;
		n = ref_read(&d->refs);
	}
	return false;
}

/*
 * In a loop, not by recursion: to free a dentry drops its parent, and a path may be deeper than
 * our stack.
 */
void dentry_put(struct dentry *d)
{
	while (d) {
		if (dentry_put_shared(d))
			return;
		spin_lock(&dcache_lock);
		if (!ref_put(&d->refs)) {
			spin_unlock(&dcache_lock);
			return;
		}
		if (dentry_worth_keeping(d)) {
			if (!(d->flags & DENTRY_ON_LRU)) {
				d->flags |= DENTRY_ON_LRU;
				list_add_tail(&d->lru_link, &dentry_lru);
			}
			spin_unlock(&dcache_lock);
			return;
		}
		dentry_take_out(d);
		spin_unlock(&dcache_lock);
		d = dentry_destroy(d);
	}
}

/*
 * For unmount, which has pruned everything: true once also the parents' references of dentries
 * that other threads were freeing have gone.
 */
bool dentry_is_alone(struct dentry *d)
{
	bool alone;

	spin_lock(&dcache_lock);
	alone = ref_read(&d->refs) == 1 && list_empty(&d->children);
	spin_unlock(&dcache_lock);
	return alone;
}

/*
 * A reference taken under dcache_lock may raise the count from zero. The dentry stays on the LRU
 * list nevertheless; see lru_victim().
 */
static struct dentry *find_get(struct dentry *parent, const struct name *n)
{
	struct dentry *d;

	spin_lock(&dcache_lock);
	d = dcache_find(parent, n);
	if (d)
		ref_get(&d->refs);
	spin_unlock(&dcache_lock);
	return d;
}

/*
 * From the cache, if the file system agrees that it still holds. Only procfs and its kin disagree:
 * a process may have ended since. A mount point is kept in any case; to drop it would make what is
 * mounted there unreachable.
 */
static struct dentry *find_valid(struct dentry *parent, const struct name *n)
{
	struct inode *dir = parent->inode;
	struct dentry *d = find_get(parent, n);

	if (!d || !dir->ops->revalidate || d->mounted || dir->ops->revalidate(dir, d))
		return d;
	dentry_invalidate(d);
	dentry_put(d);
	return NULL;
}

/*
 * Put the new d with its inode (or NULL) into the cache; if somebody was quicker, his is returned.
 * That can happen although the directory is locked: readers hold its lock together. What they
 * found is the same, so it does not matter whose dentry stays; but two hashed dentries of one name
 * would let a file be removed and still be found.
 */
static struct dentry *dentry_add(struct dentry *parent, struct dentry *d, struct inode *i)
{
	struct name n = { d->name, d->name_len, d->hash };
	struct dentry *other;

	spin_lock(&dcache_lock);
	other = dcache_find(parent, &n);
	if (other) {
		ref_get(&other->refs);
	} else {
		d->parent = parent;
		d->inode = i;
		ref_get(&parent->refs);
		list_add(&d->child_link, &parent->children);
		dentries++;
		if (!(parent->flags & DENTRY_UNLINKED))
			dcache_insert(d);
	}
	spin_unlock(&dcache_lock);
	if (!other)
		return d;
	if (i)
		inode_put(i);
	dentry_free_memory(d);
	return other;
}

/*
 * The order matters: look in the cache; lock the directory; look again, since whoever held the
 * lock may have made the very name; ask the file system. The directory's lock, held until the
 * answer is in the cache, keeps the answer true: nobody can create or remove the name in between.
 * Without it a negative dentry could hide a file that was made meanwhile, for as long as it is
 * cached.
 */
struct dentry *dentry_lookup(struct dentry *parent, const char *name, size_t len, bool locked)
{
	struct inode *dir = parent->inode, *i = NULL;
	struct name n = name_of(name, len);
	struct dentry *d = find_valid(parent, &n);

	if (d)
		return d;
	if (len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (!locked)
		down_read(&dir->lock);
	d = find_valid(parent, &n);	/* made while we waited for the lock? */
	if (d)
		goto out;
	d = dentry_alloc(parent->super, &n);
	if (!d) {
		d = ERR_PTR(-ENOMEM);
		goto out;
	}
	/* Its dentry is unhashed, but who stands in it may still look names up. */
	if (dir->nlink)			/* a removed directory has no entries */
		i = dir->ops->lookup(dir, name, len);
	if (IS_ERR(i)) {
		dentry_free_memory(d);
		d = (struct dentry *)i;
		goto out;
	}
	d = dentry_add(parent, d, i);
out:
	if (!locked)
		up_read(&dir->lock);
	return d;
}

/* From here on walks find the file. The file system has finished it before. */
void dentry_instantiate(struct dentry *d, struct inode *i)
{
	spin_lock(&dcache_lock);
	assert(!d->inode);
	d->inode = i;
	spin_unlock(&dcache_lock);
}

/*
 * If nobody but the caller has the dentry it becomes negative, so that the next lookup of the
 * name, or the next creation, need not ask the file system. Otherwise somebody has the file open
 * by it: then it must keep its inode (dentry.h's promise), leaves the hash, and the name gets a
 * new dentry when it is asked for. Directories always take the second way: their dentry may be a
 * working directory, or have children.
 */
void dentry_deleted(struct dentry *d)
{
	struct inode *gone = NULL;

	spin_lock(&dcache_lock);
	if (ref_read(&d->refs) == 1 && d->inode && !S_ISDIR(d->inode->mode)) {
		gone = d->inode;	/* nobody else looks: the name is now known not to exist */
		d->inode = NULL;
	} else {
		dcache_remove(d);
		d->flags |= DENTRY_UNLINKED;
	}
	spin_unlock(&dcache_lock);
	if (gone)
		inode_put(gone);
}

/* Who holds it keeps it; with the last reference it goes at once, since it is not in the hash. */
void dentry_invalidate(struct dentry *d)
{
	spin_lock(&dcache_lock);
	dcache_remove(d);
	spin_unlock(&dcache_lock);
}

/*
 * Exchange names and parents of two unhashed dentries. dcache_lock held. A long name's memory just
 * changes hands; short names are exchanged byte by byte, because each lives inside its dentry.
 * Children of a directory need no attention: their hash contains the address of their parent,
 * which stays, and not its name.
 */
static void swap_places(struct dentry *a, struct dentry *b)
{
	char text[DENTRY_INLINE_NAME];
	struct dentry *parent = a->parent;
	const char *name = a->name;
	u32 hash = a->hash;
	u16 len = a->name_len;
	bool a_inline = a->name == a->inline_name, b_inline = b->name == b->inline_name;

	memcpy(text, a->inline_name, sizeof(text));
	memcpy(a->inline_name, b->inline_name, sizeof(text));
	memcpy(b->inline_name, text, sizeof(text));
	a->name = b_inline ? a->inline_name : b->name;
	b->name = a_inline ? b->inline_name : name;
	a->hash = b->hash;
	b->hash = hash;
	a->name_len = b->name_len;
	b->name_len = len;
	a->parent = b->parent;		/* references go with the pointers */
	b->parent = parent;
	list_del(&a->child_link);
	list_del(&b->child_link);
	list_add(&a->child_link, &a->parent->children);
	list_add(&b->child_link, &b->parent->children);
}

/*
 * Rename keeps the dentry, and with it every open file, working directory and mount root below.
 * The dentry of the old target, whether it was negative or a file that is replaced, ends at the
 * old place under the old name: negative, it says there that nothing is left.
 */
void dentry_moved(struct dentry *d, struct dentry *target)
{
	spin_lock(&dcache_lock);
	dcache_remove(d);
	dcache_remove(target);
	swap_places(d, target);
	dcache_insert(d);
	if (target->inode)
		target->flags |= DENTRY_UNLINKED;
	else
		dcache_insert(target);	/* the old name is known not to exist */
	spin_unlock(&dcache_lock);
}

void dentry_exchanged(struct dentry *a, struct dentry *b)
{
	spin_lock(&dcache_lock);
	dcache_remove(a);
	dcache_remove(b);
	swap_places(a, b);
	dcache_insert(a);
	dcache_insert(b);
	spin_unlock(&dcache_lock);
}

/*
 * By the dentries of one file system alone; mounts are not looked at. The answer holds after the
 * lock is dropped only if the caller keeps directories from being moved (rename_lock).
 */
bool dentry_is_above(struct dentry *a, struct dentry *d)
{
	bool above;

	spin_lock(&dcache_lock);
	while (d != a && d->parent != d)
		d = d->parent;
	above = d == a;
	spin_unlock(&dcache_lock);
	return above;
}

/*
 * An unreferenced dentry without children somewhere below d; NULL if none. dcache_lock held. A
 * walk in preorder that needs no stack: the next sibling is behind child_link, and who has none
 * goes up. A dentry without references has no children, so the first one found can be taken at
 * once.
 */
static struct dentry *prunable_below(struct dentry *top)
{
	struct dentry *d = top;
	struct list_head *next = top->children.next;

	for (;;) {
		if (next != &d->children) {
			d = list_entry(next, struct dentry, child_link);
			if (ref_read(&d->refs) == 0)
				return d;
			next = d->children.next;
			continue;
		}
		if (d == top)
			return NULL;
		next = d->child_link.next;
		d = d->parent;
	}
}

/*
 * It begins anew at the top after each one, because the lock was dropped to free it and the tree
 * may look different now.
 */
void dentry_prune(struct dentry *top)
{
	for (;;) {
		struct dentry *d, *parent;

		spin_lock(&dcache_lock);
		d = prunable_below(top);
		if (!d) {
			spin_unlock(&dcache_lock);
			return;
		}
		dentry_take_out(d);
		spin_unlock(&dcache_lock);
		parent = dentry_destroy(d);
		dentry_put(parent);
	}
}

/*
 * The next victim, taken out: the oldest that has not been used lately. dcache_lock held. This is
 * the second-chance algorithm (a clock): dcache_find() sets DENTRY_USED, the first visit clears
 * it, the second visit takes the dentry. That costs a hit on the hot path one bit, where a strict
 * LRU list would have to be relinked on every lookup.
 */
static struct dentry *lru_victim(u64 *scan)
{
	while (*scan && !list_empty(&dentry_lru)) {
		struct dentry *d = list_first_entry(&dentry_lru, struct dentry, lru_link);

		--*scan;
		if (ref_read(&d->refs) > 0) {
			list_del(&d->lru_link);
			d->flags &= ~DENTRY_ON_LRU;
		} else if (d->flags & DENTRY_USED) {
			d->flags &= ~DENTRY_USED;
			list_move_tail(&d->lru_link, &dentry_lru);
		} else {
			dentry_take_out(d);
			return d;
		}
	}
	return NULL;
}

u64 dentry_shrink(u64 n)
{
	/* Twice around at the most: once to clear the marks, once to take. */
	u64 freed = 0, scan = 2 * dentries + 1;

	while (freed < n) {
		struct dentry *d;

		spin_lock(&dcache_lock);
		d = lru_victim(&scan);
		spin_unlock(&dcache_lock);
		if (!d)
			break;
		dentry_put(dentry_destroy(d));
		freed++;
	}
	return freed;
}

/* A page holds about sixteen dentries; their inodes, which go next, weigh more. */
static u64 shrink_dentries(u64 frames)
{
	return dentry_shrink(frames * 16) / 16;
}
SHRINKER(20, dentries, shrink_dentries);
