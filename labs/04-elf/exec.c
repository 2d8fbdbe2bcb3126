/*
 * execve(2) and execveat(2). Everything that can fail happens on the side: the new address space is
 * made, loaded and given its stack while the old program could still go on. Then the point of no
 * return: the other threads are killed, the parts commit, and the current thread changes over.
 *
 * exec makes no process. Number, parent, descriptors, working directory and credentials stay;
 * memory, threads, handlers of signals and registers go. What each subsystem keeps or drops is
 * known to its part: exec_prepare() does what may fail, exec_commit() what may not (execve(2),
 * "Effect on process attributes").
 *
 * Arguments and environment are copied once, from the old memory straight to the top of the new
 * stack, where the program will find them; the pointers to them can be made only when all are
 * there, and stand below. The user's arrays are read twice, to count and to copy. Another thread
 * may change them in between, or a string while it is copied: then arguments come out as nonsense,
 * but never longer than what was measured.
 *
 * Killing the other threads comes after the last thing that can fail; a program whose exec fails
 * goes on with all its threads. From then on the thread is alone with its process.
 *
 * The parts' exec_commit() runs while the old address space is still in use, so that a word in it
 * can be cleared (set_tid_address(2)).
 */
#include "04-elf/exec.h"
#include "04-elf/aslr.h"
#include "04-elf/strings.h"
#include "common/abi/fcntl.h"
#include "common/abi/prctl.h"
#include "common/printk.h"
#include "common/string.h"
#include "common/x86.h"
#include "01-memory/kmem.h"
#include "02-usermode/fpu.h"
#include "02-usermode/parts.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/family.h"
#include "03-syscalls/memory/memory.h"
#include "03-syscalls/process/dumpable.h"
#include "03-syscalls/process/limits.h"
#include "03-syscalls/syscall.h"

#define SIGCHLD			17
#define PATH_MAX		4096
/*
 * Linux's limits (execve(2), "Limits on size of arguments and environment"): a string has at most
 * 32 pages, all together a quarter of the stack limit, but 6 MiB at most and 128 KiB at least.
 */
#define STRING_MAX		(32 * PAGE_SIZE)	/* longest argument, with terminator */
#define ARGUMENTS_MIN		(128UL << 10)		/* allowed whatever the stack limit */
#define ARGUMENTS_MAX		(6UL << 20)
#define STACK_INITIAL		(32 * PAGE_SIZE)

/* argv or envp: of a user program, or of the kernel (init's). */
struct vector {
	bool kernel;
	union {
		const char __user *const __user *user;
		const char *const *kern;
	};
	int count;
};

/* Element i of the vector: 0 or -EFAULT. */
static int get_pointer(const struct vector *v, int i, const char **p)
{
	if (!v->kernel)
		return get_user(*p, &v->user[i]);
	*p = v->kern[i];
	return 0;
}

/* Count the strings of a vector; a user's NULL vector is empty, as on Linux. */
static int count_strings(struct vector *v, u64 max)
{
	const char *p;

	v->count = 0;
	if (!v->user)
		return 0;
	for (;; v->count++) {
		if (get_pointer(v, v->count, &p))
			return -EFAULT;
		if (!p)
			return 0;
		if (v->count >= max)
			return -E2BIG;
	}
}

/* The frame of the new stack that is being written to; consecutive pieces mostly share it. */
struct target {
	struct frame *frame;
	vaddr_t page;
};

/*
 * Where addr of the new memory is for the kernel, or NULL: no memory, or the stack cannot grow so
 * far. The frame stays referenced until another one is asked for.
 */
static char *target_at(struct exec *x, struct target *t, vaddr_t addr)
{
	vaddr_t page = addr & PAGE_MASK;

	if (!t->frame || t->page != page) {
		if (t->frame)
			frame_put(t->frame);
		t->frame = NULL;
		if (mm_get_frame(x->mm, page, true, &t->frame))
			return NULL;
		t->page = page;
	}
	return (char *)frame_to_virt(t->frame) + (addr - page);
}

/*
 * Copy n bytes of the caller's memory to addr in the new one, page by page: through the kernel's
 * own mapping of the new frames, as the CPU still has the old address space loaded.
 */
static int copy_across(struct exec *x, struct target *t, vaddr_t addr, const char *from, size_t n,
		       bool kernel)
{
	while (n) {
		size_t piece = MIN(n, PAGE_SIZE - (addr & ~PAGE_MASK));
		char *to = target_at(x, t, addr);

		if (!to)
			return -ENOMEM;
		if (kernel)
			memcpy(to, from, piece);
		else if (copy_from_user(to, (const void __user *)from, piece))
			return -EFAULT;
		addr += piece;
		from += piece;
		n -= piece;
	}
	return 0;
}

