/*
 * ext2 with 1 KiB blocks and small inodes: several blocks to a page, indirect blocks early.
 *
 * @disk 24M -b 1024 -I 128 -m 0
 * @host no it needs a disk of its own
 */
#include "ext2_test.h"

UTEST(ext2_small_contents, "5.0", 0,
      "random writes and truncations leave what they should, also on the disk")
{
	test_contents();
}

UTEST(ext2_small_sparse, "5.0", 0, "a file of 4 GiB that is mostly holes takes few blocks")
{
	test_sparse(4L << 30);
}

UTEST(ext2_small_full, "5.0", 0, "a full disk gives ENOSPC and all blocks come back")
{
	test_full();
}

UTEST(ext2_small_unlinked, "5.0", 0, "a deleted file lives until it is closed")
{
	test_unlinked();
}

UTEST(ext2_small_attributes, "5.0", 0, "extended attributes are kept in a block")
{
	test_attributes();
}

UTEST(ext2_small_directories, "5.0", 0, "directories of many blocks, and moving them")
{
	test_directories();
}

UTEST(ext2_small_times, "5.0", 0, "times have whole seconds")
{
	test_times(0);
}

UTEST(ext2_small_short, "5.0", 0, "a write whose source goes away meanwhile shows nothing that was deleted")
{
	test_short_copy();
}

UTEST_MAIN(ext2_small_contents, ext2_small_sparse, ext2_small_full, ext2_small_unlinked,
	   ext2_small_attributes, ext2_small_directories, ext2_small_times, ext2_small_short)
