/*
 * Exercises 4.2 (the initial stack) and 4.4 (mapping segments) as programs see them: this program
 * executes itself, and the copy, told by its second argument what to look at, answers by its exit
 * status.
 * @timeout 30
 * @ask stack_argv console
 */
#include "ktap_user.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

extern char **environ;

/* Data and bss that share a page, and a bss that goes on for many. */
static int initialised[3] = { 1, 2, 3 };
static int zero_tail[3];
static char zero_pages[5 * 4096];
static const int constant = 7;
static __thread int tls_value = 42;
static __thread int tls_zero;

/* ---- the copy ---- */

/* Exit with the line's number if the condition does not hold. */
#define CHECK(cond)	do { if (!(cond)) _exit(__LINE__ % 200 + 20); } while (0)

/* Its last argument is the grader's question. */
static void child_argv(int argc, char **argv)
{
	unsigned long hash;

	CHECK(argc == 7);
	CHECK(!strcmp(argv[3], "a") && !strcmp(argv[4], "") && !strcmp(argv[5], "c d"));
	CHECK(argv[7] == NULL);
	hash = ut_answer_add(ut_answer_add(UT_ANSWER_START, argv[6]), "stack_argv");
	printf("answer stack_argv %016lx\n", hash);
	fflush(stdout);
}

static void child_envp(int argc, char **argv)
{
	CHECK(environ == argv + argc + 1);
	CHECK(environ[0] && !strcmp(environ[0], "A=1"));
	CHECK(environ[1] && !strcmp(environ[1], "B="));
	CHECK(environ[2] && !strcmp(environ[2], "C=x y"));
	CHECK(environ[3] == NULL);
}

/* rsp pointed to argc, which stands before argv[0]. */
static void child_align(int argc, char **argv)
{
	CHECK(((uintptr_t)argv - sizeof(long)) % 16 == 0);
	CHECK(((long *)argv)[-1] == argc);
}

static void child_auxv(int argc, char **argv)
{
	const Elf64_Phdr *p = (const void *)getauxval(AT_PHDR);
	int loads = 0;

	CHECK(getauxval(AT_PAGESZ) == 4096 && getauxval(AT_CLKTCK) == 100);
	CHECK(getauxval(AT_PHENT) == sizeof(*p) && p);
	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
		loads += p[i].p_type == PT_LOAD;
	CHECK(loads >= 2);
	CHECK(getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid());
	CHECK(getauxval(AT_SECURE) == 0 && getauxval(AT_HWCAP) != 0);
	CHECK(!strcmp((char *)getauxval(AT_PLATFORM), "x86_64"));
	CHECK(!strcmp((char *)getauxval(AT_EXECFN), argv[3]));
	CHECK(getauxval(AT_ENTRY) > 4096 && getauxval(AT_MINSIGSTKSZ) >= 1008);
}

/* argv[3]: the random bytes that another run had. */
static void child_random(int argc, char **argv)
{
	char hex[17];

	CHECK(getauxval(AT_RANDOM));
	snprintf(hex, sizeof(hex), "%016lx", *(unsigned long *)getauxval(AT_RANDOM));
	CHECK(strcmp(hex, argv[3]) != 0);
}

static void child_many(int argc, char **argv)
{
	CHECK(argc == 3003);
	for (int i = 3; i < argc; i++)
		CHECK(atoi(argv[i]) == i - 3);
}

static void child_long(int argc, char **argv)
{
	CHECK(strlen(argv[3]) == 100000 && argv[3][99999] == 'x');
}

static void child_bss(int argc, char **argv)
{
	CHECK(initialised[0] == 1 && initialised[1] == 2 && initialised[2] == 3);
	for (unsigned i = 0; i < sizeof(zero_pages); i++)
		CHECK(zero_pages[i] == 0);
	CHECK(zero_tail[0] == 0 && zero_tail[1] == 0 && zero_tail[2] == 0);
	CHECK(tls_value == 42 && tls_zero == 0);
	/* The next run must not see this. */
	initialised[0] = 99;
	memset(zero_pages, 1, sizeof(zero_pages));
	zero_tail[0] = 5;
	tls_value = 1;
}

