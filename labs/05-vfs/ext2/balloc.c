/*
 * Allocating blocks.
 *
 * Locality: the search begins at the goal, normally the block behind the file's last one, goes on
 * in the goal's group, preferring a place where eight blocks are free in a row, then in the other
 * groups. A file that is being written has a window: blocks behind its last one that others do not
 * take as long as there are any elsewhere. So files that grow side by side do not interleave.
 * Windows exist in memory only; the disk knows nothing of them.
 */
#include "05-vfs/ext2/ext2.h"
#include "common/abi/mount.h"
#include "common/errno.h"

/*
 * A window begins with as many blocks as Linux's ext2 preallocated and doubles up to 256: a file
 * that goes on growing gets ever longer runs, one that is written once and closed holds nothing
 * up.
 */
#define ROOMY		8u	/* blocks in a row that are worth searching for */
#define WINDOW_MIN	8u
#define WINDOW_MAX	256u

u32 ext2_group_blocks(struct ext2_fs *fs, u32 group)
{
	u32 left = fs->blocks_count - ext2_group_start(fs, group);

	return MIN(left, fs->blocks_per_group);
}

struct ext2_group *ext2_group(struct ext2_fs *fs, u32 group)
{
	u32 per_block = fs->block_size / sizeof(struct ext2_group);
	struct ext2_group *g = fs->group_buffers[group / per_block].data;

	return &g[group % per_block];
}

void ext2_group_dirty(struct ext2_fs *fs, u32 group)
{
	buffer_dirty(&fs->group_buffers[group / (fs->block_size / sizeof(struct ext2_group))]);
}

static u32 inode_table_blocks(struct ext2_fs *fs)
{
	return DIV_ROUND_UP((u64)fs->inodes_per_group * fs->inode_size, fs->block_size);
}

static bool overlap(u32 a, u32 a_count, u32 b, u32 b_count)
{
	return (u64)a < (u64)b + b_count && (u64)b < (u64)a + a_count;
}

/*
 * Three comparisons for each group touched, no bitmap: cheap enough to be done at every use of a
 * pointer. A block that the bitmap calls free passes: that is e2fsck's business.
 */
bool ext2_data_blocks(struct ext2_fs *fs, u32 place, u32 count)
{
	u32 group;

	if (place < fs->first_data_block || place >= fs->blocks_count ||
	    count > fs->blocks_count - place)
		return false;
	group = (place - fs->first_data_block) / fs->blocks_per_group;
	for (; group < fs->groups && ext2_group_start(fs, group) < place + count; group++) {
		const struct ext2_group *g = ext2_group(fs, group);

		if (overlap(place, count, g->block_bitmap, 1) ||
		    overlap(place, count, g->inode_bitmap, 1) ||
		    overlap(place, count, g->inode_table, inode_table_blocks(fs)))
			return false;
	}
	return place > fs->super_block + fs->group_buffer_count;
}

/*
 * The bitmap is not kept in memory between calls; the device's cache has it. fs->lock orders
 * changes.
 */
static int read_bitmap(struct ext2_fs *fs, u32 group, struct buffer *b)
{
	return buffer_read(fs->dev, ext2_group(fs, group)->block_bitmap, fs->block_size, b);
}

/* ---- windows ------------------------------------------------------------------------------- */

void ext2_window_drop(struct ext2_fs *fs, struct ext2_inode *ei)
{
	list_del(&ei->window.link);
	ei->window_size = 0;
}

/*
 * The disk is nearly full: what is left lies in windows. Their files find out at their next
 * allocation, which begins a new one.
 */
static void drop_all_windows(struct ext2_fs *fs)
{
	while (!list_empty(&fs->windows))
		list_del(fs->windows.next);
}

/*
 * Reserve what lies behind the blocks just given to ei; the window doubles as long as it is used
 * up.
 */
static void window_move(struct ext2_fs *fs, struct ext2_inode *ei, u32 next)
{
	ei->window_size = MIN(MAX(ei->window_size * 2, WINDOW_MIN), WINDOW_MAX);
	ei->window.start = next;
	ei->window.end = next + ei->window_size;
	if (list_empty(&ei->window.link))
		list_add(&ei->window.link, &fs->windows);
}

/*
 * Another's window that [place, place + *count) runs into; *count is cut down to what is before it.
 */
static struct ext2_window *window_ahead(struct ext2_fs *fs, struct ext2_inode *ei, u32 place,
					u32 *count)
{
	struct ext2_window *w;

	list_for_each_entry(w, &fs->windows, link) {
		if ((ei && w == &ei->window) || place >= w->end || place + *count <= w->start)
			continue;
		if (place >= w->start)
			return w;
		*count = w->start - place;
	}
	return NULL;
}

/* ---- allocation ---------------------------------------------------------------------------- */

/* A request for blocks, and within one group what was found. */
struct search {
	struct ext2_fs *fs;
	struct ext2_inode *ei;
	u32 want;
	u32 bit, count;
};

/*
 * Search bits [from, end) for free ones outside all windows, `least` in a row. Each step goes on
 * behind a window that was in the way, so the loop ends.
 */
static bool search_range(struct search *s, const void *map, u32 group, u32 from, u32 end, u32 least)
{
	u32 start = ext2_group_start(s->fs, group);

	while (from < end) {
		struct ext2_window *w;

		s->bit = ext2_find_zero_run(map, from, end, least);
		if (s->bit >= end)
			return false;
		s->count = ext2_zero_run(map, s->bit, MIN(s->want, end - s->bit));
		w = window_ahead(s->fs, s->ei, start + s->bit, &s->count);
		if (!w)
			return true;
		from = MAX(w->end - start, s->bit + 1);
	}
	return false;
}

