/*
 * Interrupt controllers: the local APIC of each CPU and the I/O APIC (SDM vol. 3,
 * chapter 11; Intel 82093AA data sheet). Where they are and how the ISA interrupts are wired
 * comes from the MADT (ACPI 6.4, 5.2.12).
 */
#include "common/acpi.h"
#include "common/atomic.h"
#include "common/cpu.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/spinlock.h"
#include "common/trap.h"
#include "common/x86.h"
#include "01-memory/pagetable.h"
#include "02-usermode/apic.h"
#include "02-usermode/clock.h"
#include "02-usermode/sched.h"
#include "02-usermode/smp.h"
#include "02-usermode/timer.h"

/* Local APIC registers, byte offsets. */
#define LAPIC_ID	0x20
#define LAPIC_EOI	0xb0
#define LAPIC_SPURIOUS	0xf0
#define LAPIC_ICR_LOW	0x300
#define LAPIC_ICR_HIGH	0x310
#define LAPIC_LVT_TIMER	0x320
#define LAPIC_LVT_LINT0	0x350
#define LAPIC_LVT_LINT1	0x360
#define LAPIC_LVT_ERROR	0x370
#define LAPIC_TIMER_INITIAL	0x380
#define LAPIC_TIMER_CURRENT	0x390
#define LAPIC_TIMER_DIVIDE	0x3e0

#define APIC_ENABLE	BIT(8)
#define LVT_MASKED	BIT(16)
#define LVT_NMI		(4 << 8)
#define ICR_PENDING	BIT(12)
#define ICR_ASSERT	BIT(14)
#define DIVIDE_BY_16	3

/* I/O APIC: an index and a data register. */
#define IOAPIC_VERSION	1
#define IOAPIC_ENTRY(n)	(0x10 + 2 * (n))
#define IOAPIC_LOW_ACTIVE	BIT(13)
#define IOAPIC_LEVEL	BIT(15)
#define IOAPIC_MASKED	BIT(16)

struct madt {
	struct acpi_header header;
	u32 lapic_address, flags;
	u8 entries[];
} __packed;

struct madt_entry {
	u8 type, length;
	union {
		struct { u8 acpi_id, apic_id; u32 flags; } __packed lapic;		/* type 0 */
		struct { u8 id, reserved; u32 address, gsi_base; } __packed ioapic;	/* type 1 */
		struct { u8 bus, irq; u32 gsi; u16 flags; } __packed override;	/* type 2 */
	};
} __packed;

static volatile u32 *lapic;
static volatile u32 *ioapic;
static unsigned ioapic_base, ioapic_entries;
static DEFINE_SPINLOCK(ioapic_lock, RANK_LEAF);
static u64 timer_ticks_per_ms;

static struct {
	u32 gsi;
	bool level, active_low;
} isa_irqs[16];

u32 madt_apic_ids[MAX_CPUS];
int madt_cpu_count;

static u32 lapic_read(unsigned reg)
{
	return lapic[reg / 4];
}

static void lapic_write(unsigned reg, u32 v)
{
	lapic[reg / 4] = v;
}

static void lapic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

static u32 ioapic_read(unsigned reg)
{
	ioapic[0] = reg;
	return ioapic[4];
}

static void ioapic_write(unsigned reg, u32 v)
{
	ioapic[0] = reg;
	ioapic[4] = v;
}

void ioapic_route(unsigned gsi, unsigned vector, bool level, bool active_low)
{
	unsigned n = gsi - ioapic_base;

	if (!ioapic || n >= ioapic_entries) {
		printk("apic: interrupt %u has no input\n", gsi);
		return;
	}
	spin_lock(&ioapic_lock);
	ioapic_write(IOAPIC_ENTRY(n) + 1, cpus[0].apic_id << 24);
	ioapic_write(IOAPIC_ENTRY(n), vector | (level ? IOAPIC_LEVEL : 0) |
		     (active_low ? IOAPIC_LOW_ACTIVE : 0));
	spin_unlock(&ioapic_lock);
}

void ioapic_route_isa(unsigned irq, unsigned vector)
{
	ioapic_route(isa_irqs[irq].gsi, vector, isa_irqs[irq].level, isa_irqs[irq].active_low);
}

u64 apic_msi_address(int cpu)
{
	return 0xfee00000UL | (u64)cpus[cpu].apic_id << 12;
}

static void add_override(const struct madt_entry *e)
{
	unsigned irq = e->override.irq;

	if (irq >= ARRAY_SIZE(isa_irqs))
		return;
	isa_irqs[irq].gsi = e->override.gsi;
	isa_irqs[irq].active_low = (e->override.flags & 3) == 3;
	isa_irqs[irq].level = (e->override.flags >> 2 & 3) == 3;
}

