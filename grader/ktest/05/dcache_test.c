/*
 * Exercise 5.2: the dentry cache's hash table, by itself and under real lookups.
 */
#include "common/errno.h"
#include "common/ktest.h"
#include "01-memory/kmem.h"
#include "05-vfs/vfs/dcache.h"
#include "05-vfs/vfs/internal.h"

/* ---- the table itself, with dentries made by hand ---- */

static struct dentry dir_a;

static struct dentry *make(struct dentry *d, struct dentry *parent, const char *name)
{
	*d = (struct dentry){ .parent = parent, .name = name, .name_len = strlen(name) };
	d->hash = name_of(name, strlen(name)).hash;
	list_init(&d->hash_link);
	list_init(&d->lru_link);
	return d;
}

static struct dentry *find(struct dentry *parent, const char *name)
{
	struct name n = name_of(name, strlen(name));
	struct dentry *d;

	spin_lock(&dcache_lock);
	d = dcache_find(parent, &n);
	spin_unlock(&dcache_lock);
	return d;
}

static void insert(struct dentry *d)
{
	spin_lock(&dcache_lock);
	dcache_insert(d);
	spin_unlock(&dcache_lock);
}

static void take_out(struct dentry *d)
{
	spin_lock(&dcache_lock);
	dcache_remove(d);
	spin_unlock(&dcache_lock);
}

KTEST(dcache_insert_find, "5.2", 4, "a dentry is found under its parent and name from its insertion on")
{
	static struct dentry d[3];
	bool before, flagged, again;
	struct dentry *found[3];

	make(&d[0], &dir_a, "lib");
	make(&d[1], &dir_a, "lib64");
	make(&d[2], &dir_a, "a name that is rather longer than the others are");
	before = find(&dir_a, "lib");
	for (int i = 0; i < 3; i++)
		insert(&d[i]);
	flagged = d[0].flags & DENTRY_HASHED;
	for (int i = 0; i < 3; i++)
		found[i] = find(&dir_a, d[i].name);
	again = find(&dir_a, "libx") || find(&dir_a, "li") || find(&dir_a, "") ||
		find(&dir_a, "lib6");
	for (int i = 0; i < 3; i++)
		take_out(&d[i]);
	KTEST_MSG(!before, "\"lib\" was found before it was inserted");
	KTEST_MSG(flagged, "dcache_insert() sets DENTRY_HASHED");
	for (int i = 0; i < 3; i++)
		KTEST_MSG(found[i] == &d[i], "\"%s\" was inserted and not found", d[i].name);
	KTEST_MSG(!again, "a name that nobody inserted was found: names must agree in all bytes "
			  "and in length");
}

/* Another directory whose names fall into the same bucket; nobody looks at what it points to. */
static struct dentry *neighbour(struct dentry *dir, u32 hash)
{
	struct dentry *d = dir;

	do
		d = (struct dentry *)((char *)d + 64);
	while (dcache_bucket(d, hash) != dcache_bucket(dir, hash));
	return d;
}

KTEST(dcache_same_hash, "5.2", 4, "equal hashes, or equal names in different directories, are told apart")
{
	static struct dentry one, two, other;
	struct dentry *first, *second, *third, *dir_c;
	struct name n;

	make(&one, &dir_a, "tea");
	make(&two, &dir_a, "cup");
	two.hash = one.hash;		/* as if the names collided */
	dir_c = neighbour(&dir_a, one.hash);
	make(&other, dir_c, "tea");
	insert(&one);
	insert(&two);
	insert(&other);
	n = (struct name){ "cup", 3, one.hash };
	spin_lock(&dcache_lock);
	second = dcache_find(&dir_a, &n);
	spin_unlock(&dcache_lock);
	first = find(&dir_a, "tea");
	third = find(dir_c, "tea");
	take_out(&one);
	take_out(&two);
	take_out(&other);
	KTEST_MSG(first == &one, "\"tea\" must be found although \"cup\" has the same hash");
	KTEST_MSG(second == &two, "\"cup\" must be found although \"tea\" has the same hash");
	KTEST_MSG(third == &other,
		  "\"tea\" of another directory is another dentry: compare the parent");
}

KTEST(dcache_remove, "5.2", 4, "what was removed is not found any more, and the others still are")
{
	static struct dentry d[4];
	struct dentry *gone, *kept, *back;
	bool flag;

	for (int i = 0; i < 4; i++) {
		make(&d[i], &dir_a, "same bucket");
		d[i].name_len = 4 + i;	/* "same", "same ", ... */
		insert(&d[i]);
	}
	take_out(&d[1]);
	take_out(&d[1]);		/* twice does no harm */
	flag = d[1].flags & DENTRY_HASHED;
	spin_lock(&dcache_lock);
	gone = dcache_find(&dir_a, &(struct name){ "same ", 5, d[1].hash });
	kept = dcache_find(&dir_a, &(struct name){ "same b", 6, d[2].hash });
	spin_unlock(&dcache_lock);
	insert(&d[1]);
	spin_lock(&dcache_lock);
	back = dcache_find(&dir_a, &(struct name){ "same ", 5, d[1].hash });
	spin_unlock(&dcache_lock);
	for (int i = 0; i < 4; i++)
		take_out(&d[i]);
	KTEST_MSG(kept == &d[2], "removing one dentry lost another of the same bucket");
	KTEST_MSG(back == &d[1], "a removed dentry can be inserted again");
	KTEST_MSG(!gone, "a removed dentry was found");
	KTEST_MSG(!flag, "dcache_remove() clears DENTRY_HASHED");
}

