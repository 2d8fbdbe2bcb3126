/*
 * Reading newc cpio archives (contract in cpio.h). An entry is a header of ASCII digits, the name
 * with its terminator, and the contents; name and contents are padded to multiples of four bytes.
 *
 * All sums are of 64 bits with members of 32, so none wraps; each is compared with the archive's
 * size before anything behind it is read.
 */
#include "04-elf/cpio.h"
#include "common/abi/stat.h"
#include "common/errno.h"
#include "common/string.h"

#define HEADER_SIZE	110
#define MAGIC_SIZE	6
#define FIELDS		13

/* Fields of the header, each of eight hexadecimal digits. */
enum { INO, MODE, UID, GID, NLINK, MTIME, FILESIZE, DEV_MAJOR, DEV_MINOR, RDEV_MAJOR, RDEV_MINOR,
       NAMESIZE, CHECK };

/* The value of a hexadecimal digit, or -1. */
static int digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Eight hexadecimal digits: false if one is not. */
static bool parse_field(const u8 *p, u32 *value)
{
	*value = 0;
	for (int i = 0; i < 8; i++) {
		int d = digit(p[i]);

		if (d < 0)
			return false;
		*value = *value << 4 | d;
	}
	return true;
}

/* 070702 is the same with a checksum of the contents, which is not looked at. */
static bool parse_header(const u8 *p, u32 *fields)
{
	if (memcmp(p, "070701", MAGIC_SIZE) != 0 && memcmp(p, "070702", MAGIC_SIZE) != 0)
		return false;
	for (int i = 0; i < FIELDS; i++)
		if (!parse_field(p + MAGIC_SIZE + 8 * i, &fields[i]))
			return false;
	return true;
}

/* Name and contents are not copied: the archive stays where it is. */
static void fill(struct cpio_entry *e, const u32 *f, const u8 *name, const u8 *data)
{
	*e = (struct cpio_entry){
		.name = (const char *)name, .ino = f[INO], .mode = f[MODE], .uid = f[UID],
		.gid = f[GID], .nlink = f[NLINK], .mtime = f[MTIME], .dev_major = f[DEV_MAJOR],
		.dev_minor = f[DEV_MINOR], .rdev_major = f[RDEV_MAJOR],
		.rdev_minor = f[RDEV_MINOR], .data = data, .size = f[FILESIZE],
	};
}

/*
 * One entry, whatever its name: 1, 0 (nothing but zeroes is left), -EINVAL. The name must be
 * terminated where the header says, so that string functions can be used on it.
 */
static int next_any(const u8 *archive, u64 size, u64 *offset, struct cpio_entry *e)
{
	u64 at = *offset, data;
	u32 f[FIELDS];

	while (at < size && archive[at] == 0)	/* padding between archives */
		at++;
	*offset = at;
	if (at >= size)
		return 0;
	if (size - at < HEADER_SIZE || !parse_header(archive + at, f) || f[NAMESIZE] == 0)
		return -EINVAL;
	data = ALIGN_UP(at + HEADER_SIZE + f[NAMESIZE], 4UL);
	if (data > size || f[FILESIZE] > size - data ||
	    archive[at + HEADER_SIZE + f[NAMESIZE] - 1] != 0)
		return -EINVAL;
	fill(e, f, archive + at + HEADER_SIZE, archive + data);
	*offset = MIN(ALIGN_UP(data + f[FILESIZE], 4UL), size);
	return 1;
}

int cpio_next(const void *archive, u64 size, u64 *offset, struct cpio_entry *e)
{
	int result;

	do
		result = next_any(archive, size, offset, e);
	while (result == 1 && strcmp(e->name, "TRAILER!!!") == 0);
	return result;
}

/* By the first bytes, as file(1) does. */
const char *cpio_compression(const void *archive, u64 size)
{
	static const struct {
		const char *name;
		u8 length, magic[6];
	} known[] = {
		{ "gzip", 2, { 0x1f, 0x8b } },
		{ "bzip2", 3, { 'B', 'Z', 'h' } },
		{ "lzma", 3, { 0x5d, 0x00, 0x00 } },
		{ "xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0x00 } },
		{ "lzo", 4, { 0x89, 'L', 'Z', 'O' } },
		{ "lz4", 4, { 0x02, 0x21, 0x4c, 0x18 } },
		{ "zstd", 4, { 0x28, 0xb5, 0x2f, 0xfd } },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
		if (size >= known[i].length && !memcmp(archive, known[i].magic, known[i].length))
			return known[i].name;
	return NULL;
}

/* The next component of a path that is not "." : its length, 0 at the end. Moves *path to it. */
static size_t component(const char **path, const char *end)
{
	const char *p = *path, *q;

	for (;;) {
		while (p < end && *p == '/')
			p++;
		for (q = p; q < end && *q != '/'; q++)
			;
		if (q - p != 1 || *p != '.')
			break;
		p = q;
	}
	*path = p;
	return q - p;
}

/* By components, so that "./bin//sh", "/bin/sh" and the archive's "bin/sh" are the same. */
static bool same_path(const char *a, const char *a_end, const char *b, const char *b_end)
{
	for (;;) {
		size_t n = component(&a, a_end), m = component(&b, b_end);

		if (n != m || memcmp(a, b, n) != 0)
			return false;
		if (!n)
			return true;
		a += n;
		b += n;
	}
}

/* The archive stores the contents of a file with several links only once, with the last of them. */
static void find_contents(const void *archive, u64 size, struct cpio_entry *e)
{
	struct cpio_entry other;
	u64 offset = 0;

	while (cpio_next(archive, size, &offset, &other) == 1)
		if (other.size && other.ino == e->ino && other.dev_major == e->dev_major &&
		    other.dev_minor == e->dev_minor && S_ISREG(other.mode)) {
			e->data = other.data;
			e->size = other.size;
			return;
		}
}

/* From the beginning each time: it is asked a few times per exec, for a few hundred entries. */
int cpio_find(const void *archive, u64 size, const char *path, size_t path_len,
	      struct cpio_entry *e)
{
	u64 offset = 0;
	int result;

	while ((result = cpio_next(archive, size, &offset, e)) == 1)
		if (same_path(path, path + path_len, e->name, e->name + strlen(e->name))) {
			if (S_ISREG(e->mode) && e->nlink > 1 && !e->size)
				find_contents(archive, size, e);
			return 1;
		}
	return result;
}
