/*
 * A generator with fast key erasure (Bernstein, "Fast-key-erasure random-number generators",
 * 2017) on ChaCha20 (RFC 8439, 2.3): each request computes a stream under the key; the stream's
 * first 32 bytes become the next key, so that what was given out cannot be computed again.
 *
 * The first key is made of whatever differs from boot to boot: RDRAND where the CPU has it, the
 * time of day, and the jitter of the time stamp counter. Callers add what they have.
 */
#include "03-syscalls/system/random.h"
#include "03-syscalls/syscall.h"
#include "common/abi/prctl.h"
#include "common/init.h"
#include "common/string.h"
#include "common/x86.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"

#define KEY_WORDS	8
#define BLOCK_WORDS	16
#define BLOCK_SIZE	64
#define CPUID_RDRAND	BIT(30)

static DEFINE_SPINLOCK(random_lock, RANK_LEAF);
static u32 key[KEY_WORDS];		/* random_lock */

static u32 rotate(u32 v, int n)
{
	return v << n | v >> (32 - n);
}

static void quarter_round(u32 *s, int a, int b, int c, int d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

/* One block of the stream under key k; there is no nonce, as no key is used twice. */
static void chacha_block(const u32 *k, u64 counter, u32 *out)
{
	u32 start[BLOCK_WORDS] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

	memcpy(start + 4, k, KEY_WORDS * sizeof(u32));
	start[12] = counter;
	start[13] = counter >> 32;
	memcpy(out, start, BLOCK_SIZE);
	for (int i = 0; i < 10; i++) {
		for (int c = 0; c < 4; c++)
			quarter_round(out, c, 4 + c, 8 + c, 12 + c);
		for (int c = 0; c < 4; c++)
			quarter_round(out, c, 4 + (c + 1) % 4, 8 + (c + 2) % 4, 12 + (c + 3) % 4);
	}
	for (int i = 0; i < BLOCK_WORDS; i++)
		out[i] += start[i];
}

/*
 * Replace the key by one block's first half and give the caller the other half: to use as it is, or
 * as a key of his own. So a long request holds the lock no longer than a short one.
 */
static void draw(u32 *own)
{
	u32 block[BLOCK_WORDS];

	spin_lock(&random_lock);
	chacha_block(key, 0, block);
	memcpy(key, block, sizeof(key));
	spin_unlock(&random_lock);
	memcpy(own, block + KEY_WORDS, KEY_WORDS * sizeof(u32));
	memset(block, 0, sizeof(block));
}

void random_bytes(void *buf, size_t n)
{
	u32 own[KEY_WORDS], block[BLOCK_WORDS];
	char *p = buf;

	draw(own);
	if (n <= sizeof(own)) {
		memcpy(buf, own, n);
		memset(own, 0, sizeof(own));
		return;
	}
	for (u64 counter = 0; n; counter++) {
		size_t len = MIN(n, (size_t)BLOCK_SIZE);

		chacha_block(own, counter, block);
		memcpy(p, block, len);
		p += len;
		n -= len;
	}
	memset(own, 0, sizeof(own));
	memset(block, 0, sizeof(block));
}

u64 random_u64(void)
{
	u64 v;

	random_bytes(&v, sizeof(v));
	return v;
}

/*
 * Mixed in by XOR and one block: known input does no harm, and the old key cannot be found from the
 * new one.
 */
void random_add(const void *buf, size_t n)
{
	const u8 *p = buf;
	u32 block[BLOCK_WORDS];

	spin_lock(&random_lock);
	while (n) {
		size_t len = MIN(n, sizeof(key));

		for (size_t i = 0; i < len; i++)
			((u8 *)key)[i] ^= p[i];
		chacha_block(key, 0, block);
		memcpy(key, block, sizeof(key));
		p += len;
		n -= len;
	}
	spin_unlock(&random_lock);
}

/*
 * The instruction may fail when the CPU's source runs dry (carry flag clear); Intel's advice is ten
 * tries (SDM vol. 1, 7.3.17.1).
 */
static u64 rdrand(void)
{
	u64 v = 0;

	for (int tries = 0; tries < 10; tries++) {
		bool ok;

		__asm__ volatile("rdrand %0" : "=r"(v), "=@ccc"(ok));
		if (ok)
			break;
	}
	return v;
}

/* Not waited for: there is no blocking pool, and getrandom(2) never sleeps for entropy. */
static void random_init(void)
{
	bool have_rdrand = cpuid(1, 0).ecx & CPUID_RDRAND;
	u64 sample[4];

	for (int i = 0; i < 64; i++) {
		sample[0] = rdtsc();
		sample[1] = clock_realtime();
		sample[2] = have_rdrand ? rdrand() : i;
		sample[3] = inb(0x40);		/* the low byte of the PIT's counter */
		random_add(sample, sizeof(sample));
	}
}
INITCALL(31, random_init);

SYSCALL3(318, getrandom, void __user *, user, size_t, size, unsigned, flags)
{
	char buf[256];
	size_t done = 0;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_INSECURE | GRND_RANDOM)) == (GRND_INSECURE | GRND_RANDOM))
		return -EINVAL;
	size = MIN(size, (size_t)INT32_MAX);
	while (done < size) {
		size_t n = MIN(size - done, sizeof(buf)), left;

		random_bytes(buf, n);
		left = copy_to_user((char __user *)user + done, buf, n);
		done += n - left;
		if (left)
			return done ? (long)done : -EFAULT;
		/* Up to 256 bytes are given in one piece whatever happens (getrandom(2)). */
		if (done % PAGE_SIZE == 0 && wait_interrupted(WAIT_INTERRUPTIBLE))
			break;
		cond_resched();
	}
	return done;
}
