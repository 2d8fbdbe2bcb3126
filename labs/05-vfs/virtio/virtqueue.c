/*
 * The split virtqueue (Virtio 1.1, 2.6): a table of descriptors, a ring in which we offer chains of
 * them, and one in which the device returns them.
 *
 *	we:      fill descriptors, ring[idx] = head, idx++         device: takes, works
 *	device:  used ring[idx] = (head, length), idx++, interrupt  we: take, free the chain
 *
 * The device runs on another CPU at the same time, so the order of our stores counts: an entry is
 * written before the index that publishes it. x86 keeps stores in order, so only the compiler and
 * the look back at `flags` need barriers.
 *
 * What the device writes is checked: an id that is none of ours must not lead us astray.
 */
#include "05-vfs/virtio/virtio.h"
#include "common/atomic.h"
#include "common/x86.h"

#define LEGACY_NOTIFY	16

/*
 * 2.6.13. Descriptors are taken from the chain of unused ones as they are linked already: the
 * chain's first n become the request, and only the last one's NEXT flag is taken away.
 */
bool virtq_add(struct virtqueue *q, const struct virtq_buffer *buffers, int n, void *cookie)
{
	u16 head = q->free_head, at = head;
	struct virtq_desc *d = NULL;

	if (q->free_count < n)
		return false;
	for (int i = 0; i < n; i++) {
		d = &q->desc[at];
		d->addr = buffers[i].addr;
		d->len = buffers[i].len;
		d->flags = VIRTQ_NEXT | (buffers[i].device_writes ? VIRTQ_WRITE : 0);
		at = d->next;
	}
	d->flags &= ~VIRTQ_NEXT;
	q->free_head = at;
	q->free_count -= n;
	q->cookies[head] = cookie;
	q->avail->ring[q->avail->idx % q->size] = head;
	atomic_store(&q->avail->idx, (u16)(q->avail->idx + 1));
	return true;
}

/*
 * Our store of idx must be visible before we read flags, and that is the one pair which x86 may
 * swap: else the device stops looking just as we decide not to ring, and the request lies there
 * for ever.
 */
void virtq_kick(struct virtqueue *q)
{
	smp_mb();
	if (q->used->flags & VIRTQ_NO_NOTIFY)
		return;
	if (q->doorbell)
		*q->doorbell = q->index;
	else
		outw(q->dev->io + LEGACY_NOTIFY, q->index);
}

/* Give the chain back to the free ones; the last of a chain still points to what was behind it. */
static void free_chain(struct virtqueue *q, u16 head)
{
	u16 at = head, n = 1;

	while (q->desc[at].flags & VIRTQ_NEXT) {
		at = q->desc[at].next;
		n++;
	}
	q->desc[at].next = q->free_head;
	q->free_head = head;
	q->free_count += n;
}

/*
 * The entry is read after the index that says it is there (atomic_store() and atomic_load() order
 * that). Without the cookie's removal a device that returned a chain twice would free it twice.
 */
void *virtq_take(struct virtqueue *q)
{
	void *cookie;
	u32 id;

	while (q->last_used != atomic_load(&q->used->idx)) {
		id = q->used->ring[q->last_used % q->size].id;
		q->last_used++;
		if (id >= q->size || !q->cookies[id])
			continue;	/* not one of ours: a broken device */
		cookie = q->cookies[id];
		q->cookies[id] = NULL;
		free_chain(q, id);
		return cookie;
	}
	return NULL;
}
