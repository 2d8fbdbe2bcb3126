/*
 * Copies between kernel and user memory (uaccess.h): exact at every byte of the border of what is
 * mapped, and harmless everywhere: exercise 2.5. What is built on the same instructions comes with
 * them.
 */
#include "helpers.h"
#include "common/cpu.h"
#include "common/x86.h"
#include "02-usermode/mm.h"
#include "02-usermode/uaccess.h"

#define BASE	0x20000000UL
#define END	(BASE + 2 * PAGE_SIZE)		/* behind it nothing is mapped */
#define RONLY	0x20010000UL			/* a page that may only be read */
#define FRESH	0x20020000UL			/* pages that nobody has touched */
#define USER(a)	((void __user *)(a))

static char buf[256], back[256];

static void map(vaddr_t start, u64 pages, u32 flags)
{
	struct mm *mm = current->mm;

	down_write(&mm->lock);
	if (IS_ERR(mm_map(mm, start, pages * PAGE_SIZE, flags, NULL, 0, NULL)))
		ktest_fail(__FILE__, __LINE__, "mm_map failed");
	up_write(&mm->lock);
}

/* Runs in a process that is made for it; a test's body returns here at a failed assertion. */
static void with_memory(void *body)
{
	map(BASE, 2, VM_READ | VM_WRITE);
	map(RONLY, 1, VM_READ);
	map(FRESH, 8, VM_READ | VM_WRITE);
	for (int i = 0; i < ARRAY_SIZE(buf); i++)
		buf[i] = (char)(i * 7 + 1);
	((void (*)(void))body)();
	thread_exit(0);
}

static void copy_at_border(void)
{
	for (int room = 0; room <= 72; room++)
		for (int n = 0; n <= 72; n++) {
			char *user = (char *)END - room;
			size_t left = n > room ? n - room : 0;

			KTEST_EQ(clear_user(USER(END - 80), 80), 0);
			KTEST_EQ(copy_to_user(USER(user), buf, n), left);
			memset(back, 0, sizeof(back));
			KTEST_EQ(copy_from_user(back, USER(user), n), left);
			KTEST_EQ(memcmp(back, buf, n - left), 0);
			for (int i = n - left; i < 80; i++)
				KTEST_EQ(back[i], 0);
			KTEST_EQ(clear_user(USER(user), n), left);
			KTEST_EQ(copy_from_user(back, USER(END - 80), 80), 0);
			for (int i = 0; i < 80; i++)
				KTEST_EQ(back[i], 0);
		}
}

KTEST(copy_border, "2.5", 6, "a copy that runs into unmapped memory stops at the exact byte and says how much is left")
{
	KTEST_CALL(in_process(with_memory, copy_at_border));
}

static void copy_bad(void)
{
	static const u64 bad[] = {
		0, 0x1000, END, USER_END - 8, USER_END, 1UL << 47, 0x8000000000000000UL,
		DIRECT_MAP_BASE, KERNEL_BASE + KERNEL_LOAD, ~0UL - 15, ~0UL - 7, ~0UL,
	};
	u32 old;

	KTEST_EQ(copy_to_user(USER(BASE), buf, 16), 0);
	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		KTEST_MSG(copy_from_user(back, USER(bad[i]), 16) == 16, "reading at %#lx succeeds",
			  bad[i]);
		KTEST_MSG(copy_to_user(USER(bad[i]), buf, 16) == 16, "writing at %#lx succeeds",
			  bad[i]);
		KTEST_MSG(clear_user(USER(bad[i]), 16) == 16, "clearing at %#lx succeeds", bad[i]);
		KTEST_EQ(strncpy_from_user(back, USER(bad[i]), 16), -EFAULT);
		KTEST_EQ(strnlen_user(USER(bad[i]), 16), 0);
		KTEST_EQ(user_cmpxchg32(USER(bad[i] & ~3UL), 0, 1, &old), -EFAULT);
		KTEST_EQ(fault_in_readable(USER(bad[i]), 16), -EFAULT);
		KTEST_EQ(fault_in_writable(USER(bad[i]), 16), -EFAULT);
	}
	/* The kernel itself is in its own memory's way too: its address as the user's. */
	KTEST_EQ(copy_from_user(back, USER(buf), 16), 16);
	/* A length that wraps round. */
	KTEST_EQ(copy_from_user(back, USER(BASE), ~0UL), ~0UL);
	KTEST_EQ(copy_from_user(back, USER(BASE), USER_END), USER_END);
}

KTEST(copy_kernel_address, "2.5", 4, "user copies refuse kernel, null and wild addresses, and copy nothing")
{
	KTEST_CALL(in_process(with_memory, copy_bad));
}

