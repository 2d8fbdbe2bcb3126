/*
 * Running the tests of one kind in one view: a job.
 *
 * All tests of a job run in one boot. When a boot dies, the test that was running takes the
 * blame, and the tests behind it are run in a new boot; so one crash costs one test. A boot
 * whose stream or exit status contradicts itself is void with all its results.
 *
 * Jobs run in threads, several at a time; each writes only the results of its own tests.
 */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/random.h>

#include "ask.h"

#define TEST_TIMEOUT	30.0
#define BOOT_TIMEOUT	30.0
#define TOTAL_TIMEOUT	300.0
#define CONSOLE_LIMIT	(2U << 20)
#define CONSOLE_KEPT	8192U		/* of one test */
#define MAX_PLACES	8
#define MOST_HURRY	3
#define HANGS_ALLOWED	2		/* hangs and floods in a view that does not count */

/* What the events of a running boot refer to. */
struct boot {
	struct job *job;
	struct run *run;
	double since;			/* start of the running test */
	size_t console_from;		/* where its part of the console begins */
	bool any_failed;
	bool unknown;			/* a test reported that this job does not have */
	struct text where;		/* of a boot that went wrong */
	enum stuck stuck;
};

/* ---- results ------------------------------------------------------------------------------- */

static struct result *find_result(const struct job *j, const char *id)
{
	struct result *r = view_find(j->view, id);

	return r && r->test->program == j->program ? r : NULL;
}

static void set_result(struct result *r, enum state state, enum symptom symptom,
		       const char *message)
{
	free(r->message);
	r->state = state;
	r->symptom = symptom;
	r->message = message ? xstrdup(message) : NULL;
}

/* The console's output since the running test began. */
static void keep_console(const struct boot *b, struct result *r)
{
	const struct text *t = &b->run->console;
	size_t from = LEAST(b->console_from, t->length);

	if (t->length - from > CONSOLE_KEPT)
		from = t->length - CONSOLE_KEPT;
	free(r->console);
	r->console = t->length > from ? xstrndup(t->s + from, t->length - from) : NULL;
	free(r->log);
	r->log = xstrdup(b->run->console_file);
}

static void on_event(void *arg, const char *id, const char *result, const char *message)
{
	struct boot *b = arg;
	struct result *r = find_result(b->job, id);

	if (result && strcmp(result, "ok") != 0)
		b->any_failed = true;
	if (!r) {
		b->unknown = true;
		return;
	}
	if (!result) {
		b->since = now();
		b->console_from = b->run->console_mark;
		return;
	}
	r->seconds = now() - b->since;
	set_result(r, *result == 'o' ? PASSED : FAILED, SYMPTOM_CHECK, message ? message : "");
	if (r->state == FAILED)
		keep_console(b, r);
}

/* Fail every test of the job that has no result; with `all` also those that have one. */
static void fail_rest(const struct job *j, enum symptom symptom, const char *message, bool all,
		      const struct boot *b)
{
	for (int i = 0; i < j->view->count; i++) {
		struct result *r = &j->view->results[i];

		if (r->test->program != j->program || (!all && r->state != NOT_RUN))
			continue;
		set_result(r, FAILED, symptom, message);
		if (!b)
			continue;
		r->stuck = b->stuck;
		r->where = b->where.s ? xstrdup(b->where.s) : NULL;
		keep_console(b, r);
	}
}

static int open_results(const struct job *j)
{
	int n = 0;

	for (int i = 0; i < j->view->count; i++)
		n += j->view->results[i].test->program == j->program &&
		     j->view->results[i].state == NOT_RUN;
	return n;
}

/* ---- where it went wrong ------------------------------------------------------------------- */

char *job_slug(const struct job *j)
{
	char *view = view_slug(j->view);
	char *s = xasprintf("%s-%s", view, j->program ? j->program->name : "kernel");

	free(view);
	return s;
}

static char *scratch_file(const struct job *j)
{
	char *slug = job_slug(j), *s = xasprintf("%s/log/%s.where", j->options->work, slug);

	free(slug);
	return s;
}

/* The file with the symbols of what runs in user mode. */
static char *program_elf(const struct job *j)
{
	const struct program *p = j->program;

	if (!p)
		return NULL;
	return p->flat ? xasprintf("%s/obj/flat/grader/user/0%d/%s.elf", j->options->out, p->lab,
				   p->name) :
			 xasprintf("%s/user/0%d/%s", j->options->work, p->lab, p->name);
}

