/*
 * Virtio's transport over PCI, both generations (Virtio 1.1, 4.1 and, for the legacy interface,
 * 4.1.4.8).
 *
 * A transitional device offers both; we take the modern one. Each queue gets an MSI-X vector if the
 * device has MSI-X, else the INTx line serves all.
 *
 * A modern device says in its vendor capabilities where in its memory four structures lie: common
 * configuration, doorbells, interrupt status, and what is particular to its type. A legacy one has
 * them in a row in I/O space.
 */
#include "05-vfs/virtio/virtio.h"
#include "01-memory/kmem.h"
#include "common/atomic.h"
#include "common/errno.h"
#include "common/string.h"
#include "common/trap.h"
#include "common/x86.h"

/* Types of the vendor capability, and its fields. */
#define CAP_COMMON	1
#define CAP_NOTIFY	2
#define CAP_ISR		3
#define CAP_DEVICE	4
#define CAP_TYPE_AT	3
#define CAP_BAR_AT	4
#define CAP_OFFSET_AT	8
#define CAP_NOTIFY_MULTIPLIER_AT	16

/* The common configuration (4.1.4.3). */
#define COMMON_DEVICE_FEATURE_SELECT	0
#define COMMON_DEVICE_FEATURE		4
#define COMMON_DRIVER_FEATURE_SELECT	8
#define COMMON_DRIVER_FEATURE		12
#define COMMON_STATUS			20
#define COMMON_QUEUE_SELECT		22
#define COMMON_QUEUE_SIZE		24
#define COMMON_QUEUE_VECTOR		26
#define COMMON_QUEUE_ENABLE		28
#define COMMON_QUEUE_NOTIFY_OFF		30
#define COMMON_QUEUE_DESC		32
#define COMMON_QUEUE_DRIVER		40
#define COMMON_QUEUE_DEVICE		48

/* The legacy registers. */
#define LEGACY_DEVICE_FEATURES	0
#define LEGACY_DRIVER_FEATURES	4
#define LEGACY_QUEUE_PFN	8
#define LEGACY_QUEUE_SIZE	12
#define LEGACY_QUEUE_SELECT	14
#define LEGACY_STATUS		18
#define LEGACY_ISR		19
#define LEGACY_QUEUE_VECTOR	22
#define LEGACY_CONFIG		20
#define LEGACY_CONFIG_MSIX	24

/* 2.1: how far the driver has come; bits are only added, and writing 0 resets the device. */
#define STATUS_ACKNOWLEDGE	1
#define STATUS_DRIVER		2
#define STATUS_DRIVER_OK	4
#define STATUS_FEATURES_OK	8
#define STATUS_FAILED		128

#define NO_VECTOR		0xffff
/* What a legacy device assumes of the used ring's place, and the size of its page numbers. */
#define RING_ALIGN		4096UL
#define MAX_QUEUE_SIZE		1024

/*
 * Registers in memory. volatile, so that each access happens once, as wide as it stands here, and
 * in this order; the pages are mapped uncached.
 */
static void mmio_write16(volatile u8 *base, unsigned off, u16 v)
{
	*(volatile u16 *)(base + off) = v;
}

static void mmio_write32(volatile u8 *base, unsigned off, u32 v)
{
	*(volatile u32 *)(base + off) = v;
}

/* In halves, as 4.1.3.1 allows. */
static void mmio_write64(volatile u8 *base, unsigned off, u64 v)
{
	mmio_write32(base, off, v);
	mmio_write32(base, off + 4, v >> 32);
}

static u16 mmio_read16(volatile u8 *base, unsigned off)
{
	return *(volatile u16 *)(base + off);
}

static u32 mmio_read32(volatile u8 *base, unsigned off)
{
	return *(volatile u32 *)(base + off);
}

static u8 get_status(struct virtio_device *v)
{
	return v->modern ? v->common[COMMON_STATUS] : inb(v->io + LEGACY_STATUS);
}

static void set_status(struct virtio_device *v, u8 status)
{
	if (v->modern)
		v->common[COMMON_STATUS] = status;
	else
		outb(v->io + LEGACY_STATUS, status);
}

/* ---- finding the registers ----------------------------------------------------------------- */

