/*
 * Reading the tests' own declarations.
 *
 * A declaration begins in column 0: KTEST(id, "1.2", 4, "title") or UTEST(...), and may run over
 * several lines; the title may be several string literals. Nothing else of C is understood, and
 * nothing else is needed, as the compiler reads the same lines.
 */
#include "catalogue.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one declaration ----------------------------------------------------------------------- */

static const char *skip_blank(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* An identifier; *p is left behind it. NULL if there is none. */
static char *take_name(const char **p)
{
	const char *s = skip_blank(*p), *e = s;

	while (isalnum((unsigned char)*e) || *e == '_')
		e++;
	*p = e;
	return e > s ? xstrndup(s, (size_t)(e - s)) : NULL;
}

/* One or more string literals. \" and \\ are the escapes that are understood. */
static char *take_string(const char **p)
{
	struct text t = { 0 };
	const char *s = skip_blank(*p);

	if (*s != '"')
		return NULL;
	text_add(&t, "", 0);
	while (*s == '"') {
		for (s++; *s && *s != '"'; s++) {
			if (*s == '\\' && s[1])
				s++;
			text_add(&t, s, 1);
		}
		if (!*s)
			break;
		s = skip_blank(s + 1);
	}
	*p = s;
	return t.s;
}

static bool take_char(const char **p, char c)
{
	const char *s = skip_blank(*p);

	*p = s + (*s == c);
	return *s == c;
}

/* Read behind the macro's name: (id, "exercise", points, "title"). */
static bool take_declaration(const char *p, struct test *t)
{
	char *end;

	if (!take_char(&p, '(') || !(t->id = take_name(&p)) || !take_char(&p, ',') ||
	    !(t->exercise = take_string(&p)) || !take_char(&p, ','))
		return false;
	t->points = (int)strtol(p, &end, 10);
	if (end == p || t->points < 0)
		return false;
	p = end;
	return take_char(&p, ',') && (t->title = take_string(&p)) && take_char(&p, ')');
}

static void catalogue_add(struct catalogue *c, struct test t)
{
	c->tests = xrealloc(c->tests, (size_t)(c->count + 1) * sizeof(*c->tests));
	c->tests[c->count++] = t;
}

void catalogue_scan(struct catalogue *c, const char *macro, const char *text, const char *file,
		    int lab, const struct program *program, struct text *errors)
{
	size_t n = strlen(macro);
	int line = 1;

	for (const char *p = text; *p; line++) {
		const char *next = strchr(p, '\n');

		if (strncmp(p, macro, n) == 0 && *skip_blank(p + n) == '(') {
			struct test t = { .lab = lab, .file = xstrdup(file), .line = line,
					  .program = program };

			if (!take_declaration(p + n, &t))
				text_printf(errors, "%s:%d: cannot read this %s()\n", file, line,
					    macro);
			else if (catalogue_find(c, t.id))
				text_printf(errors, "%s:%d: there is another test %s\n", file, line,
					    t.id);
			if (t.title)
				catalogue_add(c, t);
		}
		if (!next)
			break;
		p = next + 1;
	}
}

struct test *catalogue_find(struct catalogue *c, const char *id)
{
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->tests[i].id, id) == 0)
			return &c->tests[i];
	return NULL;
}

int catalogue_points(const struct catalogue *c, int lab, const char *exercise)
{
	int sum = 0;

	for (int i = 0; i < c->count; i++)
		if (c->tests[i].lab == lab &&
		    (!exercise || strcmp(c->tests[i].exercise, exercise) == 0))
			sum += c->tests[i].points;
	return sum;
}

/* ---- directives ---------------------------------------------------------------------------- */

static void set_word(char **where, const char *value)
{
	free(*where);
	*where = xstrdup(value);
}

static void add_word(char **where, const char *value)
{
	char *old = *where;

	*where = old ? xasprintf("%s %s", old, value) : xstrdup(value);
	free(old);
}

static bool add_pair(struct args *pairs, const char *value)
{
	struct args words = { 0 };
	bool ok;

	args_split(&words, value);
	ok = words.n == 2;
	for (int i = 0; ok && i < 2; i++)
		args_add(pairs, words.v[i]);
	args_free(&words);
	return ok;
}

