/*
 * ext2 with 4 KiB blocks and inodes of 256 bytes: nanoseconds, and attributes in the inode.
 *
 * @disk 24M -b 4096 -I 256 -m 0
 * @host no it needs a disk of its own
 */
#include "ext2_test.h"

UTEST(ext2_large_contents, "5.0", 0,
      "random writes and truncations leave what they should, also on the disk")
{
	test_contents();
}

UTEST(ext2_large_sparse, "5.0", 0, "a file of 64 GiB that is mostly holes takes few blocks")
{
	test_sparse(64L << 30);
}

UTEST(ext2_large_full, "5.0", 0, "a full disk gives ENOSPC and all blocks come back")
{
	test_full();
}

UTEST(ext2_large_unlinked, "5.0", 0, "a deleted file lives until it is closed")
{
	test_unlinked();
}

UTEST(ext2_large_attributes, "5.0", 0, "extended attributes are kept in the inode and in a block")
{
	test_attributes();
}

UTEST(ext2_large_directories, "5.0", 0, "directories of many blocks, and moving them")
{
	test_directories();
}

UTEST(ext2_large_times, "5.0", 0, "times have nanoseconds")
{
	test_times(987654321);
}

UTEST(ext2_large_short, "5.0", 0, "a write whose source goes away meanwhile shows nothing that was deleted")
{
	test_short_copy();
}

UTEST_MAIN(ext2_large_contents, ext2_large_sparse, ext2_large_full, ext2_large_unlinked,
	   ext2_large_attributes, ext2_large_directories, ext2_large_times, ext2_large_short)
