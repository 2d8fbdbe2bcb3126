/*
 * /proc/sys: the fixed limits of this lab's subsystems (proc(5), sysvipc(7), unix(7), epoll(7)).
 *
 * Read-only: each is the constant that the subsystem itself uses, so a file cannot say one thing
 * and the kernel do another. Limits that depend on memory are computed when the file is read.
 */
#include "common/abi/ipc.h"
#include "common/abi/socket.h"
#include "05-vfs/proc.h"
#include "06-posix/ipc/ipc.h"
#include "06-posix/net/unix.h"
#include "06-posix/pipe/pipe.h"
#include "06-posix/poll/poll.h"
#include "06-posix/tty/pty.h"

#define CONSTANT(ident, path, value)						\
	static int print_##ident(struct printer *p)				\
	{									\
		print(p, "%lu\n", (u64)(value));				\
		return 0;							\
	}									\
	PROC_ENTRY(sys_##ident, "sys/" path, 0444, print_##ident, NULL)

CONSTANT(max_user_watches, "fs/epoll/max_user_watches", epoll_max_watches());
CONSTANT(pipe_user_pages, "fs/pipe-user-pages-soft", PIPE_USER_PAGES);
CONSTANT(msgmax, "kernel/msgmax", MSGMAX);
CONSTANT(msgmnb, "kernel/msgmnb", MSGMNB);
CONSTANT(msgmni, "kernel/msgmni", IPC_MAX);
CONSTANT(shmmax, "kernel/shmmax", SHMMAX);
CONSTANT(shmall, "kernel/shmall", SHMMAX / PAGE_SIZE);
CONSTANT(shmmni, "kernel/shmmni", IPC_MAX);
CONSTANT(pty_max, "kernel/pty/max", PTY_MAX);
CONSTANT(somaxconn, "net/core/somaxconn", SOMAXCONN);
CONSTANT(wmem_default, "net/core/wmem_default", SOCKET_BUFFER);
CONSTANT(rmem_default, "net/core/rmem_default", SOCKET_BUFFER);
CONSTANT(wmem_max, "net/core/wmem_max", SOCKET_BUFFER);
CONSTANT(rmem_max, "net/core/rmem_max", SOCKET_BUFFER);
CONSTANT(max_dgram_qlen, "net/unix/max_dgram_qlen", UNIX_DGRAM_QUEUE_MAX);

static int print_sem(struct printer *p)
{
	print(p, "%d\t%d\t%d\t%d\n", SEMMSL, SEMMSL * IPC_MAX, SEMOPM, IPC_MAX);
	return 0;
}
PROC_ENTRY(sys_sem, "sys/kernel/sem", 0444, print_sem, NULL);

static int print_pty_nr(struct printer *p)
{
	struct pty *pty;
	int n = 0;

	for (int i = 0; (pty = pty_next(i)); n++) {
		i = pty->index + 1;
		tty_put(&pty->tty);
	}
	print(p, "%d\n", n);
	return 0;
}
PROC_ENTRY(sys_pty_nr, "sys/kernel/pty/nr", 0444, print_pty_nr, NULL);
