/*
 * Tables of descriptors: the part of a thread that clone shares or copies, that exec unshares and
 * rids of close-on-exec descriptors, and that closes everything at exit; and the hottest function
 * of all, fd_get().
 *
 * The part has the scope of a thread, not of a process, as CLONE_FILES is a choice of each clone:
 * two threads of one process may have different tables, and two processes the same one (clone(2)).
 * fork copies the table and not the files: parent and child share each position from then on, which
 * is how a shell's children append to one output (POSIX fork()).
 *
 * Three rules keep it right.
 *
 * A slot's reference keeps its file. fd_get() takes one more, so that another thread's close()
 * cannot free the file under a read() that is still at work; the read then finishes on a file
 * without a number.
 *
 * A file is closed when the table is unlocked and its slot is empty already: flush and release may
 * sleep, and may even come back to this table.
 *
 * The table's last reference closes its files. Whoever drops it must therefore be one of the
 * table's threads at its end, not somebody who only looked; hence process_fd_next().
 */
#include "03-syscalls/files/table.h"
#include "common/abi/sched.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "01-memory/pagetable.h"

#define NR_OPEN_MAX	1048576u	/* fs.nr_open: no table grows beyond */
#define BITS(n)		((n) / 64)

static struct part files_part;

struct fd_table *fd_table_current(void)
{
	return thread_part(current, files_part, struct fd_table);
}

struct fd_table *fd_table_of(struct thread *t)
{
	return thread_part(t, files_part, struct fd_table);
}

static struct fd_table *table_new(void)
{
	struct fd_table *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	ref_init(&t->refs, 1);
	spin_init(&t->lock, "files", RANK_FILES);
	t->size = FD_INLINE;
	t->files = t->inline_files;
	t->open = &t->inline_bits[0];
	t->cloexec = &t->inline_bits[1];
	return t;
}

/*
 * The arrays of a table of `size` slots in one piece: files, then the two rows of bits. A million
 * slots are 8 MiB, more than kmalloc() could find in one piece of physical memory: so vmalloc().
 */
static struct file **arrays_alloc(unsigned size)
{
	return vmalloc(size * sizeof(struct file *) + 2 * BITS(size) * sizeof(u64),
		       GFP_KERNEL | GFP_ZERO);
}

/* Also what fd_table_grow() allocated in vain. The first arrays are part of the table itself. */
static void arrays_free(struct file **files, const struct fd_table *t)
{
	if (files != t->inline_files)
		vfree(files);
}

/* Put bigger, empty arrays in place of t's and return the old ones. Lock held. */
static struct file **arrays_replace(struct fd_table *t, struct file **files, unsigned size)
{
	struct file **old = t->files;
	u64 *open = (u64 *)(files + size), *cloexec = open + BITS(size);

	memcpy(files, t->files, t->size * sizeof(*files));
	memcpy(open, t->open, BITS(t->size) * sizeof(u64));
	memcpy(cloexec, t->cloexec, BITS(t->size) * sizeof(u64));
	t->files = files;
	t->open = open;
	t->cloexec = cloexec;
	t->size = size;
	return old;
}

/*
 * The size at least doubles, so that n descriptors cost O(n) copying in all. Allocation comes
 * before the lock, as it may sleep; meanwhile another thread may have grown the table as well,
 * which the comparison under the lock finds out. Then the new arrays are freed unused.
 */
int fd_table_grow(struct fd_table *t, unsigned fd)
{
	struct file **files;
	unsigned size;

	if (fd >= NR_OPEN_MAX)
		return -EMFILE;
	size = MAX(ALIGN_UP(fd + 1, 64u), MIN(2 * READ_ONCE(t->size), NR_OPEN_MAX));
	files = arrays_alloc(size);
	if (!files)
		return -ENOMEM;
	spin_lock(&t->lock);
	if (size > t->size)
		files = arrays_replace(t, files, size);
	spin_unlock(&t->lock);
	arrays_free(files, t);
	return 0;
}

/* 64 descriptors at a time: all below `min` in the first word count as taken. */
unsigned fd_table_lowest_free(const struct fd_table *t, unsigned min)
{
	unsigned fd = MAX(min, t->lowest);

	while (fd < t->size) {
		u64 taken = t->open[BITS(fd)] | (BIT(fd % 64) - 1);

		if (~taken)
			return ALIGN_DOWN(fd, 64u) + __builtin_ctzl(~taken);
		fd = ALIGN_DOWN(fd, 64u) + 64;
	}
	return fd;
}

void fd_table_mark(struct fd_table *t, unsigned fd, bool cloexec)
{
	t->open[BITS(fd)] |= BIT(fd % 64);
	if (cloexec)
		t->cloexec[BITS(fd)] |= BIT(fd % 64);
	/* dup2 marks a number that may be in use: its old flag must go. */
	else
		t->cloexec[BITS(fd)] &= ~BIT(fd % 64);
	if (fd == t->lowest)
		t->lowest++;
}

void fd_table_unmark(struct fd_table *t, unsigned fd)
{
	t->open[BITS(fd)] &= ~BIT(fd % 64);
	t->cloexec[BITS(fd)] &= ~BIT(fd % 64);
	if (fd < t->lowest)
		t->lowest = fd;
}