static void on_stuck(void *arg, struct monitor *m)
{
	struct boot *b = arg;
	char *scratch = scratch_file(b->job), *elf = program_elf(b->job);

	b->stuck = where_stuck(m, b->job->kernel, elf, scratch, &b->where);
	free(scratch);
	free(elf);
}

/* The kernel's backtrace, of which the console has the addresses, with files and lines. */
static void locate_panic(struct boot *b)
{
	const char *at = b->run->console.s ? strstr(b->run->console.s, "panic on CPU") : NULL;
	char *scratch = scratch_file(b->job);
	uint64_t places[MAX_PLACES], rip = 0;
	int n = 0;

	for (; at && n < MAX_PLACES; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		unsigned long long address;

		if (sscanf(at, "rip %llx", &address) == 1)
			rip = address;
		else if (sscanf(at, "  0xffffffff%llx", &address) == 1)
			places[n++] = 0xffffffff00000000 + address;
	}
	/* All but the place of a trap are return addresses, and the call lies before them. */
	for (int i = 0; i < n; i++)
		places[i] -= i || places[i] != rip;
	where_places(b->job->kernel, places, n, scratch, "<- ", MAX_PLACES, &b->where);
	if (b->where.length > 3)	/* the first has no callee */
		memmove(b->where.s, b->where.s + 3, b->where.length - 2);
	free(scratch);
}

/* ---- one boot ------------------------------------------------------------------------------ */

static void fresh_nonce(char nonce[17])
{
	unsigned long long x;

	if (getrandom(&x, sizeof(x), 0) != sizeof(x))
		die("getrandom failed");
	snprintf(nonce, 17, "%016llx", x);
}

static char *log_name(const struct job *j, int boot)
{
	char *slug = job_slug(j);
	char *s = xasprintf("%s/log/%s-smp%s-%d.console", j->options->work, slug,
			    j->options->smp, boot);

	free(slug);
	return s;
}

/*
 * Blame for a boot that went wrong: the running test, or all that have no result if none could
 * run. True if another boot should go on behind *after.
 */
static bool assign_blame(struct boot *b, const char *verdict, char **after)
{
	struct job *j = b->job;
	const struct run *r = b->run;
	const struct stream *s = r->stream;
	struct result *guilty = s->running ? find_result(j, s->running) : NULL;
	enum symptom symptom = run_symptom(r);
	bool ended = r->end == RUN_EXITED || r->end == RUN_RESET || r->end == RUN_POWEROFF;
	bool contradiction = r->end == RUN_PROTOCOL || b->unknown ||
			     (ended && stream_complete(s));

	if (symptom == SYMPTOM_PANIC)
		locate_panic(b);
	if (r->end == RUN_BLANK || contradiction) {
		fail_rest(j, b->unknown ? SYMPTOM_FORGED : symptom, verdict, true, b);
		return false;
	}
	if (!guilty && !s->finished) {
		if (!j->view->counts && symptom == SYMPTOM_HANG)
			__atomic_store_n(&j->view->dead, true, __ATOMIC_RELAXED);
		b->console_from = 0;
		fail_rest(j, symptom, verdict, false, b);
		return false;
	}
	free(*after);
	if (!guilty) {
		*after = xstrdup(s->done.v[s->done.n - 1]);
		return open_results(j) > 0;
	}
	set_result(guilty, FAILED, symptom, verdict);
	guilty->stuck = b->stuck;
	guilty->where = b->where.s ? xstrdup(b->where.s) : NULL;
	guilty->seconds = now() - b->since;
	keep_console(b, guilty);
	*after = xstrdup(s->running);
	return open_results(j) > 0;
}

/* Whoever says ok must also have answered, if asked. */
static void check_answers(struct boot *b)
{
	const struct args *done = &b->run->stream->done;

	for (int i = 0; i < done->n; i++) {
		struct result *r = find_result(b->job, done->v[i]);
		char *missing = r && r->state == PASSED ?
				ask_missing(b->job, r->test->id, b->run->console.s) : NULL;

		if (!missing)
			continue;
		set_result(r, FAILED, SYMPTOM_FORGED, missing);
		keep_console(b, r);
		free(missing);
	}
}

