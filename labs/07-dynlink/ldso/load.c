/*
 * Finding and mapping ELF files. A file's PT_LOAD segments keep their distances, so one range is
 * reserved for all of them and each is mapped over its place in it; what the file does not fill
 * (.bss) is cleared or mapped as anonymous memory.
 */
#include "common/abi/mman.h"
#include "07-dynlink/ldso/ldso.h"

struct search_path search;

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
	if (e->e_phentsize != sizeof(struct elf64_phdr) ||
	    e->e_phoff + e->e_phnum * sizeof(struct elf64_phdr) > HEAD_SIZE)
		return "has program headers out of reach";
	return NULL;
}

static void map_segment(int fd, const char *path, u64 base, const struct elf64_phdr *p)
{
	u64 start = ALIGN_DOWN(base + p->p_vaddr, PAGE_SIZE);
	u64 file_end = base + p->p_vaddr + p->p_filesz, end = base + p->p_vaddr + p->p_memsz;
	u64 file_map_end = ALIGN_UP(file_end, PAGE_SIZE);
	int prot = protection(p->p_flags);

	if (p->p_filesz && sys_mmap(start, file_map_end - start, prot, MAP_PRIVATE | MAP_FIXED, fd,
				    ALIGN_DOWN(p->p_offset, PAGE_SIZE)) < 0)
		die(path, ": a segment cannot be mapped", NULL);
	if (!p->p_filesz)
		file_end = file_map_end = start;
	if (end > file_end && p->p_filesz && (prot & PROT_WRITE))
		mem_zero((void *)file_end, MIN(end, file_map_end) - file_end);
	if (end > file_map_end &&
	    sys_mmap(file_map_end, ALIGN_UP(end, PAGE_SIZE) - file_map_end, prot,
		     MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) < 0)
		die(path, ": no memory for a segment", NULL);
}

/* Map all segments of the open file; its header is in e. Returns what to add to its addresses. */
static u64 map_file(int fd, const char *path, const struct elf64_ehdr *e)
{
	const struct elf64_phdr *p = (const void *)((const char *)e + e->e_phoff);
	u64 low = ~0UL, high = 0, base = 0;
	s64 range;

	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_LOAD) {
			low = MIN(low, ALIGN_DOWN(p[i].p_vaddr, PAGE_SIZE));
			high = MAX(high, ALIGN_UP(p[i].p_vaddr + p[i].p_memsz, PAGE_SIZE));
		}
	if (high <= low)
		die(path, ": has nothing to load", NULL);
	range = sys_mmap(e->e_type == ET_EXEC ? low : 0, high - low, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS |
			 (e->e_type == ET_EXEC ? MAP_FIXED_NOREPLACE : 0), -1, 0);
	if (range < 0)
		die(path, ": no address space", NULL);
	base = (u64)range - low;
	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_LOAD)
			map_segment(fd, path, base, &p[i]);
	return base;
}

/* The loaded object that is this open file, or NULL. */
static struct object *already_loaded(u64 device, u64 inode)
{
	for (struct object *o = objects; o; o = o->next)
		if (o->inode == inode && o->device == device && inode)
			return o;
	return NULL;
}

static struct object *load_fd(int fd, const char *path)
{
	char head[HEAD_SIZE] __aligned(8);
	const struct elf64_ehdr *e = (const void *)head;
	const char *wrong = check_header(e, sys_pread(fd, head, sizeof(head), 0));
	struct object *o;
	struct elf64_phdr *phdr;
	u64 device = 0, inode = 0;

	if (wrong)
		die(path, " ", wrong, NULL);
	sys_identity(fd, &device, &inode);
	o = already_loaded(device, inode);
	if (o)
		return o;
	o = allocate(sizeof(*o));
	o->device = device;
	o->inode = inode;
	o->path = path;
	o->base = map_file(fd, path, e);
	o->entry = o->base + e->e_entry;
	phdr = allocate(e->e_phnum * sizeof(*phdr));
	mem_copy(phdr, head + e->e_phoff, e->e_phnum * sizeof(*phdr));
	o->phdr = phdr;
	o->phnum = e->e_phnum;
	object_init(o);
	return o;
}

struct object *load_program(const char *path)
{
	int fd = sys_open(path);
	struct object *o;

	if (fd < 0)
		die(path, ": cannot be opened", NULL);
	o = load_fd(fd, path);
	sys_close(fd);
	return o;
}

/* Directory of o's file: pointer into o->path and its length. */
static u64 origin(const struct object *o, const char **dir)
{
	static char exe[1024];
	u64 n;

	*dir = o->path;
	if (!*dir) {
		s64 len = sys_readlink("/proc/self/exe", exe, sizeof(exe) - 1);

		exe[len > 0 ? len : 0] = '\0';
		*dir = exe;
	}
	for (n = str_len(*dir); n && (*dir)[n - 1] != '/'; n--)
		;
	if (!n) {
		*dir = ".";
		return 1;
	}
	return n > 1 ? n - 1 : 1;
}

