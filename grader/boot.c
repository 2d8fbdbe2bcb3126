/*
 * What a boot needs: the kernel (by make), an initial ramdisk with the test program and the files
 * it asks for, a fresh disk, and QEMU's command line. Paths are relative to the root, where the
 * grader runs.
 */
#include "judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- building ------------------------------------------------------------------------------ */

/* Compilers print absolute paths of the tree now and then: cut the directory off. */
static void add_line(struct text *t, const char *line, size_t n)
{
	char root[4096], *copy = xstrndup(line, n), *at;

	if (!getcwd(root, sizeof(root) - 1))
		*root = '\0';
	strcat(root, "/");
	while (root[1] && (at = strstr(copy, root)))
		memmove(at, at + strlen(root), strlen(at + strlen(root)) + 1);
	text_printf(t, "%s\n", copy);
	free(copy);
}

static bool is_error(const char *line, size_t n)
{
	static const char *const signs[] = {
		"error:", "undefined reference", "multiple definition", "ld: cannot", "Error:",
		"implicit declaration",
	};

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (memmem(line, n, signs[i], strlen(signs[i])))
			return true;
	return false;
}

/* The compiler's picture of an error: "   57 | 	return x", "      | 	       ^". */
static bool is_picture(const char *line, size_t n)
{
	size_t blanks = strspn(line, " 0123456789");

	return blanks && blanks < n && line[blanks] == '|';
}

#define MAX_ERRORS	3

char *first_errors(const char *text)
{
	struct text t = { 0 };
	int errors = 0, picture = 0;

	for (const char *line = text; *line; ) {
		size_t n = strcspn(line, "\n");

		if (is_error(line, n) && ++errors <= MAX_ERRORS) {
			add_line(&t, line, n);
			picture = 2;
		} else if (errors <= MAX_ERRORS && picture && is_picture(line, n)) {
			add_line(&t, line, n);
			picture--;
		} else {
			picture = 0;
		}
		line += n + (line[n] == '\n');
	}
	if (errors > MAX_ERRORS)
		text_printf(&t, "and %d more errors\n", errors - MAX_ERRORS);
	for (const char *line = text; !errors && *line; ) {	/* make itself: the first line */
		size_t n = strcspn(line, "\n");

		if (n)
			errors++, add_line(&t, line, n);
		line += n + (line[n] == '\n');
	}
	return t.s ? t.s : xstrdup("");
}

static char *errors_in(const char *log)
{
	char *text = read_file(log, NULL), *errors = first_errors(text ? text : "");

	free(text);
	return errors;
}

static char *run_make(const struct options *o, struct args *a, const char *log)
{
	char *message = NULL;

	args_printf(a, "O=%s", o->objects ? o->objects : o->out);
	args_printf(a, "M=%s", o->out);
	if (o->make_words)
		args_split(a, o->make_words);
	if (run_program(a->v, log) != 0)
		message = errors_in(log);
	args_free(a);
	return message;
}

/* The line of make's output that is a file: print-kernel's answer. */
static char *kernel_path(const char *log)
{
	char *text = read_file(log, NULL), *found = NULL;

	for (char *line = text; line && *line && !found;) {
		size_t n = strcspn(line, "\n");
		char *path = xstrndup(line, n);

		if (file_exists(path))
			found = path;
		else
			free(path);
		line += n + (line[n] == '\n');
	}
	free(text);
	return found;
}

char *build_kernel(const struct options *o, const struct view *v, char **kernel)
{
	struct args a = { 0 };
	char *log, *why, *slug, *message = NULL;

	if (o->no_build) {
		*kernel = xstrdup(o->kernel);
		return NULL;
	}
	slug = view_slug(v);
	log = xasprintf("%s/log/%s.build", o->work, slug);
	free(slug);
	for (const char *const *w = (const char *const[]){ "make", "-s", "--no-print-directory",
							   "TESTS=1", NULL }; *w; w++)
		args_add(&a, *w);
	args_printf(&a, "-j%d", o->jobs > 2 ? o->jobs : 2);
	args_printf(&a, "LAB=0%d", v->lab);
	args_printf(&a, "MODE=%s", v->mode);
	args_printf(&a, "MINE=%s", v->mine ? v->mine : "");
	args_printf(&a, "REF=%s", v->ref ? v->ref : "");
	args_add(&a, "kernel");
	args_add(&a, "print-kernel");
	why = run_make(o, &a, log);
	if (why)
		message = xasprintf("the kernel does not build\n%s", why);
	else
		*kernel = kernel_path(log);
	if (!message && !*kernel)
		message = xasprintf("make left no kernel; see %s", log);
	free(why);
	free(log);
	return message;
}