#define CAP_KILL	5

static void child_ambient(int argc, char **argv)
{
	CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) == 1);
}

static const struct {
	const char *name;
	void (*fn)(int argc, char **argv);
} children[] = {
	{ "argv", child_argv }, { "envp", child_envp }, { "align", child_align },
	{ "auxv", child_auxv }, { "random", child_random }, { "many", child_many },
	{ "long", child_long }, { "bss", child_bss }, { "ambient", child_ambient },
};

__attribute__((constructor)) static void act_as_child(int argc, char **argv)
{
	if (argc < 3 || strcmp(argv[1], "--child") != 0)
		return;
	for (unsigned i = 0; i < sizeof(children) / sizeof(children[0]); i++)
		if (!strcmp(argv[2], children[i].name)) {
			children[i].fn(argc, argv);
			_exit(0);
		}
	_exit(2);
}

/* ---- the parent ---- */

static const char *self(void)
{
	return (const char *)getauxval(AT_EXECFN);
}

/*
 * Run argv with envp in a child: its wait status. Exit status 3 if exec failed, TOO_BIG if with
 * E2BIG. (A test that calls exec itself would be taken for passed if that succeeds.)
 */
#define TOO_BIG	(4 << 8)
static int run(char *const argv[], char *const envp[])
{
	int status = -1, pid = fork();

	if (pid == 0) {
		execve(self(), argv, envp);
		_exit(errno == E2BIG ? TOO_BIG >> 8 : 3);
	}
	UT_ASSERT(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

#define RUN(...)	run((char *[]){ "x", "--child", __VA_ARGS__, NULL }, (char *[]){ NULL })

UTEST(stack_argv, "4.2", 5, "argc, argv and the NULL behind it reach the program")
{
	UT_EQ(RUN("argv", "a", "", "c d", (char *)ut_asked()), 0);
}

UTEST(stack_envp, "4.2", 4, "the environment stands behind argv, in order, and ends with NULL")
{
	UT_EQ(run((char *[]){ "x", "--child", "envp", NULL },
		  (char *[]){ "A=1", "B=", "C=x y", NULL }), 0);
}

UTEST(stack_align, "4.2", 4,
      "rsp is a multiple of 16 at the first instruction, whatever stands above")
{
	UT_EQ(RUN("align"), 0);
	UT_EQ(RUN("align", "1"), 0);
	UT_EQ(RUN("align", "1", "22"), 0);
	UT_EQ(run((char *[]){ "x", "--child", "align", NULL }, (char *[]){ "A=1", NULL }), 0);
	UT_EQ(run((char *[]){"x", "--child", "align", "odd", NULL}, (char *[]){"A=123", NULL}), 0);
}

UTEST(stack_auxv, "4.2", 5,
      "the auxiliary vector tells page size, program headers, user, platform, name")
{
	UT_EQ(RUN("auxv", (char *)self()), 0);
}

UTEST(stack_random, "4.2", 2, "AT_RANDOM gives each run 16 bytes of its own")
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016lx", *(unsigned long *)getauxval(AT_RANDOM));
	UT_EQ(RUN("random", hex), 0);
}

UTEST(stack_many, "4.2", 3, "three thousand arguments arrive")
{
	static char numbers[3000][8], *argv[3004] = { "x", "--child", "many" };

	for (int i = 0; i < 3000; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%d", i);
		argv[3 + i] = numbers[i];
	}
	UT_EQ(run(argv, (char *[]){ NULL }), 0);
}

UTEST(stack_limits, "4.2", 2,
      "a long argument arrives; one over 128 KiB, or too much in all, is E2BIG")
{
	static char text[140001], *argv[100] = { "x", "--child", "long", text };
	static char *many[30001] = { "x", "--child", "align" };
	struct rlimit small = { 1 << 20, 1 << 20 };

	memset(text, 'x', 100000);
	UT_EQ(run(argv, (char *[]){ NULL }), 0);
	for (int i = 4; i < 99; i++)
		argv[i] = text;
	memset(text, 'x', 140000);
	UT_EQ(run((char *[]){ "x", "--child", "align", text, NULL }, (char *[]){ NULL }), TOO_BIG);
	text[100000] = 0;
	UT_EQ(run(argv, (char *[]){ NULL }), TOO_BIG);
	UT_OK(setrlimit(RLIMIT_STACK, &small));
	argv[8] = NULL;
	UT_EQ(run(argv, (char *[]){ NULL }), TOO_BIG);
	/* Pointers count as well: 160 KiB of them and 40 KiB of strings still fit into 256 KiB. */
	for (int i = 3; i < 30000; i++)
		many[i] = "a";
	UT_EQ(run(many, (char *[]){ NULL }), TOO_BIG);
	many[20000] = NULL;
	UT_EQ(run(many, (char *[]){ NULL }), 0);
}

UTEST(elf_map_bss, "4.4", 7,
      "variables start with their values, or zero, in the page they share and beyond")
{
	UT_EQ(RUN("bss"), 0);
	child_bss(0, NULL);
}

UTEST(elf_map_private, "4.4", 6, "what one run of a program writes, the next does not find")
{
	for (int i = 0; i < 3; i++)
		UT_EQ(RUN("bss"), 0);
	initialised[1] = 55;
	UT_EQ(RUN("bss"), 0);
	UT_EQ(initialised[1], 55);
}

/* How a child ends that does this to address p: 'w'rite, 'r'ead, 'x' execute. */
static int touch(const void *p, char how)
{
	int status = -1, pid = fork();

	if (pid == 0) {
		if (how == 'w')
			*(volatile char *)p = 1;
		else if (how == 'r')
			(void)*(volatile const char *)p;
		else
			((void (*)(void))p)();
		_exit(0);
	}
	UT_ASSERT(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status & 0x7f;
}

UTEST(elf_map_prot, "4.4", 7,
      "text can be read and not written, constants not written, data not executed")
{
	static unsigned char code[] = { 0xc3 };		/* ret */

	UT_EQ(touch((void *)touch, 'r'), 0);
	UT_EQ(touch((void *)touch, 'w'), 11);
	UT_EQ(touch(&constant, 'w'), 11);
	UT_EQ(touch(initialised, 'w'), 0);
	code[0] = 0xc3;
	UT_EQ(touch(code, 'x'), 11);
}

UTEST(exec_errors, "4.0", 0, "exec of what is not there or no program fails and changes nothing")
{
	char *argv[] = { "x", NULL };

	UT_ERRNO(execve("/nothing/there", argv, NULL), ENOENT);
	UT_ERRNO(execve("", argv, NULL), ENOENT);
	UT_ERRNO(execve("/", argv, NULL), EACCES);
	UT_ERRNO(execve((char *)8, argv, NULL), EFAULT);
	UT_ERRNO(execve(self(), (char **)8, NULL), EFAULT);
	UT_ERRNO(execve(self(), (char *[]){ (char *)8, NULL }, NULL), EFAULT);
	UT_EQ(initialised[2], 3);
}

UTEST(exec_keeps, "4.0", 0,
      "exec keeps the process's number and its descriptors, except those to be closed")
{
	int fd = UT_OK(dup(3));

	UT_OK(fd);
	UT_EQ(RUN("argv", "a", "", "c d", (char *)ut_asked()), 0);
}

UTEST(exec_ambient, "4.0", 0, "ambient capabilities stay over exec, root's too")
{
	unsigned header[2] = { 0x20080522, 0 }, sets[2][3];	/* effective, permitted, inheritable */

	UT_OK(syscall(SYS_capget, header, sets));
	sets[0][2] |= 1 << CAP_KILL;
	UT_OK(syscall(SYS_capset, header, sets));
	UT_OK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	UT_EQ(RUN("ambient"), 0);
}

UTEST(exec_loop, "4.0", 0, "a hundred times fork and exec")
{
	for (int i = 0; i < 100; i++)
		UT_EQ(RUN("align"), 0);
}

UTEST_MAIN(stack_argv, stack_envp, stack_align, stack_auxv, stack_random, stack_many,
	   stack_limits, elf_map_bss, elf_map_private, elf_map_prot, exec_errors,
	   exec_keeps, exec_ambient, exec_loop)
