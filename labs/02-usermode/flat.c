/*
 * Flat user programs: loading what common/user_program.h describes into the current
 * thread's new address space. Addresses stay below 4 GiB, because INT 0x80 passes 32 bits.
 */
#include "common/cmdline.h"
#include "common/panic.h"
#include "common/string.h"
#include "common/x86.h"
#include "02-usermode/mm.h"
#include "02-usermode/switch.h"
#include "02-usermode/uaccess.h"
#include "02-usermode/user.h"

#define FLAT_STACK_TOP	0xc0000000UL
#define FLAT_STACK_SIZE	(64 * PAGE_SIZE)
#define FLAT_MMAP_BASE	0xb0000000UL
#define MAX_ARGS	8

const struct user_program *user_program_find(const char *name)
{
	const struct user_program *p;

	linkset_for_each(user_programs, const struct user_program, p)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static bool header_ok(const struct user_program_header *h, u64 image_size)
{
	return h->magic == USER_PROGRAM_MAGIC && h->text_end >= USER_PROGRAM_BASE + sizeof(*h) &&
	       h->data_end >= h->text_end && h->bss_end >= h->data_end &&
	       h->bss_end < FLAT_MMAP_BASE && h->data_end - USER_PROGRAM_BASE <= image_size;
}

/* Areas for text, data and stack, everything writable until the image is copied. */
static int map_image(struct mm *mm, const struct user_program_header *h)
{
	u64 data = ALIGN_UP(h->text_end, PAGE_SIZE), end = ALIGN_UP(h->bss_end, PAGE_SIZE);
	struct vm_area *a;

	down_write(&mm->lock);
	a = mm_map(mm, USER_PROGRAM_BASE, MAX(end, data + PAGE_SIZE) - USER_PROGRAM_BASE,
		   VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC, NULL, 0, NULL);
	if (!IS_ERR(a))
		a = mm_map(mm, FLAT_STACK_TOP - FLAT_STACK_SIZE, FLAT_STACK_SIZE,
			   VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_GROWSDOWN | VM_STACK,
			   NULL, 0, NULL);
	mm->mmap_base = FLAT_MMAP_BASE;
	mm->stack_top = FLAT_STACK_TOP;
	mm->brk_start = mm->brk = MAX(end, data + PAGE_SIZE);
	up_write(&mm->lock);
	return IS_ERR(a) ? PTR_ERR(a) : 0;
}

/*
 * argc, argv (the name, then what the command line has for init), no environment, an empty
 * auxiliary vector (psABI, figure 3.9).
 */
static int build_stack(const char *name, u64 *rsp)
{
	const char *args[MAX_ARGS] = { name };
	int argc = 1 + cmdline_init_args(args + 1, MAX_ARGS - 1);
	u64 words[1 + MAX_ARGS + 4] = { argc };
	u64 sp = FLAT_STACK_TOP;

	for (int i = 0; i < argc; i++) {
		sp -= strlen(args[i]) + 1;
		if (copy_to_user((void __user *)sp, args[i], strlen(args[i]) + 1))
			return -ENOMEM;
		words[1 + i] = sp;
	}
	sp = ALIGN_DOWN(sp - sizeof(words), 16);
	if (copy_to_user((void __user *)sp, words, sizeof(words)))
		return -ENOMEM;
	*rsp = sp;
	return 0;
}

int user_load_flat(const struct user_program *p)
{
	const struct user_program_header *h = p->start;
	u64 size = (const char *)p->end - (const char *)p->start;
	struct mm *mm = current->mm;
	u64 rsp;
	int error;

	if (size < sizeof(*h) || !header_ok(h, size))
		return -ENOEXEC;
	error = map_image(mm, h);
	if (error)
		return error;
	if (copy_to_user((void __user *)USER_PROGRAM_BASE, p->start,
			 h->data_end - USER_PROGRAM_BASE))
		return -ENOMEM;
	down_write(&mm->lock);
	error = mm_protect(mm, USER_PROGRAM_BASE,
			   ALIGN_UP(h->text_end, PAGE_SIZE) - USER_PROGRAM_BASE, VM_READ | VM_EXEC);
	up_write(&mm->lock);
	if (!error)
		error = build_stack(p->name, &rsp);
	if (error)
		return error;
	*current->frame = (struct trapframe){
		.orig_rax = -1UL, .rip = h->entry, .cs = SEL_USER_CODE, .ss = SEL_USER_DATA,
		.rflags = RFLAGS_FIXED | RFLAGS_IF, .rsp = rsp,
	};
	strlcpy(current->name, p->name, sizeof(current->name));
	return 0;
}
