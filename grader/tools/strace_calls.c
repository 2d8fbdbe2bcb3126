/*
 * A program whose calls strace.sh looks for in what strace=1 prints, and in what strace prints on
 * Linux. Some of them do not exist before a later lab. As process 1 it powers the machine off.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fork_and_wait(void)
{
	int status;
	pid_t child = syscall(SYS_fork);

	if (child == 0)
		_exit(3);
	wait4(child, &status, 0, NULL);
}

static void use_pipe(void)
{
	char buf[64];
	int fd[2];

	if (pipe2(fd, O_CLOEXEC))
		return;
	if (write(fd[1], "a\tb\"c\n\001", 7) == 7)
		read(fd[0], buf, sizeof(buf));
	close(fd[0]);
	close(fd[1]);
}

int main(int argc, char **argv)
{
	static const char text[] = "written to a console, or where output goes\n";
	struct iovec parts[2] = { { "two ", 4 }, { "parts\n", 6 } };
	struct timespec ms = { 0, 1000000 };
	char *again[] = { argv[0], "again", NULL }, *nothing[] = { NULL };

	if (argc < 2)
		execve("/proc/self/exe", again, nothing);
	if (argc < 2)
		execve("/init", again, nothing);
	write(1, text, sizeof(text) - 1);
	writev(1, parts, 2);
	write(77, "x", 1);
	close(-1);
	mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	syscall(SYS_mprotect, 0x1000, 4096, PROT_NONE);
	nanosleep(&ms, NULL);
	fork_and_wait();
	syscall(SYS_open, "/nowhere/at all", O_RDONLY);
	openat(AT_FDCWD, "/tmp/new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY);
	access("/nowhere", R_OK | X_OK);
	lseek(77, 5, SEEK_END);
	syscall(SYS_mkdir, "/tmp/new", 0700);
	use_pipe();
	kill(getpid(), SIGCONT);
	syscall(SYS_unlinkat, AT_FDCWD, "/tmp/new", 0);
	syscall(499, 1, 2, 3);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	exit(0);
}
