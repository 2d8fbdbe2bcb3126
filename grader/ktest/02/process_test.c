/*
 * Processes and their threads: killing all of them, exec's way to be alone, CPU time, FPU state,
 * running out of memory. No exercise owns them; exercise 2.4 takes them to ring 3.
 */
#include "common/user_program.h"
#include "helpers.h"
#include "01-memory/kmem.h"
#include "02-usermode/mm.h"
#include "02-usermode/uaccess.h"
#include "02-usermode/user.h"

#define SIGILL		4
#define SIGFPE		8
#define SIGKILL		9
#define SIGSEGV		11
#define SIGNAL(status)	((status) & 0x7f)	/* without the bit for a core dump */
#define STATUS_EXIT(n)	((n) << 8)
#define THREADS		4

static DEFINE_WAIT_QUEUE(nobody);
static int in_place;

/* Load a flat program into the current process; ends the thread if that fails. */
static void load(const char *name)
{
	const struct user_program *u = user_program_find(name);

	if (!u || user_load_flat(u)) {
		ktest_fail(__FILE__, __LINE__, "%s cannot be loaded", name);
		thread_exit(STATUS_EXIT(255));
	}
}

static void sleep_killable(void *arg)
{
	__atomic_fetch_add(&in_place, 1, __ATOMIC_SEQ_CST);
	wait_event(&nobody, false, WAIT_KILLABLE);
}

/* Threads that spin in user mode, all from the same registers, and one that sleeps in the kernel.
 */
static void fill_with_threads(void *program)
{
	load(program);
	for (int i = 0; i < THREADS; i++) {
		struct thread *t = clone_here(current->frame);

		if (IS_ERR(t)) {	/* another thread may have ended the process already */
			if (!thread_killed(current))
				ktest_fail(__FILE__, __LINE__, "clone: error %ld", PTR_ERR(t));
			return;
		}
		if (i == 0)
			thread_begin(t, sleep_killable, NULL);
		else
			thread_start(t);
	}
	__atomic_fetch_add(&in_place, 1, __ATOMIC_SEQ_CST);
}

KTEST(kill_all_threads, "2.0", 0, "a kill ends all threads of a process, those in user mode and those that wait")
{
	for (int i = 0; i < 20; i++) {
		struct process *p;

		in_place = 0;
		p = process_begin("ktest", fill_with_threads, "ktest_spin");
		KTEST_ASSERT(p);
		KTEST_ASSERT(eventually(READ_ONCE(in_place) == 2));
		KTEST_EQ(READ_ONCE(p->thread_count), THREADS + 1);
		process_kill(p, SIGKILL);
		process_kill(p, SIGSEGV);		/* the first one counts */
		KTEST_EQ(process_result(p), SIGKILL);
		KTEST_ASSERT(eventually(thread_count() == 0));
		KTEST_ASSERT(!wait_queue_active(&nobody));
	}
}

KTEST(exit_all_threads, "2.0", 0, "when one thread exits the process all others go too, and its status counts")
{
	struct process *p;

	in_place = 0;
	p = process_begin("ktest", fill_with_threads, "ktest_exit");
	KTEST_ASSERT(p);
	KTEST_EQ(process_result(p), STATUS_EXIT(42));
}

/* ---- exec's way ---- */

static int single_error, single_tid;
static bool found_itself;

static void become_single(void *arg)
{
	single_error = process_become_single();
	single_tid = current->tid;
	sleep_ms(20);			/* until the leader's struct thread is gone too */
	if (!single_error) {
		struct thread *t = thread_find(current_process()->id);

		found_itself = t == current;
		if (t)
			thread_put(t);
	}
	process_exit(STATUS_EXIT(7));
}

static void leader_of_execer(void *arg)
{
	struct thread *t;

	load("ktest_spin");
	t = clone_here(current->frame);
	if (IS_ERR(t)) {
		ktest_fail(__FILE__, __LINE__, "clone: error %ld", PTR_ERR(t));
		process_exit(0);
	}
	thread_begin(t, become_single, NULL);
}

