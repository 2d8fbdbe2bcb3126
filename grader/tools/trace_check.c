/*
 * trace-check FILE NAME...: is FILE a trace that Perfetto can open (the JSON format of Chrome's
 * trace viewer), and does it tell a consistent story? On each track times never go back, what
 * begins ends, the last begun first, and pieces do not overlap. Each NAME must occur:
 * "process:tree" as a process, "write" as a slice, "CPU 1" as a track on which something ran.
 * Prints what is wrong; status 1 then.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_TRACKS	4096

static struct track {
	json_int_t pid, tid;
	double now;		/* us: the last event's time, or its end */
	int depth, slices;
	char name[64];
} tracks[MAX_TRACKS];
static int track_count, errors;

static void complain(size_t event, const char *what)
{
	printf("event %zu: %s\n", event, what);
	errors++;
}

static struct track *track_of(json_int_t pid, json_int_t tid)
{
	for (int i = 0; i < track_count; i++)
		if (tracks[i].pid == pid && tracks[i].tid == tid)
			return &tracks[i];
	if (track_count == MAX_TRACKS)
		return NULL;
	tracks[track_count] = (struct track){ .pid = pid, .tid = tid };
	return &tracks[track_count++];
}

static void check_slice(size_t i, char phase, struct track *t, double ts, double duration)
{
	if (ts + 0.0005 < t->now)	/* times are rounded to ns */
		complain(i, "the time goes back");
	t->now = ts;
	if (phase == 'B') {
		t->depth++;
	} else if (phase == 'E') {
		if (--t->depth < 0)
			complain(i, "an end without a beginning");
	} else {
		if (duration < 0)
			complain(i, "a slice of negative length");
		t->now += duration;
	}
	t->slices++;
}

static void check_event(size_t i, json_t *event)
{
	const char *phase, *name = "", *arg = "";
	json_int_t pid, tid;
	double ts = -1, duration = 0;
	struct track *t;

	if (json_unpack(event, "{s:s, s:I, s:I, s?s, s?F, s?F, s?{s?s}}", "ph", &phase, "pid", &pid,
			"tid", &tid, "name", &name, "ts", &ts, "dur", &duration, "args", "name",
			&arg)) {
		complain(i, "not an event");
		return;
	}
	t = track_of(pid, tid);
	if (!t || !strchr("BEXM", *phase))
		complain(i, "too many tracks, or an unknown phase");
	else if (*phase == 'M' && !strcmp(name, "thread_name"))
		snprintf(t->name, sizeof(t->name), "%s", arg);
	else if (*phase != 'M' && (ts < 0 || (*phase != 'E' && !*name)))
		complain(i, "no time or no name");
	else if (*phase != 'M')
		check_slice(i, *phase, t, ts, duration);
}

static bool track_used(const char *name)
{
	for (int i = 0; i < track_count; i++)
		if (!strcmp(tracks[i].name, name) && tracks[i].slices)
			return true;
	return false;
}

static bool occurs(json_t *events, const char *want)
{
	bool process = !strncmp(want, "process:", 8);
	size_t i;
	json_t *event;

	json_array_foreach(events, i, event) {
		const char *name = json_string_value(json_object_get(event, "name"));
		json_t *args = json_object_get(event, "args");
		const char *arg = json_string_value(json_object_get(args, "name"));

		if (name && process ? !strcmp(name, "process_name") && !strcmp(arg, want + 8) :
		    name && !strcmp(name, want))
			return true;
	}
	return track_used(want);
}

int main(int argc, char **argv)
{
	json_error_t error;
	json_t *root = argc > 1 ? json_load_file(argv[1], 0, &error) : NULL;
	json_t *events = json_object_get(root, "traceEvents"), *event;
	size_t i;

	if (!json_is_array(events)) {
		printf("not a trace: line %d: %s\n", error.line, error.text);
		return 1;
	}
	/* Some Perfettos then read ts in that unit. */
	if (json_object_get(root, "displayTimeUnit")) {
		printf("displayTimeUnit: times are in us, and it may be taken otherwise\n");
		errors++;
	}
	json_array_foreach(events, i, event)
		check_event(i, event);
	for (int t = 0; t < track_count; t++)
		if (tracks[t].depth)
			complain(json_array_size(events), "something never ends");
	for (int n = 2; n < argc; n++)
		if (!occurs(events, argv[n])) {
			printf("%s does not occur\n", argv[n]);
			errors++;
		}
	return errors != 0;
}
