/*
 * The split virtqueue (Virtio 1.1, 2.6): a table of descriptors, a ring in which we offer chains of
 * them, and one in which the device returns them. The index is published after the entry; x86 keeps
 * stores in order, so only the compiler and the look back at `flags` need barriers.
 */
#include "05-vfs/virtio/virtio.h"
#include "common/atomic.h"
#include "common/x86.h"

#define LEGACY_NOTIFY	16

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
