/*
 * The initial ramdisk's /init for Debian's kernel, whose drivers for virtio disks and ext2 are
 * modules: loads them in the order of /modules/order, mounts the root disk and goes on with the
 * init that the command line names, with the same arguments. Trellis needs nothing of the kind.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "linux_init: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void load_modules(void)
{
	char name[256], path[300];
	FILE *order = fopen("/modules/order", "r");

	if (!order)
		die("/modules/order");
	while (fscanf(order, "%255s", name) == 1) {
		int fd;

		snprintf(path, sizeof(path), "/modules/%s", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
			die(path);
		close(fd);
	}
	fclose(order);
}

/* The value of the last `name=` in the command line, or the default. */
static const char *option(const char *name, const char *value)
{
	static char line[4096];
	FILE *f = fopen("/proc/cmdline", "r");
	char *word, *rest;

	if (!f || !fgets(line, sizeof(line), f))
		die("/proc/cmdline");
	fclose(f);
	for (word = strtok_r(line, " \n", &rest); word && strcmp(word, "--") != 0;
	     word = strtok_r(NULL, " \n", &rest))
		if (strncmp(word, name, strlen(name)) == 0)
			value = strdup(word + strlen(name));
	return value;
}

int main(int argc, char **argv)
{
	const char *root, *init;

	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mkdir("/root", 0755);
	if (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) < 0 && errno != EBUSY)
		die("/dev");
	if (mount("proc", "/proc", "proc", 0, NULL) < 0)
		die("/proc");
	load_modules();
	root = option("root=", "/dev/vda");
	init = option("init=", "/sbin/init");
	for (int i = 0; access(root, F_OK) < 0 && i < 500; i++)
		usleep(10000);
	if (mount(root, "/root", "ext2", 0, NULL) < 0)
		die(root);
	umount("/proc");
	umount2("/dev", MNT_DETACH);
	if (chdir("/root") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0)
		die("changing root");
	argv[0] = strdup(init);
	execv(init, argv);
	die(init);
	return argc;
}
