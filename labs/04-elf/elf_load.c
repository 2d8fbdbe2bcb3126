/*
 * The ELF format of exec: read the headers, choose the place, map the segments, let the steps of
 * later labs add the interpreter and the vDSO, and lay out heap and mmap area around them.
 *
 * Loading reads two headers and maps the rest: pages come when they are touched. A program linked
 * to fixed addresses (ET_EXEC) goes there; a position-independent one (ET_DYN) is moved as a whole
 * by its bias, which is added to every address in the headers. The kernel relocates nothing: that
 * is done by the dynamic linker, or by a static-pie program itself.
 */
#include "04-elf/elf.h"
#include "04-elf/aslr.h"
#include "04-elf/exec.h"
#include "01-memory/kmem.h"

/* A file that ends too early is no program: -ENOEXEC. */
static int read_exactly(struct file *f, void *buf, size_t n, loff_t pos)
{
	ssize_t got = file_read_kernel(f, buf, n, pos);

	return got < 0 ? got : (size_t)got == n ? 0 : -ENOEXEC;
}

static int read_phdrs(struct file *f, const struct elf64_ehdr *h, u64 file_size,
		      struct elf_image *image)
{
	u64 size = elf_phdrs_size(h);
	struct elf64_phdr *p = kmalloc(size, GFP_KERNEL);
	int error;

	if (!p)
		return -ENOMEM;
	error = h->e_phoff > INT64_MAX ? -ENOEXEC : read_exactly(f, p, size, h->e_phoff);
	if (!error)
		error = elf_describe(h, p, file_size, image);
	kfree(p);
	return error;
}

/*
 * The file may be written to while it is read, on file systems where nobody forbids it: so what was
 * read is checked, and never read again.
 */
int elf_read(struct file *f, struct elf_image *image)
{
	struct elf64_ehdr h;
	struct stat st = { 0 };
	int error = file_stat(f, &st);

	if (!error)
		error = read_exactly(f, &h, sizeof(h), 0);
	if (!error)
		error = elf_check_header(&h, sizeof(h));
	return error ? error : read_phdrs(f, &h, st.st_size, image);
}

s64 elf_find_bias(struct mm *mm, const struct elf_image *image)
{
	u64 low = image->low & PAGE_MASK;
	s64 place;

	down_read(&mm->lock);
	place = mm_find_free(mm, 0, ALIGN_UP(image->high, PAGE_SIZE) - low, image->align);
	up_read(&mm->lock);
	return place < 0 ? place : place - (s64)low;
}

/*
 * Programs that may be placed anywhere go to a region of their own, so that the heap can grow. An
 * alignment beyond that region's address leaves no place but 0. Nobody gets the pages there,
 * where the kernel's own null pointers would find them.
 */
static s64 program_bias(const struct elf_image *image)
{
	u64 place = PIE_BASE + (random_pages(PIE_RANDOM_BITS) << PAGE_SHIFT);
	u64 bias = ALIGN_DOWN(place, image->align);

	if (!image->dynamic)
		return image->low < USER_MIN ? -EPERM : 0;
	if (!bias || image->high > USER_END - bias)
		return -ENOMEM;
	return bias - (image->low & PAGE_MASK);
}

/*
 * What /proc and brk want to know of the program's segments. The heap begins behind the last of
 * them, a random number of pages on.
 */
static void note_layout(struct mm *mm, const struct elf_image *image, u64 bias)
{
	u64 end = bias + image->high;

	for (int i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];
		u64 start = bias + s->vaddr, file_end = start + s->filesz;

		if (s->flags & PF_X) {
			if (!mm->code_start || start < mm->code_start)
				mm->code_start = start;
			mm->code_end = MAX(mm->code_end, file_end);
		} else {
			mm->data_start = start;
			mm->data_end = MAX(mm->data_end, file_end);
		}
	}
	mm->brk_start = ALIGN_UP(end, PAGE_SIZE) + (random_pages(BRK_RANDOM_BITS) << PAGE_SHIFT);
	mm->brk = mm->brk_start;
}

/*
 * PT_GNU_STACK with PF_X: old programs with trampolines on the stack. Without the header the stack
 * stays not executable.
 */
static int make_stack_executable(struct mm *mm)
{
	struct vm_area *a;
	int error;

	down_write(&mm->lock);
	a = mm_find(mm, mm->stack_top - 1);
	error = mm_protect(mm, a->start, a->end - a->start, VM_READ | VM_WRITE | VM_EXEC);
	up_write(&mm->lock);
	return error;
}

static int run_steps(struct exec *x, const struct elf_image *image)
{
	const struct exec_step *s;

	linkset_for_each(exec_steps, const struct exec_step, s) {
		int error = s->run(x, image);

		if (error)
			return error;
	}
	/* A dynamic linker was asked for, and nobody has loaded one. */
	return image->interp_size && !x->interp_file ? -ENOEXEC : 0;
}

static int load_image(struct exec *x, const struct elf_image *image)
{
	s64 bias = program_bias(image);
	int error;

	if (bias < 0)
		return bias;
	error = elf_map(x->mm, x->file, image, bias);
	if (error)
		return error;
	note_layout(x->mm, image, bias);
	x->entry = x->program_entry = bias + image->entry;
	x->program_base = bias;
	x->phdr = image->phdr ? bias + image->phdr : 0;
	x->phnum = image->phnum;
	x->stack_exec = image->stack_exec;
	if (image->stack_exec) {
		error = make_stack_executable(x->mm);
		if (error)
			return error;
	}
	return run_steps(x, image);
}

static int elf_load(struct exec *x)
{
	struct elf_image *image;
	int error = elf_check_header((struct elf64_ehdr *)x->head, sizeof(x->head));

	if (error)
		return error;
	image = kmalloc(sizeof(*image), GFP_KERNEL);
	if (!image)
		return -ENOMEM;
	error = elf_read(x->file, image);
	if (!error)
		error = load_image(x, image);
	kfree(image);
	return error;
}
EXEC_FORMAT(10, elf, elf_load);
