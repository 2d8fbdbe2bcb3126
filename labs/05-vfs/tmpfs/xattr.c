/*
 * tmpfs: extended attributes of the name spaces "trusted." and "security.", a list per inode. Like
 * Linux 6.1's tmpfs it has no "user." ones: they would be memory that users take without being
 * charged for it, where these two need privileges. inode->lock protects the list.
 */
#include "common/abi/xattr.h"
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/tmpfs/tmpfs.h"

struct tmpfs_xattr {
	struct list_head link;
	char *name;
	size_t size;
	u8 value[];
};

static bool supported(const char *name)
{
	return strncmp(name, "trusted.", 8) == 0 || strncmp(name, "security.", 9) == 0;
}

static struct tmpfs_xattr *find(struct inode *i, const char *name)
{
	struct tmpfs_xattr *x;

	list_for_each_entry(x, &tmpfs_i(i)->xattrs, link)
		if (strcmp(x->name, name) == 0)
			return x;
	return NULL;
}

static void drop(struct tmpfs_xattr *x)
{
	list_del(&x->link);
	kfree(x->name);
	kfree(x);
}

/* next is NULL as long as tmpfs_new_inode() has not begun the list. */
void tmpfs_free_xattrs(struct inode *i)
{
	struct list_head *list = &tmpfs_i(i)->xattrs;

	while (list->next && !list_empty(list))
		drop(list_first_entry(list, struct tmpfs_xattr, link));
}

ssize_t tmpfs_getxattr(struct inode *i, const char *name, void *buf, size_t size)
{
	struct tmpfs_xattr *x = find(i, name);

	if (!supported(name))
		return -EOPNOTSUPP;
	if (!x)
		return -ENODATA;
	if (!size)
		return x->size;
	if (size < x->size)
		return -ERANGE;
	memcpy(buf, x->value, x->size);
	return x->size;
}

/* The new one is complete before the old one goes: setxattr(2) changes all or nothing. */
int tmpfs_setxattr(struct inode *i, const char *name, const void *value, size_t size, int flags)
{
	struct tmpfs_xattr *old = find(i, name), *x;

	if (!supported(name))
		return -EOPNOTSUPP;
	if (old && (flags & XATTR_CREATE))
		return -EEXIST;
	if (!old && (flags & XATTR_REPLACE))
		return -ENODATA;
	x = kmalloc(sizeof(*x) + size, GFP_KERNEL);
	if (!x)
		return -ENOMEM;
	x->name = kstrdup(name, GFP_KERNEL);
	if (!x->name) {
		kfree(x);
		return -ENOMEM;
	}
	x->size = size;
	memcpy(x->value, value, size);
	list_add_tail(&x->link, &tmpfs_i(i)->xattrs);
	if (old)
		drop(old);
	inode_touch(i, ATTR_CTIME);
	return 0;
}

int tmpfs_removexattr(struct inode *i, const char *name)
{
	struct tmpfs_xattr *x = find(i, name);

	if (!supported(name))
		return -EOPNOTSUPP;
	if (!x)
		return -ENODATA;
	drop(x);
	inode_touch(i, ATTR_CTIME);
	return 0;
}

ssize_t tmpfs_listxattr(struct inode *i, char *buf, size_t size)
{
	struct tmpfs_xattr *x;
	size_t used = 0;

	list_for_each_entry(x, &tmpfs_i(i)->xattrs, link) {
		size_t n = strlen(x->name) + 1;

		if (strncmp(x->name, "trusted.", 8) == 0 && !capable(CAP_SYS_ADMIN))
			continue;
		if (size) {
			if (size - used < n)
				return -ERANGE;
			memcpy(buf + used, x->name, n);
		}
		used += n;
	}
	return used;
}
