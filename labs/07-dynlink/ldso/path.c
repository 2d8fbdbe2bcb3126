/*
 * Lists of directories, as in LD_LIBRARY_PATH, DT_RPATH and DT_RUNPATH (gABI chapter 5, "Shared
 * Object Dependencies" and "Substitution Sequences").
 */
#include "07-dynlink/ldso/ldso.h"

/*
 * The directory of o's file. Without /proc a program that was started by a link is taken to be
 * where the link is.
 */
static const char *origin(const struct object *o)
{
	static char exe[1024];
	const char *path = o->path;
	u64 n;

	if (!path) {
		s64 len = sys_readlink("/proc/self/exe", exe, sizeof(exe) - 1);

		exe[len > 0 ? len : 0] = '\0';
		path = len > 0 || !exec_path ? exe : exec_path;
	}
	for (n = str_len(path); n && path[n - 1] != '/'; n--)
		;
	return n ? str_copy(path, n > 1 ? n - 1 : 1) : ".";
}

/* How many characters at s are "$ORIGIN" or "${ORIGIN}". */
static u64 origin_length(const char *s)
{
	if (str_starts(s, "${ORIGIN}"))
		return 9;
	return str_starts(s, "$ORIGIN") ? 7 : 0;
}

/* The entry with $ORIGIN replaced, or NULL if it must not be used. */
static const char *expand(const char *entry, const struct object *of)
{
	for (u64 i = 0; entry[i]; i++) {
		u64 n = origin_length(entry + i);

		if (!n)
			continue;
		if (secure)
			return NULL;
		return concat(str_copy(entry, i), origin(of), entry + i + n, NULL);
	}
	return entry;
}

int open_in(const char *list, const char *name, const struct object *of, const char **path)
{
	while (list && *list) {
		u64 n = 0;
		const char *dir;

		while (list[n] && list[n] != ':')
			n++;
		dir = n ? expand(str_copy(list, n), of) : ".";
		if (dir) {
			int fd;

			*path = concat(dir, "/", name, NULL);
			fd = sys_open(*path);
			if (fd >= 0)
				return fd;
		}
		list += n + (list[n] == ':');
	}
	return -1;
}
