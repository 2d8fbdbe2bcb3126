/*
 * PCI: finding the devices, their memory and their interrupts.
 *
 * Buses are walked from 0 down through the bridges, whose secondary bus numbers the firmware has
 * set (on q35 every root port is such a bridge). The size of a base address register is found by
 * writing ones to it and reading back which bits stick (PCI 3.0, 6.2.5.1).
 *
 * Interrupts: MSI-X where the device has it. Else its INTx line, which the firmware has routed to
 * one of the ISA interrupts: level-triggered, active high as QEMU's MADT says of them, shared by
 * several devices.
 */
#include "05-vfs/pci.h"
#include "01-memory/kmem.h"
#include "01-memory/pagetable.h"
#include "02-usermode/smp.h"
#include "common/atomic.h"
#include "common/errno.h"
#include "common/init.h"
#include "common/printk.h"
#include "common/spinlock.h"
#include "common/trap.h"
#include "common/x86.h"

/* PCI 3.0, 3.2.2.3.2 and 6.1; the Express way, by memory, is not needed for the first 256 bytes. */
#define CONFIG_ADDRESS	0xcf8
#define CONFIG_DATA	0xcfc
#define HEADER_TYPE	0x0e
#define MULTI_FUNCTION	0x80
#define BRIDGE_SECONDARY 0x19
#define BAR0		0x10
#define BAR_IS_IO	1u
#define BAR_IS_64	4u
#define CAPABILITIES	0x34
#define STATUS_HAS_CAPS	0x10
#define MAX_CAPS	48	/* more is a loop */
#define CLASS_BRIDGE	6
#define SUBCLASS_PCI	4
#define ISA_LINES	16

#define MSIX_CONTROL	2
#define MSIX_TABLE	4
#define MSIX_ON		BIT(15)
#define MSIX_MASK_ALL	BIT(14)

static DEFINE_SPINLOCK(config_lock, RANK_LEAF);
static struct pci_device *devices, **devices_end = &devices;

/* ---- configuration space ------------------------------------------------------------------- */

/* Two ports, address and data: the lock keeps the pair together. */
static void select(const struct pci_device *d, unsigned off)
{
	outl(CONFIG_ADDRESS, 0x80000000u | (u32)d->bus << 16 | (u32)d->slot << 11 |
	     (u32)d->function << 8 | (off & 0xfc));
}

u32 pci_read32(const struct pci_device *d, unsigned off)
{
	u32 v;

	spin_lock(&config_lock);
	select(d, off);
	v = inl(CONFIG_DATA);
	spin_unlock(&config_lock);
	return v;
}

u16 pci_read16(const struct pci_device *d, unsigned off)
{
	return pci_read32(d, off) >> (off & 2) * 8;
}

u8 pci_read8(const struct pci_device *d, unsigned off)
{
	return pci_read32(d, off) >> (off & 3) * 8;
}

void pci_write32(const struct pci_device *d, unsigned off, u32 v)
{
	spin_lock(&config_lock);
	select(d, off);
	outl(CONFIG_DATA, v);
	spin_unlock(&config_lock);
}

void pci_write16(const struct pci_device *d, unsigned off, u16 v)
{
	spin_lock(&config_lock);
	select(d, off);
	outw(CONFIG_DATA + (off & 2), v);
	spin_unlock(&config_lock);
}

