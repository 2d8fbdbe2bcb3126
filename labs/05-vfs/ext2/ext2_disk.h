/*
 * ext2 on the disk: superblock, group descriptors, inodes, directory entries, attribute blocks.
 * (Poirier, "The Second Extended File System, Internal Layout"; Linux
 * Documentation/filesystems/ext2.rst.) All numbers are little-endian, as ours are. This file and
 * what it declares builds on the host too.
 *
 * Field names are those of Linux and of debugfs(8), so that `debugfs -R "stat <12>"` and
 * `dumpe2fs` can be read beside this file. Fields that we do not know keep what they have: structs
 * are changed in place, in the block as it was read.
 */
#pragma once

#include "common/types.h"

#define EXT2_MAGIC		0xef53
/* In bytes, whatever the size of a block: the first 1024 bytes belong to a boot loader. */
#define EXT2_SUPER_OFFSET	1024
#define EXT2_ROOT_INO		2
#define EXT2_OLD_FIRST_INO	11
#define EXT2_OLD_INODE_SIZE	128
/* i_links_count has 16 bits, of which early implementations took the highest for a sign. */
#define EXT2_LINK_MAX		32000
#define EXT2_NAME_MAX		255

struct ext2_super_block {
	u32 s_inodes_count, s_blocks_count, s_r_blocks_count, s_free_blocks_count;
	u32 s_free_inodes_count, s_first_data_block, s_log_block_size, s_log_frag_size;
	u32 s_blocks_per_group, s_frags_per_group, s_inodes_per_group;
	u32 s_mtime, s_wtime;
	u16 s_mnt_count, s_max_mnt_count, s_magic, s_state, s_errors, s_minor_rev_level;
	u32 s_lastcheck, s_checkinterval, s_creator_os, s_rev_level;
	u16 s_def_resuid, s_def_resgid;
	/* revision 1 */
	u32 s_first_ino;
	u16 s_inode_size, s_block_group_nr;
	u32 s_feature_compat, s_feature_incompat, s_feature_ro_compat;
	u8 s_uuid[16];
	char s_volume_name[16], s_last_mounted[64];
	u32 s_algorithm_usage_bitmap;
	u8 s_prealloc_blocks, s_prealloc_dir_blocks;
	u16 s_reserved_gdt_blocks;
	u8 s_journal_uuid[16];
	u32 s_journal_inum, s_journal_dev, s_last_orphan, s_hash_seed[4];
	u8 s_def_hash_version, s_jnl_backup_type;
	u16 s_desc_size;
	u32 s_default_mount_opts, s_first_meta_bg, s_mkfs_time, s_jnl_blocks[17];
	u32 s_blocks_count_hi, s_r_blocks_count_hi, s_free_blocks_hi;
	u16 s_min_extra_isize, s_want_extra_isize;
	u32 s_flags;
	u32 s_reserved[167];
};

_Static_assert(sizeof(struct ext2_super_block) == 1024, "ext2 superblock");

/* s_state */
/* VALID: unmounted cleanly; it is cleared while mounted for writing. ERROR: e2fsck is wanted. */
#define EXT2_STATE_VALID	1
#define EXT2_STATE_ERROR	2
/* s_errors */
#define EXT2_ERRORS_CONTINUE	1
#define EXT2_ERRORS_RO		2
#define EXT2_ERRORS_PANIC	3

/*
 * Features say how far a file system of another age can be used. COMPAT: whoever does not know it
 * may mount all the same. RO_COMPAT: only for reading. INCOMPAT: not at all. So each new feature
 * of ext2's successors says by its place how much it breaks.
 */
#define EXT2_COMPAT_EXT_ATTR	0x0008
#define EXT2_COMPAT_DIR_INDEX	0x0020
#define EXT2_INCOMPAT_FILETYPE	0x0002
#define EXT2_RO_SPARSE_SUPER	0x0001
#define EXT2_RO_LARGE_FILE	0x0002
#define EXT2_RO_EXTRA_ISIZE	0x0040
#define EXT2_INCOMPAT_KNOWN	EXT2_INCOMPAT_FILETYPE
#define EXT2_RO_KNOWN		(EXT2_RO_SPARSE_SUPER | EXT2_RO_LARGE_FILE | EXT2_RO_EXTRA_ISIZE)

/*
 * A group is as many blocks as one bitmap block has bits (or fewer). The descriptors of all groups
 * stand behind the superblock; copies of both stand at the start of some groups, for e2fsck.
 */
struct ext2_group {
	u32 block_bitmap, inode_bitmap, inode_table;
	u16 free_blocks, free_inodes, used_dirs, pad;
	u32 reserved[3];
};

_Static_assert(sizeof(struct ext2_group) == 32, "ext2 group descriptor");

#define EXT2_DIRECT	12	/* block pointers in the inode, then: */
#define EXT2_IND	12
#define EXT2_DIND	13
#define EXT2_TIND	14
#define EXT2_POINTERS	15

/*
 * i_size_high was i_dir_acl once: only regular files have it. i_blocks counts sectors of 512
 * bytes, indirect and attribute blocks too. i_dtime: when it was deleted; for an orphan the next
 * one's number (orphan.c).
 */
struct ext2_disk_inode {
	u16 i_mode, i_uid;
	u32 i_size, i_atime, i_ctime, i_mtime, i_dtime;
	u16 i_gid, i_links_count;
	u32 i_blocks, i_flags, i_version;
	u32 i_block[EXT2_POINTERS];
	u32 i_generation, i_file_acl, i_size_high, i_faddr;
	u8 i_frag, i_fsize;
	u16 i_pad;
	u16 i_uid_high, i_gid_high;
	u32 i_reserved;
	/* inodes of more than 128 bytes; i_extra_isize bytes from here are in use */
	u16 i_extra_isize, i_checksum_hi;
	u32 i_ctime_extra, i_mtime_extra, i_atime_extra, i_crtime, i_crtime_extra;
	u32 i_version_hi, i_projid;
};

