/*
 * QMP: one JSON object per line in both directions. Answers ("return", "error") come in the order
 * of the commands; events may stand between them.
 */
#include "monitor.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_TIMEOUT	2.0

static void send_line(struct monitor *m, json_t *j)
{
	char *s = json_dumps(j, JSON_COMPACT);
	struct text line = { 0 };

	text_printf(&line, "%s\n", s);
	if (m->fd >= 0 && send(m->fd, line.s, line.length, MSG_NOSIGNAL) < 0)
		monitor_close(m);
	text_free(&line);
	free(s);
	json_decref(j);
}

void monitor_open(struct monitor *m, int fd)
{
	*m = (struct monitor){ .fd = fd };
	send_line(m, json_pack("{s:s}", "execute", "qmp_capabilities"));
}

/* NULL: the command failed. */
static void take_answer(struct monitor *m, const json_t *text)
{
	free(m->answer);
	m->answer = xstrdup(json_is_string(text) ? json_string_value(text) : "");
}

static void take_shutdown(struct monitor *m, const json_t *reason)
{
	free(m->shutdown);
	m->shutdown = xstrdup(json_is_string(reason) ? json_string_value(reason) : "");
}

static void take_line(struct monitor *m, const char *line)
{
	json_t *j = json_loads(line, 0, NULL);
	const char *event = json_string_value(json_object_get(j, "event"));

	if (event && strcmp(event, "SHUTDOWN") == 0)
		take_shutdown(m, json_object_get(json_object_get(j, "data"), "reason"));
	else if (m->commands && json_integer_value(json_object_get(j, "id")) == m->commands)
		take_answer(m, json_object_get(j, "return"));
	json_decref(j);
}

void monitor_take(struct monitor *m)
{
	char buf[4096], *end;
	ssize_t n;
	bool closed;

	if (m->fd < 0)
		return;
	while ((n = recv(m->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		text_add(&m->in, buf, (size_t)n);
	closed = n == 0 || (errno != EAGAIN && errno != EINTR);
	while (m->in.s && (end = strchr(m->in.s, '\n'))) {
		*end = '\0';
		take_line(m, m->in.s);
		m->in.length -= (size_t)(end + 1 - m->in.s);
		memmove(m->in.s, end + 1, m->in.length + 1);
	}
	if (closed)
		monitor_close(m);
}

char *monitor_command(struct monitor *m, const char *command, int cpu)
{
	double deadline = now() + ANSWER_TIMEOUT;
	char *answer;

	free(m->answer);
	m->answer = NULL;
	send_line(m,
		  json_pack("{s:s, s:i, s:{s:s, s:i}}", "execute", "human-monitor-command", "id",
			    ++m->commands, "arguments", "command-line", command, "cpu-index", cpu));
	while (!m->answer && m->fd >= 0 && now() < deadline) {
		struct pollfd p = { m->fd, POLLIN, 0 };

		poll(&p, 1, 100);
		monitor_take(m);
	}
	if (!m->answer)
		monitor_close(m);	/* nobody there: do not ask again */
	answer = m->answer;
	m->answer = NULL;
	return answer;
}

void monitor_quit(struct monitor *m)
{
	send_line(m, json_pack("{s:s}", "execute", "quit"));
}

void monitor_close(struct monitor *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
	text_free(&m->in);
}
