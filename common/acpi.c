/*
 * ACPI tables (ACPI 6.4, chapter 5.2) and power off.
 *
 * There is no AML interpreter here. Power off needs two numbers from the object \_S5_, which in
 * all known firmware is a plain package of small constants: it is found by its name and read by
 * hand (chapter 20.2 gives the encoding).
 */
#include "common/acpi.h"
#include "common/boot_info.h"
#include "common/layout.h"
#include "common/string.h"
#include "common/x86.h"

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem_id[6];
	u8 revision;
	u32 rsdt;
	u32 length;
	u64 xsdt;
	u8 extended_checksum, reserved[3];
} __packed;

struct fadt {
	struct acpi_header header;
	u32 facs, dsdt;
	u8 reserved0, profile;
	u16 sci_interrupt;
	u32 smi_command;
	u8 acpi_enable, acpi_disable, s4bios, pstate;
	u32 pm1a_event, pm1b_event, pm1a_control, pm1b_control;
} __packed;

#define SLEEP_ENABLE	BIT(13)
#define SCI_ENABLE	BIT(0)

static const struct acpi_header *root;	/* RSDT or XSDT */
static bool root_is_64;
static u16 pm1a_control, pm1b_control, smi_command;
static u8 acpi_enable;
static int sleep_type_a = -1, sleep_type_b;

static bool sum_is_zero(const void *p, size_t n)
{
	u8 sum = 0;

	for (const u8 *b = p; n; n--)
		sum += *b++;
	return sum == 0;
}

static paddr_t scan(paddr_t start, paddr_t end)
{
	for (paddr_t p = start; p + 20 <= end; p += 16)
		if (!memcmp(phys_to_virt(p), "RSD PTR ", 8) && sum_is_zero(phys_to_virt(p), 20))
			return p;
	return 0;
}

paddr_t acpi_scan_rsdp(void)
{
	paddr_t ebda = (paddr_t)*(const volatile u16 *)phys_to_virt(0x40e) << 4;
	paddr_t found = 0;

	if (ebda >= 0x80000 && ebda < 0xa0000)
		found = scan(ebda, ebda + 1024);
	return found ? found : scan(0xe0000, 0x100000);
}

static const struct acpi_header *check(paddr_t pa)
{
	const struct acpi_header *h = phys_to_virt(pa);

	if (!pa || pa >> 32 || h->length < sizeof(*h) || h->length > 1 << 24 ||
	    !sum_is_zero(h, h->length))
		return NULL;
	return h;
}

static paddr_t root_entry(int i)
{
	const char *entries = (const char *)(root + 1);
	u64 address = 0;

	memcpy(&address, entries + i * (root_is_64 ? 8 : 4), root_is_64 ? 8 : 4);
	return address;
}

const struct acpi_header *acpi_find_table(const char *signature, int index)
{
	int n;

	if (!root)
		return NULL;
	n = (root->length - sizeof(*root)) / (root_is_64 ? 8 : 4);
	for (int i = 0; i < n; i++) {
		const struct acpi_header *h = check(root_entry(i));

		if (h && !memcmp(h->signature, signature, 4) && index-- == 0)
			return h;
	}
	return NULL;
}

/* A small constant in AML: Zero, One, or a byte with its prefix. */
static int aml_byte(const u8 **p)
{
	if (**p == 0x0a) {
		*p += 2;
		return (*p)[-1];
	}
	return *(*p)++;
}

/* Name(_S5_, Package() { a, b, ... }) */
static void read_s5(const struct acpi_header *dsdt)
{
	const u8 *p = (const u8 *)(dsdt + 1), *end = (const u8 *)dsdt + dsdt->length - 16;

	for (; p < end; p++) {
		const u8 *q = p + 5;

		if (memcmp(p, "_S5_", 4) || p[4] != 0x12)
			continue;
		q += (*q >> 6) + 1;	/* package length */
		q++;			/* number of elements */
		sleep_type_a = aml_byte(&q);
		sleep_type_b = aml_byte(&q);
		return;
	}
}

static void read_fadt(void)
{
	const struct fadt *f = (const struct fadt *)acpi_find_table("FACP", 0);
	const struct acpi_header *dsdt;

	if (!f || f->header.length < sizeof(*f))
		return;
	pm1a_control = f->pm1a_control;
	pm1b_control = f->pm1b_control;
	smi_command = f->smi_command;
	acpi_enable = f->acpi_enable;
	dsdt = check(f->dsdt);
	if (dsdt)
		read_s5(dsdt);
}

void acpi_init(void)
{
	const struct rsdp *r;

	if (!boot_info.rsdp)
		return;
	r = phys_to_virt(boot_info.rsdp);
	root_is_64 = r->revision >= 2 && r->xsdt && !(r->xsdt >> 32);
	root = check(root_is_64 ? r->xsdt : r->rsdt);
	read_fadt();
}

void acpi_poweroff(void)
{
	if (sleep_type_a < 0 || !pm1a_control)
		return;
	if (!(inw(pm1a_control) & SCI_ENABLE) && smi_command && acpi_enable) {
		outb(smi_command, acpi_enable);
		for (int i = 0; i < 1000000 && !(inw(pm1a_control) & SCI_ENABLE); i++)
			;
	}
	outw(pm1a_control, sleep_type_a << 10 | SLEEP_ENABLE);
	if (pm1b_control)
		outw(pm1b_control, sleep_type_b << 10 | SLEEP_ENABLE);
	for (int i = 0; i < 10000000; i++)
		__asm__ volatile("pause");
}
