/*
 * grade: boots a lab's stage and judges it. grader.mk calls it; README.md explains it.
 *
 * Modes (one of):
 *	--reference	one view: the build that MINE and REF name, by default the reference
 *	--student	each exercise alone (points), the lab, and integrated
 *	--blank		the skeleton: each exercise alone must earn nothing
 *	--host		the user tests on this machine's Linux
 *	--check		the tests' declarations: points, numbers
 *	--points	a Markdown table for the handout
 *	--gdb ID	start QEMU on one test and wait for a debugger at OUT/grader/gdb.sock
 *	--all		as --student, for all labs, in a table
 *	--csv DIR...	a class: a table of several result directories, with --course FILE
 *	--html FILE	one page with the results.json of all labs
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "course.h"
#include "feedback.h"
#include "grading.h"

/* ---- views --------------------------------------------------------------------------------- */

static int grade_reference(struct grading *g, struct report *r)
{
	const char *what = g->mine && *g->mine ? g->mine : g->variant;

	add_view(g, r, (struct view){ .name = xstrdup(what), .mode = g->variant, .mine = g->mine,
				      .ref = g->ref, .older = g->older, .counts = !g->older });
	judge_report(g, r, 0);
	print_summary(r, &g->e);
	return 0;
}

/*
 * The tests must find the blanks by themselves, without exercise_blank()'s help; that takes time
 * where a blank hangs, so less of it is given: a wrong suspicion does no harm here.
 */
#define BLANK_PATIENCE	0.2

/* The skeleton earns nothing: an exercise with points is a failure. */
static int grade_blank(struct grading *g)
{
	struct report r = { .lab = g->lab };
	int passed = 0, failed = 0;

	g->o.quiet = g->o.silent = true;
	g->o.patience *= BLANK_PATIENCE;
	add_alone(g, &r);
	judge_report(g, &r, 0);
	for (int i = 0; i < r.count; i++) {
		const struct view *v = r.views[i];

		for (int k = 0; k < v->count; k++)
			if (v->results[k].state == PASSED && v->results[k].test->points)
				printf("  FAIL blank exercise %s earns %d points by %s\n", v->alone,
				       v->results[k].test->points, v->results[k].test->id);
		if (view_points(v) || v->broken)
			failed++;
		else
			passed++;
	}
	printf("lab 0%d, blank: %d passed, %d failed\n", g->lab, passed, failed);
	return failed != 0;
}

/* A student waits for each test that hangs; the reference is tried on slow machines, too. */
#define STUDENT_PATIENCE	0.4

static int grade_host(struct grading *g, struct report *r)
{
	char *problem = build_user_tests(&g->o, g->lab), *user07;

	if (problem)
		die("the user tests do not build: %s", problem);
	user07 = xasprintf("%s/../07-dynlink/user", g->o.work);
	setenv("TRELLIS_USER07", user07, 1);
	free(user07);
	for (int i = 0; i < g->c.program_count; i++) {
		const struct program *p = g->c.programs[i];
		struct view *v;

		if (g->lab && p->lab != g->lab)
			continue;
		if (p->config.host_no) {
			printf("  skip %s: %s\n", p->source, p->config.host_no);
			continue;
		}
		v = view_new(&g->o, &g->c, (struct view){ .name = xstrdup("host"), .lab = p->lab,
							   .mode = "reference" });
		for (int k = 0; k < v->count; k++)	/* only this program's tests */
			if (v->results[k].test->program != p)
				v->results[k--] = v->results[--v->count];
		judge_on_host(&g->o, v, p);
		for (int k = 0; k < v->count; k++)
			print_result(&g->o, &g->e, v, &v->results[k]);
		report_add(r, v);
	}
	return 0;
}

static int check(struct grading *g)
{
	catalogue_check(&g->c, &g->e, &g->errors);
	for (int lab = 1; lab <= LABS; lab++)
		if (!catalogue_points(&g->c, lab, NULL))
			printf("note: lab 0%d has no tests yet\n", lab);
	if (g->errors.s)
		fputs(g->errors.s, stdout);
	printf("%d tests, %d exercises: %d passed, %d failed\n", g->c.count, g->e.count,
	       g->errors.s ? 0 : 1, g->errors.s ? 1 : 0);
	return g->errors.s != NULL;
}

static int html(const struct grading *g, const char *file)
{
	int labs;

	if (!file)
		die("which file? --html FILE");
	labs = write_html(g->o.work, file);
	if (labs)
		printf("%s: %d labs\n", file, labs);
	else
		printf("no lab has been graded yet: make grade-all\n");
	return labs == 0;
}

