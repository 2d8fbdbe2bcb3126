/*
 * fstat(2) of files without an inode: on Linux they all share one.
 */
#include "06-posix/poll/anon.h"

#define ANON_INO	2

int anon_stat(struct file *f, struct stat *st)
{
	st->st_mode = S_IRUSR | S_IWUSR;
	st->st_nlink = 1;
	st->st_ino = ANON_INO;
	st->st_blksize = 4096;
	return 0;
}
