/*
 * Running the tests of one view.
 *
 * All tests of a kind run in one boot. When a boot dies, the test that was running takes the
 * blame, and the tests behind it are run in a new boot; so one crash costs one test. A boot
 * whose stream or exit status contradicts itself is void with all its results.
 */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "run.h"

#define TEST_TIMEOUT	30.0
#define BOOT_TIMEOUT	30.0
#define TOTAL_TIMEOUT	300.0
#define CONSOLE_LIMIT	(8U << 20)
#define BLANK_MESSAGE	"is still blank"	/* run_verdict()'s and the kernel's */

/* ---- views --------------------------------------------------------------------------------- */

static bool selected(const struct options *o, const struct view *v, const struct test *t)
{
	if (t->lab != v->lab && !(v->older && t->lab < v->lab && !t->program))
		return false;
	if (v->only && !list_match(v->only, t->id) && !list_match(v->only, t->exercise))
		return false;
	return !o->only || list_match(o->only, t->id) || list_match(o->only, t->exercise);
}

/* By exercise, then as they stand in the catalogue. */
static int by_exercise(const void *a, const void *b)
{
	const struct test *x = ((const struct result *)a)->test;
	const struct test *y = ((const struct result *)b)->test;
	int order = strverscmp(x->exercise, y->exercise);

	return order ? order : (x > y) - (x < y);
}

struct view *view_new(const struct options *o, struct catalogue *c, struct view init)
{
	struct view *v = xrealloc(NULL, sizeof(*v));

	*v = init;
	v->results = xrealloc(NULL, (size_t)c->count * sizeof(*v->results));
	for (int i = 0; i < c->count; i++)
		if (selected(o, v, &c->tests[i]))
			v->results[v->count++] = (struct result){ .test = &c->tests[i] };
	qsort(v->results, (size_t)v->count, sizeof(*v->results), by_exercise);
	return v;
}

int view_points(const struct view *v)
{
	int sum = 0;

	for (int i = 0; i < v->count; i++)
		if (v->results[i].state == PASSED)
			sum += v->results[i].test->points;
	return sum;
}

int view_max_points(const struct view *v)
{
	int sum = 0;

	for (int i = 0; i < v->count; i++)
		sum += v->results[i].test->points;
	return sum;
}

int view_failed(const struct view *v)
{
	int n = 0;

	for (int i = 0; i < v->count; i++)
		n += v->results[i].state != PASSED;
	return n;
}

/* ---- one job ------------------------------------------------------------------------------- */

/* What the events of a running boot refer to. */
struct boot {
	struct job *job;
	struct view *view;
	const struct exercises *exercises;
	double since;		/* start of the running test */
	bool any_failed;
	bool unknown;		/* a test reported that this job does not have */
	struct args passed;	/* in this boot */
};

static struct result *find_result(struct view *v, const struct program *p, const char *id)
{
	for (int i = 0; i < v->count; i++)
		if (v->results[i].test->program == p && strcmp(v->results[i].test->id, id) == 0)
			return &v->results[i];
	return NULL;
}

static void set_result(struct result *r, enum state state, const char *message)
{
	free(r->message);
	r->state = state;
	r->message = message ? xstrdup(message) : NULL;
}

static void on_event(void *arg, const char *id, const char *result, const char *message)
{
	struct boot *b = arg;
	struct result *r = find_result(b->view, b->job->program, id);

	if (result && strcmp(result, "ok") != 0)
		b->any_failed = true;
	if (!r) {
		b->unknown = true;
		return;
	}
	if (!result) {
		b->since = now();
		return;
	}
	r->seconds = now() - b->since;
	set_result(r, *result == 'o' ? PASSED : FAILED, message ? message : "");
	args_add(&b->passed, id);
}

/* Fail every test of the job that has no result; with `all` also those that have one. */
static void fail_rest(struct job *j, struct view *v, const char *message, bool all)
{
	for (int i = 0; i < v->count; i++) {
		struct result *r = &v->results[i];

		if (r->test->program == j->program && (all || r->state == NOT_RUN))
			set_result(r, FAILED, message);
	}
}

static void fail_all(struct view *v, const char *message)
{
	for (int i = 0; i < v->count; i++)
		set_result(&v->results[i], FAILED, message);
}

static int open_results(const struct job *j, const struct view *v)
{
	int n = 0;

	for (int i = 0; i < v->count; i++)
		n += v->results[i].test->program == j->program && v->results[i].state == NOT_RUN;
	return n;
}

