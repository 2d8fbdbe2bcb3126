/*
 * Checking the answers to a boot's question (contract in ask.h).
 */
#include "ask.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fowler, Noll, Vo: FNV-1a, 64 bits. */
static uint64_t fnv1a(uint64_t hash, const char *s)
{
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3;
	return hash;
}

char *ask_answer(const char *ask, const char *id)
{
	uint64_t hash = fnv1a(fnv1a(0xcbf29ce484222325, ask), id);

	return xasprintf("%016llx", (unsigned long long)hash);
}

/* Where the test must answer, or NULL. */
static const char *place_of(const struct job *j, const char *id)
{
	for (int i = 0; j->config && i + 1 < j->config->asks.n; i += 2)
		if (strcmp(j->config->asks.v[i], id) == 0)
			return j->config->asks.v[i + 1];
	return NULL;
}

static bool on_console(const char *console, const char *id, const char *answer)
{
	char *line = xasprintf("answer %s %s", id, answer);
	bool found = console && strstr(console, line);

	free(line);
	return found;
}

static bool on_disk(const struct job *j, const char *path, const char *answer)
{
	struct args a = { 0 };
	bool found;

	args_add(&a, "sh");
	args_add(&a, "-c");
	args_printf(
		&a,
		"PATH=$PATH:/sbin:/usr/sbin; debugfs -R 'cat %s' '%s' 2>/dev/null | grep -q '^%s$'",
		path, j->disk, answer);
	found = run_program(a.v, "/dev/null") == 0;
	args_free(&a);
	return found;
}

char *ask_missing(const struct job *j, const char *id, const char *console)
{
	const char *place = place_of(j, id);
	char *answer, *message = NULL;

	if (!place)
		return NULL;
	answer = ask_answer(j->ask, id);
	if (strcmp(place, "console") == 0) {
		if (!on_console(console, id, answer))
			message = xasprintf("the test says ok, but the line \"answer %s %s\" is "
					    "not on the console",
					    id, answer);
	} else if (!j->disk || !on_disk(j, place, answer)) {
		message =
			xasprintf("the test says ok, but after the end %s is not in %s on the disk",
				  answer, place);
	}
	free(answer);
	return message;
}
