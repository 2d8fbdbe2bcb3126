/*
 * mount(2), umount2(2), pivot_root(2).
 *
 * There is one mount name space and no propagation between mounts: every mount is private. So
 * making one private, or a slave of nobody, is already true; making one shared is refused.
 *
 * One system call does six different things, told apart by flags in the order of do_mount()
 * (mount(2)). All is done under mount_lock, so that the tree of mounts stands still; paths are
 * resolved before, so what they found is checked again under the lock. Walks do not wait for it:
 * they see the tree before or after each single step, which changes under dcache_lock.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/fs.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

/* What belongs to the mount; the rest belongs to the file system. */
#define MOUNT_FLAGS		\
	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | \
	 MS_STRICTATIME | MS_NOSYMFOLLOW)
#define PROPAGATION	(MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

struct mount_args {
	char *source, *type, *data;	/* NULL: not given */
	unsigned long flags;
};

static bool is_mount_root(const struct path *p)
{
	return p->dentry == p->mount->root;
}

/*
 * A file can be mounted on a file only, a directory on a directory: a walk must not find a file
 * where names go on.
 */
static int attach_checked(struct mount *m, const struct path *at)
{
	bool dir = S_ISDIR(m->root->inode->mode), at_dir = S_ISDIR(at->dentry->inode->mode);

	return dir == at_dir ? mount_attach(m, at) : -ENOTDIR;
}

/* ---- new mounts ---- */

/*
 * The file system is mounted (its device read, its root there) before it is put in its place, so
 * that nobody walks into half of one. If that fails the last reference to the mount unmounts it
 * again.
 */
static int new_mount(const struct path *at, const struct mount_args *a)
{
	const struct fs_type *t;
	struct super *s;
	struct mount *m;
	int error;

	if (!a->type)
		return -EINVAL;
	t = fs_type_find(a->type);
	if (!t)
		return -ENODEV;
	s = super_mount(t, a->source, a->flags, a->data);
	if (IS_ERR(s))
		return PTR_ERR(s);
	m = mount_new(s, s->root_dentry, a->flags & MOUNT_FLAGS, a->source);
	if (!m) {
		super_put(s);
		return -ENOMEM;
	}
	if (is_mount_root(at) && at->mount->super == s && at->dentry == s->root_dentry)
		error = -EBUSY;		/* the same file system twice on one place */
	else
		error = attach_checked(m, at);
	if (error)
		mount_put(m);
	return error;
}

/*
 * A mount like `old` of what lies at root. With the flags of the old one: a bind mount must not
 * lift nosuid or read-only.
 */
static struct mount *clone_mount(struct mount *old, struct dentry *root)
{
	struct mount *m;

	ref_get(&old->super->refs);
	m = mount_new(old->super, root, old->flags, old->source);
	if (!m)
		super_put(old->super);
	return m;
}

/* Take top out of the tree with all that is mounted below it, the lowest first. */
static void detach_tree(struct mount *top)
{
	struct mount *m = top, *above;

	while (m) {
		if (!list_empty(&m->children)) {
			m = list_first_entry(&m->children, struct mount, sibling);
			continue;
		}
		above = m == top ? NULL : m->parent;
		if (m->parent)
			mount_detach(m);
		mount_put(m);
		m = above;
	}
}

/*
 * Copy top, and all that is mounted below it, onto `to`: 0 or errno, with some copied. Like
 * detach_tree() without recursion: the tree may be deeper than our stack.
 */
static int clone_tree(struct mount *top, struct mount *to)
{
	struct mount *m = top;

	for (;;) {
		struct path at = { to, m->point };
		struct mount *copy = clone_mount(m, m->root);
		int error;

		if (!copy)
			return -ENOMEM;
		error = mount_attach(copy, &at);
		if (error) {
			mount_put(copy);
			return error;
		}
		if (!list_empty(&m->children)) {
			m = list_first_entry(&m->children, struct mount, sibling);
			to = copy;
			continue;
		}
		while (m != top && m->sibling.next == &m->parent->children) {
			m = m->parent;
			to = to->parent;	/* `to` is always the copy of m's parent */
		}
		if (m == top)
			return 0;
		m = list_entry(m->sibling.next, struct mount, sibling);
	}
}

/* Copy what is mounted on `from` below root onto `to`; 0 or errno, with some copied. */
static int clone_children(struct mount *from, struct dentry *root, struct mount *to)
{
	struct mount *child;
	int error = 0;

	list_for_each_entry(child, &from->children, sibling) {
		if (!error && dentry_is_above(root, child->point))
			error = clone_tree(child, to);
	}
	return error;
}

/*
 * Without MS_REC what is mounted below the source is not seen: the copy shows the directories that
 * lie under those mounts. The copy is complete before it is attached, so nobody sees half of it.
 */