/* ---- lookups in a directory that counts them ---- */

static struct inode_ops counting;
static struct inode *(*real_lookup)(struct inode *dir, const char *name, size_t len);
static int lookups;

static struct inode *count_lookup(struct inode *dir, const char *name, size_t len)
{
	lookups++;
	return real_lookup(dir, name, len);
}

static int make_node(const char *path, u32 mode)
{
	struct entry e;
	int error = entry_get_new(&e, AT_FDCWD, path, S_ISDIR(mode));

	if (error)
		return error;
	error = create_in(&e.dir, e.d, mode, 0);
	entry_put(&e);
	return error;
}

static int remove_node(const char *path, bool is_dir)
{
	struct inode *dir, *victim;
	struct entry e;
	int error = entry_get(&e, AT_FDCWD, path, -EINVAL);

	if (error)
		return error;
	dir = e.dir.dentry->inode;
	victim = e.d->inode;
	if (!victim) {
		entry_put(&e);
		return -ENOENT;
	}
	inode_get(victim);
	error = is_dir ? dir->ops->rmdir(dir, e.last.s, e.last.len, victim)
		       : dir->ops->unlink(dir, e.last.s, e.last.len, victim);
	dentry_deleted(e.d);
	entry_put(&e);
	inode_put(victim);
	return error;
}

static int look(const char *path)
{
	struct path p;
	int error = path_lookup(AT_FDCWD, path, 0, &p);

	if (!error)
		path_put(&p);
	return error;
}

/* /counted, whose lookups are counted, with a file in it. */
static int begin_counting(void)
{
	struct path p;
	int error = make_node("/counted", S_IFDIR | 0755);

	if (!error)
		error = make_node("/counted/file", S_IFREG | 0644);
	if (!error)
		error = path_lookup(AT_FDCWD, "/counted", 0, &p);
	if (error)
		return error;
	counting = *p.dentry->inode->ops;
	real_lookup = counting.lookup;
	counting.lookup = count_lookup;
	p.dentry->inode->ops = &counting;
	lookups = 0;
	dentry_prune(p.dentry);
	path_put(&p);
	return 0;
}

static void end_counting(void)
{
	remove_node("/counted/file", false);
	remove_node("/counted/new", false);
	remove_node("/counted", true);
}

KTEST(dcache_lookup_once, "5.2", 4, "a name is asked of the file system once, then answered from the cache")
{
	u64 hits;
	int error, first, more, count;

	KTEST_EQ(begin_counting(), 0);
	hits = dcache_hits;
	first = look("/counted/file");
	count = lookups;
	error = 0;
	for (int i = 0; i < 100; i++)
		error |= look("/counted/file") | look("/counted/./file") | look("//counted//file");
	more = lookups - count;
	hits = dcache_hits - hits;
	end_counting();
	KTEST_EQ(first, 0);
	KTEST_EQ(error, 0);
	KTEST_EQ(count, 1);
	KTEST_MSG(!more, "300 more lookups of a cached name asked the file system %d times", more);
	KTEST_MSG(hits >= 600, "dcache_hits counts hits: at least 600 expected, got %lu", hits);
}

KTEST(dcache_negative, "5.2", 3, "that a name does not exist is remembered too, until it is created")
{
	int absent = 0, made, present, count, after;

	KTEST_EQ(begin_counting(), 0);
	for (int i = 0; i < 50; i++)
		absent += look("/counted/new") == -ENOENT;
	count = lookups;
	made = make_node("/counted/new", S_IFREG | 0644);
	present = look("/counted/new");
	remove_node("/counted/new", false);
	after = look("/counted/new");
	end_counting();
	KTEST_EQ(absent, 50);
	KTEST_EQ(made, 0);
	KTEST_EQ(present, 0);
	KTEST_EQ(after, -ENOENT);
	KTEST_MSG(count == 1, "50 lookups of a missing name asked the file system %d times", count);
}

KTEST(dcache_shrink, "5.2", 3, "the shrinker frees what is not used, and names are found again afterwards")
{
	u64 before, freed;
	int error, count;

	KTEST_EQ(begin_counting(), 0);
	error = look("/counted/file");
	before = dentry_count();
	freed = dentry_shrink(before);
	freed += dentry_shrink(before);
	lookups = 0;
	error |= look("/counted/file");
	count = lookups;
	end_counting();
	KTEST_EQ(error, 0);
	KTEST_MSG(freed > 0, "nothing was freed of %lu dentries", before);
	KTEST_EQ(count, 1);
}