/* Bars are mapped once each, however many structures lie in them. */
static int find_modern(struct virtio_device *v)
{
	struct pci_device *d = v->pci;
	u8 *bars[6] = { NULL };

	for (int cap = 0; (cap = pci_find_capability(d, PCI_CAP_VENDOR, cap)) != 0;) {
		u8 type = pci_read8(d, cap + CAP_TYPE_AT), bar = pci_read8(d, cap + CAP_BAR_AT);
		u32 offset = pci_read32(d, cap + CAP_OFFSET_AT);

		if (type < CAP_COMMON || type > CAP_DEVICE || bar > 5 || !d->bar[bar] ||
		    d->bar_io[bar])
			continue;
		if (!bars[bar])
			bars[bar] = pci_map_bar(d, bar);
		if (!bars[bar])
			return -ENOMEM;
		if (type == CAP_COMMON)
			v->common = bars[bar] + offset;
		else if (type == CAP_ISR)
			v->isr = bars[bar] + offset;
		else if (type == CAP_DEVICE)
			v->config = bars[bar] + offset;
		else {
			v->notify = bars[bar] + offset;
			v->notify_multiplier = pci_read32(d, cap + CAP_NOTIFY_MULTIPLIER_AT);
		}
	}
	return v->common && v->notify && v->isr ? 0 : -ENODEV;
}

/* 64 bits through a window of 32; a legacy device has but the first 32. */
static u64 read_features(struct virtio_device *v)
{
	u64 low;

	if (!v->modern)
		return inl(v->io + LEGACY_DEVICE_FEATURES);
	mmio_write32(v->common, COMMON_DEVICE_FEATURE_SELECT, 0);
	low = mmio_read32(v->common, COMMON_DEVICE_FEATURE);
	mmio_write32(v->common, COMMON_DEVICE_FEATURE_SELECT, 1);
	return low | (u64)mmio_read32(v->common, COMMON_DEVICE_FEATURE) << 32;
}

