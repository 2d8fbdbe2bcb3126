/*
 * Stacks, read through QEMU's monitor by frame pointers: every kernel function pushes the caller's
 * rbp below its return address (-fno-omit-frame-pointer). addr2line knows files and lines; without
 * it addresses are printed as they are.
 */
#include "where.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CPUS	16
#define MAX_DEPTH	6
#define RFLAGS_IF	0x200

struct cpu_state {
	uint64_t rip, rbp, rflags;
	bool user, halted, started;
};

/* ---- places -------------------------------------------------------------------------------- */

/* Paths as they stand in the tree: relative to where the grader runs. */
static const char *relative(const char *path)
{
	char root[4096];

	if (getcwd(root, sizeof(root)) && strncmp(path, root, strlen(root)) == 0 &&
	    path[strlen(root)] == '/')
		return path + strlen(root) + 1;
	return path;
}

/* One line of `addr2line -apfi`, behind the address: "name at /path/file.c:12 (discr. 1)". */
static void add_place(struct text *t, const char *prefix, const char *line)
{
	const char *at = strstr(line, " at ");
	int name = at ? (int)(at - line) : (int)strlen(line);

	if (!at || strncmp(at + 4, "??", 2) == 0)
		text_printf(t, "%s%.*s\n", prefix, name, line);
	else
		text_printf(t, "%s%.*s (%.*s)\n", prefix, name, line,
			    (int)strcspn(relative(at + 4), " "), relative(at + 4));
}

static char *addr2line(const char *elf, const uint64_t *addresses, int n, const char *scratch)
{
	struct args a = { 0 };
	char *output = NULL;

	args_split(&a, "addr2line -a -p -f -i -e");
	args_add(&a, elf);
	for (int i = 0; i < n; i++)
		args_printf(&a, "%#llx", (unsigned long long)addresses[i]);
	if (run_program(a.v, scratch) == 0)
		output = read_file(scratch, NULL);
	unlink(scratch);
	args_free(&a);
	return output;
}

void where_places(const char *elf, const uint64_t *addresses, int n, const char *scratch,
		  const char *prefix, int limit, struct text *lines)
{
	char *output = n ? addr2line(elf, addresses, n, scratch) : NULL, *rest = output;

	for (int i = 0; !output && i < n && i < limit; i++)
		text_printf(lines, "%s%#llx\n", prefix, (unsigned long long)addresses[i]);
	for (char *line; limit > 0 && (line = strsep(&rest, "\n")); ) {
		static const char inlined[] = " (inlined by) ";
		char *colon = strncmp(line, "0x", 2) == 0 ? strstr(line, ": ") : NULL;

		if (!*line)
			continue;
		if (strstr(line, "common/ktest.c:"))	/* who runs the tests is of no interest */
			break;
		if (strncmp(line, inlined, sizeof(inlined) - 1) == 0)
			line += sizeof(inlined) - 1;
		else if (colon && colon[2] != '?')
			line = colon + 2;
		else if (colon)
			*colon = '\0';	/* unknown: the address */
		add_place(lines, prefix, line);
		limit--;
	}
	free(output);
}

/* ---- CPUs ---------------------------------------------------------------------------------- */

static uint64_t field(const char *block, const char *name, int base)
{
	const char *at = strstr(block, name);

	return at ? strtoull(at + strlen(name), NULL, base) : 0;
}

/* The answer to "info registers -a": a block per CPU, which begins with "CPU#0". */
static int parse_cpus(char *text, struct cpu_state cpus[MAX_CPUS])
{
	int n = 0;

	for (char *at = strstr(text, "CPU#"), *next; at && n < MAX_CPUS; at = next) {
		next = strstr(at + 4, "CPU#");
		if (next)
			next[-1] = '\0';
		cpus[n++] = (struct cpu_state){
			.rip = field(at, "RIP=", 16), .rbp = field(at, "RBP=", 16),
			.rflags = field(at, "RFL=", 16), .user = field(at, "CPL=", 10) == 3,
			.halted = field(at, "HLT=", 10),
			.started = field(at, "RIP=", 16) >> 31,
		};
	}
	return n;
}

/* Two words of the CPU's virtual memory: "ffff8000...: 0x1234 0x5678". */
static bool read_words(struct monitor *m, int cpu, uint64_t address, uint64_t words[2])
{
	char command[64], *answer, *at;
	bool ok = false;

	snprintf(command, sizeof(command), "x/2gx 0x%llx", (unsigned long long)address);
	answer = monitor_command(m, command, cpu);
	at = answer ? strchr(answer, ':') : NULL;
	if (at && strstr(at, "0x")) {
		words[0] = strtoull(at + 1, &at, 16);
		words[1] = strtoull(at, NULL, 16);
		ok = true;
	}
	free(answer);
	return ok;
}

/* Return addresses, each minus one so that it lies in the call. */
static int read_stack(struct monitor *m, int cpu, const struct cpu_state *s, uint64_t *places)
{
	uint64_t rbp = s->rbp, words[2];
	int n = 0;

	places[n++] = s->rip;
	while (!s->user && n < MAX_DEPTH && rbp >> 63 && !(rbp & 7) &&
	       read_words(m, cpu, rbp, words) && words[1] >> 63) {
		places[n++] = words[1] - 1;
		if (words[0] <= rbp)
			break;
		rbp = words[0];
	}
	return n;
}

