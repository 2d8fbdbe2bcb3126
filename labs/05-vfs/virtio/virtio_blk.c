/*
 * Virtio block devices (Virtio 1.1, 5.2): the disks vda, vdb, ...
 *
 * Every request is one chain: a header, the data, a status byte that the device writes. As many are
 * in flight as the queue has room for; the rest wait in `pending`, in order, and are sent as others
 * return. The device may work on them in any order: who needs one before the other waits for it
 * (block.h: completion), and for a flush if the order has to survive a power cut.
 */
#include "05-vfs/block.h"
#include "05-vfs/inode.h"
#include "05-vfs/virtio/virtio.h"
#include "01-memory/kmem.h"
#include "common/errno.h"
#include "common/printk.h"
#include "common/string.h"

/* 1000 + type for transitional devices, 1040 + type for modern ones; a disk is type 2 (4.1.2). */
#define DEVICE_TRANSITIONAL	0x1001
#define DEVICE_MODERN		0x1042
#define MAX_DISKS		16
#define MINORS			16

/*
 * 5.2.3: bits of features; 5.2.4: offsets in the configuration; 5.2.6: a request's type and
 * status.
 */
#define F_SEG_MAX	BIT(2)
#define F_RO		BIT(5)
#define F_BLK_SIZE	BIT(6)
#define F_FLUSH		BIT(9)
#define F_TOPOLOGY	BIT(10)

#define CONFIG_CAPACITY		0
#define CONFIG_SEG_MAX		12
#define CONFIG_BLK_SIZE		20
#define CONFIG_PHYSICAL_EXP	24

#define T_IN		0
#define T_OUT		1
#define T_FLUSH		4
#define T_GET_ID	8
#define S_OK		0

#define ID_LEN		20

struct request {
	struct {
		u32 type, reserved;
		u64 sector;
	} header;
	struct bio *bio;		/* NULL: free */
	u8 status;
} __aligned(64);

/* Never freed: disks are not unplugged. */
struct disk {
	struct block_device block;
	struct virtio_device virtio;

	struct spinlock lock;		/* RANK_BLOCK_QUEUE; protects: */
	struct virtqueue queue;
	struct list_head pending;	/* of bio.link */
	struct request *requests;	/* queue.size of them */
	u16 *free_requests, free_count;
};

/* serial() below marks its request by being a flush with memory. */
static u32 type_of(const struct bio *b)
{
	if (b->op == BIO_FLUSH)
		return b->segment_count ? T_GET_ID : T_FLUSH;
	return b->op == BIO_READ ? T_IN : T_OUT;
}

/*
 * Put b into the queue; false if there is no room. Lock held. The status begins as a value that the
 * device never writes: one that returns a request without saying how it went has failed it. Header
 * and status are direct-mapped memory, so the device gets one address for each.
 */
static bool start(struct disk *d, struct bio *b)
{
	struct virtq_buffer v[BIO_MAX_SEGMENTS + 2];
	struct request *r;
	int n = 0;

	if (!d->free_count || d->queue.free_count < b->segment_count + 2)
		return false;
	r = &d->requests[d->free_requests[--d->free_count]];
	r->bio = b;
	r->status = 0xff;
	r->header.type = type_of(b);
	r->header.reserved = 0;
	r->header.sector = b->op == BIO_FLUSH ? 0 : b->sector;
	v[n++] = (struct virtq_buffer){ virt_to_phys(&r->header), sizeof(r->header), false };
	for (int i = 0; i < b->segment_count; i++)
		v[n++] = (struct virtq_buffer){ b->segments[i].addr, b->segments[i].len,
						b->op != BIO_WRITE };
	v[n++] = (struct virtq_buffer){ virt_to_phys(&r->status), 1, true };
	return virtq_add(&d->queue, v, n, r);
}

/* Send what waits, as far as there is room, and ring once for all of it. Lock held. */
static void start_pending(struct disk *d)
{
	bool any = false;

	while (!list_empty(&d->pending)) {
		struct bio *b = list_first_entry(&d->pending, struct bio, link);

		list_del(&b->link);
		if (!start(d, b)) {
			list_add(&b->link, &d->pending);
			break;
		}
		any = true;
	}
	if (any)
		virtq_kick(&d->queue);
}

/* Behind what waits already, so that nobody is overtaken for ever. */
static void submit(struct block_device *block, struct bio *b)
{
	struct disk *d = block->private;

	if (b->op == BIO_FLUSH && !b->segment_count && !(d->virtio.features & F_FLUSH)) {
		bio_end(b, 0);		/* no cache to flush */
		return;
	}
	spin_lock(&d->lock);
	list_add_tail(&b->link, &d->pending);
	start_pending(d);
	spin_unlock(&d->lock);
}

/*
 * Collect what is done under the lock; tell its owners without it, since they wake threads and
 * submit further requests. With INTx the reading of the status lowers the line; it is shared, so
 * there may be nothing to do. A return makes room: so this is also where waiting requests are
 * sent.
 */