/*
 * Push one string below the others: 0, -EFAULT, -E2BIG, -ENOMEM, -ERESTARTNOHAND. There may be
 * megabytes of them, so a thread that has been killed does not go on.
 */
static int push_string(struct exec *x, struct target *t, const struct vector *v, int i)
{
	const char *p;
	size_t n;

	if (get_pointer(v, i, &p))
		return -EFAULT;
	n = v->kernel ? strlen(p) + 1 : strnlen_user(p, STRING_MAX);
	if (!n)
		return -EFAULT;
	if (n > STRING_MAX || n > x->argument_space)
		return -E2BIG;
	if (wait_interrupted(WAIT_KILLABLE))
		return -ERESTARTNOHAND;
	x->argument_space -= n;
	x->string_top -= n;
	return copy_across(x, t, x->string_top, p, n, v->kernel);
}

/*
 * Push a whole vector, last string first, so that the first one is lowest and the strings ascend.
 */
static int push_vector(struct exec *x, const struct vector *v)
{
	struct target t = { NULL };
	int error = 0;

	for (int i = v->count; i-- > 0 && !error;)
		error = push_string(x, &t, v, i);
	if (t.frame)
		frame_put(t.frame);
	return error;
}

/*
 * A new address space with nothing but a stack. It grows by page faults like any stack if the
 * arguments need more than what it begins with.
 */
static int make_mm(struct exec *x)
{
	struct mm *mm = mm_create();
	struct vm_area *a;

	if (!mm)
		return -ENOMEM;
	x->mm = mm;
	limits_apply(current_process(), mm);
	aslr_layout(mm);
	down_write(&mm->lock);
	a = mm_map(mm, mm->stack_top - STACK_INITIAL, STACK_INITIAL,
		   VM_READ | VM_WRITE | VM_ANON_FLAGS | VM_GROWSDOWN | VM_STACK, NULL, 0, NULL);
	up_write(&mm->lock);
	if (IS_ERR(a))
		return PTR_ERR(a);
	x->string_top = mm->stack_top - sizeof(u64);	/* ends with a zero word, as on Linux */
	x->argument_space = MAX(MIN(mm->limit_stack / 4, ARGUMENTS_MAX), ARGUMENTS_MIN);
	return 0;
}

/*
 * The program's name, the environment, the arguments: top to bottom, in Linux's order, as ps and
 * others look at the memory itself. An empty argv gets one empty string: programs that take argv[0]
 * for granted would read the environment as arguments (CVE-2021-4034; Linux does it since 5.18).
 */
static int copy_arguments(struct exec *x, struct vector *argv, struct vector *envp)
{
	static const char *const empty[] = { "", NULL };
	u64 most = x->argument_space / sizeof(u64);
	int error = count_strings(argv, most);

	if (!error)
		error = count_strings(envp, most - argv->count);
	if (error)
		return error;
	if (!argv->count)		/* programs expect an argv[0] */
		*argv = (struct vector){ .kernel = true, .kern = empty, .count = 1 };
	x->argc = argv->count;
	x->envc = envp->count;
	error = exec_push_string(x, x->filename);
	x->execfn_addr = x->string_top;
	if (!error)
		error = push_vector(x, envp);
	return error ? error : push_vector(x, argv);
}

/*
 * Try the formats until one has loaded the program, following scripts to their interpreters. A
 * format that does not know the file says -ENOEXEC, and nothing has been done. The depth bounds a
 * script whose interpreter is itself.
 */
static int load_program(struct exec *x)
{
	for (x->depth = 0;; x->depth++) {
		const struct exec_format *f;
		ssize_t n;
		int result = -ENOEXEC;

		if (x->depth > EXEC_MAX_DEPTH)
			return -ELOOP;
		memset(x->head, 0, sizeof(x->head));
		n = file_read_kernel(x->file, x->head, sizeof(x->head), 0);
		if (n < 0)
			return n;
		linkset_for_each(exec_formats, const struct exec_format, f) {
			result = f->load(x);
			if (result != -ENOEXEC)
				break;
		}
		if (result <= 0)
			return result;
		if (x->path_closed)	/* the interpreter could not open its script */
			return -ENOENT;
	}
}

/* ---- credentials ---- */

__weak int exec_file_cred(struct exec *x)
{
	return 0;
}

