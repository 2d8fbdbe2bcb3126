/*
 * Allocating and freeing frames: the buddy allocator, a stock of single frames per CPU in front of
 * it, reference counts, and what happens when memory is short.
 *
 * Single frames are what page faults, page tables and the heap ask for all the time. They come from
 * the CPU's own stock, for which interrupts off are protection enough; frame_lock is taken once
 * per BATCH frames. A frame in a stock looks free (owner FRAME_FREE, no references) but is in no
 * block of the buddy allocator.
 */
#include "01-memory/frame_internal.h"
#include "common/cpu.h"
#include "common/panic.h"
#include "common/string.h"

#define STOCK		64	/* frames that a CPU keeps at most */
#define BATCH		32	/* moved at once between a stock and the buddy allocator */
#define RECLAIM_ROUNDS	16	/* how often one allocation asks the shrinkers */
#define POISON		0x5a5a5a5a5a5a5a5aUL

DEFINE_SPINLOCK(frame_lock, RANK_FRAME);
struct buddy buddy;
u64 frames_managed, frames_reserved, frames_kept;

static struct stock {
	unsigned count;				/* own CPU, interrupts off */
	struct frame *frames[STOCK];
	s64 by_owner[FRAME_CACHE + 1];		/* frames; only the sum over CPUs has a meaning */
} __aligned(64) stocks[MAX_CPUS];

/* ---- debugging aids ------------------------------------------------------------------------ */

#ifdef DEBUG
void alloc_check_context(gfp_t gfp)
{
	if (gfp & GFP_MAY_SLEEP && (irq_depth() || this_cpu()->in_interrupt) && !panicking())
		panic("an allocation that may sleep, under a spinlock or in an interrupt");
}

/* Fill the block, so that whoever still uses it notices. */
static void poison(struct frame *f, unsigned order)
{
	for (u64 i = 0; i < 1UL << order; i++) {
		u64 *word = frame_to_virt(f + i);

		for (int w = 0; w < PAGE_SIZE / 8; w++)
			word[w] = POISON;
		f[i].flags |= FRAME_POISONED;
	}
}

static void check_poison(struct frame *f, unsigned order)
{
	for (u64 i = 0; i < 1UL << order; i++) {
		const u64 *word = frame_to_virt(f + i);

		for (int w = 0; f[i].flags & FRAME_POISONED && w < PAGE_SIZE / 8; w++)
			if (word[w] != POISON)
				panic("use of freed memory: frame at %#llx, offset %#x, was "
				      "written after it was freed: %#llx",
				      (unsigned long long)frame_to_phys(f + i), w * 8,
				      (unsigned long long)word[w]);
		f[i].flags &= ~FRAME_POISONED;
	}
}
#else
static inline void poison(struct frame *f, unsigned order) { }
static inline void check_poison(struct frame *f, unsigned order) { }
#endif

/* ---- stocks -------------------------------------------------------------------------------- */

/* An interrupt may hit between the parts of a plain addition, hence the atomic one. */
static inline void account(enum frame_owner owner, s64 n)
{
	(void)atomic_fetch_add(&stocks[cpu_id()].by_owner[owner], n);
}

/* With frame_lock: whether n frames may go to somebody who could reclaim some instead. */
static inline bool may_take(u64 n, gfp_t gfp)
{
	return !(gfp & GFP_MAY_RECLAIM) || buddy.free_frames >= frames_kept + n;
}

static void stock_refill(struct stock *s, gfp_t gfp)
{
	spin_lock(&frame_lock);
	while (s->count < BATCH && may_take(1, gfp)) {
		struct frame *f = buddy_alloc(&buddy, 0);

		if (!f)
			break;
		s->frames[s->count++] = f;
	}
	spin_unlock(&frame_lock);
}

/* Move frames to the buddy allocator until only `keep` are left. */
static void stock_drain(struct stock *s, unsigned keep)
{
	spin_lock(&frame_lock);
	while (s->count > keep)
		buddy_free(&buddy, s->frames[--s->count], 0);
	spin_unlock(&frame_lock);
}

static inline struct frame *stock_take(gfp_t gfp)
{
	struct frame *f = NULL;
	struct stock *s;

	irq_disable();
	s = &stocks[cpu_id()];
	if (unlikely(!s->count))
		stock_refill(s, gfp);
	if (likely(s->count))
		f = s->frames[--s->count];
	irq_enable();
	return f;
}

static inline void stock_put(struct frame *f)
{
	struct stock *s;

	irq_disable();
	s = &stocks[cpu_id()];
	if (unlikely(s->count == STOCK))
		stock_drain(s, STOCK - BATCH);
	s->frames[s->count++] = f;
	irq_enable();
}