static void interrupt(void *arg)
{
	struct disk *d = arg;
	struct request *r;
	LIST_HEAD(done);

	if (!d->virtio.msix)
		virtio_interrupt_status(&d->virtio);
	spin_lock(&d->lock);
	while ((r = virtq_take(&d->queue)) != NULL) {
		r->bio->error = r->status == S_OK ? 0 : -EIO;
		list_add_tail(&r->bio->link, &done);
		r->bio = NULL;
		d->free_requests[d->free_count++] = r - d->requests;
	}
	start_pending(d);
	spin_unlock(&d->lock);
	while (!list_empty(&done)) {
		struct bio *b = list_first_entry(&done, struct bio, link);

		list_del(&b->link);
		bio_end(b, b->error);
	}
}

/* ---- the serial number --------------------------------------------------------------------- */

static DEFINE_WAIT_QUEUE(serial_queue);

static void serial_done(struct bio *b)
{
	atomic_store((int *)b->private, b->error ? b->error : 1);
	wake_up_all(&serial_queue);
}

/* Asked for by a flush that carries memory: nothing else does. */
static int serial(struct block_device *block, char *out)
{
	char *buf = kzalloc(SECTOR_SIZE, GFP_KERNEL);
	int result = 0;
	struct bio *b;

	if (!buf)
		return -ENOMEM;
	b = bio_alloc(block, BIO_FLUSH, 0);
	b->done = serial_done;
	b->private = &result;
	bio_add(b, virt_to_phys(buf), ID_LEN);
	bio_submit(b);
	(void)wait_event(&serial_queue, atomic_load(&result) != 0, WAIT_UNINTERRUPTIBLE);
	bio_free(b);
	memcpy(out, buf, ID_LEN);
	kfree(buf);
	return result < 0 ? result : 0;
}

static const struct block_ops virtio_block_ops = {
	.submit = submit,
	.serial = serial,
};

/* ---- finding disks ------------------------------------------------------------------------- */

static int allocate_requests(struct disk *d)
{
	u16 n = d->queue.size;

	d->requests = kcalloc(n, sizeof(*d->requests), GFP_KERNEL);
	d->free_requests = kcalloc(n, sizeof(u16), GFP_KERNEL);
	if (!d->requests || !d->free_requests)
		return -ENOMEM;
	for (int i = 0; i < n; i++)
		d->free_requests[i] = n - 1 - i;
	d->free_count = n;
	return 0;
}

/*
 * Two descriptors of each chain are the header's and the status's. What the device says of sizes is
 * used only if it makes sense. A request with more segments than seg_max would be refused.
 */
static void read_config(struct disk *d)
{
	struct virtio_device *v = &d->virtio;
	struct block_device *b = &d->block;
	int room = MIN(d->queue.size - 2, BIO_MAX_SEGMENTS);

	b->sectors = virtio_config64(v, CONFIG_CAPACITY);
	b->block_size =
		v->features & F_BLK_SIZE ? virtio_config32(v, CONFIG_BLK_SIZE) : SECTOR_SIZE;
	if (b->block_size < SECTOR_SIZE || b->block_size & (b->block_size - 1))
		b->block_size = SECTOR_SIZE;
	if (v->features & F_TOPOLOGY)
		b->physical_block_size = b->block_size
					 << (virtio_config8(v, CONFIG_PHYSICAL_EXP) & 15);
	b->read_only = v->features & F_RO;
	b->max_segments = room;
	if (v->features & F_SEG_MAX && virtio_config32(v, CONFIG_SEG_MAX) < (u32)room)
		b->max_segments = MAX(virtio_config32(v, CONFIG_SEG_MAX), 1u);
}

static int set_up(struct disk *d, struct pci_device *pci)
{
	int err = virtio_open(&d->virtio, pci);

	if (err)
		return err;
	err = virtio_negotiate(&d->virtio, F_SEG_MAX | F_RO | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY);
	if (!err)
		err = virtio_queue_setup(&d->virtio, 0, &d->queue, interrupt, d);
	if (!err)
		err = allocate_requests(d);
	if (err)
		virtio_failed(&d->virtio);
	return err;
}

/*
 * The order in which disks are found is that of their slots, and so are the names: vda is the
 * first.
 */
static int probe(struct pci_device *pci)
{
	static int disks;
	struct disk *d;
	int err;

	if (pci->device != DEVICE_TRANSITIONAL && pci->device != DEVICE_MODERN)
		return -ENODEV;
	if (disks == MAX_DISKS)
		return -ENOSPC;
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	spin_init(&d->lock, "virtio disk", RANK_BLOCK_QUEUE);
	list_init(&d->pending);
	err = set_up(d, pci);
	if (err)
		return err;	/* its interrupt may be connected: the memory stays */
	read_config(d);
	snprintf(d->block.name, sizeof(d->block.name), "vd%c", 'a' + disks);
	d->block.dev = MKDEV(VIRTIO_BLOCK_MAJOR, disks * MINORS);
	d->block.minors = MINORS;
	d->block.ops = &virtio_block_ops;
	d->block.private = d;
	pci->driver_data = d;
	disks++;
	/* Registering reads the partition table, so the device has to work by now. */
	virtio_ready(&d->virtio);
	return block_register(&d->block);
}

PCI_DRIVER(virtio_blk, "virtio-blk", VIRTIO_VENDOR, DEVICE_TRANSITIONAL, DEVICE_MODERN, -1, probe);