/*
 * What exec does to capabilities for a file that has none of its own (capabilities(7),
 * "Transformation of capabilities during execve()"): root gets them all, within the bounding set;
 * others keep the ambient ones, and lose these too with a set-user-id program.
 */
static void transform(struct cred *c, bool set_id)
{
	bool root = !(c->securebits & SECBIT_NOROOT) && (c->uid == 0 || c->euid == 0);
	u64 ambient = set_id ? 0 : c->cap_ambient;

	if (root) {
		c->cap_permitted = c->cap_inheritable | c->cap_bounding | ambient;
		c->cap_effective = c->euid == 0 ? c->cap_permitted : ambient;
	} else {
		c->cap_permitted = c->cap_effective = ambient;
	}
	c->cap_ambient = ambient;
	c->keep_caps = false;
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
}

/* In all that transform() and exec_file_cred() may have changed. */
static bool same_rights(const struct cred *a, const struct cred *b)
{
	return a->cap_permitted == b->cap_permitted && a->cap_effective == b->cap_effective &&
	       a->cap_ambient == b->cap_ambient && a->keep_caps == b->keep_caps &&
	       a->euid == b->euid && a->egid == b->egid && a->suid == b->suid &&
	       a->sgid == b->sgid && a->fsuid == b->fsuid && a->fsgid == b->fsgid;
}

/*
 * Decide the new credentials; x->cred stays NULL where nothing changes. secure (AT_SECURE) tells
 * the C library not to trust the environment (LD_PRELOAD): somebody else's rights are in play.
 */
static int prepare_cred(struct exec *x)
{
	const struct cred *old = current_cred();
	bool set_id;
	int error = exec_file_cred(x);

	if (error)
		return error;
	if (!x->cred)
		x->cred = cred_dup(old, old->group_count);
	if (!x->cred)
		return -ENOMEM;
	set_id = x->cred->euid != old->euid || x->cred->egid != old->egid;
	transform(x->cred, set_id);
	x->secure = set_id || x->cred->uid != x->cred->euid || x->cred->gid != x->cred->egid;
	if (same_rights(x->cred, old)) {
		cred_put(x->cred);
		x->cred = NULL;
	}
	return 0;
}

/* ---- the change ---- */

static void free_exe(struct mm *mm)
{
	if (mm->exe)
		file_put(mm->exe);
	mm->exe = NULL;
}

/* What ps shows: 15 characters of the file's name. */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * Registers, FPU and segment bases as a program expects them at its first instruction (psABI
 * 3.4.1). All else is zero, so that nothing of the old program, which may have had other rights,
 * shows. The thread's copy of the bases and the registers change together: no switch in between.
 */
static void reset_cpu_state(struct exec *x)
{
	*current->frame = (struct trapframe){
		.orig_rax = -1UL, .rip = x->entry, .cs = SEL_USER_CODE, .ss = SEL_USER_DATA,
		.rflags = RFLAGS_FIXED | RFLAGS_IF, .rsp = x->sp,
	};
	fpu_reset();
	irq_disable();
	current->fs_base = current->gs_base = 0;
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	irq_enable();
}

/*
 * Nothing fails from here on. x's file and mm pass to the process; x->file = NULL and so on say so
 * to free_exec(). mm_adopt() drops the old memory, which a vfork parent may have too. A program
 * with more rights than its caller is closed to inspection before it can be seen, and the old
 * memory becomes the new program's to show only when it is gone.
 */
static void commit(struct exec *x)
{
	struct process *p = current_process();
	struct family *family = process_family(p);
	struct mm *mm = x->mm;

	x->point_of_no_return = true;
	/* First: a descriptor that exec closes tells others that it has happened. */
	p->did_exec = true;
	mm->arg_start = x->arg_start;
	mm->arg_end = mm->env_start = x->env_start;
	mm->env_end = x->env_end;
	mm->exe = x->file;
	mm->free_exe = free_exe;
	x->file = NULL;
	parts_exec_commit(x);
	x->mm = NULL;
	if (x->secure)
		process_set_dumpable(p, 0);
	if (x->cred) {
		cred_install(x->cred);
		x->cred = NULL;
	}
	mm_adopt(mm);
	if (!x->secure)
		process_set_dumpable(p, 1);
	if (family) {
		family->exit_signal = SIGCHLD;
		if (x->secure)
			family->pdeath_signal = 0;
	}
	strlcpy(current->name, base_name(x->filename), sizeof(current->name));
	strlcpy(p->name, current->name, sizeof(p->name));
	reset_cpu_state(x);
}

