/*
 * procfs: the file system type and its inodes (procfs.h).
 *
 * There is one instance, however often it is mounted (Linux has one for each process name space).
 */
#include "common/abi/statfs.h"
#include "common/errno.h"
#include "common/init.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "03-syscalls/process/dumpable.h"
#include "05-vfs/procfs/procfs.h"

static struct kmem_cache *inode_cache;

static struct inode *proc_alloc_inode(struct super *s)
{
	struct proc_inode *i = kmem_cache_alloc(inode_cache, GFP_KERNEL | GFP_ZERO);

	return i ? &i->vfs : NULL;
}

static void proc_free_inode(struct inode *i)
{
	if (proc_i(i)->pid)
		pid_put(proc_i(i)->pid);
	kmem_cache_free(inode_cache, proc_i(i));
}

static int proc_statfs(struct super *s, struct statfs *st)
{
	st->f_type = PROC_SUPER_MAGIC;
	return 0;
}

static const struct super_ops proc_super_ops = {
	.alloc_inode = proc_alloc_inode, .free_inode = proc_free_inode, .statfs = proc_statfs,
};

static int proc_mount(struct super *s, const char *source, unsigned long flags, const char *data)
{
	struct inode *i;

	s->ops = &proc_super_ops;
	i = inode_get_locked(s, proc_root_node.ino);
	if (!i)
		return -ENOMEM;
	inode_init_owner(i, NULL, S_IFDIR | 0555);
	i->uid = i->gid = 0;
	i->nlink = proc_root_node.links;
	i->ops = &proc_root_ops;
	i->file_ops = &proc_static_dir_file_ops;
	proc_i(i)->node = &proc_root_node;
	inode_unlock_new(i);
	s->root = i;
	return 0;
}
FS_TYPE(proc, .name = "proc", .single = true, .mount = proc_mount);

static void proc_init(void)
{
	inode_cache = kmem_cache_create("proc_inode", sizeof(struct proc_inode), 0, NULL);
}
INITCALL(39, proc_init);

/*
 * The owner is who the process acts as, so that the mode bits of its files mean its owner; a
 * process that hides itself (prctl(2), PR_SET_DUMPABLE) is root's, but for its directories. The
 * owner is that of the lookup: since dentries of a process live as long as it does, files ask
 * again what they protect.
 */
struct inode *proc_pid_inode(struct super *s, struct pid *pid, bool is_thread, u32 mode)
{
	struct inode *i = inode_new(s);
	struct proc_inode *pi;
	struct proc_task t;

	if (!i)
		return NULL;
	pi = proc_i(i);
	pid_get(pid);
	pi->pid = pid;
	pi->is_thread = is_thread;
	i->ino = inode_next_number();
	inode_init_owner(i, NULL, mode);
	i->uid = i->gid = 0;
	atomic_fetch_or(&i->state, INODE_NO_CACHE);
	if (S_ISDIR(mode))
		i->nlink = 2;
	if (proc_task_get(pi, &t) == 0) {
		/* Whose business it is; a process that hides itself belongs to user 0. */
		if (t.thread && (S_ISDIR(mode) || process_dumpable(t.process) == 1)) {
			const struct cred *c = thread_cred(t.thread);

			i->uid = c->euid;
			i->gid = c->egid;
			cred_put(c);
		}
		proc_task_put(&t);
	}
	return i;
}

/* By number, and by the number that the held pid has: it is not given to others meanwhile. */
int proc_task_get(struct proc_inode *i, struct proc_task *t)
{
	*t = (struct proc_task){ NULL, NULL };
	if (i->is_thread) {
		t->thread = thread_find(i->pid->nr);
		if (!t->thread)
			return -ESRCH;
		t->process = t->thread->process;
		process_get(t->process);
		return 0;
	}
	t->process = process_find(i->pid->nr);
	if (!t->process)
		return -ESRCH;
	t->thread = thread_find(i->pid->nr);
	return 0;
}

void proc_task_put(struct proc_task *t)
{
	if (t->thread)
		thread_put(t->thread);
	if (t->process)
		process_put(t->process);
}

int proc_setattr(struct inode *i, const struct attr_change *a)
{
	unsigned fixed = ATTR_MODE | (S_ISDIR(i->mode) ? ATTR_UID | ATTR_GID : 0);

	return proc_i(i)->pid && a->valid & fixed ? -EPERM : inode_setattr(i, a);
}

/*
 * ptrace(2), "Ptrace access mode checking", with file-system ids: all three of the target's ids
 * must be the caller's, or a program that changes among them could be looked into. A zombie has no
 * thread any more, and so no ids to compare.
 */
bool proc_may_inspect(const struct proc_task *t)
{
	const struct cred *me = current_cred(), *c;
	bool same;

	if (t->process == current_process())
		return true;
	if (!t->thread)
		return capable(CAP_SYS_PTRACE);
	c = thread_cred(t->thread);
	same = me->fsuid == c->euid && me->fsuid == c->suid && me->fsuid == c->uid &&
	       me->fsgid == c->egid && me->fsgid == c->sgid && me->fsgid == c->gid &&
	       process_dumpable(t->process) == 1 && !(c->cap_permitted & ~me->cap_permitted);
	cred_put(c);
	return same || capable(CAP_SYS_PTRACE);
}
