/*
 * The tree of mounts: which file system sits on which directory of which other.
 *
 * A mount shows the tree below one dentry (the root of a file system, or for bind mounts any
 * dentry) at a mount point: a dentry of the parent mount. Walks cross from the mount point to the
 * root of the mount by mount_on(), and back by mount->parent and mount->point. The tree holds one
 * reference to each attached mount; who stands in it (a file, a working directory) holds another.
 * Several mounts may sit on one dentry on different mounts, or be stacked on each other's roots.
 *
 * The tree is changed under mount_lock and dcache_lock together, so either is enough to read it: a
 * walk holds the second, mount(2) the first, which it may keep while it sleeps. A mount's flags
 * are one word, read without a lock. A mount that is detached has no parent, no children, and goes
 * with its last user.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/vfs/internal.h"

#define MOUNT_BUCKETS	64

DEFINE_MUTEX(mount_lock, RANK_SUPER);

static struct list_head mount_table[MOUNT_BUCKETS];	/* by (parent, point); dcache_lock */
static LIST_HEAD(mounts);				/* attached, in order; dcache_lock */
static struct mount *tree_root;
static int last_id;

/*
 * By both, because a directory that is seen through several mounts can be a mount point in one and
 * plain in the others.
 */
static struct list_head *bucket(const struct mount *parent, const struct dentry *point)
{
	u64 h = ((u64)parent >> 5 ^ (u64)point >> 6) * 0x9e3779b97f4a7c15UL;
	struct list_head *b = &mount_table[h % MOUNT_BUCKETS];

	if (!b->next)
		list_init(b);
	return b;
}

/*
 * The newest is at the front of its bucket: of two mounts on one place it covers the other, and
 * umount brings the other back.
 */
struct mount *mount_on(const struct path *p)
{
	struct mount *m;

	list_for_each_entry(m, bucket(p->mount, p->dentry), hash_link)
		if (m->parent == p->mount && m->point == p->dentry)
			return m;
	return NULL;
}

/*
 * Numbers grow and are not used again, so that /proc/PID/mountinfo never shows two mounts under
 * one.
 */
struct mount *mount_new(struct super *s, struct dentry *root, unsigned long flags,
			const char *source)
{
	struct mount *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	m->source = kstrdup(source ? source : "none", GFP_KERNEL);
	if (!m->source) {
		kfree(m);
		return NULL;
	}
	ref_init(&m->refs, 1);
	m->super = s;
	m->root = root;
	m->flags = flags;
	m->id = atomic_fetch_add(&last_id, 1) + 1;
	dentry_get(root);
	list_init(&m->hash_link);
	list_init(&m->children);
	list_init(&m->sibling);
	list_init(&m->all);
	return m;
}

void mount_get(struct mount *m)
{
	ref_get(&m->refs);
}

/*
 * The count may fall to zero anywhere, without dcache_lock: only an attached mount can be found in
 * the table, and the tree holds a reference to that.
 */
void mount_put(struct mount *m)
{
	if (!ref_put(&m->refs))
		return;
	dentry_put(m->root);
	super_put(m->super);
	kfree(m->source);
	kfree(m);
}

/*
 * The parent is not counted: it has to stay while something is mounted on it, and does, because
 * umount refuses it and a lazy umount detaches what is below first.
 */
int mount_attach(struct mount *m, const struct path *p)
{
	struct inode *point = p->dentry->inode;
	bool gone;

	/* Who removes or moves a name looks under this lock whether something is mounted on it. */
	down_write(&point->lock);
	spin_lock(&dcache_lock);
	gone = p->dentry->flags & DENTRY_UNLINKED;
	if (!gone) {
		m->parent = p->mount;
		m->point = p->dentry;
		dentry_get(m->point);
		m->point->mounted++;
		list_add(&m->hash_link, bucket(m->parent, m->point));
		list_add_tail(&m->sibling, &m->parent->children);
		list_add_tail(&m->all, &mounts);
	}
	spin_unlock(&dcache_lock);
	up_write(&point->lock);
	return gone ? -ENOENT : 0;
}

