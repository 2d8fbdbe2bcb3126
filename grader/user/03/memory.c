/*
 * Exercise 3.5 (brk), and mmap and its kin, which no exercise owns.
 */
#include "ktap_user.h"

#define SYS_mmap	9
#define SYS_mprotect	10
#define SYS_munmap	11
#define SYS_brk		12
#define SYS_mremap	25
#define SYS_mincore	27
#define SYS_madvise	28
#define SYS_mlock	149
#define SYS_munlock	150
#define SYS_setresuid	117
#define SYS_setrlimit	160
#define EINVAL		22
#define ENOMEM		12
#define EEXIST		17
#define PAGE		4096UL
#define RW		3
#define PRIVATE_ANON	0x22
#define FIXED		0x10
#define NOREPLACE	0x100000

static unsigned long brk(unsigned long addr)
{
	return syscall1(SYS_brk, addr);
}

static char *map_at(unsigned long addr, unsigned long size, long flags)
{
	return (char *)syscall6(SYS_mmap, addr, size, RW, PRIVATE_ANON | flags, -1, 0);
}

/* True if a child that touches p survives. */
static bool accessible(char *p, bool write)
{
	int status = 0, pid = ut_fork();

	if (pid == 0) {
		if (write)
			*(volatile char *)p = 1;
		else
			(void)*(volatile char *)p;
		ut_exit(0);
	}
	return ut_waitpid(pid, &status) == pid && status == 0;
}

UTEST(brk_grow, "3.5", 3,
      "brk moves the end of the heap to any byte; the new memory is zero and can be written")
{
	unsigned long old = brk(0);
	char *p = (char *)old;

	UT_ASSERT(old > PAGE);
	UT_EQ(brk(old + 3 * PAGE + 5), old + 3 * PAGE + 5);
	UT_EQ(brk(0), old + 3 * PAGE + 5);
	for (unsigned long i = 0; i < 3 * PAGE + 5; i += 97) {
		UT_EQ(p[i], 0);
		p[i] = 1;
	}
	p[3 * PAGE + 4] = 1;
	UT_EQ(brk(old + 10 * PAGE), old + 10 * PAGE);
	UT_EQ(p[97], 1);
	UT_EQ(p[10 * PAGE - 1], 0);
}

UTEST(brk_shrink_zero, "3.5", 3,
      "memory given back by brk is gone, and zero when the heap grows again")
{
	unsigned long old = (brk(0) + PAGE - 1) & -PAGE;
	char *p = (char *)old;

	UT_EQ(brk(old + 4 * PAGE), old + 4 * PAGE);
	p[0] = p[2 * PAGE] = 7;
	UT_EQ(brk(old + PAGE), old + PAGE);
	UT_ASSERT(accessible(p, true));
	UT_ASSERT(!accessible(p + 2 * PAGE, false));
	UT_EQ(brk(old + 4 * PAGE), old + 4 * PAGE);
	UT_EQ(p[0], 7);
	UT_EQ(p[2 * PAGE], 0);
}

UTEST(brk_fail_old, "3.5", 3, "a brk that cannot be done changes nothing and returns the old end")
{
	unsigned long old = brk(0);

	UT_EQ(brk(old + 2 * PAGE), old + 2 * PAGE);
	old += 2 * PAGE;
	UT_EQ(brk(~0UL), old);
	UT_EQ(brk(0x7ffffffff000), old);
	UT_EQ(brk(1), old);
	UT_EQ(brk(0), old);
	UT_EQ(*(char *)(old - 1), 0);
}

UTEST(brk_no_overlap, "3.5", 3, "the heap does not grow into a mapping that stands in its way")
{
	unsigned long old = brk(0), end = (old + PAGE - 1) & -PAGE;
	char *wall;

	UT_EQ(brk(end + PAGE), end + PAGE);
	wall = map_at(end + 5 * PAGE, PAGE, FIXED | NOREPLACE);
	UT_EQ((unsigned long)wall, end + 5 * PAGE);
	*wall = 1;
	UT_EQ(brk(end + 5 * PAGE), end + PAGE);		/* a page stays free between them */
	UT_EQ(brk(end + 6 * PAGE), end + PAGE);
	UT_EQ(brk(end + 8 * PAGE), end + PAGE);
	UT_EQ(*wall, 1);
	UT_EQ(brk(end + 3 * PAGE), end + 3 * PAGE);
	UT_EQ(syscall2(SYS_munmap, wall, PAGE), 0);
	UT_EQ(brk(end + 8 * PAGE), end + 8 * PAGE);
}