/* What is the student's in the debugged kernel: as in the view that --view names. */
static void debug_view(const struct grading *g, const struct test *t, struct view *v)
{
	bool several = strcmp(g->variant, "mine") != 0 || (g->mine && *g->mine);
	const char *view = g->view ? g->view : exercise_find(&g->e, t->exercise) ? "alone" :
			   "integrated";

	*v = (struct view){ .name = xstrdup("debug"), .lab = t->lab, .mode = g->variant,
			    .mine = g->mine, .ref = g->ref };
	if (several || strcmp(view, "integrated") == 0)
		return;
	v->mode = "reference";
	v->mine = strcmp(view, "lab") == 0 ? xasprintf("%d", t->lab) : xstrdup(t->exercise);
}

/* Replace this process by QEMU, stopped, on one test. */
static int debug(struct grading *g, const char *id)
{
	struct test *t = catalogue_find(&g->c, id);
	struct job j = { .options = &g->o, .select = id, .nonce = "debug" };
	struct view v;
	char *kernel = NULL, *problem;
	struct args a;

	if (!t)
		die("there is no test %s", id);
	debug_view(g, t, &v);
	j.view = &v;
	j.program = t->program;
	j.config = t->program ? &t->program->config : &g->c.kernel_config[t->lab];
	problem = build_kernel(&g->o, &v, &kernel);
	j.kernel = kernel;
	if (!problem)
		problem = boot_prepare(&j);
	if (problem)
		die("%s", problem);
	a = boot_command(&j);
	for (int i = 0; i < a.n; i++) {
		if (strcmp(a.v[i], "file:%console") == 0)
			a.v[i] = xstrdup("stdio");
		if (strcmp(a.v[i], "file:%ktap") == 0)
			a.v[i] = xasprintf("file:%s/debug.ktap", g->o.work);
	}
	args_split(&a, "-S -gdb");
	args_printf(&a, "chardev:gdb");
	args_add(&a, "-chardev");
	args_printf(&a, "socket,path=%s/gdb.sock,server=on,wait=off,id=gdb", g->o.work);
	printf("QEMU waits. In another terminal:\n  gdb -q -ix common/gdb/trellis.gdb "
	       "-ex 'trellis-connect %s/gdb.sock' ", g->o.work);
	if (t->program && !t->program->flat)
		printf("-ex 'trellis-user %s/user/0%d/%s' -ex 'hbreak ut_fn_%s' %s\n", g->o.work,
		       t->lab, t->program->name, id, kernel);
	else if (t->program)
		printf("-ex 'trellis-user %s/obj/flat/grader/user/0%d/%s.elf' -ex 'hbreak "
		       "ut_fn_%s' %s\n",
		       g->o.out, t->lab, t->program->name, id, kernel);
	else
		printf("-ex 'hbreak ktest_fn_%s' %s\n", id, kernel);
	fflush(stdout);
	execvp(a.v[0], a.v);
	die("%s: %s", a.v[0], strerror(errno));
}

/* ---- options ------------------------------------------------------------------------------- */

static const struct option longopts[] = {
	{ "reference", no_argument, NULL, REFERENCE },
	{ "student", no_argument, NULL, STUDENT },
	{ "blank", no_argument, NULL, BLANK },
	{ "host", no_argument, NULL, HOST },
	{ "check", no_argument, NULL, CHECK },
	{ "points", no_argument, NULL, POINTS },
	{ "gdb", no_argument, NULL, GDB },
	{ "all", no_argument, NULL, ALL },
	{ "csv", no_argument, NULL, CSV },
	{ "course", required_argument, NULL, 'C' },
	{ "html", no_argument, NULL, HTML },
	{ "lab", required_argument, NULL, 'l' },
	{ "smp", required_argument, NULL, 's' },
	{ "mine", required_argument, NULL, 'm' },
	{ "ref", required_argument, NULL, 'r' },
	{ "variant", required_argument, NULL, 'v' },
	{ "test", required_argument, NULL, 't' },
	{ "out", required_argument, NULL, 'o' },
	{ "objects", required_argument, NULL, 'B' },
	{ "make", required_argument, NULL, 'k' },
	{ "qemu", required_argument, NULL, 'Q' },
	{ "kernel", required_argument, NULL, 'K' },
	{ "patience", required_argument, NULL, 'p' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "view", required_argument, NULL, 'w' },
	{ "older", no_argument, NULL, 'O' },
	{ "quiet", no_argument, NULL, 'q' },
	{ 0 },
};