/* Out of all lists; the mount point, whose reference the caller drops. dcache_lock held. */
static struct dentry *unlink_mount(struct mount *m)
{
	struct dentry *point = m->point;

	list_del(&m->hash_link);
	list_del(&m->sibling);
	list_del(&m->all);
	point->mounted--;
	m->parent = NULL;
	m->point = NULL;
	return point;
}

/* The reference to the mount point is dropped outside the lock, since that may free dentries. */
void mount_detach(struct mount *m)
{
	struct dentry *point;

	spin_lock(&dcache_lock);
	point = unlink_mount(m);
	spin_unlock(&dcache_lock);
	dentry_put(point);
}

/*
 * References to a mount come from walks, which take them under dcache_lock, or from somebody who
 * has one. So what is counted here stays true until the mount is out of the tree.
 */
bool mount_detach_unused(struct mount *m)
{
	struct dentry *point = NULL;

	spin_lock(&dcache_lock);
	if (list_empty(&m->children) && ref_read(&m->refs) == 2)
		point = unlink_mount(m);
	spin_unlock(&dcache_lock);
	if (point)
		dentry_put(point);
	return point;
}

bool mount_is_attached(const struct mount *m)
{
	while (m->parent)
		m = m->parent;
	return m == tree_root;
}

void mount_for_each(void (*fn)(struct mount *m, void *arg), void *arg)
{
	struct mount *m;

	spin_lock(&dcache_lock);
	list_for_each_entry(m, &mounts, all)
		fn(m, arg);
	spin_unlock(&dcache_lock);
}

static void count_writer(struct mount *m, int n)
{
	(void)atomic_fetch_add(&m->writers, n);
	(void)atomic_fetch_add(&m->super->writers, n);
}

static bool is_read_only(const struct mount *m)
{
	return ((READ_ONCE(m->flags) | READ_ONCE(m->super->flags)) & MS_RDONLY) ||
	       READ_ONCE(m->super->no_writers);
}

/*
 * A writer counts himself and then looks; who forbids writing does so and then looks at the count.
 * Both with full barriers between, so that at least one of them sees the other. What the writer
 * saw may have been an attempt that is taken back, because somebody else writes: such an attempt
 * begins and ends under dcache_lock, and so the second look decides.
 */
int mount_begin_write(struct mount *m)
{
	bool read_only;

	count_writer(m, 1);
	if (likely(!is_read_only(m)))
		return 0;
	count_writer(m, -1);
	spin_lock(&dcache_lock);
	read_only = is_read_only(m);
	if (!read_only)
		count_writer(m, 1);
	spin_unlock(&dcache_lock);
	return read_only ? -EROFS : 0;
}

void mount_end_write(struct mount *m)
{
	count_writer(m, -1);
}

int super_stop_writers(struct super *s)
{
	bool busy;

	spin_lock(&dcache_lock);
	(void)atomic_xchg(&s->no_writers, true);
	busy = atomic_load(&s->writers) > 0;
	if (busy)
		WRITE_ONCE(s->no_writers, false);
	spin_unlock(&dcache_lock);
	return busy ? -EBUSY : 0;
}

int mount_set_flags(struct mount *m, unsigned long flags)
{
	unsigned long old;
	bool busy;

	spin_lock(&dcache_lock);
	old = atomic_xchg(&m->flags, flags);
	busy = (flags & ~old & MS_RDONLY) && atomic_load(&m->writers) > 0;
	if (busy)
		WRITE_ONCE(m->flags, old);
	spin_unlock(&dcache_lock);
	return busy ? -EBUSY : 0;
}

void mount_tree_root(struct path *p)
{
	spin_lock(&dcache_lock);
	*p = (struct path){ tree_root, tree_root->root };
	path_get(p);
	spin_unlock(&dcache_lock);
}

/* m becomes the top of the tree (at boot, and by pivot_root when the top is replaced). */
void mount_set_tree_root(struct mount *m)
{
	spin_lock(&dcache_lock);
	tree_root = m;
	if (list_empty(&m->all))
		list_add(&m->all, &mounts);
	spin_unlock(&dcache_lock);
}