/*
 * t no longer has f in some slot. POSIX record locks belong to a process (here: to its table) and
 * end with *any* close of the file, even of another descriptor (fcntl(2), "Advisory record
 * locking"); that is why each close has its hooks, and not only the last one.
 */
static void close_file(struct fd_table *t, struct file *f)
{
	if (f->dentry)
		path_file_ops->close(f, t);
	if (f->ops->flush)
		f->ops->flush(f);
	file_put(f);
}

void fd_close_file(struct file *f)
{
	close_file(fd_table_current(), f);
}

/*
 * The file in slot fd with a reference, unless it has one of the `refused` flags.
 *
 * Nearly every call begins here, and most processes have one thread: with a reference count of 1
 * nobody but the caller can change the table (the count could rise only by the caller's own clone),
 * so the lock is left out. That a thread which shared it has just gone is no danger: it dropped its
 * reference after its last change. With others about, the lock makes looking at the slot and taking
 * the reference one step; else a close in between could free the file.
 */
static __always_inline struct file *get(int fd, unsigned refused)
{
	struct fd_table *t = fd_table_current();
	bool shared = unlikely(ref_read(&t->refs) != 1);
	struct file *f = NULL;

	if (shared)
		spin_lock(&t->lock);
	if (likely((unsigned)fd < t->size))
		f = t->files[fd];
	if (f && unlikely(f->flags & refused))
		f = NULL;
	if (likely(f))
		file_get(f);
	if (shared)
		spin_unlock(&t->lock);
	return f;
}

struct file *fd_get_path(int fd)
{
	return get(fd, 0);
}

struct file *fd_get(int fd)
{
	return get(fd, O_PATH);
}

/* One past the highest reserved descriptor, rounded up to a word. Lock held. */
static unsigned used_size(const struct fd_table *t)
{
	unsigned words = BITS(t->size);

	while (words > 1 && !t->open[words - 1])
		words--;
	return words * 64;
}

/*
 * Copy the descriptors in use; those merely reserved are the other thread's business: it will
 * install its file in the old table, and nobody would ever release the number in this one. Lock:
 * old's; nobody else knows the new one.
 */
static void copy_slots(struct fd_table *new, const struct fd_table *old, unsigned size)
{
	for (unsigned w = 0; w < BITS(size); w++) {
		new->open[w] = old->open[w];
		new->cloexec[w] = old->cloexec[w];
		for (u64 bits = old->open[w]; bits; bits &= bits - 1) {
			unsigned fd = 64 * w + __builtin_ctzl(bits);
			struct file *f = old->files[fd];

			new->files[fd] = f;
			if (f)
				file_get(f);
			else
				fd_table_unmark(new, fd);
		}
	}
}

/*
 * A table of its own with the same files, or NULL. How large it must be is known only under the
 * lock, and under the lock nothing may be allocated: so look, grow, and look again.
 */
static struct fd_table *table_copy(struct fd_table *old)
{
	struct fd_table *new = table_new();
	unsigned size;

	if (!new)
		return NULL;
	for (;;) {
		spin_lock(&old->lock);
		size = used_size(old);
		if (size <= new->size)
			break;
		spin_unlock(&old->lock);
		if (fd_table_grow(new, size - 1) < 0) {
			arrays_free(new->files, new);
			kfree(new);
			return NULL;
		}
	}
	copy_slots(new, old, size);
	spin_unlock(&old->lock);
	return new;
}

/* The last reference: no other thread can reach the table, so nothing is locked. */
static void table_put(struct fd_table *t)
{
	if (!ref_put(&t->refs))
		return;
	for (unsigned w = 0; w < BITS(t->size); w++)
		for (u64 bits = t->open[w]; bits; bits &= bits - 1) {
			struct file *f = t->files[64 * w + __builtin_ctzl(bits)];

			if (f)
				close_file(t, f);
		}
	arrays_free(t->files, t);
	kfree(t);
}

/*
 * Take t's table away under the lock that process_fd_next() looks at it with. The reference that
 * the thread had passes to the caller.
 */
static struct fd_table *detach(struct thread *t, struct fd_table *replacement)
{
	struct fd_table *old = thread_part(t, files_part, struct fd_table);

	spin_lock(&t->process->lock);
	t->parts[files_part.slot] = replacement;
	spin_unlock(&t->process->lock);
	return old;
}

/* The first process is cloned by a kernel thread, which has no table. */
static int files_clone(struct thread *child, struct clone *c)
{
	struct fd_table *t = fd_table_current();

	if (!t)
		t = table_new();
	else if (c->flags & CLONE_FILES)
		ref_get(&t->refs);
	else
		t = table_copy(t);
	child->parts[files_part.slot] = t;
	return t ? 0 : -ENOMEM;
}

/*
 * Serves as undo of a failed clone too: then the child's table is the parent's, with one reference
 * more, or a copy that nobody has seen.
 */
static void files_exit(struct thread *t)
{
	struct fd_table *old = detach(t, NULL);

	if (old)
		table_put(old);
}

