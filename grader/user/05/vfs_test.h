/*
 * What the tests of lab 05 share: a directory of their own, and short ways to make and look at
 * files.
 */
#pragma once

#include "ktap_user.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* Work in a new empty directory below /tmp from here on. */
static inline void in_new_directory(void)
{
	char name[] = "/tmp/vfs-XXXXXX";

	UT_ASSERT(mkdtemp(name) != NULL);
	UT_OK(chmod(name, 0755));
	UT_OK(chdir(name));
}

static inline void make_file(const char *path, const char *text)
{
	int fd = UT_OK(open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644));

	UT_EQ(write(fd, text, strlen(text)), strlen(text));
	UT_OK(close(fd));
}

/* The first bytes of a file as a string, or "" if it cannot be opened. */
static inline const char *text_of(const char *path)
{
	static char buf[256];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static inline bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static inline ino_t ino_of(const char *path)
{
	struct stat st;

	UT_OK(stat(path, &st));
	return st.st_ino;
}

/* Become a user without privileges for the rest of the test. */
static inline void become_nobody(void)
{
	UT_OK(setgid(65534));
	UT_OK(setuid(65534));
}
