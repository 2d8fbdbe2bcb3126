/*
 * Reading a KTAP stream: a line at a time, each checked against what may come next.
 */
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE	4096

void stream_init(struct stream *s, const char *nonce,
		 void (*event)(void *, const char *, const char *, const char *), void *arg)
{
	*s = (struct stream){ .nonce = nonce, .event = event, .arg = arg, .planned = -1 };
}

void stream_free(struct stream *s)
{
	free(s->running);
	free(s->error);
	args_free(&s->done);
	args_free(&s->blanks);
	text_free(&s->line);
}

bool stream_complete(const struct stream *s)
{
	return !s->error && s->end && !s->running && s->planned >= 0 && s->finished == s->planned;
}

static void stream_error(struct stream *s, const char *what, const char *line)
{
	if (!s->error)
		s->error = xasprintf("%s: \"%.80s\"", what, line);
}

static bool starts_with(const char *line, const char *prefix, const char **rest)
{
	size_t n = strlen(prefix);

	*rest = line + n;
	return strncmp(line, prefix, n) == 0;
}

static bool nonce_ok(const struct stream *s, const char *text)
{
	return !s->nonce || strcmp(text, s->nonce) == 0;
}

static bool contains(const struct args *a, const char *s)
{
	for (int i = 0; i < a->n; i++)
		if (strcmp(a->v[i], s) == 0)
			return true;
	return false;
}

static void take_start(struct stream *s, const char *line, const char *rest)
{
	char id[128];
	int number;

	if (s->planned < 0 || s->running || sscanf(rest, "%d %127s", &number, id) != 2 ||
	    number != s->finished + 1 || number > s->planned) {
		stream_error(s, "a test starts out of turn", line);
		return;
	}
	s->running = xstrdup(id);
	s->event(s->arg, id, NULL, NULL);
}

/* A child of a test may report its failure, and then the test itself once more: it stays failed. */
static bool said_already(const struct stream *s, int number, const char *id)
{
	return !s->running && s->last_failed && number == s->finished &&
	       strcmp(id, s->done.v[s->done.n - 1]) == 0;
}

static void take_result(struct stream *s, const char *line, const char *rest, const char *result)
{
	char id[128];
	const char *message = strstr(rest, " # ");
	int number;

	if (sscanf(rest, "%d %127s", &number, id) == 2 && said_already(s, number, id))
		return;
	if (sscanf(rest, "%d %127s", &number, id) != 2 || number != s->finished + 1 ||
	    !s->running || strcmp(id, s->running) != 0) {
		stream_error(s, "a result out of turn", line);
		return;
	}
	if (contains(&s->done, id)) {
		stream_error(s, "a second result of one test", line);
		return;
	}
	args_add(&s->done, id);
	free(s->running);
	s->running = NULL;
	s->finished++;
	s->last_failed = *result == 'n';
	s->event(s->arg, id, result, message ? message + 3 : NULL);
}

static void take_plan(struct stream *s, const char *line, const char *rest)
{
	char *end;
	long n = strtol(rest, &end, 10);

	if (s->planned >= 0 || end == rest || *end || n < 0 || n > 100000)
		stream_error(s, "a bad or second plan", line);
	else
		s->planned = (int)n;
}

static void take_comment(struct stream *s, const char *line)
{
	const char *rest;

	if (starts_with(line, "# start ", &rest)) {
		take_start(s, line, rest);
	} else if (starts_with(line, "# blank ", &rest)) {
		if (!contains(&s->blanks, rest))
			args_add(&s->blanks, rest);
	} else if (starts_with(line, "# end", &rest)) {
		if (!nonce_ok(s, rest + (*rest == ' ')))
			stream_error(s, "an end without this run's nonce", line);
		s->end = true;
	}
}

static void take_line(struct stream *s, const char *line)
{
	const char *rest;

	if (!*line)
		return;
	if (!s->header && !starts_with(line, "# blank ", &rest)) {
		if (!starts_with(line, "KTAP version 1", &rest) ||
		    !nonce_ok(s, rest + (*rest == ' ')))
			stream_error(s, "no header with this run's nonce", line);
		s->header = true;
	} else if (s->end) {
		stream_error(s, "more behind the end", line);
	} else if (*line == '#') {
		take_comment(s, line);
	} else if (starts_with(line, "1..", &rest)) {
		take_plan(s, line, rest);
	} else if (starts_with(line, "ok ", &rest)) {
		take_result(s, line, rest, "ok");
	} else if (starts_with(line, "not ok ", &rest)) {
		take_result(s, line, rest, "not ok");
	} else {
		stream_error(s, "not KTAP", line);
	}
}

void stream_feed(struct stream *s, const char *data, size_t n)
{
	for (size_t i = 0; i < n && !s->error; i++) {
		if (data[i] == '\r' || data[i] == '\0')
			continue;
		if (data[i] != '\n') {
			text_add(&s->line, &data[i], 1);
			if (s->line.length > MAX_LINE)
				stream_error(s, "a line without end", s->line.s);
			continue;
		}
		take_line(s, s->line.s ? s->line.s : "");
		text_free(&s->line);
	}
}
