/*
 * Reading a KTAP stream (common/ktest.c describes it) as it arrives, in pieces of any size.
 *
 * Nothing counts before the header with this run's nonce, a result must follow its "# start",
 * numbers count up from 1, and no test that passed reports twice: what breaks a rule sets `error`,
 * and then the whole boot is void.
 */
#pragma once

#include <stdbool.h>

#include "util.h"

struct stream {
	const char *nonce;	/* expected in header and end; NULL: any */
	/* A test has begun (result NULL) or ended ("ok", "not ok"). message may be NULL. */
	void (*event)(void *arg, const char *id, const char *result, const char *message);
	void *arg;

	bool header, end;
	int planned;		/* -1 before the plan */
	int finished;		/* results so far */
	char *running;		/* id of the test that has started and not ended */
	struct args done;	/* ids that have ended */
	bool last_failed;	/* the last of them was not ok */
	struct args blanks;	/* exercises that reported themselves blank */
	char *error;
	struct text line;	/* incomplete */
};

void stream_init(struct stream *s, const char *nonce,
		 void (*event)(void *, const char *, const char *, const char *), void *arg);
void stream_feed(struct stream *s, const char *data, size_t n);
void stream_free(struct stream *s);

/* All of it has arrived: header, plan, as many results as planned, and the end. */
bool stream_complete(const struct stream *s);
