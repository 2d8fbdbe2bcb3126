/*
 * procfs: how the tables of proc.h become directories and files.
 *
 * Two kinds of inodes. What stands in the top level's tables is a tree of proc_nodes made once at
 * boot; its inodes are cached like any. What belongs to a process is made anew at each lookup and
 * forgotten when nobody uses it (INODE_NO_CACHE): such an inode holds a struct pid, so that its
 * number does not come to mean another process.
 *
 * Nothing of a process is kept by an open file of /proc but that struct pid: a process can end,
 * and is freed, while somebody has its directory open. Each call asks again whether there still is
 * one (proc_task_get()), and answers ESRCH if not, or ENOENT for names (proc(5)).
 *
 * Who may look: modes as everywhere; what shows addresses, memory or open files besides by the
 * rule of ptrace(2) (proc_may_inspect()), asked when opening and again when reading, since a
 * program may have become a set-user-id one in between.
 */
#pragma once

#include "02-usermode/process.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"
#include "05-vfs/proc.h"

/* A file, link or directory outside the processes' directories. */
/* Made at boot, never changed or freed: no lock. */
struct proc_node {
	const char *name;		/* name_len bytes of a table's entry */
	size_t name_len;
	const struct proc_entry *entry;	/* NULL: directory */
	struct proc_node *parent, *children, *next;
	u64 ino;
	u32 links;
};
extern struct proc_node proc_root_node;
struct proc_node *proc_node_find(const struct proc_node *dir, const char *name, size_t len);

/* Filled before the inode is unlocked, then constant. */
struct proc_inode {
	struct inode vfs;
	const struct proc_node *node;		/* of a static one */
	struct pid *pid; /* of a process's or thread's, referenced; else NULL */
	bool is_thread;				/* below task/TID */
	const struct proc_pid_entry *entry;	/* a file or link */
	const char *prefix;			/* a directory: its entries' names begin with the */
	size_t prefix_len;			/* first bytes of this */
	int fd;					/* in fd/ and fdinfo/ */
};

static inline struct proc_inode *proc_i(struct inode *i)
{
	return container_of(i, struct proc_inode, vfs);
}

/* A process and, of its threads, the one meant (the leader; NULL if that has ended). */
struct proc_task {
	struct process *process;
	struct thread *thread;
};
/* Whom i is about, with references: 0 or -ESRCH. proc_task_put() afterwards. */
int proc_task_get(struct proc_inode *i, struct proc_task *t);
void proc_task_put(struct proc_task *t);
/* inode_ops.setattr: nobody may change the mode of what belongs to a process: -EPERM. */
int proc_setattr(struct inode *i, const struct attr_change *a);
/* May the current thread look into p (ptrace(2), "access mode checking")? */
bool proc_may_inspect(const struct proc_task *t);

/* An inode for something of a process: NULL if memory is short. The pid gets a reference. */
struct inode *proc_pid_inode(struct super *s, struct pid *pid, bool is_thread, u32 mode);
/* The inode of /proc/NR, or NULL if there is no such process, or ERR_PTR. */
struct inode *proc_pid_lookup(struct super *s, const char *name, size_t len);
/* Whose directory /proc/PID this is, as long as f stays open; NULL if it is none. */
struct pid *proc_pid_of(const struct file *f);
/* A decimal number without leading zeroes, or -1. */
int proc_parse_number(const char *name, size_t len);
/* List the processes from position `first` on: part of the root's readdir. */
int proc_pid_readdir(struct dir_context *c, loff_t first);

/* Inode operations and file operations of each kind. */
extern const struct inode_ops proc_static_dir_ops, proc_root_ops, proc_file_inode_ops;
extern const struct inode_ops proc_static_link_ops, proc_pid_link_ops, proc_pid_dir_ops;
extern const struct inode_ops proc_task_dir_ops, proc_fd_dir_ops, proc_fdinfo_dir_ops;
extern const struct inode_ops proc_fd_link_ops, proc_pid_text_link_ops;
extern const struct file_ops proc_file_ops, proc_static_dir_file_ops, proc_pid_dir_file_ops;
extern const struct file_ops proc_task_dir_file_ops, proc_fd_dir_file_ops;

/* Where a file without a path of its own (a pipe, a terminal) can be opened again: 0 or errno. */
int file_unnamed_path(struct file *f, struct path *p);
