/*
 * What dynamic linking adds to common/abi/elf.h: tags of the dynamic section, relocation types,
 * hash tables and symbol versions. gABI chapter 5; psABI 4.4 and 5.2; "ELF Symbol Versioning"
 * (Drepper).
 */
#pragma once

#include "common/abi/elf.h"

#define DT_NULL		0
#define DT_NEEDED	1
#define DT_PLTRELSZ	2
#define DT_PLTGOT	3
#define DT_HASH		4
#define DT_STRTAB	5
#define DT_SYMTAB	6
#define DT_RELA		7
#define DT_RELASZ	8
#define DT_INIT		12
#define DT_FINI		13
#define DT_SONAME	14
#define DT_RPATH	15
#define DT_SYMBOLIC	16
#define DT_TEXTREL	22
#define DT_JMPREL	23
#define DT_BIND_NOW	24
#define DT_INIT_ARRAY	25
#define DT_FINI_ARRAY	26
#define DT_INIT_ARRAYSZ	27
#define DT_FINI_ARRAYSZ	28
#define DT_RUNPATH	29
#define DT_FLAGS	30
#define DT_PREINIT_ARRAY	32
#define DT_PREINIT_ARRAYSZ	33
#define DT_RELR		36
#define DT_COUNT	34		/* tags below this are kept by number */
#define DT_GNU_HASH	0x6ffffef5
#define DT_VERSYM	0x6ffffff0
#define DT_FLAGS_1	0x6ffffffb
#define DT_VERDEF	0x6ffffffc
#define DT_VERNEED	0x6ffffffe

#define DF_SYMBOLIC	0x2
#define DF_TEXTREL	0x4
#define DF_BIND_NOW	0x8
#define DF_STATIC_TLS	0x10
#define DF_1_NOW	0x1
#define DF_1_NODELETE	0x8

#define R_X86_64_NONE		0
#define R_X86_64_64		1	/* S + A */
#define R_X86_64_COPY		5	/* copy the symbol's bytes */
#define R_X86_64_GLOB_DAT	6	/* S */
#define R_X86_64_JUMP_SLOT	7	/* S */
#define R_X86_64_RELATIVE	8	/* B + A */
#define R_X86_64_DTPMOD64	16	/* module number */
#define R_X86_64_DTPOFF64	17	/* offset in the module's block */
#define R_X86_64_TPOFF64	18	/* offset from the thread pointer */
#define R_X86_64_SIZE64		33	/* size of the symbol + A */
#define R_X86_64_IRELATIVE	37	/* what the function at B + A returns */

#define STB_LOCAL	0
#define STB_GLOBAL	1
#define STB_WEAK	2
#define STB_GNU_UNIQUE	10
#define STT_TLS		6
#define STT_GNU_IFUNC	10
#define SHN_UNDEF	0

/* DT_GNU_HASH: this header, then bloom words, buckets, and one chain word per hashed symbol. */
struct gnu_hash {
	u32 bucket_count;
	u32 first_symbol;		/* symbols below it are not in the table */
	u32 bloom_size;			/* in words of 64 bits; a power of two */
	u32 bloom_shift;
	u64 bloom[];
};

/* DT_HASH: this header, then buckets, then chains. */
struct sysv_hash {
	u32 bucket_count;
	u32 chain_count;		/* number of symbols */
	u32 buckets[];
};

#define VERSYM_HIDDEN	0x8000		/* not the default version of its name */
#define VERSYM_INDEX	0x7fff		/* 0 local, 1 global without version, 2 a library's first */
#define VER_FLG_WEAK	0x2

struct elf64_verdef {
	u16 vd_version, vd_flags, vd_ndx, vd_cnt;
	u32 vd_hash, vd_aux, vd_next;
};

struct elf64_verdaux {
	u32 vda_name, vda_next;
};

struct elf64_verneed {
	u16 vn_version, vn_cnt;
	u32 vn_file, vn_aux, vn_next;
};

struct elf64_vernaux {
	u32 vna_hash;
	u16 vna_flags, vna_other;
	u32 vna_name, vna_next;
};
