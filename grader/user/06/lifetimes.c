/*
 * Objects that several processes share, and that one of them gives up at the wrong moment; numbers
 * that are given out again; and what a program may make the kernel keep. No points.
 */
#include "posix.h"

#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/wait.h>

#define SEMAPHORES	1000

/* Semaphore sets until one has that identifier, which belonged to another: 0 if none gets it. */
static int set_with_id(int id)
{
	for (int i = 0; i < 70000; i++) {
		int now = semget(IPC_PRIVATE, SEMAPHORES, 0600);

		if (now == id)
			return 1;
		UT_ASSERT(now >= 0);
		UT_EQ(semctl(now, 0, IPC_RMID), 0);
	}
	return 0;
}

static void undo_of_a_removed_set(void)
{
	struct sembuf up = { 0, 1, SEM_UNDO };
	int id = semget(IPC_PRIVATE, 1, 0600);

	UT_ASSERT(id >= 0);
	UT_EQ(semop(id, &up, 1), 0);
	UT_EQ(semctl(id, 0, IPC_RMID), 0);
	if (!set_with_id(id))
		id = semget(IPC_PRIVATE, SEMAPHORES, 0600);
	UT_EQ(semctl(id, 0, SETVAL, 5), 0);
	UT_EQ(semctl(id, SEMAPHORES - 1, SETVAL, 5), 0);
	up.sem_num = SEMAPHORES - 1;
	UT_EQ(semop(id, &up, 1), 0);
	_exit(2);
}

UTEST(sem_undo_stale, "6.0", 0, "SEM_UNDO of a removed set does nothing to one that gets its number")
{
	struct semid_ds d;
	int status = in_child(undo_of_a_removed_set), id = -1;

	UT_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	for (int i = 0; i < 100 && id < 0; i++) {
		id = semctl(i, 0, SEM_STAT, &d);
		if (id >= 0 && d.sem_nsems != SEMAPHORES)
			id = -1;
	}
	UT_ASSERT(id >= 0);
	UT_EQ(semctl(id, 0, GETVAL), 5);
	UT_EQ(semctl(id, SEMAPHORES - 1, GETVAL), 5);
	UT_EQ(semctl(id, 0, IPC_RMID), 0);
}

UTEST_MAIN(sem_undo_stale)
