/*
 * Parts of threads and processes (struct part in process.h): numbering them at boot and
 * walking them in clone, exec and exit.
 *
 * This is how later labs hang their state on a process without a line of this lab being changed:
 * files, credentials, signal handlers. A part's number in the set (PART(21, ...)) is its place in
 * every walk. What is made is made upwards and taken down downwards, so a part may use those with
 * lower numbers at any time of its life.
 *
 * clone and exec go in two steps, because both must be able to fail without a trace: first what
 * may fail (clone, exec_prepare), undone in the opposite order if a later part does fail; and when
 * nothing can go wrong any more, what may not (clone_commit, exec_commit).
 */
#include "common/init.h"
#include "common/panic.h"
#include "02-usermode/parts.h"

static struct part *parts[MAX_PARTS];
static int part_count;
static u64 known_flags;

void parts_init(void)
{
	struct part *const *p;

	linkset_for_each(parts, struct part *const, p) {
		if (part_count == MAX_PARTS)
			panic("parts: more than %d; raise MAX_PARTS", MAX_PARTS);
		(*p)->slot = part_count;
		known_flags |= (*p)->clone_flags;
		parts[part_count++] = *p;
	}
}
INITCALL(30, parts_init);

/* A flag that nobody knows is refused: a program must not believe to have got what it asked for. */
int parts_check(const struct clone *c, u64 core_flags)
{
	if (c->flags & ~(known_flags | core_flags))
		return -EINVAL;
	for (int i = 0; i < part_count; i++) {
		int error = parts[i]->check ? parts[i]->check(c) : 0;

		if (error)
			return error;
	}
	return 0;
}

/* Process parts are made with a process, thread parts with every thread. */
static bool concerns(const struct part *p, bool new_process)
{
	return p->scope == PART_THREAD || new_process;
}

static void undo(struct thread *child, bool new_process, int done)
{
	while (--done >= 0)
		if (concerns(parts[done], new_process) && parts[done]->undo)
			parts[done]->undo(child);
}

int parts_clone(struct thread *child, struct clone *c, bool new_process)
{
	for (int i = 0; i < part_count; i++) {
		int error;

		if (!concerns(parts[i], new_process) || !parts[i]->clone)
			continue;
		error = parts[i]->clone(child, c);
		if (error) {
			undo(child, new_process, i);
			return error;
		}
	}
	return 0;
}

void parts_undo(struct thread *child, bool new_process)
{
	undo(child, new_process, part_count);
}

void parts_clone_commit(struct thread *child, struct clone *c, bool new_process)
{
	for (int i = 0; i < part_count; i++)
		if (concerns(parts[i], new_process) && parts[i]->clone_commit)
			parts[i]->clone_commit(child, c);
}

/*
 * Not undone one by one: what a part prepares hangs on the struct exec or does no harm, and exec's
 * caller frees the one.
 */
int parts_exec_prepare(struct exec *x)
{
	for (int i = 0; i < part_count; i++) {
		int error = parts[i]->exec_prepare ? parts[i]->exec_prepare(x) : 0;

		if (error)
			return error;
	}
	return 0;
}

void parts_exec_commit(struct exec *x)
{
	for (int i = 0; i < part_count; i++)
		if (parts[i]->exec_commit)
			parts[i]->exec_commit(x);
}

void parts_thread_exit(struct thread *t)
{
	for (int i = part_count - 1; i >= 0; i--)
		if (parts[i]->thread_exit)
			parts[i]->thread_exit(t);
}

void parts_exit(struct process *p)
{
	for (int i = part_count - 1; i >= 0; i--)
		if (parts[i]->exit)
			parts[i]->exit(p);
}

void parts_free(struct process *p)
{
	for (int i = part_count - 1; i >= 0; i--)
		if (parts[i]->free)
			parts[i]->free(p);
}

void parts_show(struct process *p, struct printer *out)
{
	for (int i = 0; i < part_count; i++)
		if (parts[i]->show)
			parts[i]->show(p, out);
}