char *build_user_tests(const struct options *o, int lab)
{
	struct args a = { 0 };
	char *log, *message;

	if (o->objects)
		return NULL;
	log = xasprintf("%s/log/user-tests.log", o->work);

	args_split(&a, "make -s -k --no-print-directory -j2");
	if (lab)
		args_printf(&a, "LAB=0%d", lab);
	args_add(&a, lab ? "user-tests" : "user-tests-all");
	message = run_make(o, &a, log);
	free(log);
	return message;
}

/* WORK/DIRECTORY/SLUG.SUFFIX, a file of this job alone. */
static char *job_file(const struct job *j, const char *directory, const char *suffix)
{
	char *slug = job_slug(j);
	char *s = xasprintf("%s/%s/%s.%s", j->options->work, directory, slug, suffix);

	free(slug);
	return s;
}

/* ---- the initial ramdisk ------------------------------------------------------------------- */

static void add_command(struct args *a, struct text *script)
{
	args_add(a, "sh");
	args_add(a, "-ec");
	args_add(a, script->s);
	text_free(script);
}

/* Directory part of a path inside the ramdisk. */
static void script_mkdir(struct text *t, const char *path)
{
	text_printf(t, "mkdir -p \"$d$(dirname '%s')\"\n", path);
}

/* BUILD/ is where the kernel was built, with what its labs build for user mode. */
static void script_copy(struct text *t, const char *from, const char *to)
{
	if (strncmp(from, "BUILD/", 6) == 0)
		text_printf(t, "cp -rL \"$build/%s\" \"$d%s\"\n", from + 6, to);
	else
		text_printf(t, "cp -rL '%s' \"$d%s\"\n", from, to);
}

/* A newc archive of the test program, /bin/busybox and what the configuration lists. */
static char *make_initrd(struct job *j)
{
	const struct boot_config *b = j->config;
	struct text t = { 0 };
	struct args a = { 0 };
	char *path = job_file(j, "initrd", "cpio");
	char *log = xasprintf("%s.log", path), *message = NULL;

	text_printf(&t, "d=$(mktemp -d)\ntrap 'rm -rf \"$d\"' EXIT\nchmod 755 \"$d\"\n");
	text_printf(&t, "mkdir -p \"$d/t\" \"$d/bin\" \"$d/dev\" \"$d/proc\" \"$d/sys\" "
			"\"$d/tmp\" \"$d/mnt\" \"$d/etc\"\nchmod 1777 \"$d/tmp\"\n");
	text_printf(&t, "[ ! -e /bin/busybox ] || cp /bin/busybox \"$d/bin/busybox\"\n");
	text_printf(&t, "ln -s busybox \"$d/bin/sh\"\n");
	if (j->program)
		text_printf(&t, "cp '%s/grader/user/0%d/%s' \"$d/t/\"\n",
			    j->options->objects ? j->options->objects : j->options->out,
			    j->program->lab, j->program->name);
	if (strchr(j->kernel, '/'))
		text_printf(&t, "build='%.*s'\n", (int)(strrchr(j->kernel, '/') - j->kernel),
			    j->kernel);
	for (int i = 0; i + 1 < b->files.n; i += 2) {
		script_mkdir(&t, b->files.v[i]);
		script_copy(&t, b->files.v[i + 1], b->files.v[i]);
	}
	for (int i = 0; i + 1 < b->links.n; i += 2) {
		script_mkdir(&t, b->links.v[i]);
		text_printf(&t, "ln -sfn '%s' \"$d%s\"\n", b->links.v[i + 1], b->links.v[i]);
	}
	text_printf(
		&t,
		"(cd \"$d\" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) > '%s'\n",
		path);
	add_command(&a, &t);
	if (run_program(a.v, log) != 0)
		message = xasprintf("cannot make the ramdisk: %s", log);
	else
		unlink(log);
	args_free(&a);
	free(log);
	j->initrd = path;
	return message;
}

/* ---- the disk ------------------------------------------------------------------------------ */

