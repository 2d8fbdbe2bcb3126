/*
 * What the linker has instead of a C library: system calls, memory, strings, locks, errors.
 */
#pragma once

#include "common/types.h"

#pragma GCC visibility push(hidden)

/* ---- sys.c: system calls; a result is a negative errno where it says so ---- */

int sys_open(const char *path);		/* for reading; or errno */
s64 sys_pread(int fd, void *buf, u64 n, u64 offset);
void sys_close(int fd);
int sys_identity(int fd, u64 *device, u64 *inode);	/* which file it is: 0 or errno */
s64 sys_mmap(u64 addr, u64 size, int prot, int flags, int fd, u64 offset);
void sys_munmap(u64 addr, u64 size);
int sys_mprotect(u64 addr, u64 size, int prot);
void sys_set_thread_pointer(void *tp);
s64 sys_readlink(const char *path, char *buf, u64 size);
void sys_write(const char *s);		/* to standard error */
void sys_exit(int status) __noreturn;
void sys_futex_wait(u32 *word, u32 value);
void sys_futex_wake_one(u32 *word);

/* ---- string.c ---- */

u64 str_len(const char *s);
bool str_equal(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
bool str_has(const char *s, char c);
void mem_copy(void *to, const void *from, u64 n);
void mem_zero(void *to, u64 n);
/* Zeroed memory, never given back; for small things. Without memory the process ends. */
void *allocate(u64 size);
/* A new string: the strings up to a NULL, one after the other. */
char *concat(const char *first, ...);
char *str_copy(const char *s, u64 n);	/* a new string of its first n bytes */

/* ---- lock.c: locks between threads of the program ---- */

/* 0: free; 1: held; 2: held, and somebody may wait ("Futexes Are Tricky", section 5). */
struct lock {
	u32 word;
	void *owner;		/* of a recursive lock: its thread */
	u32 depth;
};
void lock(struct lock *l);
void unlock(struct lock *l);
void lock_recursive(struct lock *l);	/* the thread that holds it may take it again */
void unlock_recursive(struct lock *l);

/* ---- error.c ---- */

void say(const char *first, ...);	/* strings up to a NULL, to standard error */
/*
 * Give up, with the strings up to a NULL as the reason. Inside catch() that goes on behind it;
 * else (the program is starting, or a lazy binding found nothing) the process ends with 127. Hold
 * no lock but the load lock.
 */
void fail(const char *first, ...) __noreturn;
/* Call fn(arg): NULL, or the message of the fail() that ended it. */
const char *catch(void (*fn)(void *), void *arg);
void exercise_blank(const char *id);

/* start.S: catch() and fail() in registers; *frame is the stack pointer to go back to. */
const char *catch_call(void (*fn)(void *), void *arg, void **frame);
void catch_jump(const char *message, void **frame) __noreturn;

#pragma GCC visibility pop