static void fresh_nonce(char nonce[17])
{
	unsigned long long x;

	if (getrandom(&x, sizeof(x), 0) != sizeof(x))
		die("getrandom failed");
	snprintf(nonce, 17, "%016llx", x);
}

/* A file name out of a view's name. */
static char *log_name(const struct job *j, const struct view *v, int boot)
{
	char *s = xasprintf("%s/log/0%d-%s-%s-smp%s-%d.console", j->options->work, v->lab, v->name,
			    j->program ? j->program->name : "kernel", j->options->smp, boot);

	for (char *p = s + strlen(j->options->work) + 5; *p; p++)
		if (*p == ' ' || *p == '/')
			*p = '-';
	return s;
}

/*
 * Blame for a boot that went wrong: the running test, or all that have no result if none could
 * run. True if another boot should go on behind *after.
 */
static bool assign_blame(struct boot *b, struct stream *s, const struct run *r,
			 const char *verdict, char **after)
{
	struct job *j = b->job;
	struct view *v = b->view;
	struct result *guilty = s->running ? find_result(v, j->program, s->running) : NULL;
	bool contradiction = r->end == RUN_PROTOCOL || b->unknown ||
			     (r->end == RUN_EXITED && stream_complete(s));

	if (r->end == RUN_BLANK || contradiction) {
		fail_rest(j, v, verdict, true);
		return false;
	}
	if (!guilty && !s->finished) {
		fail_rest(j, v, verdict, false);
		return false;
	}
	free(*after);
	if (guilty) {
		set_result(guilty, FAILED, verdict);
		guilty->seconds = now() - b->since;
		*after = xstrdup(s->running);
	} else {
		*after = xstrdup(s->done.v[s->done.n - 1]);
	}
	return open_results(j, v) > 0;
}

/* One boot. True if another one should go on behind *after. */
static bool one_boot(struct job *j, struct view *v, int number, char **after)
{
	struct boot_config none = { 0 };
	const struct boot_config *config = j->config ? j->config : &none;
	double patience = j->options->patience;
	char nonce[17], *log, *verdict, *unclean, *problem = boot_prepare(j);
	struct boot b = { .job = j, .view = v, .since = now() };
	struct stream s;
	struct run r = {
		.boot_timeout = BOOT_TIMEOUT * patience,
		.test_timeout = (config->timeout ? config->timeout : TEST_TIMEOUT) * patience,
		.total_timeout = TOTAL_TIMEOUT * patience,
		.console_limit = CONSOLE_LIMIT,
		.stop_at_blank = v->alone,
		.stream = &s,
	};
	bool again = false;

	if (problem) {
		fail_rest(j, v, problem, false);
		free(problem);
		return false;
	}
	fresh_nonce(nonce);
	j->nonce = nonce;
	j->after = *after;
	stream_init(&s, nonce, on_event, &b);
	r.argv = boot_command(j);
	r.console_file = log = log_name(j, v, number);
	run(&r);
	verdict = run_verdict(&r, b.any_failed);
	if (!verdict && b.unknown)
		verdict = xstrdup("a test reported that does not belong here");
	unclean = verdict ? NULL : boot_finish(j);
	if (unclean)
		fail_rest(j, v, unclean, true);
	if (verdict) {
		char *full = xasprintf("%s; console: %s", verdict, log);

		again = assign_blame(&b, &s, &r, r.end == RUN_BLANK ? verdict : full, after);
		free(full);
	}
	free(unclean);
	free(verdict);
	free(log);
	args_free(&b.passed);
	stream_free(&s);
	run_free(&r);
	return again;
}

void judge_job(struct job *j, struct view *v)
{
	int limit = open_results(j, v) + 1;
	char *after = NULL;

	for (int i = 1; i <= limit && one_boot(j, v, i, &after); i++)
		;
	fail_rest(j, v, "the test did not run", false);
	free(after);
}

/* ---- one view ------------------------------------------------------------------------------ */

/* Tests to run in this view, for ktest= and for user programs. */
static const char *selection(const struct options *o, const struct view *v)
{
	static char lab[8];

	if (o->only)
		return o->only;
	if (v->only)
		return v->only;
	if (v->older)
		return "*";
	snprintf(lab, sizeof(lab), "%d.*", v->lab);
	return lab;
}

static bool has_tests(const struct view *v, const struct program *p)
{
	for (int i = 0; i < v->count; i++)
		if (v->results[i].test->program == p)
			return true;
	return false;
}