static void boot_judge(struct boot *b, struct run *r, char **after, bool *again, bool *hung)
{
	char *verdict = run_verdict(r, b->any_failed);
	char *unclean;

	if (!verdict && b->unknown)
		verdict = xstrdup("a test reported that does not belong here");
	if (verdict) {
		*again = assign_blame(b, verdict, after);
		*hung = run_symptom(r) == SYMPTOM_HANG || run_symptom(r) == SYMPTOM_FLOOD;
		free(verdict);
		return;
	}
	unclean = boot_check(b->job);
	if (unclean)
		fail_rest(b->job, SYMPTOM_DISK, unclean, true, b);
	free(unclean);
}

/* One boot. True if another one should go on behind *after. */
static bool one_boot(struct job *j, int number, double patience, char **after, bool *hung)
{
	static const struct boot_config none;
	const struct boot_config *config = j->config ? j->config : &none;
	char nonce[17], *log, *problem = boot_prepare(j);
	struct stream s;
	struct run r = {
		.boot_timeout = BOOT_TIMEOUT * patience,
		.test_timeout = (config->timeout ? config->timeout : TEST_TIMEOUT) * patience,
		.total_timeout = TOTAL_TIMEOUT * patience,
		.console_limit = CONSOLE_LIMIT,
		.stop_at_blank = j->view->alone,
		.stream = &s,
		.stuck = on_stuck,
	};
	struct boot b = { .job = j, .run = &r, .since = now() };
	bool again = false;

	if (problem) {
		fail_rest(j, SYMPTOM_QEMU, problem, false, NULL);
		free(problem);
		return false;
	}
	fresh_nonce(nonce);
	j->nonce = nonce;
	fresh_nonce(j->ask);
	j->after = *after;
	r.stuck_arg = &b;
	stream_init(&s, nonce, on_event, &b);
	r.argv = boot_command(j);
	args_split(&r.argv, "-no-shutdown -chardev socket,id=monitor,fd=%monitor "
			    "-mon chardev=monitor,mode=control -d cpu_reset -D");
	r.console_file = log = log_name(j, number);
	r.qemu_file = xasprintf("%s.qemu", log);
	args_add(&r.argv, r.qemu_file);
	run(&r);
	boot_judge(&b, &r, after, &again, hung);
	check_answers(&b);
	unlink(r.qemu_file);
	free(r.qemu_file);
	free(log);
	text_free(&b.where);
	stream_free(&s);
	run_free(&r);
	return again;
}

void judge_job(struct job *j)
{
	int limit = open_results(j) + 1, hangs = 0;
	char *after = NULL;

	for (int i = 1; i <= limit; i++) {
		double patience = j->options->patience;
		bool hung = false, again;

		if (j->options->hurry)
			patience /= LEAST(1 + hangs, MOST_HURRY);
		if (__atomic_load_n(&j->view->dead, __ATOMIC_RELAXED))
			break;
		again = one_boot(j, i, patience, &after, &hung);
		hangs += hung;
		if (!again || (!j->view->counts && hangs >= HANGS_ALLOWED))
			break;
	}
	boot_clean(j);
	fail_rest(j, SYMPTOM_NOT_RUN, hangs || j->view->dead ?
		  "not run, because tests before it hung" : "the test did not run", false, NULL);
	free(after);
}

/* ---- on the host --------------------------------------------------------------------------- */

void judge_on_host(const struct options *o, struct view *v, const struct program *p)
{
	struct job j = { .options = o, .view = v, .program = p, .config = &p->config };
	char *log = log_name(&j, 0);
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
	struct boot b = { .job = &j, .run = &r, .since = now() };

	fresh_nonce(j.ask);
	setenv("ask", j.ask, 1);
	stream_init(&s, NULL, on_event, &b);
	s.header = true;	/* in Trellis the kernel writes header and end */
	args_printf(&r.argv, "%s/user/0%d/%s", o->work, p->lab, p->name);
	args_add(&r.argv, o->only ? o->only : "*");
	run(&r);
	s.end = r.end == RUN_EXITED && r.status == b.any_failed;
	if (!stream_complete(&s)) {
		char *message =
			xasprintf("on the host the program ended with %s %d%s%s; output: %s",
				  r.end == RUN_EXITED ? "status" : "signal or reason",
				  r.end == RUN_EXITED ? r.status : (int)r.end, s.error ? ", " : "",
				  s.error ? s.error : "", log);

		fail_rest(&j, SYMPTOM_ENDED, message, false, NULL);
		free(message);
	}
	check_answers(&b);
	fail_rest(&j, SYMPTOM_NOT_RUN, "the test did not run", false, NULL);
	free(log);
	stream_free(&s);
	run_free(&r);
}
