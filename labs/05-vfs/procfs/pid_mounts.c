/*
 * procfs: /proc/PID/mounts, mountinfo and mountstats: the mounts that can be reached from the
 * process's root, with paths as it sees them.
 *
 * A mount is found again after dcache_lock was dropped by its number, so that texts may sleep.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/procfs/procfs.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/path_name.h"

/* The attached mount with the smallest number above `after`, referenced. */
struct mount_search {
	int after;
	struct mount *found;
};

/* dcache_lock held: nothing may be freed here, so a reference is dropped by counting alone. */
static void consider(struct mount *m, void *arg)
{
	struct mount_search *s = arg;

	if (m->id > s->after && (!s->found || m->id < s->found->id)) {
		if (s->found)
			atomic_dec(&s->found->refs.n);	/* attached: not the last */
		mount_get(m);
		s->found = m;
	}
}

static struct mount *next_mount(int after)
{
	struct mount_search s = { .after = after };

	mount_for_each(consider, &s);
	return s.found;
}

typedef void (*show_fn)(struct mount *m, const char *where, struct printer *out);

/*
 * Mounts that the process cannot reach, below another root or covered from above, are left out.
 * Numbers grow, so those made meanwhile come last.
 */
static int for_each_mount(struct thread *t, struct printer *out, show_fn show)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	struct path root = { NULL, NULL };
	struct mount *m;
	int id = 0;

	if (!buf)
		return -ENOMEM;
	if (t)
		thread_fs_path(t, true, &root);
	while (root.mount && (m = next_mount(id))) {
		struct path p = { m, m->root };
		bool reached;
		char *s = path_name_from(&p, &root, buf, PATH_MAX, &reached);

		id = m->id;
		if (!IS_ERR(s) && reached)
			show(m, s, out);
		mount_put(m);
	}
	path_put(&root);
	kfree(buf);
	return 0;
}

/* ---- options ---- */

/* mounts shows one word for both, mountinfo the mount's and the file system's apart. */
static void print_mount_options(const struct mount *m, bool with_super, struct printer *out)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} names[] = {
		{ MS_NOSUID, ",nosuid" }, { MS_NODEV, ",nodev" }, { MS_NOEXEC, ",noexec" },
		{ MS_NOATIME, ",noatime" }, { MS_NODIRATIME, ",nodiratime" },
		{ MS_NOSYMFOLLOW, ",nosymfollow" },
	};
	unsigned long ro = m->flags | (with_super ? m->super->flags : 0);

	print(out, "%s", ro & MS_RDONLY ? "ro" : "rw");
	for (unsigned n = 0; n < ARRAY_SIZE(names); n++)
		if (m->flags & names[n].flag)
			print(out, "%s", names[n].name);
	if (!(m->flags & (MS_NOATIME | MS_STRICTATIME)))
		print(out, ",relatime");
}

static void print_super_options(struct super *s, struct printer *out)
{
	if (s->flags & MS_SYNCHRONOUS)
		print(out, ",sync");
	if (s->ops->show_options)
		s->ops->show_options(s, out);
}

/* Fields are separated by spaces: paths with such characters come as \040 (getmntent(3)). */
#define ESCAPED	" \t\n\\#"

static void show_mount(struct mount *m, const char *where, struct printer *out)
{
	print_escaped(out, m->source, ESCAPED);
	print_char(out, ' ');
	print_escaped(out, where, ESCAPED);
	print(out, " %s ", m->super->type->name);
	print_mount_options(m, true, out);
	print_super_options(m->super, out);
	print(out, " 0 0\n");
}

static void show_mountinfo(struct mount *m, const char *where, struct printer *out)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *root;

	root = buf ? dentry_name(m->root, buf, PATH_MAX) : ERR_PTR(-ENOMEM);
	print(out, "%d %d %u:%u ", m->id, m->parent ? m->parent->id : m->id, MAJOR(m->super->dev),
	      MINOR(m->super->dev));
	print_escaped(out, IS_ERR(root) ? "/" : root, ESCAPED);
	print_char(out, ' ');
	print_escaped(out, where, ESCAPED);
	print_char(out, ' ');
	print_mount_options(m, false, out);
	print(out, " - %s ", m->super->type->name);
	print_escaped(out, m->source, ESCAPED);
	print(out, " %s", m->super->flags & MS_RDONLY ? "ro" : "rw");
	print_super_options(m->super, out);
	print_char(out, '\n');
	kfree(buf);
}

static void show_mountstats(struct mount *m, const char *where, struct printer *out)
{
	print(out, "device ");
	print_escaped(out, m->source, ESCAPED);
	print(out, " mounted on ");
	print_escaped(out, where, ESCAPED);
	print(out, " with fstype %s\n", m->super->type->name);
}

static int print_mounts(struct process *p, struct thread *t, struct printer *out)
{
	return for_each_mount(t, out, show_mount);
}
PROC_PID_ENTRY(mounts, "mounts", 0444, print_mounts);

static int print_mountinfo(struct process *p, struct thread *t, struct printer *out)
{
	return for_each_mount(t, out, show_mountinfo);
}
PROC_PID_ENTRY(mountinfo, "mountinfo", 0444, print_mountinfo);

static int print_mountstats(struct process *p, struct thread *t, struct printer *out)
{
	return for_each_mount(t, out, show_mountstats);
}
PROC_PID_ENTRY(mountstats, "mountstats", 0400, print_mountstats);
