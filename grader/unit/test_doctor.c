/*
 * common/doctor.sh: what it says of a machine where things are missing or too old.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "judging.h"

static char *text;

/* Run it with this PATH (NULL: ours) and QEMU; its exit status. Its output is `text`. */
static int doctor(const char *path, const char *qemu)
{
	char *out = xasprintf("%s/doctor", o.work), *command, *set = xasprintf("PATH='%s'", path);
	int status;

	command = xasprintf("%s QEMU=%s sh common/doctor.sh %s > %s 2>&1", path ? set : "",
			    qemu, o.work, out);
	status = system(command);
	text = read_file(out, NULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void find(const char *what)
{
	ck_assert_msg(strstr(text, what) != NULL, "no \"%s\" in\n%s", what, text);
}

START_TEST(this_machine)
{
	ck_assert_msg(doctor(NULL, "qemu-system-x86_64") == 0, "%s", text);
	find("  ok       gcc ");
	find("  ok       device isa-debug-exit");
	find("nothing is built yet");
	find("all that is necessary is there\n");
	ck_assert_ptr_null(strstr(text, "MISSING"));
}
END_TEST

/* Directory with the commands that the script itself uses, and an old QEMU that knows nothing. */
static char *poor_machine(void)
{
	static const char script[] =
		"mkdir -p bin && cd bin || exit 1\n"
		"for c in sh grep sort head awk sed df nproc mkdir timeout cat make ld pkg-config; "
		"do\n"
		"	ln -sf $(command -v $c) $c\n"
		"done\n"
		"printf '#!/bin/sh\\necho QEMU emulator version 5.2.0\\n' > qemu-old\n"
		"chmod +x qemu-old\n";
	char *command = xasprintf("cd %s\n%s", o.work, script);

	ck_assert_int_eq(system(command), 0);
	return xasprintf("%s/bin", o.work);
}

START_TEST(missing_things)
{
	char *last;

	ck_assert_int_eq(doctor(poor_machine(), "qemu-old"), 1);
	find("  MISSING  gcc ");
	find("  MISSING  gdb ");
	find("  MISSING  qemu-old               5.2.0 is too old, 7.0 is needed");
	find("  MISSING  device isa-debug-exit ");
	find("  ok       make ");
	find("missing; install with\n");
	last = strstr(text, "  sudo apt-get install -y ");
	ck_assert_ptr_nonnull(last);
	ck_assert_ptr_nonnull(strstr(last, " gcc"));
	ck_assert_ptr_nonnull(strstr(last, " qemu-system-x86"));
	/* Each package once, and nothing that is there. */
	ck_assert_ptr_null(strstr(strstr(last, "qemu-system-x86") + 1, "qemu-system-x86"));
	ck_assert_ptr_null(strstr(last, " make"));
}
END_TEST

/* What it says to install is what `make packages` installs. */
START_TEST(knows_the_packages)
{
	char *script = read_file("common/doctor.sh", NULL);
	char *packages = read_file("common/packages.txt", NULL);
	static const char *const needed[] = {
		"binutils",	   "gcc",	  "libc6-dev",	 "make",
		"qemu-system-x86", "grub-pc-bin", "grub-common", "xorriso",
		"mtools",	   "e2fsprogs",	  "check",	 "libjansson-dev",
		"pkg-config",	   "cpio",	  "gdb",	 "busybox-static",
		"mmdebstrap",
	};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		char *line = xasprintf("\n%s\n", needed[i]), *word = xasprintf(" %s", needed[i]);

		ck_assert_msg(strstr(packages, line) != NULL, "%s is not installed", needed[i]);
		ck_assert_msg(strstr(script, word) != NULL, "%s is not looked for", needed[i]);
	}
}
END_TEST

static Suite *doctor_suite(void)
{
	Suite *s = suite_create("doctor");
	TCase *t = tcase_create("doctor");

	tcase_add_checked_fixture(t, judging_setup, judging_teardown);
	tcase_add_test(t, this_machine);
	tcase_add_test(t, missing_things);
	tcase_add_test(t, knows_the_packages);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(doctor_suite);