/* What is still x's: everything after a failure, little after success. */
static void free_exec(struct exec *x)
{
	if (x->mm)
		mm_put(x->mm);
	if (x->file)
		file_put(x->file);
	if (x->interp_file)
		file_put(x->interp_file);
	if (x->cred)
		cred_put(x->cred);
	kfree(x->interp);
	kfree(x->filename);
	kfree(x);
}

/* Everything that can fail. The stack comes last, as the auxiliary vector tells of all the rest. */
static int prepare(struct exec *x, struct vector *argv, struct vector *envp)
{
	int error = make_mm(x);

	if (!error)
		error = copy_arguments(x, argv, envp);
	if (!error)
		error = load_program(x);
	if (!error)
		error = prepare_cred(x);
	if (!error)
		error = exec_build_stack(x);
	return error;
}

/*
 * All of exec, once the file is open. Of sibling threads that call exec at once, the second waits
 * for exec_lock until the first one's process_become_single() kills it.
 */
static int exec_file(struct exec *x, struct vector *argv, struct vector *envp)
{
	struct process *p = current_process();
	int error = mutex_lock_killable(&p->exec_lock);

	if (error)
		return -ERESTARTNOINTR;
	error = prepare(x, argv, envp);
	if (!error)
		error = parts_exec_prepare(x);
	if (!error)
		error = process_become_single();
	if (!error)
		commit(x);
	mutex_unlock(&p->exec_lock);
	return error;
}

/*
 * A program given by a descriptor has no path of its own: /dev/fd/N is what a script's interpreter
 * can open, unless exec closes it, and what AT_EXECFN says (execveat(2)).
 */
static void name_by_descriptor(struct exec *x, int dirfd, const char *path)
{
	struct file *dir = process_fd_get(current_process(), dirfd, &x->path_closed);
	size_t size = strlen(path) + 32;

	if (dir)
		file_put(dir);
	x->filename = kmalloc(size, GFP_KERNEL);
	if (x->filename)
		snprintf(x->filename, size, "/dev/fd/%d%s%s", dirfd, path[0] ? "/" : "", path);
}

static int do_exec(int dirfd, const char *path, int flags, struct vector *argv, struct vector *envp)
{
	struct exec *x = kzalloc(sizeof(*x), GFP_KERNEL);
	int error = -ENOMEM;

	if (!x)
		return -ENOMEM;
	if (dirfd != AT_FDCWD && path[0] != '/')
		name_by_descriptor(x, dirfd, path);
	else
		x->filename = kstrdup(path, GFP_KERNEL);
	x->interp = x->filename ? kstrdup(x->filename, GFP_KERNEL) : NULL;
	if (x->interp) {
		x->file = open_exec(dirfd, path, flags);
		error = IS_ERR(x->file) ? PTR_ERR(x->file) : 0;
		if (error)
			x->file = NULL;
		else
			error = exec_file(x, argv, envp);
	}
	free_exec(x);
	return error;
}

/* Like a program's exec, but with strings of the kernel: how process 1 begins. */
int exec_kernel(const char *path, const char *const argv[], const char *const envp[])
{
	struct vector a = { .kernel = true, .kern = argv }, e = { .kernel = true, .kern = envp };

	return do_exec(AT_FDCWD, path, 0, &a, &e);
}

static long exec_user(int dirfd, const char __user *path, const char __user *const __user *argv,
		      const char __user *const __user *envp, int flags)
{
	struct vector a = { .user = argv }, e = { .user = envp };
	char *copy = kmalloc(PATH_MAX, GFP_KERNEL);
	ssize_t n;
	long error;

	if (!copy)
		return -ENOMEM;
	n = strncpy_from_user(copy, path, PATH_MAX);
	if (n < 0)
		error = n;
	else if (n == PATH_MAX)
		error = -ENAMETOOLONG;
	else if (n == 0 && !(flags & AT_EMPTY_PATH))
		error = -ENOENT;
	else
		error = do_exec(dirfd, copy, flags, &a, &e);
	kfree(copy);
	return error;
}

SYSCALL3(59, execve, const char __user *, path, const char __user *const __user *, argv,
	 const char __user *const __user *, envp)
{
	return exec_user(AT_FDCWD, path, argv, envp, 0);
}

SYSCALL5(322, execveat, int, dirfd, const char __user *, path,
	 const char __user *const __user *, argv, const char __user *const __user *, envp,
	 int, flags)
{
	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	return exec_user(dirfd, path, argv, envp, flags);
}