UTEST(brk_limit, "3.5", 3, "RLIMIT_DATA bounds the heap")
{
	unsigned long old = brk(0), limit[2] = { 64 * PAGE, 64 * PAGE };

	UT_EQ(syscall2(SYS_setrlimit, 2, limit), 0);
	UT_EQ(brk(old + 4 * PAGE), old + 4 * PAGE);
	UT_EQ(brk(old + 4096 * PAGE), old + 4 * PAGE);
}

UTEST(mmap_basic, "3.0", 0, "mmap, munmap and mprotect of anonymous memory")
{
	char *p = map_at(0, 8 * PAGE, 0);

	UT_ASSERT((long)p > 0);
	p[0] = p[4 * PAGE] = p[7 * PAGE] = 1;
	UT_EQ(syscall2(SYS_munmap, p + 3 * PAGE, 2 * PAGE), 0);
	UT_ASSERT(!accessible(p + 4 * PAGE, false));
	UT_EQ(p[7 * PAGE], 1);
	UT_EQ(syscall3(SYS_mprotect, p, PAGE, 1), 0);
	UT_ASSERT(!accessible(p, true));
	UT_ASSERT(accessible(p, false));
	UT_EQ(syscall3(SYS_mprotect, p, PAGE, RW), 0);
	p[0] = 2;
	UT_EQ(syscall3(SYS_mprotect, p + 2 * PAGE, 2 * PAGE, RW), -ENOMEM);
	UT_EQ(syscall3(SYS_mprotect, p + 1, PAGE, RW), -EINVAL);
	UT_EQ(syscall2(SYS_munmap, p + 1, PAGE), -EINVAL);
	UT_EQ(syscall2(SYS_munmap, p, 0), -EINVAL);
}

UTEST(mmap_fixed, "3.0", 0, "MAP_FIXED replaces, MAP_FIXED_NOREPLACE refuses, hints are followed")
{
	char *p = map_at(0, 4 * PAGE, 0);

	p[PAGE] = 1;
	UT_EQ(map_at((long)p + PAGE, PAGE, FIXED), p + PAGE);
	UT_EQ(p[PAGE], 0);
	UT_EQ(map_at((long)p, PAGE, NOREPLACE), -EEXIST);
	UT_EQ(syscall2(SYS_munmap, p, 4 * PAGE), 0);
	UT_EQ(map_at((long)p, PAGE, 0), p);
	UT_EQ(map_at((long)p + 1, PAGE, FIXED), -EINVAL);
	UT_EQ(syscall6(SYS_mmap, 0, 0, RW, PRIVATE_ANON, -1, 0), -EINVAL);
	UT_EQ(syscall6(SYS_mmap, 0, 1UL << 60, RW, PRIVATE_ANON, -1, 0), -ENOMEM);
	UT_EQ(syscall6(SYS_mmap, 0, PAGE, RW, 0x20, -1, 0), -EINVAL);
	UT_EQ(syscall6(SYS_mmap, 0, PAGE, RW, 2, 99, 0), -9);
}

UTEST(mmap_low, "3.0", 0, "MAP_32BIT gives addresses below 2 GiB, and to those who ask for it only")
{
	long low = 0x80000000, high = (long)map_at(0, PAGE, 0), p;

	UT_ASSERT(high > low);
	for (int i = 0; i < 3; i++) {
		p = (long)map_at(0, 2 * PAGE, 0x40);
		UT_ASSERT(p > 0 && p + 2 * (long)PAGE <= low);
		UT_ASSERT((long)map_at(0, 4 * PAGE, 0) > low);
	}
	p = (long)map_at(high + 0x10000000, PAGE, 0x40);
	UT_ASSERT(p > 0 && p < low);
}

