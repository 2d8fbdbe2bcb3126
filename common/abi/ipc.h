/* System V IPC: sysvipc(7); x86-64 Linux numbers and layouts. */
#pragma once

#define IPC_CREAT	01000
#define IPC_EXCL	02000
#define IPC_NOWAIT	04000
#define IPC_PRIVATE	0

#define IPC_RMID	0
#define IPC_SET		1
#define IPC_STAT	2
#define IPC_INFO	3

struct ipc64_perm {
	int key;
	unsigned uid, gid, cuid, cgid, mode;
	unsigned short seq, pad_;
	unsigned long unused_[2];
};

_Static_assert(sizeof(struct ipc64_perm) == 48, "the ABI's struct ipc_perm");

#define SHM_RDONLY	010000
#define SHM_RND		020000
#define SHM_REMAP	040000
#define SHM_EXEC	0100000
#define SHM_LOCK	11
#define SHM_UNLOCK	12
#define SHM_STAT	13
#define SHM_INFO	14
#define SHM_STAT_ANY	15
#define SHM_DEST	01000	/* in shm_perm.mode: removed, but still attached */
#define SHMLBA		4096
#define SHMMAX		(1UL << 40)	/* bytes, of a segment and of all */

struct shmid64_ds {
	struct ipc64_perm shm_perm;
	unsigned long shm_segsz;
	long shm_atime, shm_dtime, shm_ctime;
	int shm_cpid, shm_lpid;
	unsigned long shm_nattch, unused_[2];
};

_Static_assert(sizeof(struct shmid64_ds) == 112, "the ABI's struct shmid_ds");

struct shminfo64 {		/* IPC_INFO */
	unsigned long shmmax, shmmin, shmmni, shmseg, shmall, unused_[4];
};

struct shm_info {		/* SHM_INFO; pages */
	int used_ids, pad_;
	unsigned long shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

#define SEM_UNDO	0x1000
#define GETPID		11
#define GETVAL		12
#define GETALL		13
#define GETNCNT		14
#define GETZCNT		15
#define SETVAL		16
#define SETALL		17
#define SEM_STAT	18
#define SEM_INFO	19
#define SEM_STAT_ANY	20
#define SEMVMX		32767
#define SEMMSL		32000
#define SEMOPM		500
#define SEMUSZ		20

struct sembuf {
	unsigned short sem_num;
	short sem_op, sem_flg;
};

struct semid64_ds {
	struct ipc64_perm sem_perm;
	long sem_otime, unused1_, sem_ctime, unused2_;
	unsigned long sem_nsems, unused_[2];
};

_Static_assert(sizeof(struct semid64_ds) == 104, "the ABI's struct semid_ds");

struct seminfo {		/* IPC_INFO, SEM_INFO */
	int semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem;
};

#define MSG_NOERROR	010000
#define MSG_EXCEPT	020000
#define MSG_COPY	040000
#define MSG_STAT	11
#define MSG_INFO	12
#define MSG_STAT_ANY	13
#define MSGMAX		8192
#define MSGMNB		16384
#define MSGSSZ		16
#define MSGSEG		0xffff

struct msqid64_ds {
	struct ipc64_perm msg_perm;
	long msg_stime, msg_rtime, msg_ctime;
	unsigned long msg_cbytes, msg_qnum, msg_qbytes;
	int msg_lspid, msg_lrpid;
	unsigned long unused_[2];
};

_Static_assert(sizeof(struct msqid64_ds) == 120, "the ABI's struct msqid_ds");

struct msginfo {		/* IPC_INFO, MSG_INFO */
	int msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
	unsigned short msgseg;
};
