/*
 * procfs: the files that programs read, in the formats they expect.
 */
#include "vfs_test.h"
#include <ctype.h>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static void need_proc(void)
{
	mkdir("/proc", 0555);
	if (!exists("/proc/self"))
		UT_OK(mount("proc", "/proc", "proc", 0, NULL));
}

/* A whole file as a string. */
static char *slurp(const char *path)
{
	static char buf[65536];
	int fd = UT_OK(open(path, O_RDONLY));
	ssize_t n, len = 0;

	while ((n = read(fd, buf + len, 1000)) > 0)
		len += n;
	UT_ASSERT(n == 0);
	buf[len] = '\0';
	close(fd);
	return buf;
}

UTEST(proc_self, "5.0", 0, "/proc/self is this process: stat, status, cmdline, comm, exe, cwd")
{
	char text[PATH_MAX], comm[32], state, *s;
	int pid, ppid;
	ssize_t n;

	need_proc();
	n = UT_OK(readlink("/proc/self", text, sizeof(text) - 1));
	text[n] = '\0';
	UT_EQ(atoi(text), getpid());
	s = slurp("/proc/self/stat");
	UT_EQ(sscanf(s, "%d (%31[^)]) %c %d", &pid, comm, &state, &ppid), 4);
	UT_ASSERT(pid == getpid() && ppid == getppid() && state == 'R');
	s = slurp("/proc/self/status");
	UT_ASSERT(strstr(s, "Name:\t") == s && strstr(s, "\nUid:\t0\t0\t0\t0\n") &&
		  strstr(s, "\nVmRSS:"));
	UT_ASSERT(strstr(s, "\nThreads:\t1\n"));
	UT_ASSERT(slurp("/proc/self/cmdline")[0] != '\0');
	UT_ASSERT(strlen(slurp("/proc/self/comm")) > 1);
	n = UT_OK(readlink("/proc/self/exe", text, sizeof(text) - 1));
	text[n] = '\0';
	UT_ASSERT(text[0] == '/' && access(text, X_OK) == 0);
	in_new_directory();
	UT_ASSERT(getcwd(comm, sizeof(comm)) != NULL);
	n = UT_OK(readlink("/proc/self/cwd", text, sizeof(text) - 1));
	text[n] = '\0';
	UT_STREQ(text, comm);
	UT_ERRNO(open("/proc/self/none", O_RDONLY), ENOENT);
	UT_ERRNO(open("/proc/99999999", O_RDONLY), ENOENT);
	UT_ERRNO(mkdir("/proc/x", 0755), ENOENT);
}

UTEST(proc_maps, "5.0", 0, "/proc/self/maps lists areas in order, with their names")
{
	unsigned long start, end, last = 0;
	char perms[8], *line;
	bool heap = false, stack = false, exe = false;

	need_proc();
	UT_ASSERT(sbrk(8192) != (void *)-1);
	for (line = strtok(slurp("/proc/self/maps"), "\n"); line; line = strtok(NULL, "\n")) {
		UT_EQ(sscanf(line, "%lx-%lx %4s", &start, &end, perms), 3);
		UT_ASSERT(start >= last && end > start && strlen(perms) == 4);
		last = end;
		heap |= !!strstr(line, "[heap]");
		stack |= !!strstr(line, "[stack]");
		exe |= strchr(line, '/') && perms[2] == 'x';
	}
	UT_ASSERT(heap && stack && exe);
}

