/*
 * PCI (Local Bus Specification 3.0): configuration space by ports 0xcf8/0xcfc, enumeration, base
 * address registers, capabilities, MSI-X. Drivers register by vendor and device in a linker set.
 *
 * The firmware has assigned addresses and bus numbers; we read them. INITCALL order 50 finds the
 * devices, 60 offers them to the drivers, in the order of their addresses.
 */
#pragma once

#include "common/linkset.h"
#include "common/types.h"

struct pci_device {
	u8 bus, slot, function;
	u16 vendor, device;
	u8 class, subclass, prog_if, revision;
	u16 subsystem_vendor, subsystem_device;
	u8 irq_pin;
	u8 irq_line;
	u64 bar[6];		/* address without flag bits; 0: none */
	/* bytes; the addresses were given by the firmware */
	u64 bar_size[6];
	bool bar_io[6];
	volatile u32 *msix_table;	/* once pci_msix_enable() was called */
	int msix_count;
	const struct pci_driver *driver;	/* who took it, or NULL */
	void *driver_data;
	struct pci_device *next;
};

struct pci_driver {
	const char *name;
	u16 vendor, device_first, device_last;	/* 0xffff vendor: match by class */
	int class_code;				/* class << 8 | subclass, -1: do not care */
	/* 0: taken; -ENODEV: not mine; other errno: printed */
	int (*probe)(struct pci_device *d);
};
#define PCI_DRIVER(ident, ...)		\
	static LINKSET(pci_drivers, 50, const struct pci_driver,	\
		       pci_driver_##ident) = { __VA_ARGS__ }

/* Registers of the configuration header. */
#define PCI_COMMAND		0x04
#define PCI_STATUS		0x06
#define PCI_COMMAND_IO		0x0001
#define PCI_COMMAND_MEMORY	0x0002
#define PCI_COMMAND_MASTER	0x0004
#define PCI_COMMAND_NO_INTX	0x0400
#define PCI_CAP_VENDOR		0x09
#define PCI_CAP_MSIX		0x11

/* Configuration space; off in bytes, aligned to the width. Any context. */
u8 pci_read8(const struct pci_device *d, unsigned off);
u16 pci_read16(const struct pci_device *d, unsigned off);
u32 pci_read32(const struct pci_device *d, unsigned off);
void pci_write16(const struct pci_device *d, unsigned off, u16 v);
void pci_write32(const struct pci_device *d, unsigned off, u32 v);
void pci_enable(struct pci_device *d);			/* memory, I/O, bus mastering */
int pci_find_capability(const struct pci_device *d, u8 id, int after);	/* offset or 0 */
void *pci_map_bar(struct pci_device *d, int bar);	/* mapped memory, or NULL. May sleep */
/*
 * Let MSI-X entry `entry` raise `vector` on CPU 0; the first call turns MSI-X on and INTx off. 0,
 * or -ENODEV, -ENOMEM.
 */
int pci_msix_enable(struct pci_device *d, int entry, unsigned vector);
/*
 * INTx: call handler(arg), in interrupt context, when the device's line is raised; lines are
 * shared, so it may be called for nothing. 0, -ENODEV (no line) or -ENOMEM.
 */
int pci_irq_enable(struct pci_device *d, void (*handler)(void *arg), void *arg);
/* All devices, for /proc and /sys. NULL if there is none. */
struct pci_device *pci_first(void);