/*
 * The bit where to begin counts only in the goal's own group; 0 elsewhere, where there is no
 * reason to prefer a place.
 */
static bool search_group(struct search *s, const void *map, u32 group, u32 goal_bit)
{
	u32 end = ext2_group_blocks(s->fs, group);

	/* Exactly at the goal, or close behind it; else where there is room; else anywhere. */
	if (goal_bit && search_range(s, map, group, goal_bit, MIN(end, goal_bit + 64), 1))
		return true;
	return search_range(s, map, group, goal_bit, end, ROOMY) ||
	       search_range(s, map, group, 0, end, ROOMY) ||
	       search_range(s, map, group, 0, end, 1);
}

/*
 * Take what the search found. A bitmap that offers metadata is damaged; the bits are set so that
 * they are not found again.
 */
static int take(struct search *s, struct buffer *bitmap, u32 group, u32 *place, u32 *count)
{
	struct ext2_fs *fs = s->fs;
	struct ext2_group *g = ext2_group(fs, group);

	*place = ext2_group_start(fs, group) + s->bit;
	*count = s->count;
	ext2_set_bits(bitmap->data, s->bit, s->count);
	buffer_dirty(bitmap);
	if (!ext2_data_blocks(fs, *place, *count))
		return ext2_error(fs, "the bitmap of group %u has metadata blocks as free", group);
	g->free_blocks -= MIN((u32)g->free_blocks, *count);
	ext2_group_dirty(fs, group);
	fs->es->s_free_blocks_count -= MIN(fs->es->s_free_blocks_count, *count);
	ext2_super_dirty(fs);
	return 0;
}

/*
 * Groups from the goal's on; 0, -ENOSPC or what reading a bitmap gave. A group whose bitmap cannot
 * be read is passed over: a bad sector should not make a disk full. The descriptor's count of free
 * blocks is only a hint here: if it lies, a group is searched for nothing or missed.
 */
static int search_all(struct search *s, u32 goal, u32 *place, u32 *count)
{
	struct ext2_fs *fs = s->fs;
	u32 first = (goal - fs->first_data_block) / fs->blocks_per_group;
	u32 goal_bit = (goal - fs->first_data_block) % fs->blocks_per_group;
	int result = -ENOSPC;

	for (u32 n = 0; n < fs->groups; n++) {
		u32 group = (first + n) % fs->groups;
		struct buffer bitmap;
		int err;

		if (!ext2_group(fs, group)->free_blocks)
			continue;
		err = read_bitmap(fs, group, &bitmap);
		if (err) {
			result = err;
			continue;
		}
		err = -ENOSPC;
		if (search_group(s, bitmap.data, group, n == 0 ? goal_bit : 0))
			err = take(s, &bitmap, group, place, count);
		buffer_put(&bitmap);
		if (err != -ENOSPC)
			return err;
	}
	return result;
}

/*
 * The last blocks are root's (s_r_blocks_count, 5 per cent by default; tune2fs -m), so that he can
 * log in and clean up, and because allocation finds worse places the fuller the disk is.
 */
static bool may_use_reserve(struct ext2_fs *fs)
{
	const struct ext2_super_block *es = fs->es;

	return es->s_free_blocks_count > es->s_r_blocks_count || capable(CAP_SYS_RESOURCE);
}

/*
 * First with everybody's windows respected, then, rather than say that the disk is full, without.
 * The counts in the superblock are only asked first because that is cheap.
 */
int ext2_alloc_blocks(struct ext2_fs *fs, struct ext2_inode *ei, u32 goal, u32 want, u32 *place,
		      u32 *count)
{
	struct search s = { .fs = fs, .ei = ei, .want = want };
	int err;

	if (!fs->es->s_free_blocks_count || !may_use_reserve(fs))
		return -ENOSPC;
	if (goal < fs->first_data_block || goal >= fs->blocks_count)
		goal = fs->first_data_block;
	err = search_all(&s, goal, place, count);
	if (err == -ENOSPC && !list_empty(&fs->windows)) {
		drop_all_windows(fs);
		err = search_all(&s, goal, place, count);
	}
	if (!err && ei && S_ISREG(ei->vfs.mode))
		window_move(fs, ei, *place + *count);
	return err;
}

/*
 * A block that was free already is reported and not counted again: otherwise the counts would say
 * more than the bitmap. If a bitmap cannot be read its blocks are lost until e2fsck finds them.
 */
void ext2_free_blocks(struct ext2_fs *fs, u32 place, u32 count)
{
	if (!ext2_data_blocks(fs, place, count)) {
		ext2_error(fs, "freeing blocks %u to %u, which are not data", place,
			   place + count - 1);
		return;
	}
	while (count) {
		u32 group = (place - fs->first_data_block) / fs->blocks_per_group;
		u32 bit = place - ext2_group_start(fs, group);
		u32 n = MIN(count, ext2_group_blocks(fs, group) - bit), twice;
		struct ext2_group *g = ext2_group(fs, group);
		struct buffer bitmap;

		if (read_bitmap(fs, group, &bitmap) == 0) {
			twice = ext2_clear_bits(bitmap.data, bit, n);
			buffer_dirty(&bitmap);
			buffer_put(&bitmap);
			if (twice)
				ext2_error(fs, "%u blocks from %u on were free already", twice,
					   place);
			g->free_blocks += n - twice;
			ext2_group_dirty(fs, group);
			fs->es->s_free_blocks_count += n - twice;
			ext2_super_dirty(fs);
		}
		place += n;
		count -= n;
	}
}
