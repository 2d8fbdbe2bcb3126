/*
 * A class's grades as CSV: one line for each result directory, with the weights and deadlines of
 * the course's file. A directory without a usable results.json gets a line that says so and no
 * points, so that nobody is lost silently.
 */
#include "course.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalogue.h"
#include "util.h"

#define DAY	(24 * 60 * 60)

/* ---- the course's file --------------------------------------------------------------------- */

static bool parse_deadline(const char *word, time_t *deadline)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *end;

	if (strcmp(word, "-") == 0) {
		*deadline = 0;
		return true;
	}
	end = strptime(word, "%Y-%m-%dT%H:%M", &tm);
	*deadline = mktime(&tm);
	return end && *end == '\0';
}

bool course_parse_line(struct course *c, const char *line)
{
	char deadline[32];
	struct course_lab l;
	int lab, end = 0;

	line += strspn(line, " \t");
	if (*line == '#' || *line == '\0')
		return true;
	if (sscanf(line, "%d %lf %31s %lf %d %n", &lab, &l.weight, deadline, &l.late_percent,
		   &l.late_days, &end) != 5 || line[end] != '\0')
		return false;
	if (lab < 1 || lab > LABS || l.weight < 0 || l.late_percent < 0 || l.late_percent > 100 ||
	    l.late_days < 0 || !parse_deadline(deadline, &l.deadline))
		return false;
	c->lab[lab] = l;
	return true;
}

void course_load(struct course *c, const char *path)
{
	char *text = read_file(path, NULL);
	int number = 0;

	if (!text)
		die("%s: %s", path, strerror(errno));
	for (char *line = text; *line;) {
		char *next = line + strcspn(line, "\n");

		if (*next)
			*next++ = '\0';
		number++;
		if (!course_parse_line(c, line))
			die("%s:%d: expected: lab weight deadline percent-per-day days", path,
			    number);
		line = next;
	}
	free(text);
}

struct course_grade course_grade(const struct course_lab *l, double points, double of,
				 time_t submitted)
{
	struct course_grade g = { .percent = of > 0 ? 100 * points / of : 0 };

	if (l->deadline && submitted > l->deadline)
		g.days_late = (int)((submitted - l->deadline + DAY - 1) / DAY);
	if (g.days_late > l->late_days)
		g.percent = 0;
	else
		g.percent *= 1 - g.days_late * l->late_percent / 100;
	if (g.percent < 0)
		g.percent = 0;
	g.weighted = g.percent * l->weight / 100;
	return g;
}

/* ---- one submission ------------------------------------------------------------------------ */

static void put_csv(const char *s)
{
	putchar('"');
	for (; *s; s++)
		printf(*s == '"' ? "\"\"" : "%c", *s);
	putchar('"');
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static json_t *load_results(const char *directory)
{
	char *path = xasprintf("%s/results.json", directory);
	json_t *j = json_load_file(path, 0, NULL);

	free(path);
	return j;
}

/* When it was handed in, as grader/instructor/submission.sh noted; 0: not known. */
static time_t submitted_at(const char *directory)
{
	char *path = xasprintf("%s/submitted", directory), *text = read_file(path, NULL);
	time_t t = text ? (time_t)atoll(text) : 0;

	free(text);
	free(path);
	return t;
}

/* Points of one exercise, or of all (NULL); *of what there is to get. */
static double points_of(const json_t *j, const char *exercise, double *of)
{
	double points = 0;
	size_t i;
	json_t *t;

	*of = 0;
	json_array_foreach(json_object_get(j, "tests"), i, t) {
		const char *number = json_string_value(json_object_get(t, "number"));

		if (!json_object_get(t, "max_score") ||
		    (exercise && (!number || strcmp(number, exercise) != 0)))
			continue;
		points += json_number_value(json_object_get(t, "score"));
		*of += json_number_value(json_object_get(t, "max_score"));
	}
	return points;
}

/* The exercises that the first usable results name, in their order. */
static void list_exercises(struct args *exercises, const json_t *j)
{
	size_t i;
	json_t *t;

	json_array_foreach(json_object_get(j, "tests"), i, t) {
		const char *number = json_string_value(json_object_get(t, "number"));
		bool known = !number || !json_object_get(t, "max_score");

		for (int k = 0; !known && k < exercises->n; k++)
			known = strcmp(exercises->v[k], number) == 0;
		if (!known)
			args_add(exercises, number);
	}
}

static bool print_line(const struct course *c, const char *directory, const struct args *exercises)
{
	json_t *j = load_results(directory);
	int lab = (int)json_integer_value(json_object_get(json_object_get(j, "extra_data"), "lab"));
	double of, points = points_of(j, NULL, &of);
	struct course_lab none = { .weight = 100 };
	const struct course_lab *l =
		lab >= 1 && lab <= LABS && c->lab[lab].weight >= 0 ? &c->lab[lab] : &none;
	struct course_grade g = course_grade(l, points, of, submitted_at(directory));

	put_csv(base_name(directory));
	if (!j || of == 0) {
		printf(",,0,0,0,0,0,not graded");
		for (int i = 0; i < exercises->n; i++)
			printf(",");
		printf("\n");
		json_decref(j);
		return false;
	}
	printf(",%d,%g,%g,%d,%.2f,%.2f,graded", lab, points, of, g.days_late, g.percent,
	       g.weighted);
	for (int i = 0; i < exercises->n; i++)
		printf(",%g", points_of(j, exercises->v[i], &of));
	printf("\n");
	json_decref(j);
	return true;
}

int course_print_csv(const struct course *c, char *const directories[], int count)
{
	struct args exercises = { 0 };
	int bad = 0;

	for (int i = 0; exercises.n == 0 && i < count; i++) {
		json_t *j = load_results(directories[i]);

		list_exercises(&exercises, j);
		json_decref(j);
	}
	printf("submission,lab,points,of,days_late,percent,weighted,status");
	for (int i = 0; i < exercises.n; i++)
		printf(",%s", exercises.v[i]);
	printf("\n");
	for (int i = 0; i < count; i++)
		bad += !print_line(c, directories[i], &exercises);
	args_free(&exercises);
	return bad;
}
