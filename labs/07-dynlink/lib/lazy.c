/*
 * Looks at its own PLT's table while its functions are bound. "lazy-now" is the same program
 * linked with -z now.
 *
 *	lazy slot		the word of probe_count() changes at the first call, not before
 *	lazy now		it is bound before the first call, and read-only
 *	lazy registers | vectors	a first call keeps them
 *	lazy missing		it uses a function that does not exist, but does not call it
 *	lazy call-missing	it calls it
 */
#include "mini.h"
#include "probe.h"

struct dynamic {
	long tag;
	unsigned long value;
};
extern const struct dynamic _DYNAMIC[] __attribute__((visibility("hidden")));
/* lazy_call.S */
int lazy_call(const unsigned long general[8], const unsigned char vector[8][32], int wide);
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

struct relocation {
	unsigned long offset, info;
	long addend;
};
struct symbol {
	unsigned int name;
	unsigned char info, other;
	unsigned short section;
	unsigned long value, size;
};

static unsigned long tag(long tag)
{
	for (const struct dynamic *d = _DYNAMIC; d->tag; d++)
		if (d->tag == tag)
			return d->value;
	return 0;
}

/* The program's word for the function of that name, by DT_JMPREL, DT_SYMTAB and DT_STRTAB. */
static volatile unsigned long *slot(const char *name)
{
	unsigned long base = (unsigned long)__ehdr_start;
	const struct relocation *r = (const void *)(base + tag(23));
	const struct symbol *symbols = (const void *)(base + tag(6));
	const char *strings = (const void *)(base + tag(5));

	for (unsigned long i = 0; i < tag(2) / sizeof(*r); i++)
		if (mini_equal(strings + symbols[r[i].info >> 32].name, name))
			return (volatile unsigned long *)(base + r[i].offset);
	return 0;
}

/* Is this an address in the program's own memory (its PLT)? It is small. */
static int in_program(unsigned long address)
{
	return address - (unsigned long)__ehdr_start < 1 << 16;
}

static int check_slot(void)
{
	volatile unsigned long *word = slot("probe_count");
	unsigned long bound;

	if (!word || !in_program(*word) || probe_count() != 42 || in_program(*word))
		return 0;
	bound = *word;
	return probe_count() == 43 && *word == bound;
}

static int check_now(void)
{
	volatile unsigned long *word = slot("probe_count");

	return word && !in_program(*word) && probe_count() == 42;
}

/* To be killed, if the word is read-only; exit status 3 if not. */
static int write_slot(void)
{
	volatile unsigned long *word = slot("probe_count");

	*word = *word;
	return 3;
}

static const unsigned long general[8] = {
	0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666, 0x7777, 0x8888
};
static unsigned char vector[8][32];

/* The registers of a first call, in probe_seen; false if its word was bound already. */
static int first_call(int wide)
{
	volatile unsigned long *word = slot("probe_registers");

	for (int i = 0; i < 8; i++)
		for (int k = 0; k < 32; k++)
			vector[i][k] = (unsigned char)(i * 32 + k + 1);
	return word && in_program(*word) && lazy_call(general, vector, wide) && !in_program(*word);
}

static int check_registers(void)
{
	if (!first_call(0))
		return 0;
	for (int i = 0; i < 8; i++)
		if (probe_seen.general[i] != general[i])
			return 0;
	return probe_seen.stack % 16 == 8;
}

static int check_vectors(void)
{
	int wide = has_ymm(), ok = first_call(wide);

	for (int i = 0; i < 8 && ok; i++)
		for (int k = 0; k < (wide ? 32 : 16); k++)
			ok &= probe_seen.vector[i][k] == vector[i][k];
	return ok;
}

static int check_missing(void)
{
	return slot("probe_gone") != 0;
}

static const struct mini_check checks[] = {
	{ "slot", check_slot }, { "now", check_now }, { "registers", check_registers },
	{ "vectors", check_vectors }, { "missing", check_missing }, { 0 },
};

int main(int argc, char **argv)
{
	if (argc > 1 && mini_equal(argv[1], "write"))
		return write_slot();
#ifndef NOW	/* which could not start */
	if (argc > 1 && mini_equal(argv[1], "call-missing"))
		return probe_gone();
#endif
	return mini_checks(checks, argc, argv);
}