int fd_table_unshare(void)
{
	struct fd_table *t = fd_table_current(), *own;

	if (ref_read(&t->refs) == 1)
		return 0;
	own = table_copy(t);
	if (!own)
		return -ENOMEM;
	table_put(detach(current, own));
	return 0;
}

/*
 * Have all references of t come from this process's threads? Counted under the lock under which a
 * thread gives up its table, before it drops the reference: so an answer may be a cautious no, but
 * never a wrong yes.
 */
static bool only_ours(const struct fd_table *t)
{
	struct process *p = current_process();
	struct thread *other;
	int ours = 0;
	bool only;

	spin_lock(&p->lock);
	list_for_each_entry(other, &p->threads, process_link)
		ours += fd_table_of(other) == t;
	only = ref_read(&t->refs) == ours;
	spin_unlock(&p->lock);
	return only;
}

/*
 * execve(2) unshares the table: closing the close-on-exec descriptors must not hurt another process
 * that shares it by CLONE_FILES. Threads of this process do not count, as they will be gone; were
 * the table copied for them, the record locks, which hang on the table, would be lost.
 */
static int files_exec_prepare(struct exec *x)
{
	return only_ours(fd_table_current()) ? 0 : fd_table_unshare();
}

/*
 * The other threads are dead and the table is the caller's alone: t->cloexec is read without the
 * lock. fd_close() clears the bit that it was found by, which ends the loop; a reserved descriptor
 * that nobody will install any more cannot be left, as its thread finished the call that reserved
 * it.
 */
static void files_exec_commit(struct exec *x)
{
	struct fd_table *t = fd_table_current();

	for (unsigned w = 0; w < BITS(t->size); w++)
		while (t->cloexec[w])
			fd_close(64 * w + __builtin_ctzl(t->cloexec[w]));
}

static struct part files_part = {
	.name = "files",
	.scope = PART_THREAD,
	.clone_flags = CLONE_FILES,
	.clone = files_clone,
	.undo = files_exit,
	.exec_prepare = files_exec_prepare,
	.exec_commit = files_exec_commit,
	.thread_exit = files_exit,
};
PART(30, files_part);

/*
 * For a call that has slept with a reference from fd_get(): was the descriptor closed meanwhile? A
 * record lock that came after the close would never be taken away (05-vfs/file/records.c).
 */
bool fd_table_holds(const struct file *f)
{
	struct fd_table *t = fd_table_current();
	bool found = false;

	if (ref_read(&t->refs) == 1)	/* nobody else could have closed it */
		return true;
	spin_lock(&t->lock);
	for (unsigned w = 0; w < BITS(t->size) && !found; w++)
		for (u64 bits = t->open[w]; bits && !found; bits &= bits - 1)
			found = t->files[64 * w + __builtin_ctzl(bits)] == f;
	spin_unlock(&t->lock);
	return found;
}

/*
 * The lowest descriptor >= min that is in use, or t->size. The shift asks whether anything is
 * reserved in the rest of this word; if not, the search goes on in the next one. Lock held.
 */
static unsigned next_in_use(const struct fd_table *t, unsigned min)
{
	unsigned n = min;

	while (n < t->size && !t->files[n])
		n = t->open[BITS(n)] >> n % 64 ? n + 1 : ALIGN_DOWN(n, 64u) + 64;
	return MIN(n, t->size);
}

/* The table of p's first thread that still has one, or NULL. p->lock held, which keeps it. */
static struct fd_table *process_table(struct process *p)
{
	struct fd_table *table = NULL;
	struct thread *t;

	list_for_each_entry(t, &p->threads, process_link) {
		table = fd_table_of(t);
		if (table)
			break;
	}
	return table;
}

/*
 * Without a reference to the table, and so under both locks: were this one the last, p's files
 * would be closed here, by a stranger, and later than p's end. Whoever has reaped p and reads a
 * pipe that p wrote to would then not see the end yet.
 */
struct file *process_fd_next(struct process *p, int *fd, bool *cloexec)
{
	struct file *f = NULL;
	struct fd_table *t;
	unsigned n;

	spin_lock(&p->lock);
	t = process_table(p);
	if (t) {
		spin_lock(&t->lock);
		n = next_in_use(t, MAX(*fd, 0));
		if (n < t->size) {
			f = t->files[n];
			file_get(f);
			*fd = n;
			if (cloexec)
				*cloexec = t->cloexec[BITS(n)] & BIT(n % 64);
		}
		spin_unlock(&t->lock);
	}
	spin_unlock(&p->lock);
	return f;
}

unsigned process_fd_slots(struct process *p)
{
	struct fd_table *t;
	unsigned n;

	spin_lock(&p->lock);
	t = process_table(p);
	n = t ? READ_ONCE(t->size) : 0;
	spin_unlock(&p->lock);
	return n;
}

struct file *process_fd_get(struct process *p, int fd, bool *cloexec)
{
	int found = fd;
	struct file *f = fd < 0 ? NULL : process_fd_next(p, &found, cloexec);

	if (f && found != fd) {
		file_put(f);
		return NULL;
	}
	return f;
}
