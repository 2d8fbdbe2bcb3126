/*
 * Getting memory back: everybody who keeps things only for speed (page cache, dentries, spare
 * stacks) registers a shrinker, and an allocation that finds nothing asks them, in the set's order,
 * until it has enough.
 *
 * No lock is held: a shrinker may write pages to disk and sleep. Several CPUs may be here at once,
 * each shrinker sees to itself. A shrinker that allocates does so without GFP_MAY_RECLAIM, or it
 * would come back here without end.
 */
#include "01-memory/frame.h"

u64 reclaim_frames(u64 want)
{
	const struct shrinker *s;
	u64 freed = 0;

	linkset_for_each(shrinkers, const struct shrinker, s) {
		if (freed >= want)
			break;
		freed += s->shrink(want - freed);
	}
	return freed;
}
