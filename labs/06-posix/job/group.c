/*
 * Process groups and sessions as data: membership, orphans, and what the death of a process
 * means to them. (POSIX.1-2017 XBD 3.298, 3.343; _exit(2), "Consequences of Process Termination".)
 *
 * A group lives as long as it has members (a zombie is one until it is reaped), a session as
 * long as it has groups. Both hold the struct pid whose number they bear, so that it is not reused:
 * the leader may be long gone while its number still means the group, and a new process with that
 * number would lead a group that it never joined.
 *
 * The number of a group leads to it by struct pid (pid->group), so kill(-n) costs one look-up and a
 * walk along the members.
 *
 * Orphans. A stopped job can only be continued by somebody who knows of it: a shell, that is a
 * process of the same session whose child a member is. When the last such parent ends, nobody
 * is left. So a group that becomes orphaned while a member is stopped gets SIGHUP and
 * SIGCONT, and the terminal's stop signals do nothing to a group that is orphaned already.
 */
#include "06-posix/job/job.h"
#include "common/panic.h"
#include "01-memory/kmem.h"
#include "06-posix/job/fresh.h"
#include "06-posix/signal/signal.h"

/* Group 0, the first process's, has no number to be found by. */
struct group *group_find(int id)
{
	struct pid *pid = id > 0 ? pid_find(id) : NULL;
	struct group *g = NULL;

	if (pid) {
		g = pid->group;
		pid_put(pid);
	}
	return g;
}

void group_signal(struct group *g, int sig)
{
	struct job *j;

	list_for_each_entry(j, &g->members, link)
		signal_send_kernel(j->process, sig);
}

/* Does p's parent make p's group a connected one: another group of the same session? */
/*
 * init does not count although it may be in the same session: it adopts orphans and looks after no
 * jobs.
 */
static bool connects(struct process *p)
{
	struct process *parent = process_family(p)->parent;
	struct group *mine = process_job(p)->group;
	struct job *j = parent ? process_job(parent) : NULL;

	return j && j->group && parent != init_process && j->group != mine &&
	       j->group->session == mine->session;
}

/*
 * leaving is still alive and its children still are its children when this is asked (job_exit), so
 * both are taken for what they will be in a moment.
 */
bool group_is_orphaned(struct group *g, struct process *leaving)
{
	struct job *j;

	list_for_each_entry(j, &g->members, link) {
		if (j->process == leaving || READ_ONCE(j->process->state) != PROCESS_ALIVE)
			continue;
		if (leaving && process_family(j->process)->parent == leaving)
			continue;	/* about to be init's child */
		if (connects(j->process))
			return false;
	}
	return true;
}

bool group_has_stopped(struct group *g)
{
	struct job *j;

	list_for_each_entry(j, &g->members, link)
		if (READ_ONCE(process_signals(j->process)->stopped))
			return true;
	return false;
}

/* Only a hint when it returns: a parent may end at once. Then release_if_orphaned() follows. */
bool current_group_orphaned(void)
{
	bool orphaned;

	spin_lock(&tree_lock);
	orphaned = group_is_orphaned(process_job(current_process())->group, NULL);
	spin_unlock(&tree_lock);
	return orphaned;
}

int process_group_id(struct process *p)
{
	struct job *j = process_job(p);

	return j && j->group ? j->group->id : 0;
}

int process_session_id(struct process *p)
{
	struct job *j = process_job(p);

	return j && j->group ? j->group->session->id : 0;
}

/* A child has lost its parent and asked for a signal then. */
void parent_death_signal(struct process *child, int signo)
{
	signal_send_kernel(child, signo);
}

/* ---- membership ---- */

int job_fresh_alloc(struct job_fresh *n)
{
	n->group = kzalloc(sizeof(*n->group), GFP_KERNEL);
	n->session = kzalloc(sizeof(*n->session), GFP_KERNEL);
	if (n->group && n->session)
		return 0;
	job_fresh_free(n);
	return -ENOMEM;
}

void job_fresh_free(struct job_fresh *n)
{
	kfree(n->group);
	kfree(n->session);
	n->group = NULL;
	n->session = NULL;
}

/*
 * The last member takes the group with it, the last group the session. Nobody else refers to them.
 */
static void leave(struct job *j)
{
	struct group *g = j->group;
	struct session *s = g->session;

	list_del(&j->link);
	j->group = NULL;
	if (!list_empty(&g->members))
		return;
	if (g->pid) {
		g->pid->group = NULL;
		pid_put(g->pid);
	}
	list_del(&g->session_link);
	kfree(g);
	if (!list_empty(&s->groups))
		return;
	if (s->pid) {
		s->pid->session = NULL;
		pid_put(s->pid);
	}
	kfree(s);
}

/*
 * Joining the new group before leaving the old one, because both may be in one session that has no
 * other group: leaving first would free it under the new group's feet.
 */
