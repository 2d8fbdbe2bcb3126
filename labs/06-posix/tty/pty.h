/*
 * Pseudo-terminals: pty(7), pts(4).
 *
 * The master side is a file made by opening /dev/ptmx: what is written to it is typed on the slave,
 * what the slave prints is read from it. The slave is an ordinary struct tty, found as /dev/pts/N.
 * The pair lives as long as either has a file open.
 */
#pragma once

#include "common/list.h"
#include "06-posix/tty/tty.h"

/* Major number 136, as on Linux (Documentation/admin-guide/devices.txt). */
#define PTY_MAJOR	136
/* The default of /proc/sys/kernel/pty/max (pty(7)). */
#define PTY_MAX		4096
#define PTY_OUT_SIZE	8192
#define DEVPTS_INO_FIRST	16

struct inode;

struct pty {
	struct tty tty;			/* the slave; its lock protects: */
	int index;
	bool locked;			/* until TIOCSPTLCK: the slave cannot be opened */
	bool master_open, slave_seen;	/* slave_seen: it has been open at least once */
	bool packet;
	unsigned packet_events;		/* TIOCPKT_ bits to report */
	u32 head, tail;			/* of out, free-running */
	u8 *out;			/* what the slave has printed */
	struct wait_queue master_readable, master_writable;
	struct list_head link;		/* all, pty_lock */
	u64 ino;			/* of its node on devpts; never reused */
	unsigned uid, gid, mode;	/* of that node; first who opened the master */
};

extern const struct file_ops ptmx_ops;
/* Open a new pair: file gets the master. */
int ptmx_open(struct inode *i, struct file *f);
/* Open slave number `index`: 0, -ENXIO, -EIO (locked or master closed). */
int pts_open(int index, struct file *f);
/* A new file of the slave, by its path if devpts is mounted; or ERR_PTR. */
struct file *pts_file(struct pty *p, int flags);
/* Mode and group that new slaves get: mount options of devpts. */
void devpts_defaults(unsigned *gid, unsigned *mode);
/* The pair with that number, or the first above; with a tty reference, or NULL. */
struct pty *pty_find(int index);
struct pty *pty_next(int index);
