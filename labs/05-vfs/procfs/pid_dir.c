/*
 * procfs: /proc/PID, /proc/PID/task and /proc/PID/task/TID, from the linker set proc_pid_entries.
 *
 * A name in the set may contain a slash ("attr/current"): the directory appears by itself. Besides
 * the set's entries each process has the directories task, fd and fdinfo. The same table serves
 * processes and threads: the functions that print get both.
 *
 * Positions in listings are numbers of processes and threads, not counts of entries: so a listing
 * goes on at the right place however many have ended since the last call.
 */
#include "common/errno.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/procfs/procfs.h"

/* Directories that are not made from the set. */
static const struct {
	const char *name;
	u32 mode;
	bool threads_too;
	const struct inode_ops *ops;
	const struct file_ops *file_ops;
} subdirs[] = {
	{ "task", 0555, false, &proc_task_dir_ops, &proc_task_dir_file_ops },
	{ "fd", 0500, true, &proc_fd_dir_ops, &proc_fd_dir_file_ops },
	{ "fdinfo", 0555, true, &proc_fdinfo_dir_ops, &proc_fd_dir_file_ops },
};

/*
 * Only the form that is listed: "007" is no process. At most nine digits, which no int overflows
 * by.
 */
int proc_parse_number(const char *name, size_t len)
{
	int n = 0;

	if (!len || len > 9 || (name[0] == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		n = n * 10 + (name[i] - '0');
	}
	return n;
}

/* ---- lookup ---- */

static struct inode *pid_dir_inode(struct super *s, struct pid *pid, bool is_thread,
				   const char *prefix, u32 mode)
{
	struct inode *i = proc_pid_inode(s, pid, is_thread, S_IFDIR | mode);

	if (!i)
		return ERR_PTR(-ENOMEM);
	proc_i(i)->prefix = prefix;
	i->ops = &proc_pid_dir_ops;
	i->file_ops = &proc_pid_dir_file_ops;
	return i;
}

struct inode *proc_pid_lookup(struct super *s, const char *name, size_t len)
{
	int nr = proc_parse_number(name, len);
	struct pid *pid = nr > 0 ? pid_find(nr) : NULL;
	struct inode *i = NULL;

	if (!pid)
		return NULL;
	/* /proc/TID works too, though it is not listed. The number may be a mere group's. */
	if (READ_ONCE(pid->process) || READ_ONCE(pid->thread))
		i = pid_dir_inode(s, pid, !READ_ONCE(pid->process), "", 0555);
	pid_put(pid);
	return i;
}

struct pid *proc_pid_of(const struct file *f)
{
	const struct proc_inode *i = f->inode ? proc_i(f->inode) : NULL;

	return f->ops == &proc_pid_dir_file_ops && !i->is_thread && !*i->prefix ? i->pid : NULL;
}

static struct inode *entry_inode(struct inode *dir, const struct proc_pid_entry *e)
{
	u32 mode = e->mode & S_IFMT ? e->mode : e->mode | S_IFREG;
	struct inode *i;

	if (S_ISLNK(mode))
		mode |= 0777;
	i = proc_pid_inode(dir->super, proc_i(dir)->pid, proc_i(dir)->is_thread, mode);
	if (!i)
		return ERR_PTR(-ENOMEM);
	proc_i(i)->entry = e;
	i->ops = !S_ISLNK(mode) ? &proc_file_inode_ops : e->follow ? &proc_pid_link_ops
								     : &proc_pid_text_link_ops;
	i->file_ops = &proc_file_ops;
	return i;
}

static struct inode *subdir_inode(struct inode *dir, const char *name, size_t len)
{
	struct proc_inode *pd = proc_i(dir);

	for (unsigned n = 0; n < ARRAY_SIZE(subdirs); n++) {
		struct inode *i;

		if (strlen(subdirs[n].name) != len || memcmp(subdirs[n].name, name, len) ||
		    (pd->is_thread && !subdirs[n].threads_too))
			continue;
		i = proc_pid_inode(dir->super, pd->pid, pd->is_thread, S_IFDIR | subdirs[n].mode);
		if (!i)
			return ERR_PTR(-ENOMEM);
		i->ops = subdirs[n].ops;
		i->file_ops = subdirs[n].file_ops;
		return i;
	}
	return ERR_PTR(-ENOENT);
}

/* What is left of e's name behind dir's prefix; NULL if it does not begin so. */
static const char *below(const struct proc_pid_entry *e, const struct proc_inode *dir)
{
	return strncmp(e->name, dir->prefix, dir->prefix_len) ? NULL : e->name + dir->prefix_len;
}

/* The directory whose entries' names begin with the first n bytes of e's. */
static struct inode *prefix_inode(struct inode *dir, const struct proc_pid_entry *e, size_t n)
{
	struct proc_inode *pd = proc_i(dir);
	struct inode *i = pid_dir_inode(dir->super, pd->pid, pd->is_thread, e->name, 0555);

	if (!IS_ERR(i))
		proc_i(i)->prefix_len = n;
	return i;
}

static struct inode *pid_lookup(struct inode *dir, const char *name, size_t len)
{
	const struct proc_pid_entry *e;

	linkset_for_each(proc_pid_entries, const struct proc_pid_entry, e) {
		const char *rest = below(e, proc_i(dir));

		if (!rest || strncmp(rest, name, len))
			continue;
		if (!rest[len])
			return entry_inode(dir, e);
		if (rest[len] == '/')	/* the names in it begin like e's, up to the slash */
			return prefix_inode(dir, e, rest + len + 1 - e->name);
	}
	return proc_i(dir)->prefix_len ? ERR_PTR(-ENOENT) : subdir_inode(dir, name, len);
}

const struct inode_ops proc_pid_dir_ops = { .lookup = pid_lookup, .setattr = proc_setattr };

/* ---- listing ---- */

static bool emit_dots(struct dir_context *c, struct inode *i)
{
	static const char dots[] = "..";

	while (c->pos < 2) {
		if (!c->emit(c, dots, c->pos + 1, i->ino, DT_DIR, c->pos + 1))
			return false;
		c->pos++;
	}
	return true;
}

static int pid_readdir(struct file *f, struct dir_context *c)
{
	struct proc_inode *pd = proc_i(f->inode);
	const struct proc_pid_entry *e;
	loff_t at = 2;

	if (!emit_dots(c, f->inode))
		return 0;
	for (unsigned n = 0; !pd->prefix_len && n < ARRAY_SIZE(subdirs); n++, at++) {
		if (at < c->pos || (pd->is_thread && !subdirs[n].threads_too))
			continue;
		if (!c->emit(c, subdirs[n].name, strlen(subdirs[n].name), f->inode->ino + at,
			     DT_DIR, at + 1))
			return 0;
		c->pos = at + 1;
	}
	linkset_for_each(proc_pid_entries, const struct proc_pid_entry, e) {
		const char *rest = below(e, pd);

		if (at++ < c->pos || !rest || strchr(rest, '/'))
			continue;
		if (!c->emit(c, rest, strlen(rest), f->inode->ino + at,
			     S_ISLNK(e->mode) ? DT_LNK : DT_REG, at))
			return 0;
		c->pos = at;
	}
	return 0;
}

const struct file_ops proc_pid_dir_file_ops = {
	.read = generic_read_dir, .lseek = generic_file_lseek, .readdir = pid_readdir,
};

int proc_pid_readdir(struct dir_context *c, loff_t first)
{
	struct process *p;
	char name[16];

	if (c->pos < first)
		c->pos = first;
	while ((p = process_next(MAX(c->pos - first, 1)))) {
		int len = snprintf(name, sizeof(name), "%d", p->id), nr = p->id;

		process_put(p);
		if (!c->emit(c, name, len, (u64)nr << 20, DT_DIR, first + nr + 1))
			return 0;
		c->pos = first + nr + 1;
	}
	return 0;
}

/* ---- task ---- */

static struct inode *task_lookup(struct inode *dir, const char *name, size_t len)
{
	int tid = proc_parse_number(name, len);
	struct inode *i = ERR_PTR(-ENOENT);
	struct proc_task me;
	struct thread *t;
	struct pid *pid;

	if (tid <= 0 || proc_task_get(proc_i(dir), &me))
		return i;
	t = thread_find(tid);
	pid = pid_find(tid);		/* not t's: exec may give it another */
	if (t && pid && t->process == me.process)
		i = pid_dir_inode(dir->super, pid, true, "", 0555);
	if (t)
		thread_put(t);
	if (pid)
		pid_put(pid);
	proc_task_put(&me);
	return i;
}

const struct inode_ops proc_task_dir_ops = { .lookup = task_lookup, .setattr = proc_setattr };

/* The smallest thread number >= from. */
struct tid_search {
	int from, found;
};

/* Threads stand in no order on the list. Quadratic in all, and cheap for what programs have. */
static void find_next_tid(struct thread *t, void *arg)
{
	struct tid_search *s = arg;

	if (t->tid >= s->from && (!s->found || t->tid < s->found))
		s->found = t->tid;
}

static int task_readdir(struct file *f, struct dir_context *c)
{
	struct proc_task t;
	char name[16];

	if (!emit_dots(c, f->inode))
		return 0;
	if (proc_task_get(proc_i(f->inode), &t))
		return -ENOENT;
	for (;;) {
		struct tid_search s = { .from = c->pos - 2 };
		int len;

		process_for_each_thread(t.process, find_next_tid, &s);
		if (!s.found)
			break;
		len = snprintf(name, sizeof(name), "%d", s.found);
		if (!c->emit(c, name, len, (u64)s.found << 20, DT_DIR, s.found + 3))
			break;
		c->pos = s.found + 3;
	}
	proc_task_put(&t);
	return 0;
}

const struct file_ops proc_task_dir_file_ops = {
	.read = generic_read_dir, .lseek = generic_file_lseek, .readdir = task_readdir,
};

/* ---- links ---- */

/* Magic links show where somebody else works: ptrace's rule (proc(5)). */
static int with_task(struct inode *i, struct proc_task *t)
{
	int error = proc_task_get(proc_i(i), t);

	if (!error && !proc_may_inspect(t)) {
		proc_task_put(t);
		error = -EACCES;
	}
	return error;
}

static int pid_follow(struct inode *i, struct path *path)
{
	struct proc_task t;
	int error = with_task(i, &t);

	if (error)
		return error;
	error = proc_i(i)->entry->follow(t.process, t.thread, path);
	proc_task_put(&t);
	return error;
}

static ssize_t printed(struct printer *p, int error, char *buf, size_t size)
{
	ssize_t len = error ? error : p->failed ? -ENOMEM : (ssize_t)MIN(p->len, size);

	if (len > 0)
		memcpy(buf, p->buf, len);
	printer_free(p);
	return len;
}

/* Either made up ("ns/net"), or the path where following leads, as the reader's root sees it. */
static ssize_t pid_readlink(struct inode *i, char *buf, size_t size)
{
	const struct proc_pid_entry *e = proc_i(i)->entry;
	struct printer out = { 0 };
	struct path path;
	struct proc_task t;
	int error = with_task(i, &t);

	if (error)
		return error;
	if (e->print) {
		error = e->print(t.process, t.thread, &out);
	} else {
		error = e->follow(t.process, t.thread, &path);
		if (!error) {
			char *text = kmalloc(PATH_MAX, GFP_KERNEL), *s;

			s = text ? path_name(&path, text, PATH_MAX) : ERR_PTR(-ENOMEM);
			error = IS_ERR(s) ? PTR_ERR(s) : 0;
			if (!error)
				print(&out, "%s", s);
			kfree(text);
			path_put(&path);
		}
	}
	proc_task_put(&t);
	return printed(&out, error, buf, size);
}

const struct inode_ops proc_pid_link_ops = { .readlink = pid_readlink, .follow = pid_follow };
const struct inode_ops proc_pid_text_link_ops = { .readlink = pid_readlink };
