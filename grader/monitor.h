/*
 * The monitor of a running QEMU (QMP, docs/interop/qmp-spec in QEMU): why the machine stopped, and
 * what its CPUs do while it hangs. The connection is a socket that QEMU inherits.
 */
#pragma once

#include "util.h"

struct monitor {
	int fd;			/* -1: closed, or never opened */
	struct text in;		/* an incomplete line */
	char *shutdown; /* the reason of a SHUTDOWN event: "guest-reset", "guest-shutdown" */
	int commands;		/* sent so far; the number of one is its id */
	char *answer;		/* the last one's, until it is taken */
};

/* Takes over the socket. Nothing is waited for: what is at the other end may not be QEMU. */
void monitor_open(struct monitor *m, int fd);
/* Read what has arrived, without waiting. */
void monitor_take(struct monitor *m);
/*
 * The output of a command of the human monitor ("info registers -a"), for CPU number cpu; NULL if
 * none comes within two seconds, and then the connection is closed. The caller frees it.
 */
char *monitor_command(struct monitor *m, const char *command, int cpu);
/* Let QEMU end by itself. */
void monitor_quit(struct monitor *m);
void monitor_close(struct monitor *m);
