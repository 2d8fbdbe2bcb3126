/*
 * Looking up names in the initial ramdisk (contract in initrd.h). The archive is a flat list of
 * paths; a path is walked component by component only because links may stand in it.
 *
 * The path lies in a buffer and is rewritten as the walk goes: what is before `dir` has no links
 * any more, so ".." can be dropped together with the name before it as text. A link's target takes
 * the place of its name; the walk goes on at its beginning, or at the root if the target is
 * absolute. The count of links ends a circle.
 */
#include "04-elf/initrd.h"
#include "common/abi/stat.h"
#include "common/boot_info.h"
#include "common/errno.h"
#include "common/layout.h"
#include "common/string.h"
#include "01-memory/kmem.h"

#define PATH_SIZE	4096
#define MAX_LINKS	40

const void *initrd_archive(u64 *size)
{
	*size = boot_info.initrd_end - boot_info.initrd_start;
	return *size ? phys_to_virt(boot_info.initrd_start) : NULL;
}

/* Replace path[0, end) by the link's target, which is relative to the directory path[0, dir). */
static int substitute(char *path, size_t dir, size_t end, const struct cpio_entry *link)
{
	const char *target = link->data;
	size_t rest = strlen(path + end) + 1;
	size_t start = link->size && target[0] == '/' ? 0 : dir;

	if (!link->size)
		return -ENOENT;
	if (start + link->size + rest > PATH_SIZE)
		return -ENAMETOOLONG;
	memmove(path + start + link->size, path + end, rest);
	memcpy(path + start, target, link->size);
	return 0;
}

/* Take "..", which stands at path[dir, end), out together with the component before it. */
static size_t drop_parent(char *path, size_t dir, size_t end)
{
	size_t start = dir;

	while (start && path[start - 1] == '/')
		start--;
	while (start && path[start - 1] != '/')
		start--;
	memmove(path + start, path + end, strlen(path + end) + 1);
	return start;
}

/*
 * Walk the path in the buffer, which changes as links are followed. *e is the last entry that was
 * found; every directory must be in the archive itself.
 */
static int walk(char *path, struct cpio_entry *e)
{
	size_t dir = 0, end, size;
	const void *archive = initrd_archive(&size);
	int links = 0, error;

	for (;;) {
		while (path[dir] == '/')
			dir++;
		if (!path[dir])
			return 0;
		for (end = dir; path[end] && path[end] != '/'; end++)
			;
		if (end - dir == 2 && path[dir] == '.' && path[dir + 1] == '.') {
			dir = drop_parent(path, dir, end);
			continue;
		}
		error = cpio_find(archive, size, path, end, e);
		if (error <= 0)
			return error < 0 ? error : -ENOENT;
		if (S_ISLNK(e->mode)) {
			if (++links > MAX_LINKS)
				return -ELOOP;
			error = substitute(path, dir, end, e);
			if (error)
				return error;
			if (path[0] == '/')
				dir = 0;
			continue;
		}
		if (path[end] && !S_ISDIR(e->mode))
			return -ENOTDIR;
		dir = end;
	}
}

int initrd_lookup(const char *path, struct cpio_entry *e)
{
	char *buffer;
	int error;
	u64 size;

	if (!initrd_archive(&size))
		return -ENOENT;
	if (strlen(path) >= PATH_SIZE)
		return -ENAMETOOLONG;
	buffer = kmalloc(PATH_SIZE, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	strlcpy(buffer, path, PATH_SIZE);
	/* The root, in case there is nothing to walk. */
	*e = (struct cpio_entry){ .name = ".", .mode = S_IFDIR | 0755, .nlink = 2 };
	error = walk(buffer, e);
	kfree(buffer);
	return error;
}