KTEST(exec_takes_number, "2.0", 0, "the thread that execs survives the others and has the process's number from then on")
{
	for (int i = 0; i < 10; i++) {
		int id;
		struct process *p;

		single_error = -1;
		found_itself = false;
		p = process_begin("ktest", leader_of_execer, NULL);
		KTEST_ASSERT(p);
		id = p->id;
		KTEST_EQ(process_result(p), STATUS_EXIT(7));
		KTEST_EQ(single_error, 0);
		KTEST_EQ(single_tid, id);
		KTEST_ASSERT(found_itself);
		KTEST_ASSERT(eventually(thread_count() == 0));
	}
}

/* ---- in ring 3 ---- */

static void load_program(void *name)
{
	load(name);
}

KTEST(attackers_status, "2.0", 0, "each attacker dies of the right signal, while another program lives on")
{
	static const struct {
		const char *name;
		int signal;
	} attackers[] = {
		{"attack_cli", SIGSEGV},	  {"attack_data_exec", SIGSEGV},
		{"attack_divide", SIGFPE},	  {"attack_kernel_read", SIGSEGV},
		{"attack_kernel_write", SIGSEGV}, {"attack_noncanonical", SIGSEGV},
		{"attack_null", SIGSEGV},	  {"attack_port", SIGSEGV},
		{"attack_stack", SIGSEGV},	  {"attack_text_write", SIGSEGV},
	};
	struct process *peaceful = process_begin("ktest", load_program, "ktest_spin");
	int attacks = 0;

	KTEST_ASSERT(peaceful);
	for (int i = 0; i < ARRAY_SIZE(attackers); i++) {
		struct process *p;
		int status;

		if (!user_program_find(attackers[i].name))
			continue;
		p = process_begin("ktest", load_program, (void *)attackers[i].name);
		KTEST_ASSERT(p);
		status = process_result(p);
		KTEST_MSG(SIGNAL(status) == attackers[i].signal,
			  "%s ended with status %#x instead of signal %d", attackers[i].name,
			  status, attackers[i].signal);
		attacks++;
	}
	KTEST_EQ(attacks, ARRAY_SIZE(attackers));
	KTEST_EQ(peaceful->state, PROCESS_ALIVE);
	process_kill(peaceful, SIGKILL);
	KTEST_EQ(process_result(peaceful), SIGKILL);
}

KTEST(int80_errors, "2.0", 0, "INT 0x80 answers bad calls with Linux's errors, and the program goes on")
{
	struct process *p = process_begin("ktest", load_program, "ktest_errors");

	KTEST_ASSERT(p);
	KTEST_EQ(process_result(p), STATUS_EXIT(0));
}

static void fpu_program(void *number)
{
	load("ktest_fpu");
	current->frame->r12 = (u64)number;
}

KTEST(fpu_per_thread, "2.0", 0, "each program has FPU and SSE registers of its own, clean at the start")
{
	struct process *p[3];

	for (long i = 0; i < 3; i++) {
		p[i] = process_begin("ktest", fpu_program, (void *)(0x1111111111111111 * (i + 1)));
		KTEST_ASSERT(p[i]);
	}
	for (int i = 0; i < 3; i++)
		KTEST_EQ(process_result(p[i]), STATUS_EXIT(0));
}

KTEST(cpu_time, "2.0", 0, "the CPU time of a busy program is counted, as user time, and no more than passed")
{
	u64 start = clock_monotonic(), elapsed, user, system, total;
	struct process *p = process_begin("ktest", load_program, "ktest_spin");

	KTEST_ASSERT(p);
	sleep_ms(200);
	process_kill(p, SIGKILL);
	process_get(p);
	KTEST_EQ(process_result(p), SIGKILL);
	elapsed = clock_monotonic() - start;
	process_times(p, &user, &system);
	process_put(p);
	total = user + system;
	KTEST_MSG(total <= elapsed && total >= 50 * MS, "%lu ms of %lu ms are counted", total / MS,
		  elapsed / MS);
	KTEST_MSG(user >= system, "%lu ms of user time, %lu ms of system time", user / MS,
		  system / MS);
}

static bool all_have_run(struct process **p, int n)
{
	for (int i = 0; i < n; i++) {
		u64 user, system;

		process_times(p[i], &user, &system);
		if (user + system < 50 * MS)
			return false;
	}
	return true;
}

