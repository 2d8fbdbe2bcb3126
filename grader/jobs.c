/*
 * Many boots at a time. One thread, the caller's, builds the kernels one after the other, as they
 * share objects, and reports; the others boot what has been built.
 */
#include "judge.h"
#include "progress.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORKERS	64

struct task {
	struct job job;
	bool done;
};

struct pool {
	const struct options *options;
	pthread_mutex_t lock;		/* protects what follows */
	pthread_cond_t changed;
	struct task **tasks;
	int count, next, finished;
	bool closed;			/* no more tasks will come */
};

/* A view, and which tasks it has. */
struct work {
	struct view *view;
	char *kernel;
	char *select;
	int first, count;
	bool built, reported;
};

/* ---- workers ------------------------------------------------------------------------------- */

static struct task *take_task(struct pool *p)
{
	struct task *t = NULL;

	pthread_mutex_lock(&p->lock);
	while (p->next == p->count && !p->closed)
		pthread_cond_wait(&p->changed, &p->lock);
	if (p->next < p->count)
		t = p->tasks[p->next++];
	pthread_mutex_unlock(&p->lock);
	return t;
}

static void *worker(void *arg)
{
	struct pool *p = arg;

	for (struct task *t; (t = take_task(p)); ) {
		judge_job(&t->job);
		pthread_mutex_lock(&p->lock);
		t->done = true;
		p->finished++;
		pthread_cond_broadcast(&p->changed);
		pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

/* ---- building ------------------------------------------------------------------------------ */

/* How in-kernel tests are booted; those of older labs get the newest disk that one of them wants.
 */
static const struct boot_config *kernel_config(const struct catalogue *c, const struct view *v)
{
	int lab = v->lab;

	while (v->older && lab > 0 && !c->kernel_config[lab].disk)
		lab--;
	return &c->kernel_config[lab ? lab : v->lab];
}

static void add_task(struct pool *p, struct work *w, const struct program *program,
		     const struct boot_config *config)
{
	struct task *t = xrealloc(NULL, sizeof(*t));

	*t = (struct task){ .job = { .options = p->options, .view = w->view, .program = program,
				     .config = config, .kernel = w->kernel,
				     .select = w->select } };
	pthread_mutex_lock(&p->lock);
	p->tasks = xrealloc(p->tasks, (size_t)(p->count + 1) * sizeof(struct task *));
	p->tasks[p->count++] = t;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	w->count++;
}

static void fail_build(struct view *v, const char *problem)
{
	v->broken = true;
	for (int i = 0; i < v->count; i++) {
		struct result *r = &v->results[i];

		r->state = FAILED;
		r->symptom = SYMPTOM_BUILD;
		r->message = xstrdup(problem);
	}
}

/* Build the kernel and hand its jobs to the workers. */
static void start_view(struct pool *p, const struct catalogue *c, struct work *w)
{
	struct view *v = w->view;
	char *problem = build_kernel(p->options, v, &w->kernel);

	w->select = view_selection(p->options, v);
	w->first = p->count;	/* only this thread adds */
	if (problem)
		fail_build(v, problem);
	for (int i = -1; !problem && i < c->program_count; i++) {
		const struct program *program = i < 0 ? NULL : c->programs[i];

		if (view_has(v, program))
			add_task(p, w, program, program ? &program->config : kernel_config(c, v));
	}
	w->built = true;
	free(problem);
}

/* ---- reporting ----------------------------------------------------------------------------- */

static bool all_done(const struct pool *p, const struct work *w)
{
	for (int i = w->first; i < w->first + w->count; i++)
		if (!p->tasks[i]->done)
			return false;
	return w->built;
}

/* Report the views that are complete, up to the first that is not; true if that was the last. */
static bool report(struct pool *p, struct work *work, int n,
		   void (*done)(void *arg, struct view *v), void *arg)
{
	for (int i = 0; i < n; i++) {
		struct work *w = &work[i];
		bool complete;

		if (w->reported)
			continue;
		pthread_mutex_lock(&p->lock);
		complete = all_done(p, w);
		if (!complete)
			progress_line("%s: %d of %d boots done", w->view->name, p->finished,
				      p->count);
		pthread_mutex_unlock(&p->lock);
		if (!complete)
			return false;
		progress_clear();
		w->reported = true;
		if (done)
			done(arg, w->view);
	}
	return true;
}

static int finished(struct pool *p)
{
	int n;

	pthread_mutex_lock(&p->lock);
	n = p->finished;
	pthread_mutex_unlock(&p->lock);
	return n;
}

/* Wait until more tasks are finished than `seen`, or a moment. */
static void wait_for_change(struct pool *p, int seen)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += 200000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	pthread_mutex_lock(&p->lock);
	if (p->finished == seen)
		pthread_cond_timedwait(&p->changed, &p->lock, &t);
	pthread_mutex_unlock(&p->lock);
}

static void free_work(struct pool *p, struct work *work, int n)
{
	for (int i = 0; i < p->count; i++)
		free(p->tasks[i]);
	free(p->tasks);
	for (int i = 0; i < n; i++) {
		free(work[i].kernel);
		free(work[i].select);
	}
	free(work);
}

void judge_views(const struct options *o, const struct catalogue *c, struct view *const views[],
		 int n, void (*done)(void *arg, struct view *v), void *arg)
{
	struct pool p = { .options = o, .lock = PTHREAD_MUTEX_INITIALIZER,
			  .changed = PTHREAD_COND_INITIALIZER };
	struct work *work = xrealloc(NULL, (size_t)n * sizeof(*work));
	int workers = o->jobs > 0 ? LEAST(o->jobs, MAX_WORKERS) : 1;
	pthread_t threads[MAX_WORKERS];

	for (int i = 0; i < workers; i++)
		if (pthread_create(&threads[i], NULL, worker, &p) != 0)
			die("cannot start a thread");
	for (int i = 0; i < n; i++) {
		work[i] = (struct work){ .view = views[i] };
		progress_line("%s: building", views[i]->name);
		start_view(&p, c, &work[i]);
		report(&p, work, i + 1, done, arg);
	}
	pthread_mutex_lock(&p.lock);
	p.closed = true;
	pthread_cond_broadcast(&p.changed);
	pthread_mutex_unlock(&p.lock);
	for (int seen; seen = finished(&p), !report(&p, work, n, done, arg); )
		wait_for_change(&p, seen);
	for (int i = 0; i < workers; i++)
		pthread_join(threads[i], NULL);
	progress_clear();
	free_work(&p, work, n);
}