static enum stuck judge_cpu(const struct cpu_state *s, const char *place)
{
	if (s->halted && !s->started)
		return STUCK_IDLE;
	if (s->halted)
		return s->rflags & RFLAGS_IF ? STUCK_IDLE : STUCK_HALTED;
	if (s->user)
		return STUCK_USER;
	return strstr(place, "spin_lock") ? STUCK_LOCK : STUCK_KERNEL;
}

/* The first place stands behind "CPU 0", its callers below. */
static void add_cpu(struct text *lines, int cpu, const char *what, const char *places)
{
	size_t n = strcspn(places, "\n");

	text_printf(lines, "CPU %d  %s%.*s\n", cpu, what, (int)n, places);
	for (places += n + (places[n] == '\n'); *places; places += n + (places[n] == '\n')) {
		n = strcspn(places, "\n");
		text_printf(lines, "       <- %.*s\n", (int)n, places);
	}
}

static enum stuck look_at(struct monitor *m, int cpu, const struct cpu_state *s, const char *elf,
			  const char *scratch, struct text *lines)
{
	static const char *const what[] = {
		[STUCK_HALTED] = "halted with interrupts off: ", [STUCK_USER] = "in user mode: ",
		[STUCK_LOCK] = "", [STUCK_KERNEL] = "",
	};
	uint64_t places[MAX_DEPTH];
	struct text t = { 0 };
	enum stuck state;

	text_add(&t, "", 0);
	where_places(elf, places, read_stack(m, cpu, s, places), scratch, "", MAX_DEPTH, &t);
	state = judge_cpu(s, t.s);
	if (state == STUCK_IDLE)
		text_printf(lines, "CPU %d  %s\n", cpu,
			    s->started ? "idle, waits for an interrupt" : "not started");
	else
		add_cpu(lines, cpu, what[state], t.s);
	text_free(&t);
	return state;
}

/* ---- sleeping threads ---------------------------------------------------------------------- */

#define MAX_SLEEPERS	4
#define MAX_FRAMES	3

/* Functions that every sleeper is in, and those that say nothing about why. */
static bool is_common(const char *name, size_t n)
{
	static const char *const names[] = {
		"schedule", "context_switch", "wait_sleep", "syscall_dispatch", "syscall_entry",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == n && strncmp(name, names[i], n) == 0)
			return true;
	return false;
}

void where_sleepers(const char *text, struct text *lines)
{
	int sleepers = 0, frames = 0;

	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		char name[32];
		int thread, process;

		if (sscanf(p, "%d %31s (process %d) sleeps in:", &thread, name, &process) == 3) {
			frames = 0;
			if (!process || sleepers == MAX_SLEEPERS) /* the kernel's own threads */
				frames = MAX_FRAMES;
			else
				text_printf(lines, "%sprocess %d (%s) sleeps",
					    sleepers++ ? "\n" : "", process, name);
		} else if (strncmp(p, "  ", 2) == 0 && strstr(p, " + ") && frames < MAX_FRAMES &&
			   !is_common(p + 2, strcspn(p + 2, " "))) {
			text_printf(lines, "%s%.*s", frames++ ? " <- " : " in ",
				    (int)strcspn(p + 2, " "), p + 2);
		}
	}
	if (sleepers)
		text_printf(lines, "\n");
}

/* Nobody runs, so the threads know more than the CPUs: let the debugger's helper list them. */
static void ask_debugger(struct monitor *m, const char *kernel, const char *scratch,
			 struct text *lines)
{
	char *socket = xasprintf("/tmp/trellis-%d-%d.sock", getpid(), gettid());
	char *server = xasprintf("gdbserver unix:%s,server=on,wait=off", socket);
	struct args a = { 0 };
	char *text = NULL;

	free(monitor_command(m, server, 0));
	args_split(&a, "timeout -k 1 10 gdb -q -batch -nx -ix common/gdb/trellis.gdb -ex");
	args_printf(&a, "target remote %s", socket);
	args_split(&a, "-ex trellis-waiters");
	args_add(&a, kernel);
	if (file_exists(socket) && run_program(a.v, scratch) == 0)
		text = read_file(scratch, NULL);
	where_sleepers(text ? text : "", lines);
	unlink(scratch);
	unlink(socket);
	free(text);
	free(server);
	free(socket);
	args_free(&a);
}

enum stuck where_stuck(struct monitor *m, const char *kernel, const char *program,
		       const char *scratch, struct text *lines)
{
	char *answer = monitor_command(m, "info registers -a", 0);
	struct cpu_state cpus[MAX_CPUS];
	enum stuck worst = STUCK_UNKNOWN;
	int n = answer ? parse_cpus(answer, cpus) : 0;

	for (int i = 0; i < n; i++) {
		bool user = cpus[i].user && program;
		enum stuck state = look_at(m, i, &cpus[i], user ? program : kernel, scratch, lines);

		/* The lock that one waits for says more than what another CPU does. */
		if (worst == STUCK_UNKNOWN || worst == STUCK_IDLE || state == STUCK_LOCK)
			worst = state;
	}
	if (worst == STUCK_IDLE)
		ask_debugger(m, kernel, scratch, lines);
	free(answer);
	return worst;
}