KTEST(share_cpu, "2.0", 0, "of more busy programs than CPUs none is forgotten")
{
	struct process *p[6];
	int n = MIN(cpu_count * 2, (int)ARRAY_SIZE(p));
	bool all;

	for (int i = 0; i < n; i++) {
		p[i] = process_begin("ktest", load_program, "ktest_spin");
		KTEST_ASSERT(p[i]);
	}
	all = eventually(all_have_run(p, n));
	for (int i = 0; i < n; i++) {
		process_kill(p[i], SIGKILL);
		KTEST_EQ(process_result(p[i]), SIGKILL);
	}
	KTEST_ASSERT(all);
}

/* ---- memory ---- */

#define HOG_BASE	0x20000000UL

static void take_all_memory(void *arg)
{
	struct mm *mm = current->mm;
	u64 pages = frames_total();

	down_write(&mm->lock);
	if (IS_ERR(mm_map(mm, HOG_BASE, pages * PAGE_SIZE, VM_READ | VM_WRITE, NULL, 0, NULL)))
		ktest_fail(__FILE__, __LINE__, "mm_map failed");
	up_write(&mm->lock);
	for (u64 i = 0; i < pages; i++)
		if (put_user(i, (u64 __user *)(HOG_BASE + i * PAGE_SIZE)))
			break;
	if (!thread_killed(current))
		ktest_fail(__FILE__, __LINE__, "more memory than there is could be written to");
	thread_exit(current_process()->exit_status);
}

KTEST(out_of_memory, "2.0", 0, "who takes all memory is killed; the others live, and the memory is back")
{
	struct process *small = process_begin("ktest", load_program, "ktest_spin"), *hog;
	u64 before = frame_free_count();

	KTEST_ASSERT(small);
	hog = process_begin("ktest", take_all_memory, NULL);
	KTEST_ASSERT(hog);
	KTEST_EQ(process_result(hog), SIGKILL);
	KTEST_EQ(small->state, PROCESS_ALIVE);
	process_kill(small, SIGKILL);
	KTEST_EQ(process_result(small), SIGKILL);
	KTEST_MSG(eventually(frame_free_count() + 64 >= before), "%lu frames of %lu are gone",
		  before - frame_free_count(), before);
}

static void exit_at_once(void *arg)
{
	thread_exit(0);
}

static u64 objects_in_use(void)
{
	struct kmem_stats s;

	kmem_stats(&s);
	return s.objects;
}

KTEST(create_fails, "2.0", 0, "when any allocation fails in making a process, it says so and nothing leaks")
{
	for (int i = 0; i < 3; i++)	/* caches are full, the numbers' table is warm */
		KTEST_EQ(process_result(process_begin("ktest", exit_at_once, NULL)), 0);
	for (int n = 1; n < 100; n++) {
		u64 objects, frames;
		struct thread *t;
		bool failed;

		KTEST_ASSERT(eventually(process_count() == 0 && thread_count() == 0));
		objects = objects_in_use();
		frames = frame_free_count();
		alloc_fail_after(n);
		t = process_create("ktest");
		failed = alloc_failed();
		alloc_fail_after(0);
		if (!IS_ERR(t)) {
			struct process *p = t->process;

			process_get(p);
			thread_begin(t, exit_at_once, NULL);
			KTEST_EQ(process_result(p), 0);
			if (!failed)
				return;		/* n is beyond the last allocation */
			continue;
		}
		KTEST_ASSERT(failed);
		KTEST_ASSERT(PTR_ERR(t) == -ENOMEM || PTR_ERR(t) == -EAGAIN);
		KTEST_MSG(eventually(objects_in_use() <= objects),
			  "allocation %d failed, and %ld objects are left over", n,
			  (long)(objects_in_use() - objects));
		KTEST_MSG(eventually(frame_free_count() + 8 >= frames),
			  "allocation %d failed, and %ld frames are gone", n,
			  (long)(frames - frame_free_count()));
		KTEST_EQ(thread_count(), 0);
		KTEST_EQ(process_count(), 0);
	}
	KTEST_ASSERT(!"a process can be made at last");
}
