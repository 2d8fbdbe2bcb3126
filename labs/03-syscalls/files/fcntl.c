/*
 * The calls about descriptors themselves: dup(2) and its kin, close(2), close_range(2), fcntl(2).
 * What they do to the table is in fd.c.
 *
 * Two kinds of flags must be kept apart (fcntl(2)). The descriptor flag FD_CLOEXEC stands in the
 * table: each duplicate has its own. The status flags (O_APPEND, O_NONBLOCK) stand in struct file
 * and are seen through all duplicates, also in other processes: a child that sets O_NONBLOCK on its
 * inherited standard input sets it for the shell.
 */
#include "03-syscalls/files/table.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "common/abi/resource.h"

#define SIGNAL_MAX	64

/* The number is free again whatever the result (close(2), "Dealing with error returns"). */
SYSCALL1(3, close, int, fd)
{
	return fd_close(fd);
}

SYSCALL1(32, dup, int, fd)
{
	return fd_dup(fd, 0, false);
}

/* Onto itself dup2 only checks, and leaves close-on-exec alone; dup3 refuses (dup(2)). */
SYSCALL2(33, dup2, int, fd, int, to)
{
	struct file *f;

	if (fd != to)
		return fd_dup_to(fd, to, false);
	f = fd_get_path(fd);
	if (!f)
		return -EBADF;
	file_put(f);
	return to;
}

SYSCALL3(292, dup3, int, fd, int, to, int, flags)
{
	if (flags & ~O_CLOEXEC || fd == to)
		return -EINVAL;
	return fd_dup_to(fd, to, flags & O_CLOEXEC);
}

/*
 * Reserved descriptors too: whoever calls CLOSE_RANGE_CLOEXEC before exec wants nothing to slip
 * through.
 */
static void range_cloexec(unsigned first, unsigned last)
{
	struct fd_table *t = fd_table_current();

	spin_lock(&t->lock);
	for (unsigned fd = first; fd <= last && fd < t->size; fd++)
		if (t->open[fd / 64] & BIT(fd % 64))
			t->cloexec[fd / 64] |= BIT(fd % 64);
	spin_unlock(&t->lock);
}

SYSCALL3(436, close_range, unsigned, first, unsigned, last, unsigned, flags)
{
	int error;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		error = fd_table_unshare();
		if (error)
			return error;
	}
	if (flags & CLOSE_RANGE_CLOEXEC) {
		range_cloexec(first, last);
		return 0;
	}
	/*
	 * Programs pass ~0U for "all the rest": the table's size ends the loop. Numbers not in use
	 * are no error.
	 */
	for (unsigned fd = first; fd <= last && fd < READ_ONCE(fd_table_current()->size); fd++)
		fd_close(fd);
	return 0;
}

/* The caller has found a file at fd, so fd lies within the table, which does not shrink. */
static long get_cloexec(int fd)
{
	struct fd_table *t = fd_table_current();
	long value;

	spin_lock(&t->lock);
	value = t->cloexec[fd / 64] & BIT(fd % 64) ? FD_CLOEXEC : 0;
	spin_unlock(&t->lock);
	return value;
}

int fd_set_cloexec(int fd, bool on)
{
	struct fd_table *t = fd_table_current();

	spin_lock(&t->lock);
	if (t->open[fd / 64] & BIT(fd % 64)) {
		t->cloexec[fd / 64] &= ~BIT(fd % 64);
		if (on)
			t->cloexec[fd / 64] |= BIT(fd % 64);
	}
	spin_unlock(&t->lock);
	return 0;
}

/*
 * f is shared, and flags has no lock: another F_SETFL may come in between, and then all is done
 * again.
 */
long file_set_flags(struct file *f, unsigned mask, unsigned flags)
{
	unsigned old, new;
	int error;

	do {
		old = READ_ONCE(f->flags);
		new = (old & ~mask) | (flags & mask);
		if (new == old)
			return 0;
		if (f->ops->set_flags) {
			error = f->ops->set_flags(f, new);
			if (error)
				return error;
		}
	} while (!atomic_cmpxchg(&f->flags, old, new));
	return 0;
}

