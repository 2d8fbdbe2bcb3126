/*
 * Block devices by name, as `root=` and mount(2) give them: a node's name, a number, or an identity
 * found on the disk (PARTUUID= of the partition table, UUID= and LABEL= of an ext2 superblock).
 */
#include "05-vfs/block/block_internal.h"
#include "05-vfs/inode.h"
#include "common/errno.h"
#include "common/printk.h"
#include "common/string.h"

/*
 * Four fields of ext2's superblock, written down again: the block layer lies below file systems
 * and does not include their headers.
 */
#define EXT2_MAGIC		0xef53
#define SUPER_OFFSET		1024	/* and where in the superblock: */
#define SUPER_MAGIC_AT		56
#define SUPER_UUID_AT		104
#define SUPER_LABEL_AT		120
#define MAX_DEVICES		64

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 16 bytes from text with dashes; false unless it is just that. */
static bool parse_uuid(const char *s, u8 *uuid)
{
	int n = 0;

	for (; *s; s++) {
		if (*s == '-')
			continue;
		if (n == 32 || hex_digit(*s) < 0)
			return false;
		uuid[n / 2] = n % 2 ? uuid[n / 2] << 4 | hex_digit(*s) : hex_digit(*s);
		n++;
	}
	return n == 32;
}

/*
 * GPT stores the first three fields of a UUID in little-endian order, text has them big-endian
 * (UEFI 2.10, appendix A).
 */
static void swap_gpt_uuid(const u8 *raw, u8 *uuid)
{
	static const u8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (int i = 0; i < 16; i++)
		uuid[i] = raw[order[i]];
}

/* MBR has no UUIDs: its disk signature and the partition's number stand in for one, as on Linux. */
static bool has_partuuid(struct block_device *d, const char *text)
{
	u8 want[16], have[16];

	if (!d->part)
		return false;
	if (d->part_uuid_mbr) {
		char mbr[16];
		const u8 *u = d->part_uuid;

		snprintf(mbr, sizeof(mbr), "%02x%02x%02x%02x-%02x", u[3], u[2], u[1], u[0],
			 d->part);
		return strcmp(mbr, text) == 0;
	}
	swap_gpt_uuid(d->part_uuid, have);
	return parse_uuid(text, want) && memcmp(have, want, 16) == 0;
}

/* Reads the superblock through the device's cache, where mounting will find it. */
static bool has_super(struct block_device *d, const char *uuid, const char *label)
{
	struct buffer b;
	bool match = false;
	const u8 *s;
	u8 want[16];

	if (buffer_read(d, SUPER_OFFSET / 1024, 1024, &b))
		return false;
	s = b.data;
	if ((s[SUPER_MAGIC_AT] | s[SUPER_MAGIC_AT + 1] << 8) == EXT2_MAGIC) {
		if (uuid)
			match = parse_uuid(uuid, want) && memcmp(s + SUPER_UUID_AT, want, 16) == 0;
		else
			match = strnlen((const char *)s + SUPER_LABEL_AT, 16) == strlen(label) &&
				memcmp(s + SUPER_LABEL_AT, label, strlen(label)) == 0;
	}
	buffer_put(&b);
	return match;
}

struct device_list {
	struct block_device *d[MAX_DEVICES];
	int count;
};

/* Devices live for ever, so the list may be used without its lock, and reading a disk may sleep. */
static void collect(struct block_device *d, void *arg)
{
	struct device_list *l = arg;

	if (l->count < MAX_DEVICES)
		l->d[l->count++] = d;
}

static bool matches(struct block_device *d, const char *name)
{
	if (strncmp(name, "PARTUUID=", 9) == 0)
		return has_partuuid(d, name + 9);
	if (strncmp(name, "UUID=", 5) == 0)
		return has_super(d, name + 5, NULL);
	if (strncmp(name, "LABEL=", 6) == 0)
		return has_super(d, NULL, name + 6);
	return strcmp(d->name, name) == 0;
}

/* "254:1" or, as Linux too takes it, the number in hexadecimal. */
static struct block_device *find_by_number(const char *name)
{
	const char *end;
	u64 major = parse_u64(name, &end, 10), n;

	if (end != name && *end == ':') {
		n = parse_u64(end + 1, &end, 10);
		return *end ? NULL : block_find(MKDEV(major, n));
	}
	n = parse_u64(name, &end, 16);
	return end == name || *end ? NULL : block_find((u32)n);
}

/* The first that matches: two disks with copies of one file system have the same UUID. */
struct block_device *block_find_name(const char *name)
{
	struct device_list l = { .count = 0 };

	if (strncmp(name, "/dev/", 5) == 0)
		name += 5;
	block_for_each(collect, &l);
	for (int i = 0; i < l.count; i++)
		if (matches(l.d[i], name))
			return l.d[i];
	return find_by_number(name);
}