UTEST(proc_fd, "5.0", 0, "/proc/self/fd leads to what is open, deleted or not")
{
	char path[64], text[PATH_MAX];
	int fd, again, count = 0;
	struct dirent *d;
	ssize_t n;
	DIR *dir;

	need_proc();
	in_new_directory();
	make_file("f", "contents");
	fd = UT_OK(open("f", O_RDONLY));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = UT_OK(readlink(path, text, sizeof(text) - 1));
	text[n] = '\0';
	UT_STREQ(strrchr(text, '/'), "/f");
	UT_STREQ(text_of(path), "contents");
	UT_OK(unlink("f"));
	n = UT_OK(readlink(path, text, sizeof(text) - 1));
	text[n] = '\0';
	UT_STREQ(strrchr(text, '/'), "/f (deleted)");
	again = UT_OK(open(path, O_RDWR));
	UT_EQ(write(again, "C", 1), 1);
	UT_EQ(pread(fd, text, 8, 0), 8);
	UT_ASSERT(!memcmp(text, "Contents", 8));
	dir = opendir("/proc/self/fd");
	UT_ASSERT(dir != NULL);
	while ((d = readdir(dir)))
		count += atoi(d->d_name) == fd || atoi(d->d_name) == again;
	UT_EQ(count, 2);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", again);
	UT_ASSERT(strstr(slurp(path), "pos:\t1\nflags:\t0"));
	close(again);
	UT_ERRNO(open(path, O_RDONLY), ENOENT);
}

UTEST(proc_children, "5.0", 0, "a process is listed while it lives, a zombie too, and gone once waited for")
{
	char path[32], *s;
	int pid, status, fd;

	need_proc();
	pid = UT_OK(fork());
	if (pid == 0)
		_exit(0);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		usleep(1000);
		s = strrchr(slurp(path), ')');
	} while (s && s[2] != 'Z');
	UT_EQ(slurp("/proc/self/stat") != NULL, 1);
	fd = UT_OK(open(path, O_RDONLY));
	UT_EQ(waitpid(pid, &status, 0), pid);
	UT_ERRNO(open(path, O_RDONLY), ENOENT);
	UT_ERRNO(read(fd, path, 8), ESRCH);
}

UTEST(proc_machine, "5.0", 0, "meminfo, stat, uptime, loadavg, version and sys have the form that tools read")
{
	unsigned long total, free;
	double a, b, c;
	int run, all;
	char *s;

	need_proc();
	s = slurp("/proc/meminfo");
	UT_EQ(sscanf(s, "MemTotal: %lu kB MemFree: %lu kB", &total, &free), 2);
	UT_ASSERT(total > free && free > 0 && strstr(s, "\nMemAvailable:") &&
		  strstr(s, "\nCached:"));
	UT_EQ(sscanf(slurp("/proc/uptime"), "%lf %lf", &a, &b), 2);
	UT_EQ(sscanf(slurp("/proc/loadavg"), "%lf %lf %lf %d/%d", &a, &b, &c, &run, &all), 5);
	UT_ASSERT(strstr(slurp("/proc/version"), "Linux version ") != NULL);
	s = slurp("/proc/stat");
	UT_ASSERT(!strncmp(s, "cpu  ", 5) && strstr(s, "\ncpu0 ") && strstr(s, "\nbtime "));
	UT_ASSERT(strstr(slurp("/proc/filesystems"), "nodev\ttmpfs\n") != NULL);
	UT_ASSERT(strstr(slurp("/proc/mounts"), " /proc proc ") != NULL);
	UT_ASSERT(strstr(slurp("/proc/self/mountinfo"), " - proc ") != NULL);
	UT_EQ(strlen(slurp("/proc/sys/kernel/random/uuid")), 37);
	UT_ASSERT(atoi(slurp("/proc/sys/kernel/pid_max")) >= 32768);
	UT_ASSERT(strlen(slurp("/proc/sys/kernel/osrelease")) > 3);
	UT_ASSERT(strstr(slurp("/proc/cpuinfo"), "processor\t: 0\n") != NULL);
}

/* The number behind `name` in a file of /proc. */
static unsigned long counter(const char *path, const char *name)
{
	char *s = strstr(slurp(path), name);

	UT_MSG(s != NULL, "%s has no %s", path, name);
	return strtoul(s + strlen(name), NULL, 10);
}

struct cpu_line {
	unsigned long user, nice, system, idle;
};

static struct cpu_line cpu_line(void)
{
	struct cpu_line l = { 0 };

	UT_EQ(sscanf(slurp("/proc/stat"), "cpu %lu %lu %lu %lu", &l.user, &l.nice, &l.system, &l.idle),
	      4);
	return l;
}

