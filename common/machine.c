/*
 * The ends of the machine: exit QEMU, power off, reset, halt.
 */
#include "common/acpi.h"
#include "common/console.h"
#include "common/panic.h"
#include "common/x86.h"

#define DEBUG_EXIT_PORT	0xf4

void (*machine_ending)(void);

static void begin_end(void)
{
	if (machine_ending)
		machine_ending();
	console_flush();
}

void machine_halt(void)
{
	for (;;) {
		cli();
		__asm__ volatile("hlt");
	}
}

/* QEMU acts on the write some time later, hence the wait; without the device nothing happens. */
void machine_exit(u8 code)
{
	cli();
	begin_end();
	outb(DEBUG_EXIT_PORT, code);
	for (int i = 0; i < 10000000; i++)
		__asm__ volatile("pause");
	machine_halt();
}

void machine_poweroff(void)
{
	begin_end();
	cli();
	acpi_poweroff();
	/* QEMU without ACPI tables: the ports of q35, of old Bochs, and of pc. */
	outw(0x604, 0x2000);
	outw(0xb004, 0x2000);
	outw(0x4004, 0x3400);
	for (int i = 0; i < 10000000; i++)
		__asm__ volatile("pause");
	machine_halt();
}

void machine_reset(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed no_idt = { 0, 0 };

	begin_end();
	cli();
	for (int i = 0; i < 100000 && (inb(0x64) & 2); i++)
		;
	outb(0x64, 0xfe);		/* keyboard controller: pulse the reset line */
	for (int i = 0; i < 1000000; i++)
		__asm__ volatile("pause");
	outb(0xcf9, 0x06);		/* chipset: full reset */
	for (int i = 0; i < 1000000; i++)
		__asm__ volatile("pause");
	__asm__ volatile("lidt %0; int3" :: "m"(no_idt));	/* triple fault */
	machine_halt();
}