void pci_enable(struct pci_device *d)
{
	pci_write16(d, PCI_COMMAND, pci_read16(d, PCI_COMMAND) | PCI_COMMAND_IO |
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/*
 * A list in the device's configuration space, each element with its number and the offset of the
 * next. Vendors' own capabilities appear several times, hence `after`.
 */
int pci_find_capability(const struct pci_device *d, u8 id, int after)
{
	int off;

	if (!(pci_read16(d, PCI_STATUS) & STATUS_HAS_CAPS))
		return 0;
	off = pci_read8(d, after ? after + 1 : CAPABILITIES) & 0xfc;
	for (int i = 0; off && i < MAX_CAPS; i++) {
		if (pci_read8(d, off) == id)
			return off;
		off = pci_read8(d, off + 1) & 0xfc;
	}
	return 0;
}

/* ---- finding devices ----------------------------------------------------------------------- */

/*
 * Returns how many registers it takes: 1, or 2 for a 64-bit address. A register that reads back as
 * 0 after ones were written is not there.
 */
static int read_bar(struct pci_device *d, int n)
{
	unsigned off = BAR0 + 4 * n;
	u32 low = pci_read32(d, off), high = 0, mask_low, mask_high = ~0u;
	bool io = low & BAR_IS_IO, wide = !io && (low & 6) == BAR_IS_64 && n < 5;
	u64 mask;

	pci_write32(d, off, ~0u);
	mask_low = pci_read32(d, off);
	pci_write32(d, off, low);
	if (wide) {
		high = pci_read32(d, off + 4);
		pci_write32(d, off + 4, ~0u);
		mask_high = pci_read32(d, off + 4);
		pci_write32(d, off + 4, high);
	}
	if (mask_low == 0)
		return 1;
	mask = (u64)mask_high << 32 | (mask_low & (io ? ~3u : ~15u));
	if (io)
		mask |= 0xffff0000;
	d->bar[n] = (u64)high << 32 | (low & (io ? ~3u : ~15u));
	d->bar_size[n] = ~mask + 1;
	d->bar_io[n] = io;
	return wide ? 2 : 1;
}

/*
 * Nobody may decode addresses while the registers hold ones: the device would answer, for that
 * moment, at an address that is another's.
 */
static void read_bars(struct pci_device *d)
{
	u16 command = pci_read16(d, PCI_COMMAND);

	pci_write16(d, PCI_COMMAND, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	for (int n = 0; n < 6;)
		n += read_bar(d, n);
	pci_write16(d, PCI_COMMAND, command);
}

static void scan_bus(u8 bus, int depth);

/* Bridges have another header: no subsystem, and buses where others have base addresses. */
static void add_device(const struct pci_device *found, int depth)
{
	struct pci_device *d = kzalloc(sizeof(*d), GFP_KERNEL);
	u32 class = pci_read32(found, 8);

	if (!d)
		return;
	*d = *found;
	d->revision = class;
	d->prog_if = class >> 8;
	d->subclass = class >> 16;
	d->class = class >> 24;
	if ((pci_read8(d, HEADER_TYPE) & ~MULTI_FUNCTION) == 0) {
		d->subsystem_vendor = pci_read16(d, 0x2c);
		d->subsystem_device = pci_read16(d, 0x2e);
		read_bars(d);
	}
	d->irq_line = pci_read8(d, 0x3c);
	d->irq_pin = pci_read8(d, 0x3d);
	*devices_end = d;
	devices_end = &d->next;
	if (d->class == CLASS_BRIDGE && d->subclass == SUBCLASS_PCI && depth < 8)
		scan_bus(pci_read8(d, BRIDGE_SECONDARY), depth + 1);
}

/* `functions` grows to 8 once function 0 says that there are more. */
static void scan_bus(u8 bus, int depth)
{
	for (int slot = 0; slot < 32; slot++) {
		int functions = 1;

		for (int fn = 0; fn < functions; fn++) {
			struct pci_device d = { .bus = bus, .slot = slot, .function = fn };
			u32 id = pci_read32(&d, 0);

			d.vendor = id;
			d.device = id >> 16;
			if (d.vendor == 0xffff)
				continue;
			if (fn == 0 && pci_read8(&d, HEADER_TYPE) & MULTI_FUNCTION)
				functions = 8;
			add_device(&d, depth);
		}
	}
}

struct pci_device *pci_first(void)
{
	return devices;
}

static void pci_scan(void)
{
	scan_bus(0, 0);
}
INITCALL(50, pci_scan);

/* By number, or, for standards that many make (AHCI), by class. */
static bool driver_matches(const struct pci_driver *drv, const struct pci_device *d)
{
	if (drv->vendor == 0xffff)
		return drv->class_code == (d->class << 8 | d->subclass);
	return drv->vendor == d->vendor && d->device >= drv->device_first &&
	       d->device <= drv->device_last &&
	       (drv->class_code < 0 || drv->class_code == (d->class << 8 | d->subclass));
}

/* -ENODEV is no error: the driver looked closer and it is another's. */
static void probe_device(struct pci_device *d)
{
	const struct pci_driver *drv;

	linkset_for_each(pci_drivers, const struct pci_driver, drv) {
		int err;

		if (d->driver || !driver_matches(drv, d))
			continue;
		err = drv->probe(d);
		if (err == 0)
			d->driver = drv;
		else if (err != -ENODEV)
			printk("%s: device at %02x:%02x.%d does not work (error %d)\n", drv->name,
			       d->bus, d->slot, d->function, -err);
	}
}

static void pci_probe_all(void)
{
	for (struct pci_device *d = devices; d; d = d->next)
		probe_device(d);
}
INITCALL(60, pci_probe_all);

/* ---- memory and interrupts ----------------------------------------------------------------- */

/* Uncached; the mapping is never undone. */
void *pci_map_bar(struct pci_device *d, int bar)
{
	if (bar < 0 || bar > 5 || !d->bar[bar] || d->bar_io[bar])
		return NULL;
	return kernel_map_device(d->bar[bar], d->bar_size[bar]);
}

/*
 * A message-signalled interrupt is a write to the local APIC's address range (SDM vol. 3A, 11.11):
 * the table says where and what. The entry is complete before its mask bit goes, and the whole
 * function is switched on last. All go to CPU 0, as INTx does.
 */
int pci_msix_enable(struct pci_device *d, int entry, unsigned vector)
{
	int cap = pci_find_capability(d, PCI_CAP_MSIX, 0);
	volatile u32 *e;
	u64 address = apic_msi_address(0);

	if (!cap)
		return -ENODEV;
	if (!d->msix_table) {
		u32 table = pci_read32(d, cap + MSIX_TABLE);
		u8 *bar = pci_map_bar(d, table & 7);

		if (!bar)
			return -ENOMEM;
		d->msix_table = (volatile u32 *)(bar + (table & ~7u));
		d->msix_count = (pci_read16(d, cap + MSIX_CONTROL) & 0x7ff) + 1;
	}
	if (entry >= d->msix_count)
		return -ENODEV;
	e = d->msix_table + 4 * entry;
	e[0] = address;
	e[1] = address >> 32;
	e[2] = vector;
	e[3] = 0;		/* not masked */
	pci_write16(d, PCI_COMMAND, pci_read16(d, PCI_COMMAND) | PCI_COMMAND_NO_INTX);
	pci_write16(d, cap + MSIX_CONTROL,
		    (pci_read16(d, cap + MSIX_CONTROL) & ~MSIX_MASK_ALL) | MSIX_ON);
	return 0;
}

struct line_user {
	void (*handler)(void *arg);
	void *arg;
	struct line_user *next;
};

/* Users are only ever added, in front, so that the handler walks without a lock. */
static struct line_user *lines[ISA_LINES];

static void line_raised(void *arg)
{
	for (struct line_user *u = atomic_load((struct line_user **)arg); u; u = u->next)
		u->handler(u->arg);
}

/*
 * The first user of a line connects it; the list is there before, so the first interrupt already
 * finds its handler. A level-triggered line stays raised until its device is satisfied: if no
 * handler did that, the interrupt would come for ever.
 */
int pci_irq_enable(struct pci_device *d, void (*handler)(void *arg), void *arg)
{
	unsigned irq = d->irq_line;
	struct line_user *u;
	bool first;
	int err;

	if (!d->irq_pin || irq == 0 || irq >= ISA_LINES)
		return -ENODEV;
	u = kmalloc(sizeof(*u), GFP_KERNEL);
	if (!u)
		return -ENOMEM;
	*u = (struct line_user){ handler, arg, lines[irq] };
	first = !lines[irq];
	atomic_store(&lines[irq], u);
	if (first) {
		err = irq_set_handler(VECTOR_IRQ_BASE + irq, line_raised, &lines[irq]);
		if (err) {
			lines[irq] = NULL;
			kfree(u);
			return err;
		}
		ioapic_route(irq, VECTOR_IRQ_BASE + irq, true, false);
	}
	pci_write16(d, PCI_COMMAND, pci_read16(d, PCI_COMMAND) & ~PCI_COMMAND_NO_INTX);
	return 0;
}