static void copy_read_only(void)
{
	u32 word = 1;

	KTEST_EQ(copy_from_user(&word, USER(RONLY), 4), 0);
	KTEST_EQ(word, 0);
	KTEST_EQ(copy_to_user(USER(RONLY), buf, 16), 16);
	KTEST_EQ(copy_to_user(USER(RONLY + 3), buf, 1), 1);
	KTEST_EQ(clear_user(USER(RONLY), 100), 100);
	KTEST_EQ(user_cmpxchg32(USER(RONLY), 0, 1, &word), -EFAULT);
	KTEST_EQ(fault_in_readable(USER(RONLY), PAGE_SIZE), 0);
	KTEST_EQ(fault_in_writable(USER(RONLY), PAGE_SIZE), -EFAULT);
	KTEST_EQ(copy_from_user(&word, USER(RONLY), 4), 0);
	KTEST_EQ(word, 0);
}

KTEST(copy_protected, "2.5", 2, "user copies do not write where the program may not write")
{
	KTEST_CALL(in_process(with_memory, copy_read_only));
}

static bool open(void)
{
	return read_rflags() & RFLAGS_AC;
}

/*
 * SMAP keeps the kernel out of user memory but between STAC and CLAC, which set and clear
 * RFLAGS.AC.
 */
static void windows(void)
{
	KTEST_MSG(cpu_has_smap, "this test needs a CPU with SMAP: boot with -cpu qemu64,+smap");
	KTEST_MSG(copy_to_user(USER(BASE), buf, 200) == 0,
		  "nothing is copied: is user memory opened (ASM_STAC) before it is touched?");
	KTEST_MSG(!open(), "after copy_to_user() user memory is still open (ASM_CLAC)");
	KTEST_EQ(copy_from_user(back, USER(BASE), 200), 0);
	KTEST_MSG(!open(), "after copy_from_user() user memory is still open (ASM_CLAC)");
	for (int n = 0; n <= 100; n++) {
		KTEST_ASSERT(copy_to_user(USER(END - n), buf, n + 1) != 0);
		KTEST_MSG(!open(),
			  "after a copy to user memory that failed at byte %d it is still open", n);
		KTEST_ASSERT(copy_from_user(back, USER(END - n), n + 1) != 0);
		KTEST_MSG(!open(),
			  "after a copy from user memory that failed at byte %d it is still open",
			  n);
	}
	KTEST_EQ(copy_from_user(back, USER(KERNEL_BASE), 1), 1);
	KTEST_MSG(!open(), "after a copy that was refused user memory is open");
}

KTEST(copy_window, "2.5", 3, "user memory is closed to the kernel after every copy, also after one that failed")
{
	KTEST_CALL(in_process(with_memory, windows));
}

static void strings(void)
{
	for (size_t len = 0; len < 20; len++) {
		char __user *s = USER(END - len - 1);

		memset(back, 'x', sizeof(back));
		KTEST_EQ(copy_to_user(s, "abcdefghijklmnopqrstuvwxyz", len), 0);
		KTEST_EQ(put_user((char)0, s + len), 0);
		KTEST_EQ(strncpy_from_user(back, s, 64), len);
		KTEST_EQ(back[len], 0);
		KTEST_EQ(back[len + 1], 'x');
		KTEST_EQ(strnlen_user(s, 64), len + 1);
		KTEST_EQ(strncpy_from_user(back, s, len), len);	/* no room for the end */
		KTEST_ASSERT(strnlen_user(s, len) > len);
		KTEST_EQ(strncpy_from_user(back, s, len + 1), len);
		KTEST_EQ(put_user('y', s + len), 0);		/* now it runs out of the page */
		KTEST_EQ(strncpy_from_user(back, s, 64), -EFAULT);
		KTEST_EQ(strnlen_user(s, 64), 0);
		KTEST_EQ(strncpy_from_user(back, s, len + 1), len + 1);
	}
}

KTEST(copy_strings, "2.0", 0, "strings from user memory: terminated, too long, and running out of their page")
{
	KTEST_CALL(in_process(with_memory, strings));
}

static void no_faults(void)
{
	u32 word;

	pagefault_disable();
	word = copy_to_user(USER(FRESH), buf, 8);
	pagefault_enable();
	KTEST_EQ(word, 8);
	KTEST_EQ(fault_in_writable(USER(FRESH + 100), PAGE_SIZE), 0);
	pagefault_disable();
	word = copy_to_user(USER(FRESH), buf, 2 * PAGE_SIZE > sizeof(buf) ? sizeof(buf) : 0);
	pagefault_enable();
	KTEST_EQ(word, 0);
	irq_disable();			/* as under a spinlock */
	word = copy_from_user(back, USER(FRESH + 4 * PAGE_SIZE), 8);
	irq_enable();
	KTEST_EQ(word, 8);
	KTEST_EQ(put_user(5, (u32 __user *)(FRESH + 8)), 0);
	KTEST_EQ(user_cmpxchg32(USER(FRESH + 8), 4, 9, &word), 0);
	KTEST_EQ(word, 5);
	KTEST_EQ(user_cmpxchg32(USER(FRESH + 8), 5, 9, &word), 0);
	KTEST_EQ(get_user(word, (u32 __user *)(FRESH + 8)), 0);
	KTEST_EQ(word, 9);
}

KTEST(copy_without_faults, "2.5", 1, "where no fault may be served a copy stops instead of sleeping")
{
	KTEST_CALL(in_process(with_memory, no_faults));
}
