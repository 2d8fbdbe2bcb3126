/*
 * A thread's view of the file system: root, working directory and umask, in a part shared by
 * CLONE_FS (clone(2)). Threads of the kernel, and the first process before it has its own, use
 * init_fs. The two paths are protected by dcache_lock, so that a walk can begin without references.
 *
 * A part of the thread and not of the process, because clone(2) shares it by CLONE_FS alone:
 * threads of one process may be given working directories of their own by unshare(2).
 */
#include "common/abi/sched.h"
#include "common/errno.h"
#include "common/init.h"
#include "01-memory/kmem.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/namei.h"
#include "05-vfs/vfs/fs.h"

struct fs init_fs = { .refs = REF_INIT(1), .umask = 022 };

static int fs_clone(struct thread *child, struct clone *c);
static void fs_exit(struct thread *t);

/* Parts are how a lab adds to struct thread without changing it (02-usermode/parts.h). */
static struct part fs_part = {
	.name = "fs", .scope = PART_THREAD, .clone_flags = CLONE_FS,
	.clone = fs_clone, .undo = fs_exit, .thread_exit = fs_exit,
};
PART(31, fs_part);

/* A thread may look at its own slot without a lock: only it and its exit change it. */
static struct fs *current_fs(void)
{
	struct fs *fs = thread_part(current, fs_part, struct fs);

	return fs ? fs : &init_fs;
}

/*
 * Paths and umask belong together: one lock hold, so that a chdir of another sharer is in both or
 * in neither.
 */
static struct fs *fs_copy(struct fs *from)
{
	struct fs *fs = kmalloc(sizeof(*fs), GFP_KERNEL);

	if (!fs)
		return NULL;
	ref_init(&fs->refs, 1);
	spin_lock(&dcache_lock);
	fs->root = from->root;
	fs->cwd = from->cwd;
	fs->umask = from->umask;
	path_get(&fs->root);
	path_get(&fs->cwd);
	spin_unlock(&dcache_lock);
	return fs;
}

static void fs_put(struct fs *fs)
{
	if (!ref_put(&fs->refs))
		return;
	path_put(&fs->root);
	path_put(&fs->cwd);
	kfree(fs);
}

/* init_fs is not shared with a process, which would otherwise change the kernel threads' root. */
static int fs_clone(struct thread *child, struct clone *c)
{
	struct fs *fs = current_fs();

	if ((c->flags & CLONE_FS) && fs != &init_fs)
		ref_get(&fs->refs);
	else
		fs = fs_copy(fs);
	if (!fs)
		return -ENOMEM;
	child->parts[fs_part.slot] = fs;
	return 0;
}

/*
 * The thread's paths go with its last sharer, after the slot has been emptied: who looks at a
 * thread that is exiting finds NULL.
 */
static void fs_exit(struct thread *t)
{
	struct fs *fs = thread_part(t, fs_part, struct fs);

	spin_lock(&dcache_lock);		/* against thread_fs_path() */
	t->parts[fs_part.slot] = NULL;
	spin_unlock(&dcache_lock);
	if (fs)
		fs_put(fs);
}

/* The slot changes under dcache_lock: /proc/PID/cwd of another process may be looking. */
int fs_unshare(void)
{
	struct fs *old = thread_part(current, fs_part, struct fs), *fs;

	if (!old || ref_read(&old->refs) == 1)
		return 0;
	fs = fs_copy(old);
	if (!fs)
		return -ENOMEM;
	spin_lock(&dcache_lock);
	current->parts[fs_part.slot] = fs;
	spin_unlock(&dcache_lock);
	fs_put(old);
	return 0;
}

const struct path *fs_root_locked(void)
{
	return &current_fs()->root;
}

const struct path *fs_cwd_locked(void)
{
	return &current_fs()->cwd;
}

/*
 * Copy and references under one lock hold: else the path could be replaced, and its dentry freed,
 * between reading the pointer and counting.
 */
static void get_path(const struct path *from, struct path *p)
{
	spin_lock(&dcache_lock);
	*p = *from;
	path_get(p);
	spin_unlock(&dcache_lock);
}

void fs_root(struct path *p)
{
	get_path(&current_fs()->root, p);
}

void fs_cwd(struct path *p)
{
	get_path(&current_fs()->cwd, p);
}

/*
 * The old path is put after the lock is dropped: it may be the last reference to a directory that
 * was removed, or to a whole file system.
 */
