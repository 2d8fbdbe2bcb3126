/*
 * Mapping ELF files (gABI chapter 5, "Program Loading"). A file's PT_LOAD segments keep their
 * distances, so one range is reserved for all of them and each is mapped over its place in it;
 * what the file does not fill (.bss) is cleared or mapped as anonymous memory.
 */
#include "common/abi/mman.h"
#include "07-dynlink/ldso/ldso.h"

#define HEAD_SIZE	4096

static int protection(u32 p_flags)
{
	return (p_flags & PF_R ? PROT_READ : 0) | (p_flags & PF_W ? PROT_WRITE : 0) |
	       (p_flags & PF_X ? PROT_EXEC : 0);
}

/* NULL, or what is wrong with the header. */
static const char *check_header(const struct elf64_ehdr *e, s64 n)
{
	if (n < (s64)sizeof(*e) || e->e_ident[0] != 0x7f || e->e_ident[1] != 'E' ||
	    e->e_ident[2] != 'L' || e->e_ident[3] != 'F')
		return "is not an ELF file";
	if (e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_machine != EM_X86_64)
		return "is for another machine";
	if (e->e_type != ET_DYN && e->e_type != ET_EXEC)
		return "is neither a program nor a library";
	if (e->e_phentsize != sizeof(struct elf64_phdr) || e->e_phoff > HEAD_SIZE ||
	    e->e_phoff + e->e_phnum * sizeof(struct elf64_phdr) > HEAD_SIZE)
		return "has program headers out of reach";
	return NULL;
}

static void map_segment(int fd, const struct object *o, const struct elf64_phdr *p)
{
	u64 start = ALIGN_DOWN(o->base + p->p_vaddr, PAGE_SIZE);
	u64 file_end = o->base + p->p_vaddr + p->p_filesz, end = o->base + p->p_vaddr + p->p_memsz;
	u64 file_map_end = ALIGN_UP(file_end, PAGE_SIZE);
	int prot = protection(p->p_flags);

	if (p->p_filesz && sys_mmap(start, file_map_end - start, prot, MAP_PRIVATE | MAP_FIXED, fd,
				    ALIGN_DOWN(p->p_offset, PAGE_SIZE)) < 0)
		fail(o->path, ": a segment cannot be mapped", NULL);
	if (!p->p_filesz)
		file_end = file_map_end = start;
	if (end > file_end && p->p_filesz && (prot & PROT_WRITE))
		mem_zero((void *)file_end, MIN(end, file_map_end) - file_end);
	if (end > file_map_end &&
	    sys_mmap(file_map_end, ALIGN_UP(end, PAGE_SIZE) - file_map_end, prot,
		     MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) < 0)
		fail(o->path, ": no memory for a segment", NULL);
}

/* The addresses, as in the file, that o's segments take: from *low to *high. */
static void measure(const struct object *o, u64 *low, u64 *high)
{
	*low = ~0UL;
	*high = 0;
	for (int i = 0; i < o->phnum; i++) {
		const struct elf64_phdr *p = &o->phdr[i];

		if (p->p_type != PT_LOAD)
			continue;
		*low = MIN(*low, ALIGN_DOWN(p->p_vaddr, PAGE_SIZE));
		*high = MAX(*high, ALIGN_UP(p->p_vaddr + p->p_memsz, PAGE_SIZE));
	}
}

/* Map all segments of the open file. From the reservation on, unload() can undo it. */
static void map_file(int fd, struct object *o, bool fixed)
{
	u64 low, high;
	s64 range;

	measure(o, &low, &high);
	if (high <= low)
		fail(o->path, " has nothing to load", NULL);
	range = sys_mmap(fixed ? low : 0, high - low, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | (fixed ? MAP_FIXED_NOREPLACE : 0), -1, 0);
	if (range < 0)
		fail(o->path, ": no address space", NULL);
	o->map_start = (u64)range;
	o->map_size = high - low;
	o->base = (u64)range - low;
	for (int i = 0; i < o->phnum; i++)
		if (o->phdr[i].p_type == PT_LOAD)
			map_segment(fd, o, &o->phdr[i]);
}

