/*
 * Mount options, those of Linux's ext2 (Documentation/filesystems/ext2.rst). Some name what is
 * always, or never, the case here; they are accepted where that is what they ask for.
 */
#include "05-vfs/ext2/options.h"
#include "05-vfs/ext2/ext2.h"
#include "common/errno.h"
#include "common/printk.h"
#include "common/string.h"

static const struct option {
	const char *name;
	int errors;			/* 0: leave it */
	unsigned set, clear;		/* EXT2_OPT_ bits */
} options[] = {
	{ "errors=continue", EXT2_ERRORS_CONTINUE },
	{ "errors=remount-ro", EXT2_ERRORS_RO },
	{ "errors=panic", EXT2_ERRORS_PANIC },
	{ "grpid", 0, EXT2_OPT_GRPID, 0 },
	{ "bsdgroups", 0, EXT2_OPT_GRPID, 0 },
	{ "nogrpid", 0, 0, EXT2_OPT_GRPID },
	{ "sysvgroups", 0, 0, EXT2_OPT_GRPID },
	{ "user_xattr", 0, 0, EXT2_OPT_NO_XATTR },
	{ "nouser_xattr", 0, EXT2_OPT_NO_XATTR, 0 },
	/* No access control lists, no metadata in f_blocks, no check of bitmaps: always so. */
	{ "noacl" }, { "bsddf" }, { "nocheck" }, { "check=none" },
};

/* Whole words only: "err" or "grpidx" is not an option. */
static bool apply(struct ext2_fs *fs, const char *text, size_t len)
{
	for (unsigned n = 0; n < ARRAY_SIZE(options); n++) {
		const struct option *o = &options[n];

		if (strlen(o->name) != len || strncmp(o->name, text, len) != 0)
			continue;
		if (o->errors)
			fs->errors = o->errors;
		fs->options = (fs->options | o->set) & ~o->clear;
		return true;
	}
	return false;
}

int ext2_parse_options(struct ext2_fs *fs, const char *data)
{
	while (data && *data) {
		const char *end = strchr(data, ',');
		size_t len = end ? (size_t)(end - data) : strlen(data);

		if (len && !apply(fs, data, len)) {
			printk("ext2 (%s): unknown option \"%.*s\"\n", fs->dev->name, (int)len,
			       data);
			return -EINVAL;
		}
		data += len + (end != NULL);
	}
	return 0;
}