/* Try name in each directory of the colon-separated list; $ORIGIN is the directory of `of`. */
static int open_in(const char *list, const char *name, const struct object *of, const char **path)
{
	while (list && *list) {
		u64 n = 0;
		int fd;

		while (list[n] && list[n] != ':')
			n++;
		if (str_starts(list, "$ORIGIN") && n >= 7) {
			const char *dir;
			u64 len = origin(of, &dir);
			char *rest = allocate(n + str_len(name) + 2);

			mem_copy(rest, list + 7 + (n > 7), n - 7 - (n > 7));
			*path = join(dir, len, n > 7 ? join(rest, str_len(rest), name) : name);
		} else {
			*path = join(list, n, name);
		}
		fd = sys_open(*path);
		if (fd >= 0)
			return fd;
		list += n + (list[n] == ':');
	}
	return -1;
}

/*
 * The order of ld.so(8): RPATH (only without RUNPATH), LD_LIBRARY_PATH, RUNPATH, default places.
 * A name with a slash is a path.
 */
static int find_library(const char *name, struct object *by, const char **path)
{
	const char *rpath = by->tag[DT_RPATH] ? by->strings + by->tag[DT_RPATH] : NULL;
	const char *runpath = by->tag[DT_RUNPATH] ? by->strings + by->tag[DT_RUNPATH] : NULL;
	int fd;

	for (const char *s = name; *s; s++)
		if (*s == '/') {
			*path = name;
			return sys_open(name);
		}
	fd = open_in(runpath ? NULL : rpath, name, by, path);
	if (fd < 0)
		fd = open_in(search.library_path, name, by, path);
	if (fd < 0)
		fd = open_in(runpath, name, by, path);
	if (fd < 0)
		fd = open_in("/lib/trellis:/lib:/usr/lib", name, by, path);
	return fd;
}

struct object *load_library(const char *name, struct object *by)
{
	const char *path;
	struct object *o, **end;
	int fd;

	for (o = objects; o; o = o->next)
		if (str_equal(o->name, name))
			return o;
	fd = find_library(name, by, &path);
	if (fd < 0)
		die("the library ", name, ", needed by ", *by->name ? by->name : "the program",
		    ", is not found", NULL);
	o = load_fd(fd, path);
	sys_close(fd);
	for (end = &objects; *end && *end != o; end = &(*end)->next)
		;
	*end = o;	/* at the end, unless it was there under another name */
	return o;
}

/* Note where the tables of the dynamic section are. Addresses in it are those of the file. */
static void read_dynamic(struct object *o)
{
	u64 flags, flags_1 = 0;

	for (const struct elf64_dyn *d = o->dynamic; d && d->d_tag != DT_NULL; d++) {
		if (d->d_tag > 0 && d->d_tag < DT_COUNT)
			o->tag[d->d_tag] = d->d_val;
		if (d->d_tag == DT_GNU_HASH)
			o->gnu_hash = (const void *)(o->base + d->d_val);
		else if (d->d_tag == DT_VERSYM)
			o->versym = (const void *)(o->base + d->d_val);
		else if (d->d_tag == DT_VERDEF)
			o->verdef = (const void *)(o->base + d->d_val);
		else if (d->d_tag == DT_VERNEED)
			o->verneed = (const void *)(o->base + d->d_val);
		else if (d->d_tag == DT_FLAGS_1)
			flags_1 = d->d_val;
		else if (d->d_tag == DT_SYMBOLIC)
			o->symbolic = true;
		else if (d->d_tag == DT_BIND_NOW)
			o->bind_now = true;
	}
	flags = o->tag[DT_FLAGS];
	o->symbolic |= (flags & DF_SYMBOLIC) != 0;
	o->bind_now |= (flags & DF_BIND_NOW) || (flags_1 & DF_1_NOW);
	o->symbols = (const void *)(o->base + o->tag[DT_SYMTAB]);
	o->strings = (const void *)(o->base + o->tag[DT_STRTAB]);
	if (o->tag[DT_HASH])
		o->sysv_hash = (const void *)(o->base + o->tag[DT_HASH]);
	if (o->tag[DT_TEXTREL] || (flags & DF_TEXTREL))
		die(o->path ? o->path : "the program", ": relocations in its text: compile it with -fPIC",
		    NULL);
}

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
	for (int i = 0; i < o->phnum; i++) {
		const struct elf64_phdr *p = &o->phdr[i];

		if (p->p_type == PT_DYNAMIC) {
			o->dynamic = (const void *)(o->base + p->p_vaddr);
		} else if (p->p_type == PT_TLS) {
			o->tls_image = (const void *)(o->base + p->p_vaddr);
			o->tls_file_size = p->p_filesz;
			o->tls_size = p->p_memsz;
			o->tls_align = p->p_align;
		}
	}
	read_dynamic(o);
	if (!o->name)
		o->name = o->tag[DT_SONAME] ? o->strings + o->tag[DT_SONAME] : last_part(o->path);
}
