/*
 * The first process of a disk that has no init system: it prepares what programs expect to find,
 * gives a shell the console as its controlling terminal, and turns the machine off when the shell
 * ends, with every block on the disk.
 *
 * /dev/console never becomes a controlling terminal, so the terminal behind it is opened by its
 * own name, which is the last console= of /proc/cmdline. The shell leads a session of its own:
 * job control (^C, ^Z) needs that (POSIX, General Terminal Interface).
 *
 * With arguments (on the kernel command line, after "--") those are run instead of the shell. It is
 * a static program: common/image.mk builds it, and it runs on Linux just as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void complain(const char *what)
{
	fprintf(stderr, "trellis-init: %s: %s\n", what, strerror(errno));
}

static void mount_one(const char *type, const char *where, unsigned long flags, const char *data)
{
	mkdir(where, 0755);
	if (mount(type, where, type, flags, data) < 0 && errno != EBUSY)
		complain(where);
}

static void mount_all(void)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" }, { "fd/0", "/dev/stdin" },
		{ "fd/1", "/dev/stdout" }, { "fd/2", "/dev/stderr" },
	};

	mount_one("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_one("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_one("devtmpfs", "/dev", MS_NOSUID, "mode=0755");
	mount_one("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666");
	mount_one("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
	mount_one("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755");
	mount_one("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
	/* What udev makes elsewhere; some kernels have them already. */
	for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][0], links[i][1]) < 0 && errno != EEXIST)
			complain(links[i][1]);
}

static void set_hostname(void)
{
	char name[64];
	FILE *f = fopen("/etc/hostname", "r");

	if (f && fgets(name, sizeof(name), f)) {
		name[strcspn(name, "\n")] = '\0';
		if (sethostname(name, strlen(name)) < 0)
			complain("sethostname");
	}
	if (f)
		fclose(f);
}

/* The device of the last console= on the kernel command line: "/dev/ttyS0". */
static const char *console_device(void)
{
	static char device[64] = "/dev/ttyS0";
	char line[4096], *word;
	FILE *f = fopen("/proc/cmdline", "r");

	if (!f)
		return device;
	if (fgets(line, sizeof(line), f))
		for (word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
			if (strncmp(word, "console=", 8) == 0)
				snprintf(device, sizeof(device), "/dev/%.*s",
					 (int)strcspn(word + 8, ","), word + 8);
	fclose(f);
	return device;
}

/* In the child: a session of its own on the terminal, then the program. Does not return. */
static void run(char **argv)
{
	static char *shell[] = { "-bash", NULL };
	int fd;

	setsid();
	fd = open(console_device(), O_RDWR);
	if (fd >= 0) {
		if (ioctl(fd, TIOCSCTTY, 0) < 0)
			complain("TIOCSCTTY");
		for (int i = 0; i < 3; i++)
			dup2(fd, i);
		if (fd > 2)
			close(fd);
	} else {
		complain(console_device());
	}
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("SHELL", "/bin/bash", 1);
	setenv("TERM", "vt220", 0);
	setenv("LANG", "C.UTF-8", 1);
	if (chdir("/root") < 0 && chdir("/") < 0)
		complain("chdir");
	if (argv[0]) {
		execvp(argv[0], argv);
		complain(argv[0]);
	} else {
		execv("/bin/bash", shell);
		shell[0] = "-sh";
		execv("/bin/sh", shell);
		complain("/bin/sh");
	}
	_exit(127);
}

/* End every other process, write everything back, and turn the machine off. */
static void power_off(void)
{
	signal(SIGTERM, SIG_IGN);
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	usleep(100000);
	kill(-1, SIGKILL);
	while (wait(NULL) > 0)
		;
	sync();
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		complain("remounting / read-only");
	sync();
	reboot(RB_POWER_OFF);
	complain("reboot");
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	pid_t child, dead;
	int status = 0;

	if (getpid() != 1) {
		fprintf(stderr, "trellis-init: only the first process may be this\n");
		return 1;
	}
	umask(022);
	mount_all();
	set_hostname();
	child = fork();
	if (child < 0)
		complain("fork");
	if (child == 0)
		run(argv + 1);
	while (child > 0 && (dead = wait(&status)) != child)
		if (dead < 0 && errno != EINTR)
			break;
	if (argc > 1 && WIFEXITED(status))
		printf("trellis-init: exit status %d\n", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		printf("trellis-init: killed by signal %d\n", WTERMSIG(status));
	fflush(stdout);
	power_off();
}
