/*
 * Birth and death of threads (contract in thread.h).
 *
 * A thread's kernel stack holds, from the top down: the trapframe of its user
 * state, then, until it has run for the first time, the frame that
 * context_switch() pops (switch.S). Stacks and FPU areas are kept in small
 * caches, because fork and exit are frequent and mapping a guarded stack is not cheap.
 */
#include "common/panic.h"
#include "common/string.h"
#include "common/x86.h"
#include "01-memory/kmem.h"
#include "01-memory/pagetable.h"
#include "02-usermode/fail_thread.h"
#include "02-usermode/fpu.h"
#include "02-usermode/process.h"
#include "02-usermode/sched.h"
#include "02-usermode/smp.h"
#include "02-usermode/switch.h"
#include "02-usermode/timer.h"
#include "02-usermode/user.h"

#define STACK_CACHE	32

static struct kmem_cache *thread_cache;
static DEFINE_SPINLOCK(stack_lock, RANK_LEAF);
static void *stacks[STACK_CACHE];	/* stack_lock */
static int stack_count;

/*
 * Stacks that were in use a moment ago, with their guard page and mapping as they were. What they
 * hold stays in them: it is the kernel's own, and no program can see it.
 */
static void *stack_get(void)
{
	void *stack = NULL;

	spin_lock(&stack_lock);
	if (stack_count)
		stack = stacks[--stack_count];
	spin_unlock(&stack_lock);
	return stack ? stack : kernel_stack_alloc();
}

static void stack_release(void *stack)
{
	spin_lock(&stack_lock);
	if (stack_count < STACK_CACHE) {
		stacks[stack_count++] = stack;
		stack = NULL;
	}
	spin_unlock(&stack_lock);
	if (stack)
		kernel_stack_free(stack);
}

static u64 shrink_stacks(u64 frames)
{
	u64 freed = 0;

	while (freed < frames) {
		void *stack = NULL;

		spin_lock(&stack_lock);
		if (stack_count)
			stack = stacks[--stack_count];
		spin_unlock(&stack_lock);
		if (!stack)
			break;
		kernel_stack_free(stack);
		freed += KERNEL_STACK_SIZE / PAGE_SIZE;
	}
	return freed;
}
SHRINKER(80, kernel_stacks, shrink_stacks);

/* What context_switch() pops, and thread_entry uses: if its order is not that of the pops in
 * switch.S, the first switch to any thread goes to a wild address. */
struct first_frame {
	u64 r15, r14, r13, r12, rbx, rbp, rip;
	u64 pad;
};

/* Let t's first switch call fn(arg). */
static void build_first_frame(struct thread *t, void (*fn)(void *), void *arg)
{
	struct first_frame *first = (void *)ALIGN_DOWN((u64)t->frame, 16);

	first--;
	*first = (struct first_frame){
		.r12 = (u64)arg, .rbx = (u64)fn, .rip = (u64)thread_entry,
	};
	t->ksp = (u64)first;
}

/* How a thread that was cloned gets to user mode for the first time. */
static void first_return_to_user(void *arg)
{
	struct trapframe *f = current->frame;

	cli();
	return_to_user(f);
	enter_user_mode(f);
}

/* The same for a thread that begins with kernel code: its function and argument wait in the frame.
 */
static void first_kernel_code(void *arg)
{
	struct trapframe *f = current->frame;

	((void (*)(void *))f->rdi)((void *)f->rsi);
	first_return_to_user(NULL);
}

void thread_begin(struct thread *t, void (*fn)(void *arg), void *arg)
{
	t->frame->rdi = (u64)fn;
	t->frame->rsi = (u64)arg;
	build_first_frame(t, first_kernel_code, NULL);
	thread_start(t);
}

/* Without a number and an FPU area, as kernel threads are. It holds a reference to its process. */
static struct thread *alloc_bare(struct process *p, const char *name)
{
	struct thread *t;

	if (!thread_cache)
		thread_cache = kmem_cache_create("thread", sizeof(struct thread), 64, NULL);
	t = thread_cache ? kmem_cache_alloc(thread_cache, GFP_KERNEL | GFP_ZERO) : NULL;
	if (!t)
		return NULL;
	t->stack = stack_get();
	if (!t->stack) {
		kmem_cache_free(thread_cache, t);
		return NULL;
	}
	t->frame = (struct trapframe *)((char *)t->stack + KERNEL_STACK_SIZE) - 1;
	ref_init(&t->refs, 1);
	list_init(&t->process_link);
	t->process = p;
	process_get(p);
	t->cpu = cpu_id();
	t->cpu_mask = ~0UL;
	t->start_time = clock_monotonic();
	strlcpy(t->name, name, sizeof(t->name));
	return t;
}