static void set_path(struct path *to, const struct path *p)
{
	struct path old;

	path_get(p);
	spin_lock(&dcache_lock);
	old = *to;
	*to = *p;
	spin_unlock(&dcache_lock);
	path_put(&old);
}

void fs_set_root(const struct path *p)
{
	set_path(&current_fs()->root, p);
}

void fs_set_cwd(const struct path *p)
{
	set_path(&current_fs()->cwd, p);
}

u32 fs_umask(void)
{
	return current_fs()->umask;
}

/* umask(2) always succeeds and returns the old one; bits outside 0777 are ignored. */
u32 fs_set_umask(u32 mask)
{
	return atomic_xchg(&current_fs()->umask, mask & 0777);
}

/*
 * Another thread's, which may be exiting: under dcache_lock its fs is either there or NULL
 * (fs_exit()).
 */
u32 thread_fs_umask(struct thread *t)
{
	struct fs *fs;
	u32 mask = 0;

	spin_lock(&dcache_lock);
	fs = thread_part(t, fs_part, struct fs);
	if (fs)
		mask = fs->umask;
	spin_unlock(&dcache_lock);
	return mask;
}

void thread_fs_path(struct thread *t, bool root, struct path *p)
{
	struct fs *fs;

	*p = (struct path){ NULL, NULL };
	spin_lock(&dcache_lock);
	fs = thread_part(t, fs_part, struct fs);
	if (fs) {
		*p = root ? fs->root : fs->cwd;
		path_get(p);
	}
	spin_unlock(&dcache_lock);
}

/*
 * Replace one path of one thread's fs if it is `from`; for pivot_root. The replaced one is put
 * later.
 */
static bool replace(struct path *p, const struct path *from, const struct path *to,
		    struct path *old)
{
	if (p->mount != from->mount || p->dentry != from->dentry)
		return false;
	*old = *p;
	*p = *to;
	path_get(to);
	return true;
}

/* For threads that share it the second visit finds nothing to do. */
static void replace_in(struct fs *fs, const struct path *from, const struct path *to)
{
	struct path old_root = { NULL, NULL }, old_cwd = { NULL, NULL };

	spin_lock(&dcache_lock);
	replace(&fs->root, from, to, &old_root);
	replace(&fs->cwd, from, to, &old_cwd);
	spin_unlock(&dcache_lock);
	path_put(&old_root);
	path_put(&old_cwd);
}

/* With a reference, or NULL. */
static struct fs *thread_fs(struct thread *t)
{
	struct fs *fs;

	spin_lock(&dcache_lock);
	fs = thread_part(t, fs_part, struct fs);
	if (fs)
		ref_get(&fs->refs);
	spin_unlock(&dcache_lock);
	return fs;
}

struct thread_list {
	struct thread *threads[64];
	int count, skip;
};

/* Called under p->lock, which is a spinlock: only gather. */
static void collect_thread(struct thread *t, void *arg)
{
	struct thread_list *l = arg;

	if (l->skip > 0) {
		l->skip--;
	} else if (l->count < (int)ARRAY_SIZE(l->threads)) {
		thread_get(t);
		l->threads[l->count++] = t;
	}
}

/* All threads of p, in portions, because the paths cannot be put under p->lock. */
static void replace_in_process(struct process *p, const struct path *from, const struct path *to)
{
	struct thread_list l = { .count = 0 };
	int done = 0;

	do {
		l.count = 0;
		l.skip = done;
		process_for_each_thread(p, collect_thread, &l);
		for (int i = 0; i < l.count; i++) {
			struct fs *fs = thread_fs(l.threads[i]);

			if (fs) {
				replace_in(fs, from, to);
				fs_put(fs);
			}
			thread_put(l.threads[i]);
		}
		done += l.count;
	} while (l.count == (int)ARRAY_SIZE(l.threads));
}

/*
 * pivot_root(2): processes that stood in the old root are moved, those elsewhere stay. Processes
 * that are made meanwhile copy from one that was moved, or have a higher number and are met later;
 * only where numbers begin again at the bottom one might be missed.
 */
void fs_replace_everywhere(const struct path *from, const struct path *to)
{
	struct process *p;
	int nr = 1;

	replace_in(&init_fs, from, to);
	while ((p = process_next(nr))) {
		nr = p->id + 1;
		replace_in_process(p, from, to);
		process_put(p);
	}
}
