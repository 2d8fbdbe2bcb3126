/*
 * The dynamic linker's pure parts (exercises 7.4 to 7.8): hash tables, versions, objects and their
 * lists that are built here, in memory.
 */
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Check has a macro of this name. */
#undef fail
#define fail	ldso_fail
#include "solutions/07-dynlink/ldso/close.c"
#include "solutions/07-dynlink/ldso/deps.c"
#include "solutions/07-dynlink/ldso/init.c"
#include "solutions/07-dynlink/ldso/lazy.c"
#include "solutions/07-dynlink/ldso/lookup.c"
#include "solutions/07-dynlink/ldso/reloc.c"
#include "solutions/07-dynlink/ldso/symbol.c"
#include "solutions/07-dynlink/ldso/tls.c"
#include "labs/07-dynlink/ldso/path.c"
#include "labs/07-dynlink/ldso/scope.c"
#include "labs/07-dynlink/ldso/version.c"

#define SYMBOLS		40
#define FIRST		3	/* symbols below it are not hashed */

static char strings[SYMBOLS * 8];
static struct elf64_sym symbols[SYMBOLS];
static struct object library;

/* ---- what the linker gets from its other files ---- */

struct object *objects;
bool secure, bind_all_now;
const char *library_path, *exec_path;
const char resolve_trampoline[1];

bool str_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_has(const char *s, char c)
{
	return strchr(s, c) != NULL;
}

u64 str_len(const char *s)
{
	return strlen(s);
}

