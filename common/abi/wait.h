/* Waiting for children: wait4(2), waitid(2); and how a status is put together. */
#pragma once

#define WNOHANG		1
#define WUNTRACED	2
#define WSTOPPED	2
#define WEXITED		4
#define WCONTINUED	8
#define WNOWAIT		0x01000000
#define __WNOTHREAD	0x20000000
#define __WALL		0x40000000
#define __WCLONE	0x80000000

#define P_ALL		0
#define P_PID		1
#define P_PGID		2
#define P_PIDFD		3

/*
 * A wait status: low 7 bits the signal that killed (0: exited), bit 7 core dumped, bits 8-15 exit
 * code.
 */
#define W_EXITCODE(code, sig)	(((code) & 0xff) << 8 | (sig))
#define W_STOPCODE(sig)		((sig) << 8 | 0x7f)
#define W_CONTINUED		0xffff
#define W_COREFLAG		0x80

/* si_code of SIGCHLD and of waitid(2). */
#define CLD_EXITED	1
#define CLD_KILLED	2
#define CLD_DUMPED	3
#define CLD_TRAPPED	4
#define CLD_STOPPED	5
#define CLD_CONTINUED	6
