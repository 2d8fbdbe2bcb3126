/*
 * tmpfs's mount options: size, nr_blocks, nr_inodes, mode, uid, gid (tmpfs(5)). Those that choose
 * among things that we have one of (huge pages, NUMA policy, 64-bit numbers) are accepted and
 * ignored.
 */
#include "common/abi/mount.h"
#include "common/errno.h"
#include "common/string.h"
#include "05-vfs/printer.h"
#include "05-vfs/tmpfs/tmpfs.h"

/*
 * A number with k, m, g or (of all memory, in pages) %, ending at ',' or the end; false if
 * malformed.
 */
static bool parse_size(const char *s, u64 *bytes)
{
	const char *end;
	u64 n = parse_u64(s, &end, 0);

	if (end == s)
		return false;
	switch (*end) {
	case 'k': case 'K':
		n <<= 10;
		end++;
		break;
	case 'm': case 'M':
		n <<= 20;
		end++;
		break;
	case 'g': case 'G':
		n <<= 30;
		end++;
		break;
	case '%':
		n = n * frame_count / 100 * PAGE_SIZE;
		end++;
		break;
	}
	*bytes = n;
	return *end == ',' || !*end;
}

static bool parse_number(const char *s, int base, u64 *n)
{
	const char *end;

	*n = parse_u64(s, &end, base);
	return end != s && (*end == ',' || !*end);
}

/* If the option at s is called name: what stands behind '='. */
static const char *value_of(const char *s, const char *name)
{
	size_t n = strlen(name);

	return strncmp(s, name, n) == 0 && s[n] == '=' ? s + n + 1 : NULL;
}

/* A value that is malformed makes the mount fail; what was set before does not matter then. */
static bool parse_one(struct tmpfs_super *ts, const char *s)
{
	const char *v;
	u64 n;
	bool ok;

	if ((v = value_of(s, "size"))) {
		ok = parse_size(v, &n);
		ts->max_pages = DIV_ROUND_UP(n, PAGE_SIZE);
	} else if ((v = value_of(s, "nr_blocks"))) {
		ok = parse_size(v, &n);
		ts->max_pages = n;
	} else if ((v = value_of(s, "nr_inodes"))) {
		ok = parse_size(v, &n);
		ts->max_inodes = n;
	} else if ((v = value_of(s, "mode"))) {
		ok = parse_number(v, 8, &n);
		ts->root_mode = n & S_IALLUGO;
	} else if ((v = value_of(s, "uid"))) {
		ok = parse_number(v, 10, &n);
		ts->uid = n;
	} else if ((v = value_of(s, "gid"))) {
		ok = parse_number(v, 10, &n);
		ts->gid = n;
	} else {
		ok = strncmp(s, "huge=", 5) == 0 || strncmp(s, "mpol=", 5) == 0 ||
		     strcmp(s, "inode64") == 0 || strncmp(s, "inode64,", 8) == 0;
	}
	return ok;
}

int tmpfs_parse_options(struct tmpfs_super *ts, const char *data)
{
	while (data && *data) {
		const char *comma = strchr(data, ',');

		if (*data != ',' && !parse_one(ts, data))
			return -EINVAL;
		data = comma ? comma + 1 : NULL;
	}
	return 0;
}

/* A limit cannot be set below what is in use. */
int tmpfs_remount(struct super *s, unsigned long flags, const char *data)
{
	struct tmpfs_super *ts = tmpfs_s(s), wanted = *ts;
	int error = tmpfs_parse_options(&wanted, data);

	if (error)
		return error;
	spin_lock(&ts->lock);
	if ((wanted.max_pages && wanted.max_pages < ts->used_pages) ||
	    (wanted.max_inodes && wanted.max_inodes < ts->used_inodes)) {
		error = -EINVAL;
	} else {
		ts->max_pages = wanted.max_pages;
		ts->max_inodes = wanted.max_inodes;
	}
	spin_unlock(&ts->lock);
	return error;
}

/* Only what is not the default, as Linux shows it: mount(8) output stays short. */
void tmpfs_show_options(struct super *s, struct printer *out)
{
	struct tmpfs_super *ts = tmpfs_s(s);

	if (ts->max_pages != frame_count / 2)
		print(out, ",size=%luk", ts->max_pages * (PAGE_SIZE / 1024));
	if (ts->max_inodes != frame_count / 2)
		print(out, ",nr_inodes=%lu", ts->max_inodes);
	if (ts->root_mode != 01777)
		print(out, ",mode=%03o", ts->root_mode);
	if (ts->uid)
		print(out, ",uid=%u", ts->uid);
	if (ts->gid)
		print(out, ",gid=%u", ts->gid);
}
