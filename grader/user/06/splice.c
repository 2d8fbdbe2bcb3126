/*
 * Moving bytes without copying them through a program: splice(2), tee(2), vmsplice(2), sendfile(2),
 * copy_file_range(2).
 */
#include "posix.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define SIZE	20000		/* bytes; not a multiple of a page */

static char data[SIZE], back[SIZE + 1];

static void fill(void)
{
	for (int i = 0; i < SIZE; i++)
		data[i] = (char)(i * 7 + i / 251);
	memset(back, 0, sizeof(back));
}

/* A file with the data, open at its beginning. */
static int file_with_data(int flags)
{
	char name[] = "/tmp/splice-XXXXXX";
	int fd = UT_OK(mkostemp(name, flags));

	unlink(name);
	fill();
	UT_EQ(write(fd, data, SIZE), SIZE);
	UT_EQ(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void read_all(int fd, size_t n)
{
	for (size_t done = 0; done < n; ) {
		ssize_t part = read(fd, back + done, n - done);

		UT_ASSERT(part > 0);
		done += (size_t)part;
	}
}

UTEST(splice_file, "6.0", 0, "splice() goes from a file to a pipe and on to a file, with or without offsets")
{
	int from = file_with_data(0), to = file_with_data(0), p[2];
	loff_t at = 1000, out = 5;

	UT_EQ(pipe(p), 0);
	UT_EQ(splice(from, NULL, p[1], NULL, 3000, 0), 3000);
	UT_EQ(lseek(from, 0, SEEK_CUR), 3000);
	UT_EQ(splice(p[0], NULL, to, &out, SIZE, 0), 3000);
	UT_EQ(out, 3005);
	UT_EQ(lseek(to, 0, SEEK_CUR), 0);
	UT_EQ(pread(to, back, 3000, 5), 3000);
	UT_EQ(memcmp(back, data, 3000), 0);
	UT_EQ(splice(from, &at, p[1], NULL, 100, SPLICE_F_MOVE | SPLICE_F_MORE), 100);
	UT_EQ(at, 1100);
	UT_EQ(lseek(from, 0, SEEK_CUR), 3000);
	read_all(p[0], 100);
	UT_EQ(memcmp(back, data + 1000, 100), 0);
	at = SIZE;
	UT_EQ(splice(from, &at, p[1], NULL, 100, 0), 0);
	UT_EQ(splice(from, NULL, p[1], NULL, 0, 0), 0);
	close(p[1]);
	UT_EQ(splice(p[0], NULL, to, NULL, 100, 0), 0);
}

UTEST(splice_pipe, "6.0", 0, "splice() between pipes moves what is there, and SPLICE_F_NONBLOCK does not wait")
{
	int a[2], b[2];

	fill();
	UT_EQ(pipe(a), 0);
	UT_EQ(pipe(b), 0);
	UT_ERRNO(splice(a[0], NULL, b[1], NULL, 10, SPLICE_F_NONBLOCK), EAGAIN);
	UT_EQ(write(a[1], data, 6000), 6000);
	UT_EQ(splice(a[0], NULL, b[1], NULL, 5000, 0), 5000);
	read_all(b[0], 5000);
	UT_EQ(memcmp(back, data, 5000), 0);
	read_all(a[0], 1000);
	UT_EQ(memcmp(back, data + 5000, 1000), 0);
	close(a[1]);
	UT_EQ(splice(a[0], NULL, b[1], NULL, 10, 0), 0);
	close(b[0]);
	signal(SIGPIPE, SIG_IGN);
	UT_EQ(pipe(a), 0);
	UT_EQ(write(a[1], data, 10), 10);
	UT_ERRNO(splice(a[0], NULL, b[1], NULL, 10, 0), EPIPE);
}

UTEST(splice_errors, "6.0", 0, "splice() needs a pipe, the right directions, and no offset for one")
{
	int file = file_with_data(0), append = file_with_data(O_APPEND), p[2], q[2];
	loff_t at = 0;

	UT_EQ(pipe(p), 0);
	UT_EQ(pipe(q), 0);
	UT_EQ(write(p[1], data, 100), 100);
	UT_ERRNO(splice(file, NULL, append, NULL, 10, 0), EINVAL);
	UT_ERRNO(splice(p[0], &at, file, NULL, 10, 0), ESPIPE);
	UT_ERRNO(splice(file, NULL, p[1], &at, 10, 0), ESPIPE);
	UT_ERRNO(splice(p[1], NULL, file, NULL, 10, 0), EBADF);
	UT_ERRNO(splice(file, NULL, p[0], NULL, 10, 0), EBADF);
	UT_ERRNO(splice(-1, NULL, p[1], NULL, 10, 0), EBADF);
	UT_ERRNO(splice(p[0], NULL, append, NULL, 10, 0), EINVAL);
	UT_ERRNO(splice(file, NULL, p[1], NULL, 10, 0x80), EINVAL);
	UT_ERRNO(splice(file, (loff_t *)8, p[1], NULL, 10, 0), EFAULT);
	UT_ERRNO(splice(p[0], NULL, p[1], NULL, 10, 0), EINVAL);	/* the same pipe */
	UT_ERRNO(tee(p[0], p[1], 10, 0), EINVAL);
	UT_ERRNO(tee(file, q[1], 10, 0), EINVAL);
	UT_ERRNO(tee(q[1], p[1], 10, 0), EBADF);
	at = -1;
	UT_ERRNO(splice(file, &at, p[1], NULL, 10, 0), EINVAL);
}

UTEST(tee_copies, "6.0", 0, "tee() copies and leaves the bytes where they are")
{
	int a[2], b[2];

	fill();
	UT_EQ(pipe(a), 0);
	UT_EQ(pipe(b), 0);
	UT_ERRNO(tee(a[0], b[1], 10, SPLICE_F_NONBLOCK), EAGAIN);
	UT_EQ(write(a[1], data, 9000), 9000);
	UT_EQ(tee(a[0], b[1], 100000, 0), 9000);
	UT_EQ(tee(a[0], b[1], 50, 0), 50);
	read_all(b[0], 9000);
	UT_EQ(memcmp(back, data, 9000), 0);
	read_all(b[0], 50);
	UT_EQ(memcmp(back, data, 50), 0);
	read_all(a[0], 9000);
	UT_EQ(memcmp(back, data, 9000), 0);
	UT_EQ(tee(a[0], b[1], 0, 0), 0);
	close(a[1]);
	UT_EQ(tee(a[0], b[1], 10, 0), 0);
}

UTEST(tee_is_private, "6.0", 0, "what is written behind a copied page does not show in the copy")
{
	int a[2], b[2];

	fill();
	UT_EQ(pipe(a), 0);
	UT_EQ(pipe(b), 0);
	UT_EQ(write(a[1], data, 100), 100);
	UT_EQ(tee(a[0], b[1], 100, 0), 100);
	UT_EQ(write(a[1], data + 100, 100), 100);
	UT_EQ(write(b[1], data + 300, 100), 100);
	read_all(a[0], 200);
	UT_EQ(memcmp(back, data, 200), 0);
	read_all(b[0], 200);
	UT_EQ(memcmp(back, data, 100), 0);
	UT_EQ(memcmp(back + 100, data + 300, 100), 0);
}

UTEST(vmsplice_both, "6.0", 0, "vmsplice() puts a program's pages into a pipe, and takes bytes out of one")
{
	struct iovec parts[3] = { { data, 100 }, { data + 100, 0 }, { data + 100, 5000 } };
	struct iovec out[2] = { { back, 3000 }, { back + 3000, 2100 } };
	int p[2], file = file_with_data(0);

	UT_EQ(pipe(p), 0);
	UT_EQ(vmsplice(p[1], parts, 3, 0), 5100);
	UT_EQ(vmsplice(p[0], out, 2, 0), 5100);
	UT_EQ(memcmp(back, data, 5100), 0);
	UT_EQ(vmsplice(p[1], parts, 0, 0), 0);
	UT_ERRNO(vmsplice(file, parts, 1, 0), EBADF);
	UT_ERRNO(vmsplice(p[1], parts, 1, 0x80), EINVAL);
	UT_ERRNO(vmsplice(p[1], (struct iovec *)8, 1, 0), EFAULT);
	UT_ERRNO(vmsplice(p[1], parts, UIO_MAXIOV + 1, 0), EINVAL);
	parts[0].iov_base = (void *)8;
	UT_ERRNO(vmsplice(p[1], parts, 1, 0), EFAULT);
	UT_ERRNO(vmsplice(p[0], out, 1, SPLICE_F_NONBLOCK), EAGAIN);
}

UTEST(sendfile_moves, "6.0", 0, "sendfile() goes from a file to a pipe, a socket or a file")
{
	int from = file_with_data(0), to = file_with_data(0), append = file_with_data(O_APPEND), p[2], s[2];
	off_t at = 100;

	UT_EQ(pipe(p), 0);
	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	UT_EQ(sendfile(p[1], from, &at, 1000), 1000);
	UT_EQ(at, 1100);
	UT_EQ(lseek(from, 0, SEEK_CUR), 0);
	read_all(p[0], 1000);
	UT_EQ(memcmp(back, data + 100, 1000), 0);
	UT_EQ(sendfile(s[1], from, NULL, 500), 500);
	UT_EQ(lseek(from, 0, SEEK_CUR), 500);
	read_all(s[0], 500);
	UT_EQ(memcmp(back, data, 500), 0);
	UT_EQ(sendfile(to, from, NULL, SIZE), SIZE - 500);
	UT_EQ(lseek(to, 0, SEEK_CUR), SIZE - 500);
	UT_EQ(pread(to, back, SIZE - 500, 0), SIZE - 500);
	UT_EQ(memcmp(back, data + 500, SIZE - 500), 0);
	UT_EQ(sendfile(to, from, NULL, 10), 0);
	UT_ERRNO(sendfile(append, from, NULL, 10), EINVAL);
	UT_ERRNO(sendfile(to, p[0], NULL, 10), EINVAL);
	UT_ERRNO(sendfile(p[0], from, NULL, 10), EBADF);
	UT_ERRNO(sendfile(to, from, (off_t *)8, 10), EFAULT);
	at = -1;
	UT_ERRNO(sendfile(to, from, &at, 10), EINVAL);
	UT_ERRNO(sendfile(to, s[0], &at, 10), ESPIPE);
}

UTEST(splice_socket, "6.0", 0, "splice() reads and writes sockets")
{
	int p[2], s[2];

	fill();
	UT_EQ(pipe(p), 0);
	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	UT_EQ(write(p[1], data, 4000), 4000);
	UT_EQ(splice(p[0], NULL, s[0], NULL, 4000, 0), 4000);
	UT_EQ(splice(s[1], NULL, p[1], NULL, 10000, 0), 4000);
	read_all(p[0], 4000);
	UT_EQ(memcmp(back, data, 4000), 0);
	UT_ERRNO(splice(s[1], NULL, p[1], NULL, 10, SPLICE_F_NONBLOCK), EAGAIN);
}

UTEST(copy_range, "6.0", 0, "copy_file_range() copies within and between files, but not onto itself")
{
	int from = file_with_data(0), to = file_with_data(0), append = file_with_data(O_APPEND), p[2];
	loff_t in = 500, out = 30000;

	UT_EQ(pipe(p), 0);
	UT_EQ(copy_file_range(from, &in, to, &out, 1000, 0), 1000);
	UT_EQ(in, 1500);
	UT_EQ(out, 31000);
	UT_EQ(lseek(to, 0, SEEK_END), 31000);
	UT_EQ(pread(to, back, 1000, 30000), 1000);
	UT_EQ(memcmp(back, data + 500, 1000), 0);
	in = 0, out = 10000;
	UT_EQ(copy_file_range(from, &in, from, &out, 10000, 0), 10000);
	in = 0, out = 5;
	UT_ERRNO(copy_file_range(from, &in, from, &out, 10, 0), EINVAL);
	UT_ERRNO(copy_file_range(from, NULL, to, NULL, 10, 1), EINVAL);
	UT_ERRNO(copy_file_range(from, NULL, append, NULL, 10, 0), EBADF);
	UT_ERRNO(copy_file_range(p[0], NULL, to, NULL, 10, 0), EINVAL);
	UT_ERRNO(copy_file_range(from, NULL, p[1], NULL, 10, 0), EINVAL);
	in = SIZE + 10;
	UT_EQ(copy_file_range(from, &in, to, NULL, 10, 0), 0);
}

UTEST_MAIN(splice_file, splice_pipe, splice_errors, tee_copies, tee_is_private, vmsplice_both, sendfile_moves,
	   splice_socket, copy_range)