static int bind_mount(const struct path *at, const struct mount_args *a)
{
	struct path from;
	struct mount *m;
	int error;

	if (!a->source || !*a->source)
		return -EINVAL;
	error = path_lookup(AT_FDCWD, a->source, LOOKUP_FOLLOW, &from);
	if (error)
		return error;
	m = mount_is_attached(from.mount) ? clone_mount(from.mount, from.dentry) : ERR_PTR(-EINVAL);
	error = !m ? -ENOMEM : IS_ERR(m) ? PTR_ERR(m) : 0;
	if (!error && (a->flags & MS_REC))
		error = clone_children(from.mount, from.dentry, m);
	if (!error)
		error = attach_checked(m, at);
	if (error && m && !IS_ERR(m))
		detach_tree(m);
	path_put(&from);
	return error;
}

/* Whether m is, or is mounted somewhere below, top. */
static bool mount_is_below(struct mount *m, struct mount *top)
{
	for (; m; m = m->parent)
		if (m == top)
			return true;
	return false;
}

/*
 * Below itself it would be unreachable, a circle cut off from the tree (ELOOP). Between detaching
 * and attaching a walk finds what lies underneath.
 */
static int move_mount(const struct path *at, const struct mount_args *a)
{
	struct path from;
	int error;

	if (!a->source || !*a->source)
		return -EINVAL;
	error = path_lookup(AT_FDCWD, a->source, LOOKUP_FOLLOW, &from);
	if (error)
		return error;
	if (!is_mount_root(&from) || !from.mount->parent)
		error = -EINVAL;
	else if (mount_is_below(at->mount, from.mount))
		error = -ELOOP;
	else if (S_ISDIR(from.dentry->inode->mode) != S_ISDIR(at->dentry->inode->mode))
		error = -ENOTDIR;
	if (!error) {
		struct path old = { from.mount->parent, from.mount->point };

		path_get(&old);
		mount_detach(from.mount);
		error = mount_attach(from.mount, at);
		if (error)
			(void)mount_attach(from.mount, &old);
		path_put(&old);
	}
	path_put(&from);
	return error;
}

/* ---- changes ---- */

/* The flags a remount leaves the mount with; access-time flags stay unless one is named. */
static unsigned long remount_flags(const struct mount *m, unsigned long flags)
{
	unsigned long atime = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME;

	flags &= MOUNT_FLAGS;
	if (!(flags & atime))
		flags |= m->flags & atime;
	return flags;
}

/*
 * With MS_BIND only this mount changes, without it the file system, and so all its mounts
 * (mount(2)).
 */
static int remount(const struct path *at, const struct mount_args *a)
{
	struct mount *m = at->mount;
	int error;

	if (!is_mount_root(at))
		return -EINVAL;
	if (a->flags & MS_BIND)
		return mount_set_flags(m, remount_flags(m, a->flags));
	error = super_remount(m->super, a->flags, a->data);
	if (!error)
		WRITE_ONCE(m->flags, remount_flags(m, a->flags));
	return error;
}

/* systemd and unshare(1) make everything private or a slave first, which costs us nothing. */
static int change_propagation(const struct path *at, unsigned long flags)
{
	unsigned long kind = flags & PROPAGATION;

	if ((kind & (kind - 1)) || (flags & ~(PROPAGATION | MS_REC | MS_SILENT)) ||
	    !is_mount_root(at))
		return -EINVAL;
	return kind == MS_PRIVATE || kind == MS_SLAVE ? 0 : -EINVAL;
}

static int do_mount(const struct path *at, const struct mount_args *a)
{
	/* Looked up before we had the lock, or from a working directory in a detached one. */
	if (!mount_is_attached(at->mount))
		return -EINVAL;
	if (a->flags & MS_REMOUNT)
		return remount(at, a);
	if (a->flags & MS_BIND)
		return bind_mount(at, a);
	if (a->flags & PROPAGATION)
		return change_propagation(at, a->flags);
	if (a->flags & MS_MOVE)
		return move_mount(at, a);
	return new_mount(at, a);
}

/* A string of up to a page, or NULL; ERR_PTR on errors. mount(2) takes at most a page for each. */
static char *copy_string(const char __user *user)
{
	char *s;
	ssize_t n;

	if (!user)
		return NULL;
	s = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!s)
		return ERR_PTR(-ENOMEM);
	n = strncpy_from_user(s, user, PAGE_SIZE);
	if (n >= 0 && n < (ssize_t)PAGE_SIZE)
		return s;
	kfree(s);
	return ERR_PTR(n < 0 ? n : -EINVAL);
}

static void free_args(struct mount_args *a)
{
	char *strings[] = { a->source, a->type, a->data };

	for (int n = 0; n < 3; n++)
		if (!IS_ERR(strings[n]))
			kfree(strings[n]);
}

