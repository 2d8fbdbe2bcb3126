#include "judging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct catalogue c;
struct exercises e;
struct options o = { .out = "/nonexistent", .smp = "1", .patience = 0.03, .no_build = true,
		     .kernel = "kernel.elf", .quiet = true };
static char work[] = "/tmp/grade-unit-XXXXXX";

void judging_setup(void)
{
	static struct exercise list[] = { { "1.1", "labs/01-memory/buddy.c", 1 } };
	struct text errors = { 0 };
	char *directory;

	memset(&c, 0, sizeof(c));
	e = (struct exercises){ .list = list, .count = 1, .reference = true };
	catalogue_scan(&c, "KTEST", "KTEST(fa, \"1.1\", 1, \"<first>\")\n"
		       "KTEST(fb, \"1.1\", 2, \"second\")\nKTEST(fc, \"1.1\", 4, \"third\")\n",
		       "f.c", 1, NULL, &errors);
	ck_assert_ptr_null(errors.s);
	strcpy(work + strlen(work) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(work));
	o.work = work;
	o.out = work;
	directory = xasprintf("%s/log", work);
	make_directories(directory);
	free(directory);
}

void judging_teardown(void)
{
	char *command = xasprintf("rm -rf %s", work);

	ck_assert_int_eq(system(command), 0);
	free(command);
}

struct view *judge(const char *mode)
{
	struct view *v = view_new(&o, &c, (struct view){
		.name = xstrdup("exercise 1.1 alone"), .lab = 1, .mode = "reference",
		.mine = "1.1", .alone = "1.1", .counts = true });

	o.qemu = xasprintf("sh grader/unit/fake-qemu.sh %s", mode);
	judge_views(&o, &c, &v, 1, NULL, NULL);
	free(o.qemu);
	return v;
}

char *output_of(void (*fn)(void *arg), void *arg)
{
	char *file = xasprintf("%s/output", work), *text;
	int out;

	fflush(stdout);
	out = dup(1);
	ck_assert_ptr_nonnull(freopen(file, "w", stdout));
	fn(arg);
	fflush(stdout);
	dup2(out, 1);
	close(out);
	text = read_file(file, NULL);
	free(file);
	return text;
}