static void append(struct object *o)
{
	struct object **end = &objects;

	while (*end)
		end = &(*end)->next;
	*end = o;
}

/* ---- opening ------------------------------------------------------------------------------- */

static int open_file = -1;	/* closed by the next who opens, if a fail() came between */

static void close_file(void)
{
	if (open_file >= 0)
		sys_close(open_file);
	open_file = -1;
}

/* The loaded object that is this open file, or NULL. */
static struct object *already_loaded(u64 device, u64 inode)
{
	for (struct object *o = objects; o; o = o->next)
		if (o->inode == inode && o->device == device && inode)
			return o;
	return NULL;
}

/* Load the open file, which becomes ours; loaded_only: NULL if it is not loaded. */
static struct object *load_fd(int fd, const char *path, struct object *by, bool loaded_only)
{
	char head[HEAD_SIZE] __aligned(8);
	const struct elf64_ehdr *e = (const void *)head;
	struct object *o;
	const char *wrong;
	u64 device = 0, inode = 0;

	open_file = fd;
	sys_identity(fd, &device, &inode);
	o = already_loaded(device, inode);
	if (o || loaded_only) {
		close_file();
		return o;
	}
	wrong = check_header(e, sys_pread(fd, head, sizeof(head), 0));
	if (!wrong && by && e->e_type == ET_EXEC)
		wrong = "is a program";
	if (wrong)
		fail(path, " ", wrong, NULL);
	o = allocate(sizeof(*o));
	o->device = device;
	o->inode = inode;
	o->path = path;
	o->loader = by;
	o->phdr = (const void *)str_copy(head + e->e_phoff, e->e_phnum * sizeof(*o->phdr));
	o->phnum = e->e_phnum;
	append(o);
	map_file(fd, o, e->e_type == ET_EXEC);
	o->entry = o->base + e->e_entry;
	close_file();
	object_init(o);
	return o;
}

struct object *load_program(const char *path)
{
	int fd = sys_open(path);

	if (fd < 0)
		fail(path, ": cannot be opened", NULL);
	return load_fd(fd, path, NULL, false);
}

struct object *load_library(const char *name, struct object *by, bool loaded_only)
{
	const char *path = name;
	int fd;

	close_file();
	for (struct object *o = objects; o; o = o->next)
		if (o->dynamic && str_equal(o->name, name))
			return o;
	fd = find_library(name, by, &path);
	if (fd >= 0)
		return load_fd(fd, path, by, loaded_only);
	if (!loaded_only)
		fail("the library ", name, ", needed by ", object_name(by), ", is not found", NULL);
	return NULL;
}

void unload(struct object *o)
{
	struct object **link = &objects;

	while (*link != o)
		link = &(*link)->next;
	*link = o->next;
	if (o->map_size)
		sys_munmap(o->map_start, o->map_size);
}

/* ---- what is mapped ------------------------------------------------------------------------ */

static const char *last_part(const char *path)
{
	const char *part = path;

	for (; path && *path; path++)
		if (*path == '/')
			part = path + 1;
	return part ? part : "";
}

void object_init(struct object *o)
{
	u64 low, high;

	for (int i = 0; i < o->phnum; i++) {
		const struct elf64_phdr *p = &o->phdr[i];

		if (p->p_type == PT_DYNAMIC) {
			o->dynamic = (const void *)(o->base + p->p_vaddr);
		} else if (p->p_type == PT_TLS) {
			o->tls_image = (const void *)(o->base + p->p_vaddr);
			o->tls_file_size = p->p_filesz;
			o->tls_size = p->p_memsz;
			o->tls_align = MAX(p->p_align, 1UL);
		}
	}
	measure(o, &low, &high);
	o->map_start = o->base + low;
	o->map_size = high - low;
	read_dynamic(o);
	if (!o->name)
		o->name = o->tag[DT_SONAME] ? o->strings + o->tag[DT_SONAME] : last_part(o->path);
}

struct object *object_at(u64 address)
{
	for (struct object *o = objects; o; o = o->next)
		if (address - o->map_start < o->map_size)
			return o;
	return objects;
}