_Static_assert(offsetof(struct ext2_disk_inode, i_extra_isize) == 128, "ext2 inode");
#define EXT2_EXTRA_ISIZE	32	/* of inodes that we make: all the fields above */

/* i_flags */
#define EXT2_SYNC_FL		0x00000008
#define EXT2_IMMUTABLE_FL	0x00000010
#define EXT2_APPEND_FL		0x00000020
#define EXT2_NODUMP_FL		0x00000040
#define EXT2_NOATIME_FL		0x00000080
#define EXT2_INDEX_FL		0x00001000
#define EXT2_DIRSYNC_FL		0x00010000
/*
 * What a new inode inherits from its directory, as in Linux: all of a subdirectory, less for a
 * file.
 */
#define EXT2_INHERITED_FL	0x0001c6cf

struct ext2_dirent {
	u32 inode;		/* 0: unused */
	u16 rec_len;		/* to the next entry */
	u8 name_len;
	u8 file_type;		/* with EXT2_INCOMPAT_FILETYPE; else the high byte of name_len, 0 */
	char name[];
};

#define EXT2_DIRENT_HEAD	8u
#define EXT2_REC_LEN(name_len)	(((u32)(name_len) + EXT2_DIRENT_HEAD + 3) & ~3u)

/*
 * Directory entries within one block (dirent.c, exercise 5.5). Nothing in a block is trusted before
 * it was checked.
 */

/*
 * True if the block's entries fill it exactly, each large enough for its name, with inode numbers
 * up to max_ino.
 */
bool ext2_dirent_check(const void *block, unsigned size, u32 max_ino);
/* The entry called name in a checked block, or NULL. */
struct ext2_dirent *ext2_dirent_find(void *block, unsigned size, const char *name, size_t len);
/* Add an entry to a checked block: 0, or -ENOSPC if no gap is large enough. */
int ext2_dirent_add(void *block, unsigned size, const char *name, size_t len, u32 ino, u8 type);
/* Remove an entry of a checked block. */
void ext2_dirent_remove(void *block, struct ext2_dirent *e);
/* A block without entries. */
void ext2_dirent_init(void *block, unsigned size);

/*
 * The way to block `block` of a file (path.c, exercise 5.6): fills offsets[0 .. depth - 1]: an
 * index into the inode's pointers, then into each indirect block; returns the depth (1 to 4), or 0
 * if no file can be that large. bits: log2 of the number of pointers in a block.
 */
int ext2_block_path(u64 block, unsigned bits, u32 offsets[4]);

/*
 * Bitmaps (bitmap.c): bit n is bit n % 8 of byte n / 8. Maps are 8-byte aligned; [from, end) are
 * bit numbers.
 */
bool ext2_test_bit(const void *map, u32 n);
void ext2_set_bits(void *map, u32 from, u32 count);
/* Clears; returns how many of them were clear already. */
u32 ext2_clear_bits(void *map, u32 from, u32 count);
/* The first zero bit in [from, end), or end. */
u32 ext2_find_zero(const void *map, u32 from, u32 end);
/* How many zero bits follow from `from` on, at most max. */
u32 ext2_zero_run(const void *map, u32 from, u32 max);
/* The first run of `want` zero bits in [from, end), or end. */
u32 ext2_find_zero_run(const void *map, u32 from, u32 end, u32 want);

/* Extended attributes: a block, or the end of a large inode. */
#define EXT2_XATTR_MAGIC	0xea020000

struct ext2_xattr_header {
	u32 h_magic, h_refcount, h_blocks, h_hash, h_reserved[4];
};

struct ext2_xattr_entry {
	u8 e_name_len, e_name_index;
	u16 e_value_offs;	/* from the block's start, or the first entry in an inode */
	u32 e_value_block, e_value_size, e_hash;
	char e_name[];
};

#define EXT2_XATTR_LEN(name_len) (((u32)(name_len) + sizeof(struct ext2_xattr_entry) + 3) & ~3u)
#define EXT2_XATTR_SIZE(value_size)	(((u32)(value_size) + 3) & ~3u)

/*
 * Where attributes are kept: entries grow up from `first`, values down from the end (xattr_area.c).
 */
struct ext2_xattr_area {
	u8 *base;		/* what e_value_offs counts from */
	u8 *first;		/* the first entry */
	u8 *end;
};

/* True if all entries and values lie within the area. */
bool ext2_xattr_check(const struct ext2_xattr_area *a);
/* The attribute in a checked area, or NULL. */
struct ext2_xattr_entry *ext2_xattr_find(const struct ext2_xattr_area *a, int index,
					 const char *name, size_t len);
/* The entry behind e, or the first for NULL; NULL at the end. */
struct ext2_xattr_entry *ext2_xattr_next(const struct ext2_xattr_area *a,
					 struct ext2_xattr_entry *e);
/* Remove an attribute; the area stays packed. */
void ext2_xattr_remove(struct ext2_xattr_area *a, struct ext2_xattr_entry *e);
/* Add one that is not there, keeping the entries sorted: 0 or -ENOSPC. */
int ext2_xattr_add(struct ext2_xattr_area *a, int index, const char *name, size_t len,
		   const void *value, size_t size);
bool ext2_xattr_empty(const struct ext2_xattr_area *a);
/* The hash over all entries that a block's header holds, so that equal blocks are found. */
u32 ext2_xattr_hash(const struct ext2_xattr_area *a);
