/*
 * fstat(2) of files without an inode: on Linux they all share one.
 *
 * That one has no file type (the type bits of st_mode are 0), so programs that ask for a regular
 * file, a pipe or a socket hear no. Its number is the same for all: (st_dev, st_ino) does not tell
 * two of these files apart.
 */
#include "06-posix/poll/anon.h"

#define ANON_INO	2	/* any would do; names in /proc/PID/fd are "anon_inode:[kind]" */

int anon_stat(struct file *f, struct stat *st)
{
	st->st_mode = S_IRUSR | S_IWUSR;
	st->st_nlink = 1;
	st->st_ino = ANON_INO;
	st->st_blksize = 4096;
	return 0;
}
