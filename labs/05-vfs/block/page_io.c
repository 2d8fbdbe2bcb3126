/*
 * Between pages and requests: a page may lie in several places on the disk, and a request may carry
 * many pages. Each page counts its pieces under way, in frame.private; when the last is done the
 * page is. While we still hand out pieces we count as one ourselves, so that a page cannot be done
 * (unlocked, and perhaps freed) because its first piece returned before the second was sent.
 *
 *	page_io_begin()		one count for us on each page
 *	page_io_piece()...	one count for each piece; consecutive pieces share a request
 *	page_io_end()		sends the last request, drops our counts
 *
 * Callers see to it that a page has one transfer at a time: by its lock when reading, by
 * PG_WRITEBACK when writing.
 */
#include "05-vfs/block/block_internal.h"
#include "05-vfs/inode.h"
#include "common/errno.h"
#include "common/string.h"

/*
 * The count is dropped by one atomic step, so just one of several CPUs finds it at the end. An
 * error of any piece is the page's. Interrupt context.
 */
static void piece_done(struct frame *p, enum bio_op op, int error)
{
	if (error)
		(void)atomic_fetch_or(&p->flags, PG_ERROR);
	if (atomic_fetch_sub(page_private(p), ONE_PIECE) / ONE_PIECE != 1)
		return;
	error = READ_ONCE(p->flags) & PG_ERROR ? -EIO : 0;
	if (op == BIO_READ)
		page_end_read(p, error);
	else
		page_end_write(p, error);
}

/* A segment never crosses a page, so its address says which page it belongs to. */
static void request_done(struct bio *b)
{
	for (int i = 0; i < b->segment_count; i++)
		piece_done(phys_to_frame(b->segments[i].addr), b->op, b->error);
	bio_free(b);
}

void page_io_begin(struct page_io *io, struct frame **pages, int n)
{
	for (int i = 0; i < n; i++) {
		(void)atomic_fetch_and(&pages[i]->flags, ~PG_ERROR);
		(void)atomic_fetch_add(page_private(pages[i]), ONE_PIECE);
	}
}

static void send(struct page_io *io)
{
	if (io->bio)
		bio_submit(io->bio);
	io->bio = NULL;
}

/*
 * What is full, or not consecutive, is sent before the next request is asked for: bio_alloc() may
 * have to wait for a request to return, and must not wait for one that we have not sent yet.
 */
void page_io_piece(struct page_io *io, struct frame *p, unsigned off, unsigned len, u64 sector)
{
	paddr_t pa = frame_to_phys(p) + off;

	(void)atomic_fetch_add(page_private(p), ONE_PIECE);
	if (!io->bio || sector != io->next_sector || !bio_add(io->bio, pa, len)) {
		send(io);
		io->bio = bio_alloc(io->dev, io->op, sector);
		io->bio->done = request_done;
		bio_add(io->bio, pa, len);
	}
	io->next_sector = sector + (len >> SECTOR_SHIFT);
}

/* Our counts go last. For a page without pieces (a hole, or nothing dirty) this is the end. */
void page_io_end(struct page_io *io, struct frame **pages, int n)
{
	enum bio_op op = io->op;

	send(io);
	for (int i = 0; i < n; i++)
		piece_done(pages[i], op, 0);
}

/* ---- by a map of blocks -------------------------------------------------------------------- */

/* What map() said last: `count` blocks from `first` on lie at `result`. */
struct extent {
	u64 first, result;
	u32 count;
};

/*
 * Where block lies, or 0; *run: how many blocks go on. One answer of map() serves all pages of the
 * transfer that lie in it.
 */
static int lookup(struct page_cache *c, const struct block_map *m, struct extent *e, u64 block,
		  u64 end, u64 *result, u64 *run)
{
	if (block - e->first >= e->count) {
		u32 count = 1;
		int err = m->map(c, block, MIN(end - block, 4096UL), &e->result, &count);

		if (err) {
			e->count = 0;
			return err;
		}
		e->first = block;
		e->count = count;
	}
	*result = e->result ? e->result + (block - e->first) : 0;
	*run = e->first + e->count - block;
	return 0;
}

/*
 * One page; `end` is the first block that does not belong to the file, `last` the first behind the
 * pages of this transfer. What lies behind the end, and holes, read as zeroes; when writing they
 * are passed over: reserve() has given a block to everything that was dirtied.
 */
static void transfer_page(struct page_io *io, const struct block_map *m, struct extent *e,
			  struct frame *p, u64 end, u64 last)
{
	unsigned bits = m->block_bits, per_page = PAGE_SIZE >> bits, i = 0;
	u64 first = p->index << (PAGE_SHIFT - bits);

	while (i < per_page) {
		u64 place = 0, run = per_page - i, n;

		if (first + i < end) {
			int err = lookup(io->cache, m, e, first + i, MIN(end, last), &place, &run);

			if (err) {
				(void)atomic_fetch_or(&p->flags, PG_ERROR);
				return;
			}
		}
		n = MIN(run, (u64)(per_page - i));
		if (place)
			page_io_piece(io, p, i << bits, n << bits, place << (bits - SECTOR_SHIFT));
		else if (io->op == BIO_READ)
			memset((u8 *)frame_to_virt(p) + (i << bits), 0, n << bits);
		i += n;
	}
}

/* The size is read once: truncation may lower it meanwhile, and waits for our pages then. */
static void transfer(struct page_cache *c, struct frame **pages, int n, const struct block_map *m,
		     enum bio_op op)
{
	struct page_io io = { .cache = c, .op = op, .dev = m->dev };
	unsigned bits = m->block_bits;
	struct extent e = { 0 };
	u64 end, last = (pages[n - 1]->index + 1) << (PAGE_SHIFT - bits);

	page_io_begin(&io, pages, n);
	end = ((u64)READ_ONCE(c->host->size) + (1UL << bits) - 1) >> bits;
	for (int i = 0; i < n; i++)
		transfer_page(&io, m, &e, pages[i], end, last);
	page_io_end(&io, pages, n);
}

void block_read_pages(struct page_cache *c, struct frame **pages, int n, const struct block_map *m)
{
	transfer(c, pages, n, m, BIO_READ);
}

void block_write_pages(struct page_cache *c, struct frame **pages, int n, const struct block_map *m)
{
	transfer(c, pages, n, m, BIO_WRITE);
}
