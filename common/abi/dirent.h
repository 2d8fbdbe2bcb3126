/* Directory entries: getdents64(2), getdents(2); x86-64 Linux layouts. */
#pragma once

struct linux_dirent64 {
	unsigned long d_ino;
	long d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
} __attribute__((packed));	/* so that sizeof is the offset of d_name, 19 */

/* The old form; the type stands in the record's last byte. */
struct linux_dirent {
	unsigned long d_ino;
	unsigned long d_off;
	unsigned short d_reclen;
	char d_name[];
} __attribute__((packed));	/* 18 */
