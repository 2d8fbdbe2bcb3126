/*
 * Partition tables: the MBR's four entries, the chain of its extended partition, and GPT.
 * Nothing in a table is trusted: every entry has to lie within the device, chains have an end.
 *
 * Not checked are the sums of a GPT, and its copy at the end of the disk is not looked for: a
 * damaged table shows no partitions or wrong ones, none of which reaches beyond the disk.
 *
 *	MBR entry, 16 bytes: active (0 or 0x80), -, -, -, type, -, -, -, first sector, sectors
 *	GPT entry: type (16 bytes, 0: unused), own UUID (16), first sector, last sector (8 each)
 */
#include "05-vfs/block/partitions.h"
#include "common/string.h"

/* The disk's signature, four bytes, stands at 440. */
#define MBR_TABLE	446
#define MBR_SIGNATURE	0xaa55
#define GPT_ENTRY_MIN	128

/* Byte by byte: fields of a table lie where they lie, and the host's tests run this too. */
static u32 get16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static u32 get32(const u8 *p)
{
	return get16(p) | get16(p + 2) << 16;
}

static u64 get64(const u8 *p)
{
	return get32(p) | (u64)get32(p + 4) << 32;
}

/* DOS's number, Windows' for disks with LBA, and Linux's own. */
static bool is_extended(u8 type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}


struct parser {
	void *dev;
	read_sector_fn read;
	u64 sectors;
	struct partition *out;
	int count;
};

static void found(struct parser *s, int number, u64 start, u64 sectors, const u8 *uuid,
		  int uuid_len)
{
	struct partition *p = &s->out[s->count];

	if (number > MAX_PARTITIONS || s->count >= MAX_PARTITIONS)
		return;
	if (!sectors || start == 0 || start >= s->sectors || sectors > s->sectors - start)
		return;
	*p = (struct partition){ .number = number, .start = start, .sectors = sectors,
				 .mbr = uuid_len == 4 };
	memcpy(p->uuid, uuid, uuid_len);
	s->count++;
}

/*
 * Each link of the chain holds one partition, relative to itself, and the next link, relative to
 * the first.
 */
static int parse_extended(struct parser *s, u64 first, const u8 *signature, u8 *buf)
{
	u64 here = first;

	for (int number = 5; number <= MAX_PARTITIONS; number++) {
		const u8 *e = buf + MBR_TABLE;
		int err;

		if (here >= s->sectors)
			return 0;
		err = s->read(s->dev, here, buf);
		if (err)
			return err;
		if (get16(buf + 510) != MBR_SIGNATURE)
			return 0;
		found(s, number, here + get32(e + 8), get32(e + 12), signature, 4);
		e += 16;
		if (!is_extended(e[4]) || get32(e + 8) == 0)
			return 0;
		here = first + get32(e + 8);
	}
	return 0;
}

/*
 * The header in sector 1 says where the entries are, how many and how large. We take sizes that
 * divide a sector, so that no entry crosses one; 128 bytes is what everybody writes.
 */
static int parse_gpt(struct parser *s, u8 *buf)
{
	static const u8 none[16];
	u64 table;
	u32 count, size;
	int err = s->read(s->dev, 1, buf);

	if (err)
		return err;
	table = get64(buf + 72);
	count = get32(buf + 80);
	size = get32(buf + 84);
	if (memcmp(buf, "EFI PART", 8) || size < GPT_ENTRY_MIN || 512 % size)
		return 0;
	for (u32 i = 0; i < count && i < MAX_PARTITIONS; i++) {
		u64 sector = table + i * size / 512;
		const u8 *e = buf + i * size % 512;
		u64 first, last;

		if (sector >= s->sectors)
			return 0;
		err = s->read(s->dev, sector, buf);
		if (err)
			return err;
		first = get64(e + 32);
		last = get64(e + 40);
		if (memcmp(e, none, 16) != 0 && last >= first)
			found(s, i + 1, first, last - first + 1, e + 16, 16);
	}
	return 0;
}

/*
 * Type 0xee means that the MBR is only there to protect a GPT from programs that do not know it.
 * An extended partition itself appears with two sectors at most, as on Linux: enough for a boot
 * loader, too little to write over what is in it.
 */
int partitions_parse(void *dev, read_sector_fn read, u64 sectors, struct partition *out, u8 *buf)
{
	struct parser s = { dev, read, sectors, out, 0 };
	u8 signature[4], table[64];
	u64 extended = 0;
	int err = read(dev, 0, buf);

	if (err)
		return err;
	if (get16(buf + 510) != MBR_SIGNATURE)
		return 0;
	memcpy(signature, buf + 440, 4);
	memcpy(table, buf + MBR_TABLE, sizeof(table));
	for (int i = 0; i < 4; i++) {
		const u8 *e = table + 16 * i;

		if (e[0] & 0x7f)
			return 0;	/* a boot sector that is no partition table */
	}
	for (int i = 0; i < 4; i++) {
		const u8 *e = table + 16 * i;

		if (e[4] == 0xee) {
			s.count = 0;
			err = parse_gpt(&s, buf);
			return err ? err : s.count;
		}
		if (is_extended(e[4]))
			extended = get32(e + 8);
		if (e[4])
			found(&s, i + 1, get32(e + 8),
			      is_extended(e[4]) ? MIN(get32(e + 12), 2u) : get32(e + 12), signature,
			      4);
	}
	err = extended ? parse_extended(&s, extended, signature, buf) : 0;
	return err ? err : s.count;
}