static bool set_directive(struct boot_config *b, const char *word, const char *value)
{
	if (strcmp(word, "append") == 0)
		add_word(&b->append, value);
	else if (strcmp(word, "mem") == 0)
		set_word(&b->mem, value);
	else if (strcmp(word, "smp") == 0)
		set_word(&b->smp, value);
	else if (strcmp(word, "cpu") == 0)
		set_word(&b->cpu, value);
	else if (strcmp(word, "disk") == 0)
		set_word(&b->disk, value);
	else if (strcmp(word, "cflags") == 0)
		add_word(&b->cflags, value);
	else if (strcmp(word, "qemu") == 0)
		add_word(&b->qemu, value);
	else if (strcmp(word, "timeout") == 0)
		b->timeout = atoi(value);
	else if (strcmp(word, "host") == 0 && strncmp(value, "no", 2) == 0)
		set_word(&b->host_no, skip_blank(value + 2));
	else if (strcmp(word, "file") == 0)
		return add_pair(&b->files, value);
	else if (strcmp(word, "link") == 0)
		return add_pair(&b->links, value);
	else if (strcmp(word, "ask") == 0)
		return add_pair(&b->asks, value);
	else
		return false;
	return true;
}

void config_parse(struct boot_config *b, const char *text, const char *file, struct text *errors)
{
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		const char *at = p + strspn(p, " \t*/");
		char *line, *value;

		if (at < p + n && *at == '@' && islower((unsigned char)at[1])) {
			line = xstrndup(at + 1, (size_t)(p + n - at - 1));
			value = line + strcspn(line, " \t");
			if (*value)
				*value++ = '\0';
			value += strspn(value, " \t");
			if (!set_directive(b, line, value))
				text_printf(errors, "%s: bad directive @%s\n", file, line);
			free(line);
		}
		p += n + (p[n] == '\n');
	}
}

/* ---- all of it ----------------------------------------------------------------------------- */

static int is_source(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 2 && strcmp(d->d_name + n - 2, ".c") == 0;
}

static struct program *add_program(struct catalogue *c, int lab, const char *file)
{
	struct program *p = xrealloc(NULL, sizeof(*p));
	const char *slash = strrchr(file, '/');

	*p = (struct program){ .lab = lab, .source = xstrdup(file), .flat = lab <= 3 };
	p->name = xstrndup(slash + 1, strlen(slash + 1) - 2);
	c->programs = xrealloc(c->programs, (size_t)(c->program_count + 1) * sizeof(*c->programs));
	c->programs[c->program_count++] = p;
	return p;
}

/* The opening comment, which is where directives are looked for. */
static char *opening_comment(const char *text)
{
	const char *end = strncmp(text, "/*", 2) == 0 ? strstr(text, "*/") : NULL;

	return xstrndup(text, end ? (size_t)(end - text) : 0);
}

static void load_file(struct catalogue *c, const char *root, const char *file, int lab, bool user,
		      const char *defaults, struct text *errors)
{
	char *path = xasprintf("%s/%s", root, file);
	char *text = read_file(path, NULL), *comment;
	struct boot_config *config = &c->kernel_config[lab];
	struct program *program = NULL;

	if (!text)
		die("%s: %s", path, strerror(errno));
	comment = opening_comment(text);
	if (user) {
		program = add_program(c, lab, file);
		config = &program->config;
		if (defaults)
			config_parse(config, defaults, file, errors);
	}
	config_parse(config, comment, file, errors);
	catalogue_scan(c, user ? "UTEST" : "KTEST", text, file, lab, program, errors);
	free(comment);
	free(text);
	free(path);
}

static void load_directory(struct catalogue *c, const char *root, int lab, bool user,
			   struct text *errors)
{
	char *below = lab ? xasprintf("grader/%s/0%d", user ? "user" : "ktest", lab) :
			    xstrdup("grader/ktest");
	char *directory = xasprintf("%s/%s", root, below), *conf = xasprintf("%s/boot", directory);
	char *defaults = read_file(conf, NULL);
	struct dirent **names;
	int n = scandir(directory, &names, is_source, alphasort);

	if (defaults && !user)
		config_parse(&c->kernel_config[lab], defaults, conf, errors);
	for (int i = 0; i < n; i++) {
		char *file = xasprintf("%s/%s", below, names[i]->d_name);

		load_file(c, root, file, lab, user, defaults, errors);
		free(file);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	free(defaults);
	free(conf);
	free(directory);
	free(below);
}

void catalogue_load(struct catalogue *c, const char *root, struct text *errors)
{
	load_directory(c, root, 0, false, errors);
	for (int lab = 1; lab <= LABS; lab++) {
		load_directory(c, root, lab, false, errors);
		load_directory(c, root, lab, true, errors);
	}
}