static void spin_ms(long ms)
{
	struct timespec a, b;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	while ((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < ms);
}

UTEST(proc_counts, "5.0", 0, "what stat, vmstat and status count moves with what is done")
{
	struct cpu_line before, after;
	unsigned long clones, interrupts, faults;
	char *p;
	int pid, status;

	need_proc();
	before = cpu_line();
	clones = counter("/proc/stat", "\nprocesses ");
	interrupts = counter("/proc/stat", "\nintr ");
	spin_ms(200);
	pid = UT_OK(fork());
	if (pid == 0) {
		UT_OK(nice(5));
		spin_ms(200);
		_exit(0);
	}
	UT_EQ(waitpid(pid, &status, 0), pid);
	usleep(50000);
	after = cpu_line();
	/* in hundredths of a second; the kernel has its part of what a process uses */
	UT_MSG(after.user + after.system - before.user - before.system >= 10, "user %lu to %lu",
	       before.user, after.user);
	UT_MSG(after.nice + after.system - before.nice - before.system >= 10, "nice %lu to %lu",
	       before.nice, after.nice);
	UT_ASSERT(after.user >= before.user && after.nice >= before.nice &&
		  after.system >= before.system && after.idle >= before.idle);
	UT_ASSERT(counter("/proc/stat", "\nprocesses ") > clones);
	UT_ASSERT(counter("/proc/stat", "\nintr ") > interrupts);

	faults = counter("/proc/vmstat", "\npgfault ");
	p = mmap(NULL, 200 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	UT_ASSERT(p != MAP_FAILED);
	madvise(p, 200 * 4096, MADV_NOHUGEPAGE);
	for (int i = 0; i < 200; i++)
		p[i * 4096] = 1;
	UT_ASSERT(counter("/proc/vmstat", "\npgfault ") >= faults + 200);

	UT_EQ(counter("/proc/self/status", "\nFDSize:\t") % 64, 0);
	UT_OK(dup2(0, 700));
	UT_ASSERT(counter("/proc/self/status", "\nFDSize:\t") > 700);
	UT_ASSERT(counter("/proc/self/status", "\nVmPTE:\t") >= 4 * 4);
}

UTEST(proc_private, "5.0", 0, "what is in another user's process is not for everybody")
{
	char path[64], text[64];
	int pid, status;

	need_proc();
	pid = UT_OK(fork());
	if (pid == 0) {
		snprintf(path, sizeof(path), "/proc/%d/environ", getppid());
		UT_OK(open(path, O_RDONLY));
		become_nobody();
		UT_ERRNO(open(path, O_RDONLY), EACCES);
		snprintf(path, sizeof(path), "/proc/%d/exe", getppid());
		UT_ERRNO(readlink(path, text, sizeof(text)), EACCES);
		snprintf(path, sizeof(path), "/proc/%d/fd", getppid());
		UT_ERRNO(open(path, O_RDONLY), EACCES);
		snprintf(path, sizeof(path), "/proc/%d/stat", getppid());
		UT_OK(open(path, O_RDONLY));
		_exit(0);
	}
	UT_OK(waitpid(pid, &status, 0));
	UT_EQ(status, 0);
}

UTEST(text_busy, "5.0", 0, "a program that runs cannot be written to, and one being written cannot be run")
{
	char *const argv[] = { "copy", NULL };
	int in, out;
	ssize_t n;
	char buf[4096];

	need_proc();
	UT_OK(open("/proc/self/exe", O_RDONLY));
	UT_ERRNO(open("/proc/self/exe", O_RDWR), ETXTBSY);
	UT_ERRNO(open("/proc/self/exe", O_RDONLY | O_TRUNC), ETXTBSY);
	UT_ERRNO(truncate("/proc/self/exe", 0), ETXTBSY);
	in_new_directory();
	in = UT_OK(open("/proc/self/exe", O_RDONLY));
	out = UT_OK(open("copy", O_WRONLY | O_CREAT, 0755));
	while ((n = read(in, buf, sizeof(buf))) > 0)
		UT_EQ(write(out, buf, n), n);
	UT_ERRNO(execv("copy", argv), ETXTBSY);
	UT_OK(close(out));
	UT_OK(chmod("copy", 0644));
	UT_ERRNO(execv("copy", argv), EACCES);
}

UTEST(proc_reopen, "5.0", 0, "an unnamed file gets a name by way of /proc/self/fd")
{
	char path[64];
	struct stat st;
	int fd;

	need_proc();
	in_new_directory();
	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	if (fd < 0 && errno == EOPNOTSUPP)
		return;
	UT_EQ(write(fd, "named", 5), 5);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	UT_OK(linkat(AT_FDCWD, path, AT_FDCWD, "name", AT_SYMLINK_FOLLOW));
	UT_STREQ(text_of("name"), "named");
	UT_OK(fstat(fd, &st));
	UT_EQ(st.st_nlink, 1);
	UT_OK(unlink("name"));		/* and only once: it is like any deleted file now */
	UT_ERRNO(linkat(AT_FDCWD, path, AT_FDCWD, "name", AT_SYMLINK_FOLLOW), ENOENT);
	fd = UT_OK(open(".", O_TMPFILE | O_EXCL | O_RDWR, 0600));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	UT_ERRNO(linkat(AT_FDCWD, path, AT_FDCWD, "other", AT_SYMLINK_FOLLOW), ENOENT);
}

UTEST(proc_other_mount, "5.0", 0, "a walk that must stay on its mount does not follow a magic link away from it")
{
	struct {
		unsigned long flags, mode, resolve;
	} how = { O_RDONLY, 0, 0 };
	char name[16];
	int dir;

	need_proc();
	in_new_directory();
	make_file("f", "x");
	dir = UT_OK(open("/proc/self/fd", O_RDONLY));
	snprintf(name, sizeof(name), "%ld", UT_OK(open("f", O_RDONLY)));
	UT_OK(syscall(SYS_openat2, dir, name, &how, sizeof(how)));
	how.resolve = 1;		/* RESOLVE_NO_XDEV */
	UT_ERRNO(syscall(SYS_openat2, dir, name, &how, sizeof(how)), EXDEV);
}

UTEST(proc_names_once, "5.0", 0, "no name stands twice in /proc, and all can be looked up")
{
	static char names[300][256];
	struct dirent *e;
	struct stat st;
	int count = 0;
	DIR *d;

	need_proc();
	UT_OK(chdir("/proc"));
	d = opendir(".");
	UT_ASSERT(d != NULL);
	while (count < 300 && (e = readdir(d)) != NULL) {
		if (isdigit((unsigned char)e->d_name[0]))
			continue;		/* a process may have ended meanwhile */
		UT_OK(lstat(e->d_name, &st));
		for (int i = 0; i < count; i++)
			UT_ASSERT(strcmp(names[i], e->d_name) != 0);
		strcpy(names[count++], e->d_name);
	}
	closedir(d);
	UT_ASSERT(count > 10);
}

/* Whether cpuinfo, which never changes, reads as it should, time and again from its start. */
static int same_text(int fd, const char *want, size_t len)
{
	static char buf[65536];

	for (int i = 0; i < 10; i++)
		if (pread(fd, buf, sizeof(buf), 0) != (ssize_t)len || memcmp(buf, want, len))
			return 0;
	return 1;
}

UTEST(proc_read_together, "5.0", 0, "two processes that read one open file of /proc at once both get its text")
{
	size_t len;
	char *want;

	need_proc();
	want = strdup(slurp("/proc/cpuinfo"));
	len = strlen(want);
	for (int i = 0; i < 200; i++) {
		int fd = UT_OK(open("/proc/cpuinfo", O_RDONLY)), status;
		pid_t pid = UT_OK(fork());

		if (pid == 0)
			_exit(same_text(fd, want, len) ? 0 : 1);
		UT_ASSERT(same_text(fd, want, len));
		UT_EQ(waitpid(pid, &status, 0), pid);
		UT_EQ(status, 0);
		close(fd);
	}
}

UTEST_MAIN(proc_self, proc_maps, proc_fd, proc_children, proc_machine, proc_counts, proc_private,
	   text_busy, proc_reopen, proc_other_mount, proc_names_once, proc_read_together)
