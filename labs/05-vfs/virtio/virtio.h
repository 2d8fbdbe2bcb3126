/*
 * Virtio over PCI (OASIS Virtual I/O Device 1.1): finding the device's registers, agreeing on
 * features, queues. Both generations: 1.0 ("modern": registers in memory, found through
 * capabilities) and the legacy interface (registers in I/O space, queue placed by page number).
 *
 * The idea of virtio: a device that is software need not look like hardware. Driver and device
 * share rings in memory; a register is touched only to say "look" (the doorbell), which in a
 * virtual machine costs an exit to the hypervisor, thousands of cycles. So the aim is many
 * requests per doorbell.
 *
 * A driver's probe does, in this order (3.1.1 demands it): virtio_open(), virtio_negotiate(),
 * virtio_queue_setup() for each queue, virtio_ready(). Queues are not locked here: the driver does.
 */
#pragma once

#include "05-vfs/pci.h"

#define VIRTIO_VENDOR		0x1af4

#define VIRTIO_F_VERSION_1	BIT(32)

struct virtio_device {
	struct pci_device *pci;
	bool modern;
	bool msix;			/* queues have interrupt vectors of their own */
	volatile u8 *common, *isr, *config, *notify;	/* modern */
	u32 notify_multiplier;
	u16 io;				/* legacy: first port */
	u64 offered, features;		/* what the device can, and what was agreed */
};

/*
 * 2.6.5: one buffer. Chains are linked by `next`; the unused descriptors are one chain too. The
 * device only reads this table.
 */
struct virtq_desc {
	u64 addr;
	u32 len;
	u16 flags;
	u16 next;
};
#define VIRTQ_NEXT	1
#define VIRTQ_WRITE	2	/* the device writes it */

/*
 * 2.6.6: what we offer, by the head of its chain. idx counts up and wraps at 2^16; we alone write
 * it.
 */
struct virtq_avail {
	u16 flags, idx;
	u16 ring[];
};

/* 2.6.8: what the device returns, in any order; the device alone writes it. */
struct virtq_used {
	u16 flags, idx;
	struct {
		u32 id, len;
	} ring[];
};
/* Set by the device while it is looking at the ring anyway. */
#define VIRTQ_NO_NOTIFY	1

/* All of it under the driver's lock; the rings are shared with the device. */
struct virtqueue {
	struct virtio_device *dev;
	u16 index, size;
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	volatile struct virtq_used *used;
	volatile u16 *doorbell;		/* modern */
	u16 free_head, free_count;	/* chain of unused descriptors */
	u16 last_used;
	void **cookies;			/* by the head of a chain: whose it is */
};

struct virtq_buffer {
	u64 addr;
	u32 len;
	bool device_writes;
};

/* Find the registers, reset the device, say that a driver is here: 0 or -ENODEV, -ENOMEM. */
int virtio_open(struct virtio_device *v, struct pci_device *pci);
/* Agree on those of `wanted` that the device offers: 0 or -ENODEV (it does not accept them). */
int virtio_negotiate(struct virtio_device *v, u64 wanted);
/*
 * Set queue `index` up; `interrupt(arg)` is called when the device has used buffers, in interrupt
 * context. 0, -ENODEV (no such queue), -ENOMEM, -ENOSPC.
 */
int virtio_queue_setup(struct virtio_device *v, int index, struct virtqueue *q,
		       void (*interrupt)(void *arg), void *arg);
/* From here on the device may work on its queues, and interrupt. */
void virtio_ready(struct virtio_device *v);
/* Give up: the driver cannot use the device. */
void virtio_failed(struct virtio_device *v);
/* Reading the interrupt status acknowledges it (INTx only); bit 0: a queue. */
u8 virtio_interrupt_status(struct virtio_device *v);

/* The device's own configuration; off in bytes, a multiple of 4 for the wider two. */
u8 virtio_config8(struct virtio_device *v, unsigned off);
u32 virtio_config32(struct virtio_device *v, unsigned off);
u64 virtio_config64(struct virtio_device *v, unsigned off);

/*
 * Offer a chain of n buffers, those the device reads first. False if there are not n descriptors
 * left.
 */
bool virtq_add(struct virtqueue *q, const struct virtq_buffer *buffers, int n, void *cookie);
/* Tell the device. */
void virtq_kick(struct virtqueue *q);
/* The cookie of a chain that the device is done with, or NULL. */
void *virtq_take(struct virtqueue *q);