void job_join(struct process *p, struct group *g)
{
	struct job *j = process_job(p);

	/* First in, then out: the session may otherwise die in between. */
	struct job old = *j;

	if (j->group == g)
		return;
	if (old.group) {
		/* Let a stand-in take our place in the old group while we move. */
		list_init(&old.link);
		list_add(&old.link, &j->link);
		list_del(&j->link);
	}
	j->group = g;
	list_add_tail(&j->link, &g->members);
	if (old.group)
		leave(&old);
}

/* Without members yet: the caller lets p join before it lets go of tree_lock. */
struct group *job_new_group(struct process *p, struct session *s, struct job_fresh *n)
{
	struct group *g = n->group;

	n->group = NULL;
	pid_get(p->pid);
	g->pid = p->pid;
	g->id = p->id;
	g->session = s;
	list_init(&g->members);
	list_add_tail(&g->session_link, &s->groups);
	p->pid->group = g;
	return g;
}

struct session *job_new_session(struct process *p, struct job_fresh *n)
{
	struct session *s = n->session;

	n->session = NULL;
	pid_get(p->pid);
	s->pid = p->pid;
	s->id = p->id;
	s->leader = p;
	list_init(&s->groups);
	p->pid->session = s;
	return s;
}

/* ---- life of a process ---- */

/* Group and session of the first process, with number 0 and no leader, as on Linux: so it can still
 * call setsid(2). */
static struct group *first_group(struct job_fresh *n)
{
	list_init(&n->session->groups);
	list_init(&n->group->members);
	list_add_tail(&n->group->session_link, &n->session->groups);
	n->group->session = n->session;
	return n->group;
}

/* Of a process that was never born (undo), or whose last reference goes. */
static void job_free(struct process *p)
{
	struct job *j = process_job(p);

	if (!j)
		return;
	spin_lock(&tree_lock);
	if (j->group)
		leave(j);
	spin_unlock(&tree_lock);
	kfree(j);
	p->parts[job_part.slot] = NULL;
}

/*
 * A new process belongs where its parent does, which is read and joined in one critical section. A
 * signal sent to the group goes either before that or after it: before, the parent has it pending
 * and fork starts again when it has been dealt with; after, the child is a member and gets it,
 * too. So ^C cannot miss a process by being too early for it.
 */
static int job_clone(struct thread *child, struct clone *c)
{
	struct job *parent = process_job(current_process());
	struct job *j = kzalloc(sizeof(*j), GFP_KERNEL);
	struct job_fresh fresh = { 0 };
	int error = 0;

	if (!j)
		return -ENOMEM;
	j->process = child->process;
	list_init(&j->link);
	wait_queue_init(&j->ended);
	if (!parent && job_fresh_alloc(&fresh) != 0) {
		kfree(j);
		return -ENOMEM;
	}
	child->process->parts[job_part.slot] = j;
	spin_lock(&tree_lock);
	if (parent)
		job_join(child->process, parent->group);
	else
		job_join(child->process, first_group(&fresh));
	/* A signal to the group may have found the parent and not yet the child: it comes first. */
	if (parent && signal_pending())
		error = -ERESTARTNOINTR;
	spin_unlock(&tree_lock);
	if (error)
		job_free(child->process);
	return error;
}

static void job_undo(struct thread *child)
{
	job_free(child->process);
}

/* A group that becomes orphaned while a member is stopped would stay so for ever: wake it, tell it
 * why. */
static void release_if_orphaned(struct group *g, struct process *leaving)
{
	if (group_is_orphaned(g, leaving) && group_has_stopped(g)) {
		group_signal(g, SIGHUP);
		group_signal(g, SIGCONT);
	}
}

/* Runs before the children get a new parent and our own parent hears of the death. */
/*
 * Only parents can connect a group, so only two kinds of groups can become orphaned by the end of
 * p: its own, if p was the connection, and those of its children. session_lose_tty() may sleep,
 * hence the two critical sections.
 */
static void job_exit(struct process *p)
{
	struct family *fam = process_family(p), *child;
	struct group *mine;
	bool leads;

	/* A leader stays in its group; whoever is none may be moved by its parent at any time. */
	spin_lock(&tree_lock);
	leads = process_job(p)->group->session->leader == p;
	spin_unlock(&tree_lock);
	if (leads)
		session_lose_tty(true);
	spin_lock(&tree_lock);
	mine = process_job(p)->group;
	if (connects(p))
		release_if_orphaned(mine, p);
	list_for_each_entry(child, &fam->children, sibling) {
		struct group *g = process_job(child->self)->group;

		if (g && g != mine && g->session == mine->session)
			release_if_orphaned(g, p);
	}
	spin_unlock(&tree_lock);
}

struct part job_part = {
	.name = "job",
	.scope = PART_PROCESS,
	.clone = job_clone,
	.undo = job_undo,
	.exit = job_exit,
	.free = job_free,
};
PART(60, job_part);

/* Waited for: the number leaves the group at once, not when the last reference goes. */
/* setpgid(2) and kill(2) with its number must fail from now on, however long a pidfd holds it. */
void process_reaped(struct process *p)
{
	struct job *j = process_job(p);

	if (j && j->group)
		leave(j);
}
