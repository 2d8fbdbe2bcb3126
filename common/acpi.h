/*
 * ACPI tables: finding them, and the one thing we do by them ourselves, power off.
 * (ACPI 6.4, chapter 5.2.) They lie below 4 GiB in reserved or ACPI memory, which the direct map
 * covers.
 */
#pragma once

#include "common/types.h"

struct acpi_header {
	char signature[4];
	u32 length;		/* of the whole table */
	u8 revision, checksum;
	char oem_id[6], oem_table_id[8];
	u32 oem_revision, creator_id, creator_revision;
} __packed;

/* The index-th table with that signature ("APIC", "FACP", "MCFG"), checked; or NULL. */
const struct acpi_header *acpi_find_table(const char *signature, int index);

/* Physical address of the root pointer found by searching the BIOS area; 0 if there is none. */
paddr_t acpi_scan_rsdp(void);

/* At boot: read the root pointer and what acpi_poweroff() needs. */
void acpi_init(void);
/* Enter S5; returns if that is not possible. */
void acpi_poweroff(void);