UTEST(mremap_moves, "3.0", 0, "mremap grows in place, moves with the contents, shrinks")
{
	char *p = map_at(0, 6 * PAGE, 0), *q;

	UT_EQ(syscall2(SYS_munmap, p + 2 * PAGE, 4 * PAGE), 0);
	p[0] = 1;
	p[PAGE] = 2;
	q = (char *)syscall5(SYS_mremap, p, 2 * PAGE, 4 * PAGE, 0, 0);
	UT_EQ(q, p);
	UT_EQ(p[3 * PAGE], 0);
	map_at((long)p + 4 * PAGE, PAGE, FIXED);
	UT_EQ(syscall5(SYS_mremap, p, 4 * PAGE, 40 * PAGE, 0, 0), -ENOMEM);
	q = (char *)syscall5(SYS_mremap, p, 4 * PAGE, 40 * PAGE, 1, 0);
	UT_ASSERT((long)q > 0 && q != p);
	UT_EQ(q[0], 1);
	UT_EQ(q[PAGE], 2);
	UT_EQ(q[39 * PAGE], 0);
	UT_ASSERT(!accessible(p, false));
	UT_EQ(syscall5(SYS_mremap, q, 40 * PAGE, PAGE, 0, 0), q);
	UT_ASSERT(!accessible(q + PAGE, false));
	UT_EQ(syscall5(SYS_mremap, p, PAGE, PAGE, 0, 0), -14);
	q = map_at(0, 6 * PAGE, 0);
	UT_EQ(syscall3(SYS_mprotect, q + PAGE, PAGE, 1), 0);
	UT_EQ(syscall5(SYS_mremap, q, 6 * PAGE, 7 * PAGE, 1, 0), -14);
	UT_EQ(syscall5(SYS_mremap, q, 6 * PAGE, PAGE, 0, 0), q);
	UT_ASSERT(!accessible(q + PAGE, false));
}

UTEST(areas_merge, "3.0", 0, "what was locked or advised page by page is one mapping again when that is undone")
{
	char *p = map_at(0, 8 * PAGE, 0);

	p[0] = 1;
	for (int i = 0; i < 4; i++) {
		UT_EQ(syscall2(SYS_mlock, p + 2 * i * PAGE, PAGE), 0);
		UT_EQ(syscall3(SYS_madvise, p + (2 * i + 1) * PAGE, PAGE, 10), 0);	/* DONTFORK */
	}
	UT_EQ(syscall5(SYS_mremap, p, 8 * PAGE, 9 * PAGE, 1, 0), -14);
	UT_EQ(syscall2(SYS_munlock, p, 8 * PAGE), 0);
	UT_EQ(syscall3(SYS_madvise, p, 8 * PAGE, 11), 0);				/* DOFORK */
	UT_ASSERT((long)syscall5(SYS_mremap, p, 8 * PAGE, 9 * PAGE, 1, 0) > 0);
}

UTEST(madvise_dontneed, "3.0", 0,
      "MADV_DONTNEED makes memory zero again; mincore tells what is there")
{
	char *p = map_at(0, 3 * PAGE, 0);
	unsigned char vec[3];

	p[0] = p[2 * PAGE] = 1;
	UT_EQ(syscall3(SYS_mincore, p, 3 * PAGE, vec), 0);
	UT_EQ(vec[0] & 1, 1);
	UT_EQ(vec[1] & 1, 0);
	UT_EQ(vec[2] & 1, 1);
	UT_EQ(syscall3(SYS_madvise, p, PAGE, 4), 0);
	UT_EQ(p[0], 0);
	UT_EQ(p[2 * PAGE], 1);
	UT_EQ(syscall3(SYS_madvise, p + 1, PAGE, 4), -EINVAL);
	UT_EQ(syscall3(SYS_madvise, p, PAGE, 7), -EINVAL);
	UT_EQ(syscall2(SYS_munmap, p + PAGE, PAGE), 0);
	UT_EQ(syscall3(SYS_madvise, p, 3 * PAGE, 4), -ENOMEM);
	UT_EQ(p[2 * PAGE], 0);
}

UTEST(mlock_twice, "3.0", 0, "RLIMIT_MEMLOCK bounds what is locked; locking it once more is free")
{
	unsigned long limit[2] = { 4 * PAGE, 4 * PAGE };
	char *p = map_at(0, 8 * PAGE, 0);

	UT_EQ(syscall2(SYS_setrlimit, 8, limit), 0);
	syscall3(SYS_setresuid, 54321, 54321, 54321);		/* root is not bound */
	UT_EQ(syscall2(SYS_mlock, p, 4 * PAGE), 0);
	UT_EQ(syscall2(SYS_mlock, p, 4 * PAGE), 0);
	UT_EQ(syscall2(SYS_mlock, p + PAGE, 4 * PAGE), -ENOMEM);
	UT_EQ(syscall2(SYS_munlock, p, PAGE), 0);
	UT_EQ(syscall2(SYS_mlock, p + PAGE, 4 * PAGE), 0);
}

UTEST_MAIN(brk_grow, brk_shrink_zero, brk_fail_old, brk_no_overlap, brk_limit, mmap_basic,
	   mmap_fixed, mmap_low, mremap_moves, areas_merge, madvise_dontneed, mlock_twice)
