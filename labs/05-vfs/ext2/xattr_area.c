/*
 * The format of extended attributes: a list of entries that ends with four zero bytes, and their
 * values packed against the end of the area. (Linux fs/ext2/xattr.c describes it; this is written
 * from the format.)
 *
 *	first                                                                  end
 *	| entry, name | entry, name | 0 0 0 0 |   room   | value 2 | value 1 |
 *
 * Entries and values are padded to four bytes. Between calls there is one gap, in the middle.
 * Nothing here is trusted before ext2_xattr_check() has seen it, and the other functions rely on
 * that. It does not look for values that overlap: removing one then spoils the other, and harms
 * nobody else.
 */
#include "05-vfs/ext2/ext2_disk.h"
#include "common/errno.h"
#include "common/string.h"

/* The four zero bytes: an entry has a name space that is not 0, in its second byte. */
static bool is_last(const struct ext2_xattr_area *a, const void *e)
{
	return (const u8 *)e + 4 > a->end || *(const u32 *)e == 0;
}

/* Only of an entry whose name lies in the area. */
static struct ext2_xattr_entry *next(struct ext2_xattr_entry *e)
{
	return (struct ext2_xattr_entry *)((u8 *)e + EXT2_XATTR_LEN(e->e_name_len));
}

struct ext2_xattr_entry *ext2_xattr_next(const struct ext2_xattr_area *a,
					 struct ext2_xattr_entry *e)
{
	e = e ? next(e) : (struct ext2_xattr_entry *)a->first;
	return is_last(a, e) ? NULL : e;
}

bool ext2_xattr_empty(const struct ext2_xattr_area *a)
{
	return is_last(a, a->first);
}

/* Where the list ends, or NULL if it runs out of the area. */
static u8 *list_end(const struct ext2_xattr_area *a)
{
	u8 *p = a->first;

	while (p + 4 <= a->end && *(u32 *)p) {
		if (p + sizeof(struct ext2_xattr_entry) > a->end)
			return NULL;
		p += EXT2_XATTR_LEN(((struct ext2_xattr_entry *)p)->e_name_len);
	}
	return p + 4 <= a->end ? p : NULL;
}

/*
 * First the list, which has to end within the area; then each value, which has to lie between the
 * end of the list and the end of the area. Values in blocks of their own (e_value_block) were
 * never used.
 */
bool ext2_xattr_check(const struct ext2_xattr_area *a)
{
	u8 *end = list_end(a);

	if (!end)
		return false;
	for (struct ext2_xattr_entry *e = NULL; (e = ext2_xattr_next(a, e)) != NULL;) {
		u64 size = a->end - a->base, from = e->e_value_offs;

		if (!e->e_value_size)
			continue;
		/* With its padding: ext2_xattr_remove() moves and clears that too. */
		if (e->e_value_block || e->e_value_size > size ||
		    from + EXT2_XATTR_SIZE(e->e_value_size) > size || a->base + from < end + 4)
			return false;
	}
	return true;
}

/*
 * By index, length, name: how the entries of a block are sorted, which Linux relies on when it
 * searches.
 */
static int compare(const struct ext2_xattr_entry *e, int index, const char *name, size_t len)
{
	if (index != e->e_name_index)
		return index - e->e_name_index;
	if (len != e->e_name_len)
		return (int)len - e->e_name_len;
	return memcmp(name, e->e_name, len);
}

struct ext2_xattr_entry *ext2_xattr_find(const struct ext2_xattr_area *a, int index,
					 const char *name, size_t len)
{
	struct ext2_xattr_entry *e = NULL;

	while ((e = ext2_xattr_next(a, e)) != NULL)
		if (compare(e, index, name, len) == 0)
			return e;
	return NULL;
}

/* Where the values begin. */
static u8 *values_start(const struct ext2_xattr_area *a)
{
	u8 *start = a->end;

	for (struct ext2_xattr_entry *e = NULL; (e = ext2_xattr_next(a, e)) != NULL;)
		if (e->e_value_size && a->base + e->e_value_offs < start)
			start = a->base + e->e_value_offs;
	return start;
}

/*
 * The entries behind it move down and the values below it move up, so that the room stays in one
 * piece; whatever is vacated is cleared, since it goes to the disk. Entries whose values have
 * moved are told.
 */
void ext2_xattr_remove(struct ext2_xattr_area *a, struct ext2_xattr_entry *e)
{
	u8 *values = values_start(a), *end = list_end(a), *behind = (u8 *)next(e);
	u32 gone = EXT2_XATTR_SIZE(e->e_value_size), offset = e->e_value_offs;
	u8 *value = a->base + offset;

	memmove(e, behind, end + 4 - behind);
	memset((u8 *)e + (end + 4 - behind), 0, behind - (u8 *)e);
	if (!gone)
		return;
	memmove(values + gone, values, value - values);
	memset(values, 0, gone);
	for (e = NULL; (e = ext2_xattr_next(a, e)) != NULL;)
		if (e->e_value_size && e->e_value_offs < offset)
			e->e_value_offs += gone;
}

/* e2fsck knows these two: rotate and mix the bytes of the name, then the words of the value. */
static u32 entry_hash(const struct ext2_xattr_area *a, const struct ext2_xattr_entry *e)
{
	const u32 *value = (const u32 *)(a->base + e->e_value_offs);
	u32 hash = 0;

	for (int i = 0; i < e->e_name_len; i++)
		hash = hash << 5 ^ hash >> 27 ^ (u8)e->e_name[i];
	for (u32 n = e->e_value_size ? EXT2_XATTR_SIZE(e->e_value_size) / 4 : 0; n; n--)
		hash = hash << 16 ^ hash >> 16 ^ *value++;
	return hash;
}

/* Linux looks for equal blocks by it; 0, for an entry without hash, says "do not share". */
u32 ext2_xattr_hash(const struct ext2_xattr_area *a)
{
	u32 hash = 0;

	for (struct ext2_xattr_entry *e = NULL; (e = ext2_xattr_next(a, e)) != NULL;) {
		if (!e->e_hash)
			return 0;
		hash = hash << 16 ^ hash >> 16 ^ e->e_hash;
	}
	return hash;
}

/* The list, its end, the new entry and its value have to fit below the values that are there. */
int ext2_xattr_add(struct ext2_xattr_area *a, int index, const char *name, size_t len,
		   const void *value, size_t size)
{
	u8 *values = values_start(a), *end = list_end(a);
	u32 need = EXT2_XATTR_LEN(len), room = EXT2_XATTR_SIZE(size);
	struct ext2_xattr_entry *e = NULL;

	if (size > (size_t)(a->end - a->base) || end + 4 + need + room > values)
		return -ENOSPC;
	while ((e = ext2_xattr_next(a, e)) != NULL)
		if (compare(e, index, name, len) < 0)
			break;
	if (!e)
		e = (struct ext2_xattr_entry *)end;
	memmove((u8 *)e + need, e, end + 4 - (u8 *)e);
	memset(e, 0, need);
	e->e_name_len = len;
	e->e_name_index = index;
	memcpy(e->e_name, name, len);
	if (size) {
		values -= room;
		memset(values, 0, room);
		memcpy(values, value, size);
		e->e_value_offs = values - a->base;
		e->e_value_size = size;
	}
	e->e_hash = entry_hash(a, e);
	return 0;
}