static char *run_tool(const struct job *j, const char *command, const char *what)
{
	char *log = job_file(j, "log", what), *message = NULL;
	struct args a = { 0 };

	args_add(&a, "sh");
	args_add(&a, "-c");
	args_printf(&a, "PATH=$PATH:/sbin:/usr/sbin; %s", command);
	if (run_program(a.v, log) != 0) {
		char *text = read_file(log, NULL);

		message = xasprintf("%s: %.300s", what, text ? text : "failed");
		for (char *p = message; *p; p++)
			if (*p == '\n')
				*p = ' ';
		free(text);
	}
	args_free(&a);
	free(log);
	return message;
}

/* A fresh image: "16M -b 1024 -I 128" is a size and options for mke2fs. */
static char *make_disk(struct job *j)
{
	const char *disk = j->config->disk, *options = disk + strcspn(disk, " \t");
	char *path = job_file(j, "disk", "ext2");
	char *command = xasprintf("rm -f %s && mke2fs -q -t ext2 -F %s %s %.*s", path, options,
				  path, (int)(options - disk), disk);
	char *message = run_tool(j, command, "mke2fs");

	free(command);
	free(j->disk);
	j->disk = path;
	return message;
}

char *boot_prepare(struct job *j)
{
	bool initrd = (j->program && !j->program->flat) || (j->config && j->config->files.n);
	char *message = NULL;

	if (initrd && !j->initrd)
		message = make_initrd(j);
	if (!message && j->config && j->config->disk)
		message = make_disk(j);
	return message;
}

char *boot_check(struct job *j)
{
	char *command, *message, *full;

	if (!j->disk)
		return NULL;
	command = xasprintf("e2fsck -fn %s", j->disk);
	message = run_tool(j, command, "e2fsck");
	free(command);
	if (!message)
		return NULL;
	full = xasprintf("afterwards the file system on the disk is damaged; %s", message);
	free(message);
	return full;
}

static void discard(char **path)
{
	if (*path)
		unlink(*path);
	free(*path);
	*path = NULL;
}

void boot_clean(struct job *j)
{
	discard(&j->disk);
	discard(&j->initrd);
}

/* ---- QEMU ---------------------------------------------------------------------------------- */

static char *kernel_command_line(const struct job *j)
{
	struct text t = { 0 };

	text_printf(&t, "console=ttyS0 ktap=%s", j->nonce);
	if (j->config && j->config->asks.n)
		text_printf(&t, " ask=%s", j->ask);
	if (j->options->silent)
		text_printf(&t, " ktest_silent");
	if (j->config && j->config->append)
		text_printf(&t, " %s", j->config->append);
	if (!j->program) {
		text_printf(&t, " ktest=%s", j->select);
		if (j->after)
			text_printf(&t, " ktest_after=%s", j->after);
	} else {
		text_printf(&t, j->program->flat ? " init=%s -- %s" : " rdinit=/t/%s -- %s",
			    j->program->name, j->select);
		if (j->after)
			text_printf(&t, " %s", j->after);
	}
	return t.s;
}

struct args boot_command(const struct job *j)
{
	static const struct boot_config none;
	const struct boot_config *b = j->config ? j->config : &none;
	char *append = kernel_command_line(j);
	struct args a = { 0 };

	args_split(&a, j->options->qemu);
	args_split(&a, "-M q35 -display none -monitor none -no-reboot -nic none "
		       "-device isa-debug-exit,iobase=0xf4,iosize=0x04 "
		       "-serial file:%console -serial file:%ktap");
	args_printf(&a, "-cpu");
	args_add(&a, b->cpu ? b->cpu : "qemu64");
	args_add(&a, "-smp");
	args_add(&a, b->smp ? b->smp : j->options->smp);
	args_add(&a, "-m");
	args_add(&a, b->mem ? b->mem : "256M");
	if (j->disk) {
		args_add(&a, "-drive");
		args_printf(&a, "file=%s,format=raw,if=none,id=disk,cache=unsafe", j->disk);
		args_split(&a, "-device virtio-blk-pci,drive=disk");
	}
	if (b->qemu)
		args_split(&a, b->qemu);
	args_add(&a, "-kernel");
	args_add(&a, j->kernel);
	if (j->initrd) {
		args_add(&a, "-initrd");
		args_add(&a, j->initrd);
	}
	args_add(&a, "-append");
	args_add(&a, append);
	free(append);
	return a;
}