static void set_option(struct grading *g, int c)
{
	switch (c) {
	case 'l': g->lab = atoi(optarg); break;
	case 's': g->o.smp = optarg; break;
	case 'm': g->mine = optarg; break;
	case 'r': g->ref = optarg; break;
	case 'v': g->variant = optarg; break;
	case 't': g->o.only = *optarg ? optarg : NULL; break;
	case 'o': g->o.out = optarg; break;
	case 'C': course_load(&g->course, optarg); break;
	case 'B': g->o.objects = optarg; break;
	case 'k': g->o.make_words = optarg; break;
	case 'Q': g->o.qemu = optarg; break;
	case 'K': g->o.kernel = optarg; g->o.no_build = true; break;
	case 'p': g->o.patience = atof(optarg); break;
	case 'j': g->o.jobs = atoi(optarg); break;
	case 'w': g->view = *optarg ? optarg : NULL; break;
	case 'O': g->older = true; break;
	case 'q': g->o.quiet = true; break;
	case '?': exit(2);
	default: g->mode = (enum mode)c; break;
	}
}

/* Directories, and an environment in which make does not inherit what its caller was told. */
static void prepare(struct grading *g)
{
	char *directory;

	unsetenv("MAKEFLAGS");
	unsetenv("MAKEOVERRIDES");
	unsetenv("MFLAGS");
	unsetenv("MAKELEVEL");
	unsetenv("CMDLINE");
	g->o.root = xstrdup(".");
	g->o.work = xasprintf("%s/grader", g->o.out);
	for (const char *const *d = (const char *const[]){"log", "initrd", "disk", NULL}; *d; d++) {
		directory = xasprintf("%s/%s", g->o.work, *d);
		make_directories(directory);
		free(directory);
	}
	catalogue_load(&g->c, g->o.root, &g->errors);
	exercises_load(&g->e, g->o.root);
	if (g->lab < 0 || g->lab > LABS)
		die("labs are 1 to %d", LABS);
}

static void build_programs(const struct grading *g)
{
	char *problem = g->o.no_build ? NULL : build_user_tests(&g->o, g->lab);

	if (problem)
		printf("the user tests do not all build:\n%s\n", problem);
	free(problem);
}

static int grade(struct grading *g)
{
	struct report r = { .lab = g->lab };
	int passed, failed;
	char *directory;

	if (!g->lab && g->mode != HOST)
		die("which lab? --lab N");
	if (g->lab && !catalogue_points(&g->c, g->lab, NULL)) {
		printf("note: lab 0%d has no tests yet\n0 passed, 0 failed\n", g->lab);
		return 0;
	}
	if (g->mode == BLANK)
		return grade_blank(g);
	if (g->mode != HOST)
		build_programs(g);
	if (g->mode == STUDENT)
		grade_student(g, &r);
	else if (g->mode == HOST)
		grade_host(g, &r);
	else
		grade_reference(g, &r);
	/* Some tests only are no grade: make report goes on showing the last whole one. */
	directory = xasprintf("%s/0%d%s", g->o.work, g->lab,
			      g->mode == STUDENT && (g->o.only || g->view) ? "/part" : "");
	report_write(&r, &g->e, directory);
	report_count(&r, &passed, &failed);
	print_count(&r);
	return failed != 0;
}

int main(int argc, char *argv[])
{
	struct grading g = {
		.o = { .out = "build", .qemu = "qemu-system-x86_64", .smp = "2", .patience = 1 },
		.variant = "reference",
		.course = COURSE_NONE,
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1)
		set_option(&g, c);
	if (g.mode == CSV)
		return course_print_csv(&g.course, argv + optind, argc - optind) != 0;
	prepare(&g);
	if (g.mode == STUDENT || g.mode == ALL)
		g.o.hurry = true, g.o.patience *= STUDENT_PATIENCE;
	switch (g.mode) {
	case CHECK:
		return check(&g);
	case POINTS:
		print_points(&g.c, &g.e, g.lab);
		return 0;
	case GDB:
		return debug(&g, g.o.only ? g.o.only : "");
	case ALL:
		build_programs(&g);
		return grade_all(&g) != 0;
	case HTML:
		return html(&g, argv[optind]);
	case REFERENCE:
	case STUDENT:
	case BLANK:
	case HOST:
		return grade(&g);
	default:
		die("no mode; see the head of grader/main.c");
	}
}