static void add_ioapic(const struct madt_entry *e)
{
	if (ioapic)	/* one serves all of QEMU's interrupts */
		return;
	ioapic = kernel_map_device(e->ioapic.address, PAGE_SIZE);
	if (!ioapic)
		panic("apic: no memory to map the I/O APIC");
	ioapic_base = e->ioapic.gsi_base;
	ioapic_entries = (ioapic_read(IOAPIC_VERSION) >> 16 & 0xff) + 1;
	for (unsigned i = 0; i < ioapic_entries; i++)
		ioapic_write(IOAPIC_ENTRY(i), IOAPIC_MASKED);
}

static void parse_madt(const struct madt *m)
{
	const u8 *p = m->entries, *end = (const u8 *)m + m->header.length;

	while (p + 2 <= end) {
		const struct madt_entry *e = (const void *)p;

		if (e->length < 2 || p + e->length > end)
			break;
		if (e->type == 0 && (e->lapic.flags & 3) && madt_cpu_count < MAX_CPUS)
			madt_apic_ids[madt_cpu_count++] = e->lapic.apic_id;
		else if (e->type == 1)
			add_ioapic(e);
		else if (e->type == 2)
			add_override(e);
		p += e->length;
	}
}

/* The timer's and the TSC's count at the same moment: of several attempts the quickest. */
static void sample_timer(u64 *tsc, u32 *count)
{
	u64 shortest = ~0UL;

	for (int i = 0; i < 20; i++) {
		u64 before = rdtsc();
		u32 now = lapic_read(LAPIC_TIMER_CURRENT);
		u64 took = rdtsc() - before;

		if (took < shortest) {
			shortest = took;
			*tsc = before + took / 2;
			*count = now;
		}
	}
}

static void measure_timer(void)
{
	u64 start = 0, end = 0;
	u32 first = 0, last = 0;

	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED);
	lapic_write(LAPIC_TIMER_INITIAL, ~0u);
	sample_timer(&start, &first);
	do {
		sample_timer(&end, &last);
	} while (end - start < clock_tsc_hz() / 200);	/* 5 ms */
	timer_ticks_per_ms = (u64)(first - last) * clock_tsc_hz() / ((end - start) * 1000);
	lapic_write(LAPIC_TIMER_INITIAL, 0);
}

void apic_init_cpu(void)
{
	lapic_write(LAPIC_SPURIOUS, APIC_ENABLE | VECTOR_SPURIOUS);
	lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_16);
	lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT1, LVT_NMI);
	lapic_write(LAPIC_LVT_ERROR, LVT_MASKED);
	lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER);	/* one-shot */
	lapic_eoi();
}

void apic_init(void)
{
	const struct madt *m = (const void *)acpi_find_table("APIC", 0);

	for (unsigned i = 0; i < ARRAY_SIZE(isa_irqs); i++)
		isa_irqs[i].gsi = i;
	lapic = kernel_map_device(rdmsr(MSR_APIC_BASE) & 0xffffff000UL, PAGE_SIZE);
	if (!lapic)
		panic("apic: no memory to map the local APIC");
	apic_init_cpu();
	cpus[0].apic_id = lapic_read(LAPIC_ID) >> 24;
	if (m)
		parse_madt(m);
	else
		printk("apic: ACPI has no MADT; one CPU, no device interrupts\n");
	irq_eoi = lapic_eoi;
	measure_timer();
	lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER);
	irq_set_handler(VECTOR_TIMER, timer_interrupt, NULL);
}

void apic_timer_set(u64 ns)
{
	/* At most a minute: an early interrupt is harmless, an overflow is not. */
	u64 ticks = MIN(MAX(ns, 1000UL), 60 * NSEC_PER_SEC) * timer_ticks_per_ms / NSEC_PER_MSEC;

	lapic_write(LAPIC_TIMER_INITIAL, MIN(MAX(ticks, 1UL), 0xffffffffUL));
}

static void send(u32 apic_id, u32 command)
{
	irq_disable();
	lapic_write(LAPIC_ICR_HIGH, apic_id << 24);
	lapic_write(LAPIC_ICR_LOW, command);
	while (lapic_read(LAPIC_ICR_LOW) & ICR_PENDING)
		cpu_relax();
	irq_enable();
}

void apic_send_ipi(int cpu, unsigned vector)
{
	send(cpus[cpu].apic_id, ICR_ASSERT | vector);
}

#define ICR_INIT	(5 << 8)
#define ICR_STARTUP	(6 << 8)

void apic_send_init(u32 apic_id)
{
	send(apic_id, ICR_ASSERT | ICR_INIT);
}

void apic_send_startup(u32 apic_id, paddr_t page)
{
	send(apic_id, ICR_ASSERT | ICR_STARTUP | page >> PAGE_SHIFT);
}