/* Steps 1 to 3 of 3.1.1. The reset has ended when the status reads 0 (4.1.4.3.2). */
int virtio_open(struct virtio_device *v, struct pci_device *pci)
{
	int err;

	memset(v, 0, sizeof(*v));
	v->pci = pci;
	pci_enable(pci);
	err = find_modern(v);
	if (err == 0)
		v->modern = true;
	else if (err == -ENODEV && pci->bar_io[0] && pci->bar[0])
		v->io = pci->bar[0];
	else
		return err;
	set_status(v, 0);
	while (get_status(v) != 0)
		cpu_relax();
	set_status(v, STATUS_ACKNOWLEDGE);
	set_status(v, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
	v->offered = read_features(v);
	/* MSI-X moves the legacy configuration, so it is decided before anything is read there. */
	v->msix = pci_find_capability(pci, PCI_CAP_MSIX, 0) != 0;
	return 0;
}

/*
 * Steps 4 to 6: only what was offered may be asked for, and a modern device may refuse the choice
 * as a whole, which shows in FEATURES_OK not staying set.
 */
int virtio_negotiate(struct virtio_device *v, u64 wanted)
{
	v->features = v->offered & (wanted | (v->modern ? VIRTIO_F_VERSION_1 : 0));
	if (!v->modern) {
		outl(v->io + LEGACY_DRIVER_FEATURES, v->features);
		return 0;
	}
	if (!(v->features & VIRTIO_F_VERSION_1))
		return -ENODEV;
	for (int i = 0; i < 2; i++) {
		mmio_write32(v->common, COMMON_DRIVER_FEATURE_SELECT, i);
		mmio_write32(v->common, COMMON_DRIVER_FEATURE, v->features >> 32 * i);
	}
	set_status(v, get_status(v) | STATUS_FEATURES_OK);
	return get_status(v) & STATUS_FEATURES_OK ? 0 : -ENODEV;
}

/* ---- queues -------------------------------------------------------------------------------- */

static u16 select_queue(struct virtio_device *v, int index)
{
	if (v->modern) {
		mmio_write16(v->common, COMMON_QUEUE_SELECT, index);
		return mmio_read16(v->common, COMMON_QUEUE_SIZE);
	}
	outw(v->io + LEGACY_QUEUE_SELECT, index);
	return inw(v->io + LEGACY_QUEUE_SIZE);
}

/*
 * One piece of memory holds all three parts, placed as the legacy interface demands (2.6.2): the
 * used ring begins on a page of its own. A modern device would take three addresses anywhere.
 */
static int allocate_rings(struct virtqueue *q)
{
	size_t avail_at = sizeof(struct virtq_desc) * q->size;
	size_t used_at = ALIGN_UP(avail_at + 6 + 2UL * q->size, RING_ALIGN);
	size_t size = used_at + 6 + 8UL * q->size;
	unsigned order = 0;
	struct frame *f;
	u8 *memory;

	while (PAGE_SIZE << order < size)
		order++;
	f = frame_alloc(order, GFP_KERNEL | GFP_ZERO, FRAME_KERNEL);
	q->cookies = kcalloc(q->size, sizeof(void *), GFP_KERNEL);
	if (!f || !q->cookies) {
		if (f)
			frame_put(f);
		kfree(q->cookies);
		return -ENOMEM;
	}
	memory = frame_to_virt(f);
	q->desc = (struct virtq_desc *)memory;
	q->avail = (struct virtq_avail *)(memory + avail_at);
	q->used = (volatile struct virtq_used *)(memory + used_at);
	for (int i = 0; i < q->size; i++) {
		q->desc[i].next = i + 1;
		q->cookies[i] = NULL;
	}
	q->free_count = q->size;
	return 0;
}

static void free_rings(struct virtqueue *q)
{
	frame_put(virt_to_frame(q->desc));
	kfree(q->cookies);
}

/* After an error the vector and its handler stay: interrupts are never disconnected here. */
static int connect_interrupt(struct virtio_device *v, int index, void (*interrupt)(void *arg),
			     void *arg)
{
	int vector, err;

	if (!v->msix)
		return pci_irq_enable(v->pci, interrupt, arg);
	vector = vector_alloc();
	if (vector < 0)
		return vector;
	err = irq_set_handler(vector, interrupt, arg);
	if (!err)
		err = pci_msix_enable(v->pci, index, vector);
	if (err)
		return err;
	/* The device may have no room for it: it then reads back as NO_VECTOR (4.1.5.1.2). */
	if (v->modern) {
		mmio_write16(v->common, COMMON_QUEUE_VECTOR, index);
		return mmio_read16(v->common, COMMON_QUEUE_VECTOR) == NO_VECTOR ? -ENOSPC : 0;
	}
	outw(v->io + LEGACY_QUEUE_VECTOR, index);
	return inw(v->io + LEGACY_QUEUE_VECTOR) == NO_VECTOR ? -ENOSPC : 0;
}

/* The device learns the addresses; `enable` comes last. The legacy form takes effect by itself. */
static void place_queue(struct virtio_device *v, struct virtqueue *q)
{
	u64 pa = virt_to_phys(q->desc);

	if (!v->modern) {
		outl(v->io + LEGACY_QUEUE_PFN, pa / RING_ALIGN);
		return;
	}
	mmio_write16(v->common, COMMON_QUEUE_SIZE, q->size);
	mmio_write64(v->common, COMMON_QUEUE_DESC, pa);
	mmio_write64(v->common, COMMON_QUEUE_DRIVER, virt_to_phys(q->avail));
	mmio_write64(v->common, COMMON_QUEUE_DEVICE, virt_to_phys((const void *)q->used));
	q->doorbell = (volatile u16 *)(v->notify + v->notify_multiplier *
				       mmio_read16(v->common, COMMON_QUEUE_NOTIFY_OFF));
	mmio_write16(v->common, COMMON_QUEUE_ENABLE, 1);
}

/* Everything is ready before the device is told where it is, interrupts included. */
int virtio_queue_setup(struct virtio_device *v, int index, struct virtqueue *q,
		       void (*interrupt)(void *arg), void *arg)
{
	int err;

	memset(q, 0, sizeof(*q));
	q->dev = v;
	q->index = index;
	q->size = select_queue(v, index);
	if (!q->size || q->size > MAX_QUEUE_SIZE || (q->size & (q->size - 1)))
		return -ENODEV;
	err = allocate_rings(q);
	if (err)
		return err;
	err = connect_interrupt(v, index, interrupt, arg);
	if (err) {
		free_rings(q);
		return err;
	}
	place_queue(v, q);
	return 0;
}

void virtio_ready(struct virtio_device *v)
{
	set_status(v, get_status(v) | STATUS_DRIVER_OK);
}

void virtio_failed(struct virtio_device *v)
{
	set_status(v, get_status(v) | STATUS_FAILED);
}

u8 virtio_interrupt_status(struct virtio_device *v)
{
	return v->modern ? *v->isr : inb(v->io + LEGACY_ISR);
}

/* ---- device configuration ------------------------------------------------------------------ */

u8 virtio_config8(struct virtio_device *v, unsigned off)
{
	if (v->modern)
		return v->config ? v->config[off] : 0;
	return inb(v->io + (v->msix ? LEGACY_CONFIG_MSIX : LEGACY_CONFIG) + off);
}

u32 virtio_config32(struct virtio_device *v, unsigned off)
{
	u32 value = 0;

	/* A modern device need not answer narrower reads of such a field (4.1.3.1). */
	if (v->modern)
		return v->config ? mmio_read32(v->config, off) : 0;
	for (int i = 3; i >= 0; i--)
		value = value << 8 | virtio_config8(v, off + i);
	return value;
}

u64 virtio_config64(struct virtio_device *v, unsigned off)
{
	return virtio_config32(v, off) | (u64)virtio_config32(v, off + 4) << 32;
}