static void free_bare(struct thread *t)
{
	alloc_fail_forget(t);
	process_put(t->process);
	if (t->fpu)
		fpu_free(t->fpu);
	stack_release(t->stack);
	kmem_cache_free(thread_cache, t);
}

struct thread *thread_alloc(struct process *p, const char *name)
{
	struct thread *t = alloc_bare(p, name);

	if (!t)
		return ERR_PTR(-ENOMEM);
	t->fpu = fpu_alloc();
	if (!t->fpu) {
		free_bare(t);
		return ERR_PTR(-ENOMEM);
	}
	t->pid = pid_alloc();
	if (!t->pid) {
		free_bare(t);
		return ERR_PTR(-EAGAIN);
	}
	t->tid = t->pid->nr;
	build_first_frame(t, first_return_to_user, NULL);
	return t;
}

void thread_get(struct thread *t)
{
	ref_get(&t->refs);
}

/*
 * A thread that ends runs on its own stack to the very end, so it cannot free that itself: the
 * last reference is put after the switch away from it, by the thread that runs next
 * (sched_finish_switch()).
 */
void thread_put(struct thread *t)
{
	if (!ref_put(&t->refs))
		return;
	if (t->pid)
		pid_put(t->pid);
	free_bare(t);
}

struct kthread_start {
	void (*fn)(void *arg);
	void *arg;
};

static void kthread_main(void *p)
{
	struct kthread_start start = *(struct kthread_start *)p;

	kfree(p);
	start.fn(start.arg);
	thread_exit(0);
}

/* Kernel threads have no number; the list is what a debugger finds them by. */
static void kthread_list(struct thread *t)
{
	spin_lock(&kernel_process->lock);
	list_add_tail(&t->process_link, &kernel_process->threads);
	spin_unlock(&kernel_process->lock);
}

static void kthread_unlist(struct thread *t)
{
	spin_lock(&kernel_process->lock);
	list_del(&t->process_link);
	spin_unlock(&kernel_process->lock);
}

struct thread *kthread_create(const char *name, void (*fn)(void *arg), void *arg)
{
	struct kthread_start *start = kmalloc(sizeof(*start), GFP_KERNEL);
	struct thread *t = start ? alloc_bare(kernel_process, name) : NULL;

	if (!t) {
		kfree(start);
		return NULL;
	}
	*start = (struct kthread_start){ fn, arg };
	build_first_frame(t, kthread_main, start);
	kthread_list(t);
	thread_start(t);
	return t;
}

struct thread *thread_create_idle(int cpu)
{
	struct thread *t = alloc_bare(kernel_process, "idle");

	if (!t)
		return NULL;
	t->cpu = cpu;
	t->cpu_mask = BIT(cpu);
	return t;
}

/*
 * The order matters: while the thread leaves its process it may still sleep, for files are closed
 * and memory is given back. Once it is DEAD it must not be woken; schedule() then never comes
 * back.
 */
void thread_exit(int status)
{
	struct thread *t = current;

	if (irq_depth() != 0)
		panic("thread_exit: %s exits with a spinlock held", t->name);
	if (t->held_count)
		panic("thread_exit: %s exits holding a sleeping lock", t->name);
	t->exit_code = status;
	if (t->process != kernel_process)
		process_thread_gone(t->process, t);
	else
		kthread_unlist(t);
	WRITE_ONCE(t->state, THREAD_DEAD);
	schedule();
	panic("thread_exit: a dead thread was scheduled");
}

/*
 * If t runs in user mode on another CPU, it is to look soon: an interrupt brings it into the
 * kernel, and on the way back it sees the bits. If t is in the kernel already, it sees them as it
 * leaves, and the interrupt was for nothing.
 */
void thread_set_work(struct thread *t, u64 bits)
{
	int cpu;

	if ((atomic_fetch_or(&t->work, bits) & bits) == bits)
		return;
	cpu = READ_ONCE(t->cpu);
	if (t->on_queue && cpu != cpu_id())
		smp_reschedule(cpu);
}

/*
 * The wait's mode may change between the two looks and the wake-up; then t is woken for nothing,
 * and a woken thread looks again at what it waits for anyway (wait.h).
 */
void thread_interrupt(struct thread *t, enum wait_mode mode)
{
	if (READ_ONCE(t->state) == THREAD_SLEEPING && READ_ONCE(t->wait_mode) >= mode)
		thread_wake(t);
}

void thread_kill(struct thread *t)
{
	thread_set_work(t, WORK_KILL);
	if (READ_ONCE(t->state) == THREAD_STOPPED)
		thread_wake(t);
	else
		thread_interrupt(t, WAIT_KILLABLE);
}

bool thread_killed(const struct thread *t)
{
	return READ_ONCE(t->work) & WORK_KILL;
}