/* ---- allocation ---------------------------------------------------------------------------- */

static struct frame *take_block(unsigned order, gfp_t gfp)
{
	struct frame *f = NULL;

	spin_lock(&frame_lock);
	if (may_take(1UL << order, gfp))
		f = buddy_alloc(&buddy, order);
	spin_unlock(&frame_lock);
	return f;
}

static struct frame *try_alloc(unsigned order, gfp_t gfp)
{
	struct frame *f;

	if (order == 0)
		return stock_take(gfp);
	f = take_block(order, gfp);
	if (f)
		return f;
	/* What this CPU keeps may be what keeps two halves apart. */
	irq_disable();
	stock_drain(&stocks[cpu_id()], 0);
	irq_enable();
	return take_block(order, gfp);
}

/* Memory is short: let the shrinkers work, as long as they have something to give. */
static __noinline struct frame *alloc_slow(unsigned order, gfp_t gfp)
{
	struct frame *f = NULL;

	for (int i = 0; !f && gfp & GFP_MAY_RECLAIM && i < RECLAIM_ROUNDS; i++) {
		if (!reclaim_frames(MAX(1UL << order, (u64)BATCH)))
			break;
		f = try_alloc(order, gfp);
	}
	return f;
}

struct frame *frame_alloc(unsigned order, gfp_t gfp, enum frame_owner owner)
{
	struct frame *f;

	alloc_check_context(gfp);
	if (unlikely(READ_ONCE(alloc_fail_armed)) && alloc_should_fail(gfp))
		return NULL;
	if (unlikely(order > MAX_ORDER))
		return NULL;
	f = try_alloc(order, gfp);
	if (unlikely(!f))
		f = alloc_slow(order, gfp);
	if (unlikely(!f))
		return NULL;
	check_poison(f, order);
	f->order = order;
	f->owner = owner;
	f->flags = 0;
	f->object = NULL;
	f->private = NULL;
	ref_init(&f->refs, 1);
	account(owner, 1L << order);
	if (gfp & GFP_ZERO)
		for (u64 i = 0; i < 1UL << order; i++)
			clear_page(frame_to_virt(f + i));
	return f;
}

/* ---- references ---------------------------------------------------------------------------- */

static void __noreturn bad_reference(const struct frame *f, const char *what)
{
	panic("%s: frame at %#llx has no references: it was freed already (double free)", what,
	      (unsigned long long)frame_to_phys(f));
}

void frame_get(struct frame *f)
{
	if (unlikely(atomic_fetch_add(&f->refs.n, 1) <= 0))
		bad_reference(f, "frame_get");
}

static void free_block(struct frame *f)
{
	unsigned order = f->order;

	account(f->owner, -(1L << order));
	f->owner = FRAME_FREE;
	f->flags = 0;
	poison(f, order);
	if (likely(order == 0)) {
		stock_put(f);
		return;
	}
	spin_lock(&frame_lock);
	buddy_free(&buddy, f, order);
	spin_unlock(&frame_lock);
}

void frame_put(struct frame *f)
{
	int before = atomic_fetch_sub(&f->refs.n, 1);

	if (unlikely(before <= 0))
		bad_reference(f, "frame_put");
	if (before > 1)
		return;
	if (unlikely(f->owner == FRAME_RESERVED || f->owner == FRAME_FREE))
		panic("frame_put: frame at %#llx was never allocated",
		      (unsigned long long)frame_to_phys(f));
	free_block(f);
}

void frame_set_owner(struct frame *f, enum frame_owner owner)
{
	account(f->owner, -(1L << f->order));
	f->owner = owner;
	account(owner, 1L << f->order);
}

/* ---- statistics ---------------------------------------------------------------------------- */

u64 frame_free_count(void)
{
	u64 n = READ_ONCE(buddy.free_frames);

	for (int cpu = 0; cpu < cpu_count; cpu++)
		n += READ_ONCE(stocks[cpu].count);
	return n;
}

u64 frames_total(void)
{
	return READ_ONCE(frames_managed);
}

void frame_stats(struct frame_stats *s)
{
	s->total = READ_ONCE(frames_managed);
	s->free = frame_free_count();
	for (int owner = 0; owner <= FRAME_CACHE; owner++) {
		s64 sum = 0;

		for (int cpu = 0; cpu < MAX_CPUS; cpu++)
			sum += READ_ONCE(stocks[cpu].by_owner[owner]);
		s->by_owner[owner] = MAX(sum, 0L);
	}
	s->by_owner[FRAME_FREE] = s->free;
	s->by_owner[FRAME_RESERVED] = READ_ONCE(frames_reserved);
}