char *str_copy(const char *s, u64 n)
{
	char *copy = allocate(n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *concat(const char *first, ...)
{
	char *all = allocate(1000);
	va_list ap;

	va_start(ap, first);
	for (const char *s = first; s; s = va_arg(ap, const char *))
		strcat(all, s);
	va_end(ap);
	return all;
}

void mem_copy(void *to, const void *from, u64 n)
{
	if (n)
		memcpy(to, from, n);
}

void *allocate(u64 size)
{
	return calloc(1, size);
}

void lock(struct lock *l)
{
	ck_assert_uint_eq(l->word, 0);
	l->word = 1;
}

void unlock(struct lock *l)
{
	l->word = 0;
}

void fail(const char *first, ...)
{
	exit(99);
}

const char *object_name(const struct object *o)
{
	return o->name;
}

/* ---- lookup -------------------------------------------------------------------------------- */

static int bucket_count;

static int by_bucket(const void *a, const void *b)
{
	const struct elf64_sym *x = a, *y = b;
	int i = (int)(gnu_hash(strings + x->st_name) % (u32)bucket_count);
	int j = (int)(gnu_hash(strings + y->st_name) % (u32)bucket_count);

	return i != j ? i - j : x->st_name < y->st_name ? -1 : 1;
}

/* A library with symbols "s3" to "s39" in `buckets` buckets and a Bloom filter of `words` words. */
static void build(int buckets, int words)
{
	struct gnu_hash *t =
		calloc(1, sizeof(*t) + (size_t)words * 8 + (size_t)(buckets + SYMBOLS) * 4);
	u32 *bucket = (u32 *)(t->bloom + words), *chain = bucket + buckets;

	bucket_count = buckets;
	memset(symbols, 0, sizeof(symbols));
	for (int i = 1; i < SYMBOLS; i++) {
		snprintf(strings + i * 8, 8, "s%u", i % 1000000u);
		symbols[i] = (struct elf64_sym){ .st_name = (u32)i * 8, .st_info = STB_GLOBAL << 4,
						 .st_shndx = i < FIRST ? SHN_UNDEF : 1,
						 .st_value = (u64)i };
	}
	qsort(symbols + FIRST, SYMBOLS - FIRST, sizeof(symbols[0]), by_bucket);
	t->bucket_count = (u32)buckets;
	t->first_symbol = FIRST;
	t->bloom_size = (u32)words;
	t->bloom_shift = 6;
	for (u32 i = FIRST; i < SYMBOLS; i++) {
		u32 h = gnu_hash(strings + symbols[i].st_name);
		bool last = i + 1 == SYMBOLS ||
			    gnu_hash(strings + symbols[i + 1].st_name) % (u32)buckets !=
				    h % (u32)buckets;

		t->bloom[h / 64 % (u32)words] |= 1UL << h % 64 | 1UL << (h >> 6) % 64;
		if (!bucket[h % (u32)buckets])
			bucket[h % (u32)buckets] = i;
		chain[i - FIRST] = (h & ~1u) | last;
	}
	library = (struct object){ .symbols = symbols, .strings = strings, .gnu_hash = t };
}

static const struct elf64_sym *look(const char *name)
{
	struct lookup l = { .name = name, .gnu_hash = gnu_hash(name) };

	return object_lookup(&library, &l);
}

START_TEST(hash)
{
	ck_assert_uint_eq(gnu_hash(""), 5381);
	ck_assert_uint_eq(gnu_hash("printf"), 0x156b2bb8);
	ck_assert_uint_eq(gnu_hash("\xff"), 5381 * 33 + 255);
}
END_TEST

START_TEST(lookup_all)
{
	static const int shapes[][2] = { { 1, 1 }, { 4, 2 }, { 37, 4 }, { 200, 16 } };

	build(shapes[_i][0], shapes[_i][1]);
	for (int i = FIRST; i < SYMBOLS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		ck_assert_ptr_nonnull(look(name));
		ck_assert_uint_eq(look(name)->st_value, (u64)i);
	}
	ck_assert_ptr_null(look("s1"));
	for (int i = SYMBOLS; i < 2000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		ck_assert_ptr_null(look(name));
	}
}
END_TEST

START_TEST(lookup_empty)
{
	struct gnu_hash *t = calloc(1, sizeof(*t) + 8 + 4);

	*t = (struct gnu_hash){ .bucket_count = 1, .first_symbol = 1, .bloom_size = 1 };
	library = (struct object){ .symbols = symbols, .strings = strings, .gnu_hash = t };
	ck_assert_ptr_null(look("s5"));
	t->bloom[0] = ~0UL;
	ck_assert_ptr_null(look("s5"));
}
END_TEST

/* ---- relocation ---------------------------------------------------------------------------- */

static u64 memory[4];

/* An object whose symbol 1 is "word", found in `other`; and the relocation of its word 2. */
static struct object other;
static struct elf64_sym defined[2];
static struct elf64_sym own_symbols[2] = { { 0 }, { .st_name = 1, .st_info = STB_GLOBAL << 4 } };

static u64 relocate(u32 type, bool symbol, s64 addend)
{
	struct object *o = calloc(1, sizeof(*o));
	struct elf64_rela r = {
		.r_offset = 16, .r_info = (u64)symbol << 32 | type, .r_addend = addend};

	o->base = (u64)memory;
	o->symbols = own_symbols;
	o->strings = "\0word";
	o->name = "unit";
	o->tls_module = 7;
	o->tls_offset = 64;
	memory[2] = 0x5555;
	relocate_one(o, &r);
	free(o);
	return memory[2];
}

/* The global scope is one library that has "word" with this value and size; or nothing. */
static void define(u64 base, u64 value, u64 size)
{
	static struct {
		struct sysv_hash head;
		u32 buckets[1], chains[2];
	} table = { { 1, 2 }, { 1 }, { 0, 0 } };

	defined[1] = (struct elf64_sym){ .st_name = 1, .st_info = STB_GLOBAL << 4, .st_shndx = 1,
					 .st_value = value, .st_size = size };
	other = (struct object){ .base = base, .symbols = defined, .strings = "\0word",
				 .sysv_hash = &table.head, .tls_module = 3, .tls_offset = 0x300,
				 .name = "other", .nodelete = true };
	global_scope = (struct scope){ 0 };
	scope_add(&global_scope, &other);
}

static u64 resolver(void)
{
	return 4711;
}

START_TEST(relocate_words)
{
	define(0x1000, 0x234, 8);
	ck_assert_uint_eq(relocate(R_X86_64_RELATIVE, false, 24), (u64)memory + 24);
	ck_assert_uint_eq(relocate(R_X86_64_64, true, -4), 0x1230);
	ck_assert_uint_eq(relocate(R_X86_64_GLOB_DAT, true, 99), 0x1234);
	ck_assert_uint_eq(relocate(R_X86_64_JUMP_SLOT, true, 99), 0x1234);
	ck_assert_uint_eq(relocate(R_X86_64_DTPMOD64, true, 0), 3);
	ck_assert_uint_eq(relocate(R_X86_64_DTPMOD64, false, 0), 7);
	ck_assert_uint_eq(relocate(R_X86_64_DTPOFF64, true, 4), 0x238);
	ck_assert_uint_eq(relocate(R_X86_64_TPOFF64, true, 4), (u64)0x238 - 0x300);
	ck_assert_uint_eq(relocate(R_X86_64_TPOFF64, false, 4), (u64)4 - 64);
	ck_assert_uint_eq(relocate(R_X86_64_SIZE64, true, 2), 10);
	ck_assert_uint_eq(relocate(R_X86_64_IRELATIVE, false, (s64)((u64)resolver - (u64)memory)),
			  4711);
	ck_assert_uint_eq(relocate(R_X86_64_NONE, false, 1), 0x5555);
	global_scope.count = 0;
	own_symbols[1].st_info = STB_WEAK << 4;
	ck_assert_uint_eq(relocate(R_X86_64_64, true, 0), 0);
	ck_assert_uint_eq(relocate(R_X86_64_GLOB_DAT, true, 0), 0);
}
END_TEST

START_TEST(relocate_copy)
{
	static u64 value = 0x1122334455667788;

	define((u64)&value, 0, 8);
	own_symbols[1].st_size = 8;
	ck_assert_uint_eq(relocate(R_X86_64_COPY, true, 0), value);
	own_symbols[1].st_size = 2;
	ck_assert_uint_eq(relocate(R_X86_64_COPY, true, 0), 0x7788);
}
END_TEST

/* No own symbol for a COPY, no PLT entry of a program for a jump slot, no undefined strong symbol.
 */
START_TEST(relocate_undefined)
{
	define(0x1000, 0x234, 8);
	defined[1].st_shndx = SHN_UNDEF;
	ck_assert_uint_eq(relocate(R_X86_64_GLOB_DAT, true, 0), 0x1234);
	relocate(R_X86_64_JUMP_SLOT, true, 0);
}
END_TEST

START_TEST(relocate_no_static_tls)
{
	define(0x1000, 0x234, 8);
	ck_assert_uint_eq(relocate(R_X86_64_TPOFF64, true, 0), (u64)0x234 - 0x300);
	other.tls_offset = 0;
	relocate(R_X86_64_TPOFF64, true, 0);
}
END_TEST

START_TEST(relocate_unknown)
{
	relocate(200, false, 0);
}
END_TEST

/* ---- versions and scopes ------------------------------------------------------------------- */

/* A library with the versions V1 (2) and V2 (3) of symbol 1, index `versym`. */
static struct {
	struct elf64_verdef d1;
	struct elf64_verdaux a1;
	struct elf64_verdef d2;
	struct elf64_verdaux a2;
} verdef = {
	{.vd_ndx = 2,
	 .vd_aux = sizeof(struct elf64_verdef),
	 .vd_next = sizeof(struct elf64_verdef) + sizeof(struct elf64_verdaux)},
	{.vda_name = 1},
	{.vd_ndx = 3, .vd_aux = sizeof(struct elf64_verdef)},
	{.vda_name = 4},
};

static bool matches_version(u16 index, const char *version, bool base)
{
	u16 versym[2] = { 0, index };
	struct object o = { .strings = "\0V1\0V2", .versym = versym, .verdef = &verdef.d1 };
	struct lookup l = { .version = version, .base = base };

	return version_matches(&o, 1, &l);
}

START_TEST(versions)
{
	struct object plain = { 0 };
	struct lookup l = { .version = "V1" };

	ck_assert(version_matches(&plain, 1, &l));
	ck_assert(matches_version(2, "V1", false));
	ck_assert(matches_version(2 | VERSYM_HIDDEN, "V1", false));
	ck_assert(!matches_version(3, "V1", false));
	ck_assert(matches_version(3, "V2", false));
	ck_assert(!matches_version(9, "V2", false));
	ck_assert(matches_version(1, "V2", false));
	ck_assert(!matches_version(1 | VERSYM_HIDDEN, "V2", false));
	ck_assert(!matches_version(0, "V2", false));
	/* without a version */
	ck_assert(matches_version(2 | VERSYM_HIDDEN, NULL, true));
	ck_assert(matches_version(1, NULL, true));
	ck_assert(!matches_version(3, NULL, true));
	ck_assert(!matches_version(2 | VERSYM_HIDDEN, NULL, false));
	ck_assert(matches_version(3, NULL, false));
	ck_assert(!matches_version(0, NULL, false));
}
END_TEST

/* A binding goes to the object itself if it is symbolic, else to the global scope, then its group.
 */
START_TEST(scopes)
{
	struct object *o = calloc(1, sizeof(*o)), *root = calloc(1, sizeof(*root)), *where;

	own_symbols[1].st_info = STB_GLOBAL << 4;
	define(0x1000, 0x234, 8);
	*o = other;
	o->nodelete = false;
	ck_assert_ptr_nonnull(symbol_find(o, 1, R_X86_64_64, &where));
	ck_assert_ptr_eq(where, &other);
	ck_assert_int_eq(o->bound.count, 0);
	o->symbolic = true;
	ck_assert_ptr_nonnull(symbol_find(o, 1, R_X86_64_64, &where));
	ck_assert_ptr_eq(where, o);
	ck_assert_ptr_nonnull(symbol_find(o, 1, R_X86_64_COPY, &where));
	ck_assert_ptr_eq(where, &other);
	global_scope.count = 0;
	o->symbolic = false;
	*root = other;
	root->nodelete = false;
	scope_add(&root->search, root);
	o->group = root;
	ck_assert_ptr_nonnull(symbol_find(o, 1, R_X86_64_64, &where));
	ck_assert_ptr_eq(where, root);
	ck_assert_int_eq(o->bound.count, 1);
}
END_TEST

/* ---- who needs whom ------------------------------------------------------------------------ */

static struct object graph[6];
static char called[64];

void call_constructors(struct object *o)
{
	strcat(called, o->name);
}

void call_destructors(struct object *o)
{
	strcat(called, o->name);
}

void call_preinit(struct object *program)
{
	strcat(called, "^");
}

struct object *load_library(const char *name, struct object *by, bool loaded_only)
{
	for (int i = 0; i < 6; i++)
		if (strcmp(graph[i].name, name) == 0)
			return &graph[i];
	return NULL;
}

/* Objects a to f that need what these strings say: a is the program. */
static void build_graph(const char *const needs[6])
{
	static char names[] = "\0a\0b\0c\0d\0e\0f";

	called[0] = '\0';
	constructed = NULL;
	objects = graph;
	for (int i = 0; i < 6; i++) {
		struct elf64_dyn *d = calloc(8, sizeof(*d));

		graph[i] = (struct object){.name = names + 1 + i * 2,
					   .strings = names,
					   .dynamic = d,
					   .next = i < 5 ? &graph[i + 1] : NULL};
		for (const char *n = needs[i]; *n; n++)
			*d++ = (struct elf64_dyn){ DT_NEEDED, (u64)(1 + (*n - 'a') * 2) };
	}
}

static const char *names_of(const struct scope *s)
{
	static char all[32];

	all[0] = '\0';
	for (int i = 0; i < s->count; i++)
		strcat(all, s->list[i]->name);
	return all;
}

START_TEST(order)
{
	static const char *const needs[] = { "bc", "d", "de", "f", "b", "c" };
	struct scope s = { 0 };

	build_graph(needs);
	scope_add(&s, &graph[0]);
	load_needed(&s);
	ck_assert_str_eq(names_of(&s), "abcdef");
	run_constructors(&s);
	ck_assert_str_eq(called, "^dbecfa");
	called[0] = '\0';
	graph[4].in_use = true;
	run_destructors(false);
	run_destructors(true);
	ck_assert_str_eq(called, "afcbde");
}
END_TEST

START_TEST(users)
{
	static const char *const needs[] = { "b", "", "d", "c", "f", "b" };
	static const bool want[][6] = {
		{ true, true, false, false, true, true },
		{ true, true, true, true, true, true },
		{ true, true, true, true, false, false },
	};

	build_graph(needs);
	for (int i = 0; i < 6; i++) {
		struct scope s = { 0 };

		scope_add(&s, &graph[i]);
		load_needed(&s);
	}
	graph[0].nodelete = true;
	graph[4].open_count = 1;
	for (int round = 0; round < 3; round++) {
		if (round == 1)
			scope_add(&graph[5].bound, &graph[3]);
		if (round == 2) {
			graph[4].open_count = 0;
			graph[2].open_count = 2;
		}
		find_users();
		for (int i = 0; i < 6; i++)
			ck_assert_int_eq(graph[i].in_use, want[round][i]);
	}
}
END_TEST

/* ---- where libraries are looked for -------------------------------------------------------- */

static char tried[1000];

int sys_open(const char *path)
{
	strcat(strcat(tried, path), " ");
	return -1;
}

s64 sys_readlink(const char *path, char *buf, u64 size)
{
	memcpy(buf, "/opt/program", 12);
	return 12;
}

static const char *search(const char *name, struct object *by)
{
	const char *path;

	tried[0] = '\0';
	ck_assert_int_lt(find_library(name, by, &path), 0);
	return tried;
}

START_TEST(search_order)
{
	struct object program = { .strings = "\0$ORIGIN/r", .tag[DT_RPATH] = 1 };
	struct object lib = {
		.strings = "\0/l:${ORIGIN}/x", .path = "/a/b/lib.so", .loader = &program};

	objects = &program;
	library_path = "/env::";
	ck_assert_str_eq(search("d/n", &lib), "d/n ");
	ck_assert_str_eq(search("n", &lib),
			 "/opt/r/n /env/n ./n /lib/trellis/n /lib/n /usr/lib/n ");
	lib.tag[DT_RPATH] = 1;
	ck_assert_str_eq(search("n", &lib), "/l/n /a/b/x/n /opt/r/n /env/n ./n "
			 "/lib/trellis/n /lib/n /usr/lib/n ");
	lib.tag[DT_RUNPATH] = 1;
	ck_assert_str_eq(search("n", &lib), "/env/n ./n /l/n /a/b/x/n "
			 "/lib/trellis/n /lib/n /usr/lib/n ");
	secure = true;
	ck_assert_str_eq(search("n", &lib), "/l/n /lib/trellis/n /lib/n /usr/lib/n ");
	secure = false;
}
END_TEST

START_TEST(lazily)
{
	struct object o = { .tag[DT_PLTGOT] = 8, .tag[DT_JMPREL] = 8 };

	ck_assert(binds_lazily(&o, false));
	ck_assert(!binds_lazily(&o, true));
	o.bind_now = true;
	ck_assert(!binds_lazily(&o, false));
	o.bind_now = false;
	bind_all_now = true;
	ck_assert(!binds_lazily(&o, false));
	bind_all_now = false;
	o.tag[DT_PLTGOT] = 0;
	ck_assert(!binds_lazily(&o, false));
}
END_TEST

/* ---- thread-local storage ------------------------------------------------------------------ */

struct lock tls_lock;
static u64 last_module;

u64 tls_new_module(void)
{
	return ++last_module;
}

struct object *tls_object(u64 module)
{
	return NULL;
}

char *tls_allocate_block(const struct object *o)
{
	return NULL;
}

void tls_grow_dtv(struct tcb *t, u64 module)
{
}

START_TEST(tls_layout)
{
	static const u64 sizes[] = { 12, 0, 1, 100, 64 }, aligns[] = { 4, 1, 1, 128, 32 };
	static const u64 offsets[] = { 12, 0, 13, 128, 192 }, modules[] = { 1, 0, 2, 3, 4 };
	struct object o[5] = { 0 };
	union {
		char memory[4096];
		struct tcb tcb;
	} *thread = calloc(2, sizeof(*thread));
	char *dtv[5] = { 0 };

	objects = o;
	for (int i = 0; i < 5; i++) {
		o[i].tls_size = sizes[i];
		o[i].tls_align = aligns[i];
		o[i].next = i < 4 ? &o[i + 1] : NULL;
		tls_add(&o[i], false);
		ck_assert_uint_eq(o[i].tls_offset, offsets[i]);
		ck_assert_uint_eq(o[i].tls_module, modules[i]);
	}
	ck_assert_uint_eq(tls_static_size, 192);
	ck_assert_uint_eq(tls_static_align, 128);
	thread[1].tcb.dtv = dtv;
	tls_fill_dtv(&thread[1].tcb);
	ck_assert_ptr_null(dtv[0]);
	ck_assert_ptr_eq(dtv[1], (char *)&thread[1] - 12);
	ck_assert_ptr_eq(dtv[4], (char *)&thread[1] - 192);
}
END_TEST

START_TEST(tls_dynamic)
{
	struct object o = { .tls_size = 8, .tls_align = 8, .name = "late" };

	tls_add(&o, true);
	ck_assert_uint_eq(o.tls_offset, 0);
	ck_assert_uint_eq(o.tls_module, 1);
	ck_assert_uint_eq(tls_static_size, 0);
	o.static_tls = true;
	tls_add(&o, true);	/* fails */
}
END_TEST

static Suite *ldso_suite(void)
{
	Suite *s = suite_create("ldso");
	TCase *t = tcase_create("lookup");

	tcase_add_test(t, hash);
	tcase_add_loop_test(t, lookup_all, 0, 4);
	tcase_add_test(t, lookup_empty);
	suite_add_tcase(s, t);
	t = tcase_create("relocation");
	tcase_add_test(t, relocate_words);
	tcase_add_test(t, relocate_copy);
	tcase_add_exit_test(t, relocate_unknown, 99);
	tcase_add_exit_test(t, relocate_undefined, 99);
	tcase_add_exit_test(t, relocate_no_static_tls, 99);
	suite_add_tcase(s, t);
	t = tcase_create("objects");
	tcase_add_test(t, versions);
	tcase_add_test(t, scopes);
	tcase_add_test(t, order);
	tcase_add_test(t, users);
	tcase_add_test(t, search_order);
	tcase_add_test(t, lazily);
	tcase_add_test(t, tls_layout);
	tcase_add_exit_test(t, tls_dynamic, 99);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(ldso_suite);