static int args_error(const struct mount_args *a)
{
	return IS_ERR(a->type) ? PTR_ERR(a->type) : IS_ERR(a->source) ? PTR_ERR(a->source) :
	       IS_ERR(a->data) ? PTR_ERR(a->data) : 0;
}

/* MS_MGC_VAL in the high half was demanded before Linux 2.4; programs still pass it. */
SYSCALL5(165, mount, const char __user *, source, const char __user *, target,
	 const char __user *, type, unsigned long, flags, const void __user *, data)
{
	struct mount_args a = { .flags = flags };
	struct path at;
	int error;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		a.flags &= ~MS_MGC_MSK;
	a.type = copy_string(type);
	a.source = copy_string(source);
	a.data = copy_string(data);
	error = args_error(&a);
	if (!error)
		error = path_lookup_user(AT_FDCWD, target, LOOKUP_FOLLOW, &at);
	if (!error) {
		error = -EPERM;
		if (capable(CAP_SYS_ADMIN)) {
			mutex_lock(&mount_lock);
			error = do_mount(&at, &a);
			mutex_unlock(&mount_lock);
		}
		path_put(&at);
	}
	free_args(&a);
	return error;
}

/* ---- umount ---- */

/*
 * The current root cannot go away: it becomes read-only instead. That is how a system shuts down
 * that has no other root to go to.
 */
static bool is_current_root(const struct mount *m)
{
	struct path root;
	bool is;

	fs_root(&root);
	is = root.mount == m;
	path_put(&root);
	return is;
}

/*
 * p's mount; the caller's reference and the tree's are all it may have. Open files, working
 * directories and mounts below hold further ones: EBUSY. MNT_DETACH does not care: the mount
 * leaves the tree now, and its file system goes with the last user.
 */
static int umount_locked(const struct path *p, int flags)
{
	struct mount *m = p->mount;

	if (!is_mount_root(p) || !m->parent)
		return -EINVAL;
	if (flags & MNT_DETACH) {
		detach_tree(m);
		return 0;
	}
	if (is_current_root(m))
		return super_remount(m->super, m->super->flags | MS_RDONLY, NULL);
	if (!mount_detach_unused(m))
		return -EBUSY;
	mount_put(m);
	return 0;
}

/* MNT_FORCE is for network file systems; there is none. */
SYSCALL2(166, umount2, const char __user *, target, int, flags)
{
	struct path p;
	int error;

	if (flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
		return -EINVAL;
	error = path_lookup_user(AT_FDCWD, target, flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &p);
	if (error)
		return error;
	error = -EPERM;
	if (capable(CAP_SYS_ADMIN)) {
		mutex_lock(&mount_lock);
		error = umount_locked(&p, flags);
		mutex_unlock(&mount_lock);
	}
	path_put(&p);
	return error;
}

/* ---- pivot_root ---- */

/* Whether p lies at or below top, following mount points upwards. */
static bool is_reachable(struct path p, const struct path *top)
{
	while (p.mount != top->mount && p.mount->parent)
		p = (struct path){ p.mount->parent, p.mount->point };
	return p.mount == top->mount && dentry_is_above(top->dentry, p.dentry);
}

/*
 * pivot_root(2): an initial ramdisk becomes a directory of the real root, and can then be
 * unmounted. The conditions are the man page's; all of them together make sure that both mounts
 * hang in the tree afterwards. Between the steps a walk may find neither, but relative paths and
 * open files go on.
 */
static int pivot(const struct path *root, const struct path *new, const struct path *old)
{
	struct path top;
	int error = -EINVAL;

	if (new->mount == root->mount || old->mount == root->mount)
		return -EBUSY;
	if (!is_mount_root(root) || !root->mount->parent || !is_mount_root(new) ||
	    !new->mount->parent || !is_reachable(*old, new) || !is_reachable(*new, root))
		return -EINVAL;
	top = (struct path){ root->mount->parent, root->mount->point };
	path_get(&top);
	mount_detach(new->mount);
	mount_detach(root->mount);
	error = mount_attach(root->mount, old);
	if (error)		/* `old` has been removed meanwhile */
		(void)mount_attach(root->mount, &top);
	else
		error = mount_attach(new->mount, &top);
	path_put(&top);
	if (!error)
		fs_replace_everywhere(root, new);
	return error;
}

SYSCALL2(155, pivot_root, const char __user *, new_root, const char __user *, put_old)
{
	struct path root, new, old;
	int error;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	error = path_lookup_user(AT_FDCWD, new_root, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &new);
	if (error)
		return error;
	error = path_lookup_user(AT_FDCWD, put_old, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &old);
	if (!error) {
		fs_root(&root);
		mutex_lock(&mount_lock);
		error = pivot(&root, &new, &old);
		mutex_unlock(&mount_lock);
		path_put(&root);
		path_put(&old);
	}
	path_put(&new);
	return error;
}
