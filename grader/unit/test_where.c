/*
 * grader/monitor.c and where.c: what a machine that is stuck says about itself, and addresses as
 * functions and lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "grader/where.h"
#include "judging.h"

static struct result *fb_of(const char *mode)
{
	return view_find(judge(mode), "fb");
}

START_TEST(stack_of_a_hang)
{
	struct result *r = fb_of("spin");

	ck_assert_int_eq(r->symptom, SYMPTOM_HANG);
	ck_assert_int_eq(r->stuck, STUCK_KERNEL);
	ck_assert_str_eq(r->where, "CPU 0  0xffffffff80001234\n"
			 "       <- 0xffffffff80002000\n       <- 0xffffffff80003000\n"
			 "CPU 1  idle, waits for an interrupt\n");
}
END_TEST

START_TEST(place_of_a_reset)
{
	struct result *r = fb_of("reboot");

	ck_assert_int_eq(r->symptom, SYMPTOM_RESET);
	ck_assert_ptr_nonnull(strstr(r->where, "CPU 0  0xffffffff80001234\n"));
}
END_TEST

START_TEST(place_of_a_panic)
{
	struct result *r = fb_of("panic-kernel");

	ck_assert_int_eq(r->symptom, SYMPTOM_PANIC);
	ck_assert_str_eq(r->message, "the kernel panicked on CPU 1: assertion failed: 1 == 2");
	/* The first is where a trap came, the others are behind calls. */
	ck_assert_str_eq(r->where, "0xffffffff80001234\n<- 0xffffffff80002000\n");
}
END_TEST

START_TEST(silent_monitor)
{
	struct result *r = fb_of("deaf");

	ck_assert_int_eq(r->symptom, SYMPTOM_HANG);
	ck_assert_int_eq(r->stuck, STUCK_UNKNOWN);
	ck_assert_ptr_null(r->where);
}
END_TEST

/* What "info registers -a" says, and what becomes of it. */
static const struct {
	const char *registers;
	enum stuck stuck;
	const char *lines;
} machines[] = {
	{ "CPU#0\r\nRIP=ffffffff80000010 RFL=00000002 CPL=0 HLT=1\r\n", STUCK_HALTED,
	  "CPU 0  halted with interrupts off: 0xffffffff80000010\n" },
	{ "CPU#0\r\nRIP=ffffffff80000010 RFL=00000202 CPL=0 HLT=1\r\nCPU#1\r\nRIP=0000000000000000 "
	  "RFL=00000002 CPL=0 HLT=1\r\n", STUCK_IDLE,
	  "CPU 0  idle, waits for an interrupt\nCPU 1  not started\n" },
	{ "CPU#0\r\nRIP=0000000000401000 RFL=00000202 CPL=3 HLT=0\r\n", STUCK_USER,
	  "CPU 0  in user mode: 0x401000\n" },
	{ "", STUCK_UNKNOWN, NULL },
};

START_TEST(states)
{
	char *scratch = xasprintf("%s/scratch", o.work), *answer;
	struct text escaped = { 0 }, lines = { 0 };
	struct monitor m;
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	monitor_open(&m, fds[0]);
	for (const char *p = machines[_i].registers; *p; p++)
		text_printf(&escaped, *p == '\r' ? "\\r" : *p == '\n' ? "\\n" : "%c", *p);
	/* An event and an answer to nothing come first; both belong to nobody. */
	answer = xasprintf(
		"{\"event\": \"STOP\"}\n{\"return\": {}}\n{\"return\": \"%s\", \"id\": 1}\n",
		escaped.s ? escaped.s : "");
	ck_assert_int_eq(write(fds[1], answer, strlen(answer)), (int)strlen(answer));
	ck_assert_int_eq(where_stuck(&m, "/nonexistent", NULL, scratch, &lines),
			 machines[_i].stuck);
	if (machines[_i].lines)
		ck_assert_str_eq(lines.s, machines[_i].lines);
	else
		ck_assert_ptr_null(lines.s);
	monitor_close(&m);
	close(fds[1]);
}
END_TEST

/* A program of two functions, one of them inlined; the address of an instruction of the inner. */
static uint64_t compile(const char *elf)
{
	char *source = xasprintf("%s.c", elf), *names = xasprintf("%s.nm", elf), *text, *at;
	static const char program[] =
		"volatile int x;\n"
		"static inline __attribute__((always_inline)) void inner(void) { x = 1; }\n"
		"void outer(void) { inner(); }\n"
		"int main(void) { outer(); return 0; }\n";
	char *command = xasprintf("gcc -g -O1 -no-pie -fcf-protection=none -o %s %s && nm %s > %s",
				  elf, source, elf, names);

	ck_assert(write_file(source, program, strlen(program)));
	ck_assert_int_eq(system(command), 0);
	text = read_file(names, NULL);
	at = strstr(text, " T outer");
	ck_assert_ptr_nonnull(at);
	while (at > text && at[-1] != '\n')
		at--;
	return strtoull(at, NULL, 16);
}

START_TEST(functions_and_lines)
{
	char *elf = xasprintf("%s/program", o.work), *scratch = xasprintf("%s/scratch", o.work);
	char *want = xasprintf("in inner (%s.c:2)\nin outer (%s.c:3)\nin 0x0000000000000010\n", elf,
			       elf);
	uint64_t addresses[2] = { compile(elf), 0x10 };
	struct text lines = { 0 };

	where_places(elf, addresses, 2, scratch, "in ", 8, &lines);
	ck_assert_str_eq(lines.s, want);
	text_free(&lines);
	where_places(elf, addresses, 2, scratch, "", 1, &lines);
	ck_assert_ptr_null(strstr(lines.s, "outer"));
	ck_assert(!file_exists(scratch));
}
END_TEST

START_TEST(sleepers)
{
	struct text lines = { 0 };

	where_sleepers(
		"0x1 in x ()\n7 flush (process 0) sleeps in:\n  schedule + 1 in section .text\n"
		"  flush_loop + 2 in section .text\n1 init (process 1) sleeps in:\n"
		"  schedule + 500 in section .text\n  wait_sleep + 160 in section .text\n"
		"  wait_for_child + 417 in section .text\n  sys_wait4 + 123 in section .text\n"
		"  syscall_dispatch + 62 in section .text\n2 a (process 2) sleeps in:\n"
		"  pipe_read + 1 in section .text\n",
		&lines);
	ck_assert_str_eq(lines.s, "process 1 (init) sleeps in wait_for_child <- sys_wait4\n"
			 "process 2 (a) sleeps in pipe_read\n");
	text_free(&lines);
	where_sleepers("No symbol table is loaded.\n", &lines);
	ck_assert_ptr_null(lines.s);
}
END_TEST

static Suite *where_suite(void)
{
	Suite *s = suite_create("where");
	TCase *t = tcase_create("where");

	tcase_add_checked_fixture(t, judging_setup, judging_teardown);
	tcase_add_test(t, stack_of_a_hang);
	tcase_add_test(t, place_of_a_reset);
	tcase_add_test(t, place_of_a_panic);
	tcase_add_test(t, silent_monitor);
	tcase_add_loop_test(t, states, 0, ARRAY_SIZE(machines));
	tcase_add_test(t, functions_and_lines);
	tcase_add_test(t, sleepers);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(where_suite);