/* Has the test failed in an earlier view too? */
static bool failed_before(const struct view *v, const struct test *t)
{
	for (const struct view *b = v->before; b; b = b->before)
		for (int i = 0; i < b->count; i++)
			if (b->results[i].test == t && b->results[i].state == FAILED)
				return true;
	return false;
}

/* All tests of this exercise alone failed for the same reason, it being blank: one line for all. */
static bool print_blank(const struct options *o, const struct exercises *e, const struct view *v,
			const struct program *p)
{
	const struct exercise *x = v->alone ? exercise_find(e, v->alone) : NULL;
	int n = 0;

	for (int i = 0; i < v->count; i++) {
		const struct result *r = &v->results[i];

		if (r->test->program != p)
			continue;
		if (r->state == PASSED || !r->message || !strstr(r->message, BLANK_MESSAGE))
			return false;
		n++;
	}
	if (!o->quiet)
		printf("  FAIL %-4s is still blank: %s (%d tests)\n", v->alone, x ? x->file : "", n);
	return true;
}

static void print_results(const struct options *o, const struct exercises *e,
			  const struct view *v, const struct program *p)
{
	bool blank = print_blank(o, e, v, p);

	int again = 0;

	for (int i = 0; !blank && i < v->count; i++) {
		const struct result *r = &v->results[i];

		if (r->test->program != p)
			continue;
		if (r->state != PASSED && failed_before(v, r->test))
			again++;
		else
			print_result(o, e, v, r);
	}
	if (again)
		printf("  FAIL %d tests that failed alone too, see above\n", again);
	fflush(stdout);
}

/* How in-kernel tests are booted; tests of older labs get the newest disk that one of them asks for. */
static const struct boot_config *kernel_config(const struct catalogue *c, const struct view *v)
{
	int lab = v->lab;

	while (v->older && lab > 0 && !c->kernel_config[lab].disk)
		lab--;
	return &c->kernel_config[lab ? lab : v->lab];
}

void view_judge(const struct options *o, const struct catalogue *c, const struct exercises *e,
		struct view *v)
{
	struct job j = { .options = o, .view = v, .select = selection(o, v) };
	char *kernel = NULL, *problem = build_kernel(o, v, &kernel);

	j.kernel = kernel;
	if (problem) {
		fail_all(v, problem);
		printf("  FAIL all %d tests: %s\n", v->count, problem);
		v->broken = true;
	}
	for (int i = -1; i < c->program_count; i++) {
		j.program = i < 0 ? NULL : c->programs[i];
		j.config = i < 0 ? kernel_config(c, v) : &c->programs[i]->config;
		if (problem || !has_tests(v, j.program))
			continue;
		judge_job(&j, v);
		print_results(o, e, v, j.program);
	}
	free(problem);
	free(kernel);
}

/* ---- on the host --------------------------------------------------------------------------- */

void judge_on_host(const struct options *o, struct view *v, const struct program *p)
{
	struct job j = { .options = o, .view = v, .program = p };
	struct boot b = { .job = &j, .view = v, .since = now() };
	char *log = log_name(&j, v, 0);
	struct stream s;
	struct run r = {
		.ktap_is_fd3 = true,
		.boot_timeout = BOOT_TIMEOUT * o->patience,
		.test_timeout = TEST_TIMEOUT * o->patience,
		.total_timeout = TOTAL_TIMEOUT * o->patience,
		.console_limit = CONSOLE_LIMIT,
		.console_file = log,
		.stream = &s,
	};

	stream_init(&s, NULL, on_event, &b);
	s.header = true;	/* in Trellis the kernel writes header and end */
	args_printf(&r.argv, "%s/user/0%d/%s", o->work, p->lab, p->name);
	args_add(&r.argv, o->only ? o->only : "*");
	run(&r);
	s.end = r.end == RUN_EXITED && r.status == b.any_failed;
	if (!stream_complete(&s)) {
		char *message = xasprintf("on the host the program ended with %s %d%s%s; output: %s",
					  r.end == RUN_EXITED ? "status" : "signal or reason",
					  r.end == RUN_EXITED ? r.status : (int)r.end,
					  s.error ? ", " : "", s.error ? s.error : "", log);

		fail_rest(&j, v, message, false);
		free(message);
	}
	fail_rest(&j, v, "the test did not run", false);
	free(log);
	args_free(&b.passed);
	stream_free(&s);
	run_free(&r);
}