/*
 * Who is to get SIGIO: a process (a thread, if so said), or as a negative number a process group;
 * it must exist. The number is kept for F_GETOWN only: no file of this kernel sends the signal.
 */
static long set_owner(struct file *f, s64 owner, bool is_thread)
{
	s32 who = (s32)owner;
	struct pid *p = NULL;

	if (who == INT32_MIN)
		return -EINVAL;
	if (who) {
		p = pid_find(who < 0 ? -who : who);
		if (!p)
			return -ESRCH;
		pid_put(p);
	}
	spin_lock(&f->lock);
	f->owner = who;
	f->owner_is_thread = is_thread;
	spin_unlock(&f->lock);
	return 0;
}

/* The C library asks and sets in this form, which does not mix up groups with errors. */
static long set_owner_ex(struct file *f, const struct f_owner_ex __user *user)
{
	struct f_owner_ex o;

	if (copy_from_user(&o, user, sizeof(o)))
		return -EFAULT;
	if (o.type != F_OWNER_TID && o.type != F_OWNER_PID && o.type != F_OWNER_PGRP)
		return -EINVAL;
	if (o.pid < 0)
		return -ESRCH;
	return set_owner(f, o.type == F_OWNER_PGRP ? -o.pid : o.pid, o.type == F_OWNER_TID);
}

static long get_owner_ex(struct file *f, struct f_owner_ex __user *user)
{
	struct f_owner_ex o = { .type = F_OWNER_PID };

	spin_lock(&f->lock);
	o.pid = f->owner < 0 ? -f->owner : f->owner;
	if (f->owner < 0)
		o.type = F_OWNER_PGRP;
	else if (f->owner_is_thread)
		o.type = F_OWNER_TID;
	spin_unlock(&f->lock);
	return copy_to_user(user, &o, sizeof(o)) ? -EFAULT : 0;
}

/* Commands of other modules. */
static long fcntl_extension(struct file *f, int cmd, u64 arg)
{
	const struct fcntl_command *c;

	linkset_for_each(fcntl_commands, const struct fcntl_command, c)
		if (c->cmd == cmd)
			return c->fn(f, cmd, arg);
	return -EINVAL;
}

static long duplicate(int fd, u64 min, bool cloexec)
{
	if (min >= rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	return fd_dup(fd, min, cloexec);
}

static long fcntl_file(struct file *f, int fd, int cmd, u64 arg)
{
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return duplicate(fd, (unsigned)arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return get_cloexec(fd);
	case F_SETFD:
		return fd_set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return f->flags;
	}
	/*
	 * An O_PATH file is only a place: whatever would use the open file itself is refused
	 * (open(2), O_PATH).
	 */
	if (f->flags & O_PATH)
		return -EBADF;
	switch (cmd) {
	case F_SETFL:
		return file_set_flags(f, O_SETFL_FLAGS, arg);
	case F_GETOWN:
		return f->owner;
	case F_SETOWN:
		return set_owner(f, (s64)arg, false);
	case F_GETOWN_EX:
		return get_owner_ex(f, (void __user *)arg);
	case F_SETOWN_EX:
		return set_owner_ex(f, (const void __user *)arg);
	case F_GETSIG:
		return f->owner_signal;
	case F_SETSIG:
		if (arg > SIGNAL_MAX)
			return -EINVAL;
		f->owner_signal = arg;
		return 0;
	default:
		return fcntl_extension(f, cmd, arg);
	}
}

SYSCALL3(72, fcntl, int, fd, int, cmd, unsigned long, arg)
{
	struct file *f = fd_get_path(fd);
	long result;

	if (!f)
		return -EBADF;
	result = fcntl_file(f, fd, cmd, arg);
	file_put(f);
	return result;
}
